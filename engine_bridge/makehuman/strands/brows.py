"""Brows: hairs along a centre line on the neutral face, laid on the shaped one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import clamp, interpolate, lerp, power, sine
from engine_bridge.makehuman.palette import doubled
from engine_bridge.makehuman.strands import colour
from engine_bridge.makehuman.strands.facemap import FaceMap, lift
from engine_bridge.makehuman.strands.roots import random_numbers
from engine_bridge.makehuman.strands.strand import BROWS, Strands

Floats = NDArray[np.float32]
BASE_HEIGHT = 0.164  # dm over the eyes
LOWER = 0.006  # dm by which men's lie lower, and women's higher
KNOTS = 65
STEPS = 6
FULL, SMALL = 340, 190  # hairs of one brow
FEWER_WIDER = 1.593  # in small pictures: (FULL / SMALL) to the power of .8
SEED = 41


@dataclass(frozen=True)
class Brow:
    """A style at four places from the inner end to the tail: ``line`` the height of the middle over the base,
    ``half`` half the thickness (dm); ``soft`` how far hairs stray off the edge, as a share of it; ``wild`` how much
    they cross."""

    line: tuple[float, float, float, float]
    half: tuple[float, float, float, float]
    soft: float = 0.32
    wild: float = 1.0


STYLES = {
    "natural": Brow((0.000, 0.026, 0.034, -0.032), (0.029, 0.035, 0.029, 0.014)),
    "straight": Brow((0.006, 0.015, 0.014, -0.022), (0.030, 0.033, 0.029, 0.015)),
    "soft_arched": Brow((-0.004, 0.034, 0.048, -0.028), (0.025, 0.031, 0.024, 0.012)),
    "high_arched": Brow((-0.010, 0.034, 0.072, -0.022), (0.024, 0.030, 0.023, 0.010), 0.22),
    "rounded": Brow((-0.012, 0.044, 0.044, -0.046), (0.023, 0.031, 0.026, 0.013)),
    "s_shaped": Brow((0.010, 0.012, 0.050, -0.026), (0.027, 0.034, 0.026, 0.012)),
    "thin": Brow((0.000, 0.032, 0.044, -0.026), (0.014, 0.018, 0.015, 0.008), 0.22, 0.6),
    "tapered": Brow((0.002, 0.024, 0.034, -0.022), (0.039, 0.036, 0.023, 0.009), 0.22),
    "bushy": Brow((0.004, 0.024, 0.028, -0.034), (0.040, 0.048, 0.042, 0.022), 0.38, 1.5),
    "flat_thick": Brow((0.006, 0.014, 0.014, -0.026), (0.040, 0.043, 0.039, 0.020), 0.22, 0.8),
}
_AT = np.linspace(0.0, 1.0, KNOTS)
_UNIFORM, _NORMAL = random_numbers(2 * FULL, SEED)


@inline
def _cubic(k, t):  # type: ignore[no-untyped-def]
    """Natural cubic through the four values k at t in 0..1."""
    b1, b2 = 6.0 * (k[0] - 2.0 * k[1] + k[2]), 6.0 * (k[1] - 2.0 * k[2] + k[3])
    second, third = (4.0 * b1 - b2) / 15.0, (4.0 * b2 - b1) / 15.0
    x = t * 3.0
    n = min(int(x), 2)
    f = x - n
    left = 0.0 if n == 0 else (second if n == 1 else third)
    right = second if n == 0 else (third if n == 1 else 0.0)
    e = 1.0 - f
    return e * k[n] + f * k[n + 1] + ((e * e * e - e) * left + (f * f * f - f) * right) / 6.0


@kernel
def _lines(line, half, arch, slant, thick):  # type: ignore[no-untyped-def]
    """Height of the middle and half thickness (2, KNOTS) along a brow."""
    out = np.empty((2, KNOTS))
    for k in range(KNOTS):
        t = k / (KNOTS - 1)
        out[0, k] = _cubic(line, t) + 0.07 * arch * sine(3.141592653589793 * power(t, 1.25))
        out[0, k] += (0.09 * (slant if slant < 0.0 else 0.40 * slant) - 0.006) * (t - 0.5) * 2.0
        out[1, k] = max(_cubic(half, t), 0.004) * thick
    return out


@kernel
def _hairs(at, lines, inner, outer, height, thick, soft, wild, density, uniform, normal, count):  # type: ignore[no-untyped-def]
    """Places (2 count, STEPS, 3) on the neutral face: x, y and the height above the skin; opacities (2 count,
    STEPS)."""
    out = np.empty((2 * count, STEPS, 3), np.float32)
    alpha = np.empty((2 * count, STEPS), np.float32)
    fade = np.array([0.55, 0.95, 1.0, 0.9, 0.6, 0.12])
    # Both ends run out in shorter, paler hairs.
    ends = np.array([0.0, 0.22, 0.58, 0.82, 1.0])
    end_alpha = np.array([0.44, 0.92, 0.88, 0.36, 0.06])
    end_length = np.array([0.75, 1.0, 0.95, 0.80, 0.60])
    for n in range(2 * count):
        u, g = uniform[n], normal[n]
        side = 1.0 if n < count else -1.0
        s = ((n % count) + u[0]) / count
        s = s * (0.82 + 0.18 * s)  # fewer at the tail
        v = u[1] * 2.0 - 1.0
        v = v * power(abs(v) + 1e-6, -0.2) + soft * 0.5 * g[0] * abs(v)
        middle, half = interpolate(at, lines[0], s), interpolate(at, lines[1], s)
        x = inner + s * (outer - inner) - 0.012
        y = BASE_HEIGHT + height + middle + v * half * 0.85
        rise = 0.10 + 1.5 * power(max(1.0 - s / 0.75, 0.0), 1.7) - 0.45 * v + 0.35 * wild * (u[2] - 0.5)
        ahead = min(s + 0.03, 1.0)
        rise += (interpolate(at, lines[0], ahead) - middle) / max(ahead - s, 0.01) / (outer - inner) * 0.8
        long = (0.062 + 0.03 * u[3]) * interpolate(ends, end_length, s) * (0.8 + 0.25 * min(thick, 2.0))
        step = long / (STEPS - 1)
        strong = clamp((density * 1.25 + 0.25 - u[5]) / 0.25, 0.0, 1.0) * interpolate(ends, end_alpha, s)
        strong *= lerp(0.96, 0.36, clamp((abs(v) - 0.35) / 0.65, 0.0, 1.0))
        for j in range(STEPS):
            t = j / (STEPS - 1)
            out[n, j, 0], out[n, j, 1] = side * x, y
            out[n, j, 2] = (0.010 * sine(1.5708 * t) + 0.004) * (0.6 + 0.8 * u[4])
            alpha[n, j] = strong * fade[j]
            bent = rise * (1.0 - 0.45 * t) if rise > 0.0 else rise
            scale = 1.0 / math.sqrt(1.0 + bent * bent)
            x += step * scale
            y += step * scale * bent
    return out, alpha


@kernel
def _widths(count, uniform, base):  # type: ignore[no-untyped-def]
    taper = np.array([0.9, 1.0, 1.0, 0.85, 0.6, 0.3])
    out, tone, order = np.empty((count, STEPS), np.float32), np.empty(count, np.float32), np.empty(count, np.float32)
    for n in range(count):
        for j in range(STEPS):
            out[n, j] = base * (0.75 + 0.5 * uniform[n, 2]) * taper[j]
        tone[n] = 0.7 * (uniform[n, 3] - 0.5)
        order[n] = uniform[n, 7]
    return out, tone, order


def _swing(look: colour.Look, name: str) -> float:
    return (float(look[name]) - 0.5) * 2


def brow_colour(look: colour.Look) -> NDArray[np.float64]:
    """Colour (3,) of the hairs of brows: the hair's, fair hair's darker; dyes leave them alone."""
    own = colour.pigment({**look, "hair_dye": 0.0})
    bright = float(own[0] + own[1] + own[2]) / 3
    own = own * (0.98 / (1 + 2.6 * bright)) * np.array([1.10, 0.98, 0.84])
    return np.asarray(own * doubled(-1.2 * (float(look["brow_darkness"]) - 0.5)))


def grow_brows(look: colour.Look, face: FaceMap, fine: Floats, normals: Floats, size: int, sex: float = 0.0) -> Strands:
    """Both brows of a shaped head: ``fine`` (F, 3) with ``normals`` (F, 3); ``sex`` -1 (woman) to 1 (man)."""
    brow = STYLES[str(look["brow_style"])]
    thick = doubled(_swing(look, "brow_thickness"))
    lines = _lines(
        np.array(brow.line), np.array(brow.half), _swing(look, "brow_arch"), _swing(look, "brow_slant"), thick
    )
    inner, outer = 0.130 - 0.07 * _swing(look, "brow_reach"), 0.500 + 0.10 * _swing(look, "brow_length")
    count = SMALL if size < 200 else FULL
    height = 0.11 * _swing(look, "brow_height") - LOWER * sex
    places, alpha = _hairs(
        _AT,
        lines,
        inner,
        outer,
        height,
        thick,
        brow.soft,
        brow.wild,
        float(look["brow_density"]),
        _UNIFORM,
        _NORMAL,
        count,
    )
    points, away = lift(face.triangle, face.corners, face.neutral, fine, normals, places)
    width, tone, order = _widths(2 * count, _UNIFORM, 0.0034 * (1.0 if count == FULL else FEWER_WIDER))
    grey = max(float(look["hair_grey"]) * 1.04 - 0.08, 0.0)  # brows turn grey a little later
    tints = colour.tints(brow_colour(look), colour.white() * np.array([0.80, 0.77, 0.74]), grey, order, tone, 0.0, 0.6)
    dark = np.ones(STEPS, np.float32)
    return Strands(BROWS, points, away, tints, alpha, width, 0.22, 0.5, dark, depth=(0.35, 0.35), bias=0.0004)
