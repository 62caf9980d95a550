"""A character as one glTF binary file for games."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine_bridge.makehuman_v2.export.glb import Glb
from engine_bridge.makehuman_v2.export.head import add_targets, materials, surface_primitives, tidy
from engine_bridge.makehuman_v2.export.images import CELL, images
from engine_bridge.makehuman_v2.export.morphs import Targets
from engine_bridge.makehuman_v2.export.sitter import Atelier
from engine_bridge.makehuman_v2.export.skeleton import add_skeleton
from engine_bridge.makehuman_v2.export.surface import patches
from engine_bridge.makehuman_v2.face.head import mean_point
from engine_bridge.makehuman_v2.sliders import ARKIT

GENERATOR = "f2p, MakeHuman reference engine"


def character_glb(
    atelier: Atelier, weights: Mapping[str, float], look: Mapping[str, float | str], size: int
) -> bytes:
    """The file of the character of morph weights and look, with textures of ``size`` px."""
    head, parts = atelier.head, patches()
    sitter = atelier.seat(weights, look, CELL * 1024 / size)
    glb = Glb(GENERATOR)
    looks = materials(glb, images(sitter, head, size))
    targets = Targets(head, sitter.weights, parts)
    shapes = surface_primitives(glb, head, targets, parts, looks)
    counts = {name: len(p.at) for name, p in parts.items()}
    for _, found in targets.each(ARKIT):
        add_targets(glb, shapes, counts, found, set(parts))
    mesh = glb.add(
        "meshes",
        name="Head",
        primitives=tidy(shapes),
        weights=[round(sitter.units[u], 6) for u in ARKIT],
        extras={"targetNames": list(ARKIT)},
    )
    middles = [np.asarray(mean_point(targets.cage, eye), np.float32) for eye in head.eyes]
    bones = add_skeleton(glb, (middles[0], middles[1]))
    shown = glb.add("nodes", name="HeadMesh", mesh=mesh, skin=bones.skin)
    top = glb.add("nodes", name="Character", children=[bones.root])
    glb.json["scene"] = glb.add("scenes", nodes=[top, shown])
    return glb.to_bytes()
