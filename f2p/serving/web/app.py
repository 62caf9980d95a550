"""The routes of the HTTP door."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from f2p.errors import RequestInvalid
from f2p.serving.observability.call_record import REQUEST_ID_KEY
from f2p.serving.web.endpoint import CallEndpoint, Door
from f2p.serving.web.operations import OPERATIONS, Operation
from f2p.serving.web.origins import OriginGuard
from f2p.serving.web.problems import REASON_HEADER, problem
from f2p.serving.web.studio import studio_routes

__all__ = ["make_app"]

_DESCRIPTION = Path(__file__).parent / "openapi.json"


def make_app(door: Door, ready: Callable[[], bool], origins: tuple[str, ...]) -> Starlette:
    """The ASGI application.

    Args:
        door: the calls, and what they need.
        ready: whether the server can take work.
        origins: of pages elsewhere that may call.
    """

    def call(of: Operation) -> Route:
        return Route(of.path, CallEndpoint(door, of), methods=[of.verb])

    async def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def description(request: Request) -> Response:
        return Response(_DESCRIPTION.read_bytes(), media_type="application/json")

    async def able(request: Request) -> Response:
        ok = ready()
        return PlainTextResponse("ready\n" if ok else "not ready\n", 200 if ok else 503)

    async def no_call(request: Request) -> Response:
        # Without it the pages of the studio, which are last and take every path, would answer for wrong calls.
        verbs = [operation.verb for operation in OPERATIONS if operation.path == request.url.path]
        raise HTTPException(405, headers={"allow": ", ".join(verbs)}) if verbs else HTTPException(404)

    routes: list[BaseRoute] = [
        *(call(operation) for operation in OPERATIONS),
        Route("/v1/{rest:path}", no_call, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        Route("/openapi.json", description),
        Route("/healthz", alive),
        Route("/readyz", able),
        *studio_routes(),
    ]
    pages = [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", REQUEST_ID_KEY],
            expose_headers=[REASON_HEADER, REQUEST_ID_KEY, "retry-after"],
            max_age=600,
        ),
        Middleware(OriginGuard, origins=origins),
    ]
    return Starlette(routes=routes, middleware=pages, exception_handlers={HTTPException: _wrong_path})


async def _wrong_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    what = "is no path of this server" if status == 404 else f"does not take {request.method}"
    response = problem(
        RequestInvalid(f"{request.url.path[:200]} {what}.", "GET /openapi.json lists all.", http_status=status)
    )
    response.headers.update(error.headers or {})
    return response
