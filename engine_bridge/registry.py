"""Engines by name: the entry points of the group ``f2p.engines``, each a callable without arguments that gives
an `Engine`."""

from __future__ import annotations

from importlib.metadata import entry_points

from engine_bridge.base import Engine
from f2p.errors import EngineMissing

GROUP = "f2p.engines"


def engine_names() -> list[str]:
    return sorted(entry.name for entry in entry_points(group=GROUP))


def open_engine(name: str) -> Engine:
    """Start the engine of that name.

    Raises:
        EngineMissing: no installed package offers it.
    """
    for entry in entry_points(group=GROUP, name=name):
        engine: Engine = entry.load()()
        return engine
    raise EngineMissing(
        f"There is no engine '{name}'.", f"Installed ones: {', '.join(engine_names()) or 'none'}.", engine=name
    )
