"""Data-parallel training: `torchrun` starts N processes, and each takes its rows of every global batch.

The result equals that of one process, to rounding: all processes are seeded alike, random numbers are drawn for the
global batch and sliced, means (those of batch norms too) are taken over the global batch, and gradients are averaged.

Shapes: B global batch, B / N rows of one process.
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

__all__ = ["SINGLE", "DistributedContext", "GlobalBatch", "distributed_context"]

CPU = torch.device("cpu")


@dataclass(frozen=True)
class DistributedContext:
    """One process of a training: its rank in [0, world_size), and its device."""

    rank: int = 0
    world_size: int = 1
    device: torch.device = CPU

    @property
    def is_rank0(self) -> bool:
        """True in the process that writes files and prints."""
        return self.rank == 0

    def rows(self, batch: int) -> slice:
        """Rows of a global batch (of that size) that this process takes.

        Raises TrainingError when the batch cannot be shared evenly.
        """
        each, rest = divmod(batch, self.world_size)
        if rest or not each:
            raise TrainingError(
                f"A batch of {batch} cannot be shared by {self.world_size} processes.",
                "Make --batch a multiple of them.",
            )
        return slice(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, network: nn.Module) -> None:
        """Replace the gradients of a network by their mean over all processes."""
        if self.world_size == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.world_size
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()

    def mean(self, value: Tensor) -> Tensor:
        """Mean of a tensor over all processes, detached."""
        if self.world_size == 1:
            return value
        total = value.detach().clone()
        dist.all_reduce(total)
        return total / self.world_size

    def broadcast(self, value: float) -> float:
        """Number that rank 0 passes."""
        if self.world_size == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return float(shared)

    def broadcast_weights(self, network: nn.Module) -> None:
        """Replace the weights and buffers of a network by those of rank 0."""
        if self.world_size > 1:
            for value in network.state_dict().values():
                dist.broadcast(value, 0)

    @contextmanager
    def rank0_first(self) -> Iterator[None]:
        """Run the block in rank 0 first, then in the others: for files that one process writes and all read."""
        if self.world_size > 1 and not self.is_rank0:
            dist.barrier()
        yield
        if self.world_size > 1 and self.is_rank0:
            dist.barrier()


SINGLE = DistributedContext()


@contextmanager
def distributed_context(device: str = "auto") -> Iterator[DistributedContext]:
    """Context of this process, from the environment that torchrun sets; a single process without it.

    device: "cpu", "cuda" or "auto" (CUDA where there is one). The backend is NCCL on GPUs, gloo elsewhere. Raises
    TrainingError when CUDA is asked for and is not available.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device.", "Leave --device out, or install a torch with CUDA.")
    gpu = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    local, world_size = int(os.environ.get("LOCAL_RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    own_device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(own_device)
    if world_size == 1:
        yield DistributedContext(device=own_device)
        return
    dist.init_process_group("nccl" if gpu else "gloo")
    try:
        yield DistributedContext(dist.get_rank(), world_size, own_device)
    finally:
        dist.destroy_process_group()


class GlobalBatch(TorchFunctionMode):
    """Mode in which batch norms take their statistics over the global batch, and dropout takes its rows of one mask for
    the global batch."""

    def __init__(self, context: DistributedContext) -> None:
        super().__init__()
        self.context = context

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        if self.context.world_size > 1 and func is F.batch_norm:
            return self._batch_norm(*args, **named)
        if self.context.world_size > 1 and func in (F.dropout, F.dropout2d):
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
        count = x.numel() // x.shape[1] * self.context.world_size
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
        rows = self.context.rows(len(x) * self.context.world_size)
        whole = torch.ones(len(x) * self.context.world_size, *x.shape[1:], dtype=x.dtype, device=x.device)
        return x * func(whole, p, True)[rows]
