"""The engine: its own sliders, framing and colours, over a renderer that is there anyway.

Yours will call a game's renderer where this one calls the reference engine; all else stays as it is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine_bridge.makehuman.engine import MakeHumanEngine
from f2p.engines.protocol import FRONTAL, SIZES, Frame, View, check_size
from f2p.schema import Schema, load_schema
from marionette.rig import CHOICES, DRIVES, FIXED

ZOOM = 1.15
"""How much closer the camera stands than the reference engine's."""
LEFT, TOP = 0.5, 0.35
"""Share of what the closer camera loses at the left, and at the top."""
LAMP = (1.06, 0.98, 0.86)
"""A warmer light: gamma curves of red, green and blue, by which the pictures differ from the reference engine's."""


def load_sliders() -> Schema:
    """The schema, from the file beside this one."""
    return load_schema(Path(__file__).with_name("schema.yaml"))


class Marionette:
    """Implements `f2p.engines.protocol.Engine`."""

    name = "marionette"

    def __init__(self) -> None:
        self.schema = load_sliders()
        self._renderer = MakeHumanEngine()
        self._curves = [np.round(255 * (np.arange(256) / 255) ** (1 / gain)).astype(np.uint8) for gain in LAMP]

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        """Draws a character; missing values stand at the average, unknown ones are refused by the schema."""
        check_size(size)
        puppet = self.schema.decode(self.schema.encode(values))
        side = min(round(size * ZOOM), SIZES[1])
        whole = self._renderer.render(self._strings(puppet), side, view)
        rows, columns = (self._window(size, side, at) for at in (TOP, LEFT))
        image = whole.image[np.ix_(rows, columns)]
        lit = np.stack([curve[image[..., i]] for i, curve in enumerate(self._curves)], axis=-1)
        return Frame(lit, whole.labels[np.ix_(rows, columns)])

    def sample(self, seed: int) -> dict[str, float | str]:
        """A plausible person: sliders about their averages; grey hair is the old's, and beards are men's."""
        rng = np.random.default_rng(seed)
        width = rng.uniform(0.6, 1.4)
        values: dict[str, float | str] = {}
        for slider in self.schema.continuous:
            far = float(np.clip(rng.normal() * width, -3, 3))
            values[slider.name] = float(np.clip(slider.average + slider.spread * far, 0, 1))
        for choice in self.schema.discrete:
            values[choice.name] = str(rng.choice(choice.options, p=choice.weights))
        if float(values["Body.Manly"]) < 0.5:
            values["Beard.Cut"] = "none"
        values["Hair.Grey"] = float(values["Hair.Grey"]) * min(1.0, 2 * float(values["Body.Age"]))
        return values

    def close(self) -> None:
        self._renderer.close()

    def _strings(self, puppet: Mapping[str, float | str]) -> dict[str, float | str]:
        """What the renderer's own sliders are set to for these values."""
        inner = self._renderer.schema
        pulled = {name: 0.0 for drives in DRIVES.values() for name in drives}
        for slider in self.schema.continuous:
            for name, gain in DRIVES[slider.name].items():
                pulled[name] += gain * (float(puppet[slider.name]) - slider.average)
        averages = inner.decode(inner.average())
        shapes = {name: float(np.clip(float(averages[name]) + by, 0, 1)) for name, by in pulled.items()}
        styles = {name: options[str(puppet[choice])] for choice, (name, options) in CHOICES.items()}
        return {**FIXED, **shapes, **styles}

    @staticmethod
    def _window(size: int, side: int, share: float) -> np.ndarray:
        """Which rows or columns of the renderer's picture are shown: whole pixels, as long as it can draw enough."""
        shown = side / ZOOM
        return ((np.arange(size) + 0.5) / size * shown + share * (side - shown)).astype(int)
