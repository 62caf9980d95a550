"""What a request gives, read as the schema says: photos, values, a character to begin at. On the worker's side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from f2p.bundle import Bundle
from f2p.character import Character, rounded
from f2p.errors import CharacterError, ParameterError
from f2p.serving.translate import face_index
from f2p.v1 import character_pb2 as messages

__all__ = ["Refit", "any_character", "refit", "take_photos", "whole_character"]

_LONGEST_NAME = 200
_MOST_NAMES = 10_000


@dataclass(frozen=True)
class Refit:
    """Where a search begins again: the character, what the player changed, and what stays."""

    character: Character
    edits: Mapping[str, float | str]
    locked: frozenset[str]


def take_photos(request: Any) -> tuple[dict[int, bytes], list[int | None]]:
    """The photos by number, and which face of each, in the order given; the request then holds them no more.

    Raises:
        ParameterError: a face is numbered but not chosen.
    """
    photos = dict(enumerate((request.photo, *(item.photo for item in request.more_photos))))
    faces = [face_index(request.options), *(face_index(item) for item in request.more_photos)]
    request.ClearField("photo")
    request.ClearField("more_photos")
    return photos, faces


def refit(bundle: Bundle, request: Any) -> Refit:
    """What a request to solve again begins with.

    Raises:
        ParameterError: a name or a value does not fit, or a parameter is missing.
        CharacterError: the character is of another schema.
    """
    if request.schema_hash not in ("", bundle.schema.hash):
        raise CharacterError(
            f"The character is of another schema than bundle '{bundle.name}'.", "Name the bundle that made it."
        )
    if len(request.locked) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in request.locked):
        raise ParameterError("`locked` is too long.", "Name parameters and groups of the schema, each once.")
    return Refit(
        character=whole_character(bundle, request.values),
        edits=rounded(_values(bundle, request.edits)),
        locked=frozenset(request.locked),
    )


def whole_character(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> Character:
    """Of values that name every parameter. Raises ParameterError."""
    values = _values(bundle, given)
    character = _character(bundle, values)
    missing = [name for name in bundle.schema.names if name not in values]
    if missing:
        raise ParameterError(
            f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Send every parameter."
        )
    return character


def any_character(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> Character:
    """Of these values, the rest at the average. Raises ParameterError."""
    return _character(bundle, _values(bundle, given))


def _values(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> dict[str, float | str]:
    """By name, each read as the schema says."""
    values: dict[str, float | str] = {}
    for item in given:
        parameter = bundle.schema.parameter(item.name[:_LONGEST_NAME])
        if item.name in values:
            raise ParameterError(f"'{item.name}' stands twice in the request.", "Name each parameter once.")
        if hasattr(parameter, "options"):
            values[item.name] = item.option
        elif item.option:
            raise ParameterError(
                f"'{item.name}' is a slider, and has no options.", "Set value, and leave option empty."
            )
        else:
            values[item.name] = item.value
    return values


def _character(bundle: Bundle, values: Mapping[str, float | str]) -> Character:
    complete = bundle.schema.decode(bundle.schema.encode(values))
    return Character(
        schema=bundle.schema,
        # float32 on the wire carries six decimals of a value in [0, 1].
        values=rounded(complete),
        bundle_name=bundle.name,
        bundle_version=bundle.version,
        preset="",
        seed=0,
    )
