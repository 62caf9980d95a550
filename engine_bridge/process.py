"""An engine written in Python, in a process of its own: what crashes or leaks there does not touch the caller."""

from __future__ import annotations

from engine_bridge.doors.pipe import PipedEngine, python_command
from f2p.schema import Schema

__all__ = ["EngineProcess", "isolated"]


class EngineProcess(PipedEngine):
    """An engine that ``factory`` ("module:callable", giving an `Engine`) makes in a child process.

    Args:
        name: of the engine.
        factory: what the child calls.
        schema: the sliders that it must have.

    Raises:
        EngineFailed, EngineTimeout: as `PipedEngine`.
    """

    def __init__(self, name: str, factory: str, schema: Schema) -> None:
        command, environment = python_command("factory", factory)
        super().__init__(name, command, schema, environment)


def isolated(target: str) -> PipedEngine:
    """The engine of a name or address, opened in a child process, so that time limits hold whatever it is.

    Raises:
        F2PError: as `f2p.engines.registry.open_engine`.
    """
    command, environment = python_command("target", target)
    return PipedEngine(target, command, None, environment)
