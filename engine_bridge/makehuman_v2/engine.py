"""The reference engine behind the common contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from engine_bridge.base import FRONTAL, Frame, View, check_size
from engine_bridge.makehuman_v2.renderer import Renderer
from f2p.schema import Schema, load_schema

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
        self.renderer = Renderer()

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        full = self.schema.decode(self.schema.encode(values))
        weights = {name: p.to_engine(float(full[name])) for name, p in self._shapes.items()}
        look = {name: v for name, v in full.items() if name not in self._shapes}
        return self.renderer.render(weights, look, size, view)

    def close(self) -> None:
        """Nothing to give back: the engine holds memory alone."""
