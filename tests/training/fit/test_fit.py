"""From an engine to a bundle by one command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from f2p.bundle import load_bundle
from f2p.errors import EngineMissing, TrainingError
from imitator_training.cli import PROGRAM
from imitator_training.fit.budget import make_plan, read_minutes, share_training
from imitator_training.fit.progress import open_state
from imitator_training.fit.run import FitConfig, fit
from imitator_training.fit.stages import Folders, stages_of
from imitator_training.fit.verdict import judge


@pytest.mark.parametrize(
    ("text", "minutes"), [("2h", 120), ("90m", 90), ("1h30m", 90), ("1.5h", 90), ("45", 45), ("20 min", 20)]
)
def test_budgets_are_read(text: str, minutes: float) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "2 weeks", "h", "4m", "-2h"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(TrainingError):
        read_minutes(text)


@pytest.mark.parametrize("minutes", [10, 45, 120, 600])
@pytest.mark.parametrize("cores", [1, 2, 8])
@pytest.mark.parametrize("frame_seconds", [0.0005, 0.03, 0.1])
def test_a_plan_keeps_within_its_budget(minutes: float, cores: int, frame_seconds: float) -> None:
    plan = make_plan(minutes, frame_seconds, 2, cores)
    time = plan.minutes()
    lanes = time["imitator"], time["parser"] + time["translator"]
    used = time["render"] + time["render posed"] + (sum(lanes) if cores < 2 else max(lanes))
    assert 0.5 * minutes < used < 0.95 * minutes
    assert plan.held_out < plan.neutral / 5
    assert min(plan.imitator, plan.parser, plan.translator) > 0.05 * minutes


def test_trainings_share_what_rendering_has_left() -> None:
    plan = make_plan(60, 0.1, 2, 2)
    late = share_training(plan, 60, plan.rendering + 10, 2)
    assert late.imitator == pytest.approx(plan.imitator - 10)
    assert share_training(plan, 60, 70, 2).imitator > 15
    with pytest.raises(TrainingError, match="teach no network"):
        make_plan(60, 0.1, 2, 2, renders=100)
    assert make_plan(60, 0.1, 2, 2, renders=2000).neutral == 1400
    with pytest.raises(TrainingError, match="2000 take"):
        make_plan(20, 1.0, 1, 2, renders=2000)


def test_a_fit_goes_on_by_its_plan_whatever_the_engines_speed_is_by_now(tmp_path: Path) -> None:
    asked = {"engine": "toy", "renders": 2000}
    first = open_state(Folders(tmp_path), asked, lambda: ({"seconds": 0.1}, {"neutral": 1400}))

    def measure_again() -> tuple[dict[str, object], dict[str, object]]:
        raise TrainingError("The engine takes 5.8 s a picture.", "Make it faster.")

    again = open_state(Folders(tmp_path), asked, measure_again)
    assert (again.plan, again.engine) == (first.plan, first.engine)
    with pytest.raises(TrainingError, match="different renders"):
        open_state(Folders(tmp_path), asked | {"renders": 3000}, measure_again)


def test_too_slow_an_engine_is_told_what_budget_would_do() -> None:
    with pytest.raises(TrainingError) as caught:
        make_plan(20, 2.0, 1, 2)
    needed = read_minutes(caught.value.remedy.split("--budget of ")[1].split(" ")[0])
    make_plan(needed, 2.0, 1, 2)


def test_every_step_is_a_command_that_could_be_typed(tmp_path: Path) -> None:
    stages = stages_of(
        make_plan(60, 0.03, 2, 2),
        folders=Folders(tmp_path),
        engine="toy",
        seed=1,
        workers=2,
        expressive=True,
        warm_start=tmp_path / "bundle",
        statistics=tmp_path / "statistics.safetensors",
        photos=tmp_path,
        name="mine",
    )
    assert [stage.name for stage in stages][-1] == "export"
    before: set[str] = set()
    for stage in stages:
        assert set(stage.after) <= before
        before.add(stage.name)
        found = PROGRAM.find(stage.arguments)
        assert found is not None
        words, command = found
        read = command.read(command.load(), stage.arguments[len(words.split()) :], words)
        assert read.out is not None


FIGURES = {
    "psnr": 33.0,
    "identity_cosine": 0.93,
    "label_iou": {"skin": 0.9, "brows": 0.7, "teeth": 0.0},
    "sliders": {"visible": 40, "dead": [], "wrong": [], "invisible": []},
    "options": [{"parameter": "hair", "option": "long", "change": 0.9}],
}


def test_good_figures_need_no_advice() -> None:
    verdict = judge(FIGURES, np.full(10, 0.6), 120)
    assert verdict.grade == "good"
    assert verdict.advice == ()


@pytest.mark.parametrize(
    ("change", "grade", "advice"),
    [
        ({"psnr": 20.0}, "poor", "4h"),
        ({"identity_cosine": 0.7}, "fair", "--budget"),
        ({"sliders": {"visible": 10, "dead": ["chin"], "wrong": ["brow"] * 4, "invisible": []}}, "poor", "chin"),
        ({"sliders": {"visible": 10, "dead": [], "wrong": [], "invisible": ["tongue"]}}, "good", "tongue"),
        ({"options": [{"parameter": "glasses", "option": "round", "change": 0.1}]}, "fair", "Rare or thin options"),
    ],
)
def test_what_is_bad_is_said_with_what_would_help(change: dict[str, object], grade: str, advice: str) -> None:
    verdict = judge(FIGURES | change, None, 120)
    assert verdict.grade == grade
    assert any(advice in line for line in verdict.advice)


def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing):
        fit(FitConfig(engine="no-such-engine", out=tmp_path / "fit", budget="10m"))


@pytest.mark.timeout(120)
def test_a_step_that_fails_is_named_with_its_cause_and_its_output(tmp_path: Path) -> None:
    config = FitConfig(
        engine="python:tests.helpers.render_faults:DiesInTraining", out=tmp_path / "fit", budget="10m", workers=1
    )
    with pytest.raises(TrainingError) as caught:
        fit(config)
    assert "'render'" in caught.value.message
    assert "out of video memory" in caught.value.message
    log = Path(caught.value.remedy.rsplit(": ", 1)[1].removesuffix("."))
    assert log.is_file()
    page = (tmp_path / "fit" / "index.html").read_text(encoding="utf-8")
    assert "out of video memory" in page
    assert "http-equiv" not in page
    state = json.loads((tmp_path / "fit" / "fit.json").read_text(encoding="utf-8"))
    assert state["done"] == {}
    with pytest.raises(TrainingError, match="another fit"):
        fit(FitConfig(engine=config.engine, out=config.out, budget="20m", workers=1))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_toy_becomes_a_bundle_within_its_budget(tmp_path: Path) -> None:
    verdict = fit(FitConfig(engine="python:tests.helpers.toy_engine:ToyEngine", out=tmp_path / "fit", budget="6m"))
    assert verdict.words
    bundle = load_bundle(tmp_path / "fit" / "bundle")
    assert bundle.translator is not None
    assert "Verdict" in (tmp_path / "fit" / "index.html").read_text(encoding="utf-8")
