"""Characters as files for games: glTF binary with textures, morph targets, bones and hair cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from engine_bridge.makehuman.export.character import character_glb
from engine_bridge.makehuman.export.sitter import Atelier
from engine_bridge.makehuman.export.studio import studio_glb
from f2p.schema import Schema

__all__ = ["FORMATS", "atelier"]

Maker = Callable[[Atelier, Schema, Mapping[str, float], Mapping[str, float | str], int], bytes]
FORMATS: dict[str, Maker] = {"glb": character_glb, "morphs": studio_glb}
"""Makers of the file of a character, by format: of the atelier, the schema, morph weights, look and texture side."""


@cache
def atelier() -> Atelier:
    """The one atelier of this process."""
    return Atelier()
