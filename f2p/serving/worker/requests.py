"""Photos, values and the character to begin at, read from requests and checked against the schema, in a worker."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from f2p.bundle import Bundle
from f2p.character.character import Character, rounded
from f2p.character.migration import Renames
from f2p.character.records import FaceExpression
from f2p.character.saved import SavedCharacter
from f2p.errors import CharacterError, ParameterError
from f2p.fitting.styling import Styling
from f2p.limits import MAX_ANGLE_DEGREES, MAX_NAME_COUNT, MAX_NAME_LENGTH
from f2p.schema import Schema
from f2p.serving.contract import face_index
from f2p.v1 import character_pb2 as messages
from f2p.wire.characters import to_saved

__all__ = ["Refit", "any_character", "migration", "refit", "styling", "take_photos", "whole_character"]


@dataclass(frozen=True)
class Refit:
    """A character to solve again, the values that the player changed, and the names that stay."""

    character: Character
    edits: Mapping[str, float | str]
    locked: frozenset[str]


def take_photos(request: Any) -> tuple[dict[int, bytes], list[int | None]]:
    """Take the photos out of a request: by number, and which face of each, in the order given.

    Raises:
        ParameterError: a face is numbered but not chosen.
    """
    photos = dict(enumerate((request.photo, *(item.photo for item in request.more_photos))))
    faces = [face_index(request.options), *(face_index(item) for item in request.more_photos)]
    request.ClearField("photo")
    request.ClearField("more_photos")
    return photos, faces


def styling(options: messages.CreateOptions) -> Styling:
    """Wishes beyond likeness. Raises ParameterError: one is out of range, or a strength is given but not chosen."""
    if options.strength and not options.choose_strength:
        raise ParameterError(
            f"strength is {options.strength:g}, but choose_strength is not set.", "Set choose_strength too, or neither."
        )
    return Styling(
        strength=options.strength if options.choose_strength else 1.0,
        flatter=options.flatter,
        remove_glasses=options.remove_glasses,
        remove_beard=options.remove_beard,
        keep_expression=options.keep_expression,
    )


def refit(bundle: Bundle, request: Any) -> Refit:
    """Read a request to solve a character again.

    Raises:
        ParameterError: a name, a value or an expression does not fit, or a parameter is missing.
        CharacterError: the character is of another schema.
    """
    known = request.schema_hash in ("", bundle.schema.hash) or request.schema_identity == bundle.schema.identity
    if not known:
        raise CharacterError(
            f"The character is of another schema than bundle '{bundle.name}'.", "Name the bundle that made it."
        )
    if len(request.locked) > MAX_NAME_COUNT or any(len(name) > MAX_NAME_LENGTH for name in request.locked):
        raise ParameterError("`locked` is too long.", "Name parameters and groups of the schema, each once.")
    character = whole_character(bundle, request.values)
    return Refit(
        character=replace(character, expressions=_expressions(bundle.schema, request)),
        edits=rounded(_values(bundle, request.edits)),
        locked=frozenset(request.locked),
    )


def whole_character(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> Character:
    """The character of values that name every parameter. Raises ParameterError."""
    values = _values(bundle, given)
    character = _character(bundle, values)
    missing = [name for name in bundle.schema.names if name not in values]
    if missing:
        raise ParameterError(
            f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Send every parameter."
        )
    return character


def any_character(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> Character:
    """The character of these values, the rest at the average. Raises ParameterError."""
    return _character(bundle, _values(bundle, given))


def migration(request: Any) -> tuple[SavedCharacter, Renames]:
    """Read a request to carry a character over.

    Raises:
        CharacterError: there is no character, or it has more parameters than any schema.
        ParameterError: an old name stands twice among the renames.
    """
    character, named = request.character, {item.old_name: item for item in request.renames}
    if not 0 < len(character.continuous) + len(character.discrete) <= MAX_NAME_COUNT:
        raise CharacterError("The request holds no character, or too large a one.", "Send it as a server answered it.")
    if len(named) < len(request.renames) or len(named) > MAX_NAME_COUNT:
        raise ParameterError("An old name stands twice among `renames`, or there are too many.", "Name each once.")
    return to_saved(character), Renames(
        {old: item.new_name for old, item in named.items() if item.new_name},
        {
            old: {pair.old_option: pair.new_option for pair in item.options}
            for old, item in named.items()
            if item.options
        },
    )


def _expressions(schema: Schema, request: Any) -> tuple[FaceExpression, ...]:
    """Expressions and poses of the faces in the request's photos, in the photos' order."""
    faces: dict[int, FaceExpression] = {}
    for item in request.expressions:
        if item.photo_index in faces or not 0 <= item.photo_index <= len(request.more_photos):
            raise ParameterError(
                f"`expressions` names photo {item.photo_index}, which is not there or stands twice.",
                "Send at most one for each photo, counted from 0.",
            )
        angles = (item.yaw_degrees, item.pitch_degrees, item.roll_degrees)
        if not all(math.isfinite(angle) and abs(angle) <= MAX_ANGLE_DEGREES for angle in angles):
            raise ParameterError(
                f"The head of photo {item.photo_index} is turned by {angles}.",
                f"Angles are degrees within ±{MAX_ANGLE_DEGREES:g}.",
            )
        yaw, pitch, roll = angles
        units = _units(schema, item.units)
        faces[item.photo_index] = FaceExpression(photo=item.photo_index, units=units, yaw=yaw, pitch=pitch, roll=roll)
    return tuple(faces[number] for number in sorted(faces))


def _units(schema: Schema, given: Iterable[messages.ExpressionUnit]) -> dict[str, float]:
    units: dict[str, float] = {}
    for unit in given:
        parameter = schema.parameter(unit.name[:MAX_NAME_LENGTH])
        if parameter.role != "expression" or unit.name in units:
            raise ParameterError(
                f"'{unit.name}' is no slider of the role expression, or stands twice for one photo.",
                "Name each expression slider of the schema at most once.",
            )
        units[unit.name] = unit.weight
    schema.encode(units)  # refuses weights outside [0, 1]
    return units


def _values(bundle: Bundle, given: Sequence[messages.ParameterValue]) -> dict[str, float | str]:
    """Values by name, a number or an option's name as the schema has it."""
    values: dict[str, float | str] = {}
    for item in given:
        parameter = bundle.schema.parameter(item.name[:MAX_NAME_LENGTH])
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
