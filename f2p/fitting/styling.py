"""Wishes of a player beyond likeness: strength, flatter, and what to remove or keep; applied to solved values.

Each is a move of the answer, not of the search: so that a face with glasses is solved with them, and they are taken off
afterwards. Locked parameters are never moved.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from f2p.bundle import Bundle, Flattering
from f2p.character.records import FaceExpression
from f2p.errors import ParameterError
from f2p.schema import Continuous, Discrete, Schema

__all__ = ["BEARD", "GLASSES", "MAX_STRENGTH", "Styling", "average_person", "styled", "unstyled"]

MAX_STRENGTH: Final = 2.0
_TARGETED: Final = 0.7  # share of the way to its target that a slider goes at a flatter of 1
GLASSES, BEARD = "glasses", "beard"
"""Groups of the schema, in any engine, that may be taken off and that photos are looked at for."""

Values = dict[str, float | str]


@dataclass(frozen=True, kw_only=True)
class Styling:
    """Wishes beyond likeness.

    Attributes:
        strength: how strongly the person's features are drawn, in [0, 2]: 0 the average person's, 1 the likeness, more
            a caricature. Sex, age and descent do not follow it, nor do colours, hair and what is worn.
        flatter: in [0, 1], how far the face moves towards a pleasant one of the person's own sex and age.
        remove_glasses: whether glasses are taken off.
        remove_beard: whether the beard is shaved.
        keep_expression: whether the character wears the expression of the photo instead of a neutral face.

    Raises:
        ParameterError: a number is out of range.
    """

    strength: float = 1.0
    flatter: float = 0.0
    remove_glasses: bool = False
    remove_beard: bool = False
    keep_expression: bool = False

    def __post_init__(self) -> None:
        for name, value, high in (("strength", self.strength, MAX_STRENGTH), ("flatter", self.flatter, 1.0)):
            if not (math.isfinite(value) and 0 <= value <= high):
                raise ParameterError(f"{name} is {value:g}.", f"It must lie in 0 … {high:g}.", parameter=name)


def average_person(bundle: Bundle) -> dict[str, float]:
    """The identity sliders of the average person, normalised, by name: the bundle's human mean."""
    mean = bundle.statistics["prior_mean"].tolist()
    sliders = zip(bundle.schema.continuous, mean, strict=True)
    return {
        slider.name: min(max(slider.average + slider.spread * z, 0.0), 1.0)
        for slider, z in sliders
        if slider.role == "identity" and slider.spread > 0
    }


def styled(
    bundle: Bundle,
    values: Mapping[str, float | str],
    styling: Styling,
    face: FaceExpression | None = None,
    locked: Collection[str] = (),
) -> Values:
    """The values with the wishes fulfilled, in [0, 1].

    Args:
        bundle: its schema has the values; its statistics know the average person.
        values: every parameter of a character, normalised, options by name.
        styling: the wishes.
        face: expression in the photo, for `keep_expression`; None where it is not known.
        locked: names of parameters that stay.
    """
    changed = _scaled(bundle, values, styling, back=False)
    for parameter in bundle.schema.parameters:
        if (parameter.group == GLASSES and styling.remove_glasses) or (
            parameter.group == BEARD and styling.remove_beard
        ):
            changed |= _removed(parameter)
    if styling.keep_expression and face is not None:
        changed |= _worn(bundle.schema, face)
    return {name: value if name in locked else changed.get(name, value) for name, value in values.items()}


def unstyled(
    bundle: Bundle, values: Mapping[str, float | str], styling: Styling, locked: Collection[str] = ()
) -> Values:
    """The likeness behind values that were made with a strength and a flatter, as far as these can be undone.

    What was clipped to the end of a range, or drawn with no strength at all, is not known any more and stays.
    """
    changed = _scaled(bundle, values, styling, back=True)
    return {name: value if name in locked else changed.get(name, value) for name, value in values.items()}


def _scaled(bundle: Bundle, values: Mapping[str, float | str], styling: Styling, back: bool) -> Values:
    """Sliders after the mien of photos, strength and flatter, or, going back, before them."""
    found: Values = {}
    flattering, mien = bundle.calibration.flattering, bundle.calibration.mien
    if not mien and styling.strength == 1 and styling.flatter == 0:
        return found
    average = average_person(bundle)
    for slider in bundle.schema.continuous:
        name, value = slider.name, values[slider.name]
        assert isinstance(value, float | int)
        share, target = _flattered(flattering, average, name, styling.flatter)
        centre, strength = value, 1.0
        if name in average and name not in flattering.kept:
            centre, strength = average[name], styling.strength
        beside = mien.get(name, 0.0)
        if back:
            likeness = (value - share * target) / (1 - share)
            moved = (centre + (likeness - centre) / strength if strength else likeness) + beside
        else:
            drawn = min(max(centre + strength * (value - beside - centre), 0.0), 1.0)
            moved = drawn + share * (target - drawn)
        found[name] = min(max(moved, 0.0), 1.0)
    return found


def _flattered(flattering: Flattering, average: Mapping[str, float], name: str, flatter: float) -> tuple[float, float]:
    """Share of the way that a slider goes, and where to."""
    if name in flattering.targets:
        return _TARGETED * flatter, flattering.targets[name]
    if name in average and name not in flattering.kept:
        return flattering.averageness * flatter, average[name]
    return 0.0, 0.0


def _removed(parameter: Continuous | Discrete) -> Values:
    """Sliders of a beard or of glasses have nothing to show once the choice adds nothing to the face."""
    if isinstance(parameter, Continuous) or parameter.none_index is None:
        return {}
    return {parameter.name: parameter.options[parameter.none_index]}


def _worn(schema: Schema, face: FaceExpression) -> Values:
    sliders = {slider.name for slider in schema.continuous if slider.role == "expression"}
    return {name: min(max(weight, 0.0), 1.0) for name, weight in face.units.items() if name in sliders}
