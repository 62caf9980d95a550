"""The average head with every shape slider as a morph target: what a browser needs to draw sliders as they are dragged.

Small rather than exact: positions in steps of some micrometres, normals in bytes (KHR_mesh_quantization), no bones.
The look, and what is worn, are the given character's; the file's own weights show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.export.cards import Budget, Cards, cards
from engine_bridge.makehuman.export.character import GENERATOR, card_material, hair_budget, holders, strip_material
from engine_bridge.makehuman.export.glb import Glb
from engine_bridge.makehuman.export.head import NOTHING, materials, tangents
from engine_bridge.makehuman.export.images import CELL, images
from engine_bridge.makehuman.export.lashes import lash_points, lash_strip, shell, shell_points
from engine_bridge.makehuman.export.morphs import Follower, Moved, Targets, bound
from engine_bridge.makehuman.export.sitter import FINE, Atelier
from engine_bridge.makehuman.export.skeleton import FLOOR, METRES, Made
from engine_bridge.makehuman.export.sliders_map import Target, averages, influence, slider_map, targets
from engine_bridge.makehuman.export.surface import patches
from engine_bridge.makehuman.export.worn import cloth, glasses
from engine_bridge.makehuman.face.head import Floats, Ints
from engine_bridge.makehuman.face.shape import shaped
from engine_bridge.makehuman.sliders import ARKIT
from engine_bridge.makehuman.strands.strand import HAIR
from f2p.engines.protocol import FRONTAL
from f2p.schema import Schema

HAIR_VERTICES = 2600
LEAST = 2.5e-3  # dm: smaller movements of a vertex are left out
EXTENSION = "KHR_mesh_quantization"
HALF = 2.6  # dm: half of the cube, about the middle of the bust, in whose steps positions are counted
MIDDLE = np.array([0.0, -0.5, -0.6], np.float32)
FULL, SMALL = 32767, 127


def studio_glb(
    atelier: Atelier, schema: Schema, weights: Mapping[str, float], look: Mapping[str, float | str], size: int
) -> bytes:
    """The file, with the look of the character of morph weights and ``look`` and textures of ``size`` px."""
    head, parts = atelier.head, patches(False)
    sitter = atelier.seat(weights, look, CELL * 1024 / size)
    glb = Glb(GENERATOR)
    glb.need(EXTENSION, required=True)
    looks = materials(glb, images(sitter, head, size))
    middle = shaped(head, averages(schema), FRONTAL)
    groom = atelier.hairdresser.groom(middle, look, FINE, 2 * sitter.who.male - 1, sitter.who.years)
    budget = hair_budget(sitter)
    few = Budget(HAIR_VERTICES, 6, budget.width * 2.0, budget.overlap)
    hair = cards([s for s in groom.sets if s.kind == HAIR], few)
    followers: dict[str, Follower] = {
        "lashes": lambda cage, fine, normals: lash_points(sitter, head, cage),
        "eye_shade": lambda cage, fine, normals: shell_points(head, cage),
    }
    if hair is not None:
        followers["hair"] = bound(hair.points, middle.fine, holders(head, hair.roots, middle.fine))
    made = Targets(head, averages(schema), parts, followers, LEAST)
    shapes = {
        name: _primitive(glb, made.fine[p.at], made.normals[p.at], p.uv, p.triangles, looks[name])
        for name, p in parts.items()
    }
    skin = parts["skin"]
    along = tangents(made.fine[skin.at], made.normals[skin.at], skin.uv, skin.triangles)
    shapes["skin"]["attributes"]["TANGENT"] = glb.vertices(np.round(along * SMALL).astype(np.int8), normalized=True)
    for name, strip in (("lashes", lash_strip(sitter)), ("eye_shade", shell(head, made.cage))):
        ahead = np.tile(np.array([[0.0, 0.0, 1.0]], np.float32), (len(strip.uv), 1))
        material = strip_material(glb, name, strip)
        shapes[name] = _primitive(glb, made.still[name], ahead, strip.uv, strip.triangles, material)
    if hair is not None:
        shapes["hair"] = _cards(glb, hair)
    counts = {name: len(p.at) for name, p in parts.items()} | {name: len(p) for name, p in made.still.items()}
    found = [*targets(schema), *(Target(u, {u: 1.0}) for u in ARKIT)]
    for target in found:
        moved = made.of(target.steps)
        for name, entry in shapes.items():
            _add(glb, entry, counts[name], moved.get(name, NOTHING), turning=name in parts)
    names = [target.name for target in found]
    mapping = slider_map(schema)
    mesh = glb.add(
        "meshes",
        name="Head",
        primitives=[{k: v for k, v in entry.items() if k[0] != "_"} for entry in shapes.values()],
        weights=_weights(schema, mapping, names, weights),
        extras={"targetNames": names},
    )
    nodes = [_node(glb, "HeadMesh", mesh)]
    for name, worn in (("Glasses", glasses(glb, atelier, sitter)), ("Cover", cloth(glb, sitter))):
        if worn:
            nodes.append(
                _node(glb, name + "Mesh", glb.add("meshes", name=name, primitives=[_worn(glb, w) for w in worn]))
            )
    extras = {
        "f2p": {"schema": schema.name, "identity": schema.identity, "sliders": mapping, "expressions": list(ARKIT)}
    }
    glb.json["scene"] = glb.add("scenes", nodes=nodes, extras=extras)
    return glb.to_bytes()


def _weights(
    schema: Schema, mapping: list[dict[str, Any]], names: list[str], weights: Mapping[str, float]
) -> list[float]:
    """The targets' weights that show the character of morph ``weights``."""
    sliders = {p.name: p for p in schema.continuous}
    out = dict.fromkeys(names, 0.0)
    for entry in mapping:
        p = sliders[entry["name"]]
        value = (float(weights[p.name]) - p.low) / (p.high - p.low)
        out[entry["target"]] = round(influence(entry["points"], value), 5)
    for unit in ARKIT:
        out[unit] = round(float(weights.get(unit, 0.0)), 5)
    return [out[name] for name in names]


