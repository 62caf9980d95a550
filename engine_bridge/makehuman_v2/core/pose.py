"""Rotations: how the head is turned, and how the eyeballs are turned in it."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman_v2.core.jit import kernel
from engine_bridge.makehuman_v2.core.mathematics import PI, cosine, sine


@kernel
def turning(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Matrix (3, 3) for row vectors, angles in degrees: yaw turns to the viewer's right, pitch up, roll clockwise."""
    k = PI / 180.0
    cy, sy, cp, sp = cosine(yaw * k), sine(yaw * k), cosine(-pitch * k), sine(-pitch * k)
    cr, sr = cosine(-roll * k), sine(-roll * k)
    out = np.empty((3, 3))
    # pitch, then yaw, then roll
    a = np.array([[cy, 0.0, -sy], [sp * sy, cp, sp * cy], [cp * sy, -sp, cp * cy]])
    for i in range(3):
        out[i, 0] = a[i, 0] * cr - a[i, 1] * sr
        out[i, 1] = a[i, 0] * sr + a[i, 1] * cr
        out[i, 2] = a[i, 2]
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
    out = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] = cross[i, j] / square[i, i]
    z, y = out[2].copy(), out[1].copy()
    z /= math.sqrt(z[0] * z[0] + z[1] * z[1] + z[2] * z[2])
    y -= z * (y[0] * z[0] + y[1] * z[1] + y[2] * z[2])
    y /= math.sqrt(y[0] * y[0] + y[1] * y[1] + y[2] * y[2])
    out[2], out[1] = z, y
    out[0] = y[1] * z[2] - y[2] * z[1], y[2] * z[0] - y[0] * z[2], y[0] * z[1] - y[1] * z[0]
    return out
