"""The answer to each request that needs a bundle: serialised message in, serialised message out."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from f2p.bundle import Bundle
from f2p.character.comparison import compare
from f2p.character.migration import migrate
from f2p.character.share_code import read_share_code, share_code
from f2p.creator import CharacterCreator
from f2p.engines.exporting import check_texture_size, export_character, export_formats
from f2p.engines.protocol import Engine, check_sliders
from f2p.engines.registry import open_engine
from f2p.errors import (
    BundleMissing,
    EngineError,
    EngineFailed,
    EngineMissing,
    ParameterError,
    PhotoError,
    PhotoTooLarge,
)
from f2p.face.photo_check import Inspection, inspect_photo
from f2p.fitting.presets import get_preset, refit_preset
from f2p.imaging.decode import Photo, read_photo
from f2p.limits import MAX_SERVED_TEXTURE, PREVIEW_SIDES
from f2p.serving import contract
from f2p.serving.memory import limited_memory, overwrite_freed
from f2p.serving.worker import requests, responses
from f2p.serving.worker.progress import JobProgress, Reporter, heartbeat

__all__ = ["Handlers"]

_LOG = logging.getLogger(__name__)
_FORMAT, _TEXTURE = "glb", 1024
T = TypeVar("T")


class Handlers:
    """Answers every call that needs a bundle.

    Args:
        bundles: by name, the default first.
        engines: an engine for each of them that has one here; they are closed by `close`.
        preset: for requests that name none.
        photo_memory_mib: memory that reading one photo may take; 0: no limit.
        cores: processor cores that one search may use.
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
            "MigrateCharacter": self._migrate,
            "ShareCharacter": self._share,
            "ReceiveCharacter": self._receive,
            "ExportCharacter": self._export,
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
        message = contract.METHODS[method].FromString(request)
        response, notes = self._calls[method](message, reporter, deadline)
        return response.SerializeToString(), notes

    def facts(self) -> list[dict[str, Any]]:
        """The fields of BundleInfo, for each bundle."""
        return [
            {
                "name": bundle.name,
                "version": bundle.version,
                "schema_hash": bundle.schema.hash,
                "engine_name": bundle.engine,
                "engine_available": name in self._engines,
                "drawing_size_px": bundle.size,
                "export_formats": self._formats(bundle),
            }
            for name, bundle in self._bundles.items()
        ]

    def _formats(self, bundle: Bundle) -> list[str]:
        engine = self._engines.get(bundle.name)
        # An engine with other sliders than the bundle's exports none of its characters.
        if engine is None or engine.schema.identity != bundle.schema.identity:
            return []
        return list(export_formats(engine))

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
        """Make a character from photos, or solve one again."""
        method, options = type(request).__name__.removesuffix("Request"), request.options
        bundle, pictures = self._bundle(options.bundle), options.include_pictures
        recipe = get_preset(options.preset or self._preset)
        refit = requests.refit(bundle, request) if "Refit" in method else None
        wishes: dict[str, Any] = {"styling": requests.styling(options), "candidates": options.candidate_count or 1}
        photos, faces = requests.take_photos(request)
        count = len(photos)
        engine = self._engines.get(bundle.name)
        render = pictures and engine is not None
        creator = CharacterCreator(
            bundle,
            engine,
            recipe,
            options.seed,
            render=render,
            confidence=options.include_confidence,
            parallel=self._parallel,
        )
        progress = JobProgress(
            method,
            reporter,
            recipe.steps if refit is None else refit_preset(recipe).steps,
            deadline,
            best_so_far=options.take_best_so_far,
            pictures=pictures,
            draw=creator.draw_step if options.include_progress_pictures and method.startswith("Stream") else None,
        )

        def source(number: int) -> Callable[[], Photo]:
            # A photo's bytes are dropped as soon as it is read.
            return lambda: progress.read(lambda: self._read(photos.pop(number)), number, count)

        sources = [source(number) for number in photos]
        if refit is None:
            character = creator.create(sources, faces, progress.step, progress.until, **wishes)
        else:
            character = creator.refit(
                refit.character,
                sources,
                refit.locked,
                refit.edits,
                face=faces,
                progress=progress.step,
                until=progress.until,
                **wishes,
            )
        progress.mark("solve")
        if pictures and engine is not None and character.render_source != "engine":
            self._restart_engine(bundle)
        message = responses.character_message(character, pictures)
        progress.mark("encode")
        notes = {"seconds": progress.seconds, "steps": len(character.history), "losses": dict(character.losses)}
        return contract.RESPONSES[method](character=message), notes

    def _check(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        face = contract.face_index(request)
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
        return responses.check_response(found), {"issues": issues}

    def _preview(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        size = request.size_px
        smallest, largest = PREVIEW_SIDES
        if size and not smallest <= size <= largest:
            raise ParameterError(f"size_px is {size}.", f"It must be 0 or lie in {smallest} … {largest}.")
        drawing = CharacterCreator(bundle, render=False).draw(requests.any_character(bundle, request.values))
        return responses.preview_response(drawing, size, request.format, bundle.schema), {}

    def _compare(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        first, second = (requests.whole_character(bundle, values) for values in (request.first, request.second))
        return responses.compare_response(compare(first, second)), {}

    def _migrate(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        saved, renames = requests.migration(request)
        return responses.migrate_response(migrate(saved, bundle.schema, bundle.name, bundle.version, renames)), {}

    def _share(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        code = share_code(requests.whole_character(bundle, request.values))
        return responses.share_response(code, bundle.schema), {}

    def _receive(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        character = read_share_code(request.code).character(bundle.schema, bundle.name, bundle.version)
        return responses.receive_response(character), {}

    def _export(self, request: Any, reporter: Reporter, deadline: float) -> tuple[Any, dict[str, Any]]:
        bundle = self._bundle(request.bundle)
        size = request.texture_size_px or _TEXTURE
        check_texture_size(size)
        if size > MAX_SERVED_TEXTURE:
            raise ParameterError(
                f"Textures of {size} px are too large for the service.",
                f"Ask for {MAX_SERVED_TEXTURE} or less, or run `f2p export`.",
                size=size,
            )
        character = requests.any_character(bundle, request.values)
        engine = self._engines.get(bundle.name)
        if engine is None:
            raise EngineMissing(
                f"This server has no engine for bundle '{bundle.name}'.",
                f"Install the engine '{bundle.engine}' on the server, or ask for a bundle whose engine it has.",
                engine=bundle.engine,
            )
        reporter.check()
        check_sliders(engine, bundle.schema)
        form = request.format or _FORMAT
        with heartbeat(reporter, "export", deadline):
            try:
                file = export_character(engine, character.values, form, size)
            except EngineFailed:
                self._restart_engine(bundle)
                raise
        return responses.export_response(file, form, bundle.schema), {}

    def _read(self, data: bytes) -> Photo:
        photo = self._limited(lambda: read_photo(data))
        full = photo.full
        # What is decoded later, for a small face in a large photo, keeps to the same limit.
        return photo if full is None else replace(photo, full=lambda: self._limited(full))

    def _limited(self, decode: Callable[[], T]) -> T:
        try:
            with limited_memory(self._photo_memory_mib):
                return decode()
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
