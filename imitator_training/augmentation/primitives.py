"""What domain randomisation is made of: numbers, smooth noise, middles of parts, pixel places.

B batch, S side; labels are (B, S, S).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["EYES", "LIPS", "both_eyes", "field", "middle_of", "places", "some", "tone_of", "uniform"]

EYES = REGIONS.index("eyes")
LIPS = [REGIONS.index("upper_lip"), REGIONS.index("lower_lip")]


def uniform(random: BatchRng, batch: int, low: float, high: float) -> Tensor:
    """(B, 1, 1, 1) between `low` and `high`."""
    return (low + (high - low) * random.rand(batch)).view(-1, 1, 1, 1)


def some(random: BatchRng, batch: int, share: float) -> Tensor:
    """(B, 1, 1, 1) bool, true for about `share` of the batch."""
    return (random.rand(batch) < share).view(-1, 1, 1, 1)


def field(random: BatchRng, batch: int, channels: int, cells: int, side: int) -> Tensor:
    """(B, channels, side, side) smooth noise of unit variance at its nodes."""
    nodes = random.randn(batch, channels, cells, cells)
    if cells <= side // 8:
        # Bicubic is smooth but slow: it need not run at full size.
        nodes = F.interpolate(nodes, (side // 4, side // 4), mode="bicubic", align_corners=True)
    return F.interpolate(nodes, (side, side), mode="bilinear", align_corners=True)


def places(images: Tensor) -> tuple[Tensor, Tensor]:
    """(1, 1, S, 1) y and (1, 1, 1, S) x of pixel centres, as fractions of the side."""
    side = images.shape[-1]
    place = (torch.arange(side, device=images.device) + 0.5) / side
    return place.view(1, 1, -1, 1), place.view(1, 1, 1, -1)


def middle_of(part: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, 1, 1) x and y of the middle of a part (B, 1, S, S); 0 where it is nowhere."""
    mass = part.sum((2, 3), keepdim=True).clamp_min(1)
    return (part * x).sum((2, 3), keepdim=True) / mass, (part * y).sum((2, 3), keepdim=True) / mass


def tone_of(images: Tensor, part: Tensor) -> Tensor:
    """(B, 3, 1, 1) mean colour of pictures (B, 3, S, S) over a part (B, 1, S, S); 0 for what is nowhere."""
    return (images * part).sum((2, 3), keepdim=True) / part.sum((2, 3), keepdim=True).clamp_min(1)


def both_eyes(labels: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, S, S) of 0 and 1 each: the eyes left and right of the middle between them."""
    eyes = (labels == EYES)[:, None].float()
    left = eyes * (x < middle_of(eyes, y, x)[0])
    return left, eyes - left
