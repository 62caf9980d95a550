"""Beards and stubble: hairs that grow from the skin, out of their pores and then down the face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import clamp, ramp
from engine_bridge.makehuman.strands import colour
from engine_bridge.makehuman.strands.roots import Roots, follow
from engine_bridge.makehuman.strands.strand import BEARD, Strands
from engine_bridge.makehuman.strands.zones import ZONES

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
ROOTS, SMALL = 16000, 6000
CLUMPS = 420


@dataclass(frozen=True)
class Beard:
    """``length`` of its hairs (dm), how much longer they are on the chin, ``cover``: paint on the skin below them,
    ``wide``: how wide they are drawn."""

    length: float
    chin: float = 0.3
    cover: float = 0.9
    lift: float = 0.55
    curl: float = 0.0
    wide: float = 1.0


STYLES: dict[str, Beard | None] = {
    "none": None,
    "stubble": Beard(0.015, 0.0, 0.30, 0.9),
    "moustache": Beard(0.085, 0.0, 1.4, 0.30, wide=1.8),
    "pencil": Beard(0.030, 0.0, 1.2, 0.35, wide=1.3),
    "handlebar": Beard(0.095, 0.0, 1.4, 0.30, wide=1.8),
    "goatee": Beard(0.075, 0.7, 0.90, wide=1.15),
    "circle": Beard(0.060, 0.4, 1.1, 0.40, wide=1.4),
    "short": Beard(0.050, 0.3, 0.95, 0.45, wide=1.2),
    "full": Beard(0.135, 0.6, 1.1, 0.45, curl=0.012, wide=1.2),
    "chinstrap": Beard(0.050, 0.3, 0.88),
    "mutton_chops": Beard(0.100, 0.3, 0.92),
}


@kernel
def _choose(grown):  # type: ignore[no-untyped-def]
    """Numbers of the roots where anything grows at all: of the style alone, never of a slider."""
    out = np.empty(len(grown), np.int32)
    kept = 0
    for i in range(len(grown)):
        if grown[i] > 0.02:
            out[kept] = i
            kept += 1
    return out[:kept].copy()


@kernel
def _grow(  # type: ignore[no-untyped-def]
    index,
    roots,
    outward,
    neutral,
    grown,
    uniform,
    normal,
    centre,
    length,
    chin_longer,
    lift,
    curl,
    moustache_most,
    steps,
):
    """Strands (K, steps, 3) of the roots ``index`` (K,)."""
    count = len(index)
    out = np.empty((count, steps, 3), np.float32)
    at = np.full(len(roots), -1, np.int32)
    for k in range(count):
        i = index[k]
        at[i] = k
        u, g = uniform[i], normal[i]
        x, y, z = neutral[i, 0], neutral[i, 1], neutral[i, 2]
        ax = abs(x)
        moustache = ramp(y, -0.70, -0.62) * ramp(ax, 0.40, 0.32) * ramp(z, 0.05, 0.15)
        chin = ramp(y, -0.80, -1.0) * ramp(ax, 0.45, 0.20)
        long = length * (1.0 + chin_longer * chin) * (0.75 + 0.5 * u[1]) * (0.45 + 0.55 * ramp(grown[i], 0.1, 0.8))
        long = long * (1.0 - moustache) + min(long, moustache_most) * moustache
        sign = 1.0 if x >= 0 else -1.0
        # Down; a moustache outwards too; cheeks and jaw a little back and to the chin.
        fx = moustache * sign * clamp(ax / 0.10, 0.25, 1.3) - (1.0 - moustache) * sign * 0.22 * ramp(y, -0.6, -1.0)
        fy, fz = -1.0, -0.10 * (1.0 - moustache)
        nx, ny, nz = outward[i, 0], outward[i, 1], outward[i, 2]
        along = fx * nx + fy * ny + fz * nz
        vx, vy, vz = fx - along * nx, fy - along * ny, fz - along * nz
        s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz + 1e-9)
        vx, vy, vz = (
            vx * s + nx * lift + 0.25 * g[1],
            vy * s + ny * lift + 0.25 * g[2],
            vz * s + nz * lift + 0.25 * g[3],
        )
        s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz + 1e-9)
        vx, vy, vz = vx * s, vy * s, vz * s
        s = 1.0 / math.sqrt(fx * fx + 1.69 + fz * fz)
        gx, gy, gz = fx * s, (fy - 0.3) * s, fz * s
        px, py, pz = roots[i, 0] + nx * 0.001, roots[i, 1] + ny * 0.001, roots[i, 2] + nz * 0.001
        step = long / (steps - 1)
        out[k, 0, 0], out[k, 0, 1], out[k, 0, 2] = px, py, pz
        for j in range(1, steps):
            q = j % 3
            vx += 0.30 * gx + (0.12 + 8 * curl) * g[1 + (3 - q) % 3]
            vy += 0.30 * gy + (0.12 + 8 * curl) * g[1 + (4 - q) % 3]
            vz += 0.30 * gz + (0.12 + 8 * curl) * g[1 + (5 - q) % 3]
            # Never back into the skin.
            inward = vx * nx + vy * ny + vz * nz
            if inward < 0.05:
                vx, vy, vz = vx + (0.05 - inward) * nx, vy + (0.05 - inward) * ny, vz + (0.05 - inward) * nz
            s = 1.0 / math.sqrt(vx * vx + vy * vy + vz * vz + 1e-9)
            vx, vy, vz = vx * s, vy * s, vz * s
            px, py, pz = px + vx * step, py + vy * step, pz + vz * step
            out[k, j, 0], out[k, j, 1], out[k, j, 2] = px, py, pz
    tufted = 0.40 * ramp(length, 0.06, 0.13)
    if tufted > 0.0:
        straight = out.copy()
        for k in range(count):
            c = at[centre[index[k]]]
            if c < 0:
                continue
            gap = max(
                abs(straight[k, steps - 1, 0] - straight[c, steps - 1, 0]),
                abs(straight[k, steps - 1, 1] - straight[c, steps - 1, 1]),
            )
            pull = tufted * ramp(gap, 0.16, 0.08)
            for j in range(steps):
                w = pull * j / (steps - 1)
                for d in range(3):
                    out[k, j, d] += (straight[c, j, d] - straight[k, j, d]) * w
    return out


@kernel
def _dress(index, grown, density, uniform, normal, outward, cover, width, fade, shrink, steps):  # type: ignore[no-untyped-def]
    count = len(index)
    alpha, wide = np.empty((count, steps), np.float32), np.empty((count, steps), np.float32)
    away = np.empty((count, steps, 3), np.float32)
    tone, order = np.empty(count, np.float32), np.empty(count, np.float32)
    for k in range(count):
        i = index[k]
        u = uniform[i]
        w = grown[i]
        strong = w * (0.40 + 0.75 * density) + 0.12 * normal[i, 0] * ramp(w, 0.0, 0.1)
        strong = ramp(strong, u[0] * 0.75, u[0] * 0.75 + 0.30) * math.sqrt(min(cover, 1.0))
        for j in range(steps):
            alpha[k, j] = strong * fade[j]
            wide[k, j] = width * (0.7 + 0.6 * u[2]) * shrink[j]
            for c in range(3):
                away[k, j, c] = outward[i, c]
        tone[k] = 0.24 * normal[i, 4]
        order[k] = u[3]
    return alpha, wide, away, tone, order


def beard_colour(look: colour.Look) -> NDArray[np.float64]:
    """Colour (3,) of the hairs of beards: the head's, darker and warmer; dyes leave them alone."""
    own = colour.pigment({**look, "hair_dye": 0.0})
    bright = float(own[0] + own[1] + own[2]) / 3
    return np.asarray(own * np.array([1.08, 0.99, 0.90]) * (0.95 if bright > 0.12 else 1.15))


