"""Fields of fewer channels than they had: the strongest directions are kept.

Shapes: C channels that a field is spread over, F channels of the field, N numbers of a channel.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["strongest"]


def strongest(spread: Tensor, field: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The best approximation of ``spread @ field`` by ``count`` channels, in least squares (Eckart and Young, 1936).

    spread: (C, F), float64. field: (F, N), float64. Returns a spread (C, count) and the matrix (count, F) that makes
    the new field of the old one.
    """
    across, along = torch.linalg.qr(spread)
    scaled = along @ field
    _, directions = torch.linalg.eigh(scaled @ scaled.T)  # ascending
    kept = directions[:, -count:].flip(1)
    return across @ kept, kept.T @ along
