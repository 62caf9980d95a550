"""Main entry point of the library: a photo in, a character out.

    creator = CharacterCreator(load_bundle())
    character = creator.create("photo.jpg")
    print(character.values["nose_width"], character.render_source)

`Character` says what else is in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from f2p.bundle import Bundle
from f2p.character.character import Candidate, Character, Images, RenderSource, rounded
from f2p.character.records import FaceExpression, GroupConfidence
from f2p.engines.protocol import Engine
from f2p.engines.renderer import EngineRenderer
from f2p.errors import CharacterError, ParameterError
from f2p.face.alignment import Aligned
from f2p.fitting.candidates import Rival, check_count, find_candidates
from f2p.fitting.confidence import group_confidence
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import Preset, get_preset, refit_preset
from f2p.fitting.solver import Solution, Step, solve
from f2p.fitting.styling import Styling, styled, unstyled
from f2p.fitting.threads import one_thread
from f2p.schema.edits import edited, locked_names
from f2p.targets.photo_set import Faces, PhotoSet, PhotoSource, measure

Photos = PhotoSource | Sequence[PhotoSource] | PhotoSet
Progress = Callable[[Step], None]

_AS_IT_IS = Styling()
_THREADS = 2  # a search has no more than two parts that are independent


class CharacterCreator:
    """Maker of characters with one bundle. Not thread-safe: one photo at a time.

    Args:
        bundle: the engine's networks.
        engine: draws the result; by default the installed engine that the bundle names, started on first use. Without
            one the imitator's drawing stands in, and the character says so.
        preset: name of a recipe, or a recipe of your own.
        seed: of the search; same photo, bundle, preset and seed: same character, bit for bit on one kind of CPU.
        render: False to leave the engine out altogether.
        render_size: side of the engine's render in pixels.
        confidence: False to leave out the confidence of each group, which takes a fifteenth of the time of the search;
            the preset `instant` leaves it out in any case.
        parallel: False to keep all work in the caller's thread, and so to one core. The character is the same.
            Within one operation a search has one thread in any case (`f2p.fitting.threads.one_thread`).

    Raises:
        PresetError: there is no such preset.
        BundleIncompatible: the engine has other parameters than the bundle.
    """

    def __init__(
        self,
        bundle: Bundle,
        engine: Engine | None = None,
        preset: str | Preset = "default",
        seed: int = 0,
        *,
        render: bool = True,
        render_size: int = 512,
        confidence: bool = True,
        parallel: bool = True,
    ) -> None:
        self.bundle = bundle
        self.preset = get_preset(preset) if isinstance(preset, str) else preset
        self.seed = seed
        self.render = render
        self.confidence = confidence
        self.parallel = parallel
        self._executor: ThreadPoolExecutor | None = None
        self._renderer = EngineRenderer(bundle.engine, bundle.schema, engine, render_size)

    @one_thread()
    def create(
        self,
        photo: Photos,
        face: Faces = None,
        progress: Progress | None = None,
        until: float | None = None,
        *,
        styling: Styling = _AS_IT_IS,
        candidates: int = 1,
    ) -> Character:
        """Make the character of one person.

        Args:
            photo: encoded bytes, a file's path, a Pillow image, or a photo that `read_photo` has decoded; or a list of
                2 to 16 of them, all of one person (`Character.photos` then says how each was used); or the `PhotoSet`
                of `measure`.
            face: number of the face, where there are several, as by `f2p check`; for a list of photos, a list.
            progress: called at each step of the search; what it raises ends the search and comes out here.
            until: time.monotonic() at which the search ends after its current step, with the best state so far; the
                character is then marked `stopped_early`.
            styling: wishes beyond likeness: strength, flatter, what to remove or keep.
            candidates: number of characters to choose from, the answer among them: 1 to 4. The others are
                `Character.candidates`, as far as any are likely and different enough; they take a fifth of the
                search's time.

        Raises:
            PhotoError: the photo, or none of the photos, can be used; its subclass says why.
            ParameterError: a wish is out of range.
        """
        began = time.perf_counter()
        check_count(candidates)
        photo_set = self.measure(photo, face)
        solution = self._solve(photo_set, self.preset, None, progress, until)
        return self._character(photo_set, solution, began, self.preset, until, styling, candidates)

    @one_thread()
    def refit(
        self,
        character: Character,
        photo: Photos,
        locked: Collection[str] = (),
        values: Mapping[str, float | str] | None = None,
        *,
        face: Faces = None,
        progress: Progress | None = None,
        until: float | None = None,
        styling: Styling = _AS_IT_IS,
        candidates: int = 1,
    ) -> Character:
        """Solve on after a player's edit: what is locked or edited stays to the last decimal, the rest follows.

        It begins at the character's values and takes a quarter of the preset's steps
        (`f2p.fitting.presets.refit_preset`).

        Args:
            character: of this bundle's schema; what it had locked before is only kept where `locked` names it again.
            photo: as for `create`; cheapest is the `PhotoSet` of the photos from before.
            locked: names of parameters and of groups.
            values: edited values by name, normalised, options by name; they are locked too.
            face, progress, until, candidates: as for `create`.
            styling: the wishes that the character was made with, strength and flatter above all: the search goes on
                from the likeness behind them, and they are fulfilled again. What is locked does not follow them.

        Raises:
            CharacterError: the character is of another schema.
            ParameterError: a name is unknown, a value out of range, or nothing is left to solve.
            PhotoError: as for `create`.
        """
        began = time.perf_counter()
        check_count(candidates)
        schema = self.bundle.schema
        if character.schema.identity != schema.identity:
            raise CharacterError(
                f"The character is of another schema than bundle '{self.bundle.name}'.", "Use the bundle that made it."
            )
        kept = locked_names(schema, {*locked, *(values or {})})
        before = rounded(edited(schema, character.values, values or {}))
        spread = {slider.name: slider.spread for slider in schema.continuous}
        if all(name in kept or spread.get(name) == 0 for name in schema.names):
            raise ParameterError("Everything is locked: there is nothing left to solve.", "Lock less.")
        photo_set = self.measure(photo, face)
        recipe = refit_preset(self.preset)
        plain = unstyled(self.bundle, before, styling, kept)
        unseen = self.bundle.calibration.unseen_in_grey.keys() if photo_set.target.grey else set()
        held_still = kept | ((recipe.set_apart | unseen) & spread.keys())
        x = torch.from_numpy(schema.encode(plain))
        start = WarmStart(x=x, locked=held_still, expressions=character.expressions)
        solution = self._solve(photo_set, recipe, start, progress, until)
        held = {name: before[name] for name in schema.names if name in kept}
        return self._character(photo_set, solution, began, recipe, until, styling, candidates, held)

    @one_thread()
    def measure(self, photo: Photos, face: Faces = None) -> PhotoSet:
        """Read and measure photos without solving; `create` and `refit` take the result in their place."""
        if isinstance(photo, PhotoSet):
            return photo
        return measure(self.bundle, photo, face, self._threads(), perceive=self.preset.perceives)

    @one_thread()
    def draw(self, character: Character) -> npt.NDArray[np.uint8]:
        """The imitator's drawing of a character's values, (S, S, 3)."""
        return self.draw_step(torch.from_numpy(self.bundle.schema.encode(character.values)))

    @torch.no_grad()
    def draw_step(self, x: torch.Tensor) -> npt.NDArray[np.uint8]:
        """The imitator's drawing of x (P,), such as `Step.x`, as (S, S, 3)."""
        return _pixels(self.bundle.imitator(x[None].to(self.bundle.device)).image[0])

    def close(self) -> None:
        """Stop the threads, and the engine if this object started it. Both start again when they are needed."""
        self._renderer.close()
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _threads(self) -> Executor | None:
        """Threads for independent parts of the work, started on first use; None where all is to be in the caller's."""
        if not self.parallel:
            return None
        if self._executor is None:
            self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="f2p")
        return self._executor

    def _solve(
        self,
        photo_set: PhotoSet,
        recipe: Preset,
        warm_start: WarmStart | None,
        progress: Progress | None,
        until: float | None,
    ) -> Solution:
        return solve(
            self.bundle,
            photo_set.target,
            recipe,
            self.seed,
            warm_start,
            executor=self._threads(),
            progress=progress,
            should_stop=None if until is None else lambda: time.monotonic() >= until,
        )

    def _character(
        self,
        photo_set: PhotoSet,
        solution: Solution,
        began: float,
        recipe: Preset,
        until: float | None,
        styling: Styling,
        candidates: int,
        held: Mapping[str, float | str] | None = None,
    ) -> Character:
        """The answer with its pictures. held: values that the player locked."""
        locked = held or {}
        worn = _worn(photo_set, solution)

        def values_of(x: torch.Tensor) -> dict[str, float | str]:
            found = self.bundle.schema.decode(x.numpy()) | dict(locked)
            return rounded(styled(self.bundle, found, styling, worn, locked)) | dict(locked)

        values = values_of(solution.x)
        warnings = photo_set.warnings
        if solution.stopped_early:
            warnings = (*warnings, _stopped(len(solution.history), recipe))
        # Where time is out, the answer comes first.
        in_time = not solution.stopped_early and (until is None or time.monotonic() < until)
        rivals: tuple[Rival, ...] = ()
        if candidates > 1 and in_time:
            rivals = find_candidates(
                self.bundle,
                photo_set.target,
                self.preset,
                solution.x,
                candidates - 1,
                locked=_settled(self.bundle, styling, locked),
                seed=self.seed,
                expressions=solution.expressions,
                executor=self._threads(),
            )
        character = Character(
            schema=self.bundle.schema,
            values=values,
            bundle_name=self.bundle.name,
            bundle_version=self.bundle.version,
            preset=self.preset.name,
            seed=self.seed,
            photo=photo_set.photo_info(),
            photos=photo_set.contributions,
            locked=tuple(name for name in self.bundle.schema.names if name in locked),
            # As the file and the wire have them, so that a refit begins alike from all three.
            expressions=tuple(face.rounded() for face in photo_set.numbered(solution.expressions)),
            losses=solution.losses,
            candidates=tuple(
                Candidate(values=values_of(rival.x), changed=rival.changed, cost=rival.cost) for rival in rivals
            ),
            history=tuple(solution.history),
            warnings=warnings,
            stopped_early=solution.stopped_early,
            seconds=time.perf_counter() - began,
        )

        def confidence() -> tuple[GroupConfidence, ...]:
            if not (self.confidence and self.preset.confidence and in_time):
                return ()
            return group_confidence(
                self.bundle,
                photo_set.target,
                self.preset,
                solution.x,
                locked=locked,
                seed=self.seed,
                expressions=solution.expressions,
                zooms=solution.zooms,
                executor=self._threads(),
            )

        if not self.parallel:
            return replace(self._illustrate(character, photo_set.aligned), confidence=confidence())
        # The engine, which may belong to this thread, draws while one of its own judges: in a thread of `_threads` it
        # would wait for others of them.
        with ThreadPoolExecutor(1) as beside:
            judging = beside.submit(confidence)
            drawn = self._illustrate(character, photo_set.aligned)
            return replace(drawn, confidence=judging.result())

    def _illustrate(self, character: Character, aligned: Aligned) -> Character:
        """The character and its candidates with their pictures, and the name of the pictures' source."""
        photo, wished = _pixels(aligned.image), self.render
        images, source = self._pictures(character, photo)
        warnings = character.warnings
        if source != "engine" and wished:
            warnings = (*warnings, f"The picture is the imitator's, not the engine's: {self._renderer.failure}")
        candidates = tuple(
            replace(each, images=self._pictures(replace(character, values=each.values), photo)[0])
            for each in character.candidates
        )
        return replace(character, images=images, render_source=source, warnings=warnings, candidates=candidates)

    def _pictures(self, character: Character, photo: npt.NDArray[np.uint8]) -> tuple[Images, RenderSource]:
        drawing = self.draw(character)
        render = self._renderer.render(character.values) if self.render else None
        images = Images(aligned=photo, drawing=drawing, render=drawing if render is None else render)
        return images, "imitator" if render is None else "engine"


def _worn(photo_set: PhotoSet, solution: Solution) -> FaceExpression | None:
    """Expression in the photo with the largest share: the search's, or else the translator's."""
    target = photo_set.target
    if solution.expressions:
        return solution.expressions[target.leading]
    return None if target.main.estimate is None else target.main.estimate.face


def _settled(bundle: Bundle, styling: Styling, locked: Collection[str]) -> set[str]:
    """Choices that no candidate may differ in: locked ones, and those that a wish removes."""
    removed = {group for group, gone in (("glasses", styling.remove_glasses), ("beard", styling.remove_beard)) if gone}
    return {*locked, *(choice.name for choice in bundle.schema.discrete if choice.group in removed)}


def _stopped(steps: int, preset: Preset) -> str:
    return f"STOPPED_EARLY: time ran out after {steps} of {preset.steps} steps of the search."


def _pixels(image: torch.Tensor) -> npt.NDArray[np.uint8]:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
