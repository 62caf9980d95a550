"""The routes of the HTTP door."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from f2p.errors import RequestInvalid
from f2p.serving.observability.call_record import REQUEST_ID_KEY
from f2p.serving.web import answers, requests
from f2p.serving.web.endpoint import CallEndpoint, Door, character_answer
from f2p.serving.web.problems import REASON_HEADER, problem
from f2p.serving.web.studio import studio_routes

__all__ = ["make_app"]


def make_app(door: Door, ready: Callable[[], bool], origins: tuple[str, ...]) -> Starlette:
    """The ASGI application.

    Args:
        door: the calls, and what they need.
        ready: whether the server can take work.
        origins: of pages elsewhere that may call.
    """

    def call(path: str, verb: str, method: str, build: Any, render: Any, stream: str = "") -> Route:
        return Route(path, CallEndpoint(door, method, build, render, stream), methods=[verb])

    async def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def able(request: Request) -> Response:
        ok = ready()
        return PlainTextResponse("ready\n" if ok else "not ready\n", 200 if ok else 503)

    routes: list[BaseRoute] = [
        call("/v1/bundles", "GET", "GetServerInfo", requests.nothing, answers.info),
        call("/v1/schema", "GET", "GetSchema", requests.schema, answers.schema),
        call("/v1/check", "POST", "CheckPhoto", requests.check, answers.check),
        call(
            "/v1/characters",
            "POST",
            "CreateCharacter",
            requests.create,
            character_answer("CreateCharacter"),
            "StreamCreateCharacter",
        ),
        call(
            "/v1/refit",
            "POST",
            "RefitCharacter",
            requests.refit,
            character_answer("RefitCharacter"),
            "StreamRefitCharacter",
        ),
        call("/v1/preview", "POST", "RenderPreview", requests.preview, answers.drawing),
        call("/v1/compare", "POST", "CompareParameters", requests.compare, answers.compare),
        Route("/healthz", alive),
        Route("/readyz", able),
        *studio_routes(),
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", REQUEST_ID_KEY],
        expose_headers=[REASON_HEADER, REQUEST_ID_KEY, "retry-after"],
        max_age=600,
    )
    return Starlette(
        routes=routes, middleware=[cors] if origins else [], exception_handlers={HTTPException: _wrong_path}
    )


async def _wrong_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    what = "is no path of this server" if status == 404 else f"does not take {request.method}"
    response = problem(
        RequestInvalid(f"{request.url.path[:200]} {what}.", "GET /openapi.json lists all.", http_status=status)
    )
    response.headers.update(error.headers or {})
    return response
