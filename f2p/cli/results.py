"""Output of the commands that make characters: the progress bar, the files, how each photo was used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from f2p.files import shown, write_files

if TYPE_CHECKING:
    from f2p.character.character import Character, Pixels
    from f2p.creator import Progress
    from f2p.schema import Schema

__all__ = ["describe", "progress_bar", "read_character", "result_files", "write_character", "writing"]


def result_files(folder: Path) -> tuple[Path, ...]:
    """The files of a character in the order in which they are written: where the last one is, all are."""
    return folder / "report.html", folder / "character.png", folder / "character.json"


def read_character(path: Path, schema: "Schema") -> "Character":
    """The character of a character.json. Raises CharacterError, which names the file."""
    from f2p.character.character import Character
    from f2p.character.saved import SavedCharacter
    from f2p.errors import CharacterError

    saved = SavedCharacter.read(path)
    try:
        return Character.from_saved(saved, schema)
    except CharacterError as error:
        raise CharacterError(f"{shown(path)}: {error.message}", error.remedy) from None


def write_character(character: "Character", folder: Path, photo: "Pixels", title: str) -> None:
    """Write character.json, character.png and report.html into a folder. Raises ParameterError where that fails."""
    from f2p.imaging.encode import png_bytes
    from f2p.reports.character_page import character_page

    assert character.images is not None, "a character fresh from its creator has its pictures"
    page = character_page(character, photo, title=title)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        contents = page.encode(), png_bytes(character.images.render), character.to_json().encode()
        others: dict[Path, bytes] = {}
        for number, candidate in enumerate(character.candidates):
            stem = folder / f"candidate_{number + 1}"
            others[stem.with_suffix(".json")] = character.choose(number).to_json().encode()
            if candidate.images is not None:
                others[stem.with_suffix(".png")] = png_bytes(candidate.images.render)
        # Of an earlier run, which had more of them.
        for stale in sorted(
            {*folder.glob("candidate_[0-9].json"), *folder.glob("candidate_[0-9].png")} - others.keys()
        ):
            stale.unlink()
        write_files(others | dict(zip(result_files(folder), contents, strict=True)))


def describe(character: "Character", photos: Sequence[Path]) -> Iterator[str]:
    """Lines for people: each of several photos with its share and the reason, expressions, groups that are a guess."""
    from f2p.fitting.confidence import SURE

    for use in character.photos:
        yield f"{100 * use.weight:3.0f} %  {shown(photos[use.number])}: {use.note}"
    for number, candidate in enumerate(character.candidates):
        options = ", ".join(f"{name} {candidate.values[name]}" for name in candidate.changed)
        yield f"candidate {number + 1}: {options}"
    for face in character.expressions:
        which = f"photo {face.photo + 1}: " if len(character.photos) > 1 else "put aside: "
        yield f"{which}{face.words()}"
    for group in character.confidence:
        if group.confidence < SURE:
            yield f"{group.group.replace('_', ' ')}: {100 * group.confidence:.0f} % sure. {group.note}"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make the folder, and turn an OSError within the block into a ParameterError that names it."""
    from f2p.errors import ParameterError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ParameterError(
            f"The results cannot be written to {shown(folder)}: {error.strerror}.", "Choose another --out."
        ) from None


@contextmanager
def progress_bar(name: str, steps: int) -> Iterator["Progress"]:
    """Show a bar on stderr while a photo is worked on; nothing where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from f2p.fitting.solver import Step

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[loss]}"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        # The photo's name is no markup, whatever brackets it has.
        task = bar.add_task(shown(name).replace("[", "\\["), total=steps, loss="")

        def report(step: Step) -> None:
            bar.update(task, completed=step.iteration + 1, loss=f"loss {step.total:.3f}")

        yield report
