"""Parts of a face that a photo does not show: beyond its edge, or behind something in front of the chin.

Both are measured in the face square: coordinates in which the eyes' outer corners lie at (.15, .32) and (.85, .32), the
base of the nose at (.5, .66), and the chin at about (.5, 1.14).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2p.arrays import Pixels
from f2p.imaging.colour import srgb_to_lab
from f2p.imaging.geometry import apply, invert, similarity, warp

__all__ = ["FACE_SQUARE", "chin_cover", "cover_mask", "cut_parts"]

Array = npt.NDArray[np.float64]

FACE_SQUARE: Final = np.array([(0.85, 0.32), (0.64, 0.33), (0.15, 0.32), (0.36, 0.33), (0.5, 0.66)])
"""(5, 2) the five points in the face square."""

# The outline from hairline to chin as an ellipse: on 540 portraits it lies within the face's own.
_CENTRE: Final = (0.5, 0.42)
_RADII: Final = (0.58, 0.72)
_OUTLINE_POINTS: Final = 72
_OUTSIDE: Final = 0.08  # share of the outline beyond the photo's edge from which on a part is missing

# Where chin and cheeks are looked at: left, top, right, bottom in the face square; sampled at _SIDE px a 1.5 units.
_CHIN: Final = (0.3, 1.0, 0.7, 1.1)
_CHEEKS: Final = ((0.08, 0.6, 0.3, 0.78), (0.7, 0.6, 0.92, 0.78))
_SIDE: Final = 192
_UNITS: Final = 1.5
_CORNER: Final = (-0.25, -0.15)
# Chins differ from cheeks by light and beards, but have pores and hairs: on 540 portraits L* changed by .85 and more
# from pixel to pixel. Things of the same lightness and hue as the cheeks cannot be told from chins.
_FLAT: Final = 0.6
_FAR: Final = 12.0  # CIELAB
_ALIKE: Final = 12.0
_LOWER_FACE: Final = 0.8  # from here down, in the face square, is where the covering thing is looked for


def cut_parts(landmarks5: Array, size: tuple[int, int]) -> tuple[str, ...]:
    """The parts beyond the photo's edge, of "chin", "forehead" and "side"; () where the face lies within.

    Args:
        landmarks5: (5, 2) in px.
        size: height and width of the photo in px.
    """
    angles = np.linspace(0, 2 * np.pi, _OUTLINE_POINTS, endpoint=False)
    outline = np.stack([_CENTRE[0] + _RADII[0] * np.cos(angles), _CENTRE[1] + _RADII[1] * np.sin(angles)], 1)
    places = apply(invert(similarity(landmarks5, FACE_SQUARE)), outline)
    outside = (places < 0).any(1) | (places[:, 0] > size[1]) | (places[:, 1] > size[0])
    if outside.mean() < _OUTSIDE:
        return ()
    height = np.sin(angles[outside])
    parts = (("chin", height > 0.7), ("forehead", height < -0.7), ("side", np.abs(height) <= 0.7))
    found = tuple(name for name, where in parts if where.any())
    return found[:1] if found[0] != "side" and found[1:] == ("side",) else found


def chin_cover(pixels: Pixels, landmarks5: Array) -> Tensor | None:
    """The colour of a smooth thing before the chin (a phone, a cup), CIELAB (3,); None where none is found.

    pixels: (H, W, 3). landmarks5: (5, 2) in px.
    """
    square = (FACE_SQUARE - _CORNER) / _UNITS
    face = srgb_to_lab(warp(pixels, similarity(landmarks5, square), _SIDE).permute(1, 2, 0))
    skin = torch.cat([face[_slices(cheek)].reshape(-1, 3) for cheek in _CHEEKS]).median(0).values
    chin = face[_slices(_CHIN)]
    colour = chin.reshape(-1, 3).median(0).values
    change = chin[..., 0].diff(dim=0).abs().mean() + chin[..., 0].diff(dim=1).abs().mean()
    return colour if change < _FLAT and (colour - skin).norm() > _FAR else None


def cover_mask(image: Tensor, landmarks5: Array, colour: Tensor) -> Tensor:
    """The covered pixels of an aligned picture: float32 (S, S), 1 where the thing of that colour hides the lower face.

    image: (3, S, S) in [0, 1]. landmarks5: (5, 2) as fractions of the frame. colour: the answer of `chin_cover`.
    """
    side = image.shape[-1]
    centres = (np.arange(side) + 0.5) / side
    places = apply(similarity(landmarks5, FACE_SQUARE), np.stack(np.meshgrid(centres, centres, indexing="xy"), -1))
    low = torch.from_numpy((places[..., 1] > _LOWER_FACE) & (np.abs(places[..., 0] - 0.5) < 1.0))
    alike = (srgb_to_lab(image.permute(1, 2, 0)) - colour).norm(dim=-1) < _ALIKE
    return (low & alike).float()


def _slices(box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    left, top, right, bottom = box
    columns = [int((x - _CORNER[0]) / _UNITS * _SIDE) for x in (left, right)]
    rows = [int((y - _CORNER[1]) / _UNITS * _SIDE) for y in (top, bottom)]
    return slice(*rows), slice(*columns)
