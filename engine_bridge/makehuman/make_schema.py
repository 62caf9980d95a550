"""Write ``schema.yaml`` from the table of sliders: ranges and spreads evened out by what each slider does to
the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine_bridge.base import FRONTAL
from engine_bridge.makehuman import sliders
from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.renderer import Renderer
from f2p.schema import Continuous, Discrete, Schema, dump_schema

# A slider counts as visible from the front when two spreads of it change at least so many of 128 x 128 pixels
# by so many grey levels.
VISIBLE_PIXELS, VISIBLE_LEVELS = 12, 3.0
# The average of a slider in weights where it is not 0: towards open eyes, finer lips and a mouth at rest.
RESTING = {
    "mouth_corners": 0.45,
    "mouth_thickness": -0.35,
    "eye_size": 0.45,
    "eye_open_middle": 0.40,
    "mouth_height": 0.25,
    "nose_width": -0.20,
    "head_height": -0.10,
}
UNITS = {"age": (-0.3, 1.0, 0.15), "sex": (-1.2, 1.2, 0.0)}  # low, high, average


def _plain_look() -> dict[str, float | str]:
    look: dict[str, float | str] = {t.name: t.average for t in sliders.TONES}
    return look | {"hair_style": "bald", "brow_style": "natural", "beard_style": "none", "lipstick": "none"}


def _change(renderer: Renderer, name: str, low: float, high: float) -> Floats:
    """What moving one morph from ``low`` to ``high`` (weights) changes in the picture: (128, 128), in grey levels."""
    look = _plain_look()
    a, b = (renderer.render({name: w}, look, 128, FRONTAL).image.astype(np.float32) for w in (low, high))
    return np.abs(a - b).mean(axis=2)


def make_schema() -> Schema:
    """Measure every slider and build the schema."""
    renderer = Renderer()
    effects = {m.name: float(_change(renderer, m.name, -0.5, 0.5).mean()) for m in [*sliders.MORPHS, *sliders.MACROS]}
    middle = {
        g: float(np.median([effects[m.name] for m in sliders.MORPHS if m.group == g]))
        for g in {m.group for m in sliders.MORPHS}
    }
    continuous = []
    for morph in [*sliders.MACROS, *sliders.MORPHS]:
        effect = max(effects[morph.name], 1e-6)
        sigma = morph.sigma
        if morph.group in middle:
            sigma *= float(np.clip((middle[morph.group] / effect) ** 0.4, 0.7, 1.6))
        average = RESTING.get(morph.name, 0.0)
        reach = float(np.clip(round(3.2 * sigma, 2), 0.4, 3.0))
        low, high = average - reach, average + reach
        if morph.name in UNITS:
            low, high, average = UNITS[morph.name]
        spread = round(min(sigma / (high - low), 0.2), 4)
        seen = (
            int((_change(renderer, morph.name, average - sigma, average + sigma) >= VISIBLE_LEVELS).sum())
            >= VISIBLE_PIXELS
        )
        continuous.append(
            Continuous(
                morph.name,
                morph.label,
                morph.group,
                "identity",
                round((average - low) / (high - low), 4),
                round(low, 3),
                round(high, 3),
                "weight",
                spread,
                seen,
            )
        )
    continuous += [
        Continuous(t.name, t.label, t.group, "appearance", t.average, 0.0, 1.0, "share", t.spread, True)
        for t in sliders.TONES
    ]
    continuous += [
        Continuous(u, u, "expression", "expression", 0.0, 0.0, 1.0, "weight", 0.0, True) for u in sliders.ARKIT
    ]
    discrete = []
    for name, (label, group, options) in sliders.CHOICES.items():
        total = sum(options.values())
        default = {"hair_style": "short"}.get(name, next(iter(options)))
        discrete.append(
            Discrete(
                name,
                label,
                group,
                "appearance",
                tuple(options),
                default,
                tuple(w / total for w in options.values()),
                True,
            )
        )
    return Schema("makehuman", "1", tuple(continuous), tuple(discrete))


def write_schema(path: Path) -> None:
    path.write_text(dump_schema(make_schema()), encoding="utf-8")
