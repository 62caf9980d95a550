"""Messages between the server's process and its workers: one JSON object and, where it says so, bytes after it.

A worker sends objects with the key "type": `ready` (with facts), `start_failed` (with an error), `stage`, `progress`
(with a serialised message), `done` (with notes and the serialised answer) or `failed` (with an error). The server sends
objects with the key "command": `run` (with the serialised request) or `cancel`.

Nothing is pickled: a worker reads hostile photos, and the server must not run what a captured worker sends.
"""

import json
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["MAX_ORDER_BYTES", "receive", "send"]

MAX_ORDER_BYTES = 4096
"""Size of the longest message between the server and the fork server."""


def send(channel: Connection, head: Mapping[str, Any], body: bytes | None = None) -> None:
    """Send one message. Raises OSError where the other side has gone."""
    channel.send_bytes(json.dumps({**head, "body": body is not None}).encode())
    if body is not None:
        channel.send_bytes(body)


def receive(channel: Connection) -> tuple[dict[str, Any], bytes]:
    """Wait for one message: its object, and its bytes (b"" without). Raises EOFError or OSError as `send`."""
    head: dict[str, Any] = json.loads(channel.recv_bytes())
    return head, channel.recv_bytes() if head.pop("body") else b""
