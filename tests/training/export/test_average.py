"""The mean of two legs of a training is a run like any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.errors import TrainingError
from imitator_training.export.average import AverageConfig, average
from imitator_training.runtime.checkpointing import read_run
from imitator_training.runtime.trained_networks import trained_parser
from imitator_training.tasks.config import ParserTraining
from imitator_training.tasks.parser import ParserTask
from imitator_training.training.trainer import train


@pytest.fixture
def legs(toy_data: Path, tmp_path: Path) -> tuple[Path, Path]:
    first = ParserTraining(data=(toy_data,), out=tmp_path / "first", size=64, batch=2, steps=1, holdout=5)
    train(ParserTask(first), first)
    second = replace(first, out=tmp_path / "second", warm_start=first.out, learning_rate=0.05, steps=2)
    train(ParserTask(second), second)
    return first.out, second.out


def test_weights_lie_between_those_of_both_legs(legs: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = legs
    run = average(AverageConfig(run=second, other=first, out=tmp_path / "mean", share=0.25))
    one, other, mean = (trained_parser(path).state_dict() for path in (second, first, run))
    name = next(name for name, tensor in one.items() if tensor.ndim == 4)
    assert not torch.allclose(one[name], other[name])
    torch.testing.assert_close(mean[name], 0.75 * one[name] + 0.25 * other[name])
    assert read_run(run)["averaged_with"] == "first, 1 steps"


def test_what_cannot_be_averaged(legs: tuple[Path, Path], toy_data: Path, tmp_path: Path) -> None:
    first, second = legs
    with pytest.raises(TrainingError, match="between 0 and 1"):
        average(AverageConfig(run=second, other=first, out=tmp_path / "mean", share=1.0))
    coarse = ParserTraining(data=(toy_data,), out=tmp_path / "coarse", size=64, batch=2, steps=1, holdout=5, fine=0)
    train(ParserTask(coarse), coarse)
    with pytest.raises(TrainingError, match="no mean"):
        average(AverageConfig(run=coarse.out, other=first, out=tmp_path / "mean"))
