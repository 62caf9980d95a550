"""One person in a strip of pictures that differ in one thing: what must move with it, and that identity must not.

Shapes: N pictures, I identity sliders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from f2p.creator import CharacterCreator
from f2p.schema import Schema

__all__ = ["EXPECTED", "Strip", "correlation", "find_strips", "identity", "solve_strip", "spread_of", "strip_figures"]

Strip = tuple[str, list[Path]]
EXPECTED: Final[Mapping[str, tuple[str, ...]]] = {
    "emotion_surprise": ("jawOpen", "browInnerUp", "browOuterUp", "eyeWide"),
    "emotion_happy": ("mouthSmile",),
    "smile": ("mouthSmile",),
    "eyes_open": ("eyeBlink", "eyeWide"),
}
"""Name of a strip -> expression units, without their sides, that change along it."""
_SIDES: Final = ("", "Left", "Right")


def find_strips(folder: Path) -> list[Strip]:
    """Strips NAME_0, NAME_1, ... of a folder, each with its pictures in order. Raises SystemExit: there is none."""
    strips: dict[str, dict[int, Path]] = {}
    for file in sorted(folder.glob("*.jpg")) + sorted(folder.glob("*.png")):
        name, _, number = file.stem.rpartition("_")
        if name and number.isdigit():
            strips.setdefault(name, {})[int(number)] = file
    if not strips:
        raise SystemExit(f"{folder} holds no strips NAME_0.jpg, NAME_1.jpg, ...")
    return [(name, [files[number] for number in sorted(files)]) for name, files in sorted(strips.items())]


def solve_strip(creator: CharacterCreator, strip: Strip) -> list[dict[str, Any]]:
    """Values and expression units of each picture's character. Raises F2PError."""
    rows = []
    for file in strip[1]:
        character = creator.create(file)
        units = dict(character.expressions[0].units) if character.expressions else {}
        rows.append({"values": dict(character.values), "units": units})
    return rows


def identity(schema: Schema, rows: Sequence[Mapping[str, Any]]) -> npt.NDArray[np.float64]:
    """(N, I) identity sliders in sampling spreads."""
    sliders = [slider for slider in schema.continuous if slider.role == "identity" and slider.spread > 0]
    return np.array([[(row["values"][s.name] - s.average) / s.spread for s in sliders] for row in rows])


def spread_of(sliders: npt.NDArray[np.float64]) -> float:
    """Root mean square distance of characters (N, I) from one another, in sampling spreads; 0 of a single one."""
    if len(sliders) < 2:
        return 0.0
    return float(np.sqrt(2 * sliders.var(0, ddof=1).mean()))


def correlation(numbers: Sequence[float]) -> float:
    """Correlation of numbers with their places; 0 where they do not move."""
    series = np.asarray(numbers, np.float64)
    if len(series) < 2 or series.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(series, np.arange(len(series)))[0, 1])


def strip_figures(
    schema: Schema, rows: Mapping[str, Sequence[Mapping[str, Any]]], between: float
) -> dict[str, dict[str, Any]]:
    """For each strip `within` over `between`, and of each expected unit its weights and their correlation with place.

    between: the spread of different people's identity sliders.
    """
    figures: dict[str, dict[str, Any]] = {}
    for name, strip in rows.items():
        figures[name] = {"within_over_between": spread_of(identity(schema, strip)) / between if between else None}
        for unit in EXPECTED.get(name, ()):
            sides = [unit + side for side in _SIDES]
            weights = [max(row["units"].get(side, 0.0) for side in sides) for row in strip]
            figures[name][unit] = {"weights": [round(w, 3) for w in weights], "correlation": correlation(weights)}
    return figures
