"""`engine-bridge new`: from a head's file to its YAML, its label pictures and a picture of what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_bridge.gltf.draft import Draft, text_of
from engine_bridge.gltf.labels import bake, regions_of, texels, write_labels
from engine_bridge.gltf.landmarks import (
    detected_points,
    eye_parts,
    labelled_points,
    lips_line,
    mouth_corners,
    place_by_eyes,
    unprojected,
)
from engine_bridge.gltf.model import Model, build
from engine_bridge.gltf.registration import Fitted, Landmarks, fit, own_landmarks
from engine_bridge.gltf.renderer import Drawing
from engine_bridge.gltf.rig import Placement, rig_path
from engine_bridge.gltf.scene import Scene, read_scene
from engine_bridge.gltf.sliders import draft_sliders
from engine_bridge.gltf.textures import linear_bytes
from engine_bridge.gltf.variants import Choice, draft_choices, draft_colours
from engine_bridge.gltf.words import arkit_unit, region_of, words
from engine_bridge.makehuman.core.pose import turning
from engine_bridge.makehuman.face.head import load_head
from f2p.engines.protocol import FRONTAL, View
from f2p.errors import EngineFailed, ParameterError
from f2p.regions import PALETTE, index

__all__ = ["Drafted", "draft_engine"]

Array = NDArray[np.float64]
SIDE = 1024  # of label pictures
CLOSE = 0.04  # dm between the fitted head and theirs below which labels are probably right
SEARCHED = (1.0, 1.6, 3.0, 7.6)  # heights of what is in the file, in heads, that a detector looks for a head in


@dataclass(frozen=True)
class Drafted:
    """What was written: ``yaml``, ``labels`` and ``preview`` files; ``summary`` lines for people."""

    yaml: Path
    labels: tuple[Path, ...]
    preview: Path
    summary: tuple[str, ...]


def draft_engine(
    path: Path, force: bool = False, only_labels: bool = False, glb: Path | None = None, scheme: str = "gltf"
) -> Drafted:
    """Draft the YAML of a head beside it. ``only_labels`` writes the label pictures and the preview alone; ``glb`` is
    the head as .glb where ``path`` is of another format, and ``scheme`` that of its address.

    Raises:
        ParameterError: there is a YAML already, and ``force`` is not set.
        EngineFailed: the file cannot be read, or no head is found in it.
    """
    target = rig_path(path)
    if target.exists() and not force and not only_labels:
        raise ParameterError(
            f"{target} is there already.", "Give --force to draft it anew, or --labels for the label pictures alone."
        )
    scene = read_scene(glb or path)
    choices = draft_choices(scene.parts)
    head = _Found(scene, choices)
    fitted, model = head.fitted, head.model
    pictures = _label_pictures(head, fitted)
    labels = {material: path.with_name(f"{path.stem}.labels.{_plain(material)}.png") for material in pictures}
    for material, picture in pictures.items():
        write_labels(labels[material], picture)
    named, nodes = _names(head)
    colours, bare = draft_colours(_worn(scene, model), sorted(pictures))
    preview = path.with_name(f"{path.stem}.new.png")
    draft = Draft(
        scheme,
        path.name,
        _plain(path.stem),
        draft_sliders(model),
        colours,
        choices,
        head.placement,
        named,
        nodes,
        {m: p.name for m, p in labels.items()},
        head.five_points,
        fitted.gap,
        preview.name,
        bare,
    )
    if not only_labels:
        target.write_text(text_of(draft), encoding="utf-8")
    _preview(head, pictures, preview)
    shapes = [s for s in draft.sliders if s.role == "identity"]
    summary = (
        f"{len(shapes)} sliders of shape from {len(model.names)} morph targets, "
        f"{len(draft.sliders) - len(shapes)} expressions, {len(colours)} colour sliders, {len(choices)} choices",
        f"MakeHuman head fitted to {fitted.gap * 100:.1f} mm (median over the face)"
        + ("" if fitted.gap < CLOSE else ": look closely at the labels"),
        "five points: " + ("from the face detector" if head.five_points else "no face detected; from the labels"),
    )
    return Drafted(target, tuple(labels.values()), preview, summary)


class _Found:
    """A head that was found in a scene: where it stands, the model in the camera's frame, MakeHuman fitted to it."""

    def __init__(self, scene: Scene, choices: Sequence[Choice]) -> None:
        self.scene, self.choices = scene, choices
        materials = [scene.materials[p.material].name for p in scene.parts]
        placement = place_by_eyes(scene.parts, eye_parts(scene.parts, materials)) or _place_by_detector(scene, choices)
        if placement is None:
            raise EngineFailed(
                f"{scene.path.name}: no head was found: no node or material is called eye, and no face was detected.",
                "Name the eyeballs' nodes or materials (eye_left, eye_right), and let the head look along +z.",
            )
        self._stand(placement)
        fitted = self._fit()
        # The head's own size counts, and not how far apart its eyes are.
        scale = _size(fitted)
        self._stand(replace(placement, scale=placement.scale / scale))
        self.fitted = replace(fitted, points=fitted.points / scale, gap=fitted.gap / scale)
        self.five_points = self._five_points()

    def _stand(self, placement: Placement) -> None:
        scene = self.scene
        self.placement = placement
        self.model: Model = build(scene, placement, frozenset())
        names = [scene.materials[p.material].name for p in self.model.parts]
        self.regions = [region_of(p.name, names[k]) for k, p in enumerate(self.model.parts)]
        self.skin = [k for k, region in enumerate(self.regions) if region is None]
        self.shown = _default_shown(self.model, self.choices)
        self.drawing = Drawing(
            self.model,
            scene.materials,
            [index(r or "skin") for r in self.regions],
            [r is None for r in self.regions],
        )

    def _fit(self) -> Fitted:
        model = self.model
        bald = [
            s and r in (None, "eyes", "teeth", "inner_mouth", "brows")
            for s, r in zip(self.shown, self.regions, strict=True)
        ]
        frame, depth = self.drawing.draw_deep({}, bald, {}, 512, FRONTAL)
        marks = {k: v for k, v in labelled_points(frame.labels, depth).items() if k != "nose_base"}
        line = lips_line(model, self.skin)
        if line is not None:
            marks["lips"] = line
            jaw = next(name for name in model.names if arkit_unit(name) == "jawOpen")
            opened, deep = self.drawing.draw_deep({jaw: 1.0}, bald, {}, 512, FRONTAL)
            marks |= mouth_corners(opened.labels, deep, depth, line)
        if "left_outer" not in marks:
            points = detected_points(frame.image)
            if points is not None:
                names = ("left_outer", "left_inner", "right_outer", "right_inner")
                marks |= dict(zip(names, _lifted(points, depth)[:4], strict=True))
        solid = np.isin(model.part, self.skin)
        triangles = model.triangles[solid]
        a, b, c = (model.points[triangles[:, k]].astype(np.float64) for k in range(3))
        normal = np.cross(b - a, c - a)
        area = np.linalg.norm(normal, axis=1)
        keep = area > 1e-9
        normal, middle = normal[keep] / area[keep, None], ((a + b + c) / 3)[keep]
        corners = np.concatenate([a[keep], b[keep], c[keep]])
        return fit(np.concatenate([middle, corners]), np.concatenate([normal] * 4), Landmarks(marks))

    def _five_points(self) -> list[list[float]] | None:
        frame, depth = self.drawing.draw_deep({}, self.shown, {}, 512, FRONTAL)
        points = detected_points(frame.image)
        if points is None:
            return None
        lifted = _lifted(points, depth)
        if not np.isfinite(lifted).all():
            return None
        back = lifted / self.placement.scale
        if self.placement.yaw:
            back = back @ turning(self.placement.yaw, 0.0, 0.0).T
        return (back + np.array(self.placement.origin)).tolist()


