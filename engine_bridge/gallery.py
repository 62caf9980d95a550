"""Contact sheets of all that an engine can draw: people, options, sliders, expressions, views and lights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from f2p.engines.protocol import FRONTAL, Engine, View

REACH = 2.5  # spreads to either side at which a slider is shown
VIEWS = (*(View(yaw=a) for a in (-60, -30, 0, 30, 60)), View(pitch=25), View(pitch=-25), View(roll=25))
LIGHTS = tuple(View(light=n) for n in range(8))
CAPTION = 13  # px


def write_gallery(engine: Engine, out: Path, people: int = 64, size: int = 160) -> list[Path]:
    """Write the sheets into folder ``out`` (made if missing) as JPEG files; ``size`` px a picture.

    Returns:
        The files that were written.
    """
    out.mkdir(parents=True, exist_ok=True)
    sheets = {
        "characters": _sheet([engine.render(engine.sample(seed), size).image for seed in range(people)], 8),
        "options": _sheet(list(_options(engine, size)), 8),
        "sliders": _sheet(list(_sliders(engine, size * 3 // 4)), 16),
        "expressions": _sheet(list(_expressions(engine, size)), 9),
        "views": _sheet([engine.render(engine.sample(s), size, v).image for s in range(6) for v in VIEWS], len(VIEWS)),
        "lights": _sheet([engine.render(engine.sample(s), size, v).image for s in range(8, 12) for v in LIGHTS], 8),
    }
    files = []
    for name, sheet in sheets.items():
        files.append(out / f"{name}.jpg")
        sheet.save(files[-1], quality=88)
    return files


def _options(engine: Engine, size: int) -> Iterator[np.ndarray]:
    """Pictures of every option of every choice, on the average character."""
    for choice in engine.schema.discrete:
        for option in choice.options:
            yield _caption(engine.render({choice.name: option}, size).image, f"{choice.label}: {option}")


def _sliders(engine: Engine, size: int) -> Iterator[np.ndarray]:
    """Pictures of every slider at `REACH` spreads to either side, as pairs: the face, cut close."""
    for p in engine.schema.continuous:
        if p.spread:
            low, high = (float(np.clip(p.average + side * REACH * p.spread, 0, 1)) for side in (-1, 1))
            yield _caption(_close(engine, {p.name: low}, size), f"- {p.label}")
            yield _caption(_close(engine, {p.name: high}, size), f"+ {p.label}")


def _expressions(engine: Engine, size: int) -> Iterator[np.ndarray]:
    """Pictures of every expression unit at full strength."""
    for p in engine.schema.continuous:
        if p.role == "expression":
            yield _caption(_close(engine, {p.name: 1.0}, size), p.name)


def _close(engine: Engine, values: dict[str, float | str], size: int) -> np.ndarray:
    """The face, cut from a picture that is drawn half as large again."""
    large = size * 3 // 2
    left, top = (large - size) // 2, (large - size) * 2 // 3
    return engine.render(values, large, FRONTAL).image[top : top + size, left : left + size]


def _caption(image: np.ndarray, text: str) -> np.ndarray:
    """The picture with a line of text below it."""
    tile = Image.new("RGB", (image.shape[1], image.shape[0] + CAPTION), "white")
    tile.paste(Image.fromarray(image))
    ImageDraw.Draw(tile).text((2, image.shape[0]), text, fill="black")
    return np.asarray(tile)


def _sheet(tiles: list[np.ndarray], columns: int) -> Image.Image:
    blank = np.full_like(tiles[0], 255)
    tiles = tiles + [blank] * (-len(tiles) % columns)
    return Image.fromarray(np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]))
