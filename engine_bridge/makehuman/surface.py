"""The surface points that the pixels show, and what is known there: attributes mixed from the corners of each
pixel's triangle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Surface:
    """N visible pixels of one sheet: ``pixel`` (N,) flat index into the picture, ``corners`` (N, 3) vertices,
    ``mix`` (N, 3) weights."""

    pixel: Ints
    triangle: Ints
    corners: Ints
    mix: Floats

    def __len__(self) -> int:
        return len(self.pixel)

    def at(self, attributes: Floats) -> Floats:
        """Attributes (V, K) or (V,) at the surface points: (N, K) or (N,)."""
        m, c = self.mix, self.corners
        if attributes.ndim == 1:
            return m[:, 0] * attributes[c[:, 0]] + m[:, 1] * attributes[c[:, 1]] + m[:, 2] * attributes[c[:, 2]]
        return m[:, :1] * attributes[c[:, 0]] + m[:, 1:2] * attributes[c[:, 1]] + m[:, 2:] * attributes[c[:, 2]]

    def pick(self, chosen: Flags) -> Surface:
        return Surface(self.pixel[chosen], self.triangle[chosen], self.corners[chosen], self.mix[chosen])


def visible(ids: Ints, first: int, triangles: Ints, flat: Floats, away: Floats) -> Surface:
    """The pixels of ``ids`` (S, S) that show triangles ``first`` .. ``first + T - 1``, with
    perspective-correct barycentric weights.

    Weights are clamped to the triangle: a pixel's centre may lie a hair outside of what the rasteriser covered.
    """
    size = ids.shape[0]
    numbers = ids.ravel()
    pixel = np.flatnonzero((numbers >= first) & (numbers < first + len(triangles)))
    triangle = numbers[pixel] - first
    corners = triangles[triangle]
    x = ((pixel % size + 0.5) / size).astype(np.float32)
    y = ((pixel // size + 0.5) / size).astype(np.float32)
    ax, ay = flat[corners[:, 0]].T
    bx, by = flat[corners[:, 1]].T
    cx, cy = flat[corners[:, 2]].T
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    area = np.where(np.abs(area) < 1e-12, np.float32(1e-12), area)
    b = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    c = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    mix = np.stack([1 - b - c, b, c], axis=1)
    np.clip(mix, 0, 1, out=mix)
    mix /= away[corners]
    mix /= mix.sum(axis=1, keepdims=True)
    return Surface(pixel, triangle.astype(np.int32), corners, mix.astype(np.float32))
