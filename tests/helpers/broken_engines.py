"""Engines that are broken in one way each: what `engine-bridge check` must find, and say why.

`BROKEN` maps a factory's name to the check that is to be red and to words that its finding is to have.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from f2p.engines.protocol import FRONTAL, Frame, View
from f2p.schema import Schema
from tests.helpers.sketch_engine import SketchEngine

Values = Mapping[str, float | str]

BROKEN = {
    "NoiseEveryFrame": ("same bytes", "one person twice differs"),
    "DiffersBetweenProcesses": ("processes", "otherwise"),
    "FrameLate": ("same bytes", "a frame late"),
    "KeepsOptions": ("same bytes", "what was drawn before"),
    "SidesSwapped": ("sides", "swapped"),
    "Mirrored": ("views", "mirrored"),
    "OnlyPictureMirrored": ("label edges", "mirrored"),
    "UpsideDown": ("labels", "upside down"),
    "OnlyPictureUpsideDown": ("label edges", "upside down"),
    "DeadSlider": ("sliders", "no visible effect: nose_width"),
    "OneWaySlider": ("sliders", "one way only: nose_width"),
    "RefusesItsEnd": ("ranges", "mouth_width = 1"),
    "RangeOffByOne": ("ranges", "range ends before"),
    "ValuesRounded": ("small steps", "change nothing"),
    "SlidersCrossed": ("places", "mouth_width"),
    "RenamedSlider": ("ranges", "nose_breadth"),
    "OptionOffByOne": ("options", "off by one"),
    "OptionsAlike": ("options", "look the same"),
    "AlwaysLarge": ("frames", "512"),
    "SizesDiffer": ("frames", "label map 48"),
    "LabelsOnePixelOff": ("label edges", "1 px left"),
    "LabelsSixPixelsOff": ("label edges", "6 px below"),
    "LabelsAntialiased": ("labels", "mixtures"),
    "LabelsUnknown": ("frames", "label 1"),
    "BlueGreenRed": ("colours", "blue, green, red"),
    "LinearLight": ("colours", "linear light"),
    "RareBadSample": ("samples", "seed 137"),
    "RareBadPicture": ("samples", "drawn as no face is"),
    "BackdropChanges": ("backdrop", "background changes"),
    "ZoomsToFit": ("backdrop", "eyes move"),
    "TakesAnything": ("refusals", "an unknown slider"),
    "SchemaChanges": ("processes", "range of 'mouth_width'"),
    "Slow": ("speed", "s a picture"),
    "Hangs": ("same bytes", "hangs"),
    "HangsAtStart": ("start", "not ready within"),
    "CrashesOnFrameSeven": ("crashes", "SIGSEGV"),
    "RaisesAtStart": ("start", "no shader"),
    "Grows": ("memory", "MiB more with each picture"),
}


class NoiseEveryFrame(SketchEngine):
    def __init__(self) -> None:
        super().__init__()
        self.random = np.random.default_rng(0)

    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        image = frame.image.copy()
        image[0, 0] = self.random.integers(0, 255, 3)
        return Frame(image, frame.labels)


class DiffersBetweenProcesses(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        image = frame.image.copy()
        image[0, :2] = os.getpid() % 251, os.getpid() % 241, 7
        return Frame(image, frame.labels)


class FrameLate(SketchEngine):
    last: tuple[Values, View] | None = None

    def draw(self, full: Values, size: int, view: View) -> Frame:
        shown, self.last = self.last or (full, view), (full, view)
        return super().draw(shown[0], size, shown[1])


class KeepsOptions(SketchEngine):
    """Hair stays what it was where it should be taken off."""

    hair = "bald"

    def draw(self, full: Values, size: int, view: View) -> Frame:
        longest = max(self.hair, str(full["hair"]), key=("bald", "short", "long").index)
        if view.light:
            self.hair = "long"
        return super().draw({**full, "hair": longest}, size, view)


class SidesSwapped(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        swapped = {"eyeBlinkLeft": full["eyeBlinkRight"], "eyeBlinkRight": full["eyeBlinkLeft"]}
        return super().draw({**full, **swapped}, size, view)


class Mirrored(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image[:, ::-1], frame.labels[:, ::-1])


class OnlyPictureMirrored(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image[:, ::-1], frame.labels)


class UpsideDown(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image[::-1], frame.labels[::-1])


class OnlyPictureUpsideDown(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image[::-1], frame.labels)


class DeadSlider(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        return super().draw({**full, "nose_width": 0.5}, size, view)


class OneWaySlider(SketchEngine):
    """As engines do that draw no negative weights."""

    def draw(self, full: Values, size: int, view: View) -> Frame:
        return super().draw({**full, "nose_width": max(float(full["nose_width"]), 0.5)}, size, view)


class RefusesItsEnd(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        if float(full["mouth_width"]) >= 1:
            raise IndexError("list index out of range")
        return super().draw(full, size, view)


class RangeOffByOne(SketchEngine):
    """Ten steps in place of eleven: the last ones draw the same."""

    def draw(self, full: Values, size: int, view: View) -> Frame:
        cut = {name: v if isinstance(v, str) else min(max(v, 0.12), 0.88) for name, v in full.items()}
        return super().draw(cut, size, view)


class ValuesRounded(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        return super().draw({k: v if isinstance(v, str) else round(v, 1) for k, v in full.items()}, size, view)


class SlidersCrossed(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        crossed = {"mouth_width": full["brow_height"], "brow_height": full["mouth_width"]}
        return super().draw({**full, **crossed}, size, view)


class RenamedSlider(SketchEngine):
    """The schema's file has a name that the engine itself does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = SketchEngine()
        renamed = [replace(s, name="nose_breadth") if s.name == "nose_width" else s for s in self.schema.continuous]
        self.schema = replace(self.schema, continuous=tuple(renamed))

    def render(self, values: Values, size: int = 512, view: View = FRONTAL) -> Frame:
        self.schema.encode(values)
        return self.inner.render(values, size, view)


