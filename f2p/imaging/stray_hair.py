"""Stray hair of a photo's label maps: collars, helmets and suits that a parser half takes for hair.

Shapes: K regions, S side.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import index

__all__ = ["without_stray_hair"]

LEVEL: Final = 0.3
"""Probability above which a pixel may belong to a head of hair."""
SURE: Final = 0.85
"""Mean probability of strays from which on they are hair: a ponytail beside the neck, of which the parser is sure."""


@torch.no_grad()
def without_stray_hair(probs: Tensor, eye_line: float) -> Tensor:
    """Region probabilities in which hair hangs together: what does not reach the hair above the eyes is background.

    A dark collar beside the neck, half taken for hair, makes a short haircut a long one. Strays of which the parser is
    sure stay, and so does all of it where no hair is seen above the eyes.

    Args:
        probs: (1, K, S, S).
        eye_line: height of the eyes from the top, as a share of the side.
    """
    hair = probs[:, index("hair")]
    mask = (hair > LEVEL).to(hair)
    head = mask.clone()
    head[:, round(eye_line * probs.shape[-1]) :] = 0
    if not head.any():
        return probs
    while True:  # grow into the mask until nothing is reached any more: geodesic dilation
        grown = F.max_pool2d(head, 3, 1, 1) * mask
        if torch.equal(grown, head):
            break
        head = grown
    beyond = 1 - F.max_pool2d(head, 5, 1, 2)  # a soft edge belongs to the hair that it surrounds
    strays = mask * beyond
    if not strays.any() or float((hair * strays).sum() / strays.sum()) >= SURE:
        return probs
    out = probs.clone()
    out[:, index("hair")] -= hair * beyond
    out[:, index("background")] += hair * beyond
    return out
