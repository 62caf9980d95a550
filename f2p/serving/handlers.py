"""What a worker does with a request: serialised message in, serialised message out."""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from f2p.bundle import Bundle
from f2p.character import Character
from f2p.compare import compare
from f2p.creator import CharacterCreator
from f2p.engines import Engine, open_engine
from f2p.errors import (
    BundleMissing,
    EngineError,
    ParameterError,
    PhotoError,
    PhotoTooLarge,
)
from f2p.inspection import Inspection, inspect_photo
from f2p.photo import Photo, read_photo
from f2p.presets import preset as find_preset
from f2p.serving import answers, translate
from f2p.serving.memory import limited_memory, overwrite_freed
from f2p.solver import Step
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = ["Handlers", "Reporter"]

_LOG = logging.getLogger(__name__)
# More than ten progress messages a second help nobody.
_PROGRESS_INTERVAL_S = 0.1
# From the last step to the answer at the client: the last look, the pictures, the way back.
_REST_S = 0.4
_PICTURES_S = 0.5
# More than any step takes.
_SOON_S = 2.0
_SMALLEST_PREVIEW, _LARGEST_PREVIEW = 32, 1024


class Reporter(Protocol):
    """How a handler speaks to the server while it works."""

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded where the work must stop."""

    def stage(self, name: str) -> None:
        """What begins now; the server puts a crash down to it."""

    def news(self, message: bytes) -> None:
        """A message for the caller's stream."""