def _node(glb: Glb, name: str, mesh: int) -> int:
    """A node that puts counted positions back into metres."""
    place = (MIDDLE + np.array([0.0, FLOOR, 0.0])) * METRES
    return glb.add(
        "nodes",
        name=name,
        mesh=mesh,
        translation=[round(float(c), 6) for c in place],
        scale=[HALF * METRES] * 3,
    )


def _counted(points: Floats) -> NDArray[np.int16]:
    return np.round((points - MIDDLE) / HALF * FULL).astype(np.int16)


def _bytes(normals: Floats) -> NDArray[np.int8]:
    long = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return np.round(normals / long * SMALL).astype(np.int8)


def _primitive(
    glb: Glb, points: Floats, normals: Floats, uv: Floats | None, triangles: Ints, material: int
) -> dict[str, Any]:
    attributes = {
        "POSITION": glb.vertices(_counted(points), bounds=True, normalized=True),
        "NORMAL": glb.vertices(_bytes(normals), normalized=True),
    }
    if uv is not None:
        places = np.round(np.clip(uv, 0, 1) * 65535).astype(np.uint16)
        attributes["TEXCOORD_0"] = glb.vertices(places, normalized=True)
    return {"attributes": attributes, "indices": glb.indices(triangles), "material": material}


def _worn(glb: Glb, made: Made) -> dict[str, Any]:
    return _primitive(glb, made.points, made.normals, None, made.triangles, made.material)


def _cards(glb: Glb, hair: Cards) -> dict[str, Any]:
    return _primitive(glb, hair.points, hair.normals, hair.uv, hair.triangles, card_material(glb, "hair", hair))


def _add(glb: Glb, entry: dict[str, Any], count: int, moved: Moved, *, turning: bool) -> None:
    """Add what a target moves to a primitive; those that move nothing share one accessor."""
    steps = np.round(moved.steps / HALF * FULL).astype(np.int16)
    kept = (steps != 0).any(axis=1)
    target = {"POSITION": _sparse(glb, entry, count, moved.rows[kept], steps[kept], "POSITION")}
    if turning:
        turns = np.round(np.clip(moved.turns, -1, 1) * SMALL).astype(np.int8)
        target["NORMAL"] = _sparse(glb, entry, count, moved.turned, turns, "NORMAL")
    entry.setdefault("targets", []).append(target)


def _sparse(glb: Glb, entry: dict[str, Any], count: int, rows: Ints, values: NDArray[Any], kind: str) -> int:
    bounds = kind == "POSITION"
    if len(rows):
        return glb.sparse(count, rows, values, bounds=bounds, normalized=True)
    key = "_" + kind
    if key not in entry:
        entry[key] = glb.sparse(count, rows, values.reshape(0, 3), bounds=bounds, normalized=True)
    return int(entry[key])
