"""The interceptor around every call: admission, the slow clients, the record, and errors as statuses.

No exception of a handler reaches a client as it is: grpc would send its text, with paths in it, as UNKNOWN.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import grpc

from f2p.errors import F2PError, TokenInvalid
from f2p.serving.calls import Gate
from f2p.serving.observability.call_record import REQUEST_ID_KEY, CallRecord
from f2p.serving.observability.metrics import Metrics
from f2p.serving.observability.tracing import NoTracing, Tracing
from f2p.serving.rpc.slow_clients import SlowClientGuard
from f2p.serving.rpc.status import REASON_KEY, to_status

__all__ = ["CallInterceptor"]

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
        record = CallRecord(method, metadata, self._metrics, self._tracing)
        call = _Call(record, self._slow_clients)
        try:
            record.caller = self._gate(method, metadata)
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

    def __init__(self, record: CallRecord, slow_clients: SlowClientGuard) -> None:
        self.record = record
        self._slow_clients = slow_clients

    def around_unary(self, behaviour: _Behaviour) -> _Behaviour:
        def guarded(requests: Any, context: Any) -> Any:
            with self._observed(context):
                try:
                    return behaviour(requests, context)
                except Exception as error:
                    return context.abort_with_status(self._status(error))

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
                    context.abort_with_status(self._status(error))

        return guarded

    def _observed(self, context: Any) -> AbstractContextManager[None]:
        context.set_trailing_metadata(((REQUEST_ID_KEY, self.record.request_id),))
        return self.record.observed(lambda: _outcome(context))

    def _status(self, error: Exception) -> Any:
        return to_status(self.record.as_f2p_error(error), self.record.request_id)


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
        call.record.caller = "unknown"
    if call.record.method.startswith("Stream"):
        return grpc.stream_stream_rpc_method_handler(call.around_stream(refuse))
    return grpc.stream_unary_rpc_method_handler(call.around_unary(refuse))
