"""The engine's picture of a character, where there is an engine; otherwise, why there is none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from f2p.bundle import Bundle
from f2p.engines import Engine, open_engine
from f2p.errors import BundleIncompatible, EngineError

__all__ = ["Portraits"]


class Portraits:
    """Draws with one engine, started on first use unless given. One that fails is not tried again.

    Args:
        bundle: names the engine and its parameters.
        engine: a started one, which stays the caller's to close.
        size: side of the pictures in pixels.

    Raises:
        BundleIncompatible: the engine has other parameters than the bundle.
    """

    def __init__(self, bundle: Bundle, engine: Engine | None, size: int) -> None:
        self.bundle = bundle
        self.size = size
        self.trouble = ""
        """Why there are no pictures; empty while there are."""
        self._engine = engine
        self._owns_engine = engine is None
        if engine is not None:
            self._check(engine)

    def draw(self, values: Mapping[str, float | str]) -> npt.NDArray[np.uint8] | None:
        """(size, size, 3), or None where the engine cannot; `trouble` then says why."""
        if self.trouble:
            return None
        try:
            if self._engine is None:
                engine = open_engine(self.bundle.engine)
                self._check(engine)
                self._engine = engine
            return self._engine.render(values, size=self.size).image
        except EngineError as error:
            # A character without its portrait is still what was asked for; that it is missing is said in the answer.
            self.trouble = str(error)
            self.close()
            return None

    def close(self) -> None:
        """Stops the engine, if this object started it."""
        if self._owns_engine and self._engine is not None:
            self._engine.close()
            self._engine = None

    def _check(self, engine: Engine) -> None:
        if engine.schema.hash != self.bundle.schema.hash:
            raise BundleIncompatible(
                f"The engine '{engine.name}' has other parameters than bundle '{self.bundle.name}' was trained for.",
                "Install the engine's matching release, or train a bundle for this one.",
            )
