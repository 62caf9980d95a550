"""Requests over HTTP, and events of a stream, through a socket and the standard library alone."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Answer", "call", "events", "multipart"]

_BOUNDARY = "a-boundary-that-no-photo-holds"


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    url: str,
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "",
    timeout: float = 60,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """One request: POST where there is a body."""
    parts = urlsplit(url)
    kind = http.client.HTTPConnection if tls is None else http.client.HTTPSConnection
    options = {} if tls is None else {"context": tls}
    connection = kind(parts.hostname or "", parts.port, timeout=timeout, **options)  # type: ignore[arg-type]
    try:
        connection.request(
            method or ("GET" if body is None else "POST"),
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            body,
            dict(headers or {}),
        )
        answer = connection.getresponse()
        return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def multipart(parts: Sequence[tuple[str, bytes | Any]]) -> tuple[bytes, dict[str, str]]:
    """A form of (name, content): bytes as a file, everything else as JSON; body and headers."""
    body = b""
    for name, content in parts:
        file = '; filename="me.jpg"' if isinstance(content, bytes) else ""
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + (content if isinstance(content, bytes) else json.dumps(content).encode()) + b"\r\n"
    return body + f"--{_BOUNDARY}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


def events(answer: Answer) -> Iterator[tuple[str, Any]]:
    """Names and data of a whole stream's events."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    for block in answer.body.decode().split("\n\n"):
        if block:
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            yield fields["event"], json.loads(fields["data"])
