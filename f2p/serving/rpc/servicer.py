"""The calls of f2p.v1.CharacterService: admission, waiting, and passing on what the workers answer.

Errors are raised as they are; the interceptor turns them into statuses. Answers are serialised already.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from f2p import __version__
from f2p.errors import BundleMissing, ParameterError, PhotoUnreadable, ServiceUnavailable
from f2p.serving import contract as translate
from f2p.serving.observability.metrics import Metrics
from f2p.serving.pool.job_queue import Done, Failed, Job, JobQueue, Progress, Waiting
from f2p.serving.pool.served_bundles import ServedBundles
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = ["CharacterServicer"]

_GARBAGE = object()


class CharacterServicer:
    """Answers the calls.

    Args:
        create: where jobs for characters wait.
        quick: where everything else that needs a worker waits.
        preset: for requests that name none.
        time_limit_s: longest time for one call, whatever the caller's deadline.
        metrics: told of every job.
    """

    def __init__(
        self, create: JobQueue, quick: JobQueue, *, preset: str, time_limit_s: float, metrics: Metrics
    ) -> None:
        self._create = create
        self._quick = quick
        self._preset = preset
        self._time_limit_s = time_limit_s
        self._metrics = metrics
        self.generation: ServedBundles | None = None
        """What the workers serve; None until the first are ready."""

    def handler(self) -> grpc.GenericRpcHandler:
        """For `Server.add_generic_rpc_handlers`."""
        table = {}
        for name, request in translate.METHODS.items():
            streams = name.startswith("Stream")
            make = grpc.unary_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
            table[name] = make(_understood(getattr(self, name)), request_deserializer=_reader(request))
        return grpc.method_handlers_generic_handler(translate.SERVICE_NAME, table)

    def CreateCharacter(self, request: Any, context: Any) -> bytes:  # noqa: N802 - the protocol's name
        """Unary: photo to character."""
        translate.check_photos(request)
        return self._answer("CreateCharacter", request, context, self._create)

    def StreamCreateCharacter(self, request: Any, context: Any) -> Iterator[bytes]:  # noqa: N802
        """Streaming: progress, then the character."""
        return self._stream("StreamCreateCharacter", request, context)

    def RefitCharacter(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """Unary: a character and what its player changed to the character solved again."""
        translate.check_photos(request)
        return self._answer("RefitCharacter", request, context, self._create)

    def StreamRefitCharacter(self, request: Any, context: Any) -> Iterator[bytes]:  # noqa: N802
        """Streaming: progress, then the character."""
        return self._stream("StreamRefitCharacter", request, context)

    def CheckPhoto(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """Whether a photo can be used. What is wrong with it is the answer, not an error."""
        translate.check_size(len(request.photo))
        try:
            return self._answer("CheckPhoto", request, context, self._quick)
        except PhotoUnreadable as error:
            # It broke the worker, which therefore could not say so.
            issue = messages.PhotoIssue(reason=error.reason, message=error.message, remedy=error.remedy)
            issue.kind = messages.PHOTO_ISSUE_KIND_UNREADABLE
            return calls.CheckPhotoResponse(issues=[issue]).SerializeToString()

    def RenderPreview(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """The imitator's drawing of a character's values."""
        return self._answer("RenderPreview", request, context, self._quick)

    def CompareParameters(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """How two characters differ."""
        return self._answer("CompareParameters", request, context, self._quick)

    def GetSchema(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """The engine's sliders."""
        served = self._served()
        name = request.bundle or served.default["name"]
        if name not in served.schemas:
            raise BundleMissing(f"There is no bundle '{name[:60]}' here.", f"There are: {', '.join(served.schemas)}.")
        return served.schemas[name]

    def GetServerInfo(self, request: Any, context: Any) -> bytes:  # noqa: N802
        """What this server runs."""
        served = self._served()
        return calls.GetServerInfoResponse(
            server_version=__version__,
            bundle_name=served.default["name"],
            bundle_version=served.default["version"],
            schema_hash=served.default["schema_hash"],
            engine_name=served.default["engine_name"],
            engine_available=served.default["engine_available"],
            presets=served.presets,
            default_preset=self._preset,
            max_photo_size_bytes=translate.MAX_PHOTO_BYTES,
            max_photo_pixel_count=translate.MAX_PHOTO_PIXELS,
            queue_capacity_count=self._create.capacity,
            job_count=self._create.count,
            worker_count=self._create.runners,
            time_limit_ms=round(1000 * self._time_limit_s),
            typical_solve_ms=round(1000 * self._create.typical_s),
            max_photo_count=translate.MAX_PHOTOS,
            max_photos_size_bytes=translate.MAX_PHOTOS_BYTES,
            bundles=[messages.BundleInfo(**bundle) for bundle in served.bundles],
        ).SerializeToString()

    def _served(self) -> ServedBundles:
        if self.generation is None:
            raise ServiceUnavailable("The server is starting.", "Call again in some seconds.", retry_ms=2000)
        return self.generation

    def _stream(self, method: str, request: Any, context: Any) -> Iterator[bytes]:
        translate.check_photos(request)
        job = self._submit(method, request, context, self._create)
        del request
        try:
            for event in self._create.follow(job):
                match event:
                    case Waiting(position):
                        yield translate.waiting_event(method, position)
                    case Progress(message):
                        yield message
                    case Failed(error):
                        raise error
                    case Done(answer, notes):
                        self._metrics.job_done(job, notes)
                        yield answer
        finally:
            # A caller who leaves ends this generator at its yield: nothing after the loop would run.
            job.cancel()

    def _answer(self, method: str, request: Any, context: Any, queue: JobQueue) -> bytes:
        job = self._submit(method, request, context, queue)
        del request
        for event in queue.follow(job):
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Done):
                self._metrics.job_done(job, event.notes)
                return event.answer
        raise AssertionError("a job ends with Done or Failed")

    def _submit(self, method: str, request: Any, context: Any, queue: JobQueue) -> Job:
        self._served()
        limit = translate.time_limit_s(request, self._time_limit_s)
        remaining = context.time_remaining()
        seconds = limit if remaining is None else min(remaining, limit)
        job = Job(method, request.SerializeToString(), time.monotonic() + seconds)
        queue.submit(job)
        # False: the call ended before we asked, so that the callback will never come.
        if not context.add_callback(job.cancel):
            job.cancel()
        return job


def _reader(kind: type[Any]) -> Callable[[bytes], Any]:
    """Parses a request. What is none becomes `_GARBAGE`, where grpc itself would end the call with INTERNAL."""

    def read(data: bytes) -> Any:
        try:
            return kind.FromString(data)
        except DecodeError:
            return _GARBAGE

    return read


def _understood(behaviour: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(request: Any, context: Any) -> Any:
        if request is _GARBAGE:
            raise ParameterError("The request is no message of this call.", "Send what f2p.v1 describes.")
        return behaviour(request, context)

    return checked
