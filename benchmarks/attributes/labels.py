"""Labels of photos by eye, and the fixed split of them in a tuning and a held-out half."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Label", "is_held_out", "read_labels"]

_NEEDED: Final = ("set", "photo", "sex", "hair", "beard", "glasses", "hair_colour")
_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")
ANY: Final = "any"


@dataclass(frozen=True)
class Label:
    """What people see in one photo; where several classes would be fair, all of them.

    Attributes:
        group: folder of the photo.
        photo: its stem.
        path: its file.
        sex: "f" or "m".
        hair: length classes, of bald, receding, buzz, short, medium, long, curly, tied, any.
        beard: of none, stubble, moustache, beard.
        glasses: whether they are worn.
        colour: of dark, light, grey, white, any.
        parting: "side", "middle", or "" where it is not plain.
        age: years as guessed by eye; 0: not labelled.
        expression: "neutral", "smile", "teeth", or "" where it is not labelled.
        skin: "light", "medium", "dark", or "" where it is not labelled.
    """

    group: str
    photo: str
    path: Path
    sex: str
    hair: tuple[str, ...]
    beard: tuple[str, ...]
    glasses: bool
    colour: tuple[str, ...]
    parting: str = ""
    age: int = 0
    expression: str = ""
    skin: str = ""

    @property
    def key(self) -> str:
        """A name of its own in a run."""
        return f"{self.group}-{self.photo}"


def is_held_out(group: str, photo: str) -> bool:
    """Whether a photo belongs to the half that nobody looks at while tuning: by the last bit of a hash of its name."""
    return bool(hashlib.sha256(f"{group}/{photo}".encode()).digest()[-1] & 1)


def read_labels(files: Sequence[Path], photos: Path, *, held_out: bool = False) -> list[Label]:
    """The labels of one half; of a photo that is labelled twice the later file counts.

    They come in the order of a hash, so that the first few are of every kind.

    Args:
        files: CSV with the columns set, photo, sex, hair, beard, glasses, hair_colour and, where known, parting, age,
            expression and skin; a field may hold several classes with | between them.
        photos: the folder that holds the sets' folders.
        held_out: which half.

    Raises:
        SystemExit: a file or a photo is not there, or a file lacks a column.
    """
    found: dict[str, Label] = {}
    for file in files:
        for label in _read(file, photos):
            if is_held_out(label.group, label.photo) == held_out:
                found[label.key] = label
    if not found:
        raise SystemExit(f"No labels in {', '.join(map(str, files))}.")
    return [found[key] for key in sorted(found, key=lambda key: hashlib.sha256(key.encode()).hexdigest())]


def _read(file: Path, photos: Path) -> list[Label]:
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise SystemExit(f"{file} cannot be read: {error.strerror}.") from None
    missing = [name for name in _NEEDED if rows and name not in rows[0]]
    if missing:
        raise SystemExit(f"{file} has no column {', '.join(missing)}.")
    return [
        Label(
            group=row["set"],
            photo=Path(row["photo"]).stem,
            path=_photo(photos / row["set"], Path(row["photo"]).stem),
            sex=row["sex"],
            hair=_classes(row["hair"]),
            beard=_classes(row["beard"]),
            glasses=row["glasses"] == "1",
            colour=_classes(row["hair_colour"]),
            parting=row.get("parting") or "",
            age=int(row.get("age") or 0),
            expression=row.get("expression") or "",
            skin=row.get("skin") or "",
        )
        for row in rows
    ]


def _classes(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _photo(folder: Path, stem: str) -> Path:
    for suffix in _SUFFIXES:
        if (folder / f"{stem}{suffix}").is_file():
            return folder / f"{stem}{suffix}"
    raise SystemExit(f"There is no photo {stem} in {folder}.")
