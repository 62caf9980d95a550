"""The calls of f2p.v1.CharacterService. Errors are raised as they are; the interceptor turns them into statuses."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from f2p import __version__
from f2p.bundle import Bundle
from f2p.character import Character
from f2p.creator import CharacterCreator
from f2p.engines import Engine, open_engine
from f2p.errors import EngineError, QueueFull
from f2p.inspection import inspect_photo
from f2p.presets import preset as find_preset
from f2p.presets import preset_names
from f2p.serving import translate
from f2p.serving.jobs import Done, Failed, Job, JobQueue, News, Waiting
from f2p.serving.requests import CreateOrder, ServerFacts
from f2p.solver import Step

__all__ = ["CharacterServicer"]

_LOG = logging.getLogger(__name__)
# More than ten progress messages a second help nobody, and Python's streams are slow.
_PROGRESS_INTERVAL_S = 0.1
_CHECKS_AT_ONCE = 2
_CHECK_PATIENCE_S = 2.0


class CharacterServicer:
    """Answers the calls with one bundle and, where there is one, its engine.

    Args:
        bundle: the networks.
        engine: draws the characters; None where none is installed. Closed by `close`.
        jobs: where solves wait and run. Everything that touches the engine runs on its one thread.
        preset: for requests that name none.
        time_limit_s: longest time for one call, whatever the caller's deadline.
    """

    def __init__(
        self, bundle: Bundle, engine: Engine | None, jobs: JobQueue, *, preset: str, time_limit_s: float
    ) -> None:
        self._bundle = bundle
        self._engine = engine
        self._jobs = jobs
        self._preset = preset
        self._time_limit_s = time_limit_s
        self._checks = threading.BoundedSemaphore(_CHECKS_AT_ONCE)

    def CreateCharacter(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Unary: photo to character."""
        order = self._order(request)
        job = self._submit(lambda job: self._create(order, job), context)
        return translate.create_response(self._result(job), order.pictures)

    def StreamCreateCharacter(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Streaming: progress, then the character."""
        order = self._order(request)
        iteration_count = find_preset(order.preset).steps
        job = self._submit(lambda job: self._create(order, job), context)
        try:
            sent_at = float("-inf")
            for event in self._jobs.follow(job):
                match event:
                    case Waiting(position):
                        yield translate.waiting_event(position)
                    case News(Step() as step):
                        last = step.iteration == iteration_count - 1
                        if last or time.monotonic() - sent_at >= _PROGRESS_INTERVAL_S:
                            sent_at = time.monotonic()
                            yield translate.solving_event(step, iteration_count)
                    case News():
                        yield translate.preparing_event()
                    case Failed(error):
                        raise error
                    case Done(character):
                        yield translate.result_event(character, order.pictures)
        finally:
            # A caller who leaves ends this generator at its yield: nothing after the loop would run.
            job.cancel()

    def CheckPhoto(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Whether a photo can be used. What is wrong with it is the answer, not an error."""
        face = translate.face_index(request)
        # Not in the queue, where it would wait behind solves; but never on all threads, which health checks need too.
        if not self._checks.acquire(timeout=_CHECK_PATIENCE_S):
            raise QueueFull("Many photos are being checked at the moment.", "Call again in a moment.")
        try:
            return translate.check_response(
                inspect_photo(request.photo, self._bundle.frame_five, self._bundle.size, face)
            )
        finally:
            self._checks.release()

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The engine's sliders."""
        return translate.schema_response(self._bundle.schema)

    def GetServerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What this server runs."""
        return translate.info_response(
            ServerFacts(
                version=__version__,
                bundle_name=self._bundle.name,
                bundle_version=self._bundle.version,
                schema_hash=self._bundle.schema.hash,
                engine_name=self._bundle.engine,
                engine_available=self._engine is not None,
                presets=preset_names(),
                default_preset=self._preset,
                queue_capacity=self._jobs.capacity,
                jobs=self._jobs.count,
            )
        )

    def close(self) -> None:
        """Stop the engine."""
        if self._engine is not None:
            self._engine.close()

    def _order(self, request: Any) -> CreateOrder:
        order = translate.create_order(request, self._preset)
        find_preset(order.preset)
        return order

    def _submit(self, work: Callable[[Job], Any], context: Any) -> Job:
        remaining = context.time_remaining()
        seconds = self._time_limit_s if remaining is None else min(remaining, self._time_limit_s)
        job = self._jobs.submit(work, time.monotonic() + seconds)
        # False: the call ended before we asked, so that the callback will never come.
        if not context.add_callback(job.cancel):
            job.cancel()
        return job

    def _result(self, job: Job) -> Any:
        for event in self._jobs.follow(job):
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Done):
                return event.value
        raise AssertionError("a job ends with Done or Failed")

    def _create(self, order: CreateOrder, job: Job) -> Character:
        job.report("preparing")
        creator = CharacterCreator(
            self._bundle, self._engine, order.preset, order.seed, render=order.pictures and self._engine is not None
        )
        character = creator.create(order.photo, order.face, progress=job.report)
        if order.pictures and self._engine is not None and character.render_source != "engine":
            self._restart_engine()
        return character

    def _restart_engine(self) -> None:
        """The engine failed on a character; the next one gets a fresh engine, or none."""
        if self._engine is not None:
            self._engine.close()
        try:
            self._engine = open_engine(self._bundle.engine)
        except EngineError as error:
            _LOG.warning("the engine cannot be started again: %s", error)
            self._engine = None
