"""The jobs of `f2p create`: each becomes an outcome, whatever happens to it."""

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from f2p.character.character import Character
from f2p.cli.console import STDIN, read_photo_bytes
from f2p.cli.results import describe, result_files, write_character
from f2p.command_line import as_f2p_error
from f2p.creator import CharacterCreator
from f2p.errors import CharacterError, F2PError
from f2p.errors.transport import to_dict
from f2p.files import check_writable, read_bounded, shown
from f2p.fitting.solver import Step
from f2p.fitting.styling import Styling
from f2p.limits import MAX_CHARACTER_BYTES
from f2p.targets.photo_set import locate

__all__ = ["Job", "Maker", "Outcome", "Recipe"]


@dataclass(frozen=True)
class Job:
    """Photos of one person, the folder of the results, which face is meant, and what stdin held where it is a photo."""

    photos: tuple[Path, ...]
    folder: Path
    face: int | None = None
    stdin: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What all jobs of a run share."""

    bundle: Path | None
    device: str
    preset: str
    seed: int
    resume: bool
    styling: Styling = field(default_factory=Styling)
    candidates: int = 1

    @property
    def plain(self) -> bool:
        """True where nothing but the likeness is asked for."""
        return self.styling == Styling() and self.candidates == 1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a job.

    Attributes:
        photos: of the job.
        folder: of the results, where there are any.
        lines: for people: how each photo was used, expressions, what is a guess.
        warnings: of the character.
        error: why there is no character; None where there is one.
        skipped: whether the character was there before.
        seconds: that the character took.
    """

    photos: tuple[Path, ...]
    folder: Path = Path()
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: F2PError | None = None
    skipped: bool = False
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Values for a JSON line."""
        photos = [shown(photo) for photo in self.photos]
        about: dict[str, Any] = {"photo": photos[0]} if len(photos) == 1 else {"photos": photos}
        if self.error is not None:
            return {**about, "ok": False, "error": to_dict(self.error)}
        return {
            **about,
            "ok": True,
            "folder": shown(self.folder),
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
            "warnings": list(self.warnings),
        }


def _sources(job: Job) -> bytes | list[bytes | Path]:
    """Photos as CharacterCreator takes them; a missing file is an error where it is alone, else one unusable photo."""
    if len(job.photos) == 1:
        return job.stdin if job.stdin is not None else read_photo_bytes(job.photos[0])
    return [job.stdin if photo == STDIN and job.stdin is not None else photo for photo in job.photos]


class Maker:
    """Makes characters by one recipe. One job at a time.

    Args:
        recipe: of the run.
        check_only: load the bundle and find the preset, and nothing more.
        parallel: as of CharacterCreator.

    Raises:
        BundleError, WeightsError, DeviceUnavailable, PresetError: the recipe cannot be followed.
    """

    def __init__(self, recipe: Recipe, *, check_only: bool = False, parallel: bool = True) -> None:
        from f2p.bundle import load_bundle

        self._recipe = recipe
        bundle = load_bundle(recipe.bundle, device="cpu" if check_only else recipe.device)
        self._creator = CharacterCreator(bundle, preset=recipe.preset, seed=recipe.seed, parallel=parallel)

    @property
    def steps(self) -> int:
        """Steps of the search for one character."""
        return self._creator.preset.steps

    def make(self, job: Job, progress: Callable[[Step], None] | None = None) -> Outcome:
        """The outcome of a job. Only what ends the program (Ctrl-C) is raised."""
        try:
            return self._make(job, progress)
        except F2PError as error:
            return Outcome(photos=job.photos, error=error)
        except Exception as error:
            if os.environ.get("F2P_TRACEBACK"):
                traceback.print_exc()
            return Outcome(photos=job.photos, error=as_f2p_error(error, "solve"))

    def _make(self, job: Job, progress: Callable[[Step], None] | None) -> Outcome:
        # A character's file does not say with which wishes it was made.
        if self._recipe.resume and self._recipe.plain and self._is_made(job):
            return Outcome(photos=job.photos, folder=job.folder, skipped=True)
        # Before the photo is read and the search begun.
        check_writable(job.folder)
        photo_set = self._creator.measure(_sources(job), job.face)
        recipe = self._recipe
        character = self._creator.create(
            photo_set, progress=progress, styling=recipe.styling, candidates=recipe.candidates
        )
        name, more = shown(job.photos[0].name), len(job.photos) - 1
        write_character(character, job.folder, photo_set.aligned.photo, f"{name} and {more} more" if more else name)
        return Outcome(
            photos=job.photos,
            folder=job.folder,
            lines=tuple(describe(character, job.photos)),
            warnings=character.warnings,
            seconds=character.seconds,
        )

    def _is_made(self, job: Job) -> bool:
        """Whether the folder holds the character of this job's face, of the same recipe and newer than its photos."""
        files = result_files(job.folder)
        if STDIN in job.photos or not all(file.is_file() for file in files):
            return False
        try:
            # character.json is the last one written.
            written = files[-1].stat().st_mtime
            if any(photo.stat().st_mtime > written for photo in job.photos):
                return False
            there = Character.from_json(read_bounded(files[-1], MAX_CHARACTER_BYTES), self._creator.bundle.schema)
        except (OSError, CharacterError):
            return False
        bundle = self._creator.bundle
        recipe = (bundle.name, bundle.version, self._creator.preset.name, self._recipe.seed)
        several = len(job.photos) > 1
        if (there.bundle_name, there.bundle_version, there.preset, there.seed) != recipe or (
            len(there.photos) != (len(job.photos) if several else 0)
        ):
            return False
        # Another photo of the same name, or another face of it: where the face lies tells them apart.
        main = max(there.photos, key=lambda use: use.weight).number if several else 0
        try:
            located = locate(bundle, job.photos[main], job.face)
        except F2PError:
            return False
        return located.rounded() == there.photo

    def close(self) -> None:
        """Stop the engine."""
        self._creator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
