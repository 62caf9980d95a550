"""The calls of f2p.v1.CharacterService: admission, waiting, and passing on what the workers answer.

Both doors, gRPC and HTTP, call the same functions. Errors are raised as they are; a door turns them into its statuses.
Answers are serialised already.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from f2p import __version__
from f2p.errors import ExportUnavailable, PhotoUnreadable, ServiceUnavailable
from f2p.limits import MAX_PHOTO_PIXELS, MAX_PHOTOS, MAX_SERVED_PHOTO_BYTES, MAX_SERVED_PHOTOS_BYTES, MESH_TEXTURE
from f2p.serving import contract
from f2p.serving.observability.metrics import Metrics
from f2p.serving.pool.job_queue import Done, Failed, Job, JobQueue, Progress, Waiting
from f2p.serving.pool.served_bundles import ServedBundles
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = ["Caller", "CharacterCalls", "Gate"]

Gate = Callable[[str, Any], str]
"""(method's name, headers as pairs of lower-case name and value) -> the caller's name; raises F2PError to refuse."""


_MESH = "morphs"
"""The export format that GetMesh answers with."""


class Caller(Protocol):
    """Who waits for the answer. A grpc.ServicerContext is one."""

    def time_remaining(self) -> float | None:
        """Seconds that the caller still waits; None: as long as it takes."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Call this when the caller has gone; False where that has happened already."""


class CharacterCalls:
    """The implementation of CharacterService.

    Args:
        create: where jobs for characters wait.
        quick: where everything else that needs a worker waits.
        preset: for requests that name none.
        time_limit_s: longest time for one call, whatever the caller's deadline.
        metrics: records every job.
    """

    def __init__(
        self, create: JobQueue, quick: JobQueue, *, preset: str, time_limit_s: float, metrics: Metrics
    ) -> None:
        self._create = create
        self._quick = quick
        self._preset = preset
        self._time_limit_s = time_limit_s
        self._metrics = metrics
        self.served: ServedBundles | None = None
        """The workers' bundles; None until the first workers are ready."""

    def CreateCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802 - the protocol's name
        """Unary: photo to character."""
        contract.check_photos(request)
        return self._answer("CreateCharacter", request, caller, self._create)

    def StreamCreateCharacter(self, request: Any, caller: Caller) -> Iterator[bytes]:  # noqa: N802
        """Streaming: progress, then the character."""
        return self._stream("StreamCreateCharacter", request, caller)

    def RefitCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: a character and what its player changed to the character solved again."""
        contract.check_photos(request)
        return self._answer("RefitCharacter", request, caller, self._create)

    def StreamRefitCharacter(self, request: Any, caller: Caller) -> Iterator[bytes]:  # noqa: N802
        """Streaming: progress, then the character."""
        return self._stream("StreamRefitCharacter", request, caller)

    def CheckPhoto(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: whether a photo can be used. What is wrong with it is the answer, not an error."""
        contract.check_size(len(request.photo))
        try:
            return self._answer("CheckPhoto", request, caller, self._quick)
        except PhotoUnreadable as error:
            # The photo broke the worker, which therefore could not answer.
            issue = messages.PhotoIssue(reason=error.reason, message=error.message, remedy=error.remedy)
            issue.kind = messages.PHOTO_ISSUE_KIND_UNREADABLE
            return calls.CheckPhotoResponse(issues=[issue]).SerializeToString()

    def RenderPreview(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: the imitator's drawing of a character's values."""
        return self._answer("RenderPreview", request, caller, self._quick)

    def CompareParameters(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: how two characters differ."""
        return self._answer("CompareParameters", request, caller, self._quick)

    def MigrateCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: a saved character, carried over to a bundle's sliders."""
        return self._answer("MigrateCharacter", request, caller, self._quick)

    def ShareCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: a character's values as a short text."""
        return self._answer("ShareCharacter", request, caller, self._quick)

    def ReceiveCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: the character of such a text."""
        return self._answer("ReceiveCharacter", request, caller, self._quick)

    def ExportCharacter(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: a character as a file for games."""
        return self._answer("ExportCharacter", request, caller, self._create)

    def GetMesh(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: the mesh of a bundle, which the first caller waits for."""
        served = self._served_or_refuse()
        bundle = served.bundle(request.bundle)
        if _MESH not in bundle.get("export_formats", ()):
            raise ExportUnavailable(
                f"The bundle '{bundle['name']}' has no mesh: its engine exports none, or is not here.",
                "Draw it with RenderPreview.",
                engine=bundle["engine_name"],
                format=_MESH,
            )

        def make() -> bytes:
            wanted = calls.ExportCharacterRequest(bundle=bundle["name"], format=_MESH, texture_size_px=MESH_TEXTURE)
            answer = calls.ExportCharacterResponse.FromString(self.ExportCharacter(wanted, caller))
            digest = hashlib.sha256(answer.file).hexdigest()[:32]
            mesh = calls.GetMeshResponse(file=answer.file, hash=digest, schema_hash=answer.schema_hash)
            return mesh.SerializeToString()

        return served.meshes.get(bundle["name"], make)

    def GetSchema(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: the engine's sliders."""
        served = self._served_or_refuse()
        return served.schemas[served.bundle(request.bundle)["name"]]

    def GetServerInfo(self, request: Any, caller: Caller) -> bytes:  # noqa: N802
        """Unary: version, bundles, presets and limits of this server."""
        served = self._served_or_refuse()
        return calls.GetServerInfoResponse(
            server_version=__version__,
            bundle_name=served.default["name"],
            bundle_version=served.default["version"],
            schema_hash=served.default["schema_hash"],
            engine_name=served.default["engine_name"],
            engine_available=served.default["engine_available"],
            presets=served.presets,
            default_preset=self._preset,
            max_photo_size_bytes=MAX_SERVED_PHOTO_BYTES,
            max_photo_pixel_count=MAX_PHOTO_PIXELS,
            queue_capacity_count=self._create.capacity,
            job_count=self._create.count,
            worker_count=self._create.runners,
            time_limit_ms=round(1000 * self._time_limit_s),
            typical_solve_ms=round(1000 * self._create.typical_s),
            max_photo_count=MAX_PHOTOS,
            max_photos_size_bytes=MAX_SERVED_PHOTOS_BYTES,
            bundles=[messages.BundleInfo(**bundle) for bundle in served.bundles],
        ).SerializeToString()

    def _served_or_refuse(self) -> ServedBundles:
        if self.served is None:
            raise ServiceUnavailable("The server is starting.", "Call again in some seconds.", retry_ms=2000)
        return self.served

    def _stream(self, method: str, request: Any, caller: Caller) -> Iterator[bytes]:
        contract.check_photos(request)
        job = self._submit(method, request, caller, self._create)
        del request
        try:
            for event in self._create.follow(job):
                match event:
                    case Waiting(position):
                        yield contract.waiting_event(method, position)
                    case Progress(message):
                        yield message
                    case Failed(error):
                        raise error
                    case Done(answer, notes):
                        self._metrics.job_done(job, notes)
                        yield answer
        finally:
            # A caller who cancels ends this generator at its yield: nothing after the loop would run.
            job.cancel()

    def _answer(self, method: str, request: Any, caller: Caller, queue: JobQueue) -> bytes:
        job = self._submit(method, request, caller, queue)
        del request
        for event in queue.follow(job):
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Done):
                self._metrics.job_done(job, event.notes)
                return event.answer
        raise AssertionError("a job ends with Done or Failed")

    def _submit(self, method: str, request: Any, caller: Caller, queue: JobQueue) -> Job:
        self._served_or_refuse()
        limit = contract.time_limit_s(request, self._time_limit_s)
        remaining = caller.time_remaining()
        seconds = limit if remaining is None else min(remaining, limit)
        job = Job(method, request.SerializeToString(), time.monotonic() + seconds)
        queue.submit(job)
        # False: the call has ended already, so that the callback will never come.
        if not caller.add_callback(job.cancel):
            job.cancel()
        return job
