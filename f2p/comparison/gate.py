"""Limits that a release must keep: gate.yaml, and which of its lines are broken.

likeness: {least: 0.6, drop: 0.01}     # 1 less the identity loss, mean over people: itself, and below the record's
sliders: {mean: 0.01, worst: 0.1}      # drift: mean over people, and of the worst person's sliders
groups: {nose: 0.02}                   # drift of a group, mean over people
picture: {mean: 2.0, worst: 8.0}       # change of the drawing, in grey levels of 255
identity: {mean: 0.02, worst: 0.1}     # change of the drawn face, 0 to about 1
flips: {mean: 0.2}                     # choices that differ, a person
failures: {more: 0}                    # photos that fail now and did not
seconds: {ratio: 1.25}                 # mean time, against the record's; on the record's processor only
attributes: {skin: {picture: 2.0}}     # the same means for each value of an attribute
same: {bits: true}                     # every value equal, where code, weights, libraries and processor are
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from f2p.comparison.differences import RunDifference
from f2p.comparison.records import attribute_rows
from f2p.errors import ParameterError

__all__ = ["DEFAULT_GATE", "Facts", "broken_limits", "parse_gate"]

_LINES: Final[Mapping[str, frozenset[str] | None]] = {
    "likeness": frozenset({"least", "drop"}),
    "sliders": frozenset({"mean", "worst"}),
    "groups": None,
    "picture": frozenset({"mean", "worst"}),
    "identity": frozenset({"mean", "worst"}),
    "flips": frozenset({"mean"}),
    "failures": frozenset({"more"}),
    "seconds": frozenset({"ratio"}),
    "attributes": None,
    "same": frozenset({"bits"}),
}
_ATTRIBUTE_FIGURES: Final = frozenset({"sliders", "picture", "identity", "drop"})

Gate = Mapping[str, Mapping[str, Any]]

DEFAULT_GATE: Final = """\
likeness: {drop: 0.01}
sliders: {mean: 0.01}
picture: {mean: 2.0, worst: 8.0}
identity: {mean: 0.02, worst: 0.1}
flips: {mean: 0.1}
failures: {more: 0}
same: {bits: true}
"""
"""What holds where no file is given."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a gate looks at besides the comparison.

    Attributes:
        likeness, recorded_likeness: means over the people of both runs; None where a recipe has no identity loss.
        failures: names of photos that fail now and did not.
        seconds_ratio: mean time now over the record's; None on another processor.
        same_origin: whether code, weights, libraries and processor are the record's.
    """

    likeness: float | None
    recorded_likeness: float | None
    failures: tuple[str, ...]
    seconds_ratio: float | None
    same_origin: bool


def parse_gate(text: str) -> Gate:
    """Read a gate. Raises ParameterError, which names the first wrong entry."""
    try:
        found = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise ParameterError(f"The gate is no YAML: {str(error).splitlines()[0]}.", "See docs/qa.md.") from None
    if not isinstance(found, dict):
        raise ParameterError("The gate is no table of limits.", "See docs/qa.md.")
    for name, limits in found.items():
        if name not in _LINES:
            raise ParameterError(f"The gate knows no '{name}'.", f"It knows {', '.join(_LINES)}.")
        if not isinstance(limits, dict) or not limits:
            raise ParameterError(f"'{name}' of the gate is no table.", "Write for example picture: {mean: 2.0}.")
        for key, limit in limits.items():
            _check(name, str(key), limit)
    return found


def _check(name: str, key: str, limit: Any) -> None:
    allowed = _LINES[name]
    if allowed is not None and key not in allowed:
        raise ParameterError(f"'{name}' of the gate knows no '{key}'.", f"It knows {', '.join(sorted(allowed))}.")
    if name == "attributes":
        if not isinstance(limit, dict) or not set(limit) <= _ATTRIBUTE_FIGURES:
            known = ", ".join(sorted(_ATTRIBUTE_FIGURES))
            raise ParameterError(f"'attributes.{key}' of the gate is no table of limits.", f"It knows {known}.")
        for figure, value in limit.items():
            _check_number(f"attributes.{key}.{figure}", value)
    elif name == "same":
        if not isinstance(limit, bool):
            raise ParameterError("'same.bits' of the gate is neither true nor false.", "Write one of them.")
    else:
        _check_number(f"{name}.{key}", limit)


def _check_number(name: str, limit: Any) -> None:
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        raise ParameterError(f"'{name}' of the gate is no number.", "Give a number.")


def broken_limits(gate: Gate, found: RunDifference, facts: Facts) -> list[str]:
    """The lines of a gate that a run breaks, worst person included, in the gate's order.

    Raises:
        ParameterError: the gate names a group or an attribute that is not there.
    """
    broken: list[str] = []
    for name, limits in gate.items():
        for key, limit in limits.items():
            broken += _BROKEN[name](key, limit, found, facts)
    return broken


def _likeness(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    if facts.likeness is None or facts.recorded_likeness is None:
        return
    if key == "least" and facts.likeness < limit:
        yield f"likeness is {facts.likeness:.3f}, less than {limit:g}"
    if key == "drop" and facts.recorded_likeness - facts.likeness > limit:
        yield f"likeness fell from {facts.recorded_likeness:.3f} to {facts.likeness:.3f}, by more than {limit:g}"


def _sliders(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    worst = max(found.people, key=lambda person: person.largest)
    if key == "mean" and found.mean > limit:
        yield f"sliders drift by {found.mean:.4f}, more than {limit:g} (most for {found.people[0].name})"
    if key == "worst" and worst.largest > limit:
        yield f"{worst.largest_at} of {worst.name} is off by {worst.largest:.3f}, more than {limit:g}"


def _groups(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    groups = {group.name: group for group in found.groups}
    if key not in groups:
        raise ParameterError(f"The gate names a group '{key}' that is not there.", f"There are {', '.join(groups)}.")
    group = groups[key]
    if group.mean_absolute > limit:
        yield f"{key} drifts by {group.mean_absolute:.4f}, more than {limit:g} (most for {group.largest_at})"


def _drawn(figure: str) -> Any:
    unit = " grey levels" if figure == "picture" else ""

    def look(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
        people = [(getattr(person, figure), person.name) for person in found.people]
        values = [value for value, _ in people if value is not None]
        if not values:
            return
        mean, (worst, name) = sum(values) / len(values), max((v, n) for v, n in people if v is not None)
        if key == "mean" and mean > limit:
            yield f"{figure} changes by {mean:.3f}{unit}, more than {limit:g} (most for {name})"
        if key == "worst" and worst > limit:
            yield f"{figure} of {name} changes by {worst:.3f}{unit}, more than {limit:g}"

    return look


def _flips(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    mean = sum(len(person.flips) for person in found.people) / len(found.people)
    if mean > limit:
        most = max(found.flips, key=lambda choice: sum(found.flips[choice].values()))
        yield f"{mean:.2f} choices a person flip, more than {limit:g} (most {most})"


def _failures(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    if len(facts.failures) > limit:
        yield f"{len(facts.failures)} photos fail that did not, more than {limit:g}: {', '.join(facts.failures[:3])}"


def _seconds(key: str, limit: float, found: RunDifference, facts: Facts) -> Iterator[str]:
    if facts.seconds_ratio is not None and facts.seconds_ratio > limit:
        yield f"a character takes {facts.seconds_ratio:.2f} of the record's time, more than {limit:g}"


def _attributes(key: str, limits: Mapping[str, float], found: RunDifference, facts: Facts) -> Iterator[str]:
    rows = [row for row in attribute_rows(found) if row["attribute"] == key]
    if not rows:
        raise ParameterError(f"The gate names an attribute '{key}' that is not there.", "Give --attributes.")
    for row in rows:
        for figure, limit in limits.items():
            name, sign, verb = ("likeness", -1, "falls") if figure == "drop" else (figure, 1, "changes")
            if name in row and (change := sign * row[name]["mean"]) > limit:
                yield f"{name} of {key} {row['value']} {verb} by {change:.4f}, more than {limit:g}"


def _same(key: str, limit: bool, found: RunDifference, facts: Facts) -> Iterator[str]:
    off = [person for person in found.people if person.largest or person.flips]
    if limit and facts.same_origin and off:
        yield f"the same code, weights and machine give other bits for {len(off)} people ({off[0].name} first)"


_BROKEN: Final[Mapping[str, Any]] = {
    "likeness": _likeness,
    "sliders": _sliders,
    "groups": _groups,
    "picture": _drawn("picture"),
    "identity": _drawn("identity"),
    "flips": _flips,
    "failures": _failures,
    "seconds": _seconds,
    "attributes": _attributes,
    "same": _same,
}
