"""Small things that all painting uses: soft steps, mixing, linear light, and a repeatable noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Bytes, Floats


def ramp(x: Floats, low: float | Floats, high: float | Floats) -> Floats:
    """0 below ``low``, 1 above ``high``, smooth between (either order)."""
    t = (x - low) / (high - low)
    np.minimum(np.maximum(t, 0, out=t), 1, out=t)  # np.clip takes several times as long to start
    soft = 3 - 2 * t
    soft *= t * t
    return soft.astype(np.float32, copy=False)


def bump(x: Floats, centre: float | Floats, width: float | Floats) -> Floats:
    """A Gaussian of height 1."""
    t = (x - centre) / width
    return np.exp(-0.5 * t * t).astype(np.float32, copy=False)


def mix(a: Floats, b: Floats, t: Floats) -> Floats:
    """a where t is 0, b where t is 1; colours (N, 3) or (3,), t (N,)."""
    return a + (b - a) * t[:, None]


def columns(colour: Floats, count: int) -> Floats:
    """``colour`` (3,) for ``count`` samples: (count, 3), each channel in one piece of memory, which arithmetic with
    one number a sample is several times faster on."""
    return np.asfortranarray(np.broadcast_to(colour, (count, 3)))


def shares(amount: Floats, colour: Floats) -> Floats:
    """So much (N,) of ``colour`` (3,): (N, 3), laid out as in `columns`."""
    return np.multiply.outer(colour, amount).T


def linear(srgb: tuple[float, float, float] | Floats) -> Floats:
    """sRGB in 0..255 to linear light in 0..1 (IEC 61966-2-1)."""
    c = np.asarray(srgb, np.float32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


@cache
def _encoding() -> Bytes:
    c = np.linspace(0, 1, 4096)
    return np.round(255 * np.where(c <= 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)).astype(np.uint8)


def encode(light: Floats) -> Bytes:
    """Linear light in 0..1 to sRGB bytes, by a table of 4096 steps."""
    return _encoding()[np.clip(light * 4095 + 0.5, 0, 4095).astype(np.int32)]


def palette(stops: Sequence[tuple[float, float, float]], t: float) -> Floats:
    """Linear-light colour at t in 0..1 along evenly spaced sRGB stops."""
    table = linear(np.array(stops, np.float32))
    at = np.clip(t, 0, 1) * (len(stops) - 1)
    k = min(int(at), len(stops) - 2)
    return (table[k] + (table[k + 1] - table[k]) * (at - k)).astype(np.float32)


@cache
def _tile(seed: int, size: int = 256, grain: int = 2) -> Floats:
    """Smooth periodic noise with mean 0 and deviation 1."""
    field = np.random.default_rng(seed).normal(size=(size, size))
    for _ in range(grain):
        field = (
            field + np.roll(field, 1, 0) + np.roll(field, -1, 0) + np.roll(field, 1, 1) + np.roll(field, -1, 1)
        ) / 5
    return (field / field.std()).astype(np.float32)


def noise(u: Floats, v: Floats, seed: int = 0, grain: int = 2) -> Floats:
    """Bilinear lookup in a periodic noise tile; one cell a unit of u and v."""
    tile = _tile(seed, grain=grain)
    i, j = np.floor(u).astype(np.int32), np.floor(v).astype(np.int32)
    a, b = (u - i).astype(np.float32), (v - j).astype(np.float32)
    i0, j0, i1, j1 = i & 255, (j & 255) << 8, (i + 1) & 255, ((j + 1) & 255) << 8
    flat, rest = tile.ravel(), 1 - a
    top = flat.take(j0 + i0) * rest + flat.take(j0 + i1) * a
    return top * (1 - b) + (flat.take(j1 + i0) * rest + flat.take(j1 + i1) * a) * b


def fine(cell: float, footprint: float) -> float:
    """How much of a noise with cells of ``cell`` shows (0..1) in samples of ``footprint``, both in dm: what is finer
    than a sample would sparkle, so that it fades."""
    return float(np.clip((cell / footprint - 0.6) / 1.4, 0, 1))
