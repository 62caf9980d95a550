"""`f2p create`: photos to characters, one folder a photo."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from f2p.cli.batch import Job, Outcome, Recipe


def create(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    out: Path,
    bundle: Path | None = None,
    device: str = "cpu",
    preset: str = "default",
    seed: int = 0,
    face: int | None = None,
    one_person: bool = False,
    strength: float = 1.0,
    flatter: float = 0.0,
    remove_glasses: bool = False,
    remove_beard: bool = False,
    keep_expression: bool = False,
    candidates: int = 1,
    jobs: int = 1,
    resume: bool = False,
    json: bool = False,
) -> int:
    """Turn photos into characters: OUT/STEM/character.json, character.png and report.html for each.

    Args:
        photos: photo files; folders, for all photos in and below them; - for one on standard input. A photo that cannot
            be used does not stop the others.
        out: where the folders go, each named by its photo's stem (photos of one stem: by their whole file names); what
            a given folder has in folders below it goes into such folders.
        bundle: the bundle's folder; the shipped one by default.
        device: where to solve: cpu, cuda, cuda:1 or another device of torch.
        preset: the recipe of the search: default, instant (a guess and three steps, in a sixth of the time), or paper
            (as published).
        seed: same photo, preset and seed, same character.
        face: which of several faces, as `f2p check` numbers them, from 0.
        one_person: all photos (2 to 16) show one person: make one character of them, in the first photo's folder.
        strength: how strongly the person's features are drawn: 0 the average person's, 1 the likeness, up to 2 a
            caricature.
        flatter: 0 to 1, how far the face moves towards a pleasant one of the person's own sex and age.
        remove_glasses: take glasses off.
        remove_beard: shave the beard.
        keep_expression: let the character wear the photo's expression.
        candidates: characters to choose from, the answer among them, up to 4; the others are candidate_1.json and
            candidate_1.png, and so on, in the same folder.
        jobs: photos that are worked on at once, each in a process of its own; at most one a core is of use.
        resume: pass over photos whose character, of the same face, bundle, preset and seed, is there and newer than
            they are; with wishes (strength to candidates) all are made anew.
        json: print one JSON object a photo and nothing else on stdout.
    """
    from f2p.cli.batch import Recipe
    from f2p.errors import ParameterError
    from f2p.files import check_writable
    from f2p.fitting.candidates import check_count
    from f2p.fitting.styling import Styling

    if jobs < 1:
        raise ParameterError(f"--jobs is {jobs}.", "Give 1 or more.")
    check_count(candidates)
    styling = Styling(
        strength=strength,
        flatter=flatter,
        remove_glasses=remove_glasses,
        remove_beard=remove_beard,
        keep_expression=keep_expression,
    )
    check_writable(out)
    planned, impossible = _plan(photos, out, one_person, face)
    recipe = Recipe(
        bundle=bundle,
        device=device,
        preset=preset,
        seed=seed,
        resume=resume,
        styling=styling,
        candidates=candidates,
    )
    failures: list[str] = []
    with _outcomes(planned, recipe, jobs) as outcomes:
        for outcome in (*impossible, *outcomes) if impossible else outcomes:
            _report(outcome, json, failures)
    if len(planned) + len(impossible) > 1 and not json:
        _summarise(len(planned) + len(impossible), failures)
    return 1 if failures else 0


def _plan(photos: Sequence[Path], out: Path, one_person: bool, face: int | None) -> "tuple[list[Job], list[Outcome]]":
    """The jobs, and what is known to fail before any is begun."""
    from f2p.cli.batch import Job, Outcome
    from f2p.cli.console import STDIN, read_photo_bytes
    from f2p.cli.inputs import find_photos, result_folders
    from f2p.errors import ParameterError

    found = find_photos(photos, out)
    impossible = [Outcome(photos=(photo.path,), error=photo.error) for photo in found if photo.error is not None]
    usable = [photo for photo in found if photo.error is None]
    # Here, since other processes have other inputs.
    stdin = read_photo_bytes(STDIN) if any(photo.path == STDIN for photo in usable) else None
    if one_person:
        if len(usable) > 1 and face is not None:
            raise ParameterError("--face does not say of which photo.", "Crop the photos with several faces to one.")
        folders = result_folders(usable[:1], out)
        return [Job(tuple(photo.path for photo in usable), folder, face, stdin) for folder in folders], impossible
    folders = result_folders(usable, out)
    planned = [
        Job((photo.path,), folder, face, stdin if photo.path == STDIN else None)
        for photo, folder in zip(usable, folders, strict=True)
    ]
    return planned, impossible


@contextmanager
def _outcomes(planned: "Sequence[Job]", recipe: "Recipe", count: int) -> "Iterator[Iterator[Outcome]]":
    """The jobs' outcomes as they come: one after another here, or from several processes."""
    from f2p.cli.batch import Maker
    from f2p.cli.processes import in_processes
    from f2p.cli.results import progress_bar

    # Also where processes do the work: a bundle or preset that is wrong is one error, not one a photo.
    with Maker(recipe, check_only=count > 1) as maker:
        if count > 1:
            yield in_processes(planned, recipe, count)
            return

        def one_by_one() -> "Iterator[Outcome]":
            for job in planned:
                with progress_bar(job.photos[0].name, maker.steps) as report:
                    outcome = maker.make(job, report)
                yield outcome

        yield one_by_one()


def _report(outcome: "Outcome", as_json: bool, failures: list[str]) -> None:
    from f2p.command_line import error_line
    from f2p.files import shown

    photo = shown(outcome.photos[0])
    if outcome.error is not None:
        failures.append(error_line(outcome.error, photo if len(outcome.photos) == 1 else ""))
        print(failures[-1], file=sys.stderr, flush=True)
    for warning in outcome.warnings:
        print(f"warning: {photo}: {warning}", file=sys.stderr)
    if as_json:
        print(json.dumps(outcome.as_json()), flush=True)
    elif outcome.error is None:
        print(f"{shown(outcome.folder)}{' is there already' if outcome.skipped else ''}", flush=True)
        for line in outcome.lines:
            print(f"  {line}")


def _summarise(count: int, failures: Sequence[str]) -> None:
    print(f"{count - len(failures)} of {count} photos became characters")
    if failures:
        print(f"{len(failures)} failed:", file=sys.stderr)
        for line in failures:
            print(f"  {line}", file=sys.stderr)
