"""Engines by name, found among the installed packages without importing any of them.

An engine is installed as a package with an entry point in the group "f2p.engines": a name and a factory of no
arguments that gives an `f2p.engines.protocol.Engine`.
"""

from importlib.metadata import EntryPoint, entry_points

from f2p.engines.protocol import Engine
from f2p.errors import EngineMissing, F2PError
from f2p.errors.transport import install_command

__all__ = ["GROUP", "engine_names", "open_engine"]

GROUP = "f2p.engines"
_REMEDIES = {"makehuman": f"Install the package that brings it: {install_command('engine')}."}


def engine_names() -> tuple[str, ...]:
    """The installed engines' names."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def open_engine(name: str) -> Engine:
    """Start the engine of that name; the caller closes it.

    Raises:
        EngineMissing: no such engine is installed, or a package that it needs is not.
        EngineLibraryMissing, EngineFailed: from the engine itself.
    """
    found: list[EntryPoint] = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not found:
        installed = ", ".join(engine_names()) or "none"
        raise EngineMissing(
            f"The engine '{name}' is not installed; installed: {installed}.",
            _REMEDIES.get(name, f"Install the package that offers it under the entry points '{GROUP}'."),
            engine=name,
        )
    try:
        engine: Engine = found[0].load()()
    except F2PError:
        raise
    except ImportError as error:
        raise EngineMissing(
            f"The engine '{name}' needs the package '{error.name}', which is not installed.",
            _REMEDIES.get(name, "Install the engine's package anew, with what it depends on."),
            engine=name,
        ) from error
    return engine
