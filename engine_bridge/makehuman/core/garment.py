"""The plain collar below the neck, at one point of the surface."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import bump, clamp, noise, ramp
from engine_bridge.makehuman.core.scene import LIGHT


@inline
def collar(x, y, z):  # type: ignore[no-untyped-def]
    """Distance (dm) below the collar's edge of a neutral point: positive where cloth is."""
    return -1.335 - 0.10 * ramp(z, -0.75, -0.20) + 0.05 * ramp(z, -0.7, -1.2) - y


@kernel
def collar_of(points):  # type: ignore[no-untyped-def]
    """`collar` of neutral points (N, 3): (N,)."""
    out = np.empty(len(points), np.float32)
    for i in range(len(points)):
        out[i] = collar(points[i, 0], points[i, 1], points[i, 2])
    return out


@inline
def blur_of(cell):  # type: ignore[no-untyped-def]
    """Half the width (dm) of the soft edge of the collar in a picture with cells of that width."""
    return max(0.006, 0.9 * cell)


@inline
def weave_of(below, x, y, z, cell):  # type: ignore[no-untyped-def]
    """How much lighter the thread at a neutral point is than the cloth, and the hem darker."""
    hem = bump(below, 0.07, 0.006) * clamp(0.006 / cell, 0.0, 1.0)
    threads = clamp(0.008 / cell, 0.0, 1.0)
    return 0.06 * threads * noise(x * 60.0, y * 60.0, z * 60.0) - 0.25 * hem


@inline
def shade_garment(face, table, below, x, y, z, out):  # type: ignore[no-untyped-def]
    """Light (3,) into ``out`` of matt cloth at the neutral point (x, y, z), ``below`` the collar's edge."""
    weave = weave_of(below, x, y, z, face.cell)
    for c in range(3):
        out[c] = face.cloth[c] * (1.0 + weave) * max(table[LIGHT + c], 0.0)
