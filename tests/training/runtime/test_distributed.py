"""Trainings in real processes: two workers do what one does, and a killed training ends as an unbroken one."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from imitator_training.runtime.checkpointing import newest
from imitator_training.runtime.distributed import DistributedContext, distributed_context
from imitator_training.tasks.config import ParserTraining
from imitator_training.tasks.parser import ParserTask
from imitator_training.training.trainer import train
from tests.helpers.processes import training

SMALL = ("--batch", "4", "--bf16", "off", "--device", "cpu", "--log-every", "1")


def finish(out: Path, *arguments: str | Path, workers: int = 1) -> dict[str, torch.Tensor]:
    """Trains to the end; the averaged and the plain weights."""
    with training("train", *arguments, "--out", out, workers=workers) as process:
        said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    return weights(out)


def weights(out: Path) -> dict[str, torch.Tensor]:
    parts = {name: load_file(newest(out) / f"{name}.safetensors") for name in ("network", "average")}
    return {f"{part}.{key}": value for part, tensors in parts.items() for key, value in tensors.items()}


@pytest.fixture(scope="module")
def parser(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("parser") / "run"
    config = ParserTraining(out=out, data=(toy_data,), size=64, steps=1, batch=2, holdout=2, bf16="off")
    train(ParserTask(config), config)
    return out


def tasks(data: Path, parser: Path) -> dict[str, tuple[str | Path, ...]]:
    common = ("--data", data, "--steps", "3", *SMALL)
    small = ("--size", "64", "--holdout", "16")
    return {
        # A batch norm, SGD: the published recipe.
        "dcgan": ("imitator", *common, *small, "--arch", "dcgan", "--channels", "16", "16", "8", "8"),
        # Weighted labels, identity on a part of the batch.
        "modulated": ("imitator", *common, *small, "--channels", "16", "16", "8", "--identity-from", "0.4"),
        # Augmentation, batch norms and dropout of whole channels.
        "parser": ("parser", *common, "--size", "64", "--holdout", "6", "--batch", "8"),
        # Dropout and noise.
        "translator": (
            *("translator", *common, "--parser", parser, "--samples", "30", "--holdout", "6", "--hidden", "16"),
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dcgan", "modulated", "parser", "translator"])
def test_two_workers_do_what_one_does(name: str, toy_data: Path, parser: Path, tmp_path: Path) -> None:
    arguments = tasks(toy_data, parser)[name]
    one = finish(tmp_path / "one", *arguments)
    two = finish(tmp_path / "two", *arguments, workers=2)
    assert one.keys() == two.keys()
    first, second = (torch.cat([part[key].double().flatten() for key in one]) for part in (one, two))
    away = (first - second).abs()
    # Adam turns a gradient of rounding size into a whole step of the learning rate, here 6e-5 in all. In the parser
    # that befalls the biases before a batch norm, which have no gradient but rounding.
    assert (away > 1e-6 + 1e-5 * first.abs()).double().mean() < (2e-3 if name == "parser" else 1e-5)
    assert away.max() < 1.2e-4


@pytest.mark.slow
def test_a_killed_training_ends_as_an_unbroken_one(toy_data: Path, tmp_path: Path) -> None:
    arguments = ("imitator", "--data", toy_data, "--steps", "16", *SMALL, "--size", "64", "--holdout", "16")
    arguments += ("--channels", "16", "16", "8", "--identity-from", "0.4", "--checkpoint-minutes", "0.0001")
    whole = finish(tmp_path / "whole", *arguments)
    out = tmp_path / "killed"
    with training("train", *arguments, "--out", out) as process:
        while process.poll() is None and not list((out / "checkpoints").glob("0000000[2-9]")):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was over before it could be killed"
    assert 2 <= int(newest(out).name) < 16
    resumed = finish(out, *arguments, "--resume")
    assert newest(out).name == "00000016"
    assert all(torch.equal(resumed[key], value) for key, value in whole.items())


def test_a_batch_is_shared_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [DistributedContext(rank, 4).rows(12) for rank in range(4)]
    assert [i for part in rows for i in range(12)[part]] == list(range(12))
    with pytest.raises(Exception, match="multiple"):
        DistributedContext(0, 4).rows(10)
    with distributed_context("cpu") as alone:
        assert (alone.world_size, alone.is_rank0, alone.device.type) == (1, True, "cpu")
