"""`engine-bridge new` for a .blend: exported by Blender, then drafted as any .glb."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine_bridge.blender.command import export_glb
from engine_bridge.gltf.new import Drafted, draft_engine

__all__ = ["draft_blend"]


def draft_blend(path: Path, force: bool = False, only_labels: bool = False) -> Drafted:
    """As `engine_bridge.gltf.new.draft_engine`; EngineMissing where there is no Blender."""
    with tempfile.TemporaryDirectory() as folder:
        glb = Path(folder, f"{path.stem}.glb")
        export_glb(path, glb)
        return draft_engine(path, force, only_labels, glb, "blender")
