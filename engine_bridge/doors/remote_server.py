"""The other side of `engine_bridge.doors.remote`: engines of ours, served to other machines."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import grpc

from engine_bridge.doors.messages import picture_message, read_values, read_view, values_message
from engine_bridge.doors.remote import OPTIONS, REASON
from f2p.engines.abilities import crashes, five_points, has_labels, sample
from f2p.engines.protocol import Engine, Frame
from f2p.errors import EngineFailed, F2PError, ParameterError
from f2p.schema import dump_schema
from f2p.v1 import engine_service_pb2 as messages
from f2p.v1 import engine_service_pb2_grpc as services

__all__ = ["EngineServicer", "serve_engines"]

MOST_JOBS = 10_000
THREADS = 16
AHEAD = 2
"""Pictures drawn ahead of the caller, for each engine."""
_log = logging.getLogger(__name__)


def serve_engines(engines: Sequence[Engine], place: str) -> tuple[grpc.Server, int]:
    """Start serving; several engines of one kind draw at once. The server, which the caller stops, and its port.

    Raises:
        ParameterError: the place cannot be listened at.
    """
    server = grpc.server(ThreadPoolExecutor(THREADS), options=[*OPTIONS, ("grpc.so_reuseport", 0)])
    services.add_EngineServiceServicer_to_server(EngineServicer(engines), server)
    try:
        port = server.add_insecure_port(place)
    except RuntimeError:
        port = 0
    if not port:
        raise ParameterError(f"{place} cannot be listened at.", "Choose another port, or an address of this machine.")
    server.start()
    return server, port


class EngineServicer(services.EngineServiceServicer):
    """The calls of the service, answered by whichever engine is free."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = tuple(engines)
        self._free: SimpleQueue[Engine] = SimpleQueue()
        for engine in engines:
            self._free.put(engine)
        self._drawers = ThreadPoolExecutor(len(engines))

    def DescribeEngine(self, request: messages.DescribeEngineRequest, context: Any) -> messages.DescribeEngineResponse:  # noqa: N802
        """What the engine is."""
        with _telling(context):
            first = self._engines[0]
            answer = messages.DescribeEngineResponse(
                name=first.name,
                schema_yaml=dump_schema(first.schema),
                has_labels=has_labels(first),
                engine_count=len(self._engines),
                crashes=[text for engine in self._engines for text in crashes(engine)],
            )
            if request.views:
                with self._engine() as engine:
                    points = [five_points(engine, read_view(view)) for view in request.views]
                answer.five_points.extend(
                    messages.FivePoints(coordinates=place.ravel()) for place in points if place is not None
                )
            return answer

    def SampleCharacters(  # noqa: N802
        self, request: messages.SampleCharactersRequest, context: Any
    ) -> messages.SampleCharactersResponse:
        """Values of random characters."""
        with _telling(context), self._engine() as engine:
            drawn = [values_message(sample(engine, seed)) for seed in request.seeds]
            return messages.SampleCharactersResponse(characters=drawn)

    def StreamRender(  # noqa: N802
        self, request: messages.StreamRenderRequest, context: Any
    ) -> Iterator[messages.StreamRenderResponse]:
        """Draw a batch, some pictures ahead of what is sent."""
        with _telling(context):
            if len(request.jobs) > MOST_JOBS:
                raise ParameterError(f"{len(request.jobs)} pictures in one batch.", f"Ask for {MOST_JOBS} at most.")
            labels = request.labels and has_labels(self._engines[0])
            begun: deque[Future[Frame]] = deque()
            try:
                for job in request.jobs:
                    if len(begun) >= AHEAD * len(self._engines):
                        yield _answer(begun.popleft().result(), labels, request.format)
                    if not context.is_active():
                        return
                    begun.append(self._drawers.submit(self._draw, job))
                while begun:
                    yield _answer(begun.popleft().result(), labels, request.format)
            finally:
                for future in begun:
                    future.cancel()

    def _draw(self, job: messages.EngineJob) -> Frame:
        with self._engine() as engine:
            return engine.render(read_values(job.character), job.size_px, read_view(job.view))

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        engine = self._free.get()
        try:
            yield engine
        finally:
            self._free.put(engine)


def _answer(frame: Frame, labels: bool, kind: messages.EnginePictureFormat) -> messages.StreamRenderResponse:
    answer = messages.StreamRenderResponse(image=picture_message(frame.image, kind))
    if labels:
        answer.labels.CopyFrom(picture_message(frame.labels, kind))
    return answer


@contextmanager
def _telling(context: Any) -> Iterator[None]:
    """Tell errors as the service of characters does."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, F2PError):
            _log.exception("The engine failed.")
            error = EngineFailed(f"The engine failed: {type(error).__name__}: {error}.", "The server's log says where.")
        context.set_trailing_metadata(((REASON, error.reason),))
        context.abort(getattr(grpc.StatusCode, error.code), f"{error.reason}: {error}")
