"""Toy engines that change or die between two renderings of a set.

The processes that render import this module: it needs no torch, which takes seconds to load.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from f2p.engines.protocol import FRONTAL, Frame, View
from imitator_training.data.parts import PART
from tests.helpers.sketch_engine import SketchEngine
from tests.helpers.toy_engine import ToyEngine


class Brighter(ToyEngine):
    """Its lamp is a twentieth stronger."""

    def render(self, values, size=512, view=FRONTAL):  # type: ignore[no-untyped-def]
        frame = super().render(values, size, view)
        return Frame((frame.image * 1.05).clip(0, 255).astype(np.uint8), frame.labels)


class Nearer(ToyEngine):
    """Its camera stands a twentieth nearer."""

    def render(self, values, size=512, view=FRONTAL):  # type: ignore[no-untyped-def]
        frame = super().render(values, size, view)
        places = ((np.arange(size) + 0.5 - size / 2) / 1.05 + size / 2).astype(int)
        return Frame(frame.image[np.ix_(places, places)], frame.labels[np.ix_(places, places)])


class Rounding(ToyEngine):
    """Draws on another graphics card."""

    def render(self, values, size=512, view=FRONTAL):  # type: ignore[no-untyped-def]
        frame = super().render(values, size, view)
        noise = np.random.default_rng(0).integers(-1, 2, frame.image.shape)
        return Frame((frame.image + noise).clip(0, 255).astype(np.uint8), frame.labels)


def open_brighter(name: str) -> ToyEngine:
    return Brighter()


class Mortal(ToyEngine):
    """Kills its own process after some pictures, as often as there are files to take."""

    lives = Path()

    def __init__(self) -> None:
        super().__init__()
        self.drawn = 0

    def render(self, values, size=512, view: View = FRONTAL) -> Frame:  # type: ignore[no-untyped-def]
        self.drawn += 1
        if self.drawn > PART + 40:
            for life in sorted(Path(os.environ["LIVES"]).iterdir()):
                life.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
        return super().render(values, size, view)


def open_mortal(name: str) -> ToyEngine:
    return Mortal()


class Blind(SketchEngine):
    has_labels = False


def open_blind(name: str) -> SketchEngine:
    return Blind()


class DiesInTraining(ToyEngine):
    """Draws while its speed is measured, and no more in the process that renders."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn = 0

    def render(self, *arguments: object, **more: object) -> object:  # type: ignore[override]
        self._drawn += 1
        if self._drawn > 40:
            raise RuntimeError("out of video memory")
        return super().render(*arguments, **more)  # type: ignore[arg-type]
