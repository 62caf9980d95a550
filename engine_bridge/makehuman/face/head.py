"""The morphable head: the baked asset, its topology, and the shape that a set of weights gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.stencils import Stencils, refined, stencils
from engine_bridge.makehuman.core.visible import Links, links
from engine_bridge.makehuman.face.lids import find_rims
from engine_bridge.makehuman.sliders import ARKIT, MACROS, MORPHS
from f2p.errors import EngineFailed

ASSET = Path(__file__).parents[1] / "head.npz"
SKIN, LEFT_EYE, RIGHT_EYE, MOUTH, UPPER_TEETH, LOWER_TEETH, TONGUE = range(7)  # the part of each quad, as baked
# Shoulders hardly move: they would leap against the backdrop for a small step of a slider, and tell nothing of a face.
# Heights (dm) of the neutral head where they begin to move less and where they stay; what these morphs keep there.
STILL = (-1.15, -1.65)
LEFT = {"age": 0.0, "african": 0.0, "asian": 0.0, "caucasian": 0.0, "sex": 0.5}
# Expression units of a face at rest: the mesh's own mouth is sour, and its eyes stare.
AT_EASE = {"mouthSmileLeft": 0.14, "mouthSmileRight": 0.14, "eyeBlinkLeft": 0.05, "eyeBlinkRight": 0.05}
OVERBITE = 0.06  # dm: MakeHuman's upper teeth end where the lips meet; people's reach a little lower

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Head:
    """Mesh and morphs.  Lengths in dm, y up, the face looks to +z, origin between the eyeballs of the mean head.

    The *cage* has V vertices and Q quads and carries the morphs; the *fine* mesh, F = V + E + Q vertices, is the cage
    after one Catmull-Clark step: its first V vertices are the cage's.

    ``cage`` (V, 3) and ``fine`` (F, 3) neutral; ``quads`` (Q, 4), ``edges`` (E, 2), ``edge_quads`` (E, 2) the one or
    two (else -1) quads of an edge, ``border`` (V,); ``part`` (4 Q,) of the fine quads; ``fine_quads`` (4 Q, 4),
    ``fine_edges`` (.., 2), ``triangles`` (8 Q, 3) and ``triangle_part`` (8 Q,) of the fine mesh; ``cage_triangles``
    (2 Q, 3) and ``cage_part`` (2 Q,); ``stencils`` and ``links``: see
    `core.stencils` and `core.visible`; ``fields`` name -> (F,) distances in dm (lip, ear: into the zone; lid, mouth:
    from the rim), ``cage_fields`` name -> (V,); ``eyes`` cage vertices of the left and the right eyeball,
    ``lid_rims`` those of the upper and the lower margin round each; ``names`` morph
    name -> number; ``starts``, ``indices``, ``deltas``, ``scales``: see `mesh.morph`; ``moves`` (V,) 1 on the head,
    0 at the shoulders, which stay where they are.
    """

    cage: Floats
    fine: Floats
    quads: Ints
    edges: Ints
    edge_quads: Ints
    border: NDArray[np.bool_]
    part: NDArray[np.uint8]
    fine_quads: Ints
    fine_edges: Ints
    stencils: Stencils
    links: Links
    triangles: Ints
    triangle_part: NDArray[np.uint8]
    cage_triangles: Ints
    cage_part: NDArray[np.uint8]
    fields: dict[str, Floats]
    cage_fields: dict[str, Floats]
    eyes: tuple[Ints, Ints]
    lid_rims: tuple[tuple[Ints, Ints], tuple[Ints, Ints]]
    names: dict[str, int]
    starts: Ints
    indices: NDArray[np.uint16]
    deltas: NDArray[np.int16]
    scales: NDArray[np.float64]
    moves: Floats

    def shape(self, weights: Mapping[str, float]) -> Floats:
        """Cage (V, 3) with the weights applied to a face at ease (`AT_EASE`), the head moved so that the origin is
        between the eyeballs again."""
        w = np.zeros(len(self.names))
        for name, weight in weights.items():
            if name in self.names:
                w[self.names[name]] = weight
        for name, rest in AT_EASE.items():
            w[self.names[name]] = rest + (1 - rest) * w[self.names[name]]
        out: Floats = mesh.morph(self.cage, self.starts, self.indices, self.deltas, self.scales, w)
        centre = (mean_point(out, self.eyes[0]) + mean_point(out, self.eyes[1])) / 2
        return out - self.moves[:, None] * centre.astype(np.float32)

    def refine(self, cage: Floats) -> Floats:
        """Fine mesh (F, 3) of a shaped cage (V, 3): `subdivide` of positions, faster."""
        out: Floats = refined(cage, self.stencils)
        return out

    def subdivide(self, values: Floats, keep: bool = False) -> Floats:
        """Values (F, C) on the fine mesh of values (V, C) on the cage; ``keep`` for positions: see `mesh.subdivide`."""
        out: Floats = mesh.subdivide(values, self.quads, self.edges, self.edge_quads, self.border, keep)
        return out


def mean_point(points: Floats, rows: Ints) -> NDArray[np.float64]:
    """Mean (3,) of some points, added up in order, so that the bits are the same everywhere."""
    out: NDArray[np.float64] = _mean_point(points, rows)
    return out


@kernel
def _mean_point(points, rows):  # type: ignore[no-untyped-def]
    out = np.zeros(3)
    for i in rows:
        for c in range(3):
            out[c] += points[i, c]
    return out / len(rows)


def _fine_quads(quads: Ints, edge_of: Ints, vertices: int, edges: int) -> Ints:
    """Fine quads (4 Q, 4): corner, edge point, face point, edge point; ``edge_of`` (Q, 4) joins corners k and k + 1."""
    face = vertices + edges + np.arange(len(quads))
    parts = [
        np.stack([quads[:, k], vertices + edge_of[:, k], face, vertices + edge_of[:, (k + 3) % 4]], axis=1)
        for k in range(4)
    ]
    return np.stack(parts, axis=1).reshape(-1, 4).astype(np.int32)


def _edges(quads: Ints) -> tuple[Ints, Ints]:
    """Distinct edges (E, 2), and the number of the edge of each quad's side (Q, 4)."""
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2)
    edges, inverse = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    return edges.astype(np.int32), inverse.reshape(-1, 4).astype(np.int32)


