"""Bring your own head: a .glb with morph targets, and the YAML beside it, as an engine."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from f2p.engines.protocol import Engine
from f2p.engines.registry import forkable

__all__ = ["open_engine"]


@forkable
def open_engine(path: str | PathLike[str]) -> Engine:
    """Open a head: the .glb, or its YAML that ``engine-bridge new`` drafted.

    Raises:
        ParameterError: it has no YAML yet.
        SchemaError: the YAML is wrong.
        EngineFailed: the file cannot be read.
    """
    from engine_bridge.gltf.engine import GltfEngine  # here, so that naming the scheme loads no kernels

    return GltfEngine(Path(path))
