"""Parts of a face that a photo does not show: beyond its edge, or behind something in front of the chin.

Both are measured in the face square: coordinates in which the eyes' outer corners lie at (.15, .32) and (.85, .32), the
base of the nose at (.5, .66), and the chin at about (.5, 1.14).
"""

from __future__ import annotations

import math
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
_EDGE: Final = 0.04  # of the face square, that a mask is grown by: blurred edges and shadows
_LOWER_X: Final = (-0.5, 1.5)  # of the face square, where the covering thing is looked for
_LOWER_Y: Final = (0.8, 2.5)


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
    height = np.sin(angles[outside])
    parts = (("chin", height > 0.7), ("forehead", height < -0.7), ("side", np.abs(height) <= 0.7))
    found = tuple(name for name, where in parts if where.any())
    return found[:1] if found[0] != "side" and found[1:] == ("side",) else found


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
    """(H, W), True where the lower face has that CIELAB colour, and a little around."""
    to_square = similarity(landmarks5, FACE_SQUARE)
    corners = apply(invert(to_square), [(x, y) for x in _LOWER_X for y in _LOWER_Y])
    height, width = pixels.shape[:2]
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)), 0, (width, height)).astype(int)
    mask = np.zeros((height, width), bool)
    if x1 <= x0 or y1 <= y0:
        return mask
    places = apply(to_square, np.stack(np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5), -1))
    low = torch.from_numpy((places[..., 1] > _LOWER_Y[0]) & (np.abs(places[..., 0] - 0.5) < _LOWER_X[1] - 0.5))
    part = torch.from_numpy(pixels[y0:y1, x0:x1].copy()).float() / 255
    alike = low & ((srgb_to_lab(part) - colour).norm(dim=-1) < _ALIKE)
    reach = max(1, round(_EDGE / math.sqrt(abs(np.linalg.det(to_square[:, :2])))))
    grown = F.max_pool2d(alike.float()[None, None], 2 * reach + 1, 1, reach)[0, 0] > 0
    mask[y0:y1, x0:x1] = grown.numpy()
    return mask


def _slices(box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    left, top, right, bottom = box
    columns = [int((x - _CORNER[0]) / _UNITS * _SIDE) for x in (left, right)]
    rows = [int((y - _CORNER[1]) / _UNITS * _SIDE) for y in (top, bottom)]
    return slice(*rows), slice(*columns)
