"""How deep the wrinkles are: by age and the slider of lines, and where an expression folds the skin."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import bump, ramp
from engine_bridge.makehuman.person import grown, ripeness

# Places of the map and the expression units that fold them: (left units, right units); a place's depth is the sum.
FOREHEAD, FROWN, FEET, BAGS, FOLDS, CHIN, LIPS, ROOT = range(8)
UNITS: dict[int, dict[str, float]] = {
    FOREHEAD: {"browInnerUp": 0.9, "browOuterUp{}": 0.7},
    FROWN: {"browDown{}": 1.1, "noseSneer{}": 0.5},
    FEET: {"eyeSquint{}": 0.7, "cheekSquint{}": 0.7, "mouthSmile{}": 0.45, "eyeBlink{}": 0.15},
    BAGS: {"eyeSquint{}": 0.6, "cheekSquint{}": 0.6, "mouthSmile{}": 0.25},
    FOLDS: {
        "mouthSmile{}": 0.55,
        "mouthUpperUp{}": 0.6,
        "noseSneer{}": 0.7,
        "mouthDimple{}": 0.4,
        "cheekSquint{}": 0.2,
    },
    CHIN: {"mouthFrown{}": 0.7, "mouthStretch{}": 0.5, "jawOpen": 0.25, "mouthLowerDown{}": 0.4},
    LIPS: {"mouthPucker": 0.9, "mouthFunnel": 0.5, "mouthPress{}": 0.4},
    ROOT: {"noseSneer{}": 1.0},
}
# Depth at 85 years, of women and of men, and how fast it grows at first: see `person.grown`.
DEEPEST, EARLY = (2.6, 2.4), (0.19, 1.14)
# How much of the age each place takes, and what it has from the start.
SHARES = ((0.8, 0.0), (0.6, 0.0), (1.0, 0.0), (0.85, 0.02), (0.58, 0.0), (0.45, 0.0), (0.9, 0.0), (0.0, 0.0))


@kernel
def _places(cage):  # type: ignore[no-untyped-def]
    """Where each place of the map lies on the neutral ``cage`` (V, 3): (V, 8), and in the last column how far left."""
    out = np.empty((len(cage), 9), np.float32)
    for i in range(len(cage)):
        sx, y = np.float64(cage[i, 0]), np.float64(cage[i, 1])
        x = abs(sx)
        out[i, 0] = ramp(y, 0.26, 0.34)
        out[i, 1] = ramp(x, 0.16, 0.10) * ramp(y, 0.05, 0.10) * ramp(y, 0.34, 0.26)
        out[i, 2] = ramp(x, 0.44, 0.50) * ramp(y, -0.22, -0.15) * ramp(y, 0.26, 0.2)
        out[i, 3] = ramp(y, -0.02, -0.06) * ramp(y, -0.28, -0.22) * ramp(x, 0.08, 0.13) * ramp(x, 0.50, 0.44)
        out[i, 4] = ramp(y, -0.26, -0.34) * ramp(y, -0.80, -0.70) * ramp(x, 0.13, 0.17)
        out[i, 5] = ramp(y, -0.68, -0.76)
        # At the corners of the mouth the walls of a fold would catch the light like teeth.
        corner = 0.2 + 0.8 * ramp(math.sqrt((x - 0.28) * (x - 0.28) + (y + 0.67) * (y + 0.67)), 0.04, 0.12)
        out[i, 4] *= corner
        out[i, 5] *= corner
        out[i, 6] = ramp(x, 0.28, 0.22) * ramp(y, -0.48, -0.52) * ramp(y, -0.68, -0.62)
        out[i, 7] = bump(x, 0.06, 0.06) * ramp(y, 0.09, 0.05) * ramp(y, -0.20, -0.14)
        out[i, 8] = ramp(sx, -0.08, 0.08)
    return out


@kernel
def _depths(places, rest, left, right):  # type: ignore[no-untyped-def]
    out = np.empty(len(places), np.float32)
    for i in range(len(places)):
        side = places[i, 8]
        total = 0.0
        for k in range(len(rest)):
            total += places[i, k] * (rest[k] + left[k] * side + right[k] * (1.0 - side))
        out[i] = min(total, 2.6)
    return out


class Lines:
    """Where wrinkles lie, found once for the neutral cage (V, 3)."""

    def __init__(self, cage: NDArray[np.float32]) -> None:
        self._places = _places(cage)

    def depths(self, lines: float, years: float, male: float, units: Mapping[str, float]) -> NDArray[np.float32]:
        """Depth (V,) of the wrinkle map at each vertex: 1 is that of an old face; ``lines`` the slider (0..1),
        ``male`` 0 a woman to 1 a man, ``units`` the expression's weights by name."""
        old = ripeness(years)
        slider = (lines - 0.14) * 0.9
        base = grown(years, male, DEEPEST, EARLY)
        rest = np.zeros(len(UNITS))
        for k, (share, early) in enumerate(SHARES):
            rest[k] = max(share * (base + slider) + early, 0.0)
        rest[FOREHEAD] *= 0.6 + 0.4 * male  # women's foreheads stay smoother
        supple = 0.45 + 0.75 * min(old * 1.6 + max(slider, 0.0), 1.0)  # a young skin folds less
        left, right = np.zeros(len(UNITS)), np.zeros(len(UNITS))
        for place, shares in UNITS.items():
            for unit, share in shares.items():
                left[place] += share * supple * units.get(unit.format("Left"), 0.0)
                right[place] += share * supple * units.get(unit.format("Right"), 0.0)
        out: NDArray[np.float32] = _depths(self._places, rest, left, right)
        return out
