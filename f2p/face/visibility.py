"""Parts of a face that a photo does not show: beyond its edge, or behind something in front of the chin.

Both are measured in the face square: coordinates in which the eyes' outer corners lie at (.15, .32) and (.85, .32), the
base of the nose at (.5, .66), and the chin at about (.5, 1.14).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.arrays import Pixels
from f2p.imaging.colour import srgb_to_lab
from f2p.imaging.geometry import apply, invert, similarity, warp

__all__ = ["FACE_SQUARE", "Cover", "cut_parts", "find_cover"]

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
_EDGE: Final = 3  # samples that a mask is grown by, for blurred edges and shadows
# Where the covering thing is looked for, from the nose's base down: upper left corner and side, in the face square.
_LOWER_CORNER: Final = (-0.5, 0.66)
_LOWER_UNITS: Final = 2.0


@dataclass(frozen=True, eq=False)
class Cover:
    """Something in front of the lower face.

    Attributes:
        mask: (H, W) bool, True where it hides the photo.
        skin: (3,) uint8, the cheeks' colour.
    """

    mask: npt.NDArray[np.bool_]
    skin: npt.NDArray[np.uint8]

    def painted_out(self, pixels: Pixels) -> Pixels:
        """The photo with the cheeks' colour in its place, so that no network takes it for a beard."""
        painted = pixels.copy()
        painted[self.mask] = self.skin
        return painted

    def in_frame(self, transform: Array, size: int) -> Tensor:
        """The mask in the engine's frame: float32 (S, S), 1 where the lower face is hidden."""
        picture = np.repeat(self.mask[..., None].astype(np.uint8) * 255, 3, axis=2)
        return (warp(picture, transform, size)[0] > 0.5).float()


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
    quarters = np.round((angles - np.pi / 2) / (np.pi / 2)).astype(int) % 4  # from the chin on, by way of a side
    shares = [float(outside[quarters == number].mean()) for number in range(4)]
    least = min(0.5, max(shares))
    names = ("chin", "side", "forehead", "side")
    return tuple(dict.fromkeys(name for name, share in zip(names, shares, strict=True) if share >= least))


def find_cover(pixels: Pixels, landmarks5: Array) -> Cover | None:
    """A smooth thing before the chin (a phone, a cup), or None where none is found.

    pixels: (H, W, 3). landmarks5: (5, 2) in px.
    """
    square = similarity(landmarks5, (FACE_SQUARE - _CORNER) / _UNITS)
    face = warp(pixels, square, _SIDE).permute(1, 2, 0)
    lab = srgb_to_lab(face)
    skin = torch.cat([face[_slices(cheek)].reshape(-1, 3) for cheek in _CHEEKS]).median(0).values
    chin = lab[_slices(_CHIN)]
    colour = chin.reshape(-1, 3).median(0).values
    change = chin[..., 0].diff(dim=0).abs().mean() + chin[..., 0].diff(dim=1).abs().mean()
    if change >= _FLAT or (colour - srgb_to_lab(skin)).norm() <= _FAR:
        return None
    return Cover(_mask(pixels, landmarks5, colour), (skin * 255).round().byte().numpy())


def _mask(pixels: Pixels, landmarks5: Array, colour: Tensor) -> npt.NDArray[np.bool_]:
    """(H, W), True where what hides the chin goes on in one piece of that CIELAB colour, and a little around it."""
    to_square = similarity(landmarks5, (FACE_SQUARE - _LOWER_CORNER) / _LOWER_UNITS)
    lower = srgb_to_lab(warp(pixels, to_square, _SIDE).permute(1, 2, 0))
    alike = ((lower - colour).norm(dim=-1) < _ALIKE).float()[None, None]
    left, top, right, bottom = (
        int((value - corner) / _LOWER_UNITS * _SIDE) for value, corner in zip(_CHIN, _LOWER_CORNER * 2, strict=True)
    )
    piece = torch.zeros_like(alike)
    piece[..., top:bottom, left:right] = alike[..., top:bottom, left:right]
    # Grown within what is alike until nothing is added: so white teeth are no part of a white phone below them.
    while not torch.equal(grown := F.max_pool2d(piece, 3, 1, 1) * alike, piece):
        piece = grown
    mask = F.max_pool2d(piece, 2 * _EDGE + 1, 1, _EDGE)[0, 0].numpy() > 0

    corners = apply(invert(to_square), [(0, 0), (1, 0), (0, 1), (1, 1)])
    height, width = pixels.shape[:2]
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)), 0, (width, height)).astype(int)
    places = apply(to_square, np.stack(np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5), -1))
    inside = ((places >= 0) & (places < 1)).all(-1)
    column, row = np.moveaxis((places * _SIDE).astype(int).clip(0, _SIDE - 1), -1, 0)
    whole = np.zeros((height, width), bool)
    whole[y0:y1, x0:x1] = mask[row, column] & inside
    return whole


def _slices(box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    left, top, right, bottom = box
    columns = [int((x - _CORNER[0]) / _UNITS * _SIDE) for x in (left, right)]
    rows = [int((y - _CORNER[1]) / _UNITS * _SIDE) for y in (top, bottom)]
    return slice(*rows), slice(*columns)
