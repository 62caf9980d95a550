"""A scene made ready for drawing: one mesh in the reference camera's frame (dm, origin between the eyes), its targets
as sparse displacements, and which part belongs to which node and material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.gltf.rig import Placement
from engine_bridge.gltf.scene import Floats, Ints, Part, Scene
from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.pose import turning

__all__ = ["Model", "build", "placed"]

REACH, MIDDLE = 3.6, np.array([0.0, -0.4, -0.5])  # dm: a sphere outside of which nothing is drawn or casts a shadow


@dataclass(frozen=True, eq=False)
class Model:
    """``points`` (V, 3) at rest; ``uv`` (V, 2); ``colours`` (V, 3); ``triangles`` (T, 3) with their ``part`` (T,);
    ``part_of`` (V,); ``corner`` (V,) which vertices are one in space and have one normal, numbered to ``corners``;
    ``names`` target -> number; ``starts``, ``rows``, ``deltas``: see `mesh.morph`; ``rest`` (M,) the file's."""

    parts: tuple[Part, ...]
    points: Floats
    uv: Floats
    colours: Floats
    triangles: Ints
    part: Ints
    part_of: Ints
    corner: Ints
    corners: int
    names: dict[str, int]
    starts: Ints
    rows: Ints
    deltas: Floats
    rest: NDArray[np.float64]

    def shape(self, weights: Mapping[str, float]) -> Floats:
        """Vertices (V, 3) with weights of targets by name; the others as in the file."""
        w = self.rest.copy()
        for name, weight in weights.items():
            w[self.names[name]] += weight
        out: Floats = mesh.morph(self.points, self.starts, self.rows, self.deltas, np.ones(len(w)), w)
        return out


def placed(points: NDArray[np.floating], placement: Placement, vectors: bool = False) -> Floats:
    """Points (N, 3) of the file, or displacements, in the camera's frame."""
    moved = points.astype(np.float64)
    if not vectors:
        moved = moved - np.array(placement.origin)
    out: Floats = (moved * placement.scale).astype(np.float32)
    if placement.yaw:
        out = mesh.turned(out, turning(placement.yaw, 0.0, 0.0), np.zeros(3))
    return out


def build(scene: Scene, placement: Placement, hidden: frozenset[str]) -> Model:
    """The model of a scene; nodes named in ``hidden``, and what lies far from the head, are left out."""
    parts: list[Part] = []
    points: list[Floats] = []
    normals: list[Floats] = []
    uv: list[Floats] = []
    colours: list[Floats] = []
    triangles: list[Ints] = []
    part: list[Ints] = []
    part_of: list[Ints] = []
    at = 0
    moves: dict[str, list[tuple[Ints, Floats]]] = {}
    for own in scene.parts:
        if hidden & set(own.path):
            continue
        here = placed(own.points, placement)
        near = ((here - MIDDLE) ** 2).sum(axis=1) < REACH**2
        kept = own.triangles[near[own.triangles].any(axis=1)]
        if not len(kept):
            continue
        used = np.unique(kept)
        place = np.full(len(here), -1, np.int32)
        place[used] = np.arange(len(used))
        for name, (rows, delta) in own.targets.items():
            inside = place[rows] >= 0
            if inside.any():
                moves.setdefault(name, []).append(
                    ((place[rows[inside]] + at).astype(np.int32), placed(delta[inside], placement, vectors=True))
                )
        points.append(here[used])
        normals.append((np.zeros_like(here) if own.normals is None else own.normals)[used])
        uv.append(_coordinates(own, here)[used])
        colours.append(np.ones((len(used), 3), np.float32) if own.colours is None else own.colours[used])
        triangles.append(place[kept] + at)
        part.append(np.full(len(kept), len(parts), np.int32))
        part_of.append(np.full(len(used), len(parts), np.int32))
        parts.append(own)
        at += len(used)
    names = {name: k for k, name in enumerate(moves)}
    pieced = [np.concatenate([r for r, _ in pieces]) for pieces in moves.values()]
    deltas = [np.concatenate([d for _, d in pieces]) for pieces in moves.values()]
    all_points, owner = np.concatenate(points), np.concatenate(part_of)
    corner, corners = _welded(all_points, np.concatenate(normals), owner)
    return Model(
        tuple(parts),
        all_points,
        np.concatenate(uv),
        np.concatenate(colours),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(part),
        owner,
        corner,
        corners,
        names,
        np.cumsum([0, *(len(r) for r in pieced)]).astype(np.int32),
        np.concatenate(pieced) if pieced else np.zeros(0, np.int32),
        np.concatenate(deltas) if deltas else np.zeros((0, 3), np.float32),
        np.array([scene.rest.get(name, 0.0) for name in names]),
    )


def edges(triangles: Ints) -> Ints:
    """Distinct edges (E, 2) of triangles (T, 3)."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(sides, axis=1), axis=0).astype(np.int32)


def _coordinates(part: Part, here: Floats) -> Floats:
    """Texture coordinates (V, 2); of a part that has none its unrolled surface: angle about the neck, and height."""
    if part.uv is not None:
        return part.uv
    turn = np.arctan2(here[:, 0], here[:, 2] + 0.7) / (2 * np.pi) + 0.5
    return np.stack([turn, 0.5 - here[:, 1] / 5.0], axis=1).astype(np.float32)


def _welded(points: Floats, normals: Floats, owner: Ints) -> tuple[Ints, int]:
    """The group of each vertex: those of one part at one place and of one normal."""
    key = np.concatenate(
        [np.round(points * 2000), np.round(normals * 50), owner[:, None].astype(np.float32)], axis=1
    ).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    flat: Ints = group.reshape(-1).astype(np.int32)
    return flat, int(flat.max()) + 1


def moved_by(model: Model, name: str) -> tuple[Ints, Floats]:
    """Vertices (N,) that a target moves, and how far (N, 3) in dm at weight 1."""
    if name not in model.names:
        return np.zeros(0, np.int32), np.zeros((0, 3), np.float32)
    k = model.names[name]
    own = slice(model.starts[k], model.starts[k + 1])
    return model.rows[own], model.deltas[own]


def rows_of(model: Model, parts: Sequence[int]) -> Ints:
    """The vertices of some parts."""
    return np.flatnonzero(np.isin(model.part_of, list(parts))).astype(np.int32)
