"""Shapes and places that domain randomisation draws: numbers, middles of parts, pixel places.

B batch, S side; labels are (B, S, S).
"""

from __future__ import annotations

import torch
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.draws import Draws

__all__ = ["EYES", "LIPS", "both_eyes", "middle_of", "places", "some", "uniform"]

EYES = REGIONS.index("eyes")
LIPS = [REGIONS.index("upper_lip"), REGIONS.index("lower_lip")]


def uniform(random: Draws, batch: int, low: float, high: float) -> Tensor:
    """(B, 1, 1, 1) between `low` and `high`."""
    return (low + (high - low) * random.rand(batch)).view(-1, 1, 1, 1)


def some(random: Draws, batch: int, share: float) -> Tensor:
    """(B, 1, 1, 1) bool, true for about `share` of the batch."""
    return (random.rand(batch) < share).view(-1, 1, 1, 1)


def places(images: Tensor) -> tuple[Tensor, Tensor]:
    """(1, 1, S, 1) y and (1, 1, 1, S) x of pixel centres, as fractions of the side."""
    side = images.shape[-1]
    place = (torch.arange(side, device=images.device) + 0.5) / side
    return place.view(1, 1, -1, 1), place.view(1, 1, 1, -1)


def middle_of(part: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, 1, 1) x and y of the middle of a part (B, 1, S, S); 0 where it is nowhere."""
    mass = part.sum((2, 3), keepdim=True).clamp_min(1)
    return (part * x).sum((2, 3), keepdim=True) / mass, (part * y).sum((2, 3), keepdim=True) / mass


def both_eyes(labels: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, S, S) of 0 and 1 each: the eyes left and right of the middle between them."""
    eyes = (labels == EYES)[:, None].float()
    left = eyes * (x < middle_of(eyes, y, x)[0])
    return left, eyes - left
