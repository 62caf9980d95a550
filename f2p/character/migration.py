"""Carry a saved character over to another schema: by name, and by what its values mean to the engine.

A slider keeps its engine value, whatever its new range is; a choice keeps its option. `Renames` says what has another
name now. What is new stands at the average, what is gone is lost, and the report says so for every parameter. The
document that was migrated is kept whole in the new one, so that `revert` gives it back.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import yaml

from f2p.character.character import SAME_MEANING, Character
from f2p.character.records import FaceExpression
from f2p.character.saved import DECIMALS, SavedCharacter, SavedChoice, SavedSlider, significant
from f2p.errors import CharacterError, ParameterError
from f2p.schema import Continuous, Discrete, Schema

__all__ = ["Change", "Migration", "Renames", "migrate", "parse_renames", "revert"]

Kind = Literal["renamed", "clipped", "defaulted", "replaced", "lost"]


@dataclass(frozen=True)
class Renames:
    """What has another name in the new schema.

    Attributes:
        parameters: old name -> new name.
        options: old name of a choice -> its old option -> the new one. Two may become one.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def check(self, schema: Schema) -> None:
        """Raises ParameterError where a new name or option is not in the schema, or two parameters become one."""
        for old, new in self.parameters.items():
            schema.parameter(new)
            if list(self.parameters.values()).count(new) > 1:
                raise ParameterError(f"'{old}' and another parameter both become '{new}'.", "Rename one of them.")
        for old, pairs in self.options.items():
            choice = schema.parameter(self.parameters.get(old, old))
            for option in pairs.values():
                if not isinstance(choice, Discrete) or option not in choice.options:
                    raise ParameterError(
                        f"'{choice.name}' has no option '{option}', which '{old}' is mapped to.", "Correct the map."
                    )


@dataclass(frozen=True)
class Change:
    """A parameter that was not simply carried over.

    Attributes:
        name: in the new schema; of what is lost, in the old one.
        kind: "renamed": another name, the same value. "clipped": beyond the new range, and at its end now.
            "defaulted": not in the character, and at the average now. "replaced": an option that is gone, and the
            default now. "lost": not in the new schema.
        before, after: engine value or option; None where there is none.
        note: the same in plain words.
    """

    name: str
    kind: Kind
    before: float | str | None
    after: float | str | None
    note: str


