"""The training loop that imitator, parser and translator share.

Step i depends on the configuration, the data and i alone (batches, augmentation, jitter and dropout are keyed by the
step), so on a processor a resumed run equals an unbroken one bit for bit when its budget is in steps. With several
workers (`imitator_training.runtime.distributed`) every step is that of one process on the
same batch; the first of them writes.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Protocol

import torch
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from f2p.errors import TrainingError
from f2p.regions import REGIONS
from f2p.schema import Schema
from imitator_training.config import LoopConfig
from imitator_training.runtime import checkpointing
from imitator_training.runtime.batch_rng import step_seed
from imitator_training.runtime.distributed import DistributedContext, GlobalBatch
from imitator_training.runtime.processor import gains_by_bf16, keep_freed_memory

__all__ = ["Task", "learning_rate_factor", "train", "train_and_report"]

DROPOUT = 1
"""Purpose of the seeds of torch's own generators, which dropout draws from."""
WARM_UP_STEPS = 200
LAST_FACTOR = 0.01


class Task(Protocol):
    """What a training is about; the loop does the rest."""

    network: nn.Module
    schema: Schema
    workers: DistributedContext

    @property
    def optimiser(self) -> torch.optim.Optimizer: ...

    def loss(self, step: int, progress: float, bf16: bool) -> dict[str, Tensor]:
        """Scalar terms of one batch; ``total`` is what is minimised. `progress` runs from 0 to 1 over the budget. Each
        worker gives the share of its rows, so that the workers' mean is the global batch's term."""

    def rate(self, step: int, progress: float) -> float:
        """Factor on the optimiser's learning rates."""

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Figures of merit of (averaged) weights on held-out data."""

    def describe(self) -> dict[str, Any]:
        """What run.json says about the network: enough to build it again."""


def train(task: Task, config: LoopConfig) -> dict[str, float]:
    """Runs the training to the end of its budget and returns the last validation. Ctrl-C leaves a checkpoint.

    Raises TrainingError when the loss is no longer finite, or when there is nothing to resume, or when a run is in the
    way.
    """
    keep_freed_memory()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    average = copy.deepcopy(task.network).eval().requires_grad_(False)
    description = task.describe()
    at = _resume(task, average, config, description) if config.resume else _begin(config, task.workers)
    task.workers.share(task.network)
    if task.workers.first:
        checkpointing.write_run(config.out, description | {"regions": REGIONS, "config": vars(config)}, task.schema)
    loop = _Loop(task, config, average, at)
    try:
        return loop.run()
    except KeyboardInterrupt:
        loop.save()
        raise
    finally:
        loop.close()


def train_and_report(task: Task, config: LoopConfig) -> None:
    """`train`, and one line about how it ended."""
    figures = train(task, config)
    if not task.workers.first:
        return
    shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    print(f"{config.out}: step {checkpointing.newest(config.out).name.lstrip('0')}; held out: {shown}")


def _resume(task: Task, average: nn.Module, config: LoopConfig, description: dict[str, Any]) -> checkpointing.Progress:
    before = checkpointing.read_run(config.out)
    for key, value in description.items():
        if _plain(before.get(key)) != _plain(value):
            raise TrainingError(
                f"The run in {config.out} has another {key}.", "Resume it with its own options, or take a new folder."
            )
    return checkpointing.restore(config.out, task.network, average, task.optimiser)


def _begin(config: LoopConfig, workers: DistributedContext) -> checkpointing.Progress:
    if (config.out / "checkpoints").exists():
        raise TrainingError(f"{config.out} already holds a run.", "Add --resume, or take a new folder.")
    gains = gains_by_bf16(workers.device) if config.bf16 == "auto" else config.bf16 == "on"
    return checkpointing.Progress(bf16=bool(workers.find_consensus(float(gains))))


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


class _Loop:
    def __init__(self, task: Task, config: LoopConfig, average: nn.Module, at: checkpointing.Progress) -> None:
        self.task, self.config, self.average, self.at = task, config, average, at
        self.workers = task.workers
        first = self.workers.first
        self.writer = SummaryWriter(str(config.out / "tensorboard"), purge_step=at.step + 1) if first else None
        # Kept in the group itself, hence in checkpoints: "lr" is what the schedule made of it.
        self.base = [group.setdefault("base_lr", group["lr"]) for group in task.optimiser.param_groups]
        self.began = time.monotonic() - at.seconds
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.latest: dict[str, float] = {}
        self.latest_loss = float("nan")

    def run(self) -> dict[str, float]:
        checkpoint = _Every(self.config.checkpoint_minutes * 60)
        validation = _Every(self.config.validate_minutes * 60)
        columns = (TextColumn("{task.fields[note]}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, refresh_per_second=1, disable=not self.workers.first) as bar:
            shown = bar.add_task("training", total=1.0, note="starting")
            while (progress := self.progress()) < 1.0:
                self.step(progress)
                if self.at.step % self.config.log_every == 0:
                    self.log()
                    bar.update(shown, completed=progress, note=self.note())
                if checkpoint.due():
                    self.save()
                if validation.due():
                    self.validate()
            bar.update(shown, completed=1.0)
            self.validate()
        self.save()
        return self.latest

    def progress(self) -> float:
        self.at.seconds = time.monotonic() - self.began
        by_time = self.at.seconds / (self.config.minutes * 60) if self.config.minutes else 0.0
        by_step = self.at.step / self.config.steps if self.config.steps else 0.0
        # The workers' clocks differ; all must end after the same step.
        return max(self.workers.find_consensus(by_time), by_step) if self.config.minutes else by_step

    def step(self, progress: float) -> None:
        task = self.task
        task.network.train()
        factor = task.rate(self.at.step, progress)
        for group, rate in zip(task.optimiser.param_groups, self.base, strict=True):
            group["lr"] = rate * factor
        torch.manual_seed(step_seed(self.config.seed, self.at.step, DROPOUT))
        with GlobalBatch(self.workers) if self.workers.count > 1 else nullcontext():
            terms = task.loss(self.at.step, progress, self.at.bf16)
            task.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(terms["total"])
        self.workers.average_gradients(task.network)
        task.optimiser.step()
        self.at.step += 1
        self.follow()
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, torch.zeros(())) + value.detach()
            self.counts[name] = self.counts.get(name, 0) + 1

    @torch.no_grad()
    def follow(self) -> None:
        """Moves the averaged weights; early on with a shorter memory, so that the start is forgotten."""
        decay = min(self.config.ema, (1 + self.at.step) / (10 + self.at.step))
        ours = list(self.average.state_dict().values())
        theirs = list(self.task.network.state_dict().values())
        moving = [value.is_floating_point() for value in ours]
        torch._foreach_lerp_(
            [value for value, move in zip(ours, moving, strict=True) if move],
            [value for value, move in zip(theirs, moving, strict=True) if move],
            1 - decay,
        )
        for value, source, move in zip(ours, theirs, moving, strict=True):
            if not move:
                value.copy_(source)

    def log(self) -> None:
        for name, total in self.sums.items():
            mean = float(self.workers.mean(total)) / self.counts[name]
            if not math.isfinite(mean):
                raise TrainingError(
                    f"The loss '{name}' is no longer finite at step {self.at.step}.",
                    "Resume from the last checkpoint with a smaller --learning-rate.",
                )
            if self.writer is not None:
                self.writer.add_scalar(f"loss/{name}", mean, self.at.step)
            if name == "total":
                self.latest_loss = mean
        self.sums.clear()
        self.counts.clear()

    def note(self) -> str:
        figures = " ".join(f"{name} {value:.3f}" for name, value in self.latest.items())
        return f"step {self.at.step} loss {self.latest_loss:.4f} {figures}"

    def validate(self) -> None:
        if self.writer is None:
            return
        self.average.eval()
        self.latest = self.task.validate(self.average)
        for name, value in self.latest.items():
            self.writer.add_scalar(f"held-out/{name}", value, self.at.step)

    def save(self) -> None:
        if not self.workers.first:
            return
        self.at.seconds = time.monotonic() - self.began
        checkpointing.save(self.config.out, self.task.network, self.average, self.task.optimiser, self.at)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class _Every:
    """True about once in so many seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock, self.last = seconds, clock, clock()

    def due(self) -> bool:
        if self.clock() - self.last < self.seconds:
            return False
        self.last = self.clock()
        return True


def learning_rate_factor(step: int, progress: float) -> float:
    """Short warm-up, then a cosine that ends at 1 % exactly when the budget does."""
    cosine = LAST_FACTOR + (1 - LAST_FACTOR) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return cosine * min(1.0, (step + 1) / WARM_UP_STEPS)
