"""Differences of two runs of characters by slider, group, choice and person. No network is needed.

Only sliders that a search solves count: those that are never sampled, and expression units, which stand at rest in
every character, would only dilute the means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from f2p.character.character import Character
from f2p.comparison.bootstrap import paired_interval
from f2p.errors import CharacterError
from f2p.schema import Continuous, Schema

__all__ = [
    "INVISIBLE",
    "Flip",
    "GroupDrift",
    "Pair",
    "PersonDifference",
    "RunDifference",
    "SliderDrift",
    "compare_runs",
]

INVISIBLE: Final = 0.001
"""Share of a slider's range below which no picture shows it: a step of a share code."""


@dataclass(frozen=True)
class Pair:
    """Two characters of one person; `name` is how the person's files are called."""

    name: str
    first: Character
    second: Character


@dataclass(frozen=True)
class Flip:
    """A choice that the two made differently."""

    choice: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class PersonDifference:
    """One person.

    Attributes:
        name: as in `Pair`.
        sliders: second less first, of each solved slider; normalised.
        mean, largest: of their absolute values.
        largest_at: that slider; "" where nothing differs.
        flips: choices that differ.
        picture, picture_largest: mean and largest change of the drawing's pixels, in grey levels of 255; None where
            nothing was drawn.
        identity: one less the cosine of the two drawings' embeddings; None where nothing was drawn.
        likeness: by how much the second is more like the photo than the first, as a cosine: below 0 it got worse. None
            where one of the two does not say how like it is.
    """

    name: str
    sliders: Mapping[str, float]
    mean: float
    largest: float
    largest_at: str
    flips: tuple[Flip, ...]
    picture: float | None = None
    picture_largest: float | None = None
    identity: float | None = None
    likeness: float | None = None

    @property
    def visible(self) -> bool:
        """Whether anybody could see it: an option, a pixel by two grey levels, or, undrawn, a slider by its step."""
        if self.flips:
            return True
        return self.largest >= INVISIBLE if self.picture_largest is None else self.picture_largest >= 2.0

    @property
    def size(self) -> float:
        """What people are ordered by, the worst with the largest: identity, the picture in hundreds of grey levels, a
        twentieth for each flip; where nothing was drawn, the sliders in place of the first two."""
        drawn = self.mean if self.picture is None else (self.identity or 0.0) + self.picture / 100
        return drawn + len(self.flips) / 20


@dataclass(frozen=True)
class SliderDrift:
    """One slider over all people; normalised, second less first.

    Attributes:
        mean, low, high: the mean difference and its 95 % interval.
        mean_absolute, largest: of the absolute differences.
        largest_at: the person with the largest.
    """

    name: str
    label: str
    group: str
    mean: float
    low: float
    high: float
    mean_absolute: float
    largest: float
    largest_at: str


@dataclass(frozen=True)
class GroupDrift:
    """One group over all people: mean absolute difference of its solved sliders, the 95 % interval of the mean over
    people, the worst person, and how many of its choices flipped."""

    name: str
    mean_absolute: float
    low: float
    high: float
    largest_at: str
    flips: int


@dataclass(frozen=True, kw_only=True)
class RunDifference:
    """Two runs.

    Attributes:
        people: the most different first.
        sliders: the largest mean absolute difference first.
        groups: in the schema's order.
        flips: choice -> (first option, second option) -> people.
        only_first, only_second: people of one run alone.
        splits: attribute -> value -> the people's names that have it.
    """

    people: tuple[PersonDifference, ...]
    sliders: tuple[SliderDrift, ...]
    groups: tuple[GroupDrift, ...]
    flips: Mapping[str, Mapping[tuple[str, str], int]]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    splits: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Mean over people of their sliders' mean absolute difference."""
        return float(np.mean([person.mean for person in self.people]))

    @property
    def visible(self) -> tuple[PersonDifference, ...]:
        """People whose difference could be seen."""
        return tuple(person for person in self.people if person.visible)