def _triangles(quads: Ints) -> Ints:
    return np.ascontiguousarray(quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3), np.int32)


def _moves(cage: Floats) -> NDArray[np.float64]:
    """Share (V,) of the head's own movements that each vertex of the cage takes part in: 0 at the shoulders."""
    t = np.clip((cage[:, 1].astype(np.float64) - STILL[1]) / (STILL[0] - STILL[1]), 0, 1)
    return t * t * (3 - 2 * t)


def _still(raw: dict[str, NDArray[Any]], moves: NDArray[np.float64]) -> NDArray[np.int16]:
    """The displacements of all morphs, those of `LEFT` faded out towards the shoulders."""
    out, names = raw["deltas"].copy(), [str(n) for n in raw["names"]]
    for name, left in LEFT.items():
        rows = slice(raw["starts"][names.index(name)], raw["starts"][names.index(name) + 1])
        share = left + (1 - left) * moves[raw["indices"][rows], None]
        out[rows] = np.round(out[rows] * share).astype(np.int16)
    return out


def _even(cage: Floats, values: Floats) -> Floats:
    """Values (V,) of the cage's vertices, the same on both sides: the mean of each point and its mirror image.  The
    masks that the fields were made of lie a little askew, and so would the lips."""
    _, point = np.unique(np.abs(cage) * [1, 0, 0] + cage * [0, 1, 1], axis=0, return_inverse=True)
    point = point.reshape(-1)
    out: Floats = (np.bincount(point, values) / np.bincount(point))[point].astype(np.float32)
    return out


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
    cage, quads = np.ascontiguousarray(raw["vertices"], np.float32), np.ascontiguousarray(raw["quads"], np.int32)
    part = raw["parts"].astype(np.uint8)
    moves = _moves(cage)
    cage[np.unique(quads[part == UPPER_TEETH]), 1] -= np.float32(OVERBITE)
    edges, edge_of = _edges(quads)
    edge_quads = np.full((len(edges), 2), -1, np.int32)
    for side in range(4):
        for q, e in enumerate(edge_of[:, side]):
            edge_quads[e, int(edge_quads[e, 0] >= 0)] = q
    border = np.zeros(len(cage), bool)
    border[edges[edge_quads[:, 1] < 0]] = True
    fine_quads = _fine_quads(quads, edge_of, len(cage), len(edges))
    order = {name: m for m, name in enumerate((*(m.name for m in (*MACROS, *MORPHS)), *ARKIT))}
    names = {str(name): k for k, name in enumerate(raw["names"]) if str(name) in order}

    def refine(values: Floats, keep: bool) -> Floats:
        out: Floats = mesh.subdivide(np.ascontiguousarray(values), quads, edges, edge_quads, border, keep)
        return out

    fields = {str(n): raw["fields"][:, k].astype(np.float32) for k, n in enumerate(raw["field_names"])}
    fields = {name: _even(cage, values) for name, values in fields.items()}
    fine_part = np.repeat(part, 4)
    cage_fine = refine(cage, True)
    fine_edges = _edges(fine_quads)[0]
    left, right = (np.unique(quads[part == p]) for p in (LEFT_EYE, RIGHT_EYE))
    skin = np.unique(quads[part == SKIN])
    lid_rims = tuple(find_rims(cage, skin, fields["lid"], mean_point(cage, eye)) for eye in (left, right))
    return Head(
        cage=cage,
        fine=cage_fine,
        quads=quads,
        edges=edges,
        edge_quads=edge_quads,
        border=border,
        part=fine_part,
        fine_quads=fine_quads,
        fine_edges=fine_edges,
        stencils=stencils(quads, edges, edge_quads, border),
        links=links(fine_edges, len(cage_fine)),
        triangles=_triangles(fine_quads),
        triangle_part=np.repeat(fine_part, 2),
        cage_triangles=_triangles(quads),
        cage_part=np.repeat(part, 2),
        fields={n: np.ascontiguousarray(refine(v[:, None], True)[:, 0]) for n, v in fields.items()},
        cage_fields=fields,
        eyes=(left, right),
        lid_rims=(lid_rims[0], lid_rims[1]),
        names=names,
        starts=raw["starts"].astype(np.int32),
        indices=raw["indices"],
        deltas=_still(raw, moves),
        moves=moves.astype(np.float32),
        scales=raw["scales"].astype(np.float64),
    )
