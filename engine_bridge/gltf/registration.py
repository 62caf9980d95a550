"""The MakeHuman head fitted to another one, so that it can lend its regions: a non-rigid iterative closest point.

Each step pulls the points of its skin to the nearest points of the other surface whose normals agree, while neighbours
keep moving alike; the stiffness falls step by step (after Amberg, Romdhani and Vetter 2007, with a displacement in
place of an affine map at each point).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.skin import BACKGROUND, EYES, INNER_MOUTH, TEETH
from engine_bridge.makehuman.face.head import (
    LEFT_EYE,
    LOWER_TEETH,
    MOUTH,
    RIGHT_EYE,
    SKIN,
    TONGUE,
    UPPER_TEETH,
    Floats,
    Head,
    load_head,
)

__all__ = ["Fitted", "Landmarks", "fit", "own_landmarks"]

Array = NDArray[np.float64]
STIFFNESS = (30.0, 12.0, 5.0, 2.0, 0.8, 0.4)
ROUNDS = 4
NEAR, AGREE = 0.30, 0.55  # dm, and cosine of normals, within which a point of the other surface may be the same one
HOLD = 60.0  # weight of a landmark
_KINDS = {
    LEFT_EYE: EYES,
    RIGHT_EYE: EYES,
    MOUTH: INNER_MOUTH,
    TONGUE: INNER_MOUTH,
    UPPER_TEETH: TEETH,
    LOWER_TEETH: TEETH,
}
LOWEST = -1.45  # dm: shoulders are not fitted


@dataclass(frozen=True)
class Landmarks:
    """Points (L, 3) by name that both heads have: corners of the eyes, tip of the nose, line of the lips."""

    points: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Fitted:
    """``points`` (N, 3) and ``normals`` (N, 3) of the fitted head, fine; ``neutral`` (N, 3) where these points lie on
    the MakeHuman head, ``fields`` (N, 4) lip, mouth, lid and ear there, ``kind`` (N,) their region where they
    are no skin, else 0; ``gap`` dm: the median distance of its face from the other surface."""

    points: Array
    normals: Array
    neutral: Array
    fields: Array
    kind: NDArray[np.uint8]
    gap: float


def own_landmarks(head: Head) -> tuple[dict[str, int], Array]:
    """The MakeHuman cage's vertices of the landmarks, by name, and the cage as float64."""
    cage = head.cage.astype(np.float64)
    rows = {}
    for side, rims in zip(("left", "right"), head.lid_rims, strict=True):
        ends = rims[0][[0, -1]]
        ends = ends[np.argsort(np.abs(cage[ends, 0]))]
        rows[f"{side}_inner"], rows[f"{side}_outer"] = int(ends[0]), int(ends[1])
    skin = np.unique(head.quads[head.part[::4] == SKIN])
    x, y, z = cage[skin].T
    nose = skin[(np.abs(x) < 0.1) & (y > -0.55) & (y < -0.15)]
    rows["nose_tip"] = int(nose[np.argmax(cage[nose, 2])])
    lips = skin[(np.abs(x) < 0.04) & (np.abs(y + 0.672) < 0.06) & (z > 0.2)]
    rows["lips"] = int(lips[np.argmin(np.abs(cage[lips, 1] + 0.672))])
    rim = skin[(head.cage_fields["mouth"][skin] < 1e-3) & (np.abs(y + 0.67) < 0.1) & (z > 0)]
    rows["lips_left"], rows["lips_right"] = int(rim[np.argmax(cage[rim, 0])]), int(rim[np.argmin(cage[rim, 0])])
    return rows, cage


def fit(surface: Array, normals: Array, marks: Landmarks) -> Fitted:
    """Fit the MakeHuman head to points (S, 3) with normals (S, 3) of another one in the same frame (dm)."""
    head = load_head()
    rows, cage = own_landmarks(head)
    names = [name for name in rows if name in marks.points]
    held = np.array([rows[name] for name in names], int)
    aims = np.array([marks.points[name] for name in names]).reshape(-1, 3)
    start = _similar(cage, cage[held], aims) if len(held) >= 3 else cage
    quads = head.quads[head.part[::4] == SKIN]
    skin = np.unique(quads)
    skin = skin[cage[skin, 1] > LOWEST]
    place = np.full(len(cage), -1)
    place[skin] = np.arange(len(skin))
    sides = place[head.edges]
    sides = sides[(sides >= 0).all(axis=1)]
    moved = _fit_skin(start[skin], sides, head, skin, start, (surface, normals), (place[held], aims))
    # What is not skin goes with the skin about it.
    there = np.setdiff1d(np.arange(len(cage)), skin)
    gaps, near = cKDTree(start[skin]).query(start[there], 4)
    share = 1 / np.maximum(gaps, 1e-4) ** 2
    share /= share.sum(axis=1, keepdims=True)
    out = start.copy()
    out[skin] += moved
    out[there] += (moved[near] * share[..., None]).sum(axis=1)
    return _refined(head, out, surface)


