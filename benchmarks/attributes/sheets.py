"""Pictures for people: contact sheets of errors, line-ups and pairs for viewers who do not know the answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.attributes.labels import Label
from f2p.arrays import Pixels

__all__ = ["error_sheet", "lineup_sheets", "pair_sheets", "pictures_of"]

TILE: Final = 176
_HEAD: Final = 14
_COLUMNS: Final = 5
_LINEUP: Final = 5  # characters beside a photo, the right one among them
_ROWS: Final = 8

Picture = Callable[[Label], Pixels]
"""(S, 2 S, 3) photo and render of a labelled photo, side by side."""


def pictures_of(run: Path) -> Picture:
    """The pictures that a run left in its folder."""

    def picture(label: Label) -> Pixels:
        with Image.open(run / f"{label.key}.png") as image:
            return np.asarray(image.convert("RGB"))

    return picture


def error_sheet(labels: Sequence[Label], notes: Mapping[str, str], picture: Picture, out: Path) -> None:
    """Photo and render of each answer that is wrong, with what was wanted and found."""
    rows = -(-len(labels) // _COLUMNS)
    sheet = Image.new("RGB", (2 * TILE * _COLUMNS, (TILE + _HEAD) * max(1, rows)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, label in enumerate(labels):
        left, top = 2 * TILE * (number % _COLUMNS), (TILE + _HEAD) * (number // _COLUMNS)
        draw.text((left + 2, top + 1), f"{label.photo} {notes[label.key]}"[:58], fill="black")
        sheet.paste(Image.fromarray(picture(label)).resize((2 * TILE, TILE)), (left, top + _HEAD))
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out)


def lineup_sheets(labels: Sequence[Label], picture: Picture, out: Path, seed: int) -> dict[str, dict[str, int | str]]:
    """Rows of a photo and five characters of the same sex, one of them the photo's; sheets of eight rows.

    Returns:
        The key: row number -> sheet, photo, and place of the right character, from 1.
    """
    chance = random.Random(seed)
    rows: list[tuple[Label, list[Label]]] = []
    for label in chance.sample(list(labels), len(labels)):
        others = [other for other in labels if other.sex == label.sex and other.key != label.key]
        if len(others) >= _LINEUP - 1:
            rows.append((label, chance.sample([label, *chance.sample(others, _LINEUP - 1)], _LINEUP)))
    key: dict[str, dict[str, int | str]] = {}
    for start in range(0, len(rows), _ROWS):
        name = f"lineup-{start // _ROWS + 1}.png"
        tiles = []
        for number, (label, shown) in enumerate(rows[start : start + _ROWS], start + 1):
            tiles.append((str(number), [_half(picture(label), 0), *(_half(picture(each), 1) for each in shown)]))
            key[str(number)] = {"sheet": name, "photo": label.key, "right": shown.index(label) + 1}
        _grid(tiles, ["photo", *map(str, range(1, _LINEUP + 1))], out / name)
    return key


def pair_sheets(
    labels: Sequence[Label], first: Picture, second: Picture, out: Path, seed: int
) -> dict[str, dict[str, str]]:
    """Rows of a photo and the answers A and B of two runs, in an order that changes by chance.

    Returns:
        The key: row number -> sheet, photo, and which run, "first" or "second", is A.
    """
    chance = random.Random(seed)
    shuffled = chance.sample(list(labels), len(labels))
    key: dict[str, dict[str, str]] = {}
    for start in range(0, len(shuffled), _ROWS):
        name = f"pairs-{start // _ROWS + 1}.png"
        tiles = []
        for number, label in enumerate(shuffled[start : start + _ROWS], start + 1):
            swapped = chance.random() < 0.5
            runs = (second, first) if swapped else (first, second)
            tiles.append((str(number), [_half(first(label), 0), *(_half(run(label), 1) for run in runs)]))
            key[str(number)] = {"sheet": name, "photo": label.key, "A": "second" if swapped else "first"}
        _grid(tiles, ["photo", "A", "B"], out / name)
    return key


def _half(picture: Pixels, side: int) -> Pixels:
    width = picture.shape[1] // 2
    return picture[:, width * side : width * (side + 1)]


def _grid(rows: Sequence[tuple[str, Sequence[Pixels]]], heads: Sequence[str], out: Path) -> None:
    sheet = Image.new("RGB", (30 + TILE * len(heads), _HEAD + TILE * len(rows)), "white")
    draw = ImageDraw.Draw(sheet)
    for column, head in enumerate(heads):
        draw.text((30 + TILE * column + 4, 1), head, fill="black")
    for row, (name, tiles) in enumerate(rows):
        draw.text((4, _HEAD + TILE * row + 4), name, fill="black")
        for column, tile in enumerate(tiles):
            small = Image.fromarray(np.ascontiguousarray(tile)).resize((TILE, TILE))
            sheet.paste(small, (30 + TILE * column, _HEAD + TILE * row))
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out)
