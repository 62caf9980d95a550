"""Complexion: the albedo and the oil of the skin at each vertex of the cage."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import bump, clamp, noise, ramp

# Numbers that `_paint` reads, and masks that `_masks` makes, in this order.
NUMBERS = ("redness", "femininity", "stubble", "circles", "blush", "shadow", "fairness", "spots", "worn")
MASKS = (
    "blood", "mottled", "yellow", "mouth", "jaw", "ring", "socket", "crease", "blush", "shadow", "spots", "oil", "worn",
)  # fmt: skip


@inline
def _valley(x, y, ax, ay, bx, by, width):  # type: ignore[no-untyped-def]
    """A soft valley 1 deep along the way from (ax, ay) to (bx, by), ``width`` dm to its side."""
    dx, dy = bx - ax, by - ay
    t = clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    gx, gy = x - ax - t * dx, y - ay - t * dy
    return bump(math.sqrt(gx * gx + gy * gy), 0.0, width)


@inline
def _worn(x, y, z):  # type: ignore[no-untyped-def]
    """Where a face that ages loses its fill, and light with it, on the neutral head (``x`` from the midline): beside
    the nose and mouth, below the eyes, at temples and cheeks, where the brow frowns and the forehead folds."""
    fold = max(_valley(x, y, 0.185, -0.36, 0.275, -0.53, 0.042), _valley(x, y, 0.275, -0.53, 0.335, -0.72, 0.036))
    mouth = _valley(x, y, 0.315, -0.76, 0.305, -0.93, 0.034)
    trough = max(_valley(x, y, 0.13, -0.10, 0.21, -0.185, 0.034), _valley(x, y, 0.21, -0.185, 0.36, -0.20, 0.034))
    feet = bump(x, 0.58, 0.055) * bump(y, -0.02, 0.085)
    frown = bump(x, 0.06, 0.025) * bump(y, 0.17, 0.07)
    hollow = bump(x, 0.70, 0.07) * bump(y, 0.22, 0.14) + 0.75 * bump(x, 0.50, 0.08) * bump(y, -0.60, 0.13)
    rows = bump(y, 0.40, 0.020) + bump(y, 0.49, 0.020) + bump(y, 0.58, 0.020)
    lips = bump(y, -0.56, 0.035) * bump(x, 0.0, 0.16)
    out = 0.7 * fold + 0.7 * mouth + 0.85 * trough + 0.55 * feet + 0.45 * frown + 0.40 * hollow
    return (out + 0.35 * rows * ramp(x, 0.46, 0.30) + 0.25 * lips) * ramp(z, -0.2, 0.1)


@kernel
def _masks(cage, lip, ear, lid):  # type: ignore[no-untyped-def]
    """Where on the neutral ``cage`` (V, 3) each part of the complexion lies: (V, MASKS)."""
    out = np.zeros((len(cage), 13), np.float32)
    for i in range(len(cage)):
        sx, y, z = np.float64(cage[i, 0]), np.float64(cage[i, 1]), np.float64(cage[i, 2])
        x = abs(sx)
        front = 1.0 if z > 0.0 else 0.0
        # Blood shows in cheeks, nose, ears, chin and lids; the forehead and the mouth's surroundings are yellower.
        out[i, 0] = (
            0.85 * bump(x, 0.38, 0.17) * bump(y, -0.33, 0.19)
            + 0.9 * bump(x, 0.0, 0.13) * bump(y, -0.37, 0.12) * front
            + 0.7 * ramp(ear[i], -0.05, 0.05)
            + 0.42 * bump(x, 0.0, 0.24) * bump(y, -1.00, 0.16)
            + 0.22 * bump(x, 0.36, 0.18) * bump(y, -0.75, 0.18) * front
            + 0.28 * ramp(lid[i], 0.12, 0.01)
            + 0.25 * bump(x, 0.17, 0.06) * bump(y, -0.40, 0.05)
        )
        out[i, 1] = 0.16 * noise(sx * 9.0 + 50.0, y * 9.0, z * 6.0) + 0.10 * noise(sx * 22.0, y * 22.0 + 30.0, z * 14.0)
        out[i, 2] = 0.5 * ramp(y, 0.25, 0.5) * front
        out[i, 3] = 0.15 * bump(x, 0.0, 0.3) * bump(y, -0.62, 0.12)
        jaw = ramp(y, -0.40, -0.72) * ramp(y, -1.42, -1.15) * ramp(z, -0.75, -0.35)
        jaw *= 1.0 - 0.8 * bump(x, 0.40, 0.1) * ramp(y, -0.7, -0.5)
        jaw = clamp(jaw + 0.8 * bump(y, -0.55, 0.05) * ramp(x, 0.33, 0.2) * front, 0.0, 1.0)
        out[i, 4] = jaw * ramp(lip[i], 0.0, -0.03)
        out[i, 5] = bump(x, 0.27, 0.13) * bump(y, -0.135, 0.05)
        out[i, 6] = ramp(lid[i], 0.13, 0.0) * front
        if x < 0.6 and z > -0.05:
            out[i, 7] = bump(lid[i], 0.060, 0.012) * ramp(y, 0.0, 0.04)
        if z > -0.1:
            # Blush runs from the apple of the cheek up to the temple.
            along = (x - 0.42) * 0.80 + (y + 0.27) * 0.60
            aside = (y + 0.27) * 0.80 - (x - 0.42) * 0.60
            out[i, 8] = bump(along, 0.0, 0.17) * bump(aside, 0.0, 0.095)
            # Eye shadow: over the lid up to the crease and a little beyond, drawn out at the outer corner.
            lift = ramp(lid[i], 0.155, 0.035) * ramp(y, -0.012, 0.025)
            out[i, 9] = lift * ramp(x, 0.62, 0.50) * ramp(x, 0.10, 0.17)
        if y > 0.2 or x > 0.35:
            out[i, 10] = ramp(noise(sx * 14.0 + 3.0, y * 14.0, z * 9.0 + 91.0), 0.35, 0.75)
        out[i, 11] = (
            0.30
            + 0.5 * bump(x, 0.0, 0.17) * ramp(y, -0.52, -0.3)
            + 0.30 * ramp(y, 0.22, 0.45) * bump(x, 0.0, 0.35)
            + 0.22 * bump(x, 0.38, 0.13) * bump(y, -0.2, 0.12)
        )
        out[i, 12] = min(_worn(x, y, z), 1.2) * ramp(lip[i], 0.0, -0.03)
    return out


@kernel
def _paint(masks, base, shade, numbers):  # type: ignore[no-untyped-def]
    """Albedo and oil (V, 4): ``base`` (3,) the skin's colour, ``shade`` (3,) that of the eye shadow."""
    red, female, stubble, circles, blush, shadow, fair, spots, worn = numbers
    out = np.empty((len(masks), 4), np.float32)
    for i in range(len(masks)):
        m = masks[i]
        blood = clamp(m[0] * (0.75 + 0.25 * red) + m[1], -0.3, 1.3) * (0.6 + 0.4 * fair)
        yellow = m[2] + female * m[3]
        s = stubble * m[4]
        ring, socket, crease = circles * m[5], m[6], m[7]
        k, w = spots * m[10], worn * m[12]
        r = base[0] * (1.0 + 0.035 * blood) * (1.0 + 0.012 * yellow) * (1.0 - s) * (1.0 - 0.13 * ring)
        g = base[1] * (1.0 - 0.170 * blood) * (1.0 + 0.004 * yellow) * (1.0 - 0.90 * s) * (1.0 - 0.20 * ring)
        b = base[2] * (1.0 - 0.155 * blood) * (1.0 - 0.060 * yellow) * (1.0 - 0.86 * s) * (1.0 - 0.17 * ring)
        r, g, b = r * (1.0 - 0.21 * w), g * (1.0 - 0.25 * w), b * (1.0 - 0.25 * w)
        r *= (1.0 - 0.05 * socket) * (1.0 - 0.16 * crease) * (1.0 - 0.12 * k)
        g *= (1.0 - 0.11 * socket) * (1.0 - 0.22 * crease) * (1.0 - 0.20 * k)
        b *= (1.0 - 0.10 * socket) * (1.0 - 0.22 * crease) * (1.0 - 0.24 * k)
        k = blush * m[8]
        r, g, b = r + (base[0] * 1.05 - r) * k, g + (base[1] * 0.52 - g) * k, b + (base[2] * 0.56 - b) * k
        k = shadow * m[9]
        r, g, b = r + (shade[0] - r) * k, g + (shade[1] - g) * k, b + (shade[2] - b) * k
        out[i, 0], out[i, 1], out[i, 2] = r, g, b
        out[i, 3] = m[11] * (1.0 - 0.2 * female)
    return out


