"""A small engine that keeps the whole contract, in some milliseconds a picture: a sketched head.

It turns, nods, tilts and stands in several lights, with sides of its own, a choice of hair, a beard and glasses.
`tests.helpers.broken_engines` breaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from f2p.engines.abilities import sample_values
from f2p.engines.protocol import FRONTAL, Frame, View, check_size
from f2p.regions import REGIONS, index
from f2p.schema import Continuous, Discrete, Schema

COLOURS = {
    "background": (120, 130, 140),
    "hair": (70, 45, 30),
    "brows": (50, 35, 28),
    "eyes": (188, 182, 174),
    "upper_lip": (170, 80, 80),
    "lower_lip": (190, 92, 92),
    "inner_mouth": (60, 15, 20),
    "glasses": (30, 32, 40),
}


def _slider(name: str, group: str, role: str = "identity", spread: float = 0.15, average: float = 0.5) -> Continuous:
    return Continuous(name, name, group, role, average, -1.0, 1.0, "weight", spread, frontal=True)


def _choice(name: str, options: tuple[str, ...], default: str) -> Discrete:
    weights = tuple(1 / len(options) for _ in options)
    return Discrete(name, name, "style", "appearance", options, default, weights, frontal=True)


def sketch_schema() -> Schema:
    """Eight sliders of a person, three of expressions, three choices."""
    return Schema(
        "sketch",
        "1",
        (
            _slider("head_width", "head"),
            _slider("head_height", "head"),
            _slider("eye_size", "eyes"),
            _slider("brow_height", "brows"),
            _slider("nose_width", "nose"),
            _slider("nose_length", "nose"),
            _slider("mouth_width", "mouth"),
            _slider("skin_tone", "skin", "appearance", 0.2, 0.7),
            _slider("eyeBlinkLeft", "eyes", "expression", 0.0, 0.0),
            _slider("eyeBlinkRight", "eyes", "expression", 0.0, 0.0),
            _slider("jawOpen", "mouth", "expression", 0.0, 0.0),
        ),
        (
            _choice("hair", ("bald", "short", "long"), "short"),
            _choice("beard", ("none", "stubble", "full"), "none"),
            _choice("glasses", ("none", "round"), "none"),
        ),
    )


class SketchEngine:
    """Implements `f2p.engines.protocol.Engine`."""

    name = "sketch"

    def __init__(self) -> None:
        self.schema = sketch_schema()

    def sample(self, seed: int) -> dict[str, float | str]:
        return sample_values(self.schema, np.random.default_rng(seed))

    def five_points(self, view: View = FRONTAL) -> npt.NDArray[np.float64]:
        """Of the average face; the head's turns move all points alike."""
        points = np.array([[0.68, 0.42], [0.58, 0.42], [0.32, 0.42], [0.42, 0.42], [0.5, 0.58]])
        return points + np.array([view.yaw / 400, -view.pitch / 400])

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        return self.draw(self.schema.decode(self.schema.encode(values)), size, view)

    def draw(self, full: Mapping[str, float | str], size: int, view: View) -> Frame:
        """The picture of values for every parameter."""
        v = {name: float(value) for name, value in full.items() if not isinstance(value, str)}
        canvas = _Canvas(size, view)
        width, height = 0.2 + 0.12 * v["head_width"], 0.26 + 0.1 * v["head_height"]
        skin = np.array([238, 196, 170]) * (0.35 + 0.65 * v["skin_tone"])
        if full["hair"] == "long":
            canvas.paint("hair", 0, 0.08, width + 0.1, height + 0.12, -0.3)
        canvas.paint("neck", 0, 0.4, 0.12, 0.2, -0.2, skin * 0.8)
        for side in (-1, 1):
            canvas.paint("ears", side * width, 0, 0.03, 0.06, -0.1, skin * 0.9)
        if full["hair"] != "bald":
            canvas.paint("hair", 0, -0.06, width + 0.03, height + 0.02, -0.1)
        canvas.paint("skin", 0, 0.03, width, height, 0.0, skin)
        if full["beard"] != "none":
            shade = 0.75 if full["beard"] == "stubble" else 0.35
            canvas.paint("skin", 0, 0.22, width * 0.8, height * 0.42, 0.1, skin * shade)
        for side, blink in ((-1, v["eyeBlinkRight"]), (1, v["eyeBlinkLeft"])):
            eye = 0.032 + 0.04 * v["eye_size"]
            canvas.paint("brows", side * 0.13, -0.12 - 0.06 * v["brow_height"], 0.08, 0.02, 0.2)
            canvas.paint("eyes", side * 0.13, -0.06, eye, eye * (0.65 - 0.5 * blink), 0.2)
            if full["glasses"] == "round":
                canvas.ring("glasses", side * 0.13, -0.06, 0.11, 0.3)
        canvas.paint("nose", 0, 0.05, 0.03 + 0.03 * v["nose_width"], 0.05 + 0.05 * v["nose_length"], 0.5, skin * 0.93)
        mouth, jaw = 0.06 + 0.08 * v["mouth_width"], 0.05 * v["jawOpen"]
        canvas.paint("lower_lip", 0, 0.205 + jaw, mouth, 0.03, 0.2)
        canvas.paint("upper_lip", 0, 0.17, mouth, 0.03, 0.2)
        canvas.paint("inner_mouth", 0, 0.188 + jaw / 2, mouth * 0.8, 0.006 + jaw * 0.6, 0.2)
        return canvas.frame()

    def close(self) -> None:
        """Nothing is held."""


