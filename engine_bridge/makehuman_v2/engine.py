"""The reference engine behind the common contract."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from engine_bridge.makehuman_v2 import sampling
from engine_bridge.makehuman_v2.core import paint
from engine_bridge.makehuman_v2.core.jit import is_compiled
from engine_bridge.makehuman_v2.renderer import Renderer
from f2p.engines.protocol import FRONTAL, Frame, View, check_size
from f2p.schema import Schema, load_schema

_log = logging.getLogger(__name__)
SCHEMA = Path(__file__).with_name("schema.yaml")


@cache
def reference_schema() -> Schema:
    return load_schema(SCHEMA)


class MakeHumanEngine:
    """The embedded reference engine, in this very process (see `engine_bridge.process` for one in a process of
    its own)."""

    name = "makehuman"

    def __init__(self) -> None:
        self.schema: Schema = reference_schema()
        self._shapes = {p.name: p for p in self.schema.continuous if p.unit == "weight"}
        if not is_compiled(paint):
            _log.warning("Compiling the drawing kernels for this machine, once: about a minute.")
        self.renderer = Renderer()
        self._bounds = sampling.Bounds(self.schema, self.renderer.head)

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        full = self.schema.complete(values)
        weights = {name: p.to_engine(float(full[name])) for name, p in self._shapes.items()}
        look = {name: v for name, v in full.items() if name not in self._shapes}
        return self.renderer.render(weights, look, size, view)

    def sample(self, seed: int) -> dict[str, float | str]:
        return sampling.sample(self.schema, self._bounds, seed)

    def close(self) -> None:
        """Nothing to give back: the engine holds memory alone."""
