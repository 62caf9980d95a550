"""What the server and its workers say to each other: frames of one JSON object and, where it says so, bytes.

Nothing is pickled: a worker reads hostile photos, and the server must not run what a captured worker sends.
"""

import json
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from f2p import errors
from f2p.errors import F2PError

__all__ = ["InternalError", "error_from", "error_to", "receive", "send"]


class InternalError(F2PError):
    """A fault of ours. The client learns no more than that; the log has the rest."""

    reason = "INTERNAL"
    code = "INTERNAL"

    def __init__(self) -> None:
        super().__init__("The server failed on this request.", "Its log says why; the server goes on.")


LONGEST_ORDER = 4096
"""Bytes of the longest message between the server and the fork server."""


def send(channel: Connection, head: Mapping[str, Any], body: bytes | None = None) -> None:
    """Raises OSError where the other side has gone."""
    channel.send_bytes(json.dumps({**head, "body": body is not None}).encode())
    if body is not None:
        channel.send_bytes(body)


def receive(channel: Connection) -> tuple[dict[str, Any], bytes]:
    """Raises EOFError or OSError where the other side has gone."""
    head: dict[str, Any] = json.loads(channel.recv_bytes())
    return head, channel.recv_bytes() if head.pop("body") else b""


def error_to(error: F2PError) -> dict[str, Any]:
    """An error as plain values."""
    return {"reason": error.reason, "message": error.message, "remedy": error.remedy, "details": error.details}


def error_from(values: dict[str, Any]) -> F2PError:
    """The error of that reason; InternalError for an unknown one."""
    kinds = (getattr(errors, name) for name in errors.__all__)
    kind = {kind.reason: kind for kind in kinds}.get(values["reason"])
    if kind is None:
        return InternalError()
    error: F2PError = kind(values["message"], values["remedy"])
    error.details = values["details"]
    return error
