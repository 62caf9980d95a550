"""The scalp in polar coordinates: how far it is from its middle in every direction, on the mean head and on any other.

Azimuth is 0 at the front, 90 at the left ear, 180 at the back (degrees); polar is 0 at the crown.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.head import SKIN, Head

MIDDLE = np.array([0.0, 0.12, -0.62], np.float32)
STEP_AZIMUTH, STEP_POLAR = 5.0, 3.0
AZIMUTHS, POLARS = np.arange(-180, 181, 5.0), np.arange(0, 151, 3.0)
HEIGHTS = np.arange(-1.20, 1.06, 0.025)
WIDEST = 1.25  # dm: what lies further out is shoulder, not scalp
NEIGHBOURS = 8


def direction(azimuth: Floats, polar: Floats) -> Floats:
    """Unit vectors (..., 3) for angles in degrees."""
    az, po = np.radians(azimuth, dtype=np.float32), np.radians(polar, dtype=np.float32)
    ring = np.sin(po)
    return np.stack(np.broadcast_arrays(ring * np.sin(az), np.cos(po), ring * np.cos(az)), axis=-1)


def angles(d: Floats) -> tuple[Floats, Floats]:
    """Azimuth and polar angle (degrees) of unit vectors (..., 3)."""
    polar = np.degrees(np.arccos(np.clip(d[..., 1], -1, 1)))
    return np.degrees(np.arctan2(d[..., 0], d[..., 2])), polar


class Skull:
    """The mean head's scalp, and the scalp of any shaped head."""

    def __init__(self, head: Head) -> None:
        radius = _radii(head)
        az, po = np.meshgrid(AZIMUTHS, POLARS, indexing="ij")
        self._mean = (MIDDLE + direction(az, po) * radius[..., None]).reshape(-1, 3)
        heights = MIDDLE[1] + radius * np.cos(np.radians(POLARS))
        self._polar = np.stack([np.interp(-HEIGHTS, -np.minimum.accumulate(row), POLARS) for row in heights]).astype(
            np.float32
        )
        scalp = np.unique(head.triangles[head.part == SKIN])
        scalp = scalp[head.fields["ear"][scalp] < -0.02]
        distance, near = cKDTree(head.vertices[scalp]).query(self._mean, k=NEIGHBOURS)
        pull = np.exp(-((distance - distance[:, :1]) ** 2) / 0.01) / (distance + 0.02)
        pull /= pull.sum(axis=1, keepdims=True)
        rows = np.repeat(np.arange(len(self._mean)), NEIGHBOURS)
        shape = (len(self._mean), len(head.vertices))
        self._bind = csr_matrix((pull.ravel().astype(np.float32), (rows, scalp[near.ravel()])), shape=shape)
        self._vertices = head.vertices

    def of(self, raw: Floats) -> Floats:
        """Scalp points (azimuths, polars, 3) of the head whose vertices are ``raw`` (V, 3)."""
        return np.asarray(self._mean + self._bind @ (raw - self._vertices)).reshape(len(AZIMUTHS), len(POLARS), 3)

    def polar_of_height(self, azimuth: Floats, y: Floats) -> Floats:
        """Polar angle (degrees) at which the mean scalp has height y (dm), on each azimuth."""
        return _lookup(self._polar, (azimuth + 180) / STEP_AZIMUTH, (y - HEIGHTS[0]) / 0.025)


def scalp_at(scalp: Floats, azimuth: Floats, polar: Floats) -> Floats:
    """Points (..., 3) of a scalp from `Skull.of` in the given directions (degrees)."""
    return _lookup(scalp, (azimuth + 180) / STEP_AZIMUTH, polar / STEP_POLAR)


def _lookup(grid: Floats, i: Floats, j: Floats) -> Floats:
    i, j = np.broadcast_arrays(i, j)
    i = np.clip(i, 0, grid.shape[0] - 1.001).astype(np.float32)
    j = np.clip(j, 0, grid.shape[1] - 1.001).astype(np.float32)
    i0, j0 = i.astype(np.int32), j.astype(np.int32)
    a, b = i - i0, j - j0
    if grid.ndim == 3:
        a, b = a[..., None], b[..., None]
    flat = grid.reshape(-1, *grid.shape[2:])
    at = i0 * grid.shape[1] + j0
    upper = flat[at] * (1 - b) + flat[at + 1] * b
    at += grid.shape[1]
    return np.asarray(upper * (1 - a) + (flat[at] * (1 - b) + flat[at + 1] * b) * a, np.float32)


def _radii(head: Head) -> Floats:
    """Distance (azimuths, polars) of the scalp from `MIDDLE`, the ears cut away and bridged."""
    keep = (head.part == SKIN) & (head.fields["ear"][head.triangles].max(axis=1) < -0.005)
    a, b, c = (head.vertices[head.triangles[keep][:, k]] - MIDDLE for k in range(3))
    along, across = c - a, b - a
    half = AZIMUTHS[AZIMUTHS >= 0]
    az, po = np.meshgrid(half, POLARS, indexing="ij")
    rays = direction(az.ravel(), po.ravel())
    radius = np.zeros(len(rays), np.float32)
    for k, ray in enumerate(rays):  # Moeller-Trumbore, against all triangles at once
        h = np.cross(ray, along)
        det = np.einsum("ij,ij->i", across, h)
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        u = np.einsum("ij,ij->i", -a, h) / det
        q = np.cross(-a, across)
        v = q @ ray / det
        t = np.einsum("ij,ij->i", along, q) / det
        hit = (u >= -1e-4) & (v >= -1e-4) & (u + v <= 1 + 1e-4) & (t > 0.1)
        radius[k] = t[hit].max(initial=0)
    grid = radius.reshape(az.shape)
    for row in grid:
        good = row > 0
        row[~good] = np.interp(POLARS[~good], POLARS[good], row[good])
    grid = np.minimum(grid, WIDEST)
    smooth = grid.copy()
    smooth[1:-1] = (grid[:-2] + 2 * grid[1:-1] + grid[2:]) / 4
    return np.concatenate([smooth[:0:-1], smooth]).astype(np.float32)