def compare_runs(
    pairs: Sequence[Pair],
    drawn: Mapping[str, tuple[float, float, float]] | None = None,
    only_first: Sequence[str] = (),
    only_second: Sequence[str] = (),
    splits: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
) -> RunDifference:
    """Compare two runs.

    Args:
        pairs: all characters of one schema.
        drawn: person -> picture, picture_largest, identity of `PersonDifference`; see `f2p.comparison.drawn`.
        only_first, only_second, splits: as in `RunDifference`.

    Raises:
        CharacterError: there is no pair, or the characters are of different schemas.
    """
    if not pairs:
        raise CharacterError("The two runs have nobody in common.", "Compare characters of the same people.")
    schema = pairs[0].first.schema
    if any(character.schema.identity != schema.identity for pair in pairs for character in (pair.first, pair.second)):
        raise CharacterError("The characters are of different schemas.", "Carry the older ones over: f2p migrate.")
    solved = solved_sliders(schema)
    table = np.array(
        [[float(pair.second.values[s.name]) - float(pair.first.values[s.name]) for s in solved] for pair in pairs]
    ).reshape(len(pairs), len(solved))
    people = [_person(pair, solved, row, (drawn or {}).get(pair.name)) for pair, row in zip(pairs, table, strict=True)]
    flips: dict[str, Counter[tuple[str, str]]] = {}
    for person in people:
        for flip in person.flips:
            flips.setdefault(flip.choice, Counter())[flip.first, flip.second] += 1
    return RunDifference(
        people=tuple(sorted(people, key=lambda person: (-person.size, person.name))),
        sliders=_sliders(solved, table, pairs),
        groups=_groups(schema, solved, table, people),
        flips=flips,
        only_first=tuple(only_first),
        only_second=tuple(only_second),
        splits=splits or {},
    )


def solved_sliders(schema: Schema) -> tuple[Continuous, ...]:
    """Sliders that a search moves."""
    return tuple(slider for slider in schema.continuous if slider.spread > 0 and slider.role != "expression")


def _person(
    pair: Pair, solved: Sequence[Continuous], row: np.ndarray, drawn: tuple[float, float, float] | None
) -> PersonDifference:
    sizes = np.abs(row)
    at = int(sizes.argmax()) if len(sizes) and sizes.max() > 0 else -1
    first, second = pair.first.values, pair.second.values
    picture, picture_largest, identity = drawn or (None, None, None)
    return PersonDifference(
        name=pair.name,
        sliders={slider.name: round(float(value), 6) for slider, value in zip(solved, row, strict=True)},
        mean=float(sizes.mean()) if len(sizes) else 0.0,
        largest=float(sizes[at]) if at >= 0 else 0.0,
        largest_at=solved[at].name if at >= 0 else "",
        flips=tuple(
            Flip(choice.name, str(first[choice.name]), str(second[choice.name]))
            for choice in pair.first.schema.discrete
            if first[choice.name] != second[choice.name]
        ),
        picture=picture,
        picture_largest=picture_largest,
        identity=identity,
        likeness=_likeness(pair),
    )


def _likeness(pair: Pair) -> float | None:
    """Change of one less the identity loss."""
    first, second = (character.losses.get("identity") for character in (pair.first, pair.second))
    return None if first is None or second is None else first - second


def _sliders(solved: Sequence[Continuous], table: np.ndarray, pairs: Sequence[Pair]) -> tuple[SliderDrift, ...]:
    low, high = paired_interval(table)
    sizes = np.abs(table)
    found = [
        SliderDrift(
            slider.name,
            slider.label,
            slider.group,
            float(table[:, i].mean()),
            float(low[i]),
            float(high[i]),
            float(sizes[:, i].mean()),
            float(sizes[:, i].max()),
            pairs[int(sizes[:, i].argmax())].name,
        )
        for i, slider in enumerate(solved)
    ]
    return tuple(sorted(found, key=lambda drift: -drift.mean_absolute))


def _groups(
    schema: Schema, solved: Sequence[Continuous], table: np.ndarray, people: Sequence[PersonDifference]
) -> tuple[GroupDrift, ...]:
    found = []
    for group in schema.groups:
        columns = [i for i, slider in enumerate(solved) if slider.group == group]
        choices = {choice.name for choice in schema.discrete if choice.group == group}
        flips = sum(flip.choice in choices for person in people for flip in person.flips)
        if not columns and not choices:
            continue
        sizes = np.abs(table[:, columns]).mean(1) if columns else np.zeros(len(people))
        low, high = paired_interval(sizes[:, None])
        worst = people[int(sizes.argmax())].name if sizes.max() > 0 else ""
        found.append(GroupDrift(group, float(sizes.mean()), float(low[0]), float(high[0]), worst, flips))
    return tuple(found)
