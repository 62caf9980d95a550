"""Rotations: how the head is turned, and how the eyeballs are turned in it."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import PI, cosine, sine
from engine_bridge.makehuman.core.reflect import cross as crossed
from engine_bridge.makehuman.core.reflect import unit


@kernel
def turning(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Matrix (3, 3) for row vectors, angles in degrees: yaw turns to the viewer's right, pitch up, roll clockwise."""
    k = PI / 180.0
    cy, sy, cp, sp = cosine(yaw * k), sine(yaw * k), cosine(-pitch * k), sine(-pitch * k)
    cr, sr = cosine(-roll * k), sine(-roll * k)
    out = np.empty((3, 3))
    # Pitch, then yaw: the rows; then roll.
    for i in range(3):
        x = cy if i == 0 else (sp * sy if i == 1 else cp * sy)
        y = 0.0 if i == 0 else (cp if i == 1 else -sp)
        out[i, 0] = x * cr - y * sr
        out[i, 1] = x * sr + y * cr
        out[i, 2] = -sy if i == 0 else (sp * cy if i == 1 else cp * cy)
    return out


@kernel
def eye_axes(neutral: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Rows (3, 3): where the x, y and z axes of an eyeball point after its vertices went from ``neutral`` to ``moved``
    (N, 3), both about their middles: the linear map of least squares, made a rotation from the gaze (z) outwards."""
    square, cross = np.zeros((3, 3)), np.zeros((3, 3))
    for n in range(len(neutral)):
        for i in range(3):
            for j in range(3):
                square[i, j] += neutral[n, i] * neutral[n, j]
                cross[i, j] += neutral[n, i] * moved[n, j]
    # The eyeball is a sphere: `square` is nearly diagonal, so that dividing by its diagonal solves for the map.
    z = unit(cross[2, 0] / square[2, 2], cross[2, 1] / square[2, 2], cross[2, 2] / square[2, 2])
    y = cross[1, 0] / square[1, 1], cross[1, 1] / square[1, 1], cross[1, 2] / square[1, 1]
    lean = y[0] * z[0] + y[1] * z[1] + y[2] * z[2]
    y = unit(y[0] - z[0] * lean, y[1] - z[1] * lean, y[2] - z[2] * lean)
    x = crossed(y, z)
    out = np.empty((3, 3))
    for j in range(3):
        out[0, j], out[1, j], out[2, j] = x[j], y[j], z[j]
    return out
