"""The parent's side: the head's YAML, handed to a Blender that answers on a pipe."""

from __future__ import annotations

import json
from pathlib import Path

from engine_bridge.blender.command import command
from engine_bridge.doors.pipe import PipedEngine
from engine_bridge.gltf.rig import Rig, load_rig
from f2p.regions import PALETTE, index
from f2p.schema import dump_schema

__all__ = ["BlenderEngine"]


class BlenderEngine(PipedEngine):
    """The head of a .blend file, drawn by Cycles on the processor; one thread, so that many may render side by side.

    Raises:
        as `engine_bridge.blender.open_engine`.
    """

    def __init__(self, path: Path) -> None:
        rig = load_rig(path)
        super().__init__(rig.schema.name, command("serve", str(rig.file)), rig.schema, {"F2P_RIG": _document(rig)})


def _document(rig: Rig) -> str:
    """What the child needs of the YAML."""
    return json.dumps(
        {
            "name": rig.schema.name,
            "schema": dump_schema(rig.schema),
            "moves": {name: [dict(m.plus), dict(m.minus)] for name, m in rig.moves.items()},
            "tints": {name: [list(t.materials), t.stops, t.towards] for name, t in rig.tints.items()},
            "choices": {
                name: {o: list(nodes) for o, nodes in options.items()} for name, options in rig.choices.items()
            },
            "placement": [rig.placement.origin, rig.placement.scale, rig.placement.yaw],
            "exposure": rig.exposure,
            "hidden": sorted(rig.hidden),
            "labels": {
                "materials": {k: index(v) for k, v in rig.labels.materials.items()},
                "nodes": {k: index(v) for k, v in rig.labels.nodes.items()},
                "textures": {k: str(v.resolve()) for k, v in rig.labels.textures.items()},
            },
            "palette": PALETTE.tolist(),
            "five_points": None if rig.five_points is None else rig.five_points.tolist(),
        }
    )
