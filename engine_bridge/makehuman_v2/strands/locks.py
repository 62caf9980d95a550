"""Locks: strands are drawn to a centre, coil or wave about it, or are laid as ropes: locs, twists and braids."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine_bridge.makehuman_v2.core.jit import inline, kernel
from engine_bridge.makehuman_v2.core.mathematics import PI, clamp, cosine, ramp, sine
from engine_bridge.makehuman_v2.strands.skull import MIDDLE_X, MIDDLE_Y, MIDDLE_Z

NO_ROPE, LOC, TWIST, BRAID = range(4)
ROPES = {"": NO_ROPE, "loc": LOC, "twist": TWIST, "braid": BRAID}


class Lock(NamedTuple):
    """How strands keep together; lengths in dm."""

    clump: float  # share of the way to the centre at the tip
    gather: float  # share of the length at which that is reached
    curl: float  # radius of coils
    wave: float  # swing of waves
    turns: float  # coils or waves a dm
    loose: float  # scatter of the phase within a lock: small for ringlets, large for fuzz
    frizz: float
    rope: int
    thick: float  # radius of a rope
    start: float  # dm along the strand before coils are at their full size


@inline
def _unit(x, y, z):  # type: ignore[no-untyped-def]
    s = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-12)
    return x * s, y * s, z * s


@inline
def _frame(path, j):  # type: ignore[no-untyped-def]
    """Two unit vectors across a path (M, 3) at point j: along the surface of the head, and away from it."""
    a, b = max(j - 1, 0), min(j + 1, len(path) - 1)
    tx, ty, tz = _unit(path[b, 0] - path[a, 0], path[b, 1] - path[a, 1], path[b, 2] - path[a, 2])
    ox, oy, oz = _unit(path[j, 0] - MIDDLE_X, path[j, 1] - MIDDLE_Y, path[j, 2] - MIDDLE_Z)
    bx, by, bz = _unit(ty * oz - tz * oy, tz * ox - tx * oz, tx * oy - ty * ox)
    return bx, by, bz, by * tz - bz * ty, bz * tx - bx * tz, bx * ty - by * tx


@inline
def _rope(kind, u, a, across, phase):  # type: ignore[no-untyped-def]
    """Place (right, out) in a rope of radius 1 at ``a`` turns along it: ``u`` (2,) uniform numbers of the strand."""
    if kind == LOC:
        angle = 2.0 * PI * (u[0] + 0.6 * a) + phase
        r = (0.55 + 0.45 * math.sqrt(u[1])) * (1.0 + 0.22 * sine(9.0 * a + phase) + 0.14 * sine(23.0 * a + 3.0 * phase))
        return r * cosine(angle), r * sine(angle)
    if kind == TWIST:  # two cords round each other
        angle = 2.0 * PI * a + phase + (PI if u[0] > 0.5 else 0.0)
        local = 2.0 * PI * u[1] * 7.0
        return 0.55 * cosine(angle) + 0.48 * cosine(local), 0.55 * sine(angle) + 0.48 * sine(local)
    third = min(int(u[0] * 3.0), 2)  # three cords on a figure of eight
    angle = 2.0 * PI * (a + third / 3.0)
    local = 2.0 * PI * u[1] * 7.0
    return 0.75 * sine(angle) + 0.40 * cosine(local), 0.38 * sine(2.0 * angle) + 0.36 * sine(local)


@kernel
def lay(lock, strands, long, centre, phase, speed, size, uniform, normal, fly):  # type: ignore[no-untyped-def]
    """Strands (K, M, 3) laid into locks, and which way is out of the hair at each point (K, M, 3).

    ``centre`` (K,) the strand that each one is drawn to; ``phase``, ``speed``, ``size`` (K,) of its coils; ``fly`` (K,)
    1 for single hairs that stand off.
    """
    count, steps, _ = strands.shape
    out = np.empty((count, steps, 3), np.float32)
    away = np.empty((count, steps, 3), np.float32)
    path = np.empty((steps, 3))
    swing = lock.curl if lock.curl > 0.0 else lock.wave
    for i in range(count):
        a, b = strands[i], strands[centre[i]]
        g = normal[i]
        gap = max(abs(a[steps - 1, 0] - b[steps - 1, 0]), abs(a[steps - 1, 1] - b[steps - 1, 1]))
        gap = max(gap, abs(a[steps - 1, 2] - b[steps - 1, 2]))
        short = ramp(long[i], 0.08, 0.40)  # short hair stands by itself
        pull = lock.clump if lock.rope != NO_ROPE else lock.clump * short * (1.0 - clamp(gap * 1.4 - 0.3, 0.0, 1.0))
        loose = lock.frizz * 0.25 * (1.0 + 2.0 * fly[i])
        ratio = long[i] / max(long[centre[i]], 1e-4) if lock.rope != NO_ROPE else 1.0
        for j in range(steps):
            t = j / (steps - 1)
            c = pull * min(t / lock.gather, 1.0) * (1.0 - 0.75 * fly[i])
            w = loose * t * math.sqrt(t)
            for k in range(3):
                path[j, k] = a[j, k] + (b[j, k] - a[j, k]) * c + w * g[3 + k]
        if swing > 0.0 or lock.rope != NO_ROPE:
            for j in range(steps):
                bx, by, bz, nx, ny, nz = _frame(path, j)
                arc = long[i] * j / (steps - 1)
                if lock.rope != NO_ROPE:
                    arc = long[centre[i]] * j / (steps - 1)
                    right, outward = _rope(lock.rope, uniform[i, 10:12], lock.turns * arc, 0.0, phase[i])
                    r = lock.thick * ramp(arc, -0.05, 0.10) * size[i] * (1.0 - 0.45 * ramp(arc, 0.8 * long[centre[i]], long[centre[i]]))
                    p, q = right * r, outward * r
                else:
                    angle = 2.0 * PI * speed[i] * arc + phase[i]
                    r = swing * min(arc / (lock.start + 1e-3), 1.0) * size[i]
                    p, q = cosine(angle) * r, sine(angle) * r
                    q = q * 0.9 + 0.35 * r if lock.curl > 0.0 else 0.35 * q
                out[i, j, 0] = path[j, 0] + p * bx + q * nx
                out[i, j, 1] = path[j, 1] + p * by + q * ny
                out[i, j, 2] = path[j, 2] + p * bz + q * nz
                ox, oy, oz = _unit(path[j, 0] - MIDDLE_X, path[j, 1] - MIDDLE_Y, path[j, 2] - MIDDLE_Z)
                if lock.rope != NO_ROPE:  # a rope is lit as a rope
                    s = 0.8 / lock.thick
                    ox, oy, oz = _unit(
                        0.35 * ox + s * (p * bx + q * nx), 0.35 * oy + s * (p * by + q * ny), 0.35 * oz + s * (p * bz + q * nz)
                    )
                away[i, j, 0], away[i, j, 1], away[i, j, 2] = ox, oy, oz
        else:
            for j in range(steps):
                ox, oy, oz = _unit(path[j, 0] - MIDDLE_X, path[j, 1] - MIDDLE_Y, path[j, 2] - MIDDLE_Z)
                for k in range(3):
                    out[i, j, k] = path[j, k]
                away[i, j, 0], away[i, j, 1], away[i, j, 2] = ox, oy, oz
    return out, away