class OptionOffByOne(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        options = self.schema.discrete[0].options
        wrong = options[(options.index(str(full["hair"])) + 1) % len(options)]
        return super().draw({**full, "hair": wrong}, size, view)


class OptionsAlike(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        return super().draw({**full, "beard": "none"}, size, view)


class AlwaysLarge(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        return super().draw(full, 512, view)


class SizesDiffer(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image, frame.labels[:48, :48])


class LabelsOnePixelOff(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image, np.roll(frame.labels, -1, axis=1))


class LabelsSixPixelsOff(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image, np.roll(frame.labels, 6, axis=0))


class LabelsAntialiased(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame, fine = super().draw(full, size, view), super().draw(full, 2 * size, view)
        mixed = fine.labels.reshape(size, 2, size, 2).mean(axis=(1, 3)).round().astype(np.uint8)
        return Frame(frame.image, mixed)


class LabelsUnknown(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image, frame.labels + np.uint8(100))


class BlueGreenRed(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame(frame.image[..., ::-1], frame.labels)


class LinearLight(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        return Frame((255 * (frame.image / 255.0) ** 2.2).round().astype(np.uint8), frame.labels)


class RareBadSample(SketchEngine):
    def sample(self, seed: int) -> dict[str, float | str]:
        values = super().sample(seed)
        return values | {"nose_width": 1.2} if seed == 137 else values


class RareBadPicture(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        bad = float(full["head_width"]) > 0.72
        return Frame(np.zeros_like(frame.image), frame.labels) if bad else frame


class BackdropChanges(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        image = frame.image.copy()
        image[frame.labels == 0] = round(255 * float(full["head_width"]))
        return Frame(image, frame.labels)


class ZoomsToFit(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        frame = super().draw(full, size, view)
        moved = round(size * 0.1 * (float(full["skin_tone"]) - 0.7))
        return Frame(np.roll(frame.image, moved, axis=0), np.roll(frame.labels, moved, axis=0))


class TakesAnything(SketchEngine):
    def render(self, values: Values, size: int = 512, view: View = FRONTAL) -> Frame:
        known: dict[str, float | str] = {}
        for name, value in values.items():
            if name in self.schema.names:
                known[name] = value if isinstance(value, str) else min(value, 1.0)
        return super().render(known, max(size, 64), view)


class SchemaChanges(SketchEngine):
    """Its file was edited between two starts."""

    def __init__(self) -> None:
        super().__init__()
        high = 1.0 + os.getpid() / 1e6
        changed = [replace(s, high=high) if s.name == "mouth_width" else s for s in self.schema.continuous]
        self.schema: Schema = replace(self.schema, continuous=tuple(changed))


class Slow(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        time.sleep(0.6)
        return super().draw(full, size, view)


class Hangs(SketchEngine):
    def draw(self, full: Values, size: int, view: View) -> Frame:
        if view.yaw:
            time.sleep(3600)
        return super().draw(full, size, view)


class HangsAtStart(SketchEngine):
    def __init__(self) -> None:
        time.sleep(3600)


class CrashesOnFrameSeven(SketchEngine):
    count = 0

    def draw(self, full: Values, size: int, view: View) -> Frame:
        self.count += 1
        if self.count == 7:
            os.kill(os.getpid(), 11)
        return super().draw(full, size, view)


class RaisesAtStart(SketchEngine):
    def __init__(self) -> None:
        raise OSError("no shader 'skin.frag' beside the engine")


class Grows(SketchEngine):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[np.ndarray] = []

    def draw(self, full: Values, size: int, view: View) -> Frame:
        self.kept.append(np.ones(2**20, np.uint8))
        return super().draw(full, size, view)
