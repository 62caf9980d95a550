"""The interceptor around every call: admission, request id, log line, metrics, and errors as statuses.

No exception of a handler reaches a client as it is: grpc would send its text, with paths in it, as UNKNOWN.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import grpc

from f2p.errors import F2PError, InternalError, TokenInvalid
from f2p.serving.observability.metrics import Metrics
from f2p.serving.observability.tracing import NoTracing, Tracing
from f2p.serving.rpc.slow_clients import SlowClientGuard
from f2p.serving.rpc.status import REASON_KEY, REQUEST_ID_KEY, to_status

__all__ = ["CallInterceptor", "Gate"]

_LOG = logging.getLogger("f2p.calls")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

Gate = Callable[[str, Any], str]
"""(method's name, metadata) -> the caller's name; raises F2PError where the call is refused."""
_Behaviour = Callable[[Any, Any], Any]


def _admit_all(method: str, metadata: Any) -> str:
    return ""


class CallInterceptor(grpc.ServerInterceptor):
    """Surrounds the calls of one service. Of other services (health, reflection) it only waits for the message.

    Args:
        service: its full name.
        gate: asked before the request's message is read, so that what is refused costs neither memory nor traffic.
        metrics: counts every call.
        tracing: opens a span around every call.
        slow_clients: ends calls whose clients are slow to send or to read.
    """

    def __init__(
        self,
        service: str,
        gate: Gate = _admit_all,
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
        slow_clients: SlowClientGuard | None = None,
    ) -> None:
        self._prefix = f"/{service}/"
        self._slow_clients = slow_clients or SlowClientGuard(limit_s=60, places=1000)
        self._gate = gate
        self._metrics = metrics or Metrics()
        self._tracing = tracing or NoTracing()

    def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Any], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        handler = continuation(handler_call_details)
        full, metadata = handler_call_details.method, handler_call_details.invocation_metadata or ()
        if handler is None:
            return None
        if not full.startswith(self._prefix):
            return self._without_gate(handler)
        method = full.removeprefix(self._prefix)
        call = _Call(method, metadata, self._metrics, self._tracing, self._slow_clients)
        try:
            call.caller = self._gate(method, metadata)
        except F2PError as error:
            return _refusing(error, call)
        # Declared as streams of requests: then gRPC does not wait for the message, and the guard can.
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                call.around_stream(self._received(handler.unary_stream)),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.stream_unary_rpc_method_handler(
            call.around_unary(self._received(handler.unary_unary)),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _received(self, behaviour: _Behaviour) -> _Behaviour:
        return lambda requests, context: behaviour(self._slow_clients.message(requests, context), context)

    def _without_gate(self, handler: Any) -> Any:
        """A call of another service, which only waits for its message."""
        if handler.unary_unary is None:
            return handler
        behaviour = self._received(handler.unary_unary)

        def answer(requests: Any, context: Any) -> Any:
            try:
                return behaviour(requests, context)
            except F2PError as error:
                return context.abort_with_status(to_status(error))

        return grpc.stream_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


class _Call:
    """One call, from its headers to its status."""

    def __init__(
        self, method: str, metadata: Any, metrics: Metrics, tracing: Tracing, slow_clients: SlowClientGuard
    ) -> None:
        self.method = method
        self.caller = ""
        self._metadata = {key: value for key, value in metadata if isinstance(value, str)}
        given = self._metadata.get(REQUEST_ID_KEY, "")
        self._id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        self._metrics = metrics
        self._tracing = tracing
        self._slow_clients = slow_clients

    def around_unary(self, behaviour: _Behaviour) -> _Behaviour:
        def guarded(requests: Any, context: Any) -> Any:
            with self._observed(context):
                try:
                    return behaviour(requests, context)
                except Exception as error:
                    return context.abort_with_status(to_status(self._as_f2p_error(error), self._id))

        return guarded

    def around_stream(self, behaviour: _Behaviour) -> _Behaviour:
        def guarded(requests: Any, context: Any) -> Iterator[Any]:
            with self._observed(context):
                try:
                    # Closed at once where the client cancels, so that its work ends.
                    with closing(behaviour(requests, context)) as answers:
                        for answer in answers:
                            with self._slow_clients.within(context):
                                yield answer
                except Exception as error:
                    context.abort_with_status(to_status(self._as_f2p_error(error), self._id))

        return guarded

    @contextmanager
    def _observed(self, context: Any) -> Iterator[None]:
        began = time.monotonic()
        context.set_trailing_metadata(((REQUEST_ID_KEY, self._id),))
        try:
            with self._tracing.span(self.method, self._metadata, self._id) as note:
                try:
                    yield
                finally:
                    code, reason = _outcome(context)
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
                self._id,
                f" caller={self.caller}" if self.caller else "",
                extra={
                    "request_id": self._id,
                    "method": self.method,
                    "code": code,
                    "reason": reason,
                    "seconds": round(seconds, 4),
                    "caller": self.caller,
                },
            )

    def _as_f2p_error(self, error: Exception) -> F2PError:
        if not isinstance(error, F2PError):
            _LOG.error("a %s failed, id=%s", self.method, self._id, exc_info=error)
        # The traceback holds the handlers' frames, and these the request with its photo: in a circle with the error,
        # so that all of it would stay until the garbage collector comes by.
        error.__traceback__ = None
        return error if isinstance(error, F2PError) else InternalError()


def _outcome(context: Any) -> tuple[str, str]:
    """The status code's name and the reason."""
    code = context.code()
    trailers = dict(context.trailing_metadata() or ())
    if code is None or code is grpc.StatusCode.OK:
        return ("OK" if context.is_active() else "CANCELLED"), ""
    return code.name, str(trailers.get(REASON_KEY, ""))


def _refusing(error: F2PError, call: _Call) -> Any:
    """A handler that ends the call at once, and reads nothing."""

    def refuse(requests: Any, context: Any) -> Any:
        raise error

    if isinstance(error, TokenInvalid):
        call.caller = "unknown"
    if call.method.startswith("Stream"):
        return grpc.stream_stream_rpc_method_handler(call.around_stream(refuse))
    return grpc.stream_unary_rpc_method_handler(call.around_unary(refuse))
