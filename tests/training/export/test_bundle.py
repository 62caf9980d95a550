"""Trained networks assembled into a bundle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from f2p.bundle import ODDS_AGES, load_bundle
from f2p.errors import TrainingError
from imitator_training.data.dataset import Renders
from imitator_training.evaluation.command import EvaluateConfig, evaluate
from imitator_training.export.bundle import ExportConfig, export
from imitator_training.tasks.config import ImitatorTraining, ParserTraining, TranslatorTraining
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.tasks.parser import ParserTask
from imitator_training.tasks.translator import TranslatorTask
from imitator_training.training.trainer import train
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema


@pytest.fixture(scope="module")
def runs(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short run of each network, and a statistics file."""
    at = tmp_path_factory.mktemp("runs")
    common = {"data": (toy_data,), "steps": 2, "bf16": "off"}
    imitator = ImitatorTraining(
        out=at / "imitator", size=64, channels=(16, 16, 8), batch=4, holdout=16, identity=0.0, **common
    )
    train(ImitatorTask(imitator), imitator)
    parser = ParserTraining(out=at / "parser", size=64, batch=2, holdout=2, **common)
    train(ParserTask(parser), parser)
    translator = TranslatorTraining(
        out=at / "translator", parser=at / "parser", samples=30, holdout=5, hidden=16, batch=8, **common
    )
    train(TranslatorTask(translator), translator)
    save_file({f"identity_centre_{name}": torch.zeros(128) for name in ("colour", "grey")}, at / "s.safetensors")
    return at


def export_config(runs: Path, data: Path, out: Path) -> ExportConfig:
    return ExportConfig(
        imitator=runs / "imitator",
        parser=runs / "parser",
        translator=runs / "translator",
        data=(data,),
        statistics=runs / "s.safetensors",
        out=out,
        name="toy",
        count=12,
    )


def test_an_exported_bundle_loads_and_draws_as_the_run_does(runs: Path, toy_data: Path, tmp_path: Path) -> None:
    bundle = load_bundle(export(export_config(runs, toy_data, tmp_path / "bundle")))
    assert bundle.engine == "toy"
    assert bundle.size == 64
    assert bundle.translator is not None
    np.testing.assert_allclose(bundle.frame_landmarks5, Renders([toy_data]).frame_landmarks5)
    assert bundle.metrics["imitator"]["samples"] == 12
    assert bundle.provenance["imitator"]["data_seeds"] == [5]
    plain = EvaluateConfig(model=tmp_path / "bundle", data=(toy_data,), count=12, characters=0, subjects=0)
    figures = evaluate(plain)
    run = evaluate(replace(plain, model=runs / "imitator", out=tmp_path / "f" / "run.json"))
    assert figures["psnr"] == pytest.approx(bundle.metrics["imitator"]["psnr"], abs=1e-4)
    assert figures["psnr"] == pytest.approx(run["psnr"], abs=0.02)
    assert json.loads((tmp_path / "f" / "run.json").read_text())["psnr"] == run["psnr"]


@pytest.mark.slow
def test_parser_and_people_of_another_engines_bundle_serve(runs: Path, toy_data: Path, tmp_path: Path) -> None:
    schema = toy_schema()
    shorter = replace(schema, name="shorter", continuous=schema.continuous[1:])
    other = save_tiny_bundle(tmp_path / "other", shorter, "shorter")
    saved = other / "statistics.safetensors"
    save_file(load_file(saved) | {"engine_centre": torch.ones(128)}, saved, {"schema_hash": shorter.hash})
    content = json.loads((other / "bundle.json").read_text())
    content["files"][saved.name]["sha256"] = hashlib.sha256(saved.read_bytes()).hexdigest()
    content["files"][saved.name]["bytes"] = saved.stat().st_size
    (other / "bundle.json").write_text(json.dumps(content))
    translator = TranslatorTraining(
        out=tmp_path / "translator", parser=other, samples=30, holdout=5, hidden=16, batch=8, data=(toy_data,), steps=2
    )
    train(TranslatorTask(translator), translator)
    constants = tmp_path / "constants.json"
    constants.write_text('{"mien": {"frown": 0.1}}')
    config = replace(
        export_config(runs, toy_data, tmp_path / "bundle"),
        calibration=constants,
        parser=other,
        translator=translator.out,
        statistics=saved,
        name=None,
    )
    bundle = load_bundle(export(config))
    assert bundle.name == "toy"  # the engine's
    assert bundle.calibration.mien == {"frown": 0.1}
    assert bundle.parser.size == 64
    assert bundle.statistics["prior_mean"].shape == (schema.continuous_size,)
    assert not torch.equal(bundle.statistics["engine_centre"], torch.ones(128))
    odds = bundle.statistics["option_odds"]
    assert odds.shape == (2, len(ODDS_AGES), schema.size - schema.continuous_size)
    # What some have more often than people at large, others have less often.
    assert (odds.amin((0, 1)) <= 1e-6).all()
    assert (odds.amax((0, 1)) >= -1e-6).all()
    picture = torch.rand(1, 3, 64, 64)
    theirs = load_bundle(other).parser
    torch.testing.assert_close(bundle.parser(picture), theirs(picture), atol=0.02, rtol=0.02)


def test_constants_that_are_none_are_refused(runs: Path, toy_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "constants.json"
    for text in ("{", '{"gamma": 1}', '{"mien": {"frown": "deep"}}'):
        file.write_text(text)
        with pytest.raises(TrainingError, match="constants of an engine"):
            export(replace(export_config(runs, toy_data, tmp_path / "bundle"), calibration=file))


def test_a_bundle_s_networks_are_taken_over_as_they_are(runs: Path, toy_data: Path, tmp_path: Path) -> None:
    first = export(export_config(runs, toy_data, tmp_path / "first"))
    taken = ExportConfig(
        imitator=first,
        parser=first,
        translator=first,
        data=(toy_data,),
        statistics=first / "statistics.safetensors",
        out=tmp_path / "second",
        name="toy",
        count=12,
    )
    second = export(taken)
    for network in ("imitator", "parser", "translator"):
        before, after = (load_file(folder / f"{network}.safetensors") for folder in (first, second))
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before), network
    old, new = load_bundle(first), load_bundle(second)
    torch.testing.assert_close(new.statistics["guess_error"], old.statistics["guess_error"], atol=0, rtol=0)
    for network in ("imitator", "parser", "translator"):
        assert new.provenance[network] == old.provenance[network]
        assert new.provenance[network]["steps_done"] > 0


def test_an_export_s_parts_must_fit(runs: Path, toy_data: Path, tmp_path: Path) -> None:
    config = export_config(runs, toy_data, tmp_path)
    with pytest.raises(TrainingError, match="parser, not of a imitator"):
        export(replace(config, imitator=runs / "parser"))
    with pytest.raises(TrainingError, match="statistics"):
        export(replace(config, statistics=tmp_path / "none.safetensors"))
    schema = toy_schema()
    shorter = replace(schema, name="shorter", continuous=schema.continuous[1:])
    other = save_tiny_bundle(tmp_path / "other", shorter, "shorter")
    for task in ("imitator", "translator"):
        with pytest.raises(TrainingError, match="for another schema"):
            export(replace(config, **{task: other}))


def test_what_was_trained_on_is_not_measured(runs: Path, toy_data: Path) -> None:
    with pytest.raises(TrainingError, match="first 16 samples"):
        evaluate(EvaluateConfig(model=runs / "imitator", data=(toy_data,), count=40))
