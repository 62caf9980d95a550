"""Losses that several trainings share, as means over the global batch."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from imitator_training.runtime.distributed import DistributedContext

__all__ = ["weighted_cross_entropy"]


def weighted_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor, context: DistributedContext) -> Tensor:
    """Cross-entropy, a scalar: mean over the pixels of all processes, each weighted by its class.

    logits: (B, K, H, W). labels: (B, H, W) class indices. weights: (K,).
    """
    labels = labels.long()
    mass = context.mean(weights[labels].sum())
    return F.cross_entropy(logits.float(), labels, weights, reduction="sum") / mass
