"""Clients that no library would make: they speak just enough HTTP/2 to be slow, and a line that goes dead."""

import contextlib
import socket
import struct
import threading
import time
from typing import Self

__all__ = ["DeadLine", "RawCall"]

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _GOAWAY = 0, 1, 3, 4, 7
_END_STREAM, _END_HEADERS, _ACK = 1, 4, 1
_INITIAL_WINDOW_SIZE = 4


def _frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def _literal(name: str, value: str) -> bytes:
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


class RawCall:
    """One call on a connection of its own; the message is sent as slowly as asked for.

    Args:
        port: of the server.
        path: /package.Service/Method.
        window: bytes of the answer that the client is ready to take.
    """

    def __init__(self, port: int, path: str, window: int = 65_535) -> None:
        self._socket = socket.create_connection(("localhost", port))
        settings = struct.pack(">HI", _INITIAL_WINDOW_SIZE, window)
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        ]
        block = b"".join(_literal(*header) for header in headers)
        self._socket.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, settings) + _frame(_HEADERS, _END_HEADERS, 1, block))

    def send(self, data: bytes, *, last: bool = False) -> None:
        """Some bytes of the message, which begins with a zero and its length in four bytes."""
        self._socket.sendall(_frame(_DATA, _END_STREAM if last else 0, 1, data))

    def send_message(self, message: bytes) -> None:
        """All of it."""
        self.send(b"\0" + struct.pack(">I", len(message)) + message, last=True)

    def drip(self, seconds: float) -> float:
        """Announce a megabyte and send a byte a second; how long the server put up with it, at most `seconds`."""
        began = time.monotonic()
        self.send(b"\0" + struct.pack(">I", 2**20))
        while time.monotonic() - began < seconds:
            with contextlib.suppress(OSError):
                self.send(b"x")
            if self.ended(1.0):
                break
        return time.monotonic() - began

    def ended(self, seconds: float) -> bool:
        """True where the server ended the call, or the connection, within that time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                head = self._read(9)
                body = self._read(int.from_bytes(head[:3], "big"))
            except TimeoutError:
                return False
            except OSError:
                return True
            kind, flags = head[3], head[4]
            if kind == _SETTINGS and not flags & _ACK:
                self._socket.sendall(_frame(_SETTINGS, _ACK, 0))
            if kind in (_RST_STREAM, _GOAWAY) or (kind in (_HEADERS, _DATA) and flags & _END_STREAM):
                return True
            del body
        return False

    def close(self) -> None:
        self._socket.close()

    def _read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self._socket.recv(count - len(found))
            if not part:
                raise ConnectionResetError
            found += part
        return found


class DeadLine:
    """A line to a server that passes everything on, until `cut` makes it silent: no byte more, and no goodbye."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._silent = threading.Event()
        self._listener = socket.create_server(("localhost", 0))
        self._ends: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._silent.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("localhost", self._target))
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self._silent.is_set():
                    # Taken, and told to nobody: what a phone in a tunnel does.
                    continue
                sink.sendall(data)
