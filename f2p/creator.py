"""The library's front door: a photo in, a character out.

    creator = CharacterCreator(load_bundle())
    character = creator.create("photo.jpg")
    print(character.values["nose_width"], character.render_source)

`Character` says what else is in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from f2p.align import Aligned
from f2p.bundle import Bundle
from f2p.character import Character, Images, PhotoFacts, RenderSource, rounded
from f2p.engines import Engine, open_engine
from f2p.errors import BundleIncompatible, EngineError
from f2p.evidence import Evidence, Faces, PhotoSource, measure
from f2p.objective import Target
from f2p.presets import Preset
from f2p.presets import preset as find_preset
from f2p.solver import Solution, Step, solve
from f2p.warp import apply, invert

Photos = PhotoSource | Sequence[PhotoSource] | Evidence
Progress = Callable[[Step], None]


class CharacterCreator:
    """Makes characters with one bundle. Not thread-safe: one photo at a time, which uses all cores already.

    Args:
        bundle: the engine's networks.
        engine: draws the result; by default the installed engine that the bundle names, started on first use. Without
            one the imitator's drawing stands in, and the character says so.
        preset: name of a recipe, or a recipe of your own.
        seed: same photo, bundle, preset and seed: same character, bit for bit on one kind of CPU.
        render: False to leave the engine out altogether.
        render_size: side of the engine's render in pixels.

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
    ) -> None:
        self.bundle = bundle
        self.preset = find_preset(preset) if isinstance(preset, str) else preset
        self.seed = seed
        self.render = render
        self.render_size = render_size
        self._engine = engine
        self._owns_engine = engine is None
        self._engine_trouble = ""
        if engine is not None:
            self._check_engine(engine)

    def create(
        self,
        photo: Photos,
        face: Faces = None,
        progress: Progress | None = None,
        until: float | None = None,
    ) -> Character:
        """Makes the character of one person.

        Args:
            photo: encoded bytes, a file's path, a Pillow image, or a photo that `read_photo` has decoded; or a list of
                2 to 16 of them, all of one person (`Character.photos` then says how each was used); or what `measure`
                made of them.
            face: which face, where there are several, as `f2p check` numbers them; for a list of photos, a list.
            progress: called at each step of the search; what it raises ends the search and comes out here.
            until: time.monotonic() at which the search ends after its current step, with what it has found so far; the
                character is then marked `stopped_early`.

        Raises:
            PhotoError: the photo, or none of the photos, can be used; its subclass says why.
        """
        began = time.perf_counter()
        evidence = self.measure(photo, face)
        solution, finished = self._solve(evidence.target, progress, until)
        values = rounded(self.bundle.schema.decode(solution.x.numpy()))
        character = Character(
            schema=self.bundle.schema,
            values=values,
            bundle_name=self.bundle.name,
            bundle_version=self.bundle.version,
            preset=self.preset.name,
            seed=self.seed,
            photo=_facts(evidence.aligned),
            photos=evidence.uses,
            losses=solution.losses,
            history=tuple(solution.history),
            warnings=evidence.warnings
            if finished
            else (*evidence.warnings, _stopped(len(solution.history), self.preset)),
            stopped_early=not finished,
            seconds=time.perf_counter() - began,
        )
        return self._illustrate(character, evidence.aligned)

    def measure(self, photo: Photos, face: Faces = None) -> Evidence:
        """Reads and measures photos without solving; `create` and `refit` take the result in their place."""
        return photo if isinstance(photo, Evidence) else measure(self.bundle, photo, face)

    def draw(self, character: Character) -> npt.NDArray[np.uint8]:
        """The imitator's drawing of a character's values, (S, S, 3)."""
        x = torch.from_numpy(self.bundle.schema.encode(character.values))[None]
        with torch.no_grad():
            return _pixels(self.bundle.imitator(x).image[0])

    def close(self) -> None:
        """Stops the engine, if this object started it."""
        if self._owns_engine and self._engine is not None:
            self._engine.close()
            self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _solve(self, target: Target, progress: Progress | None, until: float | None) -> tuple[Solution, bool]:
        """The solution, and whether the search came to its end."""
        began = time.perf_counter()
        steps = solve(self.bundle, target, self.preset, self.seed)
        history: list[dict[str, float]] = []
        while True:
            try:
                step = next(steps)
            except StopIteration as done:
                return done.value, True
            history.append({"total": step.total, **step.losses})
            if progress is not None:
                progress(step)
            if until is not None and time.monotonic() >= until and step.iteration < self.preset.steps - 1:
                steps.close()
                seconds = time.perf_counter() - began
                return Solution(x=step.x.clamp(0, 1), losses=history[-1], history=history, seconds=seconds), False

    def _illustrate(self, character: Character, aligned: Aligned) -> Character:
        """Adds the pictures, and says who drew them."""
        drawing = self.draw(character)
        render = self._render(character)
        warnings = character.warnings
        if render is None and self.render:
            warnings = (*warnings, f"The picture is the imitator's, not the engine's: {self._engine_trouble}")
        images = Images(
            aligned=_pixels(aligned.image),
            drawing=drawing,
            render=drawing if render is None else render,
        )
        source: RenderSource = "imitator" if render is None else "engine"
        return replace(character, images=images, render_source=source, warnings=warnings)

    def _render(self, character: Character) -> npt.NDArray[np.uint8] | None:
        if not self.render or self._engine_trouble:
            return None
        try:
            if self._engine is None:
                self._engine = self._open_engine()
            return self._engine.render(character.values, size=self.render_size).image
        except EngineError as error:
            # A character without its portrait is still what was asked for; that it is missing is said in the answer.
            self._engine_trouble = str(error)
            self.close()
            return None

    def _open_engine(self) -> Engine:
        engine = open_engine(self.bundle.engine)
        self._check_engine(engine)
        return engine

    def _check_engine(self, engine: Engine) -> None:
        if engine.schema.hash != self.bundle.schema.hash:
            raise BundleIncompatible(
                f"The engine '{engine.name}' has other parameters than bundle '{self.bundle.name}' was trained for.",
                "Install the engine's matching release, or train a bundle for this one.",
            )


def _stopped(steps: int, preset: Preset) -> str:
    return f"STOPPED_EARLY: time ran out after {steps} of {preset.steps} steps of the search."


def _facts(aligned: Aligned) -> PhotoFacts:
    corners = apply(invert(aligned.transform), [(0, 0), (1, 0), (1, 1), (0, 1)])
    return PhotoFacts(
        width=aligned.photo.shape[1],
        height=aligned.photo.shape[0],
        grey=aligned.grey,
        frame=tuple((float(x), float(y)) for x, y in corners),
        five=tuple((float(x), float(y)) for x, y in aligned.five_px),
        face_px=aligned.quality.face_px,
        warnings=aligned.warnings,
    )


def _pixels(image: torch.Tensor) -> npt.NDArray[np.uint8]:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
