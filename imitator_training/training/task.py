"""Interface of what can be trained."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from f2p.schema import Schema
from imitator_training.runtime.distributed import DistributedContext

__all__ = ["Task"]


class Task(Protocol):
    """A network with its data, optimiser, loss and figures of merit; `imitator_training.training.trainer` runs it."""

    network: nn.Module
    schema: Schema
    context: DistributedContext

    @property
    def optimiser(self) -> torch.optim.Optimizer: ...

    def loss(self, step: int, progress: float, bf16: bool) -> dict[str, Tensor]:
        """Scalar terms of one batch; ``total`` is what is minimised.

        step: counts from 0. progress: share of the budget that is spent, in [0, 1). Each process returns the share of
        its rows, so that the mean over the processes is the term of the global batch.
        """

    def rate(self, step: int, progress: float) -> float:
        """Factor on the optimiser's learning rates."""

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Figures of merit of (averaged) weights on held-out data."""

    def describe(self) -> dict[str, Any]:
        """Entries of run.json about the network: enough to build it again."""
