"""What a face wears, in the photo's own pixels: wires and hairs are finer than the pictures that networks look at.

The bridge of glasses is an edge between the eyes, where skin has none. Hair of a beard is texture on the upper lip or
the chin, of the finest scale that a photo has, where the forehead is smooth. Both are measured against the edges of the
eyes, so that neither light nor a little blur counts, and given as log-likelihood ratios of the thing being there.

Thresholds and slopes were set on 188 photos (34 with glasses, 10 with beards) of the half for tuning, see
`docs/benchmarks.md`.

Shapes: L landmarks of the face mesh, S side of the chip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.arrays import Pixels
from f2p.face.crops import Framing, photo_chips
from f2p.imaging.colour import luma

__all__ = ["WORN_CHIP", "Worn", "beard_places", "worn_in_photo"]

WORN_CHIP: Final = Framing(216, 0.45)
"""As fine as a face of some 110 px: of larger ones less is used, so that pores are no stubble."""

# Landmarks of the face mesh around a region, in order.
_LIP: Final = (98, 97, 2, 326, 327, 391, 270, 269, 267, 0, 37, 39, 40, 165)
_CHIN: Final = (182, 106, 204, 211, 208, 171, 175, 396, 428, 431, 424, 335, 406, 18)
_FOREHEAD: Final = (107, 66, 69, 108, 151, 337, 299, 296, 336, 9)
_CHEEKS: Final = ((117, 118, 101, 36, 205, 50), (346, 347, 330, 266, 425, 280))
_EYES: Final = ((33, 160, 158, 133, 153, 144), (263, 387, 385, 362, 380, 373))
# Rows and columns in dlib's square of the face: between the eyes, from the brows to the cheeks; both eyes; the face.
_BETWEEN: Final = (0.115, 0.325, 0.404, 0.579)
_BESIDE: Final = ((0.115, 0.325, 0.119, 0.334), (0.115, 0.325, 0.644, 0.859))
_FACE: Final = (0.025, 1.07, -0.07, 1.07)
_FRINGE: Final = 2.0  # of the cheeks' texture: a forehead that has more is under hair
_SHRINK: Final = 0.8  # of the lip's outline towards its middle: nostrils and the lip's edge are no hair

_SLOPE_GLASSES, _SLOPE_BEARD, _MOST = 10.0, 6.0, 4.0
_BRIDGE: Final = 0.5  # of the eyes' edges
_LIP_HAIR: Final = (0.0265, 0.235)  # of the face's contrast, and of the eyes' texture
_CHIN_HAIR: Final = (0.0165, 0.155)
_SHARP: Final = (0.03, 0.06)  # texture of the eyes over the face's contrast, from useless to plain


@dataclass(frozen=True)
class Worn:
    """Log-likelihood ratios of what a photo shows, each in [-4, 4]; of hair 0 where it is too blurred to tell.

    Attributes:
        glasses: of glasses.
        lip_hair: of hair on the upper lip.
        chin_hair: of hair on the chin.
    """

    glasses: float
    lip_hair: float
    chin_hair: float


def worn_in_photo(pixels: Pixels, landmarks5_px: npt.ArrayLike, mesh: Tensor) -> Worn:
    """What the face in a photo wears.

    Args:
        pixels: (H, W, 3) uint8.
        landmarks5_px: dlib's five points (5, 2) in photo px.
        mesh: (L, 2) landmarks of the face mesh, in dlib's square of the face.
    """
    chip = luma(photo_chips(pixels, landmarks5_px, framing=WORN_CHIP).double())[0, 0]
    points = _places(mesh)
    texture = (chip - F.avg_pool2d(chip[None, None], 3, 1, 1, count_include_pad=False)[0, 0]).abs()
    eyes = torch.stack([_inside(points[list(eye)]) for eye in _EYES]).any(0)
    contrast = float(chip[_box(_FACE)].std()) + 1e-3
    edges = float(texture[eyes].mean()) + 1e-4
    sharp = min(max((edges / contrast - _SHARP[0]) / (_SHARP[1] - _SHARP[0]), 0.0), 1.0)
    cheeks = sum(_median(texture, _inside(points[list(cheek)])) for cheek in _CHEEKS) / 2
    smooth = min(_median(texture, _inside(points[list(_FOREHEAD)])), _FRINGE * cheeks)
    hair = []
    for place, (usual, of_eyes) in zip(beard_places(mesh), (_LIP_HAIR, _CHIN_HAIR), strict=True):
        rough = max(_median(texture, place) - smooth, 1e-5)
        level = 0.5 * (math.log(rough / contrast / usual) + math.log(rough / edges / of_eyes))
        hair.append(sharp * _clipped(_SLOPE_BEARD * level))
    return Worn(_clipped(_SLOPE_GLASSES * math.log(_bridge(chip) / _BRIDGE)), *hair)


def beard_places(mesh: Tensor) -> tuple[Tensor, Tensor]:
    """(S, S) of pixels of `WORN_CHIP`: the upper lip, less its edges, and the chin; mesh as for `worn_in_photo`."""
    points = _places(mesh)
    lip = points[list(_LIP)]
    middle = lip.mean(0)
    return _inside(middle + _SHRINK * (lip - middle)), _inside(points[list(_CHIN)])


def _places(mesh: Tensor) -> Tensor:
    return WORN_CHIP.from_square(mesh.double().cpu()) * WORN_CHIP.size


def _bridge(chip: Tensor) -> float:
    """Edges across between the eyes, as a share of those of the eyes: the mean over columns of the largest step."""
    steps = chip.diff(dim=0).abs()
    between, left, right = (float(steps[_box(where)].amax(0).mean()) for where in (_BETWEEN, *_BESIDE))
    return max(between, 1e-4) / max((left + right) / 2, 1e-4)


def _box(where: tuple[float, float, float, float]) -> tuple[slice, slice]:
    corners = WORN_CHIP.from_square(torch.tensor(((where[2], where[0]), (where[3], where[1]))).double())
    (left, top), (right, bottom) = (corners * WORN_CHIP.size).round().int().tolist()
    return slice(top, bottom), slice(left, right)


def _inside(outline: Tensor) -> Tensor:
    """(S, S) whether each pixel's centre lies in a polygon (N, 2) of x, y in px, by the even-odd rule."""
    centres = torch.arange(WORN_CHIP.size, dtype=outline.dtype) + 0.5
    x, y = centres[None, :, None], centres[:, None, None]
    (x0, y0), (x1, y1) = outline.T, outline.roll(-1, 0).T
    level = torch.where(y1 == y0, 1.0, y1 - y0)
    crossed = ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) / level * (x1 - x0))
    return crossed.sum(-1) % 2 == 1


def _median(values: Tensor, where: Tensor) -> float:
    return float(values[where].median()) if where.any() else 0.0


def _clipped(ratio: float) -> float:
    return min(max(ratio, -_MOST), _MOST)
