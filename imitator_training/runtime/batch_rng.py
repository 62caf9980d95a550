"""Random numbers of one training step, for a whole global batch, of which a worker takes its own rows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from imitator_training.runtime.distributed import SINGLE, DistributedContext

__all__ = ["BatchRng", "step_generator", "step_rng", "step_seed"]


class BatchRng:
    """Draws `batch` rows at a time from a CPU generator and gives those of this worker, on its device: the numbers are
    the same for any number of workers and on any device."""

    def __init__(self, generator: torch.Generator, workers: DistributedContext = SINGLE) -> None:
        self.generator, self.workers = generator, workers

    def rand(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) uniform in [0, 1); `rows` are the worker's own."""
        return self._own(torch.rand(rows * self.workers.count, *shape, generator=self.generator))

    def randn(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) of the standard normal distribution; `rows` are the worker's own."""
        return self._own(torch.randn(rows * self.workers.count, *shape, generator=self.generator))

    def _own(self, whole: Tensor) -> Tensor:
        return whole[self.workers.rows(len(whole))].to(self.workers.device)


def step_seed(seed: int, step: int, purpose: int = 0) -> int:
    """A seed for one step of a run; all its bits depend on all three numbers (torch uses the lower 32 alone)."""
    return int(np.random.SeedSequence((seed, step, purpose)).generate_state(1, np.uint64)[0])


def step_generator(seed: int, step: int) -> torch.Generator:
    """Random numbers of one step."""
    return torch.Generator().manual_seed(step_seed(seed, step))


def step_rng(seed: int, step: int, workers: DistributedContext = SINGLE) -> BatchRng:
    """`BatchRng` of one step."""
    return BatchRng(step_generator(seed, step), workers)
