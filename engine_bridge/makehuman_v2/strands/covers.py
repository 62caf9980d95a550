"""Head covers: the shapes of a cap and of a hijab, laid over a shaped head.

Cloth is a grid of points round the head's vertical axis: above, they are told by polar angle about the middle, below
by height. It bridges hollows: its distance from the axis is the envelope of a paraboloid on every vertex of the skin,
which moves smoothly with the vertices.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman_v2.core.jit import inline, kernel
from engine_bridge.makehuman_v2.core.mathematics import (
    PI,
    arccosine,
    arctangent2,
    bump,
    clamp,
    cosine,
    noise,
    ramp,
    sine,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
AXIS_Y, AXIS_Z = 0.10, -0.55  # the middle, dm
COLUMNS, UPPER, LOWER = 72, 18, 26  # azimuths, polar angles down to the horizon, heights below it
STEP = 0.07  # dm between heights
ROWS = UPPER + LOWER
HANG, SHOULDER = 2.0, 4.5  # how strongly the envelope's paraboloids fall off, 1 / dm; and upwards from the shoulders
CAP_ROWS, BRIM_ROWS, BRIM_COLUMNS = 20, 8, 33
BAND_Y, BAND_TILT = 0.38, 0.19  # height (dm) of the cap's rim at the ears, and how much higher it is in front
COVERS = ("none", "cap", "hijab")


@inline
def band(azimuth_cosine: float) -> float:
    """Height of the cap's rim."""
    return BAND_Y + BAND_TILT * azimuth_cosine


