"""Silhouettes that move by less than a cell: cells that an outline crosses are mixed with what lies on its other side.

A cell is painted whole, as what its one sample hits; without this it would turn from face to dark hair at once.  The
outlines are known exactly, as edges between a triangle that faces the viewer and one that does not, so the share of a
cell on each side is too (geometric post-process anti-aliasing, Persson 2011).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.raster import SAMPLE

GAP = 0.012  # dm that what lies behind an outline is behind it, to be mixed in whole
CURVE = 0.30  # dm that a surface may come nearer within a cell of its outline
NARROW = 1e-9  # area of a triangle in cells, doubled, below which it faces nobody


def edges_of(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """Edges (E, 4) of ``triangles`` (T, 3): two vertices, then the numbers of the triangles on both sides, -1 for
    none; where more than two meet, the first two."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    own = np.tile(np.arange(len(triangles)), 3)
    pairs = np.sort(pairs, axis=1)
    order = np.lexsort((own, pairs[:, 1], pairs[:, 0]))
    pairs, own = pairs[order], own[order]
    new = np.ones(len(pairs), bool)
    new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    first = np.flatnonzero(new)
    other = np.full(len(first), -1)
    shared = np.append(first[1:], len(pairs)) - first > 1
    other[shared] = own[first[shared] + 1]
    return np.ascontiguousarray(np.column_stack([pairs[first], own[first], other]), np.int32)


@inline
def _mix(before, rgb, through, depth, y, x, v, u, share, inside, near):  # type: ignore[no-untyped-def]
    """Mix cell (v, u) into cell (y, x) by ``share``; ``inside``: (y, x) is the nearer of the two."""
    if v < 0 or u < 0 or v >= depth.shape[0] or u >= depth.shape[1]:
        return
    front, back = (depth[y, x], depth[v, u]) if inside else (depth[v, u], depth[y, x])
    unit = np.float32(1) / (near * near)  # dm that a unit of nearness is here
    behind = (near - back) * unit * np.float32(1.0 / GAP)
    hidden = (front - near) * unit * np.float32(1.0 / CURVE)
    seen = min(max(behind, np.float32(0)), np.float32(1)) * min(
        max(np.float32(2) - hidden, np.float32(0)), np.float32(1)
    )
    share *= seen
    for c in range(3):
        rgb[y, x, c] += share * (before[v, u, c] - rgb[y, x, c])
    through[y, x] += share * (before[v, u, 3] - through[y, x])


@kernel
def soften(triangles, edges, corners, depth, rgb, through):  # type: ignore[no-untyped-def]
    """Mix the cells of ``rgb`` (W, W, 3) and ``through`` (W, W), in place, along the outlines that are seen.

    ``triangles`` (T, 3) with their ``edges`` from `edges_of` and ``corners`` (V, 3) from `camera.project`; ``depth``
    (W, W) nearness.
    """
    f = np.float32
    height, width = depth.shape
    half, aside, narrow = f(0.5), f(SAMPLE), f(NARROW)
    front = np.empty(len(triangles), np.bool_)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        area = (corners[b, 0] - corners[a, 0]) * (corners[c, 1] - corners[a, 1])
        area -= (corners[c, 0] - corners[a, 0]) * (corners[b, 1] - corners[a, 1])
        front[t] = area <= -narrow
    before = np.empty((height, width, 4), np.float32)
    for y in range(height):
        for x in range(width):
            before[y, x, 0], before[y, x, 1], before[y, x, 2] = rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2]
            before[y, x, 3] = through[y, x]
    for e in range(len(edges)):
        p, q, s, t = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if t < 0:
            if not front[s]:
                continue
        elif front[s] == front[t]:
            continue
        own = s if front[s] else t
        third = triangles[own, 0] + triangles[own, 1] + triangles[own, 2] - p - q
        ax, ay, az = corners[p, 0], corners[p, 1], corners[p, 2]
        bx, by, bz = corners[q, 0], corners[q, 1], corners[q, 2]
        dx, dy = bx - ax, by - ay
        if max(abs(dx), abs(dy)) < f(1e-4):
            continue
        # On which side of the line is the surface: to the right of it, or below it?
        turn = (corners[third, 0] - ax) * dy - (corners[third, 1] - ay) * dx
        if abs(dy) > abs(dx):
            side = 1 if (turn > 0) == (dy > 0) else -1
            slope, rise = dx / dy, (bz - az) / dy
            low, high = min(ay, by), max(ay, by)
            for y in range(max(math.floor(low - half), 0), min(math.floor(high + half), height - 1) + 1):
                middle = math.floor(ax + slope * (f(y) + half - ay))
                for x in range(max(middle - 1, 0), min(middle + 1, width - 1) + 1):
                    sample = f(y) + half + (-aside if x & 1 == 0 else aside)
                    if sample < low or sample >= high:
                        continue
                    off = ax + slope * (sample - ay) - (f(x) + half + (aside if y & 1 == 0 else -aside))
                    if abs(off) >= half:
                        continue
                    inside = (off < 0) == (side > 0)
                    other = x - side if inside else x + side
                    _mix(
                        before, rgb, through, depth, y, x, y, other, half - abs(off), inside, az + rise * (sample - ay)
                    )
        else:
            side = 1 if (turn < 0) == (dx > 0) else -1
            slope, rise = dy / dx, (bz - az) / dx
            low, high = min(ax, bx), max(ax, bx)
            for x in range(max(math.floor(low - half), 0), min(math.floor(high + half), width - 1) + 1):
                middle = math.floor(ay + slope * (f(x) + half - ax))
                for y in range(max(middle - 1, 0), min(middle + 1, height - 1) + 1):
                    sample = f(x) + half + (aside if y & 1 == 0 else -aside)
                    if sample < low or sample >= high:
                        continue
                    off = ay + slope * (sample - ax) - (f(y) + half + (-aside if x & 1 == 0 else aside))
                    if abs(off) >= half:
                        continue
                    inside = (off < 0) == (side > 0)
                    other = y - side if inside else y + side
                    _mix(
                        before, rgb, through, depth, y, x, other, x, half - abs(off), inside, az + rise * (sample - ax)
                    )
