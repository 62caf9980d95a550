"""The mien: how a face looks at one while it rests.  Some people seem to smile, some are grave, some look wide awake.

Only sliders of the resting face are moved, and by little: expressions proper are no part of a character.
"""

from __future__ import annotations

import numpy as np

# Offsets in shares of a slider's range, at a full smile and with eyes wide awake.
SMILE = {
    "mouth_corners": 0.30,
    "mouth_width": 0.05,
    "mouth_lower_outer": 0.06,
    "mouth_upper_outer": 0.04,
    "mouth_dimples": 0.08,
    "mouth_laugh_lines": 0.06,
    "cheek_height": 0.10,
    "cheek_volume": 0.06,
    "eye_bag_height": 0.05,
    "eye_open_middle": -0.05,
}
AWAKE = {
    "eye_open_middle": 0.07,
    "eye_fold_height": 0.06,
    "brow_height": 0.03,
    "brow_arch": 0.03,
}


def mien(rng: np.random.Generator) -> dict[str, float]:
    """Offsets of sliders from their averages, in shares of their ranges: somebody's resting mien."""
    smile, awake = float(rng.beta(1.5, 1.3)) * 1.15 - 0.15, float(rng.uniform(-0.7, 0.6))
    out = {name: smile * step for name, step in SMILE.items()}
    for name, step in AWAKE.items():
        out[name] = out.get(name, 0.0) + awake * step
    return out
