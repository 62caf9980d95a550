"""Gathered hair: tails that swing from where the hair is tied, and hair that is wound into a bun."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import PI, cosine, ramp, sine
from engine_bridge.makehuman.strands.roots import random_numbers
from engine_bridge.makehuman.strands.skull import MIDDLE_X, MIDDLE_Y, MIDDLE_Z, look_up

Floats = NDArray[np.float32]
STEPS = 16
MOST = 4000  # strands of one tail or bun
SEED = 91
_UNIFORM, _NORMAL = random_numbers(2 * MOST, SEED)


@dataclass(frozen=True)
class Tail:
    """``out``: how far it stands off before it falls; ``swing`` to one side; ``length`` and ``girth`` (dm)."""

    length: float
    girth: float
    out: float
    swing: float
    both: bool = False


@dataclass(frozen=True)
class Bun:
    """A ring of hair: ``wide`` and ``high`` (dm), ``off`` how far its middle is from the skin."""

    wide: float
    high: float
    off: float


ENDS: dict[str, Tail | Bun] = {
    "ponytail": Tail(2.9, 0.21, 0.17, 1.1),
    "pigtails": Tail(1.6, 0.15, 0.13, 0.0, both=True),
    "bun": Bun(0.29, 0.18, 0.10),
    "updo": Bun(0.44, 0.20, 0.04),
    "man_bun": Bun(0.24, 0.16, 0.12),
}


@kernel
def _tail(radius, pole_x, pole_y, pole_z, out, swing, length, girth, volume, uniform, normal, count):  # type: ignore[no-untyped-def]
    """Strands (count, STEPS, 3) of a tail and the way out of it (count, STEPS, 3)."""
    points, away = np.empty((count, STEPS, 3), np.float32), np.empty((count, STEPS, 3), np.float32)
    middle = np.empty((STEPS, 3))
    r = look_up(radius, pole_x, pole_y, pole_z) + 0.03
    x, y, z = MIDDLE_X + pole_x * r, MIDDLE_Y + pole_y * r, MIDDLE_Z + pole_z * r
    vx, vy, vz = pole_x, pole_y + 0.35, pole_z
    step = length / (STEPS - 1)
    for j in range(STEPS):
        middle[j, 0], middle[j, 1], middle[j, 2] = x, y, z
        s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * s, vy * s, vz * s
        x, y, z = x + vx * step, y + vy * step, z + vz * step
        bend = step / out
        vx += swing * bend * 0.35 * (1.0 - j / (STEPS - 1.0))
        vy -= bend * 0.85
        qx, qy, qz = x - MIDDLE_X, y - MIDDLE_Y, z - MIDDLE_Z
        d = math.sqrt(qx * qx + qy * qy + qz * qz)
        low = look_up(radius, qx, qy, qz) + girth * 0.8
        low = low + (min(low, d) - low) * ramp(y, -0.25, -0.75)
        if low > d:
            push = (low - d) / d
            x, y, z = x + qx * push, y + qy * push, z + qz * push
            vx, vy, vz = x - middle[j, 0], y - middle[j, 1], z - middle[j, 2]
            s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz)
            vx, vy, vz = vx * s, vy * s, vz * s
    for i in range(count):
        u, g = uniform[i], normal[i]
        angle, share = 2.0 * PI * u[0], math.sqrt(u[1])
        reach = 0.66 + 0.34 * u[2]
        for j in range(STEPS):
            t = j / (STEPS - 1) * reach
            q = t * (STEPS - 1)
            k = min(int(q), STEPS - 2)
            q -= k
            tx, ty, tz = (
                middle[k + 1, 0] - middle[k, 0],
                middle[k + 1, 1] - middle[k, 1],
                middle[k + 1, 2] - middle[k, 2],
            )
            s = 1.0 / math.sqrt(tx * tx + ty * ty + tz * tz)
            tx, ty, tz = tx * s, ty * s, tz * s
            # Across the tail: sideways, and the third direction.
            bx, bz = 1.0 - tx * tx, -tx * tz
            by = -tx * ty
            s = 1.0 / math.sqrt(bx * bx + by * by + bz * bz + 1e-9)
            bx, by, bz = bx * s, by * s, bz * s
            nx, ny, nz = ty * bz - tz * by, tz * bx - tx * bz, tx * by - ty * bx
            w = girth * (0.46 + 0.54 * ramp(t, 0.0, 0.30)) * (1.0 - 0.70 * ramp(t, 0.45, 1.0)) * volume
            a = angle + 0.5 * sine(5.0 * t + 6.0 * u[3])
            p, o = cosine(a) * w * share, sine(a) * w * share
            for c in range(3):
                b = bx if c == 0 else (by if c == 1 else bz)
                n = nx if c == 0 else (ny if c == 1 else nz)
                points[i, j, c] = (
                    middle[k, c] + (middle[k + 1, c] - middle[k, c]) * q + p * b + o * n + 0.012 * g[3 + c] * t
                )
                away[i, j, c] = cosine(a) * b + sine(a) * n
    return points, away


@kernel
def _bun(radius, pole_x, pole_y, pole_z, wide, high, off, uniform, normal, count):  # type: ignore[no-untyped-def]
    """Strands (count, STEPS, 3) wound about the pole, and the way out of the ring."""
    points, away = np.empty((count, STEPS, 3), np.float32), np.empty((count, STEPS, 3), np.float32)
    r = look_up(radius, pole_x, pole_y, pole_z) + off
    x, y, z = MIDDLE_X + pole_x * r, MIDDLE_Y + pole_y * r, MIDDLE_Z + pole_z * r
    wx, wy, wz = pole_y * 0.0 - pole_z * 0.0, pole_z * 1.0, -pole_y * 1.0  # across the pole and the x axis
    s = 1.0 / math.sqrt(wx * wx + wy * wy + wz * wz + 1e-9)
    wy, wz = wy * s, wz * s
    for i in range(count):
        u, g = uniform[i], normal[i]
        for j in range(STEPS):
            t = j / (STEPS - 1)
            turn = 2.0 * PI * u[1] + 3.2 * t
            tube = 2.0 * PI * u[2] + (1.2 + u[3]) * t
            thick = 0.82 + 0.18 * u[4]
            ring = wide * 0.50 + wide * 0.50 * cosine(tube) * thick
            up = high * sine(tube) * thick
            ct, st = cosine(turn), sine(turn)
            points[i, j, 0] = x + ring * ct + up * pole_x + 0.010 * g[3]
            points[i, j, 1] = y + ring * st * wy + up * pole_y + 0.010 * g[4]
            points[i, j, 2] = z + ring * st * wz + up * pole_z + 0.010 * g[5]
            a, b = cosine(tube), sine(tube)
            away[i, j, 0] = a * ct + b * pole_x
            away[i, j, 1] = a * st * wy + b * pole_y
            away[i, j, 2] = a * st * wz + b * pole_z
    return points, away


def gather(
    ends: str, pole: tuple[float, float, float], radius: Floats, length: float, volume: float, count: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Strands of the tails or the bun ``ends`` tied at ``pole``: points and way out (K, STEPS, 3), and their random
    numbers; ``length`` and ``volume`` are factors, ``count`` strands each."""
    what = ENDS[ends]
    count = min(count, MOST)
    if isinstance(what, Bun):
        size = 0.70 + 0.30 * volume
        points, away = _bun(radius, *pole, what.wide * size, what.high * size, what.off, _UNIFORM, _NORMAL, count)
        return points, away, _UNIFORM[:count], _NORMAL[:count]
    sides = (1.0, -1.0) if what.both else (1.0,)
    parts = [
        _tail(
            radius,
            side * pole[0],
            pole[1],
            pole[2],
            what.out,
            what.swing * side,
            what.length * length,
            what.girth,
            volume,
            _UNIFORM[k * MOST :],
            _NORMAL[k * MOST :],
            count,
        )
        for k, side in enumerate(sides)
    ]
    rows = np.concatenate([np.arange(k * MOST, k * MOST + count) for k in range(len(sides))])
    return (
        np.concatenate([p for p, _ in parts]),
        np.concatenate([a for _, a in parts]),
        _UNIFORM[rows],
        _NORMAL[rows],
    )
