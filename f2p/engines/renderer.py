"""The engine's picture of a character, where there is an engine; otherwise, why there is none."""

from __future__ import annotations

from collections.abc import Mapping

from f2p.arrays import Pixels
from f2p.engines.protocol import Engine, check_sliders
from f2p.engines.registry import open_engine
from f2p.errors import EngineError
from f2p.schema import Schema

__all__ = ["EngineRenderer"]


class EngineRenderer:
    """Draws characters with one engine, started on first use unless given. One that fails is not tried again.

    Args:
        name: of the engine, as in the entry points "f2p.engines".
        schema: the parameters that the engine must have.
        engine: a started one, which stays the caller's to close.
        size: side of the pictures in pixels.

    Raises:
        BundleIncompatible: the engine has other parameters.
    """

    def __init__(self, name: str, schema: Schema, engine: Engine | None, size: int) -> None:
        self.name = name
        self.schema = schema
        self.size = size
        self.failure = ""
        """Reason why there are no pictures; empty while there are."""
        self._engine = engine
        self._owns_engine = engine is None
        if engine is not None:
            check_sliders(engine, schema)

    def render(self, values: Mapping[str, float | str]) -> Pixels | None:
        """(size, size, 3), or None where the engine cannot; `failure` then says why."""
        if self.failure:
            return None
        try:
            if self._engine is None:
                engine = open_engine(self.name)
                check_sliders(engine, self.schema)
                self._engine = engine
            return self._engine.render(values, size=self.size).image
        except EngineError as error:
            # A character without its render is still what was asked for; that it is missing is said in the answer.
            self.failure = str(error)
            self.close()
            return None

    def close(self) -> None:
        """Stop the engine, if this object started it."""
        if self._owns_engine and self._engine is not None:
            self._engine.close()
            self._engine = None
