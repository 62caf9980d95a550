"""Every imitator architecture trains; expressions and pose are learnt from photo-like renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.errors import TrainingError
from f2p.networks.imitator.registry import imitator_names
from imitator_training.evaluation.command import EvaluateConfig, evaluate
from imitator_training.runtime.checkpointing import newest
from imitator_training.runtime.trained_networks import trained_imitator
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.training.trainer import train
from tests.helpers.toy_engine import toy_schema
from tests.training.configs import imitator_config


@pytest.mark.parametrize("arch", imitator_names())
def test_every_imitator_trains(arch: str, toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path, toy_data, arch)
    figures = train(ImitatorTask(config), config)
    assert figures["psnr"] > 5
    assert newest(tmp_path).name == "00000002"
    assert trained_imitator(tmp_path, toy_schema()).arch == arch
    assert list((tmp_path / "tensorboard").iterdir())


def test_expressions_and_pose_are_learnt_from_photo_like_renders(
    toy_data: Path, posed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imitator_training.data.expressions.SHOWN", ("smile",))
    config = replace(imitator_config(tmp_path / "i", toy_data), data=(toy_data, posed_data), posed=True)
    train(ImitatorTask(config), config)
    network = trained_imitator(tmp_path / "i", toy_schema())
    assert network.expressions == {"smile": 0.3}
    assert network.pose == (20.0, 12.0, 0.0)
    x = torch.from_numpy(toy_schema().average())[None]
    assert not torch.equal(network(x, torch.tensor([[15.0, 0.0, 0.0]])).image, network(x).image)

    quick = EvaluateConfig(model=tmp_path / "i", data=(toy_data,), count=8, characters=0, subjects=0, posed=posed_data)
    with pytest.raises(TrainingError, match="was trained on"):
        evaluate(quick)
    neutral = imitator_config(tmp_path / "n", toy_data)
    train(ImitatorTask(neutral), neutral)
    figures = evaluate(replace(quick, model=tmp_path / "n"))
    assert figures["posed"]["samples"] == 8
    assert figures["posed"]["psnr"] > 5
    assert "posed" not in evaluate(replace(quick, posed=None))
