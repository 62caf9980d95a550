"""Head covers: the shapes of a cap and of a hijab, laid over a shaped head.

Cloth is a grid of points round the head's vertical axis: above, they are told by polar angle about the middle, below
by height. It bridges hollows: its distance from the axis is the envelope of a paraboloid on every vertex of the skin,
which moves smoothly with the vertices.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import (
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
CAP_ROWS, BRIM_ROWS, BRIM_COLUMNS = 24, 13, 41
HEM = 3  # rows of the brim that are turned under
BAND_Y, BAND_TILT = 0.36, 0.16  # height (dm) of the cap's rim at the ears, and how much higher it is in front
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
    for _ in range(5):  # vertices are few on the skull: cloth does not show them
        before = out[: UPPER + 3].copy()
        for i in range(1, UPPER + 2):
            for j in range(COLUMNS):
                beside = before[i, (j - 1) % COLUMNS] + before[i, (j + 1) % COLUMNS]
                out[i, j] = 0.5 * before[i, j] + 0.125 * (beside + before[i - 1, j] + before[i + 1, j])
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


@inline
def _hanging(field, j):  # type: ignore[no-untyped-def]
    """Column j (ROWS,) of ``field``, made to hang: below the cheeks cloth falls away from the head more slowly than
    the neck does."""
    out = np.empty(ROWS)
    wide = 0.0
    for i in range(ROWS):
        y = AXIS_Y - (i - UPPER + 0.5) * STEP
        out[i] = field[i, j]
        if i >= UPPER:
            azimuth = abs(2.0 * PI * j / COLUMNS - PI)
            flare = 0.16 * ramp(y, -0.55, -1.10) * ramp(azimuth, 0.5, 1.2)
            least = wide - STEP * (0.03 - flare + 0.62 * ramp(azimuth, 0.70, 0.20))
            out[i] += (max(out[i], least) - out[i]) * ramp(y, -0.15, -0.40)
        wide = out[i]
    return out


@kernel
def draped(field):  # type: ignore[no-untyped-def]
    """The envelope (ROWS, COLUMNS) of cloth that hangs from the head, smoothed around it."""
    out = np.empty((ROWS, COLUMNS))
    for j in range(COLUMNS):
        column = _hanging(field, j)
        for i in range(ROWS):
            out[i, j] = column[i]
    for _ in range(3):
        before = out.copy()
        for i in range(UPPER, ROWS):
            for j in range(COLUMNS):
                mean = (before[i, (j - 1) % COLUMNS] + before[i, (j + 1) % COLUMNS]) * 0.25 + before[i, j] * 0.5
                out[i, j] = max(mean, field[i, j])
    return out


@inline
def _folds(azimuth, y, ring):  # type: ignore[no-untyped-def]
    """How far (dm) folds stand off: those that are wound round the face, whose hem is at ``ring`` 1, swags under the
    chin, and long ones that fall from the head to the shoulders."""
    away = abs(azimuth)
    bent = 0.10 * noise(azimuth * 2.0, y * 2.0, 5.0)
    wound = 1.0 - abs(sine(7.0 * (ring + bent) - 1.2 * azimuth))
    out = 0.030 * wound * wound * ramp(ring, 1.12, 1.30) * ramp(ring, 2.6, 1.7) * ramp(y, 0.75, -0.10)
    swag = 1.0 - abs(sine(9.0 * (y + 0.16 * azimuth - 0.26 * azimuth * azimuth + 0.5 * bent)))
    out += ramp(y, -0.95, -1.20) * ramp(away, 1.5, 0.7) * 0.065 * swag
    fall = ramp(y, -0.35, -1.0) * ramp(away, 0.85, 1.3)
    out += fall * 0.035 * sine(azimuth * 9.0 + 1.2 * y + 8.0 * bent)
    return out + noise(azimuth * 2.6 + y * 0.8, y * 2.2, 3.0) * 0.008 * ramp(y, 0.9, 0.3)


@kernel
def hijab(envelope):  # type: ignore[no-untyped-def]
    """Points (rows, columns, 3) from the crown to the chest; the first and last column run along the face."""
    field = draped(envelope)
    above, beside, below, columns = 16, 40, 14, 97
    out = np.empty((above + beside + below, columns, 3), np.float32)
    top, low, wide = 0.60, -1.08, 0.84  # where the face shows: heights (dm), and the azimuth to each side
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
            t, y = -1.0, low - 0.045 * (i - above - beside + 1)
        gap = wide * math.sqrt(max(1.0 - t * t, 0.0)) * (1.0 - 0.26 * ramp(t, 0.1, -0.9))  # azimuth of the hem
        for j in range(columns):
            u = 2.0 * j / (columns - 1) - 1.0
            azimuth = (gap + (PI - gap) * (1.0 - abs(u))) * (1.0 if u >= 0.0 else -1.0)
            e, v = azimuth / wide, (y - middle) / half
            ring = math.sqrt(e * e + v * v)
            edge = ramp(ring, 1.22, 1.0)
            roll = bump(ring, 1.05, 0.04) * 0.006  # the hem is turned in
            back = ramp(abs(azimuth), 1.2, 2.4) * ramp(y, 1.0, 0.4) * ramp(y, -0.9, -0.2)  # over the tied hair
            off = 0.060 * (1.0 - 0.85 * edge) + roll + 0.14 * back + _folds(azimuth, y, ring) * (1.0 - edge)
            if y > AXIS_Y:
                x, yy, z = _upper(field, arccosine((y - AXIS_Y) / 0.95), azimuth, off)
            else:
                x, yy, z = _lower(field, y, azimuth, off)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = x, yy, z
    return out


@kernel
def wrap(envelope):  # type: ignore[no-untyped-def]
    """Points (rows, columns, 3) of the end of the scarf: from over the right ear below the chin to the left
    shoulder."""
    field = draped(envelope)
    rows, columns = 22, 65
    out = np.empty((rows, columns, 3), np.float32)
    for j in range(columns):
        u = 2.0 * j / (columns - 1) - 1.0
        azimuth = 0.15 + 2.15 * u
        away = azimuth - 0.10
        # It hangs in a bow below the chin, and climbs to the ear on one side.
        upper = -1.13 + 0.62 * ramp(-away, 0.30, 1.50) + 0.75 * ramp(-away, 1.1, 2.1) - 0.16 * ramp(away, 0.2, 1.5)
        width = 0.44 + 0.30 * ramp(away, -0.5, 1.6) - 0.10 * ramp(-away, 0.8, 2.0)
        for i in range(rows):
            t = i / (rows - 1)
            y = upper - width * t
            tucked = ramp(t, 0.0, 0.14)
            bent = noise(azimuth * 1.3, t * 2.0, 9.0)
            pleat = 1.0 - abs(sine(PI * (3.4 * t + 0.45 * bent + 0.20 * azimuth)))
            off = 0.050 + (0.052 + 0.045 * pleat * pleat) * tucked + 0.030 * bump(t, 0.10, 0.08)
            off *= ramp(abs(u), 1.0, 0.90)
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
            seam = bump(sine(azimuth * 3.0), 0.0, 0.06) * 0.014 * ramp(t, 0.02, 0.10)  # six panels
            button = 0.030 * ramp(t, 0.075, 0.045)
            hem = 0.010 * ramp(t, 0.86, 0.90)
            # The front panels stand up from the brim, the others lie close.
            front = 0.085 * ramp(cosine(azimuth), 0.10, 0.95) * ramp(t, 0.05, 0.50) * ramp(t, 1.0, 0.55)
            off = 0.055 + 0.055 * sine(PI * clamp(0.25 + 0.75 * t, 0.0, 1.0)) + front - 0.022 * ramp(t, 0.75, 1.0)
            off += button - seam - hem
            x, y, z = _upper(field, max(lowest * t, 0.01), azimuth, off)
            crown[i, j, 0], crown[i, j, 1], crown[i, j, 2] = x, y, z
    for j in range(BRIM_COLUMNS):
        a = (2.0 * j / (BRIM_COLUMNS - 1) - 1.0) * 1.02
        lowest = arccosine(clamp((band(cosine(a)) - AXIS_Y) / 0.88, -1.0, 1.0))
        rim[j, 0], rim[j, 1], rim[j, 2] = _upper(field, lowest, a, 0.035)
    last = BRIM_ROWS - 1 - HEM
    for i in range(BRIM_ROWS):
        t = i / last
        under = 0.0
        if i > last:  # the edge is as thick as its card
            t = 1.0 - 0.06 * (i - last - 1)
            under = 0.035
        for j in range(BRIM_COLUMNS):
            v = 2.0 * j / (BRIM_COLUMNS - 1) - 1.0
            reach = 0.70 * math.sqrt(max(1.0 - v * v * v * v, 0.0)) * t
            stitched = 0.008 * bump(t, 0.78, 0.05)
            brim[i, j, 0] = rim[j, 0] * (1.0 + 0.04 * t)
            brim[i, j, 1] = rim[j, 1] - 0.22 * reach - 0.32 * reach * v * v - 0.10 * reach * reach - under - stitched
            brim[i, j, 2] = rim[j, 2] + reach
    return crown, brim
