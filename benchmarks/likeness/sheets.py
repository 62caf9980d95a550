"""Contact sheets: people by columns; by rows the photo, the aligned photo, and each recipe's G(x) and render.

Tiles are kept on disk as they are made, so that a run that is taken up again still shows every photo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.likeness.answers import Pictures
from benchmarks.likeness.subjects import Subject, to_pixels
from f2p.arrays import Pixels

TILE = 160
PER_SHEET = 10
_MARGIN, _HEAD = 110, 14
_GREY = (90, 90, 90)


class Tiles:
    """The pictures of a run, as small files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add_photo(self, subject: Subject) -> None:
        self._write(subject.name, "photo", subject.aligned.photo)
        self._write(subject.name, "aligned", to_pixels(subject.aligned.image))

    def add_answer(self, photo: str, recipe: str, pictures: Pictures) -> None:
        self._write(photo, f"{recipe} G(x)", pictures.drawing)
        self._write(photo, f"{recipe} render", pictures.render)

    def read(self, photo: str, kind: str) -> Pixels:
        """The tile (TILE, TILE, 3). Raises OSError when it is not there."""
        with Image.open(self._path(photo, kind)) as image:
            return np.asarray(image.convert("RGB"))

    def sheets(self, photos: Sequence[str], recipes: Sequence[str], out: Path) -> list[Path]:
        """Write likeness-1.png, likeness-2.png, ... of ten people each to `out`."""
        kinds = ["photo", "aligned", *(kind for recipe in recipes for kind in (f"{recipe} G(x)", f"{recipe} render"))]
        sheets = []
        for start in range(0, len(photos), PER_SHEET):
            part = photos[start : start + PER_SHEET]
            sheet = Image.new("RGB", (_MARGIN + TILE * len(part), _HEAD + TILE * len(kinds)), "white")
            draw = ImageDraw.Draw(sheet)
            for column, photo in enumerate(part):
                draw.text((_MARGIN + TILE * column + 4, 1), photo[:24], fill=_GREY)
                for row, kind in enumerate(kinds):
                    tile = self._path(photo, kind)
                    if tile.is_file():
                        with Image.open(tile) as image:
                            sheet.paste(image, (_MARGIN + TILE * column, _HEAD + TILE * row))
            for row, kind in enumerate(kinds):
                draw.text((4, _HEAD + TILE * row + TILE // 2 - 6), kind, fill=_GREY)
            sheets.append(out / f"likeness-{start // PER_SHEET + 1}.png")
            sheet.save(sheets[-1])
        return sheets

    def _path(self, photo: str, kind: str) -> Path:
        # A photo may have any name; its files have plain ones.
        return self._folder / f"{hashlib.sha256(f'{photo}/{kind}'.encode()).hexdigest()[:20]}.png"

    def _write(self, photo: str, kind: str, pixels: Pixels) -> None:
        tile = ImageOps.pad(
            Image.fromarray(np.ascontiguousarray(pixels)), (TILE, TILE), Image.Resampling.LANCZOS, "white"
        )
        tile.save(self._path(photo, kind))
