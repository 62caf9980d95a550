"""The reference engine behind the common contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from engine_bridge.makehuman import sampling
from engine_bridge.makehuman.core.first_run import first_run
from engine_bridge.makehuman.renderer import Renderer
from f2p.engines.exporting import TEXTURE_SIZES, check_texture_size
from f2p.engines.protocol import FRONTAL, SIZES, Frame, View, check_size
from f2p.errors import ParameterError
from f2p.schema import Schema, load_schema

SCHEMA = Path(__file__).with_name("schema.yaml")


@cache
def reference_schema() -> Schema:
    return load_schema(SCHEMA)


class MakeHumanEngine:
    """The embedded reference engine. The first run on a machine takes two or three minutes to open it: `first_run`."""

    name = "makehuman"
    formats = ("glb", "morphs")

    def __init__(self) -> None:
        self.schema: Schema = reference_schema()
        self._shapes = {p.name: p for p in self.schema.continuous if p.unit == "weight"}
        with first_run(Path(__file__).parent) as compiling:
            self.renderer = Renderer()
            self._bounds = sampling.Bounds(self.schema, self.renderer.head)
            if compiling:
                self._draw_everything()

    def _draw_everything(self) -> None:
        """Draw each option once, on an expression and in odd colours, and export one: between them they need every
        kernel, and nobody waits for a compiler later."""
        worn: dict[str, float | str] = {"jawOpen": 0.5, "hair_dye": 1.0, "hair_thinning": 0.5, "lens_tint": 0.5}
        for choice in self.schema.discrete:
            for option in choice.options:
                self.render({**worn, choice.name: option}, SIZES[0])
        for form in self.formats:
            self.export({}, form, TEXTURE_SIZES[0])

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        return self.renderer.render(*self._split(values), size, view)

    def _split(self, values: Mapping[str, float | str]) -> tuple[dict[str, float], dict[str, float | str]]:
        """Morph weights, and appearance sliders and options, by name."""
        full = self.schema.complete(values)
        weights = {name: p.to_engine(full.pop(name)) for name, p in self._shapes.items()}  # type: ignore[arg-type]
        return weights, full

    def export(self, values: Mapping[str, float | str], format: str = "glb", size: int = 1024) -> bytes:
        """The character as a file, see `f2p.engines.protocol.Exporter`; what only exports need is loaded here."""
        from engine_bridge.makehuman.export import FORMATS, atelier

        if format not in FORMATS:
            raise ParameterError(f"There is no export to '{format}'.", f"Choose one of {', '.join(FORMATS)}.")
        check_texture_size(size)
        return FORMATS[format](atelier(), self.schema, *self._split(values), size)

    def sample(self, seed: int) -> dict[str, float | str]:
        return sampling.sample(self.schema, self._bounds, seed)

    def close(self) -> None:
        """Nothing to give back: the engine holds memory alone."""
