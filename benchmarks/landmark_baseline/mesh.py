"""Places of a 68-point landmark model on the reference head, learnt from the engine's own renders.

A landmark model has its own idea of where "the nose wing" is.  So random characters are drawn, bald, in several views
and with several expressions, and each landmark becomes the skin vertex that moves most nearly as the landmark does,
plus a constant offset (in dm, turning with the head).  What is left between photo and mesh is then shape, not
definition.  Jaw points lie on the outline, which is another line on the mesh in each view: they have a vertex for each
of five yaws, and the nearest yaw's is taken.  Brows are painted: theirs are shares of the painted line's length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.landmark_baseline.model import Array, Detector
from benchmarks.landmark_baseline.reference import SIZE, Reference
from f2p.engines.protocol import Engine, View
from f2p.schema import Schema

# fmt: off
MIRROR = np.array([
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
])
EXPRESSIONS = (
    "browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight", "cheekSquintLeft",
    "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft",
    "eyeWideRight", "jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft",
    "mouthPressRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthLeft", "mouthRight",
)
# fmt: on
BARE = {"hair_style": "bald", "beard_style": "none", "head_cover": "none"}
BROW_SLIDERS = ("brow_height", "brow_arch", "brow_slant", "brow_reach", "brow_length")
YAWS = (-24.0, -12.0, 0.0, 12.0, 24.0)


@dataclass(frozen=True)
class Landmarks:
    """68 points as linear functions of P parameters, for each yaw of YAWS.

    ``mean`` (5, 68, 3), ``basis`` (5, P, 68, 3) per parameter's own unit (weights; shares for the painted brows).
    """

    names: tuple[str, ...]
    mean: Array
    basis: Array

    def only(self, names: tuple[str, ...]) -> Landmarks:
        rows = [self.names.index(name) for name in names]
        return Landmarks(names, self.mean, self.basis[:, rows])


@dataclass(frozen=True)
class Seen:
    """Renders on which all landmarks were found: ``weights`` of morphs, look, view, points (68, 2) in its shares."""

    weights: list[dict[str, float]]
    looks: list[dict[str, float | str]]
    views: list[View]
    points: Array


def draw_examples(engine: Engine, detect: Detector, count: int, seed: int = 0) -> Seen:
    """Random bald characters in turn at each yaw of 0, 12 and 24 degrees, two thirds of them with an expression."""
    rng = np.random.default_rng(seed)
    schema: Schema = engine.schema
    shapes = [p.name for p in schema.continuous if p.unit == "weight"]
    choices = {c.name for c in schema.discrete}
    seen = Seen([], [], [], np.empty((0, 68, 2)))
    found = []
    for number in range(count):
        values = engine.sample(10_000 + number) | {c: o for c, o in BARE.items() if c in choices}
        if number % 3:
            values |= {u: float(rng.uniform(0, 0.7) * (rng.random() < 0.3)) for u in EXPRESSIONS if u != "mouthClose"}
            values |= {u: values[u.replace("Left", "Right")] for u in EXPRESSIONS if u.endswith("Left") and len(u) > 9}
        view = View(YAWS[2 + number % 3], float(rng.uniform(-8, 8)), 0.0)
        points = detect(engine.render(values, SIZE, view).image)
        if points is None:
            continue
        full = schema.decode(schema.encode(values))
        native = schema.to_engine(full)
        seen.weights.append({name: float(native[name]) for name in shapes})
        seen.looks.append(full)
        seen.views.append(view)
        found.append(points / SIZE)
    return Seen(seen.weights, seen.looks, seen.views, np.stack(found))


def calibrate(head: Reference, schema: Schema, seen: Seen) -> Landmarks:
    """Choose the vertices and offsets that the landmarks of ``seen`` follow."""
    skin = _candidates(head)
    shapes = [head.shape(w) for w in seen.weights]
    posed, turns = [], []
    for raw, view in zip(shapes, seen.views, strict=True):
        turns.append(head.rotation(view))
        posed.append(((raw - head.pivot) @ turns[-1] + head.pivot).astype(np.float32))
    flat = np.stack([head.project(p)[skin] for p in posed])
    focal = 0.5 / np.tan(np.radians(head.degrees / 2)) / head.distance  # picture shares a dm
    # The mirror image of each render is another example.
    other = _mirror_vertices(head.vertices)
    mirrored = np.stack([head.project(p)[other[skin]] for p in posed])
    mirrored[..., 0] = 1 - mirrored[..., 0]
    swapped = seen.points[:, MIRROR].copy()
    swapped[..., 0] = 1 - swapped[..., 0]
    flat, points = np.concatenate([flat, mirrored]), np.concatenate([seen.points, swapped])
    yaw = np.array([v.yaw for v in seen.views])
    yaw = np.concatenate([yaw, -yaw])
    turn = np.stack(turns + [t * np.array([[1, -1, -1], [-1, 1, 1], [-1, 1, 1]]) for t in turns])

    names = tuple(p.name for p in schema.continuous if p.unit == "weight" and p.name in head.names)
    rows = [head.names[name] for name in names]
    centre = sum(head.basis[rows][:, e].mean(axis=1) for e in head.eyes) / 2
    middle = sum(head.vertices[e].mean(axis=0) for e in head.eyes) / 2
    mean = np.zeros((len(YAWS), 68, 3))
    basis = np.zeros((len(YAWS), len(names) + len(BROW_SLIDERS), 68, 3))
    for k in range(68):
        for b, centre_yaw in enumerate(YAWS):
            chosen = np.abs(yaw - centre_yaw) < 1 if k < 17 else np.ones(len(yaw), bool)
            if b and k >= 17:
                mean[b, k], basis[b, :, k] = mean[0, k], basis[0, :, k]
                continue
            best, offset = _follow(points[chosen, k], flat[chosen], turn[chosen], focal)
            vertex = skin[best]
            mean[b, k] = head.vertices[vertex] - middle + offset
            basis[b, : len(names), k] = head.basis[rows, vertex] - centre
    _place_brows(head, schema, seen, posed, mean, basis, len(names), middle, rows, centre)
    return Landmarks((*names, *BROW_SLIDERS), mean, basis)


def _candidates(head: Reference) -> npt.NDArray[np.int64]:
    """Skin vertices in the front half of the head, ears left out."""
    skin = np.unique(head.triangles[head.skin])
    v = head.vertices[skin]
    return skin[(v[:, 2] > -1.0) & (v[:, 1] > -1.5) & (v[:, 1] < 0.6) & (head.ear[skin] < 0.02)]


def _mirror_vertices(vertices: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(vertices).query(vertices * np.array([-1, 1, 1], np.float32))[1])


def _follow(points: Array, flat: Array, turn: Array, focal: float) -> tuple[int, Array]:
    """The candidate that a landmark (N, 2) follows with the least variance, and its constant offset (3,) in dm."""
    gap = (points[:, None] - flat) / focal * np.array([1.0, -1.0])  # dm in the picture's plane, y up
    near = np.flatnonzero(np.linalg.norm(gap.mean(axis=0), axis=-1) < 0.14)
    gap = gap[:, near]
    offset = np.median(gap, axis=0)
    cost = np.median(((gap - offset) ** 2).sum(axis=-1), axis=0) + 0.15 * (offset**2).sum(axis=-1)
    best = int(np.argmin(cost))
    # The offset lies in the picture's plane; turned back it is the head's own for near frontal views.
    back = np.concatenate([offset[best], [0.0]]) @ np.median(turn, axis=0).T
    return int(near[best]), back


def _place_brows(
    head: Reference,
    schema: Schema,
    seen: Seen,
    posed: list[Array],
    mean: Array,
    basis: Array,
    first: int,
    middle: npt.NDArray[np.float32],
    rows: list[int],
    centre: npt.NDArray[np.float32],
) -> None:
    """Brow points: shares of the painted line's length, and heights above it, as the renders show them."""
    front = head.triangles[head.skin & (head.vertices[head.triangles][:, :, 2].min(axis=1) > -0.4)]
    fine = np.linspace(0, 1, 101)
    shares, heights = [], []
    for look, body, points in zip(seen.looks, posed, seen.points, strict=True):
        line = head.brow_line(look, fine)
        flat = head.project(body)
        for side in (1.0, -1.0):
            # dlib's 22..26 is the person's left brow, which the picture shows on its right: +x.
            marks = points[22:27] if side > 0 else points[21:16:-1]
            for place in marks:
                hit = _under(place, flat, front)
                if hit is None:
                    shares.append(np.nan)
                    heights.append(np.nan)
                    continue
                neutral = hit[1] @ head.vertices[hit[0]]
                x = neutral[0] * side
                shares.append((x - line[0, 0]) / (line[-1, 0] - line[0, 0]))
                heights.append(neutral[1] - np.interp(x, line[:, 0], line[:, 1]))
    share = np.nanmedian(np.array(shares).reshape(-1, 5), axis=0)
    height = np.nanmedian(np.array(heights).reshape(-1, 5), axis=0)
    look = schema.decode(schema.encode({}))
    still = head.brow_line(look, share) + np.stack([0 * height, height], axis=1)
    flat = head.vertices[:, :2].astype(np.float64)
    for k in range(5):
        for side, mark in ((1.0, 22 + k), (-1.0, 21 - k)):
            hit = _under(still[k] * np.array([side, 1.0]), flat, front, head.vertices[:, 2])
            assert hit is not None, "the painted brow lies on the head"
            corners = head.vertices[hit[0]].astype(np.float64)
            mean[:, mark] = hit[1] @ corners - middle
            basis[:, :first, mark] = np.einsum("k,mkd->md", hit[1], head.basis[np.ix_(rows, hit[0])]) - centre
            normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
            for j, name in enumerate(BROW_SLIDERS):
                d = (head.brow_line(look | {name: 0.7}, share)[k] - head.brow_line(look | {name: 0.3}, share)[k]) / 0.4
                d = d * np.array([side, 1.0])
                step = np.array([d[0], d[1], -(normal[:2] @ d) / normal[2]])
                basis[:, first + j, mark] = step
                mean[:, mark] -= step * float(look[name])  # the slider's 0, as the morphs' weight 0


def _under(
    place: Array, flat: Array, triangles: npt.NDArray[np.int32], near: npt.NDArray[np.float32] | None = None
) -> tuple[npt.NDArray[np.int32], Array] | None:
    """The triangle (3,) at a place (2,) of the flattened mesh (V, 2), the foremost, and barycentric weights (3,)."""
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    v = ((place[0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (place[1] - a[:, 1])) / area
    w = ((b[:, 0] - a[:, 0]) * (place[1] - a[:, 1]) - (place[0] - a[:, 0]) * (b[:, 1] - a[:, 1])) / area
    inside = np.flatnonzero((v >= 0) & (w >= 0) & (v + w <= 1))
    if not len(inside):
        return None
    first = inside[0] if near is None else inside[np.argmax(near[triangles[inside]].mean(axis=1))]
    return triangles[first], np.array([1 - v[first] - w[first], v[first], w[first]])
