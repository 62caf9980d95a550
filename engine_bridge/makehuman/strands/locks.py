"""Locks: strands are drawn to a centre, coil or wave about it, or are laid as ropes: locs, twists and braids."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import PI, clamp, cosine, ramp, sine
from engine_bridge.makehuman.strands.skull import MIDDLE_X, MIDDLE_Y, MIDDLE_Z

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
    stray: float  # how far (dm) single hairs stand off


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
def _rope(kind, angle, phase, u, right, outward):  # type: ignore[no-untyped-def]
    """Place (right, out) in a rope of radius 1 at ``angle`` along it; ``u`` the strand's uniform number, ``right`` and
    ``outward`` its own place on a circle."""
    if kind == LOC:
        turned = 0.4 * angle + phase
        bulge = 1.0 + 0.16 * sine(0.61 * angle + phase) + 0.10 * sine(1.37 * angle + 3.0 * phase)
        c, s = cosine(turned) * bulge, sine(turned) * bulge
        return right * c - outward * s, right * s + outward * c
    if kind == TWIST:  # two cords round each other
        turned = angle + phase + (PI if u > 0.5 else 0.0)
        return 0.55 * cosine(turned) + 0.48 * right, 0.55 * sine(turned) + 0.48 * outward
    third = min(int(u * 3.0), 2)  # three cords on a figure of eight
    turned = angle + 2.0 * PI / 3.0 * third
    s, c = sine(turned), cosine(turned)
    return 0.75 * s + 0.40 * right, 0.76 * s * c + 0.36 * outward


@kernel
def _frames(strands, centre):  # type: ignore[no-untyped-def]
    """Frames (K, M, 6) of the strands that others are drawn to; those of all others stay empty."""
    count, steps, _ = strands.shape
    out = np.empty((count, steps, 6), np.float32)
    done = np.zeros(count, np.bool_)
    for i in range(count):
        c = centre[i]
        if not done[c]:
            done[c] = True
            for j in range(steps):
                out[c, j, 0], out[c, j, 1], out[c, j, 2], out[c, j, 3], out[c, j, 4], out[c, j, 5] = _frame(
                    strands[c], j
                )
    return out


@kernel
def lay(lock, strands, long, centre, phase, speed, size, uniform, normal, fly, drawn):  # type: ignore[no-untyped-def]
    """Strands (K, M, 3) laid into locks, and which way is out of the hair at each point (K, M, 3).

    ``centre`` (K,) the strand that each one is drawn to, whose frame it coils in; ``phase``, ``speed``, ``size`` (K,)
    of its coils; ``fly`` (K,) 1 for single hairs that stand off; ``drawn`` (K,) how far each one follows its lock.
    """
    count, steps, _ = strands.shape
    out = np.empty((count, steps, 3), np.float32)
    away = np.empty((count, steps, 3), np.float32)
    swing = lock.curl if lock.curl > 0.0 else lock.wave
    rope = lock.rope != NO_ROPE
    bent = swing > 0.0 or rope
    frames = _frames(strands, centre) if bent else np.empty((1, 1, 6), np.float32)
    for i in range(count):
        a, b, g = strands[i], strands[centre[i]], normal[i]
        end = steps - 1
        gap = max(max(abs(a[end, 0] - b[end, 0]), abs(a[end, 1] - b[end, 1])), abs(a[end, 2] - b[end, 2]))
        short = ramp(long[i], 0.08, 0.40)  # short hair stands by itself
        pull = lock.clump if rope else lock.clump * short * (1.0 - clamp(gap * 1.4 - 0.3, 0.0, 1.0))
        loose = lock.frizz * 0.25 * (1.0 + 2.0 * fly[i])
        off = lock.stray * fly[i] * short * (0.15 + 0.85 * uniform[i, 9] * uniform[i, 9])
        off *= 0.4 + 0.6 * ramp(long[i], 0.6, 1.6)
        whole = long[centre[i]] if rope else long[i]
        turn = 2.0 * PI * (lock.turns if rope else speed[i]) * whole / end
        cos_turn, sin_turn = cosine(turn), sine(turn)
        c_now, s_now = cosine(phase[i]), sine(phase[i])
        share = 2.0 * PI * 7.0 * uniform[i, 11]
        own = 0.55 + 0.45 * math.sqrt(uniform[i, 10]) if lock.rope == LOC else 1.0
        right, outward = cosine(share) * own, sine(share) * own
        for j in range(steps):
            t = j / end
            c = pull * min(t / lock.gather, 1.0) * (1.0 - 0.75 * fly[i]) * drawn[i]
            w = loose * t * math.sqrt(t)
            x = a[j, 0] + (b[j, 0] - a[j, 0]) * c + w * g[3]
            y = a[j, 1] + (b[j, 1] - a[j, 1]) * c + w * g[4]
            z = a[j, 2] + (b[j, 2] - a[j, 2]) * c + w * g[5]
            ox, oy, oz = _unit(x - MIDDLE_X, y - MIDDLE_Y, z - MIDDLE_Z)
            if off > 0.0:
                bow = off * t * (2.2 - 1.2 * t)
                x += bow * (ox + 0.5 * g[6] * t)
                y += bow * (oy + 0.5 * g[7] * t)
                z += bow * (oz + 0.5 * g[8] * t)
            if bent:
                f = frames[centre[i], j]
                arc = whole * t
                if rope:
                    p, q = _rope(lock.rope, turn * j, phase[i], uniform[i, 10], right, outward)
                    r = lock.thick * ramp(arc, -0.05, 0.10) * size[i] * (1.0 - 0.45 * ramp(t, 0.8, 1.0))
                    p, q = p * r, q * r
                else:
                    r = swing * min(arc / (lock.start + 1e-3), 1.0) * size[i]
                    p, q = c_now * r, s_now * r
                    q = q * 0.9 + 0.35 * r if lock.curl > 0.0 else 0.65 * q + 0.45 * r
                    c_now, s_now = c_now * cos_turn - s_now * sin_turn, s_now * cos_turn + c_now * sin_turn
                dx, dy, dz = p * f[0] + q * f[3], p * f[1] + q * f[4], p * f[2] + q * f[5]
                x, y, z = x + dx, y + dy, z + dz
                if rope:  # a rope is lit as a rope
                    s = 0.8 / lock.thick
                    ox, oy, oz = _unit(0.35 * ox + s * dx, 0.35 * oy + s * dy, 0.35 * oz + s * dz)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = x, y, z
            away[i, j, 0], away[i, j, 1], away[i, j, 2] = ox, oy, oz
    return out, away
