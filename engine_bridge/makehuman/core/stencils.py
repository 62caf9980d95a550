"""Subdivision as a table: which vertices of the cage each vertex of the fine mesh is mixed of, and how much."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel

Ints = NDArray[np.int32]


class Stencils(NamedTuple):
    """Vertex f of the fine mesh is the sum of ``weights[k]`` times vertex ``columns[k]`` of the cage, k from
    ``starts[f]`` to ``starts[f + 1]``."""

    starts: Ints
    columns: Ints
    weights: NDArray[np.float32]


def stencils(quads: Ints, edges: Ints, edge_quads: Ints, border: NDArray[np.bool_]) -> Stencils:
    """Those of one Catmull-Clark step, see `mesh.subdivide`: rows V + E + Q."""
    count, edge_count = len(border), len(edges)
    outer = edge_quads[:, 1] < 0
    faces = np.bincount(quads.ravel(), minlength=count)
    near, far = edges.ravel(), edges[:, ::-1].ravel()
    along = np.repeat(outer, 2) | ~border[near]
    n = np.maximum(np.bincount(near[along], minlength=count), 1.0)
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []

    def add(rows: NDArray[Any], columns: NDArray[Any], weights: NDArray[np.float64]) -> None:
        parts.append((np.asarray(rows, np.int64), np.asarray(columns, np.int64), weights))

    vertices = np.arange(count)
    add(vertices, vertices, np.where(border, 0.5, (n - 3) / n))
    rim = np.where(border, 0.25 / n, 1 / (n * n))
    for ends in (near, far):
        add(near[along], ends[along], rim[near[along]])
    face = np.where(border, 0.0, 0.25 / (n * np.maximum(faces, 1)))
    for corner in range(4):
        inner = ~border[quads[:, corner]]
        for other in range(4):
            add(quads[inner, corner], quads[inner, other], face[quads[inner, corner]])
    for end in range(2):
        add(count + np.arange(edge_count), edges[:, end], np.where(outer, 0.5, 0.25))
    between = np.flatnonzero(~outer)
    for side in range(2):
        for corner in range(4):
            add(count + between, quads[edge_quads[between, side], corner], np.full(len(between), 0.0625))
    for corner in range(4):
        add(count + edge_count + np.arange(len(quads)), quads[:, corner], np.full(len(quads), 0.25))
    rows, columns, weights = (np.concatenate([p[k] for p in parts]) for k in range(3))
    keys, place = np.unique(rows * count + columns, return_inverse=True)
    starts = np.searchsorted(keys, np.arange(count + edge_count + len(quads) + 1) * count)
    return Stencils(
        starts.astype(np.int32), (keys % count).astype(np.int32), np.bincount(place, weights).astype(np.float32)
    )


@kernel
def refined(cage, stencils):  # type: ignore[no-untyped-def]
    """Fine mesh (F, 3) of a ``cage`` (V, 3), moved out by what subdivision would draw it in: see `mesh.subdivide`."""
    starts, columns, weights = stencils.starts, stencils.columns, stencils.weights
    count = len(cage)
    moved = np.empty((count, 3), np.float32)
    out = np.empty((len(starts) - 1, 3), np.float32)
    for step in range(2):
        values = cage if step == 0 else moved
        for i in range(count if step == 0 else len(out)):
            x, y, z = np.float32(0), np.float32(0), np.float32(0)
            for k in range(starts[i], starts[i + 1]):
                v, w = np.uintp(columns[k]), weights[k]
                x += w * values[v, 0]
                y += w * values[v, 1]
                z += w * values[v, 2]
            if step == 0:
                moved[i, 0] = np.float32(2) * cage[i, 0] - x
                moved[i, 1] = np.float32(2) * cage[i, 1] - y
                moved[i, 2] = np.float32(2) * cage[i, 2] - z
            else:
                out[i, 0], out[i, 1], out[i, 2] = x, y, z
    return out
