"""Pages of other sites: a browser sends their requests, and only hides the answers. Here they are refused."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from f2p.errors import RequestInvalid
from f2p.serving.web.problems import problem

__all__ = ["OriginGuard"]


class OriginGuard:
    """Refuses requests of pages that are neither this server's nor of one of the origins.

    Without it any page that somebody opens could have the server on their own machine work.

    Args:
        app: answers the others.
        origins: scheme, host and port, as browsers send them; * for all.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            if origin and not self._welcome(origin, headers.get("host", "")):
                error = RequestInvalid(
                    f"Pages of {origin[:200]} may not call this server.",
                    "The operator can let them: f2p serve --web-origins ORIGIN.",
                    http_status=403,
                    field="origin",
                )
                await problem(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _welcome(self, origin: str, host: str) -> bool:
        # Behind a proxy that ends TLS the schemes differ.
        return "*" in self._origins or origin in self._origins or urlsplit(origin).netloc == host
