"""`f2p compare`: what differs between characters, folders of them, or two ways to make them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from f2p.bundle import Bundle
    from f2p.character.character import Character
    from f2p.comparison.differences import Pair, RunDifference

_SHOWN = 10


@dataclass(frozen=True)
class Run:
    """Characters by person, and what the run is called."""

    title: str
    characters: "Mapping[str, Character]"


def compare(
    first: Annotated[str, tyro.conf.Positional],
    second: Annotated[str, tyro.conf.Positional],
    *,
    out: Path,
    bundle: Path | None = None,
    photos: tuple[Path, ...] = (),
    attributes: Path | None = None,
    render: bool = True,
    exit_code: bool = False,
) -> int:
    """Compare two characters, or two runs of them: OUT/compare.html, compare.json and compare.xml (JUnit).

    Args:
        first: a character.json, or a folder of them; with --photos also a preset, or the folder of a bundle.
        second: the same; people are paired by their files' names.
        out: the folder for the files.
        bundle: the bundle's folder; the shipped one by default.
        photos: photos or folders of them, of which FIRST and SECOND make characters first.
        attributes: a CSV file with a column "name" and columns by which people are grouped.
        render: whether the imitator draws both, for visible differences and pictures.
        exit_code: exit with 1 where anybody could see a difference, or a run lacks a person.
    """
    from f2p.bundle import load_bundle
    from f2p.files import check_writable, shown

    loaded = load_bundle(bundle)
    check_writable(out)
    first_title, second_title = _titles(first, second)
    one = Run(first_title, _run(first, "first", photos, out, loaded))
    other = Run(second_title, _run(second, "second", photos, out, loaded))
    splits = read_splits(attributes) if attributes is not None else {}
    found = write_comparison(one, other, loaded, out, splits, render, _photo_files(photos))
    print(shown(out / "compare.html"))
    return 1 if exit_code and (found.visible or found.only_first or found.only_second) else 0


def write_comparison(
    first: Run,
    second: Run,
    bundle: "Bundle",
    out: Path,
    splits: Mapping[str, Mapping[str, tuple[str, ...]]],
    render: bool = True,
    photos: Mapping[str, Path] | None = None,
) -> "RunDifference":
    """Compare two runs, write OUT/compare.html, compare.json and compare.xml, and print the most important."""
    from f2p.cli.results import writing
    from f2p.comparison.differences import compare_runs
    from f2p.comparison.drawn import measure
    from f2p.comparison.records import junit, to_json
    from f2p.files import write_files
    from f2p.reports.comparison_page import comparison_page

    titles = first.title, second.title
    pairs, alone = _paired(first.characters, second.characters)
    found = compare_runs(pairs, measure(bundle, pairs) if render else None, *alone, splits)
    page = comparison_page(found, pairs, *titles, bundle=bundle if render else None, photos=photos)
    with writing(out):
        contents = {
            "compare.json": to_json(found, *titles),
            "compare.xml": junit(found, *titles),
            "compare.html": page,
        }
        write_files({out / name: text.encode() for name, text in contents.items()})
    _print(found, titles)
    return found


def _run(given: str, side: str, photos: Sequence[Path], out: Path, bundle: "Bundle") -> "dict[str, Character]":
    """A run's characters by person."""
    from f2p.bundle.manifest import MANIFEST
    from f2p.cli.characters import find_characters
    from f2p.cli.create import create
    from f2p.cli.results import read_character
    from f2p.command_line import print_error
    from f2p.errors import CharacterError, ParameterError
    from f2p.files import shown

    path = Path(given)
    is_bundle = (path / MANIFEST).is_file()
    if is_bundle or not path.exists():
        if not photos:
            raise ParameterError(f"There is no character {given}.", "Name files or folders, or give --photos.")
        path = out / side
        made = {"bundle": Path(given)} if is_bundle else {"preset": given, "bundle": bundle.path}
        create(tuple(photos), out=path, resume=True, **made)
    found: dict[str, Character] = {}
    for item in find_characters([path]):
        # `create` names all files alike, in folders of their photos' names.
        name = (
            item.name.parent if item.name.stem == "character" and item.name.parent.name else item.name.with_suffix("")
        )
        try:
            found[shown(name)] = read_character(item.path, bundle.schema)
        except CharacterError as error:
            if not path.is_dir():
                raise
            print_error(error)
    return found


def _paired(
    first: "Mapping[str, Character]", second: "Mapping[str, Character]"
) -> "tuple[list[Pair], tuple[list[str], list[str]]]":
    from f2p.comparison.differences import Pair

    if len(first) == len(second) == 1:
        # Two files: one person, whatever they are called.
        (name, one), (other, another) = *first.items(), *second.items()
        return [Pair(name if name == other else f"{name} and {other}", one, another)], ([], [])
    pairs = [Pair(name, character, second[name]) for name, character in first.items() if name in second]
    return pairs, ([name for name in first if name not in second], [name for name in second if name not in first])


def _titles(first: str, second: str) -> tuple[str, str]:
    """Names of two runs that differ: their last differing folders, else A and B before them."""
    from f2p.files import shown

    one, other = ([part for part in Path(given).parts if part != "character.json"] for given in (first, second))
    pairs = [(a, b) for a, b in zip(reversed(one), reversed(other), strict=False) if a != b]
    a, b = pairs[0] if pairs else (f"A: {first}", f"B: {second}")
    return shown(Path(a).stem if a.endswith(".json") else a), shown(Path(b).stem if b.endswith(".json") else b)


def read_splits(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Attribute -> value -> names, of a CSV file. Raises ParameterError."""
    from f2p.errors import ParameterError
    from f2p.files import shown

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ParameterError(f"{shown(path)} cannot be read: {error}.", "Give a CSV file.") from None
    if not rows or "name" not in rows[0]:
        raise ParameterError(f"{shown(path)} has no column 'name'.", "Name people as their files are called.")
    splits: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        for attribute, value in row.items():
            if attribute not in (None, "name") and value:
                values = splits.setdefault(str(attribute), {})
                values[value] = (*values.get(value, ()), Path(row["name"]).with_suffix("").as_posix())
    return splits


def _photo_files(photos: Sequence[Path]) -> dict[str, Path]:
    """Photos by the names that their characters have."""
    from f2p.cli.inputs import find_photos, result_folders
    from f2p.files import shown

    if not photos:
        return {}
    found = [photo for photo in find_photos(photos) if photo.error is None]
    return {shown(folder): photo.path for folder, photo in zip(result_folders(found, Path()), found, strict=True)}


def _print(found: "RunDifference", titles: tuple[str, str]) -> None:
    from f2p.comparison.records import in_words, likeness_in_words

    for group in found.groups:
        flips = f", {group.flips} choices differ" if group.flips else ""
        print(f"{group.name:16} {group.mean_absolute:.4f} ({group.low:.4f} to {group.high:.4f}){flips}")
    for person in found.visible[:_SHOWN]:
        print(f"{person.name}: {in_words(person)}")
    print(f"{len(found.visible)} of {len(found.people)} differ visibly")
    if likeness := likeness_in_words(found):
        print(likeness)
    for names, run in ((found.only_first, titles[1]), (found.only_second, titles[0])):
        if names:
            print(f"{run} lacks {len(names)}: {', '.join(names[:_SHOWN])}")
