"""The scalp as a distance from its middle in every direction, on the mean head and on any other.

Directions lie on an octahedral map: the unit octahedron |x| + |y| + |z| = 1, seen from above, its lower half folded out
(Meyer et al., On floating-point normal vectors, 2010), so that a look-up needs no trigonometry and has no seam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

MIDDLE_X, MIDDLE_Y, MIDDLE_Z = 0.0, 0.12, -0.62
CELLS = 49  # of the map's side
WIDEST = 1.25  # dm: what lies further out is shoulder, not scalp
NEIGHBOURS = 8


@dataclass(frozen=True)
class Skull:
    """``mean`` (CELLS^2, 3) points of the neutral scalp; ``bound`` (CELLS^2, NEIGHBOURS) vertices of the cage that move
    them and ``pull`` of the same shape, how much."""

    mean: Floats
    bound: Ints
    pull: Floats
    cage: Floats

    def radius(self, cage: Floats) -> Floats:
        """Distance (CELLS, CELLS) of the scalp of a shaped head, ``cage`` (V, 3), from the middle."""
        out: Floats = _radius(self.mean, self.bound, self.pull, self.cage, cage)
        return out


def build(cage: Floats, triangles: Ints, ear: Floats) -> Skull:
    """The skull of the neutral ``cage`` (V, 3): ``triangles`` (T, 3) of its skin, ``ear`` (V,) distance into the
    ears."""
    keep = ear[triangles].max(axis=1) < -0.005
    kept = np.ascontiguousarray(triangles[keep])
    mean = _mean(cage, kept)
    scalp = np.unique(kept)
    scalp = scalp[ear[scalp] < -0.02].astype(np.int32)
    bound, pull = _bind(mean, cage, scalp)
    return Skull(mean, bound, pull, cage.copy())


@inline
def direction(i: int, j: int) -> tuple[float, float, float]:
    """Unit vector of cell (i, j)."""
    u, v = 2.0 * i / (CELLS - 1) - 1.0, 2.0 * j / (CELLS - 1) - 1.0
    y = 1.0 - abs(u) - abs(v)
    x, z = u, v
    if y < 0.0:
        x = (1.0 - abs(v)) * (1.0 if u >= 0.0 else -1.0)
        z = (1.0 - abs(u)) * (1.0 if v >= 0.0 else -1.0)
    length = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * length, y * length, z * length


@inline
def look_up(field, x, y, z):  # type: ignore[no-untyped-def]
    """Value of ``field`` (CELLS, CELLS) in the direction (x, y, z), of any length, bilinear."""
    scale = 1.0 / (abs(x) + abs(y) + abs(z) + 1e-12)
    u, v = x * scale, z * scale
    if y < 0.0:
        a = (1.0 - abs(v)) * (1.0 if u >= 0.0 else -1.0)
        v = (1.0 - abs(u)) * (1.0 if v >= 0.0 else -1.0)
        u = a
    fi = min(max((u * 0.5 + 0.5) * (CELLS - 1), 0.0), CELLS - 1.001)
    fj = min(max((v * 0.5 + 0.5) * (CELLS - 1), 0.0), CELLS - 1.001)
    i, j = int(fi), int(fj)
    p, q = fi - i, fj - j
    low = field[i, j] + (field[i, j + 1] - field[i, j]) * q
    high = field[i + 1, j] + (field[i + 1, j + 1] - field[i + 1, j]) * q
    return low + (high - low) * p


@kernel
def _mean(cage, triangles):  # type: ignore[no-untyped-def]
    """Points (CELLS^2, 3) where rays from the middle leave the skin; what they miss is filled from its surroundings."""
    radius = np.zeros((CELLS, CELLS))
    for t in range(len(triangles)):
        ax = cage[triangles[t, 0], 0] - MIDDLE_X
        ay = cage[triangles[t, 0], 1] - MIDDLE_Y
        az = cage[triangles[t, 0], 2] - MIDDLE_Z
        px = cage[triangles[t, 1], 0] - MIDDLE_X - ax
        py = cage[triangles[t, 1], 1] - MIDDLE_Y - ay
        pz = cage[triangles[t, 1], 2] - MIDDLE_Z - az
        qx = cage[triangles[t, 2], 0] - MIDDLE_X - ax
        qy = cage[triangles[t, 2], 1] - MIDDLE_Y - ay
        qz = cage[triangles[t, 2], 2] - MIDDLE_Z - az
        for i in range(CELLS):
            for j in range(CELLS):
                dx, dy, dz = direction(i, j)  # Moeller and Trumbore's intersection, the ray's origin in the middle
                hx, hy, hz = dy * qz - dz * qy, dz * qx - dx * qz, dx * qy - dy * qx
                det = px * hx + py * hy + pz * hz
                if abs(det) < 1e-9:
                    continue
                u = -(ax * hx + ay * hy + az * hz) / det
                kx, ky, kz = -(ay * pz - az * py), -(az * px - ax * pz), -(ax * py - ay * px)
                v = (dx * kx + dy * ky + dz * kz) / det
                if u < -1e-4 or v < -1e-4 or u + v > 1.0 + 1e-4:
                    continue
                far = (qx * kx + qy * ky + qz * kz) / det
                if far > 0.1 and (radius[i, j] == 0.0 or far < radius[i, j]):  # the shoulders lie behind
                    radius[i, j] = far
    for _ in range(4 * CELLS):  # fill from outside in
        missing = 0
        before = radius.copy()
        for i in range(CELLS):
            for j in range(CELLS):
                if before[i, j] > 0.0:
                    continue
                total, count = 0.0, 0
                for a in range(max(i - 1, 0), min(i + 1, CELLS - 1) + 1):
                    for b in range(max(j - 1, 0), min(j + 1, CELLS - 1) + 1):
                        if before[a, b] > 0.0:
                            total += before[a, b]
                            count += 1
                if count:
                    radius[i, j] = total / count
                else:
                    missing += 1
        if missing == 0:
            break
    out = np.empty((CELLS * CELLS, 3), np.float32)
    for i in range(CELLS):
        for j in range(CELLS):
            dx, dy, dz = direction(i, j)
            r = min(radius[i, j], WIDEST)
            out[i * CELLS + j, 0] = MIDDLE_X + dx * r
            out[i * CELLS + j, 1] = MIDDLE_Y + dy * r
            out[i * CELLS + j, 2] = MIDDLE_Z + dz * r
    return out


@kernel
def _bind(mean, cage, scalp):  # type: ignore[no-untyped-def]
    bound = np.empty((len(mean), NEIGHBOURS), np.int32)
    pull = np.empty((len(mean), NEIGHBOURS), np.float32)
    distance = np.empty(len(scalp))
    for k in range(len(mean)):
        for s in range(len(scalp)):
            v = scalp[s]
            x, y, z = cage[v, 0] - mean[k, 0], cage[v, 1] - mean[k, 1], cage[v, 2] - mean[k, 2]
            distance[s] = math.sqrt(x * x + y * y + z * z)
        total = 0.0
        for n in range(NEIGHBOURS):
            best = 0
            for s in range(1, len(scalp)):
                if distance[s] < distance[best]:
                    best = s
            bound[k, n] = scalp[best]
            pull[k, n] = 1.0 / (distance[best] + 0.02)
            total += pull[k, n]
            distance[best] = 1e9
        for n in range(NEIGHBOURS):
            pull[k, n] /= total
    return bound, pull


@kernel
def _radius(mean, bound, pull, neutral, cage):  # type: ignore[no-untyped-def]
    out = np.empty((CELLS, CELLS), np.float32)
    for k in range(len(mean)):
        x, y, z = mean[k, 0] - MIDDLE_X, mean[k, 1] - MIDDLE_Y, mean[k, 2] - MIDDLE_Z
        for n in range(NEIGHBOURS):
            v, w = bound[k, n], pull[k, n]
            x += w * (cage[v, 0] - neutral[v, 0])
            y += w * (cage[v, 1] - neutral[v, 1])
            z += w * (cage[v, 2] - neutral[v, 2])
        out[k // CELLS, k % CELLS] = math.sqrt(x * x + y * y + z * z)
    return out
