"""One call's line in the log, its metrics and its span, whichever door it came through."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from f2p.errors import F2PError, InternalError
from f2p.serving.observability.metrics import Metrics
from f2p.serving.observability.tracing import Tracing

__all__ = ["REQUEST_ID_KEY", "CallRecord"]

_LOG = logging.getLogger("f2p.calls")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
REQUEST_ID_KEY = "x-request-id"
"""Header of a call's id: the caller's own, or one that the server makes."""


class CallRecord:
    """One call, from its headers to its status.

    Args:
        method: the call's name.
        headers: pairs of lower-case name and value.
        metrics: counts it.
        tracing: opens a span around it.

    Attributes:
        caller: the name of the caller's token.
        request_id: the caller's, or a new one.
    """

    def __init__(self, method: str, headers: Iterable[tuple[str, Any]], metrics: Metrics, tracing: Tracing) -> None:
        self.method = method
        self.caller = ""
        self._headers = {key: value for key, value in headers if isinstance(value, str)}
        given = self._headers.get(REQUEST_ID_KEY, "")
        self.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        self._metrics = metrics
        self._tracing = tracing

    @contextmanager
    def observed(self, outcome: Callable[[], tuple[str, str]]) -> Iterator[None]:
        """Record the block. `outcome` is asked at its end for the status code's name and the reason."""
        began = time.monotonic()
        code, reason = "UNKNOWN", ""
        try:
            with self._tracing.span(self.method, self._headers, self.request_id) as note:
                try:
                    yield
                finally:
                    code, reason = outcome()
                    note(code)
        finally:
            seconds = time.monotonic() - began
            self._metrics.call_done(self.method, code, reason, seconds)
            _LOG.info(
                "%s %s%s %.3f s id=%s%s",
                self.method,
                code,
                f" {reason}" if reason else "",
                seconds,
                self.request_id,
                f" caller={self.caller}" if self.caller else "",
                extra={
                    "request_id": self.request_id,
                    "method": self.method,
                    "code": code,
                    "reason": reason,
                    "seconds": round(seconds, 4),
                    "caller": self.caller,
                },
            )

    def as_f2p_error(self, error: Exception) -> F2PError:
        """The error for the caller: a fault of ours goes to the log, and says nothing of itself."""
        if not isinstance(error, F2PError):
            _LOG.error("a %s failed, id=%s", self.method, self.request_id, exc_info=error)
        # The traceback holds the handlers' frames, and these the request with its photo: in a circle with the error,
        # so that all of it would stay until the garbage collector comes by.
        error.__traceback__ = None
        return error if isinstance(error, F2PError) else InternalError()
