"""`f2p compare`: the differences of two characters."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from f2p.files import check_writable, shown, write_files

if TYPE_CHECKING:
    from f2p.arrays import Pixels
    from f2p.bundle import Bundle
    from f2p.character.character import Character


def compare(
    first: Annotated[Path, tyro.conf.Positional],
    second: Annotated[Path, tyro.conf.Positional],
    *,
    out: Path,
    bundle: Path | None = None,
) -> None:
    """Compare two characters by slider and group: OUT/comparison.json and OUT/comparison.html with both renders.

    Args:
        first: a character.json.
        second: another one of the same schema.
        out: the folder for the two files.
        bundle: the bundle's folder; the shipped one by default.
    """
    from f2p.bundle import load_bundle
    from f2p.character.comparison import compare as compare_characters
    from f2p.cli.results import read_character, writing
    from f2p.reports.html import comparison_page

    loaded = load_bundle(bundle)
    characters = [read_character(path, loaded.schema) for path in (first, second)]
    found = compare_characters(*characters)
    check_writable(out)
    renders, drawn_by = _renders(loaded, characters)
    names = _names(first, second)
    page = comparison_page(found, *names, renders, title=f"{names[0]} and {names[1]}, drawn by {drawn_by}")
    with writing(out):
        write_files({out / "comparison.html": page.encode(), out / "comparison.json": found.to_json().encode()})
    for group in found.groups:
        choices = sum(not item.same for item in group.choices)
        differing = f", {choices} choices differ" if choices else ""
        print(f"{group.name:16} mean {group.mean:.4f}, largest {group.largest:.4f} {group.largest_at}{differing}")
    print(shown(out / "comparison.html"))


def _renders(bundle: "Bundle", characters: "list[Character]") -> "tuple[list[Pixels], str]":
    """Both characters' pictures, and what drew them: the engine, or the imitator where there is none."""
    import sys

    from f2p.command_line import error_line
    from f2p.creator import CharacterCreator
    from f2p.engines.registry import open_engine
    from f2p.errors import EngineError

    try:
        engine = open_engine(bundle.engine)
        try:
            return [engine.render(character.values, size=512).image for character in characters], "the engine"
        finally:
            engine.close()
    except EngineError as error:
        print(f"warning: the imitator draws, since the engine cannot: {error_line(error)}", file=sys.stderr)
    with CharacterCreator(bundle, render=False) as creator:
        return [creator.draw(character) for character in characters], "the imitator"


def _names(first: Path, second: Path) -> tuple[str, str]:
    """Names of two files that differ: `create` names all of them alike, in folders of their photos' names."""
    if first.name != second.name:
        return shown(first.stem), shown(second.stem)
    return shown(first.parent.name or first.stem), shown(second.parent.name or second.stem)
