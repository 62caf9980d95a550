"""Every architecture trains; a resumed run is the unbroken one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from f2p.errors import TrainingError
from f2p.networks.face_parser import parser_names
from f2p.networks.imitator.registry import imitator_names
from f2p.networks.translator import PICTURE_FEATURES
from f2p.regions import REGIONS
from imitator_training.config import ImitatorTraining, LoopConfig, ParserTraining, TranslatorTraining
from imitator_training.data.dataset import Renders
from imitator_training.data.render import RenderConfig, render
from imitator_training.evaluation.command import EvaluateConfig, evaluate
from imitator_training.runtime.checkpointing import newest
from imitator_training.runtime.trained_networks import trained_imitator, trained_parser, trained_translator
from imitator_training.tasks.imitator import ImitatorTask, posed_options
from imitator_training.tasks.parser import ParserTask, class_weights
from imitator_training.tasks.translator import TranslatorTask
from imitator_training.training.trainer import Task, learning_rate_factor, train
from tests.helpers.toy_engine import toy_schema
from tests.training.conftest import open_toy

CHANNELS = {"modulated": (16, 16, 8), "dcgan": (16, 16, 8, 8)}


def imitator_config(out: Path, data: Path, arch: str = "modulated", **changes: object) -> ImitatorTraining:
    plain = ImitatorTraining(
        out=out,
        data=(data,),
        arch=arch,
        size=64,
        channels=CHANNELS[arch],
        steps=2,
        batch=4,
        holdout=16,
        identity_from=0.5,
        identity_batch=2,
        log_every=1,
        bf16="off",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("arch", imitator_names())
def test_every_imitator_trains(arch: str, toy_data: Path, tmp_path: Path) -> None:
    config = imitator_config(tmp_path, toy_data, arch)
    figures = train(ImitatorTask(config), config)
    assert figures["psnr"] > 5
    assert newest(tmp_path).name == "00000002"
    assert trained_imitator(tmp_path, toy_schema()).arch == arch
    assert list((tmp_path / "tensorboard").iterdir())


@pytest.mark.parametrize("arch", parser_names())
def test_every_parser_trains(arch: str, toy_data: Path, tmp_path: Path) -> None:
    config = ParserTraining(
        out=tmp_path, data=(toy_data,), arch=arch, size=32, steps=2, batch=2, holdout=6, bf16="off", log_every=1
    )
    assert train(ParserTask(config), config).keys() == {"iou", "iou_randomised"}
    assert trained_parser(tmp_path).arch == arch


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


@pytest.fixture(scope="module")
def posed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "posed"
    plain = RenderConfig(out=out, engine="toy", count=40, size=64, seed=8, per_shard=40, workers=1)
    render(replace(plain, yaw=20.0, pitch=12.0, photo_like=True), open_toy)
    return out


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


def test_a_parser_s_renders_are_no_imitator_s(toy_data: Path, tmp_path: Path) -> None:
    manifest = json.loads((toy_data / "manifest.json").read_text())
    for change in ({"lights": 0.5}, {"expressions": 0.7}, {"yaw": 25.0}):
        folder = tmp_path / next(iter(change))
        folder.mkdir()
        for shard in toy_data.iterdir():
            (folder / shard.name).write_bytes(shard.read_bytes())
        changed = manifest | {"sampling": manifest["sampling"] | change}
        (folder / "manifest.json").write_text(json.dumps(changed))
        with pytest.raises(TrainingError, match="--photo-like"):
            posed_options(Renders([toy_data, folder]))


def test_the_translator_learns_the_pose(posed_data: Path, tmp_path: Path) -> None:
    parser = ParserTraining(out=tmp_path / "p", data=(posed_data,), size=32, steps=1, batch=2, holdout=4)
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
    )
    figures = train(TranslatorTask(config), config)
    assert 0 < figures["pose_degrees"] < 20
    translator = trained_translator(tmp_path / "t", toy_schema())
    assert translator.config.pose == (20.0, 12.0, 0.0)
    features = torch.randn(2, translator.config.features + PICTURE_FEATURES)
    assert (translator.face(features)[1][:, :2] != 0).all()


def test_two_renders_of_one_character_get_guesses_that_agree(posed_data: Path, tmp_path: Path) -> None:
    frontal = RenderConfig(out=tmp_path / "frontal", engine="toy", count=40, size=64, seed=8, per_shard=40, workers=1)
    render(frontal, open_toy)
    data = (posed_data, frontal.out)
    parser = ParserTraining(out=tmp_path / "p", data=data, size=32, steps=1, batch=2, holdout=4)
    train(ParserTask(parser), parser)
    config = TranslatorTraining(
        out=tmp_path / "t", data=data, parser=tmp_path / "p", samples=80, holdout=8, hidden=16, batch=16, steps=40
    )
    task = TranslatorTask(config)
    # The held-out characters are not learnt from in their other renders either.
    assert set(task.rest.tolist()) == {*range(8, 40), *range(48, 80)}
    apart = train(task, config)["within_between"]
    agreeing = replace(config, consistency=10.0, out=tmp_path / "agreeing")
    agreeing.out.mkdir()
    shutil.copy(config.out / "features.safetensors", agreeing.out)
    assert train(TranslatorTask(agreeing), agreeing)["within_between"] < 0.9 * apart
    with pytest.raises(TrainingError, match="rendered twice"):
        TranslatorTask(replace(agreeing, samples=40, out=tmp_path / "once"))
    with pytest.raises(TrainingError, match="even batch"):
        replace(agreeing, batch=15)


@pytest.mark.parametrize(("kind", "bf16"), [("imitator", "off"), ("imitator", "on"), ("parser", "off")])
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


def test_the_learning_rate_ends_with_the_budget() -> None:
    assert learning_rate_factor(0, 0.0) < 0.01
    assert learning_rate_factor(1000, 0.0) == 1.0
    assert learning_rate_factor(1000, 1.0) == pytest.approx(0.01)


def test_parts_that_photos_show_badly_weigh_more() -> None:
    weights = dict(zip(REGIONS, class_weights().tolist(), strict=True))
    assert weights["eyes"] > weights["brows"] > weights["nose"] > weights["background"] > 0
