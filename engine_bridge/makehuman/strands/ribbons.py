"""Strands onto the picture: ribbons from front to back, each of which takes its share of the light that is left.

A ribbon is never narrower than a cell; a finer hair covers less of it instead. So nothing flickers between cells, and
a hair's share changes smoothly with its width.
"""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.camera import AIM, DISTANCE, FOCAL
from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.strands.strand import BEARD, BROWS, HAIR

BUCKETS = 4096  # of nearness, for sorting
TILE = 4  # cells of a side of the squares that are skipped as a whole once nothing more can show in them
SUNK = 0.03  # dm below a surface at which a strand no longer shows
FULL = 0.06  # light left at which a cell counts as covered


@kernel
def flatten(points, colours, alpha, width, kind, start, screen, colour, opacity, breadth, kinds, size):  # type: ignore[no-untyped-def]
    """Put strands (K, M, 3) in view space into the flat arrays from ``start`` on: ``screen`` (N, 3) x, y in cells and
    nearness, ``colour`` (N, 3), ``opacity`` (N,), ``breadth`` (N,) in cells, ``kinds`` (N,): 0 at a strand's last
    point."""
    count, steps, _ = points.shape
    for i in range(count):
        for j in range(steps):
            n = start + i * steps + j
            near = 1.0 / (DISTANCE - points[i, j, 2])
            screen[n, 0] = (0.5 + FOCAL * points[i, j, 0] * near) * size
            screen[n, 1] = (0.5 - FOCAL * (points[i, j, 1] - AIM) * near) * size
            screen[n, 2] = near
            opacity[n] = alpha[i, j]
            breadth[n] = width[i, j] * FOCAL * near * size
            kinds[n] = kind if j < steps - 1 else 0
            for c in range(3):
                colour[n, c] = colours[i, j, c]


@kernel
def order(screen, opacity, kinds):  # type: ignore[no-untyped-def]
    """Numbers of the segments that can show, the nearest first."""
    count = len(kinds)
    low, high = 1e9, -1e9
    for n in range(count):
        low, high = min(low, screen[n, 2]), max(high, screen[n, 2])
    scale = (BUCKETS - 1) / max(high - low, 1e-9)
    bucket = np.empty(count, np.int32)
    starts = np.zeros(BUCKETS + 1, np.int64)
    for n in range(count):
        bucket[n] = -1
        if kinds[n] > 0 and (opacity[n] > 0.003 or opacity[n + 1] > 0.003):
            bucket[n] = int((high - 0.5 * (screen[n, 2] + screen[n + 1, 2])) * scale)
            starts[bucket[n] + 1] += 1
    for b in range(BUCKETS):
        starts[b + 1] += starts[b]
    out = np.empty(starts[BUCKETS], np.int32)
    for n in range(count):
        if bucket[n] >= 0:
            out[starts[bucket[n]]] = n
            starts[bucket[n]] += 1
    return out


