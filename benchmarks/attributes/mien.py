"""The mien of photos: how far the answers to them lie beside the engine's own people, slider by slider.

Whoever smiles narrows the eyes and lowers the brows, and light from above does so too: a search takes part of it for a
frown that the person was born with. What is common to all answers is no likeness, and `calibration.mien` of a bundle
takes it off (`f2p.bundle.calibration`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from f2p.engines.protocol import Engine
from f2p.fitting.traits import SEX_SLIDER
from f2p.schema import Schema

__all__ = ["RESTING", "mien_of"]

RESTING: Final = (
    "brow_angle",
    "brow_height",
    "brow_slant",
    "brow_ridge_height",
    "eye_inner_corner",
    "eye_open_middle",
    "mouth_corners",
    "mouth_lower_outer",
    "mouth_upper_outer",
)
"""Sliders of the reference engine that make a resting face look angry, sad or startled."""


def mien_of(
    schema: Schema, answers: Sequence[Mapping[str, Any]], engine: Engine, people: int, seed: int = 0
) -> dict[str, float]:
    """Mean over both sexes of answers less the engine's people of that sex, normalised, of the `RESTING` sliders.

    Args:
        schema: has the slider of sex.
        answers: values of characters by name.
        engine: draws the people to compare with, ``people`` of them.
        seed: of the first of them.
    """
    names = [name for name in RESTING if name in schema.slices]
    sex = next(slider for slider in schema.continuous if slider.name == SEX_SLIDER)
    middle = -sex.low / (sex.high - sex.low)
    own = [engine.sample(seed + k) for k in range(people)]
    gaps = []
    for male in (False, True):
        photos, drawn = (
            [[float(each[name]) for name in names] for each in group if (float(each[SEX_SLIDER]) > middle) == male]
            for group in (answers, own)
        )
        if photos and drawn:
            gaps.append(np.mean(photos, axis=0) - np.median(drawn, axis=0))
    return {name: round(float(gap), 3) for name, gap in zip(names, np.mean(gaps, axis=0), strict=True)}
