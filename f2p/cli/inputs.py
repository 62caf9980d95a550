"""Photos as they are named on the command line: files, folders and `-`; and the folders of their results."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from f2p.cli.console import STDIN
from f2p.errors import F2PError, ParameterError, PhotoMissing
from f2p.files import shown
from f2p.imaging.formats import FORMATS

__all__ = ["Input", "find_photos", "result_folders"]


@dataclass(frozen=True)
class Input:
    """A photo.

    Attributes:
        path: the file; `STDIN` for standard input.
        below: folders between the folder that was given and the file.
        error: why there is no such photo.
    """

    path: Path
    below: tuple[str, ...] = ()
    error: F2PError | None = None


def find_photos(given: Sequence[Path], out: Path | None = None) -> list[Input]:
    """The photos that a command line names: a folder stands for all photos in it and below, in order of their names.

    Args:
        given: files, folders, `-`.
        out: the folder of results, which is passed over.

    Raises:
        ParameterError: nothing is given, or stdin twice.
    """
    if not given:
        raise ParameterError("No photo was given.", "Name at least one photo file or folder, or - for stdin.")
    if list(given).count(STDIN) > 1:
        raise ParameterError("Standard input is named twice.", "It holds one photo: name - once.")
    found: list[Input] = []
    for path in given:
        found += _in_folder(path, out) if path != STDIN and path.is_dir() else [Input(path)]
    return found


def _in_folder(folder: Path, out: Path | None) -> list[Input]:
    suffixes = {suffix for known in FORMATS for suffix in known.suffixes}
    found: list[Input] = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (out and _same(here / name, out))
        )
        # Hidden files are no photos, whatever they are called: macOS leaves ._NAME.jpg beside each NAME.jpg.
        found += [
            Input(here / name, here.relative_to(folder).parts)
            for name in sorted(names)
            if Path(name).suffix.lower() in suffixes and not name.startswith(".")
        ]
    if not found:
        known = ", ".join(sorted(suffixes))
        return [Input(folder, error=PhotoMissing(f"The folder {shown(folder)} has no photos.", f"Looked for {known}."))]
    return found


def _same(first: Path, second: Path) -> bool:
    return second.exists() and first.samefile(second)


def result_folders(photos: Sequence[Input], out: Path) -> list[Path]:
    """The folder of each photo's results: OUT, the folders below the one that was given, the photo's stem.

    Photos that would share a folder are named by their whole file name, with the start of a hash of their path where
    that is shared too. Neither the order of photos nor photos of other stems matter. No name leads out of `out`.
    """
    stems = [_place(photo, _safe(photo.path.stem)) for photo in photos]
    files = [_place(photo, _safe(photo.path.name)) for photo in photos]
    shared_stems = _shared(stems)
    shared_files = _shared([*files, *(stem for stem in stems if _key(stem) not in shared_stems)])
    folders = []
    for photo, stem, file in zip(photos, stems, files, strict=True):
        if _key(stem) not in shared_stems:
            folders.append(out / stem)
        elif _key(file) not in shared_files:
            folders.append(out / file)
        else:
            digest = hashlib.sha256(os.fsencode(photo.path.absolute())).hexdigest()
            folders.append(out / file.with_name(f"{file.name}-{digest[:8]}"))
    return folders


def _place(photo: Input, name: str) -> Path:
    return Path(*map(_safe, photo.below), "stdin" if photo.path == STDIN else name)


def _shared(places: Sequence[Path]) -> set[str]:
    return {key for key, count in Counter(map(_key, places)).items() if count > 1}


def _key(place: Path) -> str:
    # Some file systems do not tell capitals apart.
    return str(place).casefold()


def _safe(name: str) -> str:
    """A name that is one folder's on every system: no bytes that are no UTF-8, no dots alone, none of `<>:"/\\|?*`."""
    text = re.sub(r"[\udc80-\udcff]", lambda match: f"%{ord(match[0]) - 0xDC00:02X}", name)
    text = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", text).strip(". ")
    return text or "photo"
