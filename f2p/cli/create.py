"""`f2p create`: photos to characters, one folder a photo."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    preset: str = "default",
    seed: int = 0,
    face: int | None = None,
) -> int:
    """Turn photos into characters: OUT/STEM/character.json, character.png and report.html for each.

    Args:
        photos: the photo files. A photo that cannot be used does not stop the others.
        out: where the folders go, each named by its photo's stem (photos of one stem: STEM, STEM-2, ...).
        bundle: the bundle's folder; the shipped one by default.
        preset: the recipe of the search: default, or paper (as published).
        seed: same photo, preset and seed, same character.
        face: which of several faces, as `f2p check` numbers them, from 0.
    """
    from f2p.bundle import load_bundle
    from f2p.cli.console import error_line
    from f2p.creator import CharacterCreator
    from f2p.errors import F2PError, ParameterError

    if not photos:
        raise ParameterError("No photo was given.", "Name at least one photo file.")
    with _writing(out):
        # Before the first solve, not after it.
        out.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    with CharacterCreator(load_bundle(bundle), preset=preset, seed=seed) as creator:
        for photo, folder in zip(photos, _folders(photos, out), strict=True):
            try:
                with _progress(photo.name, creator.preset.steps) as report:
                    _create_one(creator, photo, folder, face, report)
                print(folder, flush=True)
            except F2PError as error:
                failures.append(error_line(error, str(photo)))
                print(failures[-1], file=sys.stderr, flush=True)
    if len(photos) > 1:
        _summarise(len(photos), failures)
    return 1 if failures else 0


def _create_one(creator: "CharacterCreator", photo: Path, folder: Path, face: int | None, report: "Progress") -> None:
    from f2p.cli.console import read_file
    from f2p.photo import read_photo
    from f2p.report import character_page, png_bytes

    data = read_file(photo)
    character = creator.create(data, face=face, progress=report)
    assert character.images is not None, "a character fresh from its creator has its pictures"
    page = character_page(character, read_photo(data).pixels, title=photo.name)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "character.json").write_text(character.to_json(), encoding="utf-8")
        (folder / "character.png").write_bytes(png_bytes(character.images.render))
        (folder / "report.html").write_text(page, encoding="utf-8")
    for warning in character.warnings:
        print(f"warning: {photo}: {warning}", file=sys.stderr)


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


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    from f2p.errors import ParameterError

    try:
        yield
    except OSError as error:
        raise ParameterError(
            f"The results cannot be written to {folder}: {error.strerror}.", "Choose another --out."
        ) from None


@contextmanager
def _progress(name: str, steps: int) -> Iterator["Progress"]:
    """A bar on stderr while a photo is worked on; nothing where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from f2p.solver import Step

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[loss]}"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        # The photo's name is no markup, whatever brackets it has.
        task = bar.add_task(name.replace("[", "\\["), total=steps, loss="")

        def report(step: Step) -> None:
            bar.update(task, completed=step.iteration + 1, loss=f"loss {step.total:.3f}")

        yield report


def _summarise(count: int, failures: Sequence[str]) -> None:
    print(f"{count - len(failures)} of {count} photos became characters")
    if failures:
        print(f"{len(failures)} failed:", file=sys.stderr)
        for line in failures:
            print(f"  {line}", file=sys.stderr)
