"""A translator's guess compared with the truth as the imitator draws both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.bundle import Bundle
from imitator_training.tasks.config import ImitatorTraining, ParserTraining, TranslatorTraining
from imitator_training.tasks.cycle_loss import CycleLoss
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.tasks.parser import ParserTask
from imitator_training.tasks.translator import TranslatorTask
from imitator_training.training.trainer import train


def test_the_truth_costs_nothing_and_errors_that_show_do(bundle: Bundle) -> None:
    schema = bundle.schema
    size = schema.continuous_size
    x = torch.rand(20, schema.size, generator=torch.Generator().manual_seed(0))
    x[:, size:] = torch.eye(schema.size - size)[torch.arange(20) % (schema.size - size)]
    cycle = CycleLoss(bundle.imitator, schema, bundle.frame_landmarks5, x)
    truth, pose = x[:3], torch.zeros(3, 3)
    certain = {schema.discrete[0].name: 100 * truth[:, size:]}
    right = cycle.terms(truth[:, :size], certain, truth, pose)
    assert all(float(value) < 1e-3 for value in right.values())
    sliders = (1 - truth[:, :size]).requires_grad_()
    wrong = cycle.terms(sliders, certain, truth, pose)
    assert all(float(wrong[name]) > 0.01 for name in right)
    (gradient,) = torch.autograd.grad(torch.stack(list(wrong.values())).sum(), sliders)
    assert (gradient[:, :6] != 0).all()
    # An option is a guess too.
    other = {schema.discrete[0].name: certain[schema.discrete[0].name].roll(1, 1)}
    assert float(cycle.terms(truth[:, :size], other, truth, pose)["cycle_maps"]) > 0.01


def test_a_translator_learns_through_an_imitator(toy_data: Path, tmp_path: Path) -> None:
    plain = {"data": (toy_data,), "steps": 2, "batch": 2, "size": 64, "bf16": "off"}
    imitator = ImitatorTraining(out=tmp_path / "i", channels=(16, 16, 8), holdout=2, **plain)  # type: ignore[arg-type]
    train(ImitatorTask(imitator), imitator)
    parser = ParserTraining(out=tmp_path / "p", holdout=2, **plain)  # type: ignore[arg-type]
    train(ParserTask(parser), parser)
    config = TranslatorTraining(
        out=tmp_path / "t", data=(toy_data,), parser=tmp_path / "p", samples=30, holdout=10, steps=2, hidden=16, batch=8
    )
    task = TranslatorTask(config)
    assert not any(name.startswith("cycle") for name in task.loss(0, 0.0, False))
    through = TranslatorTask(replace(config, imitator=tmp_path / "i", drawn=4))
    terms = through.loss(0, 0.0, False)
    assert {"cycle_identity", "cycle_maps", "cycle_colours"} < terms.keys()
    assert float(terms["total"]) == pytest.approx(sum(float(v) for n, v in terms.items() if n != "total"), rel=1e-4)
