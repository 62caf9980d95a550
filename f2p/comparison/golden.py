"""Golden sets: the characters that a release makes of photos, recorded, so that the next one can be held against them.

A set is a folder: golden.json, and characters/NAME.json. Photos stay where they are; the set has their hashes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from f2p.character.character import Character
from f2p.character.saved import SavedCharacter
from f2p.errors import ParameterError
from f2p.files import read_bounded, shown, write_files
from f2p.limits import MAX_CHARACTER_BYTES

__all__ = ["GOLDEN", "GoldenPhoto", "GoldenSet", "likeness", "read_golden", "write_golden"]

FORMAT: Final = 1
GOLDEN: Final = "golden.json"
_CHARACTERS: Final = "characters"


@dataclass(frozen=True, kw_only=True)
class GoldenPhoto:
    """A photo of a set.

    Attributes:
        sha256: of the photo's bytes.
        seconds: that its character took.
        error: reason of the error that it gave instead; "" where there is a character.
    """

    sha256: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class GoldenSet:
    """What a run made of photos: each photo and its character by name, and what made them (`origin`)."""

    origin: Mapping[str, Any]
    photos: Mapping[str, GoldenPhoto]
    characters: Mapping[str, SavedCharacter]

    @property
    def seconds(self) -> float:
        """Mean time of a character."""
        times = [photo.seconds for photo in self.photos.values() if not photo.error]
        return sum(times) / max(len(times), 1)


def likeness(characters: Mapping[str, SavedCharacter | Character]) -> float | None:
    """Mean of one less the identity loss; None where the recipe has no such loss."""
    found = [1 - character.losses["identity"] for character in characters.values() if "identity" in character.losses]
    return sum(found) / len(found) if found else None


def write_golden(golden: GoldenSet, folder: Path) -> None:
    """Write a set. Raises OSError."""
    document = {
        "format": FORMAT,
        "origin": golden.origin,
        "photos": {name: asdict(photo) for name, photo in golden.photos.items()},
    }
    contents = {_file(folder, name): character.to_json() for name, character in golden.characters.items()}
    contents[folder / GOLDEN] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    for path in contents:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_files({path: text.encode() for path, text in contents.items()})


def read_golden(folder: Path) -> GoldenSet:
    """Read a set. Raises ParameterError where there is none, CharacterError where one of its characters is broken."""
    try:
        document = json.loads(read_bounded(folder / GOLDEN, MAX_CHARACTER_BYTES))
        photos = {name: GoldenPhoto(**photo) for name, photo in document["photos"].items()}
        origin = dict(document["origin"])
        # Names are paths below the folder, and no others.
        if document["format"] != FORMAT or any(Path(name).is_absolute() or ".." in Path(name).parts for name in photos):
            raise ValueError(document["format"])
    except OSError as error:
        raise ParameterError(
            f"There is no golden set in {shown(folder)}: {error.strerror}.", "Record one: f2p golden record."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ParameterError(f"{shown(folder / GOLDEN)} is no golden set of this release.", "Record it anew.") from None
    characters = {}
    for name, photo in photos.items():
        if not photo.error:
            characters[name] = SavedCharacter.read(_file(folder, name))
    return GoldenSet(origin, photos, characters)


def _file(folder: Path, name: str) -> Path:
    return folder / _CHARACTERS / f"{name}.json"
