"""Characters in files: what the service answered, as the character.json that the library and the command line know."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from f2p.character.saved import SavedCharacter
from f2p.errors import ParameterError
from f2p.files import shown, write_files
from f2p.v1 import character_pb2
from f2p.wire.characters import to_message, to_saved

__all__ = ["load", "save"]


def save(character: character_pb2.Character, path: str | PathLike[str]) -> None:
    """Write a character to a file: the same values, provenance and facts, without its pictures.

    The file is written whole or not at all; one that is there is replaced.

    Raises:
        ParameterError: it cannot be written.
    """
    try:
        write_files({Path(path): to_saved(character).to_json().encode()})
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ParameterError(f"{shown(path)} cannot be written: {reason}.", "Choose another path.") from None


def load(path: str | PathLike[str]) -> character_pb2.Character:
    """The character of a file that `save`, the library or the command line wrote, of this release or an earlier one.

    It can be passed to `CharacterClient.refit` and to `values` as one that was just created.

    Raises:
        CharacterError: the file cannot be read, or is no character.
    """
    return to_message(SavedCharacter.read(path))
