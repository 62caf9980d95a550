"""One parameter of an engine: a slider or a choice. Both check themselves when they are made."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from f2p.errors import SchemaError

__all__ = ["ROLES", "TAG_AXES", "Continuous", "Discrete", "Parameter"]

ROLES: Final[tuple[str, ...]] = ("identity", "expression", "appearance")
TAG_AXES: Final[Mapping[str, tuple[str, ...]]] = {
    "length": ("bald", "receding", "buzz", "short", "medium", "long"),
    "curl": ("straight", "wavy", "curly", "coily"),
    "parting": ("none", "side", "middle"),
    "tied": ("no", "yes"),
    "fringe": ("no", "yes"),
    "volume": ("flat", "normal", "full"),
}
"""Axis of tags -> its classes, in order."""
_NONE: Final = "none"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*")
# Weights written with a few decimals miss 1 by a little; numpy's choice() wants 1.5e-8. So the sum may be off by the
# first figure, and is mended when it is off by more than the second.
_WEIGHTS_TOLERANCE: Final = 1e-3
_WEIGHTS_EXACT: Final = 1e-9


def _refuse(name: str, field: str, reason: str) -> None:
    raise SchemaError(f"Parameter '{name}': {reason}", field=field)


def _check_common(name: str, label: str, group: str, role: str) -> None:
    if not _NAME.fullmatch(name):
        _refuse(name, "name", "a name begins with a letter and holds letters, digits, '_', '-' and '.' only.")
    if not label.strip():
        _refuse(name, "label", "the label is empty.")
    if not _NAME.fullmatch(group):
        _refuse(name, "group", f"group '{group}' is not a name: letters, digits, '_', '-' and '.' only.")
    if role not in ROLES:
        _refuse(name, "role", f"role '{role}' is not one of {', '.join(ROLES)}.")


@dataclass(frozen=True)
class Continuous:
    """A slider.

    Attributes:
        name: unique in its schema.
        label: what people read.
        group: where it stands in an editor (nose, mouth, skin, ...).
        role: identity, expression or appearance.
        average: normalised value of the average face, in [0, 1].
        low, high: the engine's range, in `unit`; low < high. Normalised 0 is low, 1 is high.
        unit: the engine's unit (weight, degrees, ...), for people.
        spread: normalised sampling spread, in [0, 1]; 0 means never sampled and never solved.
        frontal: whether a frontal view shows it.

    Raises:
        SchemaError: a field is wrong; `field` names it.
    """

    name: str
    label: str
    group: str
    role: str
    average: float
    low: float
    high: float
    unit: str
    spread: float
    frontal: bool

    def __post_init__(self) -> None:
        _check_common(self.name, self.label, self.group, self.role)
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            _refuse(self.name, "range", f"range [{self.low}, {self.high}] is not two finite numbers, the lower first.")
        if not 0.0 <= self.average <= 1.0:
            _refuse(self.name, "average", f"average {self.average} is outside [0, 1]; it is normalised.")
        if not 0.0 <= self.spread <= 1.0:
            _refuse(self.name, "spread", f"spread {self.spread} is outside [0, 1]; it is normalised.")

    def to_engine(self, value: float) -> float:
        """Normalised value -> engine units."""
        return self.low + value * (self.high - self.low)

    def from_engine(self, value: float) -> float:
        """Engine units -> normalised value."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Discrete:
    """A choice of one among named options; a one-hot in x.

    Attributes:
        name, label, group, role, frontal: as for `Continuous`.
        options: at least two different names, in the order of the one-hot.
        default: the average face's option.
        weights: sampling probability of each option; they sum to 1 (a sum off by rounding is mended).
        none: the option that adds nothing to the face (no beard, no glasses); by default the one called "none". It has
            no part in the schema's hash.
        tags: of each option, what people would say of it: axis of `TAG_AXES` -> class; {} where the engine gives none.
            They have no part in the schema's hash.

    Raises:
        SchemaError: a field is wrong; `field` names it.
    """

    name: str
    label: str
    group: str
    role: str
    options: tuple[str, ...]
    default: str
    weights: tuple[float, ...]
    frontal: bool
    none: str | None = None
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check_common(self.name, self.label, self.group, self.role)
        self._check_tags()
        if len(self.options) < 2:
            _refuse(self.name, "options", "a choice needs at least two options.")
        doubles = sorted({option for option in self.options if self.options.count(option) > 1})
        if doubles:
            _refuse(self.name, "options", f"option '{doubles[0]}' stands twice.")
        if not all(option.strip() for option in self.options):
            _refuse(self.name, "options", "an option's name is empty.")
        if self.default not in self.options:
            _refuse(self.name, "default", f"default '{self.default}' is not one of its options.")
        if self.none is not None and self.none not in self.options:
            _refuse(self.name, "none", f"'{self.none}', which adds nothing, is not one of its options.")
        if len(self.weights) != len(self.options):
            _refuse(self.name, "weights", f"{len(self.weights)} weights for {len(self.options)} options.")
        if not all(0.0 <= weight <= 1.0 for weight in self.weights):
            _refuse(self.name, "weights", "a weight is a probability, in [0, 1].")
        total = math.fsum(self.weights)
        if abs(total - 1.0) > _WEIGHTS_TOLERANCE:
            _refuse(self.name, "weights", f"the weights sum to {total:g}, not to 1.")
        if abs(total - 1.0) > _WEIGHTS_EXACT:
            object.__setattr__(self, "weights", tuple(weight / total for weight in self.weights))

    def _check_tags(self) -> None:
        for option, tags in self.tags.items():
            if option not in self.options:
                _refuse(self.name, "tags", f"'{option}', which has tags, is not one of its options.")
            for axis, tag in tags.items():
                if tag not in TAG_AXES.get(axis, ()):
                    known = ", ".join(TAG_AXES.get(axis, TAG_AXES))
                    _refuse(self.name, "tags", f"'{option}' has the tag '{axis}: {tag}'; known: {known}.")

    @property
    def none_index(self) -> int | None:
        """Index of the option that adds nothing to the face; None where each adds something."""
        name = _NONE if self.none is None else self.none
        return self.options.index(name) if name in self.options else None


Parameter = Continuous | Discrete
