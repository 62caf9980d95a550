"""The embedded reference engine: MakeHuman's CC0 head, drawn by kernels of our own that numba compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from f2p.engines.registry import forkable
from f2p.errors import EngineMissing
from f2p.errors.transport import install_command

if TYPE_CHECKING:
    from engine_bridge.makehuman.engine import MakeHumanEngine

__all__ = ["open_engine"]


@forkable
def open_engine() -> MakeHumanEngine:
    """The engine, in this very process: it has no global state, and nothing to give back.

    Raises:
        EngineMissing: numba is not installed.
    """
    try:
        from engine_bridge.makehuman.engine import MakeHumanEngine
    except ModuleNotFoundError as error:
        if error.name != "numba":
            raise
        raise EngineMissing("The package numba is not installed.", f"Run: {install_command('engine')}") from None
    return MakeHumanEngine()