class Handlers:
    """Answers every call that needs a bundle.

    Args:
        bundles: by name, the default first.
        engines: an engine for each of them that has one here; they are closed by `close`.
        preset: for requests that name none.
        photo_memory_mib: what reading one photo may take; 0: no limit.
    """

    def __init__(
        self, bundles: Mapping[str, Bundle], engines: Mapping[str, Engine], preset: str, photo_memory_mib: int
    ) -> None:
        self._bundles = dict(bundles)
        self._engines = dict(engines)
        self._preset = find_preset(preset).name
        self._photo_memory_mib = photo_memory_mib
        self._calls: dict[str, Callable[[Any, Reporter, float], tuple[Any, dict[str, Any]]]] = {
            "CreateCharacter": self._create,
            "StreamCreateCharacter": self._create,
            "CheckPhoto": self._check,
            "RenderPreview": self._preview,
            "CompareParameters": self._compare,
        }

    def answer(self, method: str, request: bytes, reporter: Reporter, deadline: float) -> tuple[bytes, dict[str, Any]]:
        """The serialised answer to a serialised request, and notes for the metrics.

        Args:
            method: of the service.
            request: serialised.
            reporter: told of stages and progress.
            deadline: time.monotonic() at which the answer must be there.

        Raises:
            F2PError: what is wrong with the request.
        """
        overwrite_freed(True)
        message = translate.METHODS[method].FromString(request)
        response, notes = self._calls[method](message, reporter, deadline)
        return response.SerializeToString(), notes

    def facts(self) -> list[dict[str, Any]]:
        """What GetServerInfo tells of each bundle."""
        return [
            {
                "name": bundle.name,
                "version": bundle.version,
                "schema_hash": bundle.schema.hash,
                "engine_name": bundle.engine,
                "engine_available": name in self._engines,
                "drawing_size_px": bundle.size,
            }
            for name, bundle in self._bundles.items()
        ]

    def close(self) -> None:
        """Stop the engines."""
        for engine in self._engines.values():
            engine.close()

    def _bundle(self, name: str) -> Bundle:
        if not name:
            return next(iter(self._bundles.values()))
        if name not in self._bundles:
            raise BundleMissing(f"There is no bundle '{name[:60]}' here.", f"There are: {', '.join(self._bundles)}.")
        return self._bundles[name]

    def _create(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        options = request.options
        bundle = self._bundle(options.bundle)
        preset = find_preset(options.preset or self._preset)
        face = translate.face_index(options)
        times = _Times()
        photo = self._read(request.photo, reporter)
        request.ClearField("photo")
        times.mark("decode")
        reporter.stage("prepare")
        reporter.news(translate.preparing_event())
        told_at = float("-inf")

        rest = _REST_S + (_PICTURES_S if options.include_pictures else 0.0)
        until = deadline - rest if options.take_best_so_far else math.inf

        def progress(step: Step) -> None:
            nonlocal told_at
            now, last = time.monotonic(), step.iteration == preset.steps - 1
            # What a search frees are pictures of its own making; the photo goes when it ends, in whatever way.
            overwrite_freed(True)
            reporter.check()
            overwrite_freed(last or now + _SOON_S > until)
            if step.iteration == 0:
                times.mark("prepare")
            if last or now - told_at >= _PROGRESS_INTERVAL_S:
                told_at = now
                reporter.news(answers.solving_event(step, preset.steps).SerializeToString())

        engine = self._engines.get(bundle.name)
        pictures = options.include_pictures
        drawn = pictures and engine is not None
        # f2p.v1 has no field for confidence: it would be computed in vain.
        creator = CharacterCreator(bundle, engine, preset, options.seed, render=drawn, confidence=False)
        character = creator.create(photo, face, progress, until)
        times.mark("solve")
        if pictures and engine is not None and character.render_source != "engine":
            self._restart_engine(bundle)
        message = answers.character_message(character, pictures)
        times.mark("encode")
        notes = {"seconds": times.seconds, "steps": len(character.history), "losses": dict(character.losses)}
        if isinstance(request, calls.StreamCreateCharacterRequest):
            return calls.StreamCreateCharacterResponse(character=message), notes
        return calls.CreateCharacterResponse(character=message), notes

    def _check(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        face = translate.face_index(request)
        try:
            photo = self._read(request.photo, reporter)
            request.ClearField("photo")
            reporter.stage("prepare")
            found = inspect_photo(photo, bundle.frame_five, bundle.size, face)
        except PhotoError as error:
            found = Inspection(error, (), (), None)
        issues = [found.error.reason] if found.error else [hint.reason for hint in found.hints]
        return answers.check_response(found), {"issues": issues}

    def _preview(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        size = request.size_px
        if size and not _SMALLEST_PREVIEW <= size <= _LARGEST_PREVIEW:
            raise ParameterError(
                f"size_px is {size}.", f"It must be 0 or lie in {_SMALLEST_PREVIEW} … {_LARGEST_PREVIEW}."
            )
        drawing = CharacterCreator(bundle, render=False).draw(_character(bundle, _values(bundle, request.values)))
        return answers.preview_response(drawing, size, request.format, bundle.schema), {}

    def _compare(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        first, second = (_whole(bundle, values) for values in (request.first, request.second))
        return answers.compare_response(compare(first, second)), {}

    def _read(self, data: bytes, reporter: Reporter) -> Photo:
        reporter.check()
        reporter.stage("decode")
        try:
            with limited_memory(self._photo_memory_mib):
                return read_photo(data)
        except MemoryError:
            raise PhotoTooLarge(
                "The photo takes more memory than a photo may.", "Save it smaller, as a JPEG."
            ) from None

    def _restart_engine(self, bundle: Bundle) -> None:
        """The engine failed on a character; the next one gets a fresh engine, or none."""
        self._engines.pop(bundle.name).close()
        try:
            self._engines[bundle.name] = open_engine(bundle.engine)
        except EngineError as error:
            _LOG.warning("the engine cannot be started again: %s", error)


class _Times:
    """How long each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def mark(self, stage: str) -> None:
        """A stage ends now."""
        now = time.monotonic()
        self.seconds[stage], self._last = now - self._last, now


def _values(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> dict[str, float | str]:
    """By name, each read as the schema says. Raises ParameterError."""
    values: dict[str, float | str] = {}
    for item in given:
        parameter = bundle.schema.parameter(item.name[:200])
        if item.name in values:
            raise ParameterError(f"'{item.name}' stands twice in the request.", "Name each parameter once.")
        if hasattr(parameter, "options"):
            values[item.name] = item.option
        elif item.option:
            raise ParameterError(
                f"'{item.name}' is a slider, and has no options.", "Set value, and leave option empty."
            )
        else:
            values[item.name] = item.value
    return values


def _whole(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> Character:
    values = _values(bundle, given)
    character = _character(bundle, values)
    missing = [name for name in bundle.schema.names if name not in values]
    if missing:
        raise ParameterError(
            f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Send every parameter."
        )
    return character


def _character(bundle: Bundle, values: Mapping[str, float | str]) -> Character:
    """Of these values, the rest at the average; checked. Raises ParameterError."""
    complete = bundle.schema.decode(bundle.schema.encode(values))
    # float32 on the wire carries six decimals of a value in [0, 1].
    rounded = {name: value if isinstance(value, str) else round(value, 6) for name, value in complete.items()}
    return Character(
        schema=bundle.schema,
        values=rounded,
        bundle_name=bundle.name,
        bundle_version=bundle.version,
        preset="",
        seed=0,
    )
