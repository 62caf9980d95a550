"""A numpy engine for quick tests: an ellipse for a face, drawn with every region label, in well under a millisecond."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from f2p.engines.abilities import sample_values
from f2p.engines.protocol import FRONTAL, Frame, View
from f2p.regions import REGIONS
from f2p.schema import Continuous, Discrete, Schema

REGION = {name: index for index, name in enumerate(REGIONS)}


def _slider(name: str, group: str, role: str = "identity", spread: float = 0.15, average: float = 0.5) -> Continuous:
    label = name.replace("_", " ").capitalize()
    return Continuous(name, label, group, role, average, -1.0, 1.0, "weight", spread, frontal=True)


def toy_schema() -> Schema:
    """Six sampled sliders, one expression slider that is never sampled, and a choice of hair."""
    return Schema(
        name="toy",
        version="1",
        continuous=(
            _slider("face_width", "face"),
            _slider("face_height", "face"),
            _slider("eye_size", "eye"),
            _slider("mouth_width", "mouth"),
            _slider("nose_length", "nose"),
            _slider("skin_tone", "skin", "appearance", spread=0.2, average=0.6),
            _slider("smile", "mouth", "expression", spread=0.0, average=0.0),
        ),
        discrete=(
            Discrete(
                "hair",
                "Hair",
                "hair",
                "appearance",
                ("bald", "short", "long"),
                "short",
                (0.2, 0.5, 0.3),
                frontal=True,
            ),
        ),
    )


class ToyEngine:
    """Implements `f2p.engines.protocol.Engine`; knows its own five points, so that no face detector is needed."""

    name = "toy"

    def __init__(self) -> None:
        self.schema = toy_schema()

    def five_points(self, view: View = FRONTAL) -> npt.NDArray[np.float64]:
        """Eye corners (image left eye first) and the base of the nose, as fractions of the side; the same for all."""
        points = np.array([[0.68, 0.42], [0.58, 0.42], [0.32, 0.42], [0.42, 0.42], [0.5, 0.58]])
        return points + np.array([view.yaw / 400, view.pitch / 400])

    def sample(self, seed: int) -> dict[str, float | str]:
        return sample_values(self.schema, np.random.default_rng(seed))

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        face = self.schema.decode(self.schema.encode(values))
        v = {name: float(value) for name, value in face.items() if name != "hair"}
        y, x = (np.mgrid[0:size, 0:size] + 0.5) / size
        x = x - 0.5 - view.yaw / 400
        y = y - 0.5 - view.pitch / 400
        labels = np.zeros((size, size), np.uint8)
        width, height = 0.22 + 0.12 * v["face_width"], 0.28 + 0.1 * v["face_height"]

        def paint(region: str, cx: float, cy: float, rx: float, ry: float) -> None:
            labels[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1] = REGION[region]

        if face["hair"] == "long":
            paint("hair", 0, 0.05, width + 0.1, height + 0.12)
        paint("neck", 0, 0.42, 0.13, 0.2)
        paint("ears", -width, 0, 0.035, 0.06)
        paint("ears", width, 0, 0.035, 0.06)
        if face["hair"] != "bald":
            paint("hair", 0, -0.06, width + 0.02, height + 0.03)
        paint("skin", 0, 0.03, width, height)
        eye = 0.03 + 0.04 * v["eye_size"]
        for side in (-1, 1):
            paint("brows", side * 0.13, -0.15, 0.08, 0.018)
            paint("eyes", side * 0.13, -0.08, eye, eye * 0.6)
        paint("nose", 0, 0.04, 0.04, 0.05 + 0.05 * v["nose_length"])
        mouth, smile = 0.06 + 0.08 * v["mouth_width"], 0.02 * v["smile"]
        paint("upper_lip", 0, 0.17, mouth, 0.03)
        paint("lower_lip", 0, 0.195, mouth, 0.03)
        paint("inner_mouth", 0, 0.185, mouth * 0.8, 0.006 + smile)
        if smile > 0.01:
            paint("teeth", 0, 0.18, mouth * 0.7, smile * 0.7)
        return Frame(_colours(v["skin_tone"])[labels], labels)

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _colours(tone: float) -> npt.NDArray[np.uint8]:
    skin = np.array([230.0, 190.0, 165.0]) * (0.4 + 0.6 * tone)
    table = np.tile(skin, (len(REGIONS), 1))
    for name, colour in {
        "background": (120, 130, 140),
        "brows": (40, 30, 25),
        "eyes": (60, 90, 160),
        "upper_lip": (170, 70, 80),
        "lower_lip": (185, 80, 90),
        "teeth": (240, 240, 235),
        "inner_mouth": (50, 10, 15),
        "hair": (70, 45, 30),
    }.items():
        table[REGION[name]] = colour
    table[REGION["nose"]] *= 0.93
    table[REGION["neck"]] *= 0.85
    return table.round().astype(np.uint8)
