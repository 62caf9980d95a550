"""sRGB to CIELAB (D65, 2 degree observer) and back, differentiable everywhere in [0, 1].

Colours are compared in CIELAB because equal steps there look about equally large: a region's colour error is then one
number for a dark beard and a light forehead alike. Constants: IEC 61966-2-1 for sRGB, CIE 15:2004 for CIELAB.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["LUMA_WEIGHTS", "linear_to_srgb", "luma", "srgb_to_lab", "srgb_to_linear", "to_grey"]

_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.9504700, 1.0000001, 1.0888300)
_DELTA = 6.0 / 29.0

LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""Rec. 601 luma: what an image library's conversion to grey uses, so that G's drawing goes grey the way the photo
did.
"""


def luma(rgb: Tensor, dim: int = -3) -> Tensor:
    """Rec. 601 luma of sRGB values in [0, 1], as encoded (no linearisation); `dim` has size 3 and is kept with size
    1.
    """
    shape = [1] * rgb.dim()
    shape[dim] = 3
    return (rgb * rgb.new_tensor(LUMA_WEIGHTS).reshape(shape)).sum(dim, keepdim=True)


def to_grey(rgb: Tensor, dim: int = -3) -> Tensor:
    """The image without its colour, still three channels."""
    return luma(rgb, dim).expand_as(rgb)


def srgb_to_linear(rgb: Tensor) -> Tensor:
    """Encoded sRGB in [0, 1] to linear light in [0, 1]."""
    # The clamp keeps the power's branch finite where the linear branch is taken: where() passes NaN gradients of both.
    curve = ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(rgb > 0.04045, curve, rgb / 12.92)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Linear light to encoded sRGB; the inverse of `srgb_to_linear`."""
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curve, linear * 12.92)


def srgb_to_lab(rgb: Tensor) -> Tensor:
    """(..., 3) encoded sRGB in [0, 1] to (..., 3) CIELAB: L in [0, 100], a and b about [-100, 100]."""
    xyz = srgb_to_linear(rgb) @ rgb.new_tensor(_TO_XYZ).T / rgb.new_tensor(_WHITE)
    f = torch.where(xyz > _DELTA**3, xyz.clamp(min=_DELTA**3) ** (1 / 3), xyz / (3 * _DELTA**2) + 4 / 29)
    x, y, z = f.unbind(-1)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), -1)