def _lifted(points: Array, depth: NDArray[np.float32]) -> Array:
    """Points (N, 3) of the head behind places (N, 2) in px of a frontal picture of 512 px: of what lies in front within
    two pixels, since corners of eyes may be gaps."""
    where = unprojected(depth)
    scale = len(depth) / 512
    out = []
    for column, row in np.clip((points * scale).astype(int), 4, len(depth) - 5):
        about = where[row - 4 : row + 5, column - 4 : column + 5].reshape(-1, 3)
        front = about[np.nanargmax(about[:, 2])] if np.isfinite(about[:, 2]).any() else about[0]
        middle = where[row, column]
        out.append(np.array([*(middle[:2] if np.isfinite(middle[0]) else front[:2]), front[2]]))
    return np.stack(out)


def _size(fitted: Fitted) -> float:
    """How much larger the fitted face is than MakeHuman's."""
    face = (
        (fitted.neutral[:, 2] > -0.3)
        & (fitted.neutral[:, 1] > -1.0)
        & (np.abs(fitted.neutral[:, 0]) < 0.7)
        & (fitted.kind == 0)
    )
    a, b = fitted.neutral[face], fitted.points[face]
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return float(np.sqrt((b * b).sum() / (a * a).sum()))


def _place_by_detector(scene: Scene, choices: Sequence[Choice]) -> Placement | None:
    """Where the detector sees a face when the file is drawn as if it were one head high, two, and so on."""
    points = np.concatenate([p.points for p in scene.parts]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    head = load_head()
    rows, cage = own_landmarks(head)
    own = float(cage[rows["left_outer"], 0] - cage[rows["right_outer"], 0])
    for heads in SEARCHED:
        scale = 2.4 * heads / max(float(high[1] - low[1]), 1e-9)
        origin = (float(low[0] + high[0]) / 2, float(high[1] - 1.2 / scale), float(high[2]))
        placement = Placement(origin, scale)
        model = build(scene, placement, frozenset())
        drawing = Drawing(model, scene.materials, [1] * len(model.parts), [False] * len(model.parts))
        frame, depth = drawing.draw_deep({}, _default_shown(model, choices), {}, 512, FRONTAL)
        found = detected_points(frame.image)
        if found is None:
            continue
        eyes = _lifted(found, depth)[:4]
        if not np.isfinite(eyes).all():
            continue
        apart = float(np.linalg.norm(eyes[0] - eyes[2]))
        middle = eyes.mean(axis=0) - [0, 0, 0.10 * apart]
        x, y, z = (middle / scale + np.array(origin)).tolist()
        return Placement((x, y, z), scale * own / apart)
    return None


def _default_shown(model: Model, choices: Sequence[Choice]) -> list[bool]:
    optional = {node for c in choices for nodes in c.options.values() for node in nodes}
    chosen = {node for c in choices for node in c.options[c.default]}
    return [not (set(p.path) & optional) or bool(set(p.path) & chosen) for p in model.parts]


def _label_pictures(head: _Found, fitted: Fitted) -> dict[str, NDArray[np.uint8]]:
    """The label picture of each material that no name explains, from the fitted head."""
    model, scene = head.model, head.scene
    normals = np.zeros_like(model.points, np.float64)
    a, b, c = (model.points[model.triangles[:, k]].astype(np.float64) for k in range(3))
    face = np.cross(b - a, c - a)
    for k in range(3):
        np.add.at(normals, model.triangles[:, k], face)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    named = {region for region in head.regions if region}
    if not eye_parts(model.parts, [scene.materials[p.material].name for p in model.parts]):
        named.discard("eyes")  # lashes alone
    out = {}
    for m, material in enumerate(scene.materials):
        mine = [k for k in head.skin if model.parts[k].material == m]
        if not mine:
            continue
        triangles = model.triangles[np.isin(model.part, mine)]
        used, values = texels(model.uv, triangles, np.concatenate([model.points, normals], axis=1), SIDE)
        at = values[used]
        colours = None
        if material.texture is not None:
            small = np.asarray(Image.fromarray(material.texture).resize((SIDE, SIDE), Image.Resampling.BOX))
            colours = linear_bytes()[small[..., :3][used]].astype(np.float64)
        out[material.name] = bake(used, regions_of(at[:, :3], at[:, 3:], fitted, colours, named))
    return out


def _names(head: _Found) -> tuple[dict[str, str], dict[str, str]]:
    """Regions by material, and by node where the material's name tells none or another one."""
    materials: dict[str, str] = {}
    nodes: dict[str, str] = {}
    for k, region in enumerate(head.regions):
        if region is None:
            continue
        part = head.model.parts[k]
        material = head.scene.materials[part.material].name
        if region_of(material) == region:
            materials[material] = region
        else:
            nodes[part.name] = region
    return materials, nodes


def _worn(scene: Scene, model: Model) -> list[tuple[str, list[str]]]:
    """Each material with the names of the nodes that wear it."""
    out: dict[str, list[str]] = {}
    for part in model.parts:
        out.setdefault(scene.materials[part.material].name, []).append(part.name)
    return list(out.items())


def _preview(head: _Found, pictures: dict[str, NDArray[np.uint8]], path: Path) -> None:
    """Write the neutral head, its label map and both laid over each other, from the front and the side."""
    names = [head.scene.materials[p.material].name for p in head.model.parts]
    regions = [index(r) if r else pictures[names[k]] for k, r in enumerate(head.regions)]
    drawing = Drawing(head.model, head.scene.materials, regions, [r is None for r in head.regions])
    rows = []
    for view in (FRONTAL, View(yaw=40)):
        frame = drawing.draw({}, head.shown, {}, 384, view)
        labels = PALETTE[frame.labels]
        both = (frame.image.astype(np.uint16) + labels) // 2
        rows.append(np.concatenate([frame.image, both.astype(np.uint8), labels], axis=1))
    Image.fromarray(np.concatenate(rows, axis=0)).save(path, "PNG")


def _plain(name: str) -> str:
    plain = "_".join(words(name)).strip("_") or "head"
    return plain if plain[0].isalpha() else f"head_{plain}"
