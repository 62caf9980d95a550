"""Characters as they are named on the command line: files, and folders of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from f2p.errors import ParameterError
from f2p.files import shown

__all__ = ["CharacterFile", "find_characters"]

# What commands write beside characters.
_OTHERS = ("compare.json", "golden.json", "migration.json")


@dataclass(frozen=True)
class CharacterFile:
    """A file, and its path below the folder that was given (the file's name where it was named itself)."""

    path: Path
    name: Path


def find_characters(given: Sequence[Path], out: Path | None = None) -> list[CharacterFile]:
    """The character files that a command line names: a folder stands for all .json files in it and below, in order.

    Args:
        given: files and folders.
        out: the folder of results, which is passed over, and where no given file may be written again.

    Raises:
        ParameterError: nothing is given or found, two files have one name, or a result would replace its own source.
    """
    found: list[CharacterFile] = []
    for path in given:
        found += _in_folder(path, out) if path.is_dir() else [CharacterFile(path, Path(path.name))]
    if not found:
        raise ParameterError("No character was given.", "Name character.json files, or folders that hold them.")
    names: dict[Path, Path] = {}
    for item in found:
        if item.name in names:
            raise ParameterError(
                f"{shown(names[item.name])} and {shown(item.path)} would both become {shown(item.name)}.",
                "Name the folder above them.",
            )
        names[item.name] = item.path
        if out is not None and (out / item.name).resolve() == item.path.resolve():
            raise ParameterError(f"{shown(item.path)} would be written over itself.", "Choose another --out.")
    return found


def _in_folder(folder: Path, out: Path | None) -> list[CharacterFile]:
    found: list[CharacterFile] = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (out and out.exists() and (here / name).samefile(out))
        )
        found += [
            CharacterFile(here / name, (here / name).relative_to(folder))
            for name in sorted(names)
            if name.endswith(".json") and not name.startswith(".") and name not in _OTHERS
        ]
    return found
