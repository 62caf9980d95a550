"""Several processes on one training: `torchrun` starts them, each takes its rows of every global batch.

A training with N workers equals that of one process: the loop seeds all of them alike, random numbers are drawn for the
whole batch and cut, means are taken over the whole batch (batch norms included), and gradients are averaged.

Shapes: B global batch, L = B / N rows of one worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.overrides import TorchFunctionMode

from f2p.errors import TrainingError

__all__ = ["SINGLE", "DistributedContext", "GlobalBatch", "join_workers"]

CPU = torch.device("cpu")


@dataclass(frozen=True)
class DistributedContext:
    """The processes of this training, seen from one of them."""

    rank: int = 0
    count: int = 1
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether this one writes files and talks to people."""
        return self.rank == 0

    def rows(self, batch: int) -> slice:
        """This worker's part of a global batch."""
        each, rest = divmod(batch, self.count)
        if rest or not each:
            raise TrainingError(
                f"A batch of {batch} cannot be shared by {self.count} processes.", "Make --batch a multiple of them."
            )
        return slice(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, network: nn.Module) -> None:
        """Every worker's gradients become the mean of all."""
        if self.count == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.count
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()

    def mean(self, value: Tensor) -> Tensor:
        """The workers' mean of a tensor, without gradients."""
        if self.count == 1:
            return value
        total = value.detach().clone()
        dist.all_reduce(total)
        return total / self.count

    def find_consensus(self, value: float) -> float:
        """The first worker's number."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return float(shared)

    def share(self, network: nn.Module) -> None:
        """Every worker's weights become the first one's."""
        if self.count > 1:
            for value in network.state_dict().values():
                dist.broadcast(value, 0)

    @contextmanager
    def rank0_first(self) -> Iterator[None]:
        """The first worker goes through the block, then the others: for files that one writes and all read."""
        if self.count > 1 and not self.first:
            dist.barrier()
        yield
        if self.count > 1 and self.first:
            dist.barrier()


SINGLE = DistributedContext()


@contextmanager
def join_workers(device: str = "auto") -> Iterator[DistributedContext]:
    """The workers of this training, from what torchrun puts in the environment; one alone without it.

    device: "cpu", "cuda" or "auto" (CUDA where there is one). Over GPUs the processes speak NCCL, else gloo. Raises
    TrainingError when CUDA is asked for and is not there.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device.", "Leave --device out, or install a torch with CUDA.")
    gpu = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    local, count = int(os.environ.get("LOCAL_RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    place = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(place)
    if count == 1:
        yield DistributedContext(device=place)
        return
    dist.init_process_group("nccl" if gpu else "gloo")
    try:
        yield DistributedContext(dist.get_rank(), count, place)
    finally:
        dist.destroy_process_group()


class GlobalBatch(TorchFunctionMode):
    """Within it, batch norms take their statistics over all workers' rows, and dropout cuts its rows out of a mask for
    the whole batch: what depends on the batch then depends on the global one."""

    def __init__(self, workers: DistributedContext) -> None:
        super().__init__()
        self.workers = workers

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        if self.workers.count > 1 and func is F.batch_norm:
            return self._batch_norm(*args, **named)
        if self.workers.count > 1 and func in (F.dropout, F.dropout2d):
            return self._dropout(func, *args, **named)
        return func(*args, **named)

    def _batch_norm(
        self,
        x: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None = None,
        bias: Tensor | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Tensor:
        if not training:
            return F.batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
        values = x.float()
        axes = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        count = x.numel() // x.shape[1] * self.workers.count
        mean = all_reduce(values.sum(axes)) / count
        centred = values - mean.view(shape)
        variance = all_reduce(centred.square().sum(axes)) / count
        if running_mean is not None and running_var is not None:
            with torch.no_grad():
                running_mean.lerp_(mean.to(running_mean), momentum)
                running_var.lerp_((variance * count / max(count - 1, 1)).to(running_var), momentum)
        normal = centred * (variance + eps).rsqrt().view(shape)
        if weight is not None:
            normal = normal * weight.float().view(shape)
        if bias is not None:
            normal = normal + bias.float().view(shape)
        return normal.to(x.dtype)

    def _dropout(
        self, func: Callable[..., Tensor], x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        if not training or p == 0:
            return x
        rows = self.workers.rows(len(x) * self.workers.count)
        whole = torch.ones(len(x) * self.workers.count, *x.shape[1:], dtype=x.dtype, device=x.device)
        return x * func(whole, p, True)[rows]
