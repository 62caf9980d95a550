"""Building blocks of domain randomisation: random numbers, smooth noise, centroids and mean colours of parts.

Shapes: B batch, S picture side; labels are (B, S, S) integers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.runtime.batch_rng import BatchRng

__all__ = [
    "EYES",
    "LIPS",
    "bernoulli",
    "both_eyes",
    "centroid",
    "mean_colour",
    "pixel_centres",
    "smooth_noise",
    "uniform",
]

EYES = REGIONS.index("eyes")
LIPS = [REGIONS.index("upper_lip"), REGIONS.index("lower_lip")]


def uniform(rng: BatchRng, batch: int, low: float, high: float) -> Tensor:
    """(B, 1, 1, 1) uniform in [low, high)."""
    return (low + (high - low) * rng.rand(batch)).view(-1, 1, 1, 1)


def bernoulli(rng: BatchRng, batch: int, share: float) -> Tensor:
    """(B, 1, 1, 1) bool, each True with probability `share`."""
    return (rng.rand(batch) < share).view(-1, 1, 1, 1)


def smooth_noise(rng: BatchRng, batch: int, channels: int, cells: int, side: int) -> Tensor:
    """(B, channels, side, side) smooth noise of unit variance at its nodes."""
    nodes = rng.randn(batch, channels, cells, cells)
    if cells <= side // 8:
        # Bicubic is smooth but slow: it need not run at full size.
        nodes = F.interpolate(nodes, (side // 4, side // 4), mode="bicubic", align_corners=True)
    return F.interpolate(nodes, (side, side), mode="bilinear", align_corners=True)


def pixel_centres(images: Tensor) -> tuple[Tensor, Tensor]:
    """(1, 1, S, 1) y and (1, 1, 1, S) x of pixel centres, as fractions of the side."""
    side = images.shape[-1]
    place = (torch.arange(side, device=images.device) + 0.5) / side
    return place.view(1, 1, -1, 1), place.view(1, 1, 1, -1)


def centroid(part: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, 1, 1) x and y of the centroid of a part (B, 1, S, S); 0 for an empty part."""
    mass = part.sum((2, 3), keepdim=True).clamp_min(1)
    return (part * x).sum((2, 3), keepdim=True) / mass, (part * y).sum((2, 3), keepdim=True) / mass


def mean_colour(images: Tensor, part: Tensor) -> Tensor:
    """(B, 3, 1, 1) mean colour of pictures (B, 3, S, S) over a part (B, 1, S, S); 0 for an empty part."""
    return (images * part).sum((2, 3), keepdim=True) / part.sum((2, 3), keepdim=True).clamp_min(1)


def both_eyes(labels: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, S, S) of 0 and 1 each: masks of the eyes left and right of their common centroid."""
    eyes = (labels == EYES)[:, None].float()
    left = eyes * (x < centroid(eyes, y, x)[0])
    return left, eyes - left
