"""Finding a game engine by name, without knowing any.

An engine is installed as a package with an entry point in the group "f2p.engines": a name and a factory of no
arguments. What f2p asks of it stands in the protocols here; engine_bridge.base says it in full.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from f2p.errors import EngineMissing, F2PError
from f2p.schema import Schema

__all__ = ["GROUP", "Engine", "Frame", "engine_names", "open_engine"]

GROUP = "f2p.engines"
_REMEDIES = {"makehuman": "Install the package that brings it: pip install 'f2p[engine]'."}


class Frame(Protocol):
    """One picture: RGB (H, W, 3) and the region of every pixel (H, W), as in f2p.regions; both uint8."""

    @property
    def image(self) -> NDArray[np.uint8]: ...

    @property
    def labels(self) -> NDArray[np.uint8]: ...


class Engine(Protocol):
    """Draws characters from normalised values by name. Not thread-safe: one call at a time."""

    @property
    def name(self) -> str: ...

    @property
    def schema(self) -> Schema: ...

    def render(self, values: Mapping[str, float | str], size: int = 512) -> Frame: ...

    def close(self) -> None: ...


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
            _REMEDIES.get(name, "Run pip install for the package that offers it under the entry points 'f2p.engines'."),
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
