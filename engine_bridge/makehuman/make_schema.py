"""Write ``schema.yaml`` from the tables of sliders, with ranges and spreads evened out by what each shows.

A developer's tool: ``python -m engine_bridge.makehuman.make_schema``; some minutes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman import sliders
from engine_bridge.makehuman.people.tables import CHOICES, TONES
from engine_bridge.makehuman.renderer import Renderer
from engine_bridge.makehuman.strands.tags import HAIR_TAGS
from f2p.engines.protocol import FRONTAL
from f2p.schema import Continuous, Discrete, Schema, dump_schema

PATH = Path(__file__).with_name("schema.yaml")
# A slider counts as visible from the front when two spreads of it change at least so many of 128 x 128 pixels
# by so many grey levels.
VISIBLE_PIXELS, VISIBLE_LEVELS = 12, 3.0
# The average of a slider in weights where it is not 0: where real people stand (the means over 420 portraits, of which
# the neutral ones decide on the mouth), then set by eye until the average face was at ease: corners of the mouth a
# little up, lips that close, lids that do not stare.
RESTING = {
    "head_angle": 0.06,
    "head_diamond": -0.08,
    "head_height": -0.17,
    "head_inverted": -0.02,
    "head_round": -0.16,
    "head_width": -0.06,
    "head_oval": 0.04,
    "forehead_temples": -0.10,
    "brow_ridge_height": -0.10,
    "eye_height": 0.18,
    "eye_inner_corner": -0.38,
    "eye_open_middle": 0.34,
    "eye_size": 0.92,
    "nose_depth": 0.06,
    "nose_length": -0.15,
    "nose_width": -0.22,
    "nose_volume": -0.04,
    "mouth_corners": 0.58,
    "mouth_height": 0.40,
    "mouth_lower_middle": 0.06,
    "mouth_lower_width": -0.10,
    "mouth_thickness": -0.33,
    "mouth_upper_volume": 0.18,
    "mouth_upper_height": 0.06,
    "mouth_width": 0.42,
    "cheek_volume": 0.02,
    "chin_height": -0.05,
    "jaw_bones": -0.16,
    "chin_width": -0.06,
}
# Share of the table's spread: people vary more along some sliders; along others the mesh would fold before the ends,
# as the evening below makes weak sliders reach far.
GAIN = {
    "chin_width": 1.15,
    "eye_size": 1.2,
    "head_depth": 1.2,
    "jaw_bones": 0.65,
    "jaw_drop": 1.3,
    "mouth_laugh_lines": 1.7,
    "neck_double_chin": 0.6,
    "mouth_width": 1.25,
    "nose_depth": 1.25,
    "nose_nostril_angle": 0.65,
    "nose_volume": 0.65,
}
# How far spreads are evened out: 0 leaves the table's sigmas, 1 makes every slider of a group as visible as the rest.
EVENING, EVENED = 0.6, (0.6, 1.8)
UNITS = {"age": (-0.3, 1.0, 0.1), "sex": (-1.2, 1.2, 0.0)}  # low, high, average


def _plain_look() -> dict[str, float | str]:
    look: dict[str, float | str] = {t.name: t.average for t in TONES}
    return look | {c.name: c.default for c in CHOICES} | {"hair_style": "bald"}


def _change(renderer: Renderer, name: str, low: float, high: float) -> NDArray[np.float32]:
    """What moving one morph from ``low`` to ``high`` (weights) changes in the picture: (128, 128), in grey levels."""
    a, b = (renderer.render({name: w}, _plain_look(), 128, FRONTAL).image.astype(np.float32) for w in (low, high))
    return np.asarray(np.abs(a - b).mean(axis=2))


def _shapes(renderer: Renderer) -> list[Continuous]:
    effects = {m.name: float(_change(renderer, m.name, -0.5, 0.5).mean()) for m in [*sliders.MACROS, *sliders.MORPHS]}
    middle = {
        g: float(np.median([effects[m.name] for m in sliders.MORPHS if m.group == g]))
        for g in {m.group for m in sliders.MORPHS}
    }
    out = []
    for morph in [*sliders.MACROS, *sliders.MORPHS]:
        sigma = morph.sigma * GAIN.get(morph.name, 1.0)
        if morph.group in middle:
            sigma *= float(np.clip((middle[morph.group] / max(effects[morph.name], 1e-6)) ** EVENING, *EVENED))
        average = RESTING.get(morph.name, 0.0)
        reach = float(np.clip(round(3.2 * sigma, 2), 0.4, 3.0))
        low, high = average - reach, average + reach
        if morph.name in UNITS:
            low, high, average = UNITS[morph.name]
        change = _change(renderer, morph.name, average - sigma, average + sigma)
        out.append(
            Continuous(
                name=morph.name,
                label=morph.label,
                group=morph.group,
                role="identity",
                average=round((average - low) / (high - low), 4),
                low=round(low, 3),
                high=round(high, 3),
                unit="weight",
                spread=round(min(sigma / (high - low), 0.2), 4),
                frontal=int((change >= VISIBLE_LEVELS).sum()) >= VISIBLE_PIXELS,
            )
        )
    return out


def make_schema() -> Schema:
    """Measure every slider of shape and build the schema."""
    continuous = _shapes(Renderer())
    continuous += [
        Continuous(t.name, t.label, t.group, "appearance", t.average, 0.0, 1.0, "share", t.spread, True) for t in TONES
    ]
    continuous += [
        Continuous(u, u, "expression", "expression", 0.0, 0.0, 1.0, "weight", 0.0, True) for u in sliders.ARKIT
    ]
    discrete = []
    for c in CHOICES:
        weights = tuple(round(w / sum(c.weights.values()), 4) for w in c.weights.values())
        tags = HAIR_TAGS if c.name == "hair_style" else {}
        discrete.append(
            Discrete(c.name, c.label, c.group, "appearance", tuple(c.weights), c.default, weights, True, tags=tags)
        )
    return Schema("makehuman", "2", tuple(continuous), tuple(discrete))


def write_schema(path: Path = PATH) -> None:
    """Measure, and write the YAML file."""
    path.write_text(dump_schema(make_schema()), encoding="utf-8")


if __name__ == "__main__":
    write_schema()