def _similar(points: Array, own: Array, aims: Array) -> Array:
    """Points moved and scaled evenly (no turn: both look ahead) so that landmarks fall on their aims."""
    a, b = own - own.mean(0), aims - aims.mean(0)
    scale = float((a * b).sum() / (a * a).sum())
    return (points - own.mean(0)) * scale + aims.mean(0)


def _fit_skin(
    start: Array,
    sides: NDArray[np.int64],
    head: Head,
    skin: NDArray[np.int64],
    cage: Array,
    surface: tuple[Array, Array],
    marks: tuple[NDArray[np.int64], Array],
) -> Array:
    """Displacements (n, 3) of the skin's points."""
    tree, count = cKDTree(surface[0]), len(start)
    length = np.linalg.norm(start[sides[:, 0]] - start[sides[:, 1]], axis=1)
    rigid = 0.05 / np.maximum(length, 0.01)
    m = np.arange(len(sides))
    difference = sparse.csc_matrix(
        (np.concatenate([rigid, -rigid]), (np.concatenate([m, m]), np.concatenate([sides[:, 0], sides[:, 1]]))),
        (len(sides), count),
    )
    smooth = (difference.T @ difference).tocsc()
    rough = (smooth @ smooth) * 4.0
    held, aims = marks
    moved = np.zeros((count, 3))
    shape = cage.copy()
    for stiffness in STIFFNESS:
        for _ in range(ROUNDS):
            now = start + moved
            shape[skin] = now
            own = mesh.normals(shape.astype(np.float32), head.quads)[skin].astype(np.float64)
            gaps, near = tree.query(now, 6)
            agree = np.einsum("nkj,nj->nk", surface[1][near], own)
            cost = gaps + 0.25 * (1 - agree)
            best = np.argmin(cost, axis=1)
            pick = near[np.arange(count), best]
            ok = (gaps[np.arange(count), best] < NEAR) & (agree[np.arange(count), best] > AGREE)
            weight = ok.astype(np.float64)
            weight[held] = HOLD
            aim = surface[0][pick] - start
            # Along the surface points may slide: pull to the plane through the nearest point, not to it.
            off = ((aim - moved) * own).sum(axis=1, keepdims=True)
            aim = moved + 0.75 * off * own + 0.25 * (aim - moved)
            aim[held] = aims - start[held]
            system = sparse.diags(weight) + stiffness * (smooth + rough)
            moved = splu(system.tocsc()).solve(weight[:, None] * aim)
    return moved


def _refined(head: Head, cage: Array, surface: Array) -> Fitted:
    fine = head.subdivide(cage.astype(np.float32), keep=True)
    normals = mesh.normals(fine, head.fine_quads)
    parts = head.part
    outer = np.unique(head.fine_quads[parts == SKIN])
    kind = np.full(len(fine), BACKGROUND, np.uint8)
    for part, region in _KINDS.items():
        kind[np.setdiff1d(head.fine_quads[parts == part], outer)] = region
    rows = np.flatnonzero(head.fine[:, 1] > LOWEST - 0.1)
    face = outer[(head.fine[outer, 2] > -0.3) & (head.fine[outer, 1] > -1.05)]
    gaps, _ = cKDTree(surface).query(fine[face])
    fields: Floats = np.stack([head.fields[k][rows] for k in ("lip", "mouth", "lid", "ear")], axis=1)
    return Fitted(
        fine[rows].astype(np.float64),
        normals[rows].astype(np.float64),
        head.fine[rows].astype(np.float64),
        fields.astype(np.float64),
        kind[rows],
        float(np.median(gaps)),
    )