@kernel
def envelope(cage, skin):  # type: ignore[no-untyped-def]
    """Distance (ROWS, COLUMNS) of the cloth from the middle (upper rows) or from the axis (lower ones)."""
    out = np.zeros((ROWS, COLUMNS))
    for v in skin:
        x, y, z = cage[v, 0], cage[v, 1] - AXIS_Y, cage[v, 2] - AXIS_Z
        flat = math.sqrt(x * x + z * z)
        azimuth = arctangent2(x, z)
        down_fall = HANG
        if y >= 0.0:
            r = math.sqrt(flat * flat + y * y)
            row = arccosine(y / r) / (0.5 * PI) * UPPER - 0.5
            tall = r * 0.5 * PI / UPPER
        else:
            r = flat
            row = UPPER - y / STEP - 0.5
            tall = STEP
            down_fall = HANG + (SHOULDER - HANG) * ramp(y, -1.1, -1.4)
            if r > 1.9:
                continue
        column = azimuth / (2.0 * PI) * COLUMNS + 0.5 * COLUMNS
        wide = max(flat, 0.05) * 2.0 * PI / COLUMNS
        reach = min(int(0.5 / wide) + 1, COLUMNS // 2 - 1)
        for i in range(max(int(row) - 5, 0), min(int(row) + 7, ROWS)):
            for d in range(-reach, reach + 1):
                j = int(column) + d
                across, down = (j - column) * wide, (i - row) * tall
                value = r - HANG * across * across - down_fall * down * down
                j = j % COLUMNS
                if value > out[i, j]:
                    out[i, j] = value
    for i in range(3):  # at the crown all azimuths meet
        total = 0.0
        for j in range(COLUMNS):
            total += out[i, j]
        for j in range(COLUMNS):
            out[i, j] += (total / COLUMNS - out[i, j]) * (1.0 - i / 3.0)
    return out


@inline
def _distance(field, row, azimuth):  # type: ignore[no-untyped-def]
    """Bilinear look-up at a fractional row and an azimuth in radians."""
    c = azimuth / (2.0 * PI) * COLUMNS + 0.5 * COLUMNS
    i = int(clamp(row, 0.0, ROWS - 1.001))
    a = clamp(row, 0.0, ROWS - 1.001) - i
    j = math.floor(c)
    b = c - j
    j, k = j % COLUMNS, (j + 1) % COLUMNS
    low = field[i, j] + (field[i, k] - field[i, j]) * b
    high = field[i + 1, j] + (field[i + 1, k] - field[i + 1, j]) * b
    return low + (high - low) * a


@inline
def _upper(field, polar, azimuth, off):  # type: ignore[no-untyped-def]
    r = _distance(field, polar / (0.5 * PI) * UPPER - 0.5, azimuth) + off
    s = sine(polar)
    return r * s * sine(azimuth), AXIS_Y + r * cosine(polar), AXIS_Z + r * s * cosine(azimuth)


@inline
def _lower(field, y, azimuth, off):  # type: ignore[no-untyped-def]
    r = _distance(field, UPPER + (AXIS_Y - y) / STEP - 0.5, azimuth) + off
    return r * sine(azimuth), y, AXIS_Z + r * cosine(azimuth)


@kernel
def hijab(field):  # type: ignore[no-untyped-def]
    """Points (rows, columns, 3) from the crown to the chest; the first and last column run along the face."""
    above, beside, below, columns = 14, 32, 9, 81
    out = np.empty((above + beside + below, columns, 3), np.float32)
    top, low, wide = 0.60, -1.08, 0.98  # where the face shows: heights (dm), and the azimuth to each side
    middle, half = 0.5 * (top + low), 0.5 * (top - low)
    first = arccosine((top - AXIS_Y) / 0.95)
    for i in range(above + beside + below):
        t, y = 1.0, top
        if i < above:
            y = AXIS_Y + 0.95 * cosine(first * (i + 0.02) / above)
        elif i < above + beside:
            t = cosine(PI * (i - above) / (beside - 1.0))
            y = middle + half * t
        else:
            t, y = -1.0, low - STEP * (i - above - beside + 1)
        gap = wide * math.sqrt(max(1.0 - t * t, 0.0)) * (1.0 - 0.20 * ramp(t, 0.1, -0.8))  # azimuth of the hem
        for j in range(columns):
            u = 2.0 * j / (columns - 1) - 1.0
            azimuth = (gap + (PI - gap) * (1.0 - abs(u))) * (1.0 if u >= 0.0 else -1.0)
            e, v = azimuth / wide, (y - middle) / half
            edge = ramp(math.sqrt(e * e + v * v), 1.16, 1.0)
            fall = ramp(y, -0.7, -1.25)
            fold = (
                noise(azimuth * 2.6 + y * 0.8, y * 2.2, 3.0) * 0.020
                + noise(azimuth * 6.0 - y * 2.5, y * 3.0, 9.0) * 0.010
            )
            fold += fall * 0.040 * sine(azimuth * 7.0 + 3.0 * y + 1.5 * noise(azimuth * 2.0, y * 2.0, 5.0))
            off = 0.075 * (1.0 - 0.75 * edge) + fold * (1.0 - edge) + 0.08 * fall * (1.0 - edge)
            if y > AXIS_Y:
                x, yy, z = _upper(field, arccosine((y - AXIS_Y) / 0.95), azimuth, off)
            else:
                x, yy, z = _lower(field, y, azimuth, off)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = x, yy, z
    return out


@kernel
def cap(field):  # type: ignore[no-untyped-def]
    """The crown of a cap, points (CAP_ROWS, COLUMNS + 1, 3), and its brim (BRIM_ROWS, BRIM_COLUMNS, 3)."""
    crown = np.empty((CAP_ROWS, COLUMNS + 1, 3), np.float32)
    rim = np.empty((BRIM_COLUMNS, 3))
    brim = np.empty((BRIM_ROWS, BRIM_COLUMNS, 3), np.float32)
    for j in range(COLUMNS + 1):
        azimuth = 2.0 * PI * j / COLUMNS - PI
        lowest = arccosine(clamp((band(cosine(azimuth)) - AXIS_Y) / 0.88, -1.0, 1.0))
        for i in range(CAP_ROWS):
            t = i / (CAP_ROWS - 1)
            seam = bump(sine(azimuth * 3.0), 0.0, 0.06) * 0.012 * ramp(t, 0.0, 0.2)
            off = 0.060 + 0.045 * sine(PI * min(t * 1.15, 1.0)) - 0.03 * ramp(t, 0.90, 1.0) + seam
            x, y, z = _upper(field, max(lowest * t, 0.01), azimuth, off)
            crown[i, j, 0], crown[i, j, 1], crown[i, j, 2] = x, y, z
    for j in range(BRIM_COLUMNS):
        a = (2.0 * j / (BRIM_COLUMNS - 1) - 1.0) * 1.02
        lowest = arccosine(clamp((band(cosine(a)) - AXIS_Y) / 0.88, -1.0, 1.0))
        rim[j, 0], rim[j, 1], rim[j, 2] = _upper(field, lowest, a, 0.035)
    for i in range(BRIM_ROWS):
        t = i / (BRIM_ROWS - 1)
        for j in range(BRIM_COLUMNS):
            v = 2.0 * j / (BRIM_COLUMNS - 1) - 1.0
            reach = 0.62 * (1.0 - abs(v) * abs(v) * abs(v)) * t
            brim[i, j, 0] = rim[j, 0] * (1.0 + 0.02 * t)
            brim[i, j, 1] = rim[j, 1] - 0.20 * reach - 0.22 * reach * v * v
            brim[i, j, 2] = rim[j, 2] + reach
    return crown, brim
