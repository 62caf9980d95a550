"""How sliders turn into weights of morph targets: what a browser needs to draw a dragged slider by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine_bridge.makehuman.person import aged, person
from f2p.schema import Continuous, Schema

KNOTS = 14  # of the curve of a slider that is no straight line
AGE, AGEING = "age", "ageing"  # the slider of age, and the target of what years past 25 do


@dataclass(frozen=True)
class Target:
    """A morph target: its ``name``, and the morph weights that it adds at a weight of 1."""

    name: str
    steps: Mapping[str, float]


def shape_sliders(schema: Schema) -> list[Continuous]:
    """The sliders that are weights of the head's shape."""
    return [p for p in schema.continuous if p.unit == "weight" and p.role == "identity"]


def averages(schema: Schema) -> dict[str, float]:
    """Morph weights by name of the average head."""
    return {p.name: p.to_engine(p.average) for p in shape_sliders(schema)}


def _span(p: Continuous) -> float:
    """The weight by which a slider's target moves: that of its longer side, so that influences stay within -1..1."""
    middle = p.to_engine(p.average)
    return max(p.high - middle, middle - p.low)


def _ageing(weight: float) -> dict[str, float]:
    """What the engine makes of a weight of age, see `person.aged`."""
    weights = {AGE: weight}
    return aged(weights, person(weights, {}))


def targets(schema: Schema) -> list[Target]:
    """One target for each shape slider, and one more for age."""
    out = [Target(p.name, {p.name: _span(p)}) for p in shape_sliders(schema)]
    old = next(p for p in shape_sliders(schema) if p.name == AGE).high
    return [*out, Target(AGEING, _ageing(old))]


def slider_map(schema: Schema) -> list[dict[str, Any]]:
    """For each shape slider and each target that it moves: the slider's ``name``, ``label``, ``group`` and ``average``,
    the ``target``, and ``points``, [slider's normalised value, target's weight], straight between them."""
    out = []
    for p in shape_sliders(schema):
        common = {"name": p.name, "label": p.label, "group": p.group, "average": p.average}
        if p.name == AGE:
            at = np.unique([*np.linspace(0, 1, KNOTS), p.average, _at(p, 0.0)]).tolist()
            old = _ageing(p.high)[AGE]
            young = [[_short(v), _short(min(p.to_engine(v), 0.0) / _span(p))] for v in (0.0, _at(p, 0.0), 1.0)]
            years = [[_short(v), _short(_past(p.to_engine(v)) / old)] for v in at]
            out += [{**common, "target": AGE, "points": young}, {**common, "target": AGEING, "points": years}]
            continue
        middle = p.to_engine(p.average)
        ends = [[v, _short((p.to_engine(v) - middle) / _span(p))] for v in (0.0, 1.0)]
        out.append({**common, "target": p.name, "points": ends})
    return out


def _past(weight: float) -> float:
    return _ageing(weight)[AGE] if weight > 0 else 0.0


def _at(p: Continuous, weight: float) -> float:
    """The normalised value at which a slider has a weight."""
    return (weight - p.low) / (p.high - p.low)


def _short(value: float) -> float:
    return round(float(value), 5)


def influence(points: list[list[float]], value: float) -> float:
    """The weight of a target at a slider's normalised value."""
    return float(np.interp(value, [p[0] for p in points], [p[1] for p in points]))
