"""Tiles of strands: the irregularities that all hair is drawn with, looked up by where a point lies across and along
the strands (dm)."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.paint import ramp

LOCK, LOCK_LENGTH = 0.045, 0.40  # dm a cell
STRAND, STRAND_LENGTH = 0.009, 0.22
TUFT = 0.09


def _field(seed: int, size: tuple[int, int], width: float, length: float) -> Floats:
    """Periodic noise (size) with mean 0 and deviation 1, smoothed by Gaussians of so many cells along both axes."""
    spectrum = np.fft.rfft2(np.random.default_rng(seed).normal(size=size))
    fy, fx = np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None]
    spectrum *= np.exp(-2 * np.pi**2 * ((fy * width) ** 2 + (fx * length) ** 2))
    field = np.fft.irfft2(spectrum, s=size)
    return np.asarray((field - field.mean()) / field.std(), np.float32)


@cache
def _tile(kind: str) -> Floats:
    """(across, along, channels)."""
    if kind == "locks":  # tone, raggedness, shift of the highlight
        return np.stack([_field(seed, (128, 64), 0.9, 0.8) for seed in (1, 2, 3)], axis=-1)
    if kind == "strands":  # a few strands together, single ones
        return np.stack([_field(4, (512, 64), 1.7, 0.8), _field(5, (512, 64), 0.5, 0.6)], axis=-1)
    return np.stack([_field(seed, (64, 64), 0.8, 0.8) for seed in (6, 7)], axis=-1)


def _sample(tile: Floats, u: Floats, v: Floats) -> Floats:
    i, j = np.floor(u), np.floor(v)
    a, b = (u - i).astype(np.float32)[..., None], (v - j).astype(np.float32)[..., None]
    rows, columns = tile.shape[:2]
    i0, j0 = i.astype(np.int32) & (rows - 1), j.astype(np.int32) & (columns - 1)
    i1, j1 = (i0 + 1) & (rows - 1), (j0 + 1) & (columns - 1)
    flat = tile.reshape(rows * columns, -1)
    i0 *= columns
    i1 *= columns
    rest = 1 - b
    low = flat.take(i0 + j0, axis=0) * rest + flat.take(i0 + j1, axis=0) * b
    high = flat.take(i1 + j0, axis=0) * rest + flat.take(i1 + j1, axis=0) * b
    return np.asarray(low * (1 - a) + high * a)


def locks(across: Floats, along: Floats) -> Floats:
    """Tone, raggedness and highlight shift (..., 3) of the lock at so many dm across and along."""
    return _sample(_tile("locks"), across / LOCK, along / LOCK_LENGTH)


def strands(across: Floats, along: Floats) -> Floats:
    """Noise (..., 2) of a few strands together and of single strands."""
    return _sample(_tile("strands"), across / STRAND, along / STRAND_LENGTH)


def tufts(across: Floats, along: Floats, size: float = TUFT) -> Floats:
    """Noise (..., 2) as wide as long: the bumps of an outline."""
    return _sample(_tile("tufts"), across / size, along / size)


def fading(pixel: float) -> tuple[float, float]:
    """How much of the noise of few and of single strands a picture with pixels of ``pixel`` dm can show."""
    few, single = ramp(np.array([pixel / 0.060, pixel / 0.020], np.float32), 1.0, 0.25)
    return float(few), float(single)
