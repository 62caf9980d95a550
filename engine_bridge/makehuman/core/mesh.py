"""Shape kernels: weighted displacements, subdivision, normals, hollows, turning."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import kernel


@kernel
def morph(mean, starts, indices, deltas, scales, weights):  # type: ignore[no-untyped-def]
    """Vertices (V, 3): ``mean`` plus the sparse displacements, weighted.

    Morph m moves the vertices ``indices[starts[m]:starts[m + 1]]`` by ``deltas`` (int16, of ``scales[m]`` dm each)
    times ``weights[m]``.
    """
    out = mean.copy()
    for m in range(len(weights)):
        step = weights[m] * scales[m]
        if step != 0.0:
            for k in range(starts[m], starts[m + 1]):
                v = indices[k]
                out[v, 0] += np.float32(step * deltas[k, 0])
                out[v, 1] += np.float32(step * deltas[k, 1])
                out[v, 2] += np.float32(step * deltas[k, 2])
    return out


@kernel
def vertex_rule(values, quads, edges, edge_quads, border):  # type: ignore[no-untyped-def]
    """Where one Catmull-Clark step moves the vertices: (V, C) from ``values`` (V, C).

    An inner vertex goes to (F + 2 R + (n - 3) P) / n, with F the mean of the n faces' middles and R that of its edges'
    middles; one on the border to 3/4 of itself and 1/8 of each neighbour (Catmull and Clark 1978).
    """
    count, channels = values.shape
    faces = np.zeros((count, channels), np.float32)
    rims = np.zeros((count, channels), np.float32)
    face_count = np.zeros(count, np.float32)
    rim_count = np.zeros(count, np.float32)
    middle = np.empty(channels, np.float32)
    for q in range(len(quads)):
        i, j, k, m = quads[q, 0], quads[q, 1], quads[q, 2], quads[q, 3]
        for c in range(channels):
            middle[c] = np.float32(0.25) * (values[i, c] + values[j, c] + values[k, c] + values[m, c])
        for corner in range(4):
            v = quads[q, corner]
            face_count[v] += np.float32(1)
            for c in range(channels):
                faces[v, c] += middle[c]
    for e in range(len(edges)):
        outer = edge_quads[e, 1] < 0
        i, j = edges[e, 0], edges[e, 1]
        for end in range(2):
            v = edges[e, end]
            if outer or not border[v]:
                rim_count[v] += np.float32(1)
                for c in range(channels):
                    rims[v, c] += np.float32(0.5) * (values[i, c] + values[j, c])
    out = np.empty((count, channels), np.float32)
    for v in range(count):
        n = max(rim_count[v], np.float32(1))
        one = np.float32(1) / n
        if border[v]:
            for c in range(channels):
                out[v, c] = np.float32(0.5) * (values[v, c] + rims[v, c] * one)
        else:
            face, rim, own = (
                one / max(face_count[v], np.float32(1)),
                np.float32(2) * one * one,
                (n - np.float32(3)) * one,
            )
            for c in range(channels):
                out[v, c] = face * faces[v, c] + rim * rims[v, c] + own * values[v, c]
    return out


@kernel
def subdivide(values, quads, edges, edge_quads, border, keep):  # type: ignore[no-untyped-def]
    """One Catmull-Clark step: (V + E + Q, C) from ``values`` (V, C): vertices, then edge points, then face points.

    ``keep``: first move the cage out by what the step would draw it in, or lips shrink and lids gape.
    """
    count, channels = values.shape
    moved = vertex_rule(values, quads, edges, edge_quads, border)
    if keep:
        for v in range(count):
            for c in range(channels):
                moved[v, c] = np.float32(2) * values[v, c] - moved[v, c]
        values = moved
        moved = vertex_rule(values, quads, edges, edge_quads, border)
    out = np.empty((count + len(edges) + len(quads), channels), np.float32)
    for v in range(count):
        for c in range(channels):
            out[v, c] = moved[v, c]
    faces = count + len(edges)
    for q in range(len(quads)):
        i, j, k, m = quads[q, 0], quads[q, 1], quads[q, 2], quads[q, 3]
        for c in range(channels):
            out[faces + q, c] = np.float32(0.25) * (values[i, c] + values[j, c] + values[k, c] + values[m, c])
    for e in range(len(edges)):
        i, j = edges[e, 0], edges[e, 1]
        p, q = faces + edge_quads[e, 0], faces + edge_quads[e, 1]
        if edge_quads[e, 1] < 0:
            for c in range(channels):
                out[count + e, c] = np.float32(0.5) * (values[i, c] + values[j, c])
        else:
            for c in range(channels):
                out[count + e, c] = np.float32(0.25) * (values[i, c] + values[j, c] + out[p, c] + out[q, c])
    return out


@kernel
def normals(points, quads):  # type: ignore[no-untyped-def]
    """Unit vertex normals (V, 3): means over the quads around each vertex, weighted by area."""
    out = np.zeros((len(points), 3), np.float32)
    for q in range(len(quads)):
        a, b, c, d = quads[q, 0], quads[q, 1], quads[q, 2], quads[q, 3]
        ux, uy, uz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        vx, vy, vz = points[d, 0] - points[b, 0], points[d, 1] - points[b, 1], points[d, 2] - points[b, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in range(4):
            v = quads[q, k]
            out[v, 0] += nx
            out[v, 1] += ny
            out[v, 2] += nz
    for v in range(len(points)):
        x, y, z = np.float64(out[v, 0]), np.float64(out[v, 1]), np.float64(out[v, 2])
        scale = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-24)
        out[v, 0] = x * scale
        out[v, 1] = y * scale
        out[v, 2] = z * scale
    return out


@kernel
def hollows(points, normal, edges):  # type: ignore[no-untyped-def]
    """How hollow the surface is at each vertex (V,): the mean slope up to its neighbours, negative on ridges."""
    total = np.zeros(len(points), np.float64)
    count = np.zeros(len(points), np.float64)
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        x = np.float64(points[b, 0]) - points[a, 0]
        y = np.float64(points[b, 1]) - points[a, 1]
        z = np.float64(points[b, 2]) - points[a, 2]
        scale = 1.0 / (math.sqrt(x * x + y * y + z * z) + 1e-4)
        total[a] += (x * normal[a, 0] + y * normal[a, 1] + z * normal[a, 2]) * scale
        total[b] -= (x * normal[b, 0] + y * normal[b, 1] + z * normal[b, 2]) * scale
        count[a] += 1.0
        count[b] += 1.0
    out = np.empty(len(points), np.float32)
    for v in range(len(points)):
        out[v] = total[v] / max(count[v], 1.0)
    return out


@kernel
def turned(points, matrix, pivot):  # type: ignore[no-untyped-def]
    """Points (N, 3) as row vectors times ``matrix`` (3, 3), about ``pivot`` (3,)."""
    out = np.empty((len(points), 3), np.float32)
    px, py, pz = pivot[0], pivot[1], pivot[2]
    xx, xy, xz = matrix[0, 0], matrix[0, 1], matrix[0, 2]
    yx, yy, yz = matrix[1, 0], matrix[1, 1], matrix[1, 2]
    zx, zy, zz = matrix[2, 0], matrix[2, 1], matrix[2, 2]
    for i in range(len(points)):
        x, y, z = points[i, 0] - px, points[i, 1] - py, points[i, 2] - pz
        out[i, 0] = x * xx + y * yx + z * zx + px
        out[i, 1] = x * xy + y * yy + z * zy + py
        out[i, 2] = x * xz + y * yz + z * zz + pz
    return out
