"""Lashes: they stand on the lids' margins and go with them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import clamp, interpolate, power, ramp
from engine_bridge.makehuman.strands import colour
from engine_bridge.makehuman.strands.roots import random_numbers
from engine_bridge.makehuman.strands.strand import LASHES, Strands

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
STEPS = 6
UPPER, LOWER = 84, 44  # lashes of a lid
SEED = 53
_UNIFORM, _NORMAL = random_numbers(2 * (UPPER + LOWER), SEED)


@kernel
def _lid(rim, centre, count, first, up, left, long, uniform, normal):  # type: ignore[no-untyped-def]
    """Lashes (count, STEPS, 3) of one lid and the way off the eye (count, STEPS, 3); ``rim`` (R, 3) the margin's
    points, ``up`` 1 for the upper lid and -1 for the lower, ``left`` 1 for the eye at positive x and -1."""
    arc = np.zeros(len(rim))
    for k in range(1, len(rim)):
        x, y, z = rim[k, 0] - rim[k - 1, 0], rim[k, 1] - rim[k - 1, 1], rim[k, 2] - rim[k - 1, 2]
        arc[k] = arc[k - 1] + math.sqrt(x * x + y * y + z * z)
    at = np.array([0.0, 0.15, 0.7, 1.0])
    size = np.array([0.45, 0.75, 1.1, 0.9])
    curl_y = 1.0 if up > 0 else -0.8
    curl_z = -0.15 if up > 0 else -0.1
    points, away = np.empty((count, STEPS, 3), np.float32), np.empty((count, STEPS, 3), np.float32)
    for n in range(count):
        g = normal[first + n]
        u = clamp((n + 0.5 + 0.25 * g[0]) / count, 0.04, 0.97)
        outer = u if left > 0 else 1.0 - u  # 0 at the nose, 1 at the temple
        x = interpolate(arc, rim[:, 0], u * arc[len(rim) - 1])
        y = interpolate(arc, rim[:, 1], u * arc[len(rim) - 1])
        z = interpolate(arc, rim[:, 2], u * arc[len(rim) - 1])
        dx, dy, dz = x - centre[0], y - centre[1], z - centre[2]
        s = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
        dx, dy, dz = dx * s, dy * s, dz * s
        x, y, z = x + 0.006 * dx, y + 0.006 * dy + up * 0.003, z + 0.006 * dz + 0.003
        fan = (outer - 0.42) * 1.25 * left + 0.10 * g[1]
        vx, vy, vz = dx * 0.9 + fan, dy * 0.9 + up * 0.10, dz * 0.9 + 0.35
        s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * s, vy * s, vz * s
        # On a lid that closes they hang instead of growing through it.
        raised = ramp(dy, -0.15, 0.25) if up > 0 else 1.0
        curl = curl_y * raised - 0.30 * (1.0 - raised)
        own = long * (1.0 + 0.16 * g[2]) * interpolate(at, size, outer)
        for j in range(STEPS):
            t = j / (STEPS - 1)
            bend = 0.62 * power(t, 1.8)
            points[n, j, 0] = x + own * t * vx * 0.8
            points[n, j, 1] = y + own * (t * vy * 0.8 + bend * curl)
            points[n, j, 2] = z + own * (t * vz * 0.8 + bend * curl_z)
            away[n, j, 0], away[n, j, 1], away[n, j, 2] = dx, dy, dz
    return points, away


def grow_lashes(
    look: colour.Look,
    cage: Floats,
    eyes: tuple[NDArray[np.float64], NDArray[np.float64]],
    rims: Sequence[Sequence[Ints]],
    size: int,
    sex: float,
    age: float,
) -> Strands:
    """The lashes of a shaped head, ``cage`` (V, 3); ``eyes`` middles (3,) of the eyeballs, ``rims`` [eye][upper,
    lower] the margins' vertices; ``sex`` -1 (woman) to 1, ``age`` in years: lashes thin out with age."""
    woman = min(max(0.5 - 0.5 * sex, 0.0), 1.0)
    old = min(max((age - 45.0) / 40.0, 0.0), 1.0)
    upper, lower = (UPPER, LOWER) if size > 200 else (52, 26)
    liner = float(look["eye_liner"])
    fade, taper = np.array([1, 1, 1, 0.9, 0.75, 0.3]), np.array([1.25, 1.1, 0.95, 0.75, 0.5, 0.25])
    total = 2 * (upper + lower)
    points, away = np.empty((total, STEPS, 3), np.float32), np.empty((total, STEPS, 3), np.float32)
    alpha, width = np.empty((total, STEPS), np.float32), np.empty((total, STEPS), np.float32)
    first, at = 0, 0
    for k in range(2):
        left = 1.0 if eyes[k][0] > 0 else -1.0
        for j, (up, count, long) in enumerate(
            ((1.0, upper, 0.036 + 0.030 * woman), (-1.0, lower, 0.022 + 0.008 * woman))
        ):
            rim, rows = cage[rims[k][j]], slice(at, at + count)
            points[rows], away[rows] = _lid(
                rim, eyes[k], count, first, up, left, long * (1 - 0.30 * old), _UNIFORM, _NORMAL
            )
            alpha[rows] = fade * (0.75 + 0.25 * liner) * (1.0 if up > 0 else 0.6) * (1 - 0.35 * old)
            wide = 0.0023 * (1.0 if size > 200 else 1.334) * (0.8 + 0.3 * woman) * (1.0 if up > 0 else 0.7)
            width[rows] = wide * taper
            first, at = first + (UPPER if up > 0 else LOWER), rows.stop
    own = np.tile(np.array([0.014, 0.010, 0.010], np.float32), (total, 1))
    return Strands(
        LASHES,
        points,
        away,
        (own, own, own),
        alpha,
        width,
        0.3,
        0.3,
        np.ones(STEPS, np.float32),
        depth=(0.6, 0.6),
        bias=0.0002,
    )
