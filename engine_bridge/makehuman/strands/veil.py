"""How much hair lies between a point and a light: optical depth on a grid that looks along the light."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel

CELLS = 40  # of a side
HALF = 2.0  # dm: half of the grid's width
CENTRE = (0.0, -0.1, -0.55)  # of the grid, in view space
AHEAD = 0.7  # cells towards the light from which a point is looked at, so that a hair does not shade itself


@inline
def _axes(d):  # type: ignore[no-untyped-def]
    """Two unit vectors (3,) across the direction d (3,)."""
    ux, uy, uz = d[1] * 0.1 - d[2] * 1.0, d[2] * 0.3 - d[0] * 0.1, d[0] * 1.0 - d[1] * 0.3
    s = 1.0 / math.sqrt(ux * ux + uy * uy + uz * uz)
    ux, uy, uz = ux * s, uy * s, uz * s
    return ux, uy, uz, d[1] * uz - d[2] * uy, d[2] * ux - d[0] * uz, d[0] * uy - d[1] * ux


@kernel
def cast(points, alpha, mass, direction, stride):  # type: ignore[no-untyped-def]
    """Grid (CELLS, CELLS, CELLS) of the depth that strands ``points`` (K, M, 3) in view space cast away from the light
    in ``direction`` (3,); ``alpha`` (K, M) opacities, ``mass`` depth of a dm of hair in a cell; every ``stride``-th
    point stands for those that follow it."""
    f = np.float32
    grid = np.zeros((CELLS, CELLS, CELLS), np.float32)
    ux, uy, uz, wx, wy, wz = _axes(direction)
    scale = CELLS / (2.0 * HALF)
    half = CELLS * 0.5 - 0.5
    count, steps, _ = points.shape
    for i in range(count):
        for j in range(0, steps - 1, stride):
            k = min(j + stride, steps - 1)
            x, y, z = points[i, j, 0], points[i, j, 1], points[i, j, 2]
            dx, dy, dz = points[i, k, 0] - x, points[i, k, 1] - y, points[i, k, 2] - z
            v = f(mass * math.sqrt(dx * dx + dy * dy + dz * dz) * alpha[i, j])
            qx, qy, qz = x + 0.5 * dx - CENTRE[0], y + 0.5 * dy - CENTRE[1], z + 0.5 * dz - CENTRE[2]
            px = (qx * ux + qy * uy + qz * uz) * scale + half
            py = (qx * wx + qy * wy + qz * wz) * scale + half
            pz = -(qx * direction[0] + qy * direction[1] + qz * direction[2]) * scale + half
            if px < 0 or py < 0 or pz < 0 or px >= CELLS - 1 or py >= CELLS - 1 or pz >= CELLS - 1:
                continue
            a, b, c = int(px), int(py), int(pz)
            p, q, r = f(px - a), f(py - b), f(pz - c)
            one = f(1)
            for d, w in ((0, v * (one - r)), (1, v * r)):
                grid[c + d, b, a] += w * (one - p) * (one - q)
                grid[c + d, b, a + 1] += w * p * (one - q)
                grid[c + d, b + 1, a] += w * (one - p) * q
                grid[c + d, b + 1, a + 1] += w * p * q
    for z in range(1, CELLS):
        for y in range(CELLS):
            for x in range(CELLS):
                grid[z, y, x] += grid[z - 1, y, x]
    row = np.empty((CELLS, CELLS), np.float32)
    for z in range(CELLS):
        for y in range(CELLS):
            for x in range(1, CELLS - 1):
                row[y, x] = f(0.5) * grid[z, y, x] + f(0.25) * (grid[z, y, x - 1] + grid[z, y, x + 1])
        for y in range(1, CELLS - 1):
            for x in range(1, CELLS - 1):
                grid[z, y, x] = f(0.5) * row[y, x] + f(0.25) * (row[y - 1, x] + row[y + 1, x])
    return grid


@kernel
def through(grid, direction, points):  # type: ignore[no-untyped-def]
    """Optical depth (N,) from ``points`` (N, 3) towards the light of ``grid``."""
    f = np.float32
    out = np.empty(len(points), np.float32)
    ux, uy, uz, wx, wy, wz = _axes(direction)
    scale = CELLS / (2.0 * HALF)
    half = CELLS * 0.5 - 0.5
    top = CELLS - 1.001
    for i in range(len(points)):
        qx, qy, qz = points[i, 0] - CENTRE[0], points[i, 1] - CENTRE[1], points[i, 2] - CENTRE[2]
        px = min(max((qx * ux + qy * uy + qz * uz) * scale + half, 0.0), top)
        py = min(max((qx * wx + qy * wy + qz * wz) * scale + half, 0.0), top)
        pz = -(qx * direction[0] + qy * direction[1] + qz * direction[2]) * scale + half - AHEAD
        pz = min(max(pz, 0.0), top)
        a, b, c = int(px), int(py), int(pz)
        p, q, r = f(px - a), f(py - b), f(pz - c)
        total = f(0)
        for d in range(2):
            low = grid[c + d, b, a] + (grid[c + d, b, a + 1] - grid[c + d, b, a]) * p
            high = grid[c + d, b + 1, a] + (grid[c + d, b + 1, a + 1] - grid[c + d, b + 1, a]) * p
            w = r if d == 1 else f(1) - r
            total += w * (low + (high - low) * q)
        out[i] = total
    return out


@kernel
def along(grid, direction, points, stride):  # type: ignore[no-untyped-def]
    """Optical depth (K, M) at strands (K, M, 3): looked up at every ``stride``-th point and the last, and between them
    on a line."""
    f = np.float32
    count, steps, _ = points.shape
    knots = (steps + stride - 2) // stride + 1
    chosen = np.empty((count * knots, 3), np.float32)
    for i in range(count):
        for j in range(knots):
            k = min(j * stride, steps - 1)
            for c in range(3):
                chosen[i * knots + j, c] = points[i, k, c]
    found = through(grid, direction, chosen)
    out = np.empty((count, steps), np.float32)
    for i in range(count):
        for j in range(knots - 1):
            first = j * stride
            last = min(first + stride, steps - 1)
            low, high = found[i * knots + j], found[i * knots + j + 1]
            rise = (high - low) * (f(1) / f(last - first))
            for k in range(first, last):
                out[i, k] = low + rise * f(k - first)
        out[i, steps - 1] = found[i * knots + knots - 1]
    return out
