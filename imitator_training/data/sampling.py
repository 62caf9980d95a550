"""Seeded sampling of the characters to render.

Sample i depends on (seed, i) alone, so that it is the same however many processes render, and a set can grow later.

Who the character is comes from the engine's own ``sample``, or from independent sliders where it has none: see
`f2p.engines.abilities.sample`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from f2p.engines.abilities import sample
from f2p.engines.protocol import View
from f2p.schema import Schema
from imitator_training.data.expressions import natural_expression, shown_units, with_other_side

__all__ = ["Sample", "SampleConfig", "draw"]

MOST_EXPRESSIONS = 4
SMILING = 0.4  # share of expressions that are a smile
# ARKit's units of a smile and their shares of its strength; an engine that lacks them has no smile to draw from.
SMILE = {"mouthSmileLeft": 1.0, "mouthUpperUpLeft": 0.5, "cheekSquintLeft": 0.6, "mouthStretchLeft": 0.25}


@dataclass(frozen=True, kw_only=True)
class SampleConfig:
    """Sampling of expressions, views and lights, beside the sliders of the neutral face."""

    expressions: float = 0.0
    """Probability that a sample wears an expression: up to four expression sliders drawn from U(0, 1)."""
    yaw: float = 0.0
    """Largest turn of the head to either side, degrees."""
    pitch: float = 0.0
    """Largest nod up or down, degrees."""
    roll: float = 0.0
    """Largest tilt to either side, degrees."""
    lights: float = 0.0
    """Probability that a sample stands in a random light instead of the engine's studio."""
    photo_like: bool = False
    """Expressions that photos show, of the units of `imitator_training.data.expressions`; and heads oftener turned a
    little than far."""


@dataclass(frozen=True)
class Sample:
    """One character to render: normalised values by name, and the view of it."""

    values: dict[str, float | str]
    view: View


def draw(source: Any, seed: int, index: int, config: SampleConfig) -> Sample:
    """Sample `index` of the set `seed`. `source` is an engine, or anything else with a `schema`."""
    own_seed, view_seed = np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(2, np.uint64)
    rng = np.random.default_rng(view_seed)
    values = sample(source, int(own_seed >> np.uint64(1)))
    if config.expressions > 0 and rng.random() < config.expressions:
        natural = config.photo_like
        values |= natural_expression(shown_units(source.schema), rng) if natural else _expression(source.schema, rng)
    yaw, pitch, roll = (_angle(limit, config, rng) for limit in (config.yaw, config.pitch, config.roll))
    light = int(rng.integers(1, 2**31)) if config.lights > 0 and rng.random() < config.lights else 0
    return Sample(values, View(yaw, pitch, roll, light))


def _angle(limit: float, config: SampleConfig, rng: np.random.Generator) -> float:
    if not limit:
        return 0.0
    return float(rng.triangular(-limit, 0, limit) if config.photo_like else rng.uniform(-limit, limit))


def _expression(schema: Schema, rng: np.random.Generator) -> dict[str, float]:
    units = [slider.name for slider in schema.continuous if slider.role == "expression" and slider.spread == 0]
    if not units:
        return {}
    values: dict[str, float] = {}
    smile = {unit: share for unit, share in SMILE.items() if unit in units}
    if smile and rng.random() < SMILING:
        strength = float(rng.uniform(0.2, 1.0))
        values |= {unit: strength * share for unit, share in smile.items()}
        if "jawOpen" in units and rng.random() < 0.5:
            values["jawOpen"] = float(rng.uniform(0.0, 0.3))
    else:
        chosen = rng.choice(len(units), size=rng.integers(1, min(MOST_EXPRESSIONS, len(units)) + 1), replace=False)
        values |= {units[i]: float(rng.random()) for i in chosen}
    return with_other_side(values, units, rng)
