"""Where strands grow: fixed places on the neutral head, with fixed random numbers.

Roots come in one order that serves every picture size: any first part of it is spread evenly, so that a small picture
takes fewer hairs of the same head.  Places, clumps and random numbers depend on nothing that a slider moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import hash_integer

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

OVERSAMPLED = 4  # candidates for each root
SHRINK = 0.84  # of the least distance, from one round of picking to the next
BELLS = 4  # uniform numbers added up for a nearly normal one


@dataclass(frozen=True)
class Roots:
    """``corners`` (N, 3) vertices of the fine mesh and ``shares`` (N, 3) of them; ``points`` (N, 3) on the neutral
    head; ``uniform`` (N, 12) in 0..1 and ``normal`` (N, 9) random numbers, the latter within 3.5 deviations."""

    corners: Ints
    shares: Floats
    points: Floats
    uniform: Floats
    normal: Floats


def sow(vertices: Floats, triangles: Ints, count: int, seed: int) -> Roots:
    """At most ``count`` roots on ``triangles`` (T, 3) of ``vertices`` (F, 3), in an order of which any first part is
    even."""
    chosen, shares = _candidates(vertices, triangles, count * OVERSAMPLED, seed)
    points = _mixed(vertices, triangles[chosen], shares)
    order = _even_order(points, count)
    corners, shares, points = triangles[chosen[order]], shares[order], points[order]
    uniform, normal = random_numbers(len(order), seed)
    return Roots(np.ascontiguousarray(corners, np.int32), shares, points, uniform, normal)


@kernel
def random_numbers(count: int, seed: int) -> tuple[Floats, Floats]:
    """Uniform (count, 12) and nearly normal (count, 9) numbers, by hashing: the same on every machine."""
    uniform = np.empty((count, 12), np.float32)
    normal = np.empty((count, 9), np.float32)
    scale = 1.0 / 4294967296.0
    for i in range(count):
        for k in range(12):
            uniform[i, k] = hash_integer(hash_integer(seed * 7919 + i) + np.uint32(k * 2654435)) * scale
        for k in range(9):
            total = 0.0
            for b in range(BELLS):
                total += (
                    hash_integer(hash_integer(seed * 7919 + i) + np.uint32(77777777 + (k * BELLS + b) * 40503)) * scale
                )
            normal[i, k] = (total - 0.5 * BELLS) * math.sqrt(12.0 / BELLS)
    return uniform, normal


@kernel
def _candidates(vertices, triangles, count, seed):  # type: ignore[no-untyped-def]
    """Random places: triangle (count,) chosen by area, and shares (count, 3) of its corners."""
    total = np.empty(len(triangles))
    area = 0.0
    for t in range(len(triangles)):
        a, b, c = vertices[triangles[t, 0]], vertices[triangles[t, 1]], vertices[triangles[t, 2]]
        ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        area += math.sqrt(x * x + y * y + z * z)
        total[t] = area
    chosen = np.empty(count, np.int64)
    shares = np.empty((count, 3), np.float32)
    scale = 1.0 / 4294967296.0
    for i in range(count):
        key = hash_integer(seed * 104729 + i)
        at = hash_integer(key + np.uint32(1)) * scale * area
        chosen[i] = min(np.searchsorted(total, at), len(triangles) - 1)
        p, q = hash_integer(key + np.uint32(2)) * scale, hash_integer(key + np.uint32(3)) * scale
        if p + q > 1.0:
            p, q = 1.0 - p, 1.0 - q
        shares[i, 0], shares[i, 1], shares[i, 2] = 1.0 - p - q, p, q
    return chosen, shares


@kernel
def _mixed(values, corners, shares):  # type: ignore[no-untyped-def]
    out = np.empty((len(corners), 3), np.float32)
    for i in range(len(corners)):
        for c in range(3):
            out[i, c] = (
                values[corners[i, 0], c] * shares[i, 0]
                + values[corners[i, 1], c] * shares[i, 1]
                + values[corners[i, 2], c] * shares[i, 2]
            )
    return out


@kernel
def _far(points, i, order, filled, least):  # type: ignore[no-untyped-def]
    """Whether point ``i`` keeps its distance from the first ``filled`` of ``order``."""
    for k in range(filled):
        j = order[k]
        dx, dy, dz = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1], points[i, 2] - points[j, 2]
        if dx * dx + dy * dy + dz * dz < least * least:
            return False
    return True


@kernel
def _far_listed(points, i, j, after, least):  # type: ignore[no-untyped-def]
    """Whether point ``i`` keeps its distance from the points of a list: ``j``, the one after it, and so on."""
    while j >= 0:
        dx, dy, dz = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1], points[i, 2] - points[j, 2]
        if dx * dx + dy * dy + dz * dz < least * least:
            return False
        j = after[j]
    return True


@kernel
def _even_order(points, count):  # type: ignore[no-untyped-def]
    """Numbers of at most ``count`` points, picked in rounds with a shrinking least distance between them."""
    cell = 0.05
    low = np.array([points[:, 0].min(), points[:, 1].min(), points[:, 2].min()])
    nx = int((points[:, 0].max() - low[0]) / cell) + 1
    ny = int((points[:, 1].max() - low[1]) / cell) + 1
    nz = int((points[:, 2].max() - low[2]) / cell) + 1
    first = np.full(nx * ny * nz, -1, np.int64)  # a list of picked points in each cell
    after = np.full(len(points), -1, np.int64)
    taken = np.zeros(len(points), np.bool_)
    order = np.empty(count, np.int64)
    filled = 0
    least = 0.6
    while filled < count and least > 0.002:
        reach = math.ceil(least / cell)
        for i in range(len(points)):
            if taken[i] or filled >= count:
                continue
            x = int((points[i, 0] - low[0]) / cell)
            y = int((points[i, 1] - low[1]) / cell)
            z = int((points[i, 2] - low[2]) / cell)
            # While few are picked and far between, all of them are sooner looked at than the cells about a point.
            if filled < (2 * reach + 1) ** 3:
                free = _far(points, i, order, filled, least)
            else:
                free = True
                for a in range(max(x - reach, 0), min(x + reach, nx - 1) + 1):
                    for b in range(max(y - reach, 0), min(y + reach, ny - 1) + 1):
                        for c in range(max(z - reach, 0), min(z + reach, nz - 1) + 1):
                            free = free and _far_listed(points, i, first[(a * ny + b) * nz + c], after, least)
            if free:
                taken[i] = True
                order[filled] = i
                filled += 1
                at = (x * ny + y) * nz + z
                after[i], first[at] = first[at], i
        least *= SHRINK
    return order[:filled]


@kernel
def nearest(points, centres):  # type: ignore[no-untyped-def]
    """For each point (N, 3): the number of the nearest of the first ``centres`` points, and how much further (dm) the
    second nearest is, which is small where two clumps meet."""
    own = np.empty(len(points), np.int32)
    margin = np.empty(len(points), np.float32)
    for i in range(len(points)):
        best, second, at = 1e9, 1e9, 0
        for j in range(centres):
            dx, dy, dz = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1], points[i, 2] - points[j, 2]
            d = dx * dx + dy * dy + dz * dz
            if d < best:
                best, second, at = d, best, j
            elif d < second:
                second = d
        own[i] = at
        margin[i] = math.sqrt(second) - math.sqrt(best)
    return own, margin


@kernel
def follow(positions, normals, corners, shares, count):  # type: ignore[no-untyped-def]
    """Where the first ``count`` roots are on a shaped head: points (count, 3) and unit normals (count, 3)."""
    points = np.empty((count, 3), np.float32)
    out = np.empty((count, 3), np.float32)
    for i in range(count):
        a, b, c = corners[i, 0], corners[i, 1], corners[i, 2]
        p, q, r = shares[i, 0], shares[i, 1], shares[i, 2]
        for k in range(3):
            points[i, k] = positions[a, k] * p + positions[b, k] * q + positions[c, k] * r
        x = normals[a, 0] * p + normals[b, 0] * q + normals[c, 0] * r
        y = normals[a, 1] * p + normals[b, 1] * q + normals[c, 1] * r
        z = normals[a, 2] * p + normals[b, 2] * q + normals[c, 2] * r
        long = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-12)
        out[i, 0], out[i, 1], out[i, 2] = x * long, y * long, z * long
    return points, out
