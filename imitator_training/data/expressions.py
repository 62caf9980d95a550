"""Expressions of faces in photos: their units, by ARKit's names, and how these go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from f2p.schema import Schema

__all__ = ["NATURAL", "SPREAD", "expression_of", "natural_expression", "other_side", "shown_units", "with_other_side"]

SPREAD = 0.3
"""Spread of every unit, in shares of its range: about the root mean square of the expressions drawn here."""
SHOWN = (
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawOpen",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPucker",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
)
"""The units that a photo of a face shows; the rest hardly change a picture of 128 px, or hardly occur in one."""
SYMMETRIC = 0.85
"""Share of the units whose two sides go together."""
# What faces in photos do: how often, and the range that each unit is drawn from; one side stands for both.
NATURAL: Mapping[str, tuple[float, Mapping[str, tuple[float, float]]]] = {
    "closed smile": (
        0.20,
        {"mouthSmileLeft": (0.2, 0.9), "cheekSquintLeft": (0.1, 0.6), "eyeSquintLeft": (0.0, 0.4)},
    ),
    "toothy smile": (
        0.25,
        {
            "mouthSmileLeft": (0.4, 1.0),
            "mouthUpperUpLeft": (0.2, 0.8),
            "mouthLowerDownLeft": (0.0, 0.6),
            "jawOpen": (0.0, 0.3),
            "cheekSquintLeft": (0.3, 0.9),
            "eyeSquintLeft": (0.0, 0.6),
        },
    ),
    "open mouth": (
        0.10,
        {"jawOpen": (0.0, 0.6), "mouthLowerDownLeft": (0.0, 0.5), "mouthUpperUpLeft": (0.0, 0.4)},
    ),
    "surprise": (
        0.06,
        {
            "browInnerUp": (0.2, 1.0),
            "browOuterUpLeft": (0.2, 1.0),
            "eyeWideLeft": (0.0, 0.9),
            "jawOpen": (0.0, 0.5),
        },
    ),
    "frown": (0.06, {"browDownLeft": (0.2, 1.0), "eyeSquintLeft": (0.0, 0.8)}),
    "blink": (0.05, {"eyeBlinkLeft": (0.3, 1.0)}),
    "pucker": (0.03, {"mouthPucker": (0.2, 0.9)}),
}
MOST = 4
"""Most units in an expression of no kind, drawn so that each unit also occurs apart from the others."""


def shown_units(schema: Schema) -> dict[str, float]:
    """The units of `SHOWN` that a schema has as expressions at rest, with their spread."""
    resting = {p.name for p in schema.continuous if p.role == "expression" and p.spread == 0}
    return {name: SPREAD for name in SHOWN if name in resting}


def natural_expression(units: Collection[str], rng: np.random.Generator) -> dict[str, float]:
    """An expression of these units: mostly one of `NATURAL`, otherwise up to four units, each from U(0, 1)."""
    if not units:
        return {}
    place = rng.random()
    for kind, (share, _) in NATURAL.items():
        if 0 <= place < share and (drawn := expression_of(kind, units, rng)):
            return drawn
        place -= share
    # Left sides stand for both, so that a pair is no likelier than a unit that stands alone.
    names = sorted(name for name in units if other_side(name) == name or "Left" in name) or sorted(units)
    chosen = rng.choice(len(names), size=rng.integers(1, min(MOST, len(names)) + 1), replace=False)
    return with_other_side({names[i]: float(rng.random()) for i in chosen}, units, rng)


def expression_of(kind: str, units: Collection[str], rng: np.random.Generator) -> dict[str, float]:
    """One expression of a kind of `NATURAL`, of these units; empty where they lack all of it."""
    _, ranges = NATURAL[kind]
    drawn = {name: float(rng.uniform(*limits)) for name, limits in ranges.items() if name in units}
    return with_other_side(drawn, units, rng)


def with_other_side(values: Mapping[str, float], units: Collection[str], rng: np.random.Generator) -> dict[str, float]:
    """Values with the other side of most units added, nearly as strong: faces are mostly symmetric."""
    both = dict(values)
    for name, strength in values.items():
        other = other_side(name)
        if other in units and other not in both and rng.random() < SYMMETRIC:
            both[other] = float(np.clip(strength * rng.uniform(0.8, 1.2), 0, 1))
    return both


def other_side(name: str) -> str:
    """The unit of the other half of the face; the name itself where there is none."""
    return name.replace("Left", "\0").replace("Right", "Left").replace("\0", "Right")
