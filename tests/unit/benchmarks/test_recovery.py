"""The recovery benchmark, with the toy engine's untrained networks: cases, figures, records, resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.recovery import answers as recovery_answers
from benchmarks.recovery.__main__ import run
from benchmarks.recovery.answers import RECIPES, Answers, Solver, psnr
from benchmarks.recovery.cases import apart_cases, known_cases, turned_cases
from benchmarks.recovery.figures import correlation, figures, tables, within_between
from f2p.bundle import Bundle
from f2p.errors import NoFace
from f2p.targets.target import Target
from imitator_training.on_policy.solving import render_subject
from tests.helpers.toy_bundle import toy_bundle
from tests.helpers.toy_engine import ToyEngine


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    toy = toy_bundle(tmp_path_factory.mktemp("toy"), {"expressions": {"smile": 0.3}, "pose": (20.0, 15.0, 0.0)})
    return replace(toy, statistics={**toy.statistics, "engine_centre": torch.full((128,), 0.1)})


def target_of(bundle: Bundle, pixels: np.ndarray) -> Target:
    """The toy's renders are no faces to a detector, but they lie in the frame already."""
    image = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
    small = torch.nn.functional.interpolate(image[None], (bundle.size, bundle.size), mode="area")[0]
    return render_subject(bundle, small, "toy").target


def test_cases_are_the_same_again_and_keep_who_it_is() -> None:
    engine = ToyEngine()
    cases = apart_cases(engine, 3, seed=4)
    assert cases == apart_cases(engine, 3, seed=4)
    assert [case.face for case in cases] == [0, 1, 2, 3, 4] * 3
    assert all(case.values == cases[0].values for case in cases[:5])
    assert all(case.view.yaw == 0 for case in cases)
    assert cases[0].units == {}
    known = known_cases(engine, 5, seed=4)
    assert known[:2] == known_cases(engine, 2, seed=4)
    assert any(case.view.yaw for case in known)
    turned = turned_cases(engine, 2, seed=4)
    assert [case.view.yaw for case in turned] == [0, 20, 0, -20]
    assert turned[0].values == turned[1].values
    assert known[0].values != known_cases(engine, 1, seed=5)[0].values


def test_distances_within_and_between() -> None:
    rng = np.random.default_rng(0)
    people = rng.normal(size=(200, 1, 8))
    assert within_between(list(np.repeat(people, 3, 1))) == pytest.approx(0)
    # Answers that scatter as much as people do: by chance alone.
    assert within_between(list(rng.normal(size=(60, 4, 8)))) == pytest.approx(1, abs=0.05)
    # Noise of variance 1/4 about people of variance 1: sqrt(.25 / 1.25).
    noisy = people + 0.5 * rng.normal(size=(200, 3, 8))
    assert within_between(list(noisy)) == pytest.approx(np.sqrt(0.2), abs=0.02)


def test_correlation_and_psnr() -> None:
    truth = np.array([0.0, 1.0, 2.0, 3.0])
    assert correlation(truth, 2 * truth + 1) == pytest.approx(1)
    assert correlation(truth, np.zeros(4)) == 0
    assert psnr(torch.full((3, 4, 4), 0.6), torch.full((3, 4, 4), 0.5)) == pytest.approx(20, abs=1e-4)


@pytest.mark.slow
def test_a_run_goes_on_where_it_was(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {
        name: replace(recipe, steps=min(recipe.steps, 3), expressions=("smile",) * (name == "default"))
        for name, recipe in RECIPES.items()
    }
    monkeypatch.setattr(recovery_answers, "RECIPES", quick)
    engine = ToyEngine()
    cases = [*known_cases(engine, 3, 0), *apart_cases(engine, 2, 0), *turned_cases(engine, 1, 0)]
    answers = Answers(tmp_path, bundle, engine, 0)
    run(cases[:4], ("default", "control"), Solver(bundle, engine, target_of, 0), answers)
    assert len(answers.rows) == 8

    solved = []

    def counted(b: Bundle, pixels: np.ndarray) -> Target:
        solved.append(1)
        if len(solved) == 1:
            raise NoFace("None.", "Another.")
        return target_of(b, pixels)

    again = Answers(tmp_path, bundle, engine, 0)
    run(cases, ("default", "control"), Solver(bundle, engine, counted, 0), again)
    assert len(again.skipped) == 1  # and the other recipe is not tried on it
    assert len(solved) == 1 + 2 * (len(cases) - 5)
    assert len(again.rows) == 2 * (len(cases) - 1)
    found = {name: figures(bundle.schema, cases, again, name) for name in ("default", "control")}
    default, control = found["default"], found["control"]
    assert default["known"]["renders"] == 3
    assert set(default["known"]["top1"]) == {"hair"}
    assert set(default["known"]["r"]) == {"face", "eye", "mouth", "nose", "skin"}
    assert {"r yaw", "r pitch"} <= default["known"].keys()
    assert not {"r yaw", "r pitch"} & control["known"].keys()
    assert control["apart"]["r expression"] == {}
    text = tables(found)
    assert "| known | default | control |" in text
    assert "| within/between mouth |" in text
    assert "| ratio |" in text
    with pytest.raises(SystemExit, match="another run"):
        Answers(tmp_path, bundle, engine, 1)
