"""What a worker does with a request: serialised message in, serialised message out."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from f2p.bundle import Bundle
from f2p.character.comparison import compare
from f2p.creator import CharacterCreator
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import BundleMissing, EngineError, ParameterError, PhotoError, PhotoTooLarge
from f2p.face.photo_check import Inspection, inspect_photo
from f2p.fitting.presets import get_preset, refit_preset
from f2p.imaging.decode import Photo, read_photo
from f2p.serving import contract as translate
from f2p.serving.memory import limited_memory, overwrite_freed
from f2p.serving.worker import requests as given
from f2p.serving.worker import responses as answers
from f2p.serving.worker.progress import JobProgress, Reporter

__all__ = ["Handlers"]

_LOG = logging.getLogger(__name__)
_SMALLEST_PREVIEW, _LARGEST_PREVIEW = 32, 1024


class Handlers:
    """Answers every call that needs a bundle.

    Args:
        bundles: by name, the default first.
        engines: an engine for each of them that has one here; they are closed by `close`.
        preset: for requests that name none.
        photo_memory_mib: what reading one photo may take; 0: no limit.
    """

    def __init__(
        self,
        bundles: Mapping[str, Bundle],
        engines: Mapping[str, Engine],
        preset: str,
        photo_memory_mib: int,
        cores: int,
    ) -> None:
        self._bundles = dict(bundles)
        self._engines = dict(engines)
        self._preset = get_preset(preset).name
        self._photo_memory_mib = photo_memory_mib
        self._parallel = cores > 1
        self._calls: dict[str, Callable[[Any, Reporter, float], tuple[Any, dict[str, Any]]]] = {
            "CreateCharacter": self._create,
            "StreamCreateCharacter": self._create,
            "RefitCharacter": self._create,
            "StreamRefitCharacter": self._create,
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
        """A character, new or solved again."""
        method, options = type(request).__name__.removesuffix("Request"), request.options
        bundle, pictures = self._bundle(options.bundle), options.include_pictures
        recipe = get_preset(options.preset or self._preset)
        again = given.refit(bundle, request) if "Refit" in method else None
        photos, faces = given.take_photos(request)
        count = len(photos)
        watch = JobProgress(
            method,
            reporter,
            recipe.steps if again is None else refit_preset(recipe).steps,
            deadline,
            best_so_far=options.take_best_so_far,
            pictures=pictures,
        )

        def source(number: int) -> Callable[[], Photo]:
            # A photo goes as soon as it is read.
            return lambda: watch.read(lambda: self._read(photos.pop(number)), number, count)

        sources = [source(number) for number in photos]
        engine = self._engines.get(bundle.name)
        drawn, sure = pictures and engine is not None, options.include_confidence
        creator = CharacterCreator(
            bundle, engine, recipe, options.seed, render=drawn, confidence=sure, parallel=self._parallel
        )
        if again is None:
            character = creator.create(sources, faces, watch.step, watch.until)
        else:
            character = creator.refit(
                again.character,
                sources,
                again.locked,
                again.edits,
                face=faces,
                progress=watch.step,
                until=watch.until,
            )
        watch.mark("solve")
        if pictures and engine is not None and character.render_source != "engine":
            self._restart_engine(bundle)
        message = answers.character_message(character, pictures)
        watch.mark("encode")
        notes = {"seconds": watch.seconds, "steps": len(character.history), "losses": dict(character.losses)}
        return translate.RESPONSES[method](character=message), notes

    def _check(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        face = translate.face_index(request)
        try:
            reporter.check()
            reporter.stage("decode")
            photo = self._read(request.photo)
            request.ClearField("photo")
            reporter.stage("prepare")
            found = inspect_photo(photo, bundle.frame_landmarks5, bundle.size, face)
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
        drawing = CharacterCreator(bundle, render=False).draw(given.any_character(bundle, request.values))
        return answers.preview_response(drawing, size, request.format, bundle.schema), {}

    def _compare(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        first, second = (given.whole_character(bundle, values) for values in (request.first, request.second))
        return answers.compare_response(compare(first, second)), {}

    def _read(self, data: bytes) -> Photo:
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
