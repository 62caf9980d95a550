"""The camera: perspective, on the +z axis, fixed; the head turns instead."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import kernel

DISTANCE = 14.0  # dm from the point between the eyes
AIM = 0.07  # dm above the eyes: the middle of the picture
FOCAL = 5.192698540069079  # 0.5 / tan(11 degrees / 2): the picture is 11 degrees wide
PICTURE = DISTANCE / FOCAL  # dm: width of the picture at the eyes
PIVOT = (0.0, -0.35, -0.70)  # the head turns about the top of the neck


@kernel
def project(points: np.ndarray, width: int) -> np.ndarray:
    """Picture coordinates (N, 3) of view-space points (N, 3): x and y in cells (row 0 is the top of a picture
    ``width`` cells wide) and nearness, 1 over the distance along the axis: linear on the screen."""
    out = np.empty((len(points), 3), np.float32)
    for i in range(len(points)):
        near = 1.0 / (DISTANCE - points[i, 2])
        out[i, 0] = (0.5 + FOCAL * points[i, 0] * near) * width
        out[i, 1] = (0.5 - FOCAL * (points[i, 1] - AIM) * near) * width
        out[i, 2] = near
    return out
