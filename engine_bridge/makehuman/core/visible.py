"""What is worked out only where somebody sees it: the vertices that a picture shows, and the light in their skin."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.attributes import JOINED, light_left
from engine_bridge.makehuman.core.jit import kernel

Ints = NDArray[np.int32]


class Links(NamedTuple):
    """The neighbours of vertex v are ``others[starts[v]:starts[v + 1]]``."""

    starts: Ints
    others: Ints


def links(edges: Ints, count: int) -> Links:
    """Those of a mesh of ``count`` vertices with ``edges`` (E, 2)."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(count + 1))
    return Links(starts.astype(np.int32), np.ascontiguousarray(both[:, 1], np.int32))


@kernel
def shown(ids, triangles, links, rounds):  # type: ignore[no-untyped-def]
    """The vertices (K,) of the triangles that ``ids`` (W, W) shows, then their neighbours, and so on, in ``rounds``;
    how many there are up to each round (rounds + 1,); and where each vertex is among them (F,), -1 for nowhere."""
    starts, others = links.starts, links.others
    count = len(starts) - 1
    rows, place = np.empty(count + 1, np.int32), np.full(count, -1, np.int32)
    limits = np.zeros(rounds + 1, np.int64)
    met = np.zeros(count, np.bool_)
    height, width = ids.shape
    last = -1
    for y in range(height):
        for x in range(width):
            t = ids[y, x]
            if t >= 0 and t != last:
                met[triangles[t, 0]], met[triangles[t, 1]], met[triangles[t, 2]] = True, True, True
                last = t
    first, kept = 0, 0
    for r in range(rounds + 1):
        for v in range(count):  # in the mesh's order, in which neighbours lie together
            rows[kept] = v
            kept += int(met[v] & (place[v] < 0))
        for n in range(first, kept):
            place[rows[n]] = n
        limits[r] = kept
        for n in range(first, kept):
            v = rows[n]
            for e in range(starts[v], starts[v + 1]):
                met[others[e]] = True
        first = kept
    return rows[:kept].copy(), limits, place


@kernel
def asked(rows, stencils, count):  # type: ignore[no-untyped-def]
    """Which of the cage's ``count`` vertices the fine ones ``rows`` (K,) are mixed of: (V,) bool."""
    starts, columns = stencils.starts, stencils.columns
    out = np.zeros(count, np.bool_)
    for n in range(len(rows)):
        i = rows[n]
        for k in range(starts[i], starts[i + 1]):
            out[columns[k]] = True
    return out


@kernel
def mixed(joined, stencils, rows):  # type: ignore[no-untyped-def]
    """Values (K, JOINED) at the fine vertices ``rows`` (K,) of those at the cage's, ``joined`` (V, JOINED)."""
    starts, columns, weights = stencils.starts, stencils.columns, stencils.weights
    out = np.empty((len(rows), JOINED), np.float32)
    none = np.float32(0)
    for n in range(len(rows)):
        i = rows[n]
        a, b, c, d, e, f, g = none, none, none, none, none, none, none  # in registers
        h, p, q, r, s, t = none, none, none, none, none, none
        for k in range(starts[i], starts[i + 1]):
            v, w = np.uintp(columns[k]), weights[k]
            a, b, c, d = a + w * joined[v, 0], b + w * joined[v, 1], c + w * joined[v, 2], d + w * joined[v, 3]
            e, f, g, h = e + w * joined[v, 4], f + w * joined[v, 5], g + w * joined[v, 6], h + w * joined[v, 7]
            p, q, r, s = p + w * joined[v, 8], q + w * joined[v, 9], r + w * joined[v, 10], s + w * joined[v, 11]
            t += w * joined[v, 12]
        out[n, 0], out[n, 1], out[n, 2], out[n, 3], out[n, 4], out[n, 5], out[n, 6] = a, b, c, d, e, f, g
        out[n, 7], out[n, 8], out[n, 9], out[n, 10], out[n, 11], out[n, 12] = h, p, q, r, s, t
    return out


@kernel
def spread(fine, points, normals, rows, limits, place, links, radii):  # type: ignore[no-untyped-def]
    """Light (K, 3) in the skin and how hollow it is (K,) at the vertices ``rows`` that are seen, as `mesh.hollows` and
    `shadow.diffuse` have it, from ``fine`` (K, JOINED); right in the first ``limits[0]`` rows, the others serve them.

    ``points``, ``normals`` (F, 3); ``rows``, ``limits``, ``place`` from `shown`; ``radii`` (3,) dm that red, green and
    blue travel.
    """
    link_starts, others = links.starts, links.others
    count, rounds = len(rows), len(limits) - 1
    inner = limits[rounds - 1]
    hollow = np.empty(count, np.float32)
    light, after = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    pull = np.zeros((inner, 3), np.float32)
    starts = np.empty(inner + 1, np.int64)
    most = 0
    for n in range(inner):
        starts[n] = most
        most += link_starts[rows[n] + 1] - link_starts[rows[n]]
    starts[inner] = most
    near, weights = np.empty(most, np.int32), np.empty(most, np.float32)
    tiny, small, one = np.float32(1e-4), np.float32(4e-5), np.float32(1)
    for n in range(count):
        i = rows[n]
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        slope, total = np.float32(0), np.float32(0)
        first, last = link_starts[i], link_starts[i + 1]
        for e in range(first, last):
            v = np.uintp(others[e])
            dx, dy, dz = points[v, 0] - x, points[v, 1] - y, points[v, 2] - z
            square = dx * dx + dy * dy + dz * dz
            slope += (dx * nx + dy * ny + dz * nz) / (math.sqrt(square) + tiny)
            w = one / (square + small)
            total += w
            if n < inner:
                near[starts[n] + e - first], weights[starts[n] + e - first] = place[v], w
        hollow[n] = slope / np.float32(max(last - first, 1))
        left = np.float32(light_left(hollow[n]))
        for c in range(3):
            light[n, c] = fine[n, c] * left
        if n < inner and total > np.float32(0):
            inverse = one / total
            for e in range(starts[n], starts[n + 1]):
                weights[e] *= inverse
            for c in range(3):
                k = np.float32(radii[c] * radii[c]) * total
                pull[n, c] = k / (one + k)
    for r in range(rounds):
        for n in range(limits[rounds - 1 - r]):
            red, green, blue = np.float32(0), np.float32(0), np.float32(0)
            for e in range(starts[n], starts[n + 1]):
                v, w = np.uintp(near[e]), weights[e]
                red += w * light[v, 0]
                green += w * light[v, 1]
                blue += w * light[v, 2]
            after[n, 0] = light[n, 0] + pull[n, 0] * (red - light[n, 0])
            after[n, 1] = light[n, 1] + pull[n, 1] * (green - light[n, 1])
            after[n, 2] = light[n, 2] + pull[n, 2] * (blue - light[n, 2])
        light, after = after, light
    return light, hollow
