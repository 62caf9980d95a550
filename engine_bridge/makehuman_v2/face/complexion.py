"""Complexion: the albedo and the oil of the skin at each vertex of the cage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman_v2.core.jit import kernel
from engine_bridge.makehuman_v2.core.mathematics import bump, clamp, noise, ramp

Look = Mapping[str, float | str]
# Numbers that `_paint` reads, in this order.
NAMES = (
    "redness",
    "femininity",
    "age",
    "beard_shadow",
    "circles",
    "blush",
    "eye_shadow",
    "fairness",
    "spots",
)


@kernel
def _paint(cage, lip, ear, lid, base, shade, numbers):  # type: ignore[no-untyped-def]
    """Albedo and oil (V, 4) of the neutral ``cage`` (V, 3) with its fields (V,); ``base`` (3,) the skin's colour,
    ``shade`` (3,) that of the eye shadow, ``numbers`` as in NAMES."""
    red, female, age, stubble, circles, blush, shadow, fair, spots = numbers
    out = np.empty((len(cage), 4), np.float32)
    for i in range(len(cage)):
        sx, y, z = np.float64(cage[i, 0]), np.float64(cage[i, 1]), np.float64(cage[i, 2])
        x = abs(sx)
        front = 1.0 if z > 0.0 else 0.0
        # Blood shows in cheeks, nose, ears, chin and lids; the forehead and the mouth's surroundings are yellower.
        blood = (
            0.85 * bump(x, 0.38, 0.17) * bump(y, -0.33, 0.19)
            + 0.9 * bump(x, 0.0, 0.13) * bump(y, -0.37, 0.12) * front
            + 0.7 * ramp(ear[i], -0.05, 0.05)
            + 0.35 * bump(x, 0.0, 0.2) * bump(y, -1.02, 0.14)
            + 0.28 * ramp(lid[i], 0.12, 0.01)
            + 0.25 * bump(x, 0.17, 0.06) * bump(y, -0.40, 0.05)
        )
        mottled = 0.16 * noise(sx * 9.0 + 50.0, y * 9.0, z * 6.0) + 0.10 * noise(sx * 22.0, y * 22.0 + 30.0, z * 14.0)
        blood = clamp(blood * (0.75 + 0.25 * red) + mottled, -0.3, 1.3) * (0.6 + 0.4 * fair)
        yellow = 0.5 * ramp(y, 0.25, 0.5) * front + 0.15 * female * bump(x, 0.0, 0.3) * bump(y, -0.62, 0.12)
        r = base[0] * (1.0 + 0.035 * blood) * (1.0 + 0.012 * yellow)
        g = base[1] * (1.0 - 0.170 * blood) * (1.0 + 0.004 * yellow)
        b = base[2] * (1.0 - 0.155 * blood) * (1.0 - 0.060 * yellow)
        if stubble > 0.0:  # the bluish shadow of a shaven beard
            jaw = ramp(y, -0.40, -0.72) * ramp(y, -1.42, -1.15) * ramp(z, -0.75, -0.35)
            jaw *= 1.0 - 0.8 * bump(x, 0.40, 0.1) * ramp(y, -0.7, -0.5)
            jaw = clamp(jaw + 0.8 * bump(y, -0.55, 0.05) * ramp(x, 0.33, 0.2) * front, 0.0, 1.0)
            s = stubble * jaw * ramp(lip[i], 0.0, -0.03)
            r, g, b = r * (1.0 - s), g * (1.0 - 0.80 * s), b * (1.0 - 0.62 * s)
        ring = bump(x, 0.27, 0.13) * bump(y, -0.135, 0.05) * circles
        r, g, b = r * (1.0 - 0.13 * ring), g * (1.0 - 0.20 * ring), b * (1.0 - 0.17 * ring)
        socket = ramp(lid[i], 0.13, 0.0) * front
        r, g, b = r * (1.0 - 0.05 * socket), g * (1.0 - 0.11 * socket), b * (1.0 - 0.10 * socket)
        if x < 0.6 and z > -0.05:
            crease = bump(lid[i], 0.060, 0.012) * ramp(y, 0.0, 0.04)
            r, g, b = r * (1.0 - 0.16 * crease), g * (1.0 - 0.22 * crease), b * (1.0 - 0.22 * crease)
        if z > -0.1:
            k = bump(x, 0.44, 0.15) * bump(y, -0.26, 0.13) * blush
            r, g, b = (
                r + (base[0] * 1.06 - r) * k,
                g + (base[1] * 0.55 - g) * k,
                b + (base[2] * 0.60 - b) * k,
            )
            k = shadow * ramp(lid[i], 0.15, 0.03) * ramp(y, -0.01, 0.03) * ramp(x, 0.62, 0.52)
            r, g, b = r + (shade[0] - r) * k, g + (shade[1] - g) * k, b + (shade[2] - b) * k
        if spots > 0.0 and (y > 0.2 or x > 0.35):
            k = ramp(noise(sx * 14.0 + 3.0, y * 14.0, z * 9.0 + 91.0), 0.35, 0.75) * spots
            r, g, b = r * (1.0 - 0.12 * k), g * (1.0 - 0.20 * k), b * (1.0 - 0.24 * k)
        oil = 0.30 + 0.5 * bump(x, 0.0, 0.17) * ramp(y, -0.52, -0.3) + 0.30 * ramp(y, 0.22, 0.45) * bump(x, 0.0, 0.35)
        oil += 0.22 * bump(x, 0.38, 0.13) * bump(y, -0.2, 0.12)
        out[i, 0], out[i, 1], out[i, 2] = r, g, b
        out[i, 3] = oil * (1.0 - 0.2 * female)
    return out


def complexion(
    cage: NDArray[np.float32],
    fields: Mapping[str, NDArray[np.float32]],
    base: NDArray[np.float64],
    shade: NDArray[np.float64],
    numbers: Mapping[str, float],
) -> NDArray[np.float32]:
    """Albedo and oil (V, 4) of the neutral cage; ``numbers`` has what NAMES lists."""
    row = np.array([numbers[name] for name in NAMES])
    out: NDArray[np.float32] = _paint(cage, fields["lip"], fields["ear"], fields["lid"], base, shade, row)
    return out
