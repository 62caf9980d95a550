"""Errors of the service."""

from __future__ import annotations

from f2p.errors.base import F2PError


class ServiceError(F2PError):
    """The service did not answer a call."""

    reason = "SERVICE_ERROR"
    code = "INTERNAL"


class ServiceUnavailable(ServiceError):
    """The service cannot be reached, is starting or is draining: try again later."""

    reason = "SERVICE_UNAVAILABLE"
    code = "UNAVAILABLE"


class WorkerLost(ServiceUnavailable):
    """The worker process that had the request died or hung; others go on."""

    reason = "WORKER_LOST"


class QueueFull(ServiceError):
    """The service has as much work waiting as it accepts. `details["retry_ms"]` says when to come back."""

    reason = "QUEUE_FULL"
    code = "RESOURCE_EXHAUSTED"


class RateLimited(ServiceError):
    """The caller's token has used up its rate. `details["retry_ms"]` says when to come back."""

    reason = "RATE_LIMITED"
    code = "RESOURCE_EXHAUSTED"


class TokenInvalid(ServiceError):
    """The call carries no token, or one that the service does not know."""

    reason = "TOKEN_INVALID"
    code = "UNAUTHENTICATED"


class DeadlineExceeded(ServiceError):
    """The work was not done within the caller's deadline."""

    reason = "DEADLINE_EXCEEDED"
    code = "DEADLINE_EXCEEDED"


class Cancelled(ServiceError):
    """The caller cancelled the work."""

    reason = "CANCELLED"
    code = "CANCELLED"


class InternalError(ServiceError):
    """A fault of f2p itself. Over the wire the text is always the same, so that it gives nothing away."""

    reason = "INTERNAL"

    def __init__(
        self,
        message: str = "The server failed on this request.",
        remedy: str = "Its log says why; the server goes on.",
        **details: str | int | float,
    ) -> None:
        super().__init__(message, remedy, **details)


class RequestInvalid(ServiceError):
    """An HTTP request cannot be read: an unknown path or method, another content type, a body that is no JSON.

    Args:
        http_status: its HTTP status.
    """

    reason = "REQUEST_INVALID"
    code = "INVALID_ARGUMENT"

    def __init__(self, message: str, remedy: str = "", *, http_status: int = 400, **details: str | int | float) -> None:
        super().__init__(message, remedy, **details)
        self.http_status = http_status


class RequestTooSlow(ServiceError):
    """An HTTP request did not come in within the server's `message_limit_s`."""

    reason = "REQUEST_TOO_SLOW"
    code = "DEADLINE_EXCEEDED"
