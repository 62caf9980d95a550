"""Output of the commands that make characters: the progress bar, the files, how each photo was used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from f2p.character.character import Character, Pixels
    from f2p.creator import Progress
    from f2p.schema import Schema

__all__ = [
    "print_confidence",
    "print_expressions",
    "print_uses",
    "progress_bar",
    "read_character",
    "write_character",
    "writing",
]


def read_character(path: Path, schema: "Schema") -> "Character":
    """The character of a character.json. Raises CharacterError, which names the file."""
    from f2p.character.character import Character
    from f2p.errors import CharacterError

    try:
        return Character.from_json(path.read_bytes(), schema)
    except OSError as error:
        raise CharacterError(f"{path} cannot be read: {error.strerror}.", "Give a character.json.") from None
    except CharacterError as error:
        raise CharacterError(f"{path}: {error.message}", error.remedy) from None


def write_character(character: "Character", folder: Path, photo: "Pixels", title: str) -> None:
    """Write character.json, character.png and report.html into a folder. Raises ParameterError where that fails."""
    from f2p.imaging.encode import png_bytes
    from f2p.reports.html import character_page

    assert character.images is not None, "a character fresh from its creator has its pictures"
    page = character_page(character, photo, title=title)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "character.json").write_text(character.to_json(), encoding="utf-8")
        (folder / "character.png").write_bytes(png_bytes(character.images.render))
        (folder / "report.html").write_text(page, encoding="utf-8")


def print_uses(character: "Character", photos: Sequence[Path]) -> None:
    """Print a line for each of several photos: its share, its name, the reason."""
    for use in character.photos:
        print(f"  {100 * use.weight:3.0f} %  {photos[use.number]}: {use.note}")


def print_expressions(character: "Character") -> None:
    """Print expression and pose of the face in each photo."""
    for face in character.expressions:
        which = f"photo {face.photo + 1}: " if len(character.photos) > 1 else "put aside: "
        print(f"  {which}{face.words()}")


def print_confidence(character: "Character") -> None:
    """Print a line for each group that is at least partly a guess, with the reason."""
    from f2p.fitting.confidence import SURE

    for group in character.confidence:
        if group.confidence < SURE:
            print(f"  {group.group.replace('_', ' ')}: {100 * group.confidence:.0f} % sure. {group.note}")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an OSError within the block into a ParameterError that names the folder."""
    from f2p.errors import ParameterError

    try:
        yield
    except OSError as error:
        raise ParameterError(
            f"The results cannot be written to {folder}: {error.strerror}.", "Choose another --out."
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
        task = bar.add_task(name.replace("[", "\\["), total=steps, loss="")

        def report(step: Step) -> None:
            bar.update(task, completed=step.iteration + 1, loss=f"loss {step.total:.3f}")

        yield report
