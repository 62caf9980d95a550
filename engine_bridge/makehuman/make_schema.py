"""Write ``schema.yaml`` from the table of sliders: ranges and spreads evened out by what each slider does to
the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine_bridge.makehuman import looks
from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.renderer import Renderer
from engine_bridge.makehuman_v2 import sliders
from f2p.engines.protocol import FRONTAL
from f2p.schema import Continuous, Discrete, Schema, dump_schema

# A slider counts as visible from the front when two spreads of it change at least so many of 128 x 128 pixels
# by so many grey levels.
VISIBLE_PIXELS, VISIBLE_LEVELS = 12, 3.0
# The average of a slider in weights where it is not 0: where real people stand (benchmarks.networks.span), and a mouth
# at rest.  The means are over 420 portraits, of which the 20 neutral ones decide on the mouth; rounded by hand, and
# taken back where the picture of the average face said so.
RESTING = {
    "head_angle": 0.06,
    "head_diamond": -0.08,
    "head_height": -0.17,
    "head_inverted": -0.08,
    "head_round": -0.11,
    "head_width": -0.04,
    "head_square": 0.05,
    "forehead_temples": -0.10,
    "brow_ridge_height": -0.10,
    "eye_height": 0.18,
    "eye_inner_corner": -0.38,
    "eye_open_middle": 0.32,
    "eye_size": 0.58,
    "nose_depth": 0.06,
    "nose_length": -0.15,
    "nose_width": -0.20,
    "mouth_corners": 0.50,
    "mouth_height": 0.40,
    "mouth_lower_middle": -0.18,
    "mouth_lower_width": -0.10,
    "mouth_thickness": -0.35,
    "mouth_upper_volume": 0.12,
    "mouth_width": 0.42,
    "cheek_volume": 0.05,
    "chin_height": -0.05,
    "jaw_bones": -0.10,
}
# Share of the table's spread: people vary more along some sliders; along others the mesh would fold before the ends,
# as the evening below makes weak sliders reach far.
GAIN = {
    "chin_width": 1.15,
    "head_depth": 1.2,
    "jaw_bones": 0.65,
    "jaw_drop": 1.3,
    "mouth_laugh_lines": 1.7,
    "mouth_width": 1.25,
    "nose_depth": 1.25,
    "nose_nostril_angle": 0.65,
    "nose_volume": 0.65,
}
# How far spreads are evened out: 0 leaves the table's sigmas, 1 makes every slider of a group as visible as the rest.
EVENING, EVENED = 0.6, (0.6, 1.8)
UNITS = {"age": (-0.3, 1.0, 0.15), "sex": (-1.2, 1.2, 0.0)}  # low, high, average


def _plain_look() -> dict[str, float | str]:
    look: dict[str, float | str] = {t.name: t.average for t in looks.TONES}
    return look | {
        "hair_style": "bald",
        "brow_style": "natural",
        "beard_style": "none",
        "lipstick": "none",
        "glasses": "none",
    }


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
        sigma = morph.sigma * GAIN.get(morph.name, 1.0)
        if morph.group in middle:
            sigma *= float(np.clip((middle[morph.group] / effect) ** EVENING, *EVENED))
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
        for t in looks.TONES
    ]
    continuous += [
        Continuous(u, u, "expression", "expression", 0.0, 0.0, 1.0, "weight", 0.0, True) for u in sliders.ARKIT
    ]
    discrete = []
    for name, (label, group, options) in looks.CHOICES.items():
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
