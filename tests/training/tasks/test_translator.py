"""The translator: features kept with the run, pose, and estimates that agree about one character."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.errors import TrainingError
from f2p.networks.translator import PICTURE_FEATURES
from imitator_training.data.render import RenderConfig, render
from imitator_training.runtime.trained_networks import trained_translator
from imitator_training.tasks.config import ParserTraining, TranslatorTraining
from imitator_training.tasks.parser import ParserTask
from imitator_training.tasks.translator import TranslatorTask
from imitator_training.training.trainer import train
from tests.helpers.toy_engine import toy_schema
from tests.training.conftest import open_toy


def test_the_translator_trains_on_what_the_parser_sees(toy_data: Path, tmp_path: Path) -> None:
    parser = ParserTraining(out=tmp_path / "p", data=(toy_data,), size=64, steps=1, batch=2, holdout=2, bf16="off")
    train(ParserTask(parser), parser)
    config = TranslatorTraining(
        out=tmp_path / "t", data=(toy_data,), parser=tmp_path / "p", samples=30, holdout=10, steps=2, hidden=16, batch=8
    )
    assert train(TranslatorTask(config), config).keys() == {"r2", "hair"}
    known = (tmp_path / "t" / "features.safetensors").stat().st_mtime_ns
    TranslatorTask(config)
    assert (tmp_path / "t" / "features.safetensors").stat().st_mtime_ns == known
    with pytest.raises(TrainingError, match="samples differ"):
        TranslatorTask(replace(config, samples=20))
    assert trained_translator(tmp_path / "t", toy_schema()).sizes == {"hair": 3}


@pytest.mark.slow
def test_the_translator_learns_the_pose(posed_data: Path, tmp_path: Path) -> None:
    parser = ParserTraining(out=tmp_path / "p", data=(posed_data,), size=32, steps=1, batch=2, holdout=4, bf16="off")
    train(ParserTask(parser), parser)
    config = TranslatorTraining(
        out=tmp_path / "t",
        data=(posed_data,),
        parser=tmp_path / "p",
        posed=True,
        samples=40,
        holdout=8,
        hidden=16,
        batch=16,
        steps=30,
        bf16="off",
    )
    figures = train(TranslatorTask(config), config)
    assert 0 < figures["pose_degrees"] < 20
    translator = trained_translator(tmp_path / "t", toy_schema())
    assert translator.config.pose == (20.0, 12.0, 0.0)
    features = torch.randn(2, translator.config.features + PICTURE_FEATURES)
    assert (translator.face(features)[1][:, :2] != 0).all()


@torch.no_grad()
def distance_of_pairs(task: TranslatorTask) -> float:
    """Mean squared distance of the averaged estimates for the two renders of each character that is trained on."""
    network = trained_translator(task.config.out, toy_schema())
    other = task.next_render[task.rest]
    one, two = (network(task.features[rows].float())[0][:, task.identity] for rows in (task.rest, other))
    return float((one - two).square().mean())


@pytest.mark.slow
def test_two_renders_of_one_character_get_estimates_that_agree(posed_data: Path, tmp_path: Path) -> None:
    frontal = RenderConfig(out=tmp_path / "frontal", engine="toy", count=40, size=64, seed=8, per_shard=40, workers=1)
    render(frontal, open_toy)
    data = (posed_data, frontal.out)
    parser = ParserTraining(out=tmp_path / "p", data=data, size=32, steps=1, batch=2, holdout=4, bf16="off")
    train(ParserTask(parser), parser)
    config = TranslatorTraining(
        out=tmp_path / "t", data=data, parser=tmp_path / "p", samples=80, holdout=8, hidden=16, batch=16, steps=60,
        learning_rate=1e-2, bf16="off",
    )  # fmt: skip
    task = TranslatorTask(config)
    # The held-out characters are not learnt from in their other renders either.
    assert set(task.rest.tolist()) == {*range(8, 40), *range(48, 80)}
    assert train(task, config)["within_between"] > 0
    agreeing = replace(config, consistency=10.0, out=tmp_path / "agreeing")
    agreeing.out.mkdir()
    shutil.copy(config.out / "features.safetensors", agreeing.out)
    consistent = TranslatorTask(agreeing)
    terms = consistent.loss(0, 0.0, bf16=False)
    assert "consistency" not in task.loss(0, 0.0, bf16=False)
    torch.testing.assert_close(
        terms["total"], torch.stack([term for name, term in terms.items() if name != "total"]).sum()
    )
    train(consistent, agreeing)
    # By a factor of 24 and 37 with two seeds.
    assert distance_of_pairs(consistent) < 0.3 * distance_of_pairs(task)
    with pytest.raises(TrainingError, match="rendered twice"):
        TranslatorTask(replace(agreeing, samples=40, out=tmp_path / "once"))
    with pytest.raises(TrainingError, match="even batch"):
        replace(agreeing, batch=15)
