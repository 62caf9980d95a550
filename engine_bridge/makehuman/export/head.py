"""The head of a character as glTF: skin, mouth and eyes with textures, bones and the 52 ARKit units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.export.images import Images
from engine_bridge.makehuman.export.morphs import Moved, Targets
from engine_bridge.makehuman.export.skeleton import METRES, head_share, metres, pulls
from engine_bridge.makehuman.export.surface import Patch
from engine_bridge.makehuman.face.head import RIGHT_EYE, Floats, Head, Ints

NONE = np.empty(0, np.int32)
NOTHING = Moved(NONE, np.empty((0, 3), np.float32), NONE, np.empty((0, 3), np.float32))


def materials(glb: Glb, images: Images) -> dict[str, int]:
    """Materials of the head's primitives by name."""
    colour, relief, surface, eyes = (
        glb.texture(data, "jpeg", name)
        for data, name in (
            (images.colour, "skin_colour"),
            (images.relief, "skin_normal"),
            (images.surface, "skin_occlusion_roughness"),
            (images.eyes, "eyes_colour"),
        )
    )
    rough = {"metallicRoughnessTexture": {"index": surface}, "metallicFactor": 0.0}
    bumps, hollows = {"index": relief}, {"index": surface}
    out = {
        name: glb.add(
            "materials",
            name=name,
            pbrMetallicRoughness={"baseColorTexture": {"index": colour}, **rough},
            normalTexture=bumps if name == "skin" else None,
            occlusionTexture=hollows if name == "skin" else None,
            doubleSided=True if name in ("mouth", "tongue") else None,
        )
        for name in ("skin", "mouth", "teeth", "tongue")
    }
    out["eyes"] = glb.add(
        "materials",
        name="eyes",
        pbrMetallicRoughness={
            "baseColorTexture": {"index": eyes},
            "metallicFactor": 0.0,
            "roughnessFactor": 0.07,
        },
    )
    return out


def rigged(head: Head, name: str, patch: Patch) -> tuple[np.ndarray, np.ndarray]:
    """Joints and weights (N, 4) of a patch."""
    if name != "eyes":
        return pulls(head_share(head.fine[patch.at]))
    right = np.zeros(len(patch.at), bool)
    right[patch.triangles[patch.part == RIGHT_EYE]] = True
    joints, weights = pulls(np.ones(len(patch.at), np.float32), 0)
    joints[right, 0] = 3
    return joints, weights


def primitive(
    glb: Glb,
    points: Floats,
    normals: Floats,
    uv: Floats | None,
    triangles: Ints,
    material: int,
    rig: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Any]:
    """A primitive of points (N, 3) in dm; ``uv`` (N, 2) None where its material has no picture."""
    attributes = {
        "POSITION": glb.vertices(metres(points).astype(np.float32), bounds=True),
        "NORMAL": glb.vertices(_unit(normals)),
    }
    if uv is not None:
        attributes["TEXCOORD_0"] = glb.vertices(uv.astype(np.float32))
    if rig is not None:
        attributes["JOINTS_0"] = glb.vertices(rig[0])
        attributes["WEIGHTS_0"] = glb.vertices(rig[1], normalized=True)
    return {"attributes": attributes, "indices": glb.indices(triangles), "material": material}


def _unit(v: Floats) -> Floats:
    long = np.linalg.norm(v.astype(np.float64), axis=1, keepdims=True)
    return np.where(long > 1e-9, v / np.maximum(long, 1e-9), [0.0, 0.0, 1.0]).astype(np.float32)


def add_targets(
    glb: Glb,
    primitives: Mapping[str, dict[str, Any]],
    counts: Mapping[str, int],
    found: dict[str, Moved],
    turning: set[str],
) -> None:
    """Add one target to each of the ``primitives`` by name, of ``counts`` vertices; normals of those in ``turning``."""
    for name, entry in primitives.items():
        moved = found.get(name, NOTHING)
        steps = (moved.steps * np.float32(METRES)).astype(np.float32)
        target = {"POSITION": _sparse(glb, entry, counts[name], moved.rows, steps, bounds=True)}
        if name in turning:
            target["NORMAL"] = _sparse(glb, entry, counts[name], moved.turned, moved.turns.astype(np.float32))
        entry.setdefault("targets", []).append(target)


def _sparse(glb: Glb, entry: dict[str, Any], count: int, rows: Ints, values: Floats, *, bounds: bool = False) -> int:
    """A sparse accessor; one for all that move nothing."""
    if len(rows):
        return glb.sparse(count, rows, values, bounds=bounds)
    key = f"_zero{int(bounds)}"
    if key not in entry:
        entry[key] = glb.sparse(count, rows, values.reshape(0, 3), bounds=bounds)
    return int(entry[key])


def tidy(primitives: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The primitives without what only their making needed."""
    return [{k: v for k, v in entry.items() if not k.startswith("_")} for entry in primitives.values()]


def tangents(points: Floats, normals: Floats, uv: Floats, triangles: Ints) -> Floats:
    """Tangents (N, 4): along growing u, and the side of the bitangent, from means over the triangles round each vertex
    (Lengyel, Foundations of Game Engine Development 2, 2019, section 7.5); v runs down the image, relief up it."""
    p, q = points[triangles].astype(np.float64), uv[triangles].astype(np.float64)
    e, f, g, h = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0], q[:, 1] - q[:, 0], q[:, 2] - q[:, 0]
    area = g[:, 0] * h[:, 1] - h[:, 0] * g[:, 1]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    along = (e * h[:, 1:] - f * g[:, 1:]) / area[:, None]
    down = (f * g[:, :1] - e * h[:, :1]) / area[:, None]
    sums = np.zeros((2, len(points), 3))
    for corner in range(3):
        np.add.at(sums[0], triangles[:, corner], along)
        np.add.at(sums[1], triangles[:, corner], down)
    n = _unit(normals).astype(np.float64)
    t = sums[0] - n * (n * sums[0]).sum(axis=1, keepdims=True)
    short = np.linalg.norm(t, axis=1) < 1e-9
    t[short] = np.cross(n[short], [0.3, 0.2, 0.9])
    side = np.where((np.cross(n, t) * -sums[1]).sum(axis=1) < 0, -1.0, 1.0)
    return np.concatenate([_unit(t.astype(np.float32)), side[:, None]], axis=1).astype(np.float32)


def surface_primitives(
    glb: Glb, head: Head, targets: Targets, patches: Mapping[str, Patch], looks: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """The head's own primitives by name."""
    out = {}
    for name, p in patches.items():
        points, normals = targets.fine[p.at], targets.normals[p.at]
        out[name] = primitive(glb, points, normals, p.uv, p.triangles, looks[name], rigged(head, name, p))
        if name == "skin":
            out[name]["attributes"]["TANGENT"] = glb.vertices(tangents(points, normals, p.uv, p.triangles))
    return out
