"""Training loop that imitator, parser and translator share.

Step i depends on the configuration, the data and i alone (batches, augmentation, jitter and dropout are keyed by the
step, the arithmetic is chosen once and kept), so on one machine a resumed run equals an unbroken one bit for bit when
its budget is in steps. With several processes (`imitator_training.runtime.distributed`) every step is that of one
process on the same batch; rank 0 writes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.optim.swa_utils import AveragedModel
from torch.utils.tensorboard import SummaryWriter

from f2p.errors import TrainingError
from f2p.regions import REGIONS
from imitator_training.runtime import checkpointing
from imitator_training.runtime.batch_rng import step_seed
from imitator_training.runtime.distributed import DistributedContext, GlobalBatch
from imitator_training.runtime.processor import has_fast_bf16, keep_freed_memory
from imitator_training.training.averaging import average_of
from imitator_training.training.loop_config import LoopConfig
from imitator_training.training.task import Task

__all__ = ["train", "train_and_report"]

DROPOUT = 1
"""Purpose of the seeds of torch's default generator, which dropout draws from."""


def train(task: Task, config: LoopConfig) -> dict[str, float]:
    """Run a training to the end of its budget and return its last validation. Ctrl-C leaves a checkpoint.

    Raises TrainingError when the loss is no longer finite, when there is no run to resume, or when the folder holds a
    run already.
    """
    keep_freed_memory()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    average = average_of(task.network, config.ema)
    description = task.describe()
    at = _resume(task, average, config, description) if config.resume else _begin(config, task.context)
    task.context.broadcast_weights(task.network)
    if task.context.is_rank0:
        content = description | {"regions": REGIONS, "bf16": at.bf16, "config": vars(config)}
        checkpointing.write_run(config.out, content, task.schema)
    loop = _Loop(task, config, average, at)
    try:
        return loop.run()
    except KeyboardInterrupt:
        loop.save()
        raise
    finally:
        loop.close()


def train_and_report(task: Task, config: LoopConfig) -> None:
    """Run `train` and print one line about how it ended."""
    figures = train(task, config)
    if not task.context.is_rank0:
        return
    shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    print(f"{config.out}: step {checkpointing.newest(config.out).name.lstrip('0')}; held out: {shown}")


def _resume(
    task: Task, average: AveragedModel, config: LoopConfig, description: dict[str, Any]
) -> checkpointing.Progress:
    before = checkpointing.read_run(config.out)
    for key, value in description.items():
        if _plain(before.get(key)) != _plain(value):
            raise TrainingError(
                f"The run in {config.out} has another {key}.", "Resume it with its own options, or take a new folder."
            )
    at = checkpointing.restore(config.out, task.network, average.module, task.optimiser)
    if config.bf16 != "auto" and (config.bf16 == "on") != at.bf16:
        used = "on" if at.bf16 else "off"
        raise TrainingError(f"The run in {config.out} computes with bf16 {used}.", f"Resume it with --bf16 {used}.")
    average.n_averaged.fill_(at.step)
    return at


def _begin(config: LoopConfig, context: DistributedContext) -> checkpointing.Progress:
    if (config.out / "checkpoints").exists():
        raise TrainingError(f"{config.out} already holds a run.", "Add --resume, or take a new folder.")
    # Chosen here once: it is kept in the checkpoints, so that a run resumed on another machine keeps its arithmetic.
    bf16 = has_fast_bf16(context.device) if config.bf16 == "auto" else config.bf16 == "on"
    return checkpointing.Progress(bf16=bool(context.broadcast(float(bf16))))


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


class _Loop:
    def __init__(self, task: Task, config: LoopConfig, average: AveragedModel, at: checkpointing.Progress) -> None:
        self.task, self.config, self.average, self.at = task, config, average, at
        self.context = task.context
        events, rank0 = str(config.out / "tensorboard"), self.context.is_rank0
        self.writer = SummaryWriter(events, purge_step=at.step + 1) if rank0 else None
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
        with Progress(*columns, refresh_per_second=1, disable=not self.context.is_rank0) as bar:
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
        # The clocks of the processes differ; all must end after the same step.
        return max(self.context.broadcast(by_time), by_step) if self.config.minutes else by_step

    def step(self, progress: float) -> None:
        task = self.task
        task.network.train()
        factor = task.rate(self.at.step, progress)
        for group, rate in zip(task.optimiser.param_groups, self.base, strict=True):
            group["lr"] = rate * factor
        torch.manual_seed(step_seed(self.config.seed, self.at.step, DROPOUT))
        with GlobalBatch(self.context) if self.context.world_size > 1 else nullcontext():
            terms = task.loss(self.at.step, progress, self.at.bf16)
            task.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(terms["total"])
        self.context.average_gradients(task.network)
        task.optimiser.step()
        self.at.step += 1
        self.average.update_parameters(task.network)
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, torch.zeros(())) + value.detach()
            self.counts[name] = self.counts.get(name, 0) + 1

    def log(self) -> None:
        for name, total in self.sums.items():
            mean = float(self.context.mean(total)) / self.counts[name]
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
        self.average.module.eval()
        self.latest = self.task.validate(self.average.module)
        for name, value in self.latest.items():
            self.writer.add_scalar(f"held-out/{name}", value, self.at.step)

    def save(self) -> None:
        if not self.context.is_rank0:
            return
        self.at.seconds = time.monotonic() - self.began
        checkpointing.save(self.config.out, self.task.network, self.average.module, self.task.optimiser, self.at)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class _Every:
    """Timer that is due about once in so many seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock, self.last = seconds, clock, clock()

    def due(self) -> bool:
        if self.clock() - self.last < self.seconds:
            return False
        self.last = self.clock()
        return True
