"""No exception of a handler reaches a client as it is: grpc would send its text, with paths in it, as UNKNOWN."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from f2p.errors import F2PError
from f2p.serving.status import to_status

__all__ = ["ErrorInterceptor"]

_LOG = logging.getLogger(__name__)


class _InternalError(F2PError):
    """A fault of ours. The client learns no more than that; the log has the rest."""

    reason = "INTERNAL"
    code = "INTERNAL"


class ErrorInterceptor(grpc.ServerInterceptor):
    """Turns what the handlers of one service raise into statuses. Other services (health, reflection) pass through."""

    def __init__(self, service: str) -> None:
        self._prefix = f"/{service}/"

    def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Any], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        handler = continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(self._prefix):
            return handler
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _guard_stream(handler.unary_stream), handler.request_deserializer, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            _guard_unary(handler.unary_unary), handler.request_deserializer, handler.response_serializer
        )


def _guard_unary(behaviour: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def guarded(request: Any, context: Any) -> Any:
        try:
            return behaviour(request, context)
        except Exception as error:
            return context.abort_with_status(to_status(_known(error)))

    return guarded


def _guard_stream(behaviour: Callable[[Any, Any], Iterator[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
    def guarded(request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from behaviour(request, context)
        except Exception as error:
            context.abort_with_status(to_status(_known(error)))

    return guarded


def _known(error: Exception) -> F2PError:
    if isinstance(error, F2PError):
        return error
    _LOG.error("a handler failed", exc_info=error)
    return _InternalError("The server failed on this request.", "Its log says why; the server goes on.")
