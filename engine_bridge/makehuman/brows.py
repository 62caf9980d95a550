"""Brows: hair strokes along a centre line, painted as functions of the neutral surface point (dm)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Flags, Floats
from engine_bridge.makehuman.paint import fine, noise, ramp


@dataclass(frozen=True)
class Brow:
    """A style at four places from the inner end to the tail (s = 0, 1/3, 2/3, 1): ``line`` the height of the
    middle over the common base, ``half`` half the thickness (dm); ``soft`` the width of the feathered edge as a
    share of it, ``strokes`` how plainly single hairs show."""

    line: tuple[float, float, float, float]
    half: tuple[float, float, float, float]
    soft: float = 0.55
    strokes: float = 1.0


STYLES = {
    "natural": Brow((0.000, 0.030, 0.044, 0.004), (0.030, 0.037, 0.029, 0.008)),
    "straight": Brow((0.008, 0.018, 0.020, 0.004), (0.031, 0.035, 0.030, 0.011)),
    "soft_arched": Brow((-0.004, 0.040, 0.060, 0.006), (0.026, 0.032, 0.023, 0.006)),
    "high_arched": Brow((-0.012, 0.036, 0.088, 0.004), (0.024, 0.031, 0.023, 0.005), 0.45),
    "rounded": Brow((-0.014, 0.052, 0.054, -0.022), (0.023, 0.031, 0.026, 0.008)),
    "s_shaped": Brow((0.012, 0.010, 0.064, 0.006), (0.028, 0.035, 0.026, 0.006)),
    "thin": Brow((0.000, 0.036, 0.054, 0.004), (0.014, 0.017, 0.014, 0.005), 0.60, 0.7),
    "tapered": Brow((0.002, 0.026, 0.042, 0.010), (0.042, 0.038, 0.022, 0.004), 0.45),
    "bushy": Brow((0.004, 0.026, 0.036, -0.004), (0.042, 0.052, 0.044, 0.018), 0.75, 1.4),
    "flat_thick": Brow((0.008, 0.018, 0.022, 0.000), (0.044, 0.046, 0.042, 0.016), 0.40),
}
BASE_HEIGHT = 0.172
FINEST = 0.010  # dm: spacing of the strokes


@cache
def _curve(knots: tuple[float, float, float, float]) -> Floats:
    """Natural cubic through the four knots, at 65 even places."""
    a, b, c, d = knots
    system = np.array([[4.0, 1.0], [1.0, 4.0]])
    inner = np.linalg.solve(system, 6 * np.array([a - 2 * b + c, b - 2 * c + d]))
    bend = np.array([0.0, *inner, 0.0])
    t = np.linspace(0, 3, 65)
    k = np.minimum(t.astype(int), 2)
    f, y = t - k, np.array(knots)
    low, high = 1 - f, f
    out = low * y[k] + high * y[k + 1] + ((low**3 - low) * bend[k] + (high**3 - high) * bend[k + 1]) / 6
    return out.astype(np.float32)


_AT = np.linspace(0, 1, 65, dtype=np.float32)
# Hairs stand up at the inner end and lie down towards the tail: the slope of a hair, summed up along the brow.
_SLOPE = (0.12 + 1.9 * np.clip(1 - _AT / 0.8, 0, 1) ** 1.6).astype(np.float32)
_CLIMB = (np.cumsum(_SLOPE) / 64).astype(np.float32)


def cover(p: Floats, look: Mapping[str, float | str], footprint: float) -> tuple[Floats, Flags]:
    """How much of the skin brow hair covers (N,), and where people would say there is brow (N,), at neutral
    points p (N, 3); ``footprint`` is the width of a sample (dm)."""
    x, y = np.abs(p[:, 0]), p[:, 1]
    out, inside = np.zeros(len(p), np.float32), np.zeros(len(p), np.bool_)
    near = np.flatnonzero((y > -0.05) & (y < 0.50) & (x < 0.75) & (p[:, 2] > -0.3))
    if len(near):
        out[near], inside[near] = _cover(x[near], y[near], p[near, 0], look, footprint)
    return out, inside


def _cover(
    x: Floats, y: Floats, across: Floats, look: Mapping[str, float | str], footprint: float
) -> tuple[Floats, Flags]:
    def swing(name: str) -> float:
        return (float(look[name]) - 0.5) * 2

    brow = STYLES[str(look["brow_style"])]
    inner, outer = 0.130 - 0.070 * swing("brow_reach"), 0.515 + 0.100 * swing("brow_length")
    s = np.clip((x - inner) / (outer - inner), 0, 1)
    thick = 2.0 ** (1.2 * swing("brow_thickness"))
    middle = _curve(brow.line) + 0.07 * swing("brow_arch") * np.sin(np.pi * _AT**1.25).astype(np.float32)
    slant = swing("brow_slant")  # outer ends up looks angry soon: half as far as down
    middle += (0.09 * (slant if slant < 0 else 0.55 * slant) - 0.004) * (_AT - 0.5) * 2
    w = y - (BASE_HEIGHT + 0.11 * swing("brow_height")) - np.interp(s, _AT, middle).astype(np.float32)
    half = np.interp(s, _AT, np.maximum(_curve(brow.half), 0.003) * thick).astype(np.float32)

    # Strokes: the level lines of ``flow`` are hairs; two layers that cross a little keep them from looking combed.
    span = outer - inner
    flow = w - span * np.interp(s, _AT, _CLIMB).astype(np.float32)
    sides = np.sign(across) * 40
    detail = fine(FINEST, footprint)
    strokes = np.zeros(len(x), np.float32)
    if detail > 0:
        strokes = 0.75 * noise(flow / FINEST + sides, x / 0.10 + w / 0.07, seed=3, grain=1)
        strokes += 0.50 * noise((flow + 0.3 * w) / (0.75 * FINEST) + sides, x / 0.08 + w / 0.06, seed=4, grain=1)
        strokes *= detail * brow.strokes
    tufts = noise(flow / 0.030 + sides, x / 0.12 + w / 0.09, seed=6, grain=1) * fine(0.030, footprint)

    # The lower edge is cleaner than the upper one, where hairs end freely.
    edge = np.where(w > 0, brow.soft + 0.15, brow.soft)
    reach = np.abs(w) / half - (0.16 * strokes + 0.10 * tufts)
    body = ramp(reach, 1 + 0.75 * edge, 1 - 0.75 * edge)
    smooth = ramp(np.abs(w) / half, 1 + 0.75 * edge, 1 - 0.75 * edge)
    ends = ramp(x + 0.012 * tufts, inner - 0.045, inner + 0.050) * ramp(x, outer + 0.030, outer - 0.020)
    density = 0.56 + 0.42 * float(look["brow_density"])
    core = 0.80 + 0.20 * ramp(s, 0.02, 0.38)
    sparse = 1 - 0.30 * ramp(strokes, 0.1, -1.4) * (1.25 - 0.6 * float(look["brow_density"]))
    return np.clip(body * ends * density * core * sparse, 0, 0.98), smooth * ends > 0.40


def colour(hair: Floats, look: Mapping[str, float | str]) -> Floats:
    """Colour (3,) of the brow hair: the hair's, darker, fair hair most so; grey only as far as the hair is grey."""
    bright = float(hair.mean())
    own = hair * (0.62 / (1 + 2.2 * bright))
    warm = np.array([1.14, 0.97, 0.78], np.float32)
    own = own * (warm + (1 - warm) * float(look["hair_grey"]))
    return (own * 2.0 ** (-1.5 * (float(look["brow_darkness"]) - 0.5))).astype(np.float32)
