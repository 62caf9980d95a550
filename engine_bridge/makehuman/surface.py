"""The surface points that the pixels show, and what is known there: attributes mixed from the corners of each
pixel's triangle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Bytes, Flags, Floats, Ints
from engine_bridge.makehuman.paint import mix


@dataclass(frozen=True)
class Surface:
    """N samples of one sheet, on a picture of ``width`` cells a side: the finest picture that is painted.

    ``cell`` (N,) flat index of the cell that a sample fills; where ``whole`` (N,) holds, it is the upper left of a
    block of 2 x 2 that the sample fills altogether.  ``triangle`` (N,), ``corners`` (3, N) its vertices, ``mix``
    (3, N) their weights.
    """

    width: int
    cell: Ints
    whole: Flags
    triangle: Ints
    corners: Ints
    mix: Floats

    def __len__(self) -> int:
        return len(self.cell)

    def at(self, attributes: Floats) -> Floats:
        """Attributes (V, K) or (V,) at the surface points: (N, K) or (N,)."""
        share = self.mix if attributes.ndim == 1 else self.mix[..., None]
        a, b, c = (attributes.take(corner, axis=0) for corner in self.corners)  # take is faster than indexing
        a *= share[0]
        b *= share[1]
        c *= share[2]
        a += b
        a += c
        return a

    def pick(self, chosen: Flags) -> Surface:
        """The samples for which ``chosen`` (N,) holds."""
        kept = np.flatnonzero(chosen)
        return Surface(
            self.width,
            self.cell.take(kept),
            self.whole.take(kept),
            self.triangle.take(kept),
            self.corners.take(kept, axis=1),
            self.mix.take(kept, axis=1),
        )

    def put(self, target: Floats | Bytes, values: Floats | Bytes | int) -> None:
        """Write the samples' values (N, ...) into the cells of ``target`` (width * width, ...)."""
        values = np.ascontiguousarray(values) if np.ndim(values) else values  # what is written row by row
        target[self.cell] = values
        block = self.cell[self.whole]
        inner = values[self.whole] if np.ndim(values) else values  # type: ignore[index]
        for step in (1, self.width, self.width + 1):
            target[block + step] = inner

    def blend(self, target: Floats, values: Floats, opacity: Floats) -> None:
        """Mix the samples' colours (N, 3) into ``target`` (width * width, 3) by ``opacity`` (N,)."""
        target[self.cell] = mix(target[self.cell], values, opacity)
        block, inner, share = self.cell[self.whole], values[self.whole], opacity[self.whole]
        for step in (1, self.width, self.width + 1):
            target[block + step] = mix(target[block + step], inner, share)


@dataclass(frozen=True)
class Sheet:
    """Where one sheet of triangles lies on the picture: ``first`` its first number, ``triangles`` (T, 3), ``flat``
    (V, 2) in [0, 1], ``away`` (V,) dm, ``kind`` (T,) what is painted alike (from 1), ``fine`` (T,) what is painted
    cell by cell even in the midst of its kind."""

    first: int
    triangles: Ints
    flat: Floats
    away: Floats
    kind: Bytes
    fine: Flags


FINE = np.uint8(128)  # the mark of fine triangles beside their kind


def visible(ids: Ints, sheet: Sheet) -> Surface:
    """The samples of a sheet that ``ids`` (W, W), the triangle number of each cell, shows.

    A block of 2 x 2 cells that shows one kind alone is painted by one sample at its middle, all others cell by cell:
    edges are smoothed at a third of the price.  Weights are perspective-correct; a cell's middle may lie a hair
    outside of what the rasteriser covered, so they are clamped.
    """
    width, count = ids.shape[0], len(sheet.triangles)
    table = np.zeros(sheet.first + count + 1, np.uint8)  # what each number shows; past the end: nothing of this sheet
    table[sheet.first : -1] = sheet.kind | (sheet.fine * FINE)
    shown = table.take(ids, mode="clip")
    a, b, c, d = (shown[y::2, x::2] for y in (0, 1) for x in (0, 1))
    whole = (a == b) & (a == c) & (a == d) & (a > 0) & (a < FINE)
    single = (shown > 0) & ~whole.repeat(2, 0).repeat(2, 1)
    row, column = np.divmod(np.flatnonzero(whole), width // 2)
    blocks = row * (2 * width) + column * 2
    cell = np.concatenate([blocks, np.flatnonzero(single)])
    is_whole = np.arange(len(cell)) < len(blocks)
    triangle = ids.ravel().take(cell) - sheet.first
    corners = np.ascontiguousarray(sheet.triangles.take(triangle, axis=0).T)
    middle = np.where(is_whole, np.float32(1.0), np.float32(0.5))
    row, column = np.divmod(cell, width)
    x = (column.astype(np.float32) + middle) / np.float32(width)
    y = (row.astype(np.float32) + middle) / np.float32(width)
    across, down = np.ascontiguousarray(sheet.flat.T)
    (ax, bx, cx), (ay, by, cy) = across.take(corners), down.take(corners)
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    area = np.where(np.abs(area) < 1e-12, np.float32(1e-12), area)
    second = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    third = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    weights = np.stack([1 - second - third, second, third])
    slack = np.where(is_whole, np.float32(0.5), np.float32(0))
    np.minimum(np.maximum(weights, -slack, out=weights), 1 + slack, out=weights)
    weights /= sheet.away.take(corners)
    weights /= weights.sum(axis=0)
    return Surface(width, cell, is_whole, triangle, corners, weights)
