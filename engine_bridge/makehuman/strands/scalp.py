"""The scalp: what is known of each root beforehand, and what a style and the sliders make of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import (
    PI,
    arccosine,
    arctangent2,
    bump,
    clamp,
    interpolate,
    noise,
    ramp,
)
from engine_bridge.makehuman.strands.roots import Roots, nearest
from engine_bridge.makehuman.strands.skull import MIDDLE_X, MIDDLE_Y, MIDDLE_Z

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Height (dm) of the hairline by azimuth (degrees): forehead, temple, sideburn, over the ear, nape.
HAIRLINES: dict[str, tuple[list[float], list[float]]] = {
    "natural": (
        [0, 18, 34, 46, 54, 62, 69, 75, 82, 88, 115, 133, 150, 180],
        [0.62, 0.63, 0.60, 0.49, 0.34, 0.18, 0.00, -0.14, -0.10, 0.02, 0.02, -0.24, -0.56, -0.68],
    ),
    "round": (
        [0, 20, 38, 50, 60, 68, 75, 82, 88, 115, 133, 150, 180],
        [0.60, 0.58, 0.50, 0.37, 0.20, 0.02, -0.07, -0.04, 0.02, 0.02, -0.24, -0.58, -0.72],
    ),
    "parted": (
        [0, 20, 38, 50, 60, 68, 75, 82, 88, 115, 133, 150, 180],
        [0.61, 0.59, 0.51, 0.38, 0.24, 0.08, -0.05, -0.04, 0.02, 0.02, -0.24, -0.58, -0.72],
    ),
    "gathered": (
        [0, 20, 38, 50, 60, 68, 75, 82, 88, 115, 133, 150, 180],
        [0.55, 0.53, 0.45, 0.32, 0.15, -0.01, -0.08, -0.04, 0.02, 0.02, -0.24, -0.58, -0.72],
    ),
    "braided": (
        [0, 20, 38, 50, 60, 68, 75, 82, 88, 115, 133, 150, 180],
        [0.64, 0.62, 0.56, 0.48, 0.42, 0.30, 0.02, -0.04, 0.02, 0.02, -0.24, -0.58, -0.72],
    ),
    "receding": (
        [0, 14, 28, 40, 52, 62, 69, 75, 82, 88, 115, 133, 150, 180],
        [0.84, 0.89, 0.95, 0.86, 0.55, 0.26, 0.02, -0.12, -0.10, 0.02, 0.02, -0.24, -0.58, -0.70],
    ),
}
LINES = tuple(HAIRLINES)
# How far the hairline moves back (dm) when it recedes: the temples first.
_RECEDING = ([0, 14, 28, 40, 52, 62, 69, 75], [0.20, 0.28, 0.40, 0.44, 0.42, 0.22, 0.05, 0.0])
RISE = 0.15  # dm: how far half of the slider's range moves a hairline at the forehead
HIGHEST = 0.985  # dm: a hairline never climbs beyond this
EDGE = 0.012  # dm below its hairline where the last hairs grow
BABIES = 0.060  # dm below that where short single hairs still do
CLUMPS = (110, 170, 220, 420, 900)


@kernel
def places(points, line_at, line_height, line_count, recede_at, recede_height):  # type: ignore[no-untyped-def]
    """What a style asks of neutral points (N, 3): (N, 10 + lines) azimuth and polar angle in degrees, shares of
    front, top, sides and back, how far its hairline rises with the slider and when receding, how thin it gets on top,
    how much it is front; then the height of each hairline."""
    lines = len(line_count)
    out = np.empty((len(points), 10 + lines), np.float32)
    at = np.array([0.0, 32.0, 60.0, 95.0, 140.0, 180.0])
    front = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    back = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    for i in range(len(points)):
        x, y, z = points[i, 0] - MIDDLE_X, points[i, 1] - MIDDLE_Y, points[i, 2] - MIDDLE_Z
        r = math.sqrt(x * x + y * y + z * z)
        azimuth = arctangent2(abs(x), z) * 180.0 / PI
        polar = arccosine(y / r) * 180.0 / PI
        around = ramp(polar, 22.0, 58.0)
        f, b = interpolate(at, front, azimuth), interpolate(at, back, azimuth)
        out[i, 0], out[i, 1] = azimuth, polar
        out[i, 2], out[i, 3] = f * around, 1.0 - around
        out[i, 4], out[i, 5] = (1.0 - f - b) * around, b * around
        out[i, 6] = ramp(azimuth, 66.0, 46.0)
        out[i, 7] = interpolate(recede_at, recede_height, azimuth)
        near = (y * 0.88 - z * 0.475) / r  # 1 at the back of the crown
        out[i, 8] = max(ramp(near, 0.60, 0.93), ramp(polar, 52.0, 30.0) * 0.75 * ramp(azimuth, 90.0, 50.0))
        out[i, 9] = bump(azimuth, 0.0, 38.0) * ramp(polar, 25.0, 50.0)
        for n in range(lines):
            out[i, 10 + n] = interpolate(line_at[n, : line_count[n]], line_height[n, : line_count[n]], azimuth)
    return out


def known(points: Floats) -> Floats:
    """`places` of points, with the hairlines of `LINES`."""
    size = max(len(at) for at, _ in HAIRLINES.values())
    at, height = np.zeros((len(LINES), size)), np.zeros((len(LINES), size))
    count = np.array([len(HAIRLINES[n][0]) for n in LINES])
    for k, name in enumerate(LINES):
        at[k, : count[k]], height[k, : count[k]] = HAIRLINES[name]
    out: Floats = places(points, at, height, count, np.array(_RECEDING[0], float), np.array(_RECEDING[1]))
    return out


class Cut(NamedTuple):
    """Style and sliders as `plan` and `paint` take them; see `styles.Style`."""

    line: int
    rise: float  # -1..1
    recede: float
    thinning: float
    length: tuple[float, float, float, float]
    height: tuple[float, float, float, float]
    part: float
    parted: float  # 1: flat along the parting
    young: float
    uneven: float  # how much locks differ in length
    sleek: float  # 1: all strands lie on one layer
    locks: float  # how much locks differ in height
    long: float  # 1: the edge is not short
    fade_low: float
    fade_high: float
    shortest: float  # dm: length at the lower end of a fade
    fringe: float  # 1: there is one, 2: it parts
    drop: float
    ragged: float
    reach: float
    swept: float  # how many degrees narrower it is on the side that it leaves
    fringe_side: float
    rope: float
    cover: float
    capped: float  # 1: a cap presses the hair down, 2: it hides what stands up


@inline
def _edge(place, cut, y, rough):  # type: ignore[no-untyped-def]
    """How far (dm) above its hairline a point at height y grows."""
    line = place[10 + cut.line] + RISE * cut.rise * place[6]
    moved = line + cut.recede * place[7]
    if moved > line:
        moved = max(min(moved, HIGHEST), line)
    return y - moved + rough


@kernel
def plan(cut, place, points, shaped, uniform, normal, clump, margin, count):  # type: ignore[no-untyped-def]
    """Which of the first ``count`` roots grow, and how: their numbers (K,), and (K, 8): length, height, layer, side
    of the parting, front, fringe, opacity, and how far they are from the hairline in 0..1."""
    index = np.empty(count, np.int32)
    out = np.empty((count, 8), np.float32)
    kept = 0
    for i in range(count):
        p, u, g = place[i], uniform[i], normal[i]
        y = points[i, 1]
        c = clump[i]
        rough = 0.040 * (u[0] - 0.5) + 0.014 * g[8] + 0.015 * normal[c, 8]
        # Hair that falls to the sides runs along its line, where hairs out of the row would lie on the forehead.
        edge = _edge(p, cut, y, 0.5 * rough if cut.parted > 0.0 and cut.long > 0.0 else rough)
        # Short single hairs stand at the line and below it, fewer the lower.
        baby = 0.0
        if cut.rope == 0.0 and cut.fringe == 0.0:
            often, reach = (0.70, 0.4 * BABIES) if cut.parted > 0.0 else (0.45, BABIES)
            baby = clamp((often * min(1.0 + (edge + EDGE) / reach, 1.0) - u[9]) / 0.10, 0.0, 1.0)
        there = 1.0
        if cut.rope > 0.0:  # a rope grows or not as a whole, and its middle with it
            there = _edge(place[c], cut, points[c, 1], 0.030 * (uniform[c, 0] - 0.5) + 0.012 * normal[c, 8])
        if there <= 0.0 or (edge <= -EDGE and baby <= 0.0 and not (cut.rope > 0.0 and i == c)):
            continue
        index[kept] = i
        length, height = 0.0, 0.0
        for k in range(4):
            length += p[2 + k] * cut.length[k]
            height += p[2 + k] * cut.height[k]
        length *= 0.88 + 0.24 * u[1]
        length *= 1.0 + cut.uneven * clamp(0.5 * normal[clump[i], 7], -0.8, 0.8)
        young = ramp(edge, -EDGE, 0.16)
        length *= cut.young + (1.0 - cut.young) * young
        if cut.long > 0.0:
            young = max(young, ramp(edge, -EDGE, 0.085) * 0.92)
        x = points[i, 0]
        if cut.parted > 0.0:
            # Hair rises from the parting slower than the skull falls away, or there would be a bump on each side.
            height *= 0.15 + 0.85 * ramp(abs(x - cut.part * 0.55), 0.0, 1.0)
        # Locks lie over and under each other, or the outline would be a shell.
        height *= 1.0 + cut.locks * clamp(normal[c, 1], -2.0, 2.0)
        away = x + 0.02 * g[7] - cut.part * 0.55
        side = 1.0 if away >= 0.0 else -1.0
        alpha = clamp((edge + EDGE) / 0.02, 0.0, 1.0) * (0.35 + 0.65 * young)
        baby *= 1.0 - clamp((edge + EDGE) / 0.03, 0.0, 1.0)
        brief = min(4.0 * baby, 1.0)
        length += (min(length, 0.05 + (0.10 if cut.parted > 0.0 else 0.16) * u[1]) - length) * brief
        height *= 1.0 - 0.7 * brief
        alpha += (0.50 - alpha) * baby
        if cut.fade_high > -5.0:
            low = ramp(y + 0.02 * g[6], cut.fade_low, cut.fade_high)
            around = ramp(p[0], 30.0, 48.0)
            short = (1.0 - low) * around
            length = length * (1.0 - short) + min(cut.shortest * (1.0 + low), length) * short
            height = height * (1.0 - short) + 0.012 * short
            bare = clamp((0.055 - cut.shortest) / 0.025, 0.0, 1.0)  # skin shows through stubble
            alpha *= 1.0 - 0.55 * bare * short * ramp(y, cut.fade_low + 0.12, cut.fade_low - 0.35)
        thin = cut.thinning * p[8] * 1.2
        alpha *= ramp(u[8], thin - 0.25, thin)
        if cut.capped > 1.0:
            alpha *= ramp(y, 0.34, 0.22)
        fringe = 0.0
        if (
            cut.fringe > 0.0
            and not baby
            and p[0] + 4.0 * g[6] < cut.reach - (cut.swept if x < 0.0 else 0.0)
            and points[i, 2] > -0.30 + 0.3 * (u[3] - 0.5)
        ):
            fringe = 1.0
            rise = max(shaped[i, 1] - cut.drop, 0.0) * 0.92 + max(0.22 - shaped[i, 2], 0.0) * 0.80
            uneven = 0.6 * g[5] + 0.9 * normal[clump[i], 5]  # locks of it differ more than hairs
            length = rise + 0.02 + cut.ragged * uneven + cut.fringe_side * abs(x)
        if cut.parted > 0.0 and (fringe == 0.0 or cut.fringe > 1.0):  # whoever changes sides is not seen
            alpha *= ramp(abs(away), 0.0, 0.025)
        if cut.rope > 0.0:
            young = ramp(there, 0.0, 0.16)
            grown = ramp(there, 0.0, 0.085)
            alpha = clamp((edge + EDGE) / 0.02, 0.0, 1.0) * grown * grown * ramp(margin[i], 0.002, 0.024)
        out[kept, 0], out[kept, 1], out[kept, 2], out[kept, 3] = (
            max(length, 0.02),
            height,
            cut.sleek + (1.0 - cut.sleek) * math.sqrt(u[2]),
            side,
        )
        out[kept, 4], out[kept, 5], out[kept, 6], out[kept, 7] = p[9], fringe, alpha, young
        kept += 1
    return index[:kept].copy(), out[:kept].copy()


@kernel
def paint(cut, place, points, ear):  # type: ignore[no-untyped-def]
    """How much (N,) of the skin at neutral points (N, 3) is hair-coloured below the strands."""
    out = np.zeros(len(points), np.float32)
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        if ear[i] > -0.01 or y < -0.8:
            continue
        soft = noise(x * 34.0, y * 34.0, z * 34.0) * 0.022
        edge = _edge(place[i], cut, y, soft)
        # Strands draw the line, and paint keeps behind it.
        share = (
            ramp(edge, -0.02 if cut.parted > 0.0 else 0.006, 0.10)
            * cut.cover
            * (1.0 - 0.85 * cut.thinning * place[i, 8])
        )
        if cut.fade_high > -5.0:
            bare = clamp((0.055 - cut.shortest) / 0.025, 0.0, 1.0)
            share *= 1.0 - 0.75 * bare * ramp(place[i, 0], 30.0, 48.0) * ramp(y, cut.fade_high, cut.fade_low - 0.2)
        out[i] = share
    return out


@dataclass(frozen=True)
class Scalp:
    """Roots of the scalp with what `places` knows of them, and for each of `CLUMPS` the centre of each root's clump
    and how far it is from the next clump."""

    roots: Roots
    place: Floats
    centre: dict[int, Ints]
    margin: dict[int, Floats]


def scalp_of(roots: Roots) -> Scalp:
    """Everything about ``roots`` that no slider changes."""
    pairs = {k: nearest(roots.points, k) for k in CLUMPS}
    return Scalp(roots, known(roots.points), {k: p[0] for k, p in pairs.items()}, {k: p[1] for k, p in pairs.items()})