@dataclass(frozen=True)
class Migration:
    """A character of the new schema, how many parameters were carried as they were, and the changes of the others."""

    character: Character
    original: SavedCharacter
    carried: int
    changes: tuple[Change, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind that occurs."""
        return dict(Counter(change.kind for change in self.changes))

    def saved(self) -> SavedCharacter:
        """What is written: the character with the document that it was before."""
        return replace(self.character.saved(), migrated_from=json.loads(self.original.to_json()))

    def to_json(self) -> dict[str, Any]:
        """The report's entry."""
        return {"carried": self.carried, **self.counts, "changes": [asdict(change) for change in self.changes]}


def parse_renames(text: str) -> Renames:
    """Read a map file: YAML with `parameters` (old: new) and `options` (old parameter: {old option: new option}).

    Raises:
        ParameterError: it is not such a text.
    """
    wrong = ParameterError(
        "The map is not as expected.", "Write `parameters: {old: new}` and `options: {parameter: {old: new}}`."
    )
    try:
        # Of BaseLoader: names stay texts, `off` and `1` too.
        found = yaml.load(text, Loader=yaml.BaseLoader) or {}
    except (yaml.YAMLError, RecursionError):
        raise wrong from None
    if not isinstance(found, dict) or not set(found) <= {"parameters", "options"}:
        raise wrong
    parameters, options = found.get("parameters") or {}, found.get("options") or {}
    if not isinstance(options, dict) or not all(map(_is_text_map, [parameters, *options.values()])):
        raise wrong
    return Renames(parameters, options)


def _is_text_map(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(text, str) for text in (*found, *found.values()))


def migrate(
    saved: SavedCharacter, schema: Schema, bundle_name: str, bundle_version: str, renames: Renames | None = None
) -> Migration:
    """Carry a character over to the schema of a bundle of this name and version.

    Raises:
        ParameterError: the renames do not fit the schema.
        CharacterError: none of its parameters is in the schema, or a value is out of its range.
    """
    renames = renames or Renames()
    renames.check(schema)
    old = {renames.parameters.get(item.name, item.name): item for item in saved.parameters}
    values: dict[str, float | str] = {}
    changes: list[Change] = []
    for parameter in schema.parameters:
        item = old.pop(parameter.name, None)
        if isinstance(parameter, Continuous) and isinstance(item, SavedSlider):
            values[parameter.name], change = _slider(item, parameter)
        elif isinstance(parameter, Discrete) and isinstance(item, SavedChoice):
            values[parameter.name], change = _choice(item, parameter, renames.options.get(item.name, {}))
        else:
            if item is not None:
                changes.append(_lost(item))
            values[parameter.name], change = _default(parameter)
        changes += [] if change is None else [change]
    changes += [_lost(item) for item in old.values()]
    touched = {change.name for change in changes if change.kind != "lost"}
    carried = len(schema.parameters) - len(touched)
    if len(touched) == len(schema.parameters) and all(change.kind in ("defaulted", "lost") for change in changes):
        raise CharacterError(
            f"None of the character's parameters is in schema '{schema.name}'.", "Map them by name, or choose another."
        )
    names = set(schema.names)
    locked = tuple(name for name in (renames.parameters.get(name, name) for name in saved.locked) if name in names)
    character = Character(
        schema=schema,
        values=values,
        bundle_name=bundle_name,
        bundle_version=bundle_version,
        preset=saved.preset,
        seed=saved.seed,
        photo=saved.photo,
        photos=saved.photos,
        locked=locked,
        confidence=tuple(group for group in saved.confidence if group.group in schema.groups),
        expressions=tuple(_expression(face, schema, renames) for face in saved.expressions),
        losses=saved.losses,
        warnings=saved.warnings,
    )
    return Migration(character, saved, carried, tuple(changes))


def revert(saved: SavedCharacter) -> SavedCharacter:
    """The character as it was before its last migration. Raises CharacterError where there was none."""
    if saved.migrated_from is None:
        raise CharacterError("The character was not migrated.", "Give a file that `f2p migrate` wrote.")
    return SavedCharacter.from_json(json.dumps(saved.migrated_from))


def _slider(item: SavedSlider, slider: Continuous) -> tuple[float, Change | None]:
    if not (0 <= item.value <= 1 and math.isfinite(item.engine_value)):
        raise CharacterError(
            f"'{item.name}' is {item.value:g}, {item.engine_value:g} to the engine.", "Normalised values lie in [0, 1]."
        )
    meant = slider.to_engine(item.value)
    if abs(meant - item.engine_value) <= SAME_MEANING * (slider.high - slider.low):
        # The range is the same: the value is carried to the last digit.
        return item.value, _renamed(item.name, slider.name, item.engine_value, significant(meant))
    place = slider.from_engine(item.engine_value)
    value = round(min(max(place, 0.0), 1.0), DECIMALS)
    after = significant(slider.to_engine(value))
    if -SAME_MEANING <= place <= 1 + SAME_MEANING:
        return value, _renamed(item.name, slider.name, item.engine_value, after)
    note = f"{item.engine_value:g} is beyond the range of {slider.low:g} to {slider.high:g} {slider.unit}."
    return value, Change(slider.name, "clipped", item.engine_value, after, note)


def _choice(item: SavedChoice, choice: Discrete, options: Mapping[str, str]) -> tuple[str, Change | None]:
    option = options.get(item.option, item.option)
    if option not in choice.options:
        note = f"There is no '{item.option}' any more; '{choice.default}' stands in."
        return choice.default, Change(choice.name, "replaced", item.option, choice.default, note)
    if option != item.option:
        note = f"'{item.option}' is '{option}' now."
        return option, Change(choice.name, "renamed", item.option, option, note)
    return option, _renamed(item.name, choice.name, item.option, option)


def _renamed(old: str, new: str, before: float | str, after: float | str) -> Change | None:
    return None if old == new else Change(new, "renamed", before, after, f"Was '{old}'.")


def _default(parameter: Continuous | Discrete) -> tuple[float | str, Change]:
    if isinstance(parameter, Discrete):
        note = "The character knew no such choice."
        return parameter.default, Change(parameter.name, "defaulted", None, parameter.default, note)
    value = round(parameter.average, DECIMALS)
    after = significant(parameter.to_engine(value))
    return value, Change(parameter.name, "defaulted", None, after, "The character knew no such slider.")


def _lost(item: SavedSlider | SavedChoice) -> Change:
    before = item.engine_value if isinstance(item, SavedSlider) else item.option
    return Change(item.name, "lost", before, None, "The schema has nothing for it.")


def _expression(face: FaceExpression, schema: Schema, renames: Renames) -> FaceExpression:
    known = {parameter.name for parameter in schema.continuous if parameter.role == "expression"}
    named = {renames.parameters.get(name, name): weight for name, weight in face.units.items()}
    return replace(face, units={name: weight for name, weight in named.items() if name in known})
