"""The studio light: a soft key, a fill, a rim and the sky, on skin that lets some light bleed round its edges."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.arrays import Floats


def _unit(*v: float) -> Floats:
    a = np.array(v, np.float32)
    return a / np.linalg.norm(a)


KEY, FILL = _unit(-0.40, 0.50, 0.80), _unit(0.75, 0.15, 0.75)
KEY_POWER, FILL_POWER, SKY_POWER = 0.66, 0.26, 0.30
HALF = _unit(*(KEY + _unit(0, 0, 1)))
HALF_FILL = _unit(*(FILL + _unit(0, 0, 1)))
# Red light travels furthest through skin: it reaches round the terminator (a cheap stand-in for subsurface scattering).
WRAP = np.array([0.42, 0.28, 0.22], np.float32)


def diffuse(normals: Floats, sky: Floats, wrap: Floats = WRAP) -> Floats:
    """Incoming light (N, 3), about 1 on a surface that faces the camera; ``sky`` (N,) is the unoccluded share
    of the sky."""
    key = np.maximum((normals @ KEY)[:, None] + wrap, 0) / (1 + wrap)
    fill = np.maximum((normals @ FILL)[:, None] + wrap, 0) / (1 + wrap)
    open_sky = SKY_POWER * sky * (0.75 + 0.25 * normals[:, 1])
    shade = 0.45 + 0.55 * sky
    return (KEY_POWER * key + FILL_POWER * fill) * shade[:, None] + open_sky[:, None]


def gloss(normals: Floats, power: float) -> Floats:
    """Specular reflection (N,) of key and fill for a viewer at the camera (Blinn's half vectors)."""
    key, fill = np.maximum(normals @ HALF, 0), np.maximum(normals @ HALF_FILL, 0)
    return (key**power + 0.45 * fill**power).astype(np.float32)
