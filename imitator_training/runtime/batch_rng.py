"""Random numbers of one training step, drawn for the global batch, of which each process takes its own rows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from imitator_training.runtime.distributed import SINGLE, DistributedContext

__all__ = ["BatchRng", "step_generator", "step_rng", "step_seed"]


class BatchRng:
    """Generator of a global batch: draws on the CPU and returns the rows of this process, on its device.

    The numbers are the same for any number of processes and on any device.
    """

    def __init__(self, generator: torch.Generator, context: DistributedContext = SINGLE) -> None:
        self.generator, self.context = generator, context

    def rand(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) uniform in [0, 1); `rows` are those of this process."""
        return self._own(torch.rand(rows * self.context.world_size, *shape, generator=self.generator))

    def randn(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) of the standard normal distribution; `rows` are those of this process."""
        return self._own(torch.randn(rows * self.context.world_size, *shape, generator=self.generator))

    def _own(self, whole: Tensor) -> Tensor:
        return whole[self.context.rows(len(whole))].to(self.context.device)


def step_seed(seed: int, step: int, purpose: int = 0) -> int:
    """Seed (64 bits) of one step of a run; every bit depends on all three numbers (torch uses only the lower 32)."""
    return int(np.random.SeedSequence((seed, step, purpose)).generate_state(1, np.uint64)[0])


def step_generator(seed: int, step: int) -> torch.Generator:
    """Generator of one step."""
    return torch.Generator().manual_seed(step_seed(seed, step))


def step_rng(seed: int, step: int, context: DistributedContext = SINGLE) -> BatchRng:
    """`BatchRng` of one step."""
    return BatchRng(step_generator(seed, step), context)
