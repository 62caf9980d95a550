"""One call over HTTP: admission, the body, the work in a thread, and the answer, plain or as a stream of events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from f2p.errors import F2PError, RequestInvalid, TokenInvalid
from f2p.serving import contract
from f2p.serving.calls import CharacterCalls, Gate
from f2p.serving.observability.call_record import REQUEST_ID_KEY, CallRecord
from f2p.serving.observability.metrics import Metrics
from f2p.serving.observability.tracing import Tracing
from f2p.serving.web.answers import character_text, progress
from f2p.serving.web.bodies import Body, BodyReader
from f2p.serving.web.caller import HttpCaller
from f2p.serving.web.operations import Operation, checked
from f2p.serving.web.problems import problem, problem_document

__all__ = ["CallEndpoint", "Door"]

_EVENTS = "text/event-stream"
_END = object()


@dataclass(frozen=True, kw_only=True)
class Door:
    """What all calls over HTTP share.

    Attributes:
        calls: the service.
        gate: asked before a body is read.
        bodies: reads them.
        threads: where calls wait for their answers.
        metrics, tracing: as over gRPC.
    """

    calls: CharacterCalls
    gate: Gate
    bodies: BodyReader
    threads: Executor
    metrics: Metrics
    tracing: Tracing


class CallEndpoint:
    """The ASGI application of one call.

    Args:
        door: what it shares with the others.
        operation: which call.
    """

    def __init__(self, door: Door, operation: Operation) -> None:
        self._door = door
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        streamed = bool(self._operation.stream) and _EVENTS in request.headers.get("accept", "")
        method = self._operation.stream if streamed else self._operation.method
        headers = [(key.lower(), value) for key, value in request.headers.items()]
        record = CallRecord(method, headers, self._door.metrics, self._door.tracing)
        outcome = ["CANCELLED", ""]
        caller = HttpCaller()
        with record.observed(lambda: (outcome[0], outcome[1])):

            def failed(error: Exception) -> F2PError:
                known = record.as_f2p_error(error)
                outcome[:] = [known.code, known.reason]
                return known

            try:
                record.caller = self._door.gate(method, headers)
                async with self._door.bodies.reading(request) as body:
                    # Texts of megabytes take their time, and there is one loop.
                    kind, query = contract.METHODS[method], request.query_params
                    message = await self._in_thread(self._build, kind, body, query)
                async with _watched(receive, caller):
                    if streamed:
                        response = await self._events(method, message, caller, failed)
                    else:
                        response = await self._in_thread(self._answer, method, message, caller)
                        response = _unless_known(response, request)
                    del message
                    response.headers[REQUEST_ID_KEY] = record.request_id
                    outcome[0] = "OK"
                    await response(scope, _never, send)
            except Exception as error:
                known = failed(error)
                if isinstance(known, TokenInvalid):
                    record.caller = "unknown"
                if not caller.gone:
                    await problem(known, record.request_id)(scope, receive, send)
            finally:
                # However it ended, nobody waits any more for what may still be worked on.
                caller.leave()

    def _build(self, kind: Any, body: Body, query: Mapping[str, str]) -> Any:
        try:
            message = self._operation.build(kind, checked(self._operation, body, query), query)
        except UnicodeEncodeError:
            raise RequestInvalid("A text of the request is half a character.", "Send whole ones, in UTF-8.") from None
        body.photos.clear()
        return message

    def _answer(self, method: str, message: Any, caller: HttpCaller) -> Response:
        answer = getattr(self._door.calls, method)(message, caller)
        return self._operation.render(answer, message)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._door.threads, function, *arguments)

    async def _events(
        self, method: str, message: Any, caller: HttpCaller, failed: Callable[[Exception], F2PError]
    ) -> Response:
        """A stream that has begun: what is refused at once is an answer with its own status."""
        steps: Iterator[bytes] = getattr(self._door.calls, method)(message, caller)
        del message

        first = await self._in_thread(next, steps, _END)

        async def events() -> AsyncIterator[str]:
            step = first
            try:
                while step is not _END:
                    yield _event(method, step)
                    step = await self._in_thread(next, steps, _END)
            except Exception as error:
                yield _lines("error", problem_document(failed(error)))

        return StreamingResponse(events(), media_type=_EVENTS, headers=_UNBUFFERED)


# Proxies must pass events on as they come.
_UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}


def _unless_known(response: Response, request: Request) -> Response:
    """The answer; 304 without its content where the caller has the same already (RFC 9110, 13.1.2)."""
    tag = response.headers.get("etag")
    known = [text.strip().removeprefix("W/") for text in request.headers.get("if-none-match", "").split(",")]
    if tag is None or (tag not in known and "*" not in known):
        return response
    kept = {name: response.headers[name] for name in ("etag", "cache-control") if name in response.headers}
    return Response(status_code=304, headers=kept)


def _event(method: str, step: bytes) -> str:
    found = contract.RESPONSES[method].FromString(step)
    if found.WhichOneof("event") == "progress":
        return _lines("progress", progress(found.progress))
    return _lines("result", json.loads(character_text(found.character)))


def _lines(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _never() -> Any:
    """What a response that asks for the connection's end is told: `_watched` looks for it already."""
    await asyncio.Event().wait()


@asynccontextmanager
async def _watched(receive: Receive, caller: HttpCaller) -> AsyncIterator[None]:
    """Note while the block runs whether the connection ends."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        caller.leave()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
