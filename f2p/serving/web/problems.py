"""Errors as problem+json (RFC 9457), with the HTTP statuses that google.rpc.Code gives its codes."""

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from f2p.errors import F2PError
from f2p.serving.observability.call_record import REQUEST_ID_KEY

__all__ = ["REASON_HEADER", "problem", "problem_document", "status_of"]

REASON_HEADER = "f2p-reason"
_KIND = "application/problem+json"
_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    # Not 499: who still hears of it did not cancel, but asked a server that ends.
    "CANCELLED": 503,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
# Where HTTP has a closer word than the code's.
_BY_REASON = {"PHOTO_TOO_LARGE": 413, "REQUEST_TOO_SLOW": 408}
_MAX_TEXT = 1000
# Details that say which field of the request is wrong.
_FIELDS = ("field", "name")


def status_of(error: F2PError) -> int:
    """The HTTP status of an error."""
    return int(getattr(error, "http_status", 0)) or _BY_REASON.get(error.reason) or _STATUSES.get(error.code, 500)


def problem_document(error: F2PError, request_id: str = "") -> dict[str, Any]:
    """The body of a problem: what docs/errors.md says, and the fields of RFC 9457."""
    status = status_of(error)
    field = next((error.details[key] for key in _FIELDS if key in error.details), None)
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(error)[:_MAX_TEXT],
        "code": error.reason,
        "message": error.message[:_MAX_TEXT],
        "remedy": error.remedy[:_MAX_TEXT],
        **({} if field is None else {"field": str(field)[:_MAX_TEXT]}),
        **({"details": error.details} if error.details else {}),
        **({"request_id": request_id} if request_id else {}),
    }


def problem(error: F2PError, request_id: str = "") -> Response:
    """The answer in an error's place."""
    headers = {REASON_HEADER: error.reason, "cache-control": "no-store"}
    if request_id:
        headers[REQUEST_ID_KEY] = request_id
    status = status_of(error)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    retry_ms = error.details.get("retry_ms")
    if isinstance(retry_ms, int):
        headers["retry-after"] = str(max(1, -(-retry_ms // 1000)))
    body = json.dumps(problem_document(error, request_id), ensure_ascii=False)
    return Response(body, status, headers, media_type=_KIND)
