"""The studio's pages: files in the package, served as they are, with a strict content security policy."""

from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

__all__ = ["STUDIO", "studio_routes"]

STUDIO = Path(__file__).resolve().parents[2] / "studio"
"""Folder of the built pages; there is none in a checkout that has not built them."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class _Pages(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        # The build writes a hash into the names of what lies in assets/.
        lasting = path.startswith("assets/")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response


def studio_routes() -> list[BaseRoute]:
    """The route of the studio, the last of all; none where it was not built."""
    return (
        [Mount("/", GZipMiddleware(_Pages(directory=STUDIO, html=True)))] if (STUDIO / "index.html").is_file() else []
    )
