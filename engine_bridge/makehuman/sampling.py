"""Random people.  Most are usual ones, whom one would like to meet: sex, age and ancestry set the averages, and the
look goes with them.  One in six is a *wide* draw: every slider spreads further and every option goes with every other,
so that networks that learn from the draws know rare faces too.

Adults alone are drawn, from 18 to 85 years; there is no child among the characters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.face.head import SKIN, Head
from engine_bridge.makehuman.people import averages
from engine_bridge.makehuman.people.colours import colours
from engine_bridge.makehuman.people.looks import look
from engine_bridge.makehuman.people.mien import mien
from engine_bridge.makehuman.people.who import Who, held, somebody
from f2p.schema import Schema

WIDE = 0.17  # share of wide draws
WIDE_DYES = 0.15  # share of those with hair dyed beyond nature
REACH, WIDE_REACH = 2.2, 3.0  # spreads at which a slider's draw is cut off
# The furthest (dm) that a group of sliders moves a point of the face from the average.
REACHES = {
    "face_shape": 0.075,
    "forehead": 0.070,
    "brow": 0.045,
    "eye": 0.036,
    "nose": 0.050,
    "mouth": 0.042,
    "cheek": 0.036,
    "chin": 0.065,
}

Values = dict[str, float | str]


@dataclass(frozen=True)
class Character:
    """``values`` normalised, by name; ``who`` they are drawn for; ``wide`` whether it is a wide draw."""

    values: Values
    who: Who
    wide: bool


class Bounds:
    """How far a group of sliders may move any point of the face all together (`REACHES`): each slider alone stays
    human, the sum of twenty in one direction does not."""

    def __init__(self, schema: Schema, head: Head) -> None:
        skin = np.unique(head.cage_triangles[head.cage_part == SKIN])
        face = skin[head.cage[skin, 2] > 0]
        self._groups: list[tuple[float, list[str], NDArray[np.float64]]] = []
        for group, reach in REACHES.items():
            sliders = [p for p in schema.continuous if p.group == group and p.unit == "weight"]
            rows = np.stack([_direction(head, p.name)[face] for p in sliders])
            span = np.array([p.high - p.low for p in sliders])
            directions = (rows * span[:, None, None]).reshape(len(sliders), -1)
            self._groups.append((reach, [p.name for p in sliders], directions))

    def hold(self, values: Values, middles: dict[str, float]) -> None:
        """Draw the sliders of each group towards ``middles`` until the group keeps within its reach of them."""
        for reach, names, directions in self._groups:
            step = np.array([float(values[n]) - middles[n] for n in names])
            moved = np.linalg.norm((step @ directions).reshape(-1, 3), axis=1).max()
            if moved > reach:
                for name, delta in zip(names, step * (reach / moved), strict=True):
                    values[name] = float(middles[name] + delta)


def _direction(head: Head, name: str) -> NDArray[np.float64]:
    """What a weight of 1 adds to the cage: (V, 3)."""
    k = head.names[name]
    rows = slice(head.starts[k], head.starts[k + 1])
    out = np.zeros_like(head.cage, np.float64)
    out[head.indices[rows]] = head.deltas[rows] * head.scales[k]
    return out


def draw(schema: Schema, bounds: Bounds, seed: int, wide: bool | None = None) -> Character:
    """Character number ``seed``, always the same; ``wide`` None leaves it to the seed whether the draw is wide.
    Expression sliders stay at rest."""
    rng = np.random.default_rng([0xF2B, seed])
    by_seed = bool(rng.random() < WIDE)
    wide = by_seed if wide is None else wide
    who = somebody(rng)
    manner = {} if wide else mien(np.random.default_rng([0xF2B, seed, 1]))
    values = _shape(schema, bounds, who, manner, rng, wide) | _lineage(schema, who, wide)
    if wide:
        values |= {d.name: str(rng.choice(d.options, p=d.weights)) for d in schema.discrete}
        values["hair_dye"] = float(rng.random()) if rng.random() < WIDE_DYES * (1 - who.since(30, 42)) else 0.0
        values["hair_dye_hue"] = float(rng.random())
    else:
        values |= colours(who, rng) | look(who, rng)
    return Character(values, who, wide)


def sample(schema: Schema, bounds: Bounds, seed: int) -> Values:
    """Normalised values of character number ``seed``: `draw` with its share of wide draws."""
    return draw(schema, bounds, seed).values


def _shape(
    schema: Schema, bounds: Bounds, who: Who, manner: dict[str, float], rng: np.random.Generator, wide: bool
) -> Values:
    """Every slider about its average for ``who``, moved by ``manner`` (`mien`); of a wide draw about the schema's."""
    more, cut = (float(rng.uniform(0.7, 1.3)), WIDE_REACH) if wide else (float(rng.uniform(0.8, 1.2)), REACH)
    values: Values = {}
    middles: dict[str, float] = {}
    deviates = np.clip(rng.standard_normal(len(schema.continuous)) * more, -cut, cut)
    for p, z in zip(schema.continuous, deviates.tolist(), strict=True):
        middle = held(p.average if wide else averages.average(p, who) + manner.get(p.name, 0.0))
        spread = p.spread if wide else averages.spread(p)
        values[p.name] = held(middle + spread * z) if p.spread else p.average
        middles[p.name] = middle
    bounds.hold(values, middles)
    return values


def _lineage(schema: Schema, who: Who, wide: bool) -> Values:
    """The sliders of sex, age and ancestry."""
    weights = {"sex": who.sex * (1.15 if wide else 1.0), "age": who.age}
    weights |= {name: (share - 1 / 3) * 0.95 for name, share in who.ancestry.items()}
    sliders = {p.name: p for p in schema.continuous}
    return {name: held(sliders[name].from_engine(weight)) for name, weight in weights.items()}
