"""Small faces in large photos: searched at the resolution that they need, and cut out of the photo as it was sent.

`find_faces` sees a photo at 1000 px, where a face of 100 px in 12 megapixels has 25. Only where it finds none, the
photo is searched at its own resolution, in tiles, so that memory stays bounded; its pixels bound the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from f2p.arrays import Pixels
from f2p.face.detection import MIN_FACE, Face, detect, find_faces
from f2p.imaging.decode import Photo

__all__ = ["DETAILED", "find_again", "find_photo_faces", "zoom_in"]

# Longer sides at which a large photo is searched before its own: HOG finds faces of 60 px and more at each.
_COARSE: Final = (4000,)
# Where the photo has at most so many pixels, it is searched enlarged as well: faces of 60 px are found surely then.
_ENLARGED: Final = 1.25
_MOST_ENLARGED: Final = 20_000_000
_TILE: Final = 1500
_TILE_OVERLAP: Final = 300  # px; larger faces were found before, at a coarser level
_FLAT: Final = 4.0  # standard deviation of a tile's grey levels below which it shows sky or a wall
# Faces narrower than this in the reduced photo are measured on the photo as it was sent.
DETAILED: Final = 160.0
# Of the part that is cut out about a face, in widths of the face: `find_faces` then sees small faces as they are.
_MARGIN: Final = 2.5


def find_photo_faces(photo: Photo) -> list[Face]:
    """All faces of a photo, in the coordinates of `photo.pixels`, as `find_faces`; of a large one small faces too."""
    faces = find_faces(photo.pixels)
    if faces or photo.full is None:
        return faces
    full = photo.full()
    height, width = full.shape[:2]
    longest = max(height, width)
    sides = [side for side in _COARSE if side < 0.8 * longest] + [longest]
    if height * width <= _MOST_ENLARGED:
        sides.append(round(_ENLARGED * longest))
    for side in sides:
        faces = _search(full, side / longest)
        if faces:
            shrink = max(photo.pixels.shape[:2]) / longest
            faces = [_scaled(face, shrink, (0.0, 0.0)) for face in faces]
            return sorted(faces, key=lambda face: -face.width * face.score)
    return []


def zoom_in(photo: Photo, face: Face) -> tuple[Pixels, Face, float]:
    """The picture to measure a face on: the reduced photo, or a part of the photo as it was sent.

    Returns:
        The picture (H, W, 3), the face in its coordinates, and the picture's px per px of the photo as it was sent.
    """
    if photo.full is None or face.width >= DETAILED:
        return photo.pixels, face, photo.scale
    full = photo.full()
    grow = max(full.shape[:2]) / max(photo.pixels.shape[:2])
    large = _scaled(face, grow, (0.0, 0.0))
    left, top, right, bottom = large.box
    reach = _MARGIN * max(large.width, MIN_FACE)
    x0, y0 = (max(0, int(low - reach)) for low in (left, top))
    part = np.ascontiguousarray(full[y0 : int(bottom + reach) + 1, x0 : int(right + reach) + 1])
    placed = _scaled(large, 1.0, (x0, y0))
    # Found again in the part, as if that had been sent: the points then do not depend on the photo around.
    return part, find_again(part, placed), min(1.0, photo.scale * grow)


def find_again(pixels: Pixels, face: Face) -> Face:
    """The face as it is found in this picture (H, W, 3); itself where nothing is found in its place."""
    return next((other for other in find_faces(pixels) if _same(other, face)), face)


def _search(full: Pixels, factor: float) -> list[Face]:
    """Faces at one resolution, in the coordinates of `full`, each once though tiles overlap."""
    faces: list[Face] = []
    for corner, tile in _tiles(full, factor):
        for face in detect(tile):
            placed = _scaled(face, 1 / factor, (-corner[0], -corner[1]))
            if not any(_same(placed, other) for other in faces):
                faces.append(placed)
    return faces


def _tiles(full: Pixels, factor: float) -> Iterator[tuple[tuple[int, int], Pixels]]:
    """Parts of the picture resized by `factor`, and where each begins (x, y) in px of `full`."""
    height, width = full.shape[:2]
    side, step = round(_TILE / factor), round((_TILE - _TILE_OVERLAP) / factor)
    for y in range(0, max(1, height - side + step), step):
        for x in range(0, max(1, width - side + step), step):
            part = full[y : y + side, x : x + side]
            if part[::8, ::8].std() < _FLAT:
                continue
            size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
            way = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
            tile = Image.fromarray(part)
            yield (x, y), np.asarray(tile if factor == 1 else tile.resize(size, way))


def _scaled(face: Face, factor: float, corner: tuple[float, float]) -> Face:
    """The face in coordinates whose origin lies at `corner` once both are scaled."""
    x, y = corner
    left, top, right, bottom = (factor * value for value in face.box)
    return replace(
        face, box=(left - x, top - y, right - x, bottom - y), landmarks5=factor * face.landmarks5 - np.array(corner)
    )


def _same(a: Face, b: Face) -> bool:
    """True where the middle of each lies within the other."""
    return _holds(a, b) and _holds(b, a)


def _holds(outer: Face, inner: Face) -> bool:
    x, y = (inner.box[0] + inner.box[2]) / 2, (inner.box[1] + inner.box[3]) / 2
    return outer.box[0] < x < outer.box[2] and outer.box[1] < y < outer.box[3]
