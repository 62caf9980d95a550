"""A visitor over HTTP, with the standard library alone, as the load needs it beside the client of gRPC."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from f2p.errors import ServiceError
from f2p.errors.transport import from_dict

__all__ = ["HttpVisitor", "crowd"]

_TIMEOUT_S = 300


class HttpVisitor:
    """One connection that checks photos and creates characters.

    Args:
        url: of the server.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)

    def check(self, photo: bytes) -> dict[str, Any]:
        """What was found in a photo. Raises F2PError."""
        found: dict[str, Any] = json.loads(self._send("/v1/check", photo).read())
        return found

    def create(self, photo: bytes, progress: Callable[[Any], None]) -> dict[str, float | str]:
        """The values of a character. What `progress` raises ends the connection, and comes out. Raises F2PError."""
        answer = self._send("/v1/characters", photo, {"Accept": "text/event-stream"})
        try:
            for name, data in _events(answer):
                if name == "error":
                    raise _error(data)
                if name == "result":
                    # To the stream's end, so that the connection can be used again.
                    answer.read()
                    return {item["name"]: item.get("value", item.get("option")) for item in data["parameters"]}
                progress(SimpleNamespace(iteration=data["step"]))
        except BaseException:
            self._connection.close()
            raise
        raise ServiceError("The stream ended without a result.")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, path: str, photo: bytes, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        try:
            self._connection.request("POST", path, photo, headers or {})
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server ends idle connections: once more on a new one.
            self._connection.close()
            self._connection.request("POST", path, photo, headers or {})
            answer = self._connection.getresponse()
        if answer.status != 200:
            raise _error(json.loads(answer.read()))
        return answer


def _events(answer: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    name = ""
    while line := answer.readline().decode():
        key, _, text = line.rstrip("\n").partition(": ")
        if key == "event":
            name = text
        elif key == "data":
            yield name, json.loads(text)


def _error(problem: dict[str, Any]) -> Exception:
    known = from_dict({**problem, "reason": problem["code"], "details": problem.get("details", {})})
    return known or ServiceError(f"{problem['code']}: {problem['detail']}")


@contextmanager
def crowd(url: str, count: int) -> Iterator[None]:
    """So many clients that send a byte of a photo a second while the block runs, each again when it is ended."""
    parts, over = urlsplit(url), threading.Event()

    def loiter() -> None:
        while not over.is_set():
            try:
                with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5) as visitor:
                    visitor.sendall(b"POST /v1/characters HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
                    while not over.wait(1.0):
                        visitor.sendall(b"x")
            except OSError:
                time.sleep(0.1)

    threads = [threading.Thread(target=loiter, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
