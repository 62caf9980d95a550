"""A head in a .blend file as an engine: Blender draws it in a process of its own, with its own materials."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from f2p.engines.protocol import Engine

__all__ = ["open_engine"]


def open_engine(path: str | PathLike[str]) -> Engine:
    """Open a head: the .blend, or its YAML that ``engine-bridge new`` drafted.

    Raises:
        ParameterError: it has no YAML yet.
        SchemaError: the YAML is wrong, or names what the file does not have.
        EngineMissing: Blender is not there.
        EngineFailed, EngineTimeout: Blender ends, or does not answer in time.
    """
    from engine_bridge.blender.engine import BlenderEngine  # here, so that naming the scheme loads nothing

    return BlenderEngine(Path(path))