@kernel
def blotches(points):  # type: ignore[no-untyped-def]
    """Pigment (F, 2) of the skin at neutral ``points`` (F, 3), finer than the cage can hold: how uneven it is,
    -1..1, and the spots of age, 0..1, most at temples, forehead and the sides of the cheeks."""
    out = np.empty((len(points), 2), np.float32)
    for i in range(len(points)):
        x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        out[i, 0] = 0.6 * noise(x * 9.5 + 3.0, y * 9.5, z * 9.5) + 0.4 * noise(x * 21.0, y * 21.0 + 7.0, z * 21.0)
        where = 0.35 + 0.65 * max(ramp(abs(x), 0.30, 0.55), ramp(y, 0.25, 0.45))
        small = ramp(noise(x * 24.0 + 5.0, y * 24.0, z * 24.0 + 2.0), 0.45, 0.75)
        out[i, 1] = where * max(ramp(noise(x * 11.0, y * 11.0 + 3.0, z * 11.0), 0.42, 0.70), 0.8 * small)
    return out


def unevenness(aged: float) -> tuple[float, float]:
    """How uneven the pigment of a skin is that has ``aged`` (0..1), and how dark its spots of age are."""
    return 0.050 + 0.045 * aged, 0.10 * max(aged - 0.25, 0.0) / 0.75


class Complexion:
    """The skin's masks, made once for the neutral cage (V, 3) with its ``fields``."""

    def __init__(self, cage: NDArray[np.float32], fields: Mapping[str, NDArray[np.float32]]) -> None:
        self._masks = _masks(cage, fields["lip"], fields["ear"], fields["lid"])

    def paint(
        self, base: NDArray[np.float64], shade: NDArray[np.float64], numbers: Mapping[str, float]
    ) -> NDArray[np.float32]:
        """Albedo and oil (V, 4) of a skin of colour ``base`` (3,) with eye shadow of colour ``shade`` (3,); ``numbers``
        has what NUMBERS lists."""
        out: NDArray[np.float32] = _paint(self._masks, base, shade, np.array([numbers[name] for name in NUMBERS]))
        return out
