"""`f2p create`: photos to characters, one folder a photo."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from f2p.creator import CharacterCreator, Progress


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
) -> int:
    """Turn photos into characters: OUT/STEM/character.json, character.png and report.html for each.

    Args:
        photos: the photo files. A photo that cannot be used does not stop the others.
        out: where the folders go, each named by its photo's stem (photos of one stem: STEM, STEM-2, ...).
        bundle: the bundle's folder; the shipped one by default.
        device: where to solve: cpu, cuda, cuda:1 or another device of torch.
        preset: the recipe of the search: default, instant (a guess, in a tenth of the time), or paper (as published).
        seed: same photo, preset and seed, same character.
        face: which of several faces, as `f2p check` numbers them, from 0.
        one_person: all photos (2 to 16) show one person: make one character of them, in the first photo's folder.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.results import progress_bar, writing
    from f2p.command_line import error_line
    from f2p.creator import CharacterCreator
    from f2p.errors import F2PError, ParameterError

    if not photos:
        raise ParameterError("No photo was given.", "Name at least one photo file.")
    jobs = [photos] if one_person else [(photo,) for photo in photos]
    if one_person and len(photos) > 1 and face is not None:
        raise ParameterError("--face does not say of which photo.", "Crop the photos with several faces to one.")
    with writing(out):
        # Before the first solve, not after it.
        out.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    with CharacterCreator(load_bundle(bundle, device=device), preset=preset, seed=seed) as creator:
        for job, folder in zip(jobs, _folders([job[0] for job in jobs], out), strict=True):
            try:
                with progress_bar(job[0].name, creator.preset.steps) as report:
                    _create_one(creator, job, folder, face, report)
                print(folder, flush=True)
            except F2PError as error:
                failures.append(error_line(error, str(job[0]) if len(job) == 1 else ""))
                print(failures[-1], file=sys.stderr, flush=True)
    if len(jobs) > 1:
        _summarise(len(jobs), failures)
    return 1 if failures else 0


def _create_one(
    creator: "CharacterCreator", photos: Sequence[Path], folder: Path, face: int | None, report: "Progress"
) -> None:
    from f2p.cli.console import read_file
    from f2p.cli.results import print_confidence, print_expressions, print_uses, write_character

    # A missing file among several is one photo that cannot be used; alone, it is the error.
    source = read_file(photos[0]) if len(photos) == 1 else photos
    photo_set = creator.measure(source, face)
    character = creator.create(photo_set, progress=report)
    title = photos[0].name if len(photos) == 1 else f"{photos[0].name} and {len(photos) - 1} more"
    write_character(character, folder, photo_set.aligned.photo, title)
    print_uses(character, photos)
    print_expressions(character)
    print_confidence(character)
    for warning in character.warnings:
        print(f"warning: {photos[0]}: {warning}", file=sys.stderr)


def _folders(photos: Sequence[Path], out: Path) -> list[Path]:
    """One folder a photo; photos of one stem get -2, -3, ... so that none overwrites another."""
    taken: set[str] = set()
    stems = {photo.stem.casefold() for photo in photos}
    folders = []
    for photo in photos:
        name, number = photo.stem, 1
        while name.casefold() in taken or (number > 1 and name.casefold() in stems):
            number += 1
            name = f"{photo.stem}-{number}"
        taken.add(name.casefold())
        folders.append(out / name)
    return folders


def _summarise(count: int, failures: Sequence[str]) -> None:
    print(f"{count - len(failures)} of {count} photos became characters")
    if failures:
        print(f"{len(failures)} failed:", file=sys.stderr)
        for line in failures:
            print(f"  {line}", file=sys.stderr)
