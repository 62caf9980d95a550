"""Statistics of labelled pictures: pyramids of region maps, moments of the parts of a face, typical colours.

Shapes: B batch, K regions, G region groups, R parts, M moments, C colour regions, S side. All differentiable.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.imaging.colour import luma, srgb_to_lab
from f2p.regions import REGIONS

__all__ = [
    "COLOUR_REGIONS",
    "MAP_GROUPS",
    "MAP_SIDES",
    "MOMENTS",
    "MOMENT_PARTS",
    "MOUTH",
    "colour_maps",
    "colour_presence",
    "moment_presence",
    "presence_of",
    "region_colours",
    "region_moments",
    "region_pyramid",
    "select_regions",
    "shrink",
    "typical_colours",
]

MOUTH = ("upper_lip", "lower_lip", "teeth", "inner_mouth")


_FACE = ("skin", "brows", "eyes", "nose", *MOUTH, "glasses")


# Compared as maps. The mouth counts as a whole and its two lips once more, at half weight: a neutral character cannot
# show the teeth of a smiling photo, and should not be pulled apart for it. Hair counts twice: a haircut of the wrong
# length is the first thing that people see, and without it an option is judged by what it does to the face.
MAP_GROUPS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("background",), 1.0),
    (("skin",), 1.0),
    (("brows",), 1.0),
    (("eyes",), 1.0),
    (("nose",), 1.0),
    (MOUTH, 1.0),
    (("upper_lip",), 0.5),
    (("lower_lip",), 0.5),
    (("glasses",), 0.5),
    (("hair",), 2.0),
    (("neck",), 0.5),
    (("ears",), 0.5),
)


MAP_SIDES = (128, 16)
"""Finest and coarsest side of the pyramid: fine levels place edges, coarse ones find what does not overlap yet."""


MOMENT_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("brows",), "left"),
    (("brows",), "right"),
    (("eyes",), "left"),
    (("eyes",), "right"),
    (("nose",), "both"),
    (MOUTH, "both"),
    (_FACE, "both"),
)


MOMENTS = ("x", "y", "width", "height", "slant")


# Regions compared by colour, with the band of luminance quantiles that is averaged. Skin: its lit part, since the
# mean of a photo mixes shadow and stubble in and comes out dull. Brows: the darker half, since a parser's brow takes
# in skin between the hairs. Irises: the darker part of the eyes. The translator knows the first four only.
COLOUR_REGIONS: tuple[tuple[str, tuple[str, ...], tuple[float, float]], ...] = (
    ("skin", ("skin",), (0.55, 0.75)),
    ("hair", ("hair",), (0.20, 0.80)),
    ("lips", ("upper_lip", "lower_lip"), (0.20, 0.80)),
    ("brows", ("brows",), (0.05, 0.50)),
    ("irises", ("eyes",), (0.05, 0.40)),
)


_COLOUR_SIDE = 64


_ENOUGH = 0.002  # share of the frame (33 px of 128 x 128) from which on a region's colour or moments are fully trusted


def select_regions(groups: Sequence[Sequence[str]], like: Tensor) -> Tensor:
    """(G, K) matrix of zeros and ones that sums regions into groups."""
    return like.new_tensor([[float(name in group) for name in REGIONS] for group in groups])


def shrink(maps: Tensor, side: int) -> Tensor:
    """Average-pools (B, N, S, S) until a side is at most `side`."""
    factor = -(-maps.shape[-1] // side)
    return F.avg_pool2d(maps, factor) if factor > 1 else maps


def region_pyramid(probs: Tensor) -> list[Tensor]:
    """Maps of the groups at S (at most `MAP_SIDES[0]`) and its halves: a list of (B, G, s, s), from (B, K, S, S)."""
    maps = torch.einsum("gk,bkhw->bghw", select_regions([group for group, _ in MAP_GROUPS], probs), probs)
    levels = [shrink(maps, MAP_SIDES[0])]
    while levels[-1].shape[-1] > MAP_SIDES[1]:
        # Windows overlap by half: a region that moves by less than a window still changes the coarse maps.
        levels.append(F.avg_pool2d(levels[-1], 4, stride=2, padding=1, count_include_pad=False))
    return levels


def _moment_maps(probs: Tensor, midline: float) -> Tensor:
    """(B, R, S, S) weights of the parts."""
    # Squared, so that a softmax's floor of a percent over the whole frame does not outweigh an eye.
    side = probs.shape[-1]
    maps = torch.einsum("gk,bkhw->bghw", select_regions([group for group, _ in MOMENT_PARTS], probs), probs) ** 2
    left = (torch.arange(side, device=probs.device) + 0.5 < side * midline).to(probs)
    halves = {"left": left, "right": 1 - left, "both": torch.ones_like(left)}
    return maps * torch.stack([halves[half] for _, half in MOMENT_PARTS])[None, :, None, :]


def region_moments(probs: Tensor, midline: float = 0.5) -> Tensor:
    """Place and shape of each part of the face.

    probs: (B, K, S, S). midline: where left meets right, as a fraction of the width.
    Returns (B, R, M): R parts of `MOMENT_PARTS` (left and right are the image's), M of `MOMENTS` (centre and standard
    deviation as fractions of the frame, slant as the correlation of x and y). Those of an absent part mean nothing.
    """
    maps = _moment_maps(probs, midline)
    side = probs.shape[-1]
    axis = (torch.arange(side, device=probs.device, dtype=probs.dtype) + 0.5) / side
    mass = maps.mean((2, 3)) + 1e-5
    columns, rows = maps.mean(2), maps.mean(3)
    x, y = (columns * axis).mean(-1) / mass, (rows * axis).mean(-1) / mass
    from_x, from_y = axis - x[..., None], axis - y[..., None]
    width = ((columns * from_x**2).mean(-1) / mass + 1e-6).sqrt()
    height = ((rows * from_y**2).mean(-1) / mass + 1e-6).sqrt()
    across = torch.einsum("bgh,bghw,bgw->bg", from_y, maps, from_x) / side**2 / mass
    return torch.stack((x, y, width, height, across / (width * height)), -1)


def moment_presence(probs: Tensor, midline: float = 0.5) -> Tensor:
    """(B, R) in [0, 1]: presence of each part of `MOMENT_PARTS`; midline as for `region_moments`."""
    return presence_of(_moment_maps(probs, midline))


def colour_maps(probs: Tensor) -> Tensor:
    """(B, C, s, s) weights of the colour regions."""
    groups = select_regions([group for _, group, _ in COLOUR_REGIONS], probs)
    return torch.einsum("gk,bkhw->bghw", groups, shrink(probs, _COLOUR_SIDE)) ** 2


def region_colours(image: Tensor, probs: Tensor) -> Tensor:
    """The typical colour of each of `COLOUR_REGIONS`, from a band of its luminance quantiles.

    image: (B, 3, S, S) sRGB in [0, 1]; probs: (B, K, S, S).
    Returns CIELAB (B, C, 3); that of an absent region means nothing.
    """
    return typical_colours(image, colour_maps(probs))


def typical_colours(image: Tensor, maps: Tensor) -> Tensor:
    """CIELAB (B, C, 3) of `region_colours`, from weights (B, C, s, s) of the regions; image (B, 3, S, S) in [0, 1]."""
    weights = maps.flatten(2)
    pixels = shrink(image, maps.shape[-1]).flatten(2)
    order = luma(pixels, dim=1).detach().argsort(2)
    pixels = pixels.gather(2, order.expand_as(pixels))
    weights = weights.gather(2, order.expand_as(weights))
    # Each pixel fills the interval [below, above] of its region's quantiles; what falls in the band is what it weighs.
    weights = weights / (weights.sum(2, keepdim=True) + 1e-9)
    above = weights.cumsum(2)
    low = image.new_tensor([band[0] for _, _, band in COLOUR_REGIONS])[None, :, None]
    high = image.new_tensor([band[1] for _, _, band in COLOUR_REGIONS])[None, :, None]
    share = (torch.minimum(above, high) - torch.maximum(above - weights, low)).clamp(min=0)
    share = share / (share.sum(2, keepdim=True) + 1e-9)
    return srgb_to_lab(torch.einsum("bcn,brn->bcr", share, pixels))


def colour_presence(probs: Tensor) -> Tensor:
    """(B, C) in [0, 1]: presence of each of `COLOUR_REGIONS`, its area over the least that is fully trusted."""
    return presence_of(colour_maps(probs))


def presence_of(maps: Tensor) -> Tensor:
    """Mean of weights (B, N, s, s) over the frame, relative to `_ENOUGH`, at most 1: (B, N)."""
    return (maps.mean((2, 3)) / _ENOUGH).clamp(max=1)
