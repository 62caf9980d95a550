"""The calls as a gRPC handler: bytes that are no message are refused by name."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from f2p.errors import ParameterError
from f2p.serving import contract
from f2p.serving.calls import CharacterCalls

__all__ = ["character_handler"]

_UNPARSABLE = object()


def character_handler(calls: CharacterCalls) -> grpc.GenericRpcHandler:
    """For `Server.add_generic_rpc_handlers`."""
    table = {}
    for name, request in contract.METHODS.items():
        streams = name.startswith("Stream")
        make = grpc.unary_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
        table[name] = make(_refusing_unparsable(getattr(calls, name)), request_deserializer=_reader(request))
    return grpc.method_handlers_generic_handler(contract.SERVICE_NAME, table)


def _reader(kind: type[Any]) -> Callable[[bytes], Any]:
    """A parser of requests. It returns `_UNPARSABLE` for other bytes, where grpc would end the call with INTERNAL."""

    def read(data: bytes) -> Any:
        try:
            return kind.FromString(data)
        except DecodeError:
            return _UNPARSABLE

    return read


def _refusing_unparsable(behaviour: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(request: Any, context: Any) -> Any:
        if request is _UNPARSABLE:
            raise ParameterError("The request is no message of this call.", "Send what f2p.v1 describes.")
        return behaviour(request, context)

    return checked
