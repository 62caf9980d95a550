"""A small HTTP server for operators: /metrics, /healthz (the process lives), /readyz (it can take work)."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from f2p.errors import ServiceUnavailable
from f2p.serving.address import address

__all__ = ["ProbeServer"]

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class ProbeServer:
    """An HTTP server that listens as soon as it is made.

    Args:
        host, port: address to listen on; port 0 takes a free one.
        metrics: gives the text of /metrics.
        ready: tells whether the server can take work.

    Raises:
        ServiceUnavailable: the port is taken.
    """

    def __init__(self, host: str, port: int, metrics: Callable[[], bytes], ready: Callable[[], bool]) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                match self.path.partition("?")[0]:
                    case "/metrics":
                        self._answer(200, _METRICS, metrics())
                    case "/healthz":
                        self._answer(200, _TEXT, b"alive\n")
                    case "/readyz":
                        ok = ready()
                        self._answer(200 if ok else 503, _TEXT, b"ready\n" if ok else b"not ready\n")
                    case _:
                        self._answer(404, _TEXT, b"not found\n")

            def _answer(self, code: int, kind: str, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Log nothing: probes come every few seconds."""

        bare = host.strip("[]")

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in bare else socket.AF_INET

        try:
            self._server = Server((bare, port), Handler)
        except OSError as error:
            raise ServiceUnavailable(
                f"Metrics cannot be served on {address(host, port)}: {error.strerror}.", "Choose another http_port."
            ) from None
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="f2p-probes", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
