"""gRPC statuses of errors. The reason stands in three places, because clients differ in what they can read.

TurboLink (Unreal) shows only code and message, so the message begins with the reason; others read the plain trailer
`f2p-reason` or the google.rpc.ErrorInfo in the status details. An error that says when to come back
(`details["retry_ms"]`) gets a google.rpc.RetryInfo and the trailers `f2p-retry-ms` and `grpc-retry-pushback-ms` too.
"""

from typing import Any, NamedTuple

import grpc
from google.rpc import error_details_pb2, status_pb2

from f2p.errors import F2PError
from f2p.serving.observability.call_record import REQUEST_ID_KEY

__all__ = ["DOMAIN", "REASON_KEY", "RETRY_KEY", "StatusTuple", "to_status"]

DOMAIN = "f2p.v1"
REASON_KEY = "f2p-reason"
RETRY_KEY = "f2p-retry-ms"
_PUSHBACK_KEY = "grpc-retry-pushback-ms"
_DETAILS_KEY = "grpc-status-details-bin"
# Trailers above 16 KiB lose the status altogether; these limits stay far below.
_MAX_MESSAGE = 1000
_MAX_METADATA = 400


class StatusTuple(NamedTuple):
    """The fields that ServicerContext.abort_with_status reads."""

    code: Any
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def to_status(error: F2PError, request_id: str = "") -> StatusTuple:
    """The status of an error: `REASON: message remedy`, the trailers and the details."""
    code = grpc.StatusCode[error.code]
    message = f"{error.reason}: {error}"
    if len(message) > _MAX_MESSAGE:
        message = message[: _MAX_MESSAGE - 1] + "…"
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    for key, value in (("message", error.message), ("remedy", error.remedy), *error.details.items()):
        info.metadata[key] = str(value)[:_MAX_METADATA]
    status = status_pb2.Status(code=code.value[0], message=message)
    status.details.add().Pack(info)
    trailers: list[tuple[str, str | bytes]] = [(REASON_KEY, error.reason)]
    if request_id:
        trailers.append((REQUEST_ID_KEY, request_id))
    retry_ms = error.details.get("retry_ms")
    if isinstance(retry_ms, int):
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(retry_ms)
        status.details.add().Pack(retry)
        trailers += [(RETRY_KEY, str(retry_ms)), (_PUSHBACK_KEY, str(retry_ms))]
    trailers.append((_DETAILS_KEY, status.SerializeToString()))
    return StatusTuple(code, message, tuple(trailers))
