"""The morphable head: the baked asset, and the shape that a set of weights gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine_bridge.makehuman.arrays import Bytes, Floats, Ints
from engine_bridge.makehuman_v2.sliders import ARKIT, MACROS, MORPHS
from f2p.errors import EngineFailed

ASSET = Path(__file__).with_name("head.npz")
# The part of each triangle; the order is the bake's.
OVERBITE = 0.04  # dm: MakeHuman's upper teeth end where the lips meet; people's reach a little lower
SKIN, LEFT_EYE, RIGHT_EYE, MOUTH, UPPER_TEETH, LOWER_TEETH, TONGUE = range(7)


@dataclass(frozen=True)
class Head:
    """Mesh and morphs of the reference head.  Lengths in dm, y up, the face looks to +z, origin between the eyeballs.

    ``vertices`` (V, 3) mean head, ``triangles`` (T, 3), ``quads`` (Q, 4), ``part`` (T,), ``fields`` name ->
    (V,), ``basis`` (M, V, 3) displacement at weight 1 of the morph that ``names`` has as m (in the order of the
    schema: those of the expressions come last), ``edges`` (E, 2) of the quads, ``degree`` (V,) edges at each vertex.
    """

    vertices: Floats
    quads: Ints
    triangles: Ints
    part: Bytes
    fields: dict[str, Floats]
    names: dict[str, int]
    basis: Floats
    eyes: tuple[Ints, Ints]
    edges: Ints
    degree: Ints

    def shape(self, weights: Mapping[str, float]) -> Floats:
        """Vertices (V, 3) with the weights applied, moved so that the origin is between the eyeballs again."""
        w = np.zeros(len(self.names), np.float32)
        for name, weight in weights.items():
            if name in self.names:
                w[self.names[name]] = weight
        rows = np.flatnonzero(w)
        out = self.vertices
        if len(rows):
            run = slice(rows[0], rows[-1] + 1)
            moving = self.basis[run] if len(rows) == run.stop - run.start else self.basis[rows]  # a slice is no copy
            out = out + (w[rows] @ moving.reshape(len(rows), -1)).reshape(-1, 3)
        centre = (out[self.eyes[0]].mean(axis=0) + out[self.eyes[1]].mean(axis=0)) / 2
        return out - centre

    def normals(self, points: Floats) -> Floats:
        """Unit vertex normals (V, 3): area-weighted means over the quads around each vertex."""
        first, second, third, fourth = self.quads.T
        ax, ay, az = (axis.take(third) - axis.take(first) for axis in np.ascontiguousarray(points.T))
        bx, by, bz = (axis.take(fourth) - axis.take(second) for axis in np.ascontiguousarray(points.T))
        faces = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        total = np.stack([np.bincount(self.quads.ravel(), np.repeat(face, 4), len(points)) for face in faces])
        length = np.sqrt((total * total).sum(axis=0))
        return (total / np.maximum(length, 1e-9)).astype(np.float32).T

    def cavity(self, points: Floats, normals: Floats) -> Floats:
        """How hollow the surface is at each vertex (V,): the mean slope up to its neighbours, negative on ridges.

        Measured on the shaped head, so that creases come and go with the sliders.
        """
        a, b = self.edges.T
        way = np.stack([axis.take(b) - axis.take(a) for axis in np.ascontiguousarray(points.T)])
        up = np.ascontiguousarray(normals.T)
        length = np.sqrt((way * way).sum(axis=0)) + 1e-4
        rise_a = (way * up.take(a, axis=1)).sum(axis=0) / length
        rise_b = -(way * up.take(b, axis=1)).sum(axis=0) / length
        total = np.bincount(a, rise_a, len(points)) + np.bincount(b, rise_b, len(points))
        return (total / self.degree).astype(np.float32)


@cache
def load_head(path: Path = ASSET) -> Head:
    """Read the asset; raises EngineFailed where it is missing or broken."""
    try:
        with np.load(path) as data:
            raw = {key: data[key] for key in data.files}
    except (OSError, ValueError) as error:
        raise EngineFailed(
            f"The head asset {path.name} can't be read: {error}.", "Reinstall, or bake it again: engine-bridge bake"
        ) from error
    vertices, quads = raw["vertices"], raw["quads"].astype(np.int32)
    names = {name: m for m, name in enumerate((*(m.name for m in (*MACROS, *MORPHS)), *ARKIT))}
    basis = np.zeros((len(names), *vertices.shape), np.float32)
    for k, name in enumerate(raw["names"]):
        own = slice(raw["starts"][k], raw["starts"][k + 1])
        basis[names[str(name)], raw["indices"][own]] = raw["deltas"][own] * raw["scales"][k]
    part = np.repeat(raw["parts"], 2)
    triangles = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    vertices[np.unique(triangles[part == UPPER_TEETH]), 1] -= OVERBITE
    fields = {str(n): raw["fields"][:, k].astype(np.float32) for k, n in enumerate(raw["field_names"])}
    left, right = (np.unique(triangles[part == p]) for p in (LEFT_EYE, RIGHT_EYE))
    edges = np.unique(np.sort(np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)]), axis=1), axis=0)
    degree = np.maximum(np.bincount(edges.ravel(), minlength=len(vertices)), 1)
    return Head(vertices, quads, triangles, part, fields, names, basis, (left, right), edges, degree)