class DressedEngine(SketchEngine):
    """With looks: cheeks whose colour shows only where there is blush, and hair that is dyed now and then, as a player
    may choose and no photo gives."""

    name = "dressed"

    def __init__(self) -> None:
        looks = (
            _slider("blush", "make-up", "appearance", 0.15, 0.0),
            _slider("blush_colour", "make-up", "appearance", 0.2),
            _slider("dye", "hair", "appearance", 0.0, 0.0),
        )
        plain = sketch_schema()
        self.schema = replace(plain, continuous=(*plain.continuous, *looks))

    def sample(self, seed: int) -> dict[str, float | str]:
        return super().sample(seed) | {"dye": 0.8 * (seed % 20 == 0)}

    def draw(self, full: Mapping[str, float | str], size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        image, cheeks = frame.image.astype(float), np.zeros((size, size, 1))
        row, columns = int(0.58 * size), (int(0.38 * size), int(0.62 * size))
        for column in columns:
            cheeks[row : row + size // 20, column - size // 40 : column + size // 40] = float(full["blush"])
        image += cheeks * (np.array([200.0, 60.0, 60.0 + 160.0 * float(full["blush_colour"])]) - image)
        hair = (frame.labels == index("hair"))[..., None] * float(full["dye"])
        image += hair * (np.array([40.0, 60.0, 200.0]) - image)
        return replace(frame, image=image.clip(0, 255).round().astype(np.uint8))


class _Canvas:
    """A picture with soft edges, and a label map with hard ones."""

    def __init__(self, size: int, view: View) -> None:
        self.size, self.view = size, view
        across = (np.arange(size) + 0.5) / size - 0.5
        turn = np.radians(view.roll)
        self.x = across[None, :] * np.cos(turn) + across[:, None] * np.sin(turn)
        self.y = -across[None, :] * np.sin(turn) + across[:, None] * np.cos(turn)
        self.labels = np.zeros((size, size), np.uint8)
        self.image = np.empty((size, size, 3))
        self.image[:] = COLOURS["background"]

    def paint(
        self, region: str, x: float, y: float, rx: float, ry: float, depth: float, colour: npt.ArrayLike | None = None
    ) -> None:
        """An ellipse; what lies in front moves with the head's turns."""
        x += depth * 0.3 * np.sin(np.radians(self.view.yaw))
        y -= depth * 0.3 * np.sin(np.radians(self.view.pitch))
        self._lay(region, (1 - np.hypot((self.x - x) / rx, (self.y - y) / ry)) * min(rx, ry), colour)

    def ring(self, region: str, x: float, y: float, radius: float, depth: float) -> None:
        """A thin ring."""
        x += depth * 0.3 * np.sin(np.radians(self.view.yaw))
        y -= depth * 0.3 * np.sin(np.radians(self.view.pitch))
        self._lay(region, 0.012 - np.abs(np.hypot(self.x - x, self.y - y) - radius), None)

    def frame(self) -> Frame:
        """Lit."""
        light = np.ones(3)
        if self.view.light:
            light = np.random.default_rng(self.view.light).uniform(0.6, 1.1, 3)
        return Frame((self.image * light).clip(0, 255).round().astype(np.uint8), self.labels)

    def _lay(self, region: str, inside: npt.NDArray[np.float64], colour: npt.ArrayLike | None) -> None:
        cover = np.clip(inside * self.size + 0.5, 0, 1)[..., None]
        self.image += cover * (np.asarray(COLOURS[region] if colour is None else colour) - self.image)
        self.labels[cover[..., 0] > 0.5] = index(region)


assert set(COLOURS) <= set(REGIONS)
