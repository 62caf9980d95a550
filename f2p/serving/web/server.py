"""The HTTP server: a socket of its own, and an event loop in a thread."""

import asyncio
import logging
import socket
import ssl
import threading
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from f2p.errors import ServiceUnavailable
from f2p.serving.address import address, taken
from f2p.serving.config import ServerConfig
from f2p.serving.web.protocol import GuardedProtocol

__all__ = ["WebServer"]

# Below the 1024 files that a process may have open by default.
_MAX_CONNECTIONS = 500
_KEEP_ALIVE_S = 20
# What strangers send is no news; calls have their own lines.
logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


class WebServer:
    """An HTTP server that listens as soon as it is made, and answers from `start` on.

    Args:
        config: address, TLS and limits.
        app: answers.

    Raises:
        ServiceUnavailable: the port is taken.
    """

    def __init__(self, config: ServerConfig, app: ASGIApp) -> None:
        self._socket = _listening(config.web_host, max(0, config.web_port))
        self.port = int(self._socket.getsockname()[1])
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=partial(GuardedProtocol, limit_s=config.message_limit_s, places=_MAX_CONNECTIONS),  # type: ignore[arg-type]
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=1,
                ssl_certfile=config.tls_certificate,
                ssl_keyfile=config.tls_key,
                ssl_ca_certs=None if config.tls_client_ca is None else str(config.tls_client_ca),
                ssl_cert_reqs=ssl.CERT_NONE if config.tls_client_ca is None else ssl.CERT_REQUIRED,
            )
        )
        self._thread = threading.Thread(target=self._run, name="f2p-http", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening; answers that are on their way have a second."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _listening(host: str, port: int) -> socket.socket:
    bare = host.strip("[]")
    try:
        return socket.create_server(
            (bare, port), family=socket.AF_INET6 if ":" in bare else socket.AF_INET, backlog=512
        )
    except OSError as error:
        reason = taken(host, port) or error.strerror
        raise ServiceUnavailable(
            f"The server cannot listen on {address(host, port)} for HTTP: {reason}.",
            "Choose another web_port (--web-port) or web_host; web_port -1 takes a free one.",
            port=port,
        ) from None
