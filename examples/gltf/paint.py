"""Textures, painted over the sheet: where a texel lies on the face at rest says what colour it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from dress import hairline, rise
from numpy.typing import NDArray
from PIL import Image
from sculpt import EYE, MOUTH

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
SIDE = 1024


def _spread(values: Array, side: int = SIDE) -> Array:
    """Values (R, C) of the sheet at texels (side, side); the sheet fills the upper 95 %."""
    rows = round(side * 0.95)
    big = Image.fromarray(values.astype(np.float32)).resize((side, rows), Image.Resampling.BILINEAR)
    return np.concatenate([np.asarray(big), np.repeat(np.asarray(big)[-1:], side - rows, 0)]).astype(np.float64)


def _places(rest: Array) -> tuple[Array, Array, Array]:
    return _spread(rest[..., 0]), _spread(rest[..., 1]), _spread(rest[..., 2])


def _mix(picture: Array, colour: tuple[float, float, float], share: Any) -> Array:
    return picture + (np.array(colour) - picture) * np.clip(share, 0, 1)[..., None]


def _noise(seed: int, cells: tuple[int, int]) -> Array:
    """Smooth noise (SIDE, SIDE) of mean 0 with so many cells down and across."""
    field = np.random.default_rng(seed).standard_normal(cells).astype(np.float32)
    return np.asarray(Image.fromarray(field).resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.float64)


def lips(x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """How much a texel is of the upper and of the lower lip."""
    t = np.abs(x) / 0.262
    front = rise(z, -0.15, 0.0)
    bow = 0.080 * np.clip(1 - t**2.2, 0, 1) ** 0.8 - 0.020 * np.exp(-((x / 0.045) ** 2))
    upper = rise(MOUTH + bow - y, -0.006, 0.006) * (y > MOUTH) * rise(1 - t, 0.0, 0.04) * front
    lower = (
        rise(y - MOUTH + 0.100 * np.clip(1 - t**2.4, 0, 1) ** 0.9, -0.006, 0.006)
        * (y <= MOUTH)
        * rise(1 - t, 0.0, 0.04)
        * front
    )
    return upper, lower


def skin_picture(rest: Array) -> Picture:
    """Skin with lips, blush, creases of the lids."""
    x, y, z = _places(rest)
    side = np.abs(x)
    picture = np.empty((SIDE, SIDE, 3))
    picture[:] = (222, 172, 146)
    blush = np.exp(-(((side - 0.42) / 0.17) ** 2) - (((y + 0.36) / 0.15) ** 2)) + 0.8 * np.exp(
        -((x / 0.10) ** 2) - (((y + 0.38) / 0.08) ** 2)
    )
    picture = _mix(picture, (214, 132, 112), 0.55 * blush * (z > -0.5))
    around = np.exp(-(((side - EYE) / 0.20) ** 2) - (((y - 0.01) / 0.11) ** 2)) * (z > -0.3)
    picture = _mix(picture, (168, 112, 92), 0.45 * around)
    crease = (
        np.exp(-(((y - 0.115 + 0.9 * (side - EYE) ** 2) / 0.012) ** 2))
        * rise(0.20 - np.abs(side - EYE), 0, 0.08)
        * (z > -0.3)
    )
    picture = _mix(picture, (120, 74, 58), 0.55 * crease)
    nostril = np.exp(-(((side - 0.062) / 0.030) ** 2) - (((y + 0.470) / 0.020) ** 2)) * (z > 0.05)
    picture = _mix(picture, (92, 44, 36), 0.8 * nostril)
    upper, lower = lips(x, y, z)
    picture = _mix(picture, (176, 92, 88), upper)
    picture = _mix(picture, (190, 104, 98), lower)
    seam = np.exp(-(((y - MOUTH) / 0.008) ** 2)) * rise(0.265 - side, 0, 0.05) * (z > -0.2)
    picture = _mix(picture, (84, 34, 34), 0.8 * seam)
    picture *= (1 + 0.018 * _noise(1, (170, 170)) + 0.02 * _noise(2, (30, 30)))[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def iris_picture(side: int = 128) -> Picture:
    """A pale iris that a colour slider tints, with a dark ring and a pupil."""
    v, u = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    r, a = np.hypot(u, v) * 2, np.arctan2(v, u)
    fibres = 0.5 + 0.5 * np.sin(a * 29 + 4 * np.sin(r * 9) + 2 * np.sin(a * 7))
    bright = (
        (0.62 + 0.30 * fibres * rise(r, 0.35, 0.8))
        * (1 - 0.7 * rise(r, 0.80, 0.98))
        * (1 - 0.95 * rise(0.44 - r, 0.0, 0.05))
    )
    return np.repeat((bright * 235).clip(2, 255).astype(np.uint8)[..., None], 3, axis=2)


def hair_picture(rest: Array) -> Picture:
    """Strands down the sheet; the edge fades out along the hairline. Pale, for a colour slider to tint."""
    _, y, z = _places(rest)
    strands = 0.72 + 0.16 * _noise(3, (14, 260)) + 0.09 * _noise(4, (5, 512))
    picture = np.empty((SIDE, SIDE, 4))
    picture[..., :3] = (np.clip(strands, 0.25, 1.2) * np.ones(3)[:, None, None] * 170).transpose(1, 2, 0)
    over = _spread(hairline(rest)) + 0.022 * _noise(5, (40, 300))
    picture[..., 3] = 255 * np.maximum(rise(over, -0.01, 0.05), rise(-0.50 - z, 0.0, 0.08) * (y < -0.1))
    return picture.clip(0, 255).astype(np.uint8)


def brow_picture(rest: Array, style: str) -> Picture:
    """Both brows as strokes of hair on nothing."""
    x, y, _ = _places(rest)
    thick, arch = {"BrowsNatural": (0.034, 0.045), "BrowsThick": (0.055, 0.025), "BrowsArched": (0.026, 0.075)}[style]
    t = (np.abs(x) - 0.125) / 0.42
    middle = 0.165 + arch * np.sin(np.pi * np.clip(t, 0, 1) ** 1.2) - 0.01 * t
    half = thick * np.interp(t, [0, 0.12, 0.6, 1.0], [0.55, 1.0, 0.9, 0.15])
    cover = rise(half - np.abs(y - middle), -0.012, 0.014) * rise(t, -0.02, 0.06) * rise(1 - t, -0.02, 0.05)
    strokes = 0.75 + 0.35 * _noise(6, (90, 420))
    picture = np.empty((SIDE, SIDE, 4))
    picture[..., :3] = (46, 33, 26)
    picture[..., 3] = 255 * np.clip(cover * strokes * 1.2, 0, 1)
    return picture.clip(0, 255).astype(np.uint8)


def beard_picture(rest: Array, style: str) -> Picture:
    """A beard that fades out into the skin."""
    x, y, z = _places(rest)
    side = np.abs(x)
    upper, lower = lips(x, y, z)
    line = np.interp(side, [0, 0.10, 0.22, 0.33, 0.45, 0.60, 0.72], [-0.535, -0.545, -0.60, -0.74, -0.66, -0.50, -0.30])
    cheeks = rise(line - y, -0.02, 0.05)
    moustache = (
        rise(MOUTH + 0.125 - 0.9 * np.maximum(side - 0.12, 0) - y, 0, 0.02)
        * rise(y - MOUTH, -0.01, 0.02)
        * rise(0.30 - side, 0, 0.05)
    )
    chin = rise(0.24 - side, 0, 0.08) * rise(MOUTH - 0.10 - y, 0, 0.04)
    cover = {
        "BeardFull": np.maximum(cheeks, moustache),
        "BeardGoatee": np.maximum(chin, moustache),
        "BeardStubble": 0.42 * np.maximum(cheeks, moustache),
        "Moustache": moustache,
    }[style]
    cover = cover * rise(-y, 0.30, 0.50) * rise(y, -1.22, -1.05) * rise(z, -0.95, -0.70) * (1 - upper) * (1 - lower)
    picture = np.empty((SIDE, SIDE, 4))
    picture[..., :3] = np.array((72, 54, 44)) * (0.85 + 0.2 * _noise(7, (120, 420)))[..., None]
    picture[..., 3] = 255 * np.clip(cover * (0.95 + 0.12 * _noise(8, (160, 420))), 0, 1)
    return picture.clip(0, 255).astype(np.uint8)
