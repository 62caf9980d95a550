"""Differences of two characters of one schema, by slider and by group."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from f2p.character.character import Character
from f2p.character.saved import DECIMALS
from f2p.errors import CharacterError

__all__ = ["ChoiceDifference", "Comparison", "GroupDifference", "SliderDifference", "compare"]


@dataclass(frozen=True)
class SliderDifference:
    """One slider; values normalised, difference = second - first, engine values in `unit`."""

    name: str
    label: str
    first: float
    second: float
    difference: float
    first_engine: float
    second_engine: float
    unit: str


@dataclass(frozen=True)
class ChoiceDifference:
    """One choice and whether both characters made it alike."""

    name: str
    label: str
    first: str
    second: str
    same: bool


@dataclass(frozen=True)
class GroupDifference:
    """One group.

    Attributes:
        mean, largest: of the sliders' absolute differences; 0 in a group of choices only.
        largest_at: that slider's name, empty where nothing differs.
        sliders: the most different first.
        choices: in the schema's order.
    """

    name: str
    mean: float
    largest: float
    largest_at: str
    sliders: tuple[SliderDifference, ...]
    choices: tuple[ChoiceDifference, ...]


@dataclass(frozen=True)
class Comparison:
    """Two characters beside each other; `mean` and `largest` over all sliders, groups in the schema's order."""

    schema_hash: str
    mean: float
    largest: float
    choices_different: int
    groups: tuple[GroupDifference, ...]

    def to_json(self) -> str:
        """The same as text."""
        document: dict[str, Any] = {"format": 1, **asdict(self)}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def compare(first: Character, second: Character) -> Comparison:
    """Compare two characters.

    Raises:
        CharacterError: they are of different schemas.
    """
    if first.schema.identity != second.schema.identity:
        raise CharacterError(
            "The two characters are of different schemas, so that their sliders cannot be compared.",
            "Create both with one bundle.",
        )
    engine_values = (first.engine_values(), second.engine_values())
    sliders: dict[str, list[SliderDifference]] = {group: [] for group in first.schema.groups}
    choices: dict[str, list[ChoiceDifference]] = {group: [] for group in first.schema.groups}
    for slider in first.schema.continuous:
        a, b = float(first.values[slider.name]), float(second.values[slider.name])
        first_engine, second_engine = (round(float(values[slider.name]), DECIMALS) for values in engine_values)
        sliders[slider.group].append(
            SliderDifference(
                name=slider.name,
                label=slider.label,
                first=a,
                second=b,
                difference=round(b - a, DECIMALS),
                first_engine=first_engine,
                second_engine=second_engine,
                unit=slider.unit,
            )
        )
    for choice in first.schema.discrete:
        one, other = str(first.values[choice.name]), str(second.values[choice.name])
        choices[choice.group].append(ChoiceDifference(choice.name, choice.label, one, other, one == other))
    groups = tuple(_group(name, sliders[name], choices[name]) for name in first.schema.groups)
    sizes = [abs(item.difference) for group in groups for item in group.sliders]
    return Comparison(
        schema_hash=first.schema.hash,
        mean=round(sum(sizes) / max(len(sizes), 1), DECIMALS),
        largest=max(sizes, default=0.0),
        choices_different=sum(not item.same for group in groups for item in group.choices),
        groups=groups,
    )


def _group(name: str, sliders: list[SliderDifference], choices: list[ChoiceDifference]) -> GroupDifference:
    # sorted() is stable: equal differences keep the schema's order.
    ordered = sorted(sliders, key=lambda item: -abs(item.difference))
    sizes = [abs(item.difference) for item in ordered]
    largest = max(sizes, default=0.0)
    return GroupDifference(
        name=name,
        mean=round(sum(sizes) / max(len(sizes), 1), DECIMALS),
        largest=largest,
        largest_at=ordered[0].name if largest > 0 else "",
        sliders=tuple(ordered),
        choices=tuple(choices),
    )
