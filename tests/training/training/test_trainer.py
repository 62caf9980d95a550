"""The loop: a resumed run is the unbroken one, and runs are not mixed up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from f2p.errors import TrainingError
from imitator_training.runtime.checkpointing import newest
from imitator_training.runtime.processor import has_fast_bf16
from imitator_training.runtime.trained_networks import trained_imitator, trained_parser
from imitator_training.tasks.config import ParserTraining
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.tasks.parser import ParserTask
from imitator_training.training.loop_config import LoopConfig
from imitator_training.training.task import Task
from imitator_training.training.trainer import train
from tests.helpers.toy_engine import toy_schema
from tests.training.configs import imitator_config


def stop_at_fourth_step(task: Task) -> None:
    whole, calls = task.loss, []

    def loss(step: int, progress: float, bf16: bool) -> dict[str, torch.Tensor]:
        calls.append(step)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(step, progress, bf16)

    task.loss = loss  # type: ignore[method-assign]


def same_weights(first: Path, second: Path) -> bool:
    for name in ("network", "average"):
        ours, theirs = (load_file(newest(run) / f"{name}.safetensors") for run in (first, second))
        if ours.keys() != theirs.keys() or not all(torch.equal(ours[key], theirs[key]) for key in ours):
            return False
    return True


@pytest.mark.parametrize(
    ("kind", "bf16"), [("imitator", "off"), pytest.param("imitator", "on", marks=pytest.mark.slow), ("parser", "off")]
)
def test_a_resumed_run_is_the_unbroken_one(toy_data: Path, tmp_path: Path, kind: str, bf16: str) -> None:
    # The parser drops whole channels at random: its dropout must be the same again, too.
    parser = ParserTraining(out=tmp_path / "once", data=(toy_data,), size=32, steps=6, batch=2, holdout=6, bf16="off")
    imitator = imitator_config(tmp_path / "once", toy_data, steps=6, bf16=bf16)
    once, task_of = (imitator, ImitatorTask) if kind == "imitator" else (parser, ParserTask)
    train(task_of(once), once)  # type: ignore[arg-type]
    twice = replace(once, out=tmp_path / "twice")
    broken = task_of(twice)  # type: ignore[arg-type]
    stop_at_fourth_step(broken)
    with pytest.raises(KeyboardInterrupt):
        train(broken, twice)
    assert newest(twice.out).name == "00000003"
    torch.manual_seed(99)  # whatever happened in between
    resumed = replace(twice, resume=True)
    train(task_of(resumed), resumed)  # type: ignore[arg-type]
    assert same_weights(once.out, twice.out)


def test_runs_are_not_mixed_up(toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path / "run", toy_data, identity=0.0)
    train(ImitatorTask(config), config)
    with pytest.raises(TrainingError, match="--resume"):
        train(ImitatorTask(config), config)
    other = replace(config, resume=True, channels=(8, 8, 8))
    with pytest.raises(TrainingError, match="another options"):
        train(ImitatorTask(other), other)
    with pytest.raises(TrainingError, match="imitator, not of a parser"):
        trained_parser(config.out)
    with pytest.raises(TrainingError, match="no training run"):
        trained_parser(tmp_path)
    weights = newest(config.out) / "average.safetensors"
    weights.write_bytes(weights.read_bytes()[:200])
    with pytest.raises(TrainingError, match="do not fit"):
        trained_imitator(config.out, toy_schema())


def test_a_loss_that_is_not_finite_ends_the_run(toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path, toy_data, steps=3, identity=0.0)
    task = ImitatorTask(config)
    with torch.no_grad():
        next(task.network.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match="no longer finite"):
        train(task, config)


def test_the_arithmetic_is_chosen_once_and_kept(toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path / "chosen", toy_data, identity=0.0, steps=1, bf16="auto")
    train(ImitatorTask(config), config)
    run = json.loads((config.out / "run.json").read_text())
    assert run["bf16"] is has_fast_bf16(torch.device("cpu"))
    forced = imitator_config(tmp_path / "forced", toy_data, identity=0.0, steps=1, bf16="on")
    train(ImitatorTask(forced), forced)
    longer = replace(forced, steps=2, resume=True, bf16="auto")
    train(ImitatorTask(longer), longer)
    assert json.loads((forced.out / "run.json").read_text())["bf16"] is True
    other = replace(longer, steps=3, bf16="off")
    with pytest.raises(TrainingError, match="--bf16 on"):
        train(ImitatorTask(other), other)


def test_options_are_kept_with_the_run(toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path, toy_data, identity=0.0)
    train(ImitatorTask(config), config)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["schema_hash"] == toy_schema().hash
    assert run["config"]["holdout"] == 16


@pytest.mark.parametrize("budget", [{}, {"minutes": -1.0}, {"steps": 0}])
def test_a_run_needs_a_budget(tmp_path: Path, budget: dict[str, float]) -> None:
    with pytest.raises(TrainingError):
        LoopConfig(out=tmp_path, **budget)  # type: ignore[arg-type]