@inline
def _shows(still, far, near, left, right, top, bottom):  # type: ignore[no-untyped-def]
    """Whether something as near as ``near`` can show in any tile that the box of cells touches."""
    rows, columns = still.shape
    for i in range(max(int(top) // TILE, 0), min(int(bottom) // TILE, rows - 1) + 1):
        for j in range(max(int(left) // TILE, 0), min(int(right) // TILE, columns - 1) + 1):
            if still[i, j] > 0 and near >= far[i, j]:
                return True
    return False


@inline
def _clip(first, last, limit):  # type: ignore[no-untyped-def]
    return max(first, 0), min(last, limit - 1)


@kernel
def blend(segments, screen, colour, opacity, breadth, kinds, bias, depth, light, cover):  # type: ignore[no-untyped-def]
    """Lay ``segments`` (S,) over the picture, the nearest first, where they are nearer than ``depth`` (W, W).

    ``bias`` (kinds + 1,) nearness that a kind of strand gains; ``light`` (W, W, 4) gathers light, and last how much of
    what lies behind is hidden; ``cover`` (C, W, W) gathers the coverage of the first kinds; both in place.
    """
    f = np.float32
    height, width = depth.shape
    one, half, none = f(1), f(0.5), f(0)
    flat, deep = light.reshape(height * width, 4), depth.reshape(height * width)
    covers = cover.reshape(len(cover), height * width)
    rows, columns = (height + TILE - 1) // TILE, (width + TILE - 1) // TILE
    still = np.zeros((rows, columns), np.int32)  # cells that are not covered yet
    far = np.full((rows, columns), f(1e9))  # the farthest surface that stands in a tile
    for y in range(height):
        for x in range(width):
            i, j = y // TILE, x // TILE
            still[i, j] += 1
            far[i, j] = min(far[i, j], depth[y, x])
    for s in range(len(segments)):
        n = segments[s]
        ax, ay, az = screen[n, 0], screen[n, 1], screen[n, 2]
        bx, by, bz = screen[n + 1, 0], screen[n + 1, 1], screen[n + 1, 2]
        dx, dy = bx - ax, by - ay
        length = math.sqrt(dx * dx + dy * dy)
        if length < f(1e-4):
            continue
        kind = kinds[n]
        counts = kind < len(cover)
        lift = f(bias[kind])
        w0, w1 = breadth[n], breadth[n + 1]
        reach = half * max(max(w0, w1), one) + half
        left_x, right_x, top_y, bottom_y = (
            min(ax, bx) - reach,
            max(ax, bx) + reach,
            min(ay, by) - reach,
            max(ay, by) + reach,
        )
        if top_y > height or bottom_y < 0 or left_x > width or right_x < 0:
            continue
        sunk = f(SUNK) * az * az
        if not _shows(still, far, max(az, bz) + lift + sunk, left_x, right_x, top_y, bottom_y):
            continue
        steep = abs(dy) > abs(dx)  # march along the longer axis; a row or column belongs to one segment of a strand
        a, b = (ay, by) if steep else (ax, bx)
        c0 = ax if steep else ay
        run = dy if steep else dx
        rise = dx / dy if steep else dy / dx
        across = abs(run) / length
        slant = reach / across
        first, last = _clip(math.ceil(min(a, b) - half), math.ceil(max(a, b) - half) - 1, height if steep else width)
        for u in range(first, last + 1):
            t = (f(u) + half - a) / run
            centre = c0 + rise * (f(u) + half - a)
            w = w0 + (w1 - w0) * t
            wide = max(w, one)
            al = (opacity[n] + (opacity[n + 1] - opacity[n]) * t) * w / wide
            z = az + (bz - az) * t + lift
            r = colour[n, 0] + (colour[n + 1, 0] - colour[n, 0]) * t
            g = colour[n, 1] + (colour[n + 1, 1] - colour[n, 1]) * t
            bl = colour[n, 2] + (colour[n + 1, 2] - colour[n, 2]) * t
            low, high = _clip(
                math.ceil(centre - slant - half),
                math.floor(centre + slant - half),
                width if steep else height,
            )
            shows = False
            for k in range(low // TILE, high // TILE + 1):
                shows |= (still[u // TILE, k] if steep else still[k, u // TILE]) > 0
            if not shows:
                continue
            start, stride = (u * width, 1) if steep else (u, width)
            edge = half * wide + half
            scale = one / sunk
            for v in range(low, high + 1):
                cell = np.uintp(start + v * stride)  # without a sign an index needs no check
                rest = one - flat[cell, 3]
                above = (z - deep[cell]) * scale + one
                if rest < f(FULL) or above <= none:
                    continue
                off = abs(f(v) + half - centre) * across
                share = al * min(above, one) * min(max(edge - off, none), one) * rest
                if rest - share < f(FULL):
                    y, x = (u, v) if steep else (v, u)
                    still[y // TILE, x // TILE] -= 1
                flat[cell, 0] += share * r
                flat[cell, 1] += share * g
                flat[cell, 2] += share * bl
                flat[cell, 3] += share
                if counts:
                    covers[kind, cell] += share


@kernel
def settle(rgb, light, depth, through):  # type: ignore[no-untyped-def]
    """What was gathered over what lies behind it: ``rgb`` (W, W, 3) in place, and ``through`` (W, W): how much of the
    backdrop shows, where ``depth`` (W, W) is 0.  A cell that counts as covered shows nothing of what is behind."""
    height, width, _ = rgb.shape
    for y in range(height):
        for x in range(width):
            rest = np.float32(1) - light[y, x, 3]
            open_to = np.float32(1) if depth[y, x] <= 0 else np.float32(0)
            through[y, x] = open_to
            if rest < 1:
                shown = rest * min(
                    max((rest - np.float32(FULL)) * np.float32(0.5 / FULL), np.float32(0)), np.float32(1)
                )
                through[y, x] = open_to * shown
                scale = (np.float32(1) - shown) / (np.float32(1) - rest)
                for c in range(3):
                    rgb[y, x, c] = rgb[y, x, c] * shown + light[y, x, c] * scale


@kernel
def mark(labels, hair, cover, brow, shows):  # type: ignore[no-untyped-def]
    """Tell ``labels`` (W, W) and ``hair`` (W, W), how much of a cell hair covers, in place, of the ``cover`` of each
    kind from `blend`: skin that brows cover by more than ``shows`` is ``brow``."""
    height, width = labels.shape
    for y in range(height):
        for x in range(width):
            own = cover[HAIR, y, x]
            hair[y, x] = max(hair[y, x], own)
            # A beard counts as the skin that it grows on, also where it stands out before the backdrop.
            if labels[y, x] == 0 and cover[BEARD, y, x] > own:
                labels[y, x] = 1
            if labels[y, x] == 1 and cover[BROWS, y, x] > shows:
                labels[y, x] = brow
