"""An example of another engine: found by f2p under the name "marionette", by the entry point in pyproject.toml."""

from engine_bridge.process import EngineProcess
from marionette.engine import load_sliders

__all__ = ["open_engine"]


def open_engine() -> EngineProcess:
    """Starts the engine in a process of its own, so that what crashes there stays there."""
    return EngineProcess("marionette", "marionette.engine:Marionette", load_sliders())