def grow_beard(
    look: colour.Look, roots: Roots, grown: Floats, centre: Ints, fine: Floats, normals: Floats, size: int
) -> Strands | None:
    """The beard of a shaped head; ``grown`` (N,) of `zones.grows` at the roots, ``centre`` (N,) of their tufts.  None
    where nothing grows."""
    name = str(look["beard_style"])
    beard = STYLES[name]
    if beard is None:
        return None
    assert name in ZONES
    count = ROOTS if size > 200 else SMALL
    count = min(count, len(roots.points))
    index = _choose(grown[:count])
    if not len(index):
        return None
    steps = 4 if beard.length < 0.02 else 8
    places, outward = follow(fine, normals, roots.corners, roots.shares, count)
    density = float(look["beard_density"])
    points = _grow(
        index,
        places,
        outward,
        roots.points,
        grown,
        roots.uniform,
        roots.normal,
        centre,
        beard.length,
        beard.chin,
        beard.lift,
        beard.curl,
        0.085,
        steps,
    )
    many = ROOTS / count  # to the power of 7/8, by roots, which every libm rounds alike
    width = (0.0030 if steps == 4 else 0.0034) * beard.wide * many / math.sqrt(math.sqrt(math.sqrt(many)))
    fade = np.array([0.85, 1, 0.9, 0.4] if steps == 4 else [0.9, 1, 1, 1, 0.95, 0.9, 0.7, 0.25])
    t = np.arange(steps) / (steps - 1)
    shrink = np.minimum(1.1 - t * t * 0.8, 1.0)
    alpha, wide, away, tone, order = _dress(
        index, grown, density, roots.uniform, roots.normal, outward, beard.cover, width, fade, shrink, steps
    )
    grey = max(float(look["hair_grey"]) * 1.25 - 0.10, 0.0)  # beards turn grey sooner
    tints = colour.tints(beard_colour(look), colour.white() * 0.9, grey, order, tone, 0.10, 0.6)
    depth = (0.65, 0.65) if steps > 4 else (0.4, 0.4)
    dark = (0.75 + 0.35 * t).astype(np.float32)
    return Strands(BEARD, points, away, tints, alpha, wide, 0.24, 0.6, dark, depth=depth, bias=0.0004)
