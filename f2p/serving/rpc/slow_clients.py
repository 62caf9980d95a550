"""Limits for slow clients: how long the server waits for one, and for how many, because each holds one of its threads.

A client that sends a byte a second would otherwise hold its thread for ever, and a few dozen would hold all.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from f2p.errors import Cancelled, ParameterError, QueueFull

__all__ = ["SlowClientGuard"]

_CHECK_S = 0.25
_RETRY_MS = 2000


class SlowClientGuard:
    """Guard that ends calls whose clients are too slow.

    Args:
        limit_s: longest time for a request's message to come, and for one message of an answer to be taken.
        places: calls that may wait for their message at the same time; a further one is refused.
    """

    def __init__(self, limit_s: float, places: int) -> None:
        self.places = places
        self._limit_s = limit_s
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._held: dict[object, tuple[float, Callable[[], Any]]] = {}
        self._thread: threading.Thread | None = None

    def message(self, requests: Iterator[Any], context: Any) -> Any:
        """Wait for the one message that the client sends.

        Raises:
            QueueFull: too many clients send at the moment.
            ParameterError: there is no message.
            Cancelled: it did not come in time, or the caller cancelled; the call is over.
        """
        if not self._places.acquire(blocking=False):
            raise QueueFull("Too many requests are on their way in.", "Call again in 2 seconds.", retry_ms=_RETRY_MS)
        try:
            with self.within(context):
                for request in requests:
                    return request
        except grpc.RpcError:
            raise Cancelled("The caller left, or was too slow, before the message was there.") from None
        finally:
            self._places.release()
        raise ParameterError("The call carries no message.", "Send one.")

    @contextmanager
    def within(self, context: Any) -> Iterator[None]:
        """Cancel the call where the block takes longer than the limit."""
        token = object()
        with self._lock:
            self._held[token] = (time.monotonic() + self._limit_s, context.cancel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._end_late_calls, name="f2p-slow-clients", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(token, None)

    def _end_late_calls(self) -> None:
        while True:
            time.sleep(_CHECK_S)
            now = time.monotonic()
            with self._lock:
                late = [token for token, (until, _) in self._held.items() if until < now]
                ends = [self._held.pop(token)[1] for token in late]
            for end in ends:
                end()
