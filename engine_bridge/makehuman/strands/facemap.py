"""The neutral face seen from the front: which triangle of the skin lies at (x, y), so that what is drawn on the neutral
face can be laid on any other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.raster import rasterise

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
SIDE = 640  # cells of the map
LEFT, TOP, SPAN = -1.0, 0.9, 2.0  # dm


@dataclass(frozen=True)
class FaceMap:
    """``triangle`` (SIDE, SIDE) number of the triangle at each place, ``corners`` (T, 3) its vertices, ``neutral``
    (F, 3)."""

    triangle: Ints
    corners: Ints
    neutral: Floats


def face_map(fine: Floats, skin: Ints) -> FaceMap:
    """Of the neutral ``fine`` mesh (F, 3) and the ``skin``'s triangles (T, 3)."""
    flat = np.empty_like(fine)
    flat[:, 0] = (fine[:, 0] - LEFT) / SPAN * SIDE
    flat[:, 1] = (TOP - fine[:, 1]) / SPAN * SIDE
    flat[:, 2] = fine[:, 2] + 5
    ids = np.full((SIDE, SIDE), -1, np.int32)
    rasterise(skin, flat, np.zeros((SIDE, SIDE), np.float32), ids, 0)
    return FaceMap(np.maximum(ids, 0), skin, fine)


@kernel
def lift(triangle, corners, neutral, fine, normals, places):  # type: ignore[no-untyped-def]
    """Points and directions off the skin, both (K, M, 3), of ``places`` (K, M, 3): x and y on the neutral face and the
    height above the skin of the shaped one, ``fine`` (F, 3) with ``normals``."""
    count, steps, _ = places.shape
    points, away = np.empty((count, steps, 3), np.float32), np.empty((count, steps, 3), np.float32)
    for n in range(count):
        for m in range(steps):
            x, y = places[n, m, 0], places[n, m, 1]
            i = min(max(int((TOP - y) / SPAN * SIDE), 0), SIDE - 1)
            j = min(max(int((x - LEFT) / SPAN * SIDE), 0), SIDE - 1)
            t = triangle[i, j]
            a, b, c = corners[t, 0], corners[t, 1], corners[t, 2]
            ux, uy = neutral[b, 0] - neutral[a, 0], neutral[b, 1] - neutral[a, 1]
            vx, vy = neutral[c, 0] - neutral[a, 0], neutral[c, 1] - neutral[a, 1]
            area = ux * vy - vx * uy
            if abs(area) < 1e-9:
                area = 1e-9
            dx, dy = x - neutral[a, 0], y - neutral[a, 1]
            q, r = (dx * vy - vx * dy) / area, (ux * dy - dx * uy) / area
            p = 1.0 - q - r
            nx = normals[a, 0] * p + normals[b, 0] * q + normals[c, 0] * r
            ny = normals[a, 1] * p + normals[b, 1] * q + normals[c, 1] * r
            nz = normals[a, 2] * p + normals[b, 2] * q + normals[c, 2] * r
            s = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
            nx, ny, nz = nx * s, ny * s, nz * s
            h = places[n, m, 2]
            points[n, m, 0] = fine[a, 0] * p + fine[b, 0] * q + fine[c, 0] * r + nx * h
            points[n, m, 1] = fine[a, 1] * p + fine[b, 1] * q + fine[c, 1] * r + ny * h
            points[n, m, 2] = fine[a, 2] * p + fine[b, 2] * q + fine[c, 2] * r + nz * h
            away[n, m, 0], away[n, m, 1], away[n, m, 2] = nx, ny, nz
    return points, away
