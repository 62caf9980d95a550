"""The door to another machine: an engine that serves proto/f2p/v1/engine_service.proto. Address: ``grpc://host:port``.

The connection is neither encrypted nor guarded: keep it within a network of your own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt

from engine_bridge.doors.failures import compare_schemas
from engine_bridge.doors.jobs import Values
from engine_bridge.doors.messages import read_labels, read_picture, read_values, values_message, view_message
from engine_bridge.doors.pictures import checked_frame
from f2p.engines.protocol import FRONTAL, Frame, View, check_size
from f2p.engines.time_limits import time_limits
from f2p.errors import EngineFailed, EngineTimeout, F2PError, ParameterError
from f2p.errors.transport import error_classes
from f2p.limits import MAX_MESSAGE_BYTES
from f2p.schema import parse_schema
from f2p.v1 import engine_service_pb2 as messages
from f2p.v1 import engine_service_pb2_grpc as services

__all__ = ["OPTIONS", "REASON", "RemoteEngine", "open_engine"]

REASON = "f2p-reason"
OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # One that was away for a minute is found again at once.
    ("grpc.max_reconnect_backoff_ms", 1000),
]


def open_engine(rest: str) -> RemoteEngine:
    """Connect to the engine of ``//host:port``.

    Raises:
        ParameterError: the address has another form.
        EngineTimeout: nobody answers there within `f2p.engines.time_limits`.
        EngineFailed: what answers is no engine.
    """
    place = rest.removeprefix("//").rstrip("/")
    host, colon, port = place.rpartition(":")
    if not rest.startswith("//") or not colon or not host or not port.isdecimal():
        raise ParameterError(f"The address 'grpc:{rest}' has no host and port.", "Write grpc://HOST:PORT.")
    return RemoteEngine(place)


class RemoteEngine:
    """An engine on another machine. One that goes away is waited for, as long as an engine may take to start; calls of
    several threads run at once. Thread-safe.

    Args:
        place: host:port.

    Raises:
        EngineFailed, EngineTimeout: as `open_engine`.
        F2PError: of the engine itself, where it is one of ours.
    """

    def __init__(self, place: str) -> None:
        self._place, self._limits = place, time_limits()
        self._lock = threading.Lock()
        self._lost: list[str] = []
        self._channel = grpc.insecure_channel(place, options=OPTIONS)
        self._stub = services.EngineServiceStub(self._channel)
        self.name = f"grpc://{place}"
        try:
            described = self._describe(self._limits.start)
            self.schema = parse_schema(described.schema_yaml, f"schema of {self.name}")
        except BaseException:
            self._channel.close()
            raise
        self.name = described.name
        self.has_labels: bool = described.has_labels
        self._locates = bool(self._points([FRONTAL]))

    @property
    def crashes(self) -> tuple[str, ...]:
        """A sentence for each time that an engine there died, or the connection was lost."""
        return (*self._lost, *self._describe(self._limits.frame).crashes)

    def render(self, values: Values, size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        return next(self.render_batch([(values, view)], size))

    def render_batch(self, jobs: Iterable[tuple[Values, View]], size: int = 512) -> Iterator[Frame]:
        """Yield the frames of a batch, in its order; the server draws as many at once as it has engines.

        Raises:
            F2PError: as `render`, at the frame that fails.
        """
        check_size(size)
        wanted = [
            messages.EngineJob(character=values_message(values), view=view_message(view), size_px=size)
            for values, view in jobs
        ]
        done = 0
        for attempt in (1, 2):
            request = messages.StreamRenderRequest(jobs=wanted[done:], labels=self.has_labels)
            try:
                # The limit is of the whole stream: each picture has its own share of it.
                limit = self._limits.frame * len(request.jobs)
                for answer in self._stub.StreamRender(request, timeout=limit):
                    yield self._frame(answer, size)
                    done += 1
                if done != len(wanted):
                    raise EngineFailed(f"{self.name} drew {done} of {len(wanted)} pictures.", "Mend its server.")
                return
            except grpc.RpcError as error:
                if attempt == 2 or not self._is_lost(error):
                    raise self._failure(error, self._limits.frame) from None
                self._come_back()

    def sample(self, seed: int) -> dict[str, float | str]:
        answer = self._call(self._stub.SampleCharacters, messages.SampleCharactersRequest(seeds=[seed]))
        if len(answer.characters) != 1:
            raise EngineFailed(f"{self.name} gave {len(answer.characters)} samples for one seed.", "Mend its server.")
        return read_values(answer.characters[0])

    def five_points(self, view: View = FRONTAL) -> npt.NDArray[np.float64] | None:
        """(5, 2), or None where the engine does not know them."""
        points = self._points([view]) if self._locates else []
        return points[0] if points else None

    def close(self) -> None:
        """End the connection; the engine there goes on."""
        self._channel.close()

    def __enter__(self) -> RemoteEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _points(self, views: list[View]) -> list[npt.NDArray[np.float64]]:
        request = messages.DescribeEngineRequest(views=[view_message(view) for view in views])
        answer = self._call(self._stub.DescribeEngine, request)
        return [np.array(points.coordinates).reshape(5, 2) for points in answer.five_points]

    def _frame(self, answer: messages.StreamRenderResponse, size: int) -> Frame:
        labels = read_labels(answer.labels) if self.has_labels else None
        return checked_frame(read_picture(answer.image), labels, size)

    def _describe(self, limit: float) -> messages.DescribeEngineResponse:
        try:
            answer: messages.DescribeEngineResponse = self._stub.DescribeEngine(
                messages.DescribeEngineRequest(), timeout=limit, wait_for_ready=True
            )
            return answer
        except grpc.RpcError as error:
            raise self._failure(error, limit) from None

    def _call(self, call: Any, request: Any) -> Any:
        for attempt in (1, 2):
            try:
                return call(request, timeout=self._limits.frame)
            except grpc.RpcError as error:
                if attempt == 2 or not self._is_lost(error):
                    raise self._failure(error, self._limits.frame) from None
                self._come_back()
        raise AssertionError("unreachable")

    @staticmethod
    def _is_lost(error: grpc.RpcError) -> bool:
        return error.code() == grpc.StatusCode.UNAVAILABLE and not _reason(error)

    def _come_back(self) -> None:
        """Wait for the server to be there again, with the same sliders."""
        began = time.monotonic()
        described = self._describe(self._limits.start)
        compare_schemas(self.name, self.schema, parse_schema(described.schema_yaml, f"schema of {self.name}"))
        with self._lock:
            self._lost.append(f"lost the connection to {self._place}, for {time.monotonic() - began:.1f} s")

    def _failure(self, error: grpc.RpcError, limit: float) -> F2PError:
        reason, text = _reason(error), str(error.details() or "")
        kind = error_classes().get(reason)
        if kind is not None:
            return kind(text.removeprefix(f"{reason}: "))
        if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return EngineTimeout(
                f"The engine at {self._place} did not answer within {limit:g} s.",
                "Is it running there? See its log, or raise F2P_ENGINE_FRAME_SECONDS or F2P_ENGINE_START_SECONDS.",
            )
        return EngineFailed(
            f"The engine at {self._place} failed: {error.code().name}: {text}.",
            "Is an engine served there (engine-bridge serve)? Its log says more.",
        )


def _reason(error: grpc.RpcError) -> str:
    trailer = dict(error.trailing_metadata() or ())
    return str(trailer.get(REASON, ""))
