"""Grouping of renders by character, whatever the expression and pose."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from f2p.schema import Schema

__all__ = ["characters", "neutral_columns", "next_render"]


def neutral_columns(schema: Schema) -> Tensor:
    """(C,) whether a continuous slider is of the neutral character, and no expression."""
    return torch.tensor([slider.role != "expression" for slider in schema.continuous])


def characters(schema: Schema, x: Tensor) -> Tensor:
    """(N, P) parameters of renders -> (N,) number of the character, the same where all but expressions is."""
    options = torch.ones(x.shape[1] - schema.continuous_size, dtype=torch.bool)
    own = x[:, torch.cat([neutral_columns(schema), options])]
    return torch.from_numpy(np.unique(own.numpy(), axis=0, return_inverse=True)[1].reshape(-1))


def next_render(character: Tensor) -> Tensor:
    """(N,) numbers of characters -> (N,) row of the next render of the same one, the first's after the last's."""
    order = torch.argsort(character, stable=True)
    sorted_, rows = character[order], torch.arange(len(order))
    first = torch.searchsorted(sorted_, sorted_)
    last = torch.searchsorted(sorted_, sorted_, right=True) - 1
    after = torch.where(rows == last, first, rows + 1)
    return torch.empty_like(order).scatter_(0, order, order[after])
