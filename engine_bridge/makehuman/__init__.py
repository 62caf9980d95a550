"""The embedded reference engine: MakeHuman's CC0 head, rasterised by Panda3D, painted with numpy."""

from engine_bridge.makehuman.engine import reference_schema
from engine_bridge.process import EngineProcess

__all__ = ["open_engine"]


def open_engine() -> EngineProcess:
    """Start the reference engine in a process of its own.

    Raises:
        EngineMissing: Panda3D is not installed.
        EngineLibraryMissing: a system library is missing; the error names the package that brings it.
    """
    return EngineProcess("makehuman", "engine_bridge.makehuman.engine:MakeHumanEngine", reference_schema())
