"""On-policy rounds: solutions and what lies around them, rendered as data that training takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from f2p.errors import TrainingError
from imitator_training.data.dataset import Renders
from imitator_training.data.shards import read_manifest
from imitator_training.on_policy.solutions import SolutionsConfig, neighbours, solutions
from imitator_training.tasks.config import ImitatorTraining
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.training.trainer import train
from tests.helpers.toy_engine import ToyEngine, toy_schema
from tests.training.conftest import open_toy


def config(bundle: Path, data: Path, out: Path, **changes: object) -> SolutionsConfig:
    plain = SolutionsConfig(
        bundle=bundle, data=(data,), out=out, faces=3, neighbours=2, jitter=0.2, steps=3, per_shard=2, seed=4
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_solutions_become_data_that_training_mixes_in(toy_data: Path, toy_folder: Path, tmp_path: Path) -> None:
    manifest = solutions(config(toy_folder, toy_data, tmp_path / "s"), open_toy)
    assert [shard.count for shard in manifest.shards] == [6, 3]
    added = Renders([tmp_path / "s"])
    engine, x = ToyEngine(), added.gather("x", range(9))
    for row in range(9):
        frame = engine.render(engine.schema.decode(x[row]), added.size)
        assert (added.gather("images", [row])[0] == frame.image).all()
        assert (added.gather("labels", [row])[0] == frame.labels).all()
    spread = engine.schema.spread()[:7]
    away = np.abs(x.reshape(3, 3, -1)[:, 1:, :7] - x.reshape(3, 3, -1)[:, :1, :7])
    assert (away[..., spread > 0] > 0).mean() > 0.9
    assert (away <= 5 * 0.2 * spread).all()
    assert not np.allclose(x[0], x[3], atol=1e-3)  # each face has a solution of its own

    mixed = ImitatorTraining(
        out=tmp_path / "run",
        data=(toy_data, tmp_path / "s"),
        size=64,
        channels=(8, 8, 8),
        steps=1,
        batch=4,
        holdout=16,
        identity=0.0,
        bf16="off",
    )
    task = ImitatorTask(mixed)
    assert len(task.data) == 72 + 9
    assert train(task, mixed)["psnr"] > 5


@pytest.mark.slow
def test_finished_shards_are_kept_and_more_faces_can_follow(toy_data: Path, toy_folder: Path, tmp_path: Path) -> None:
    solutions(config(toy_folder, toy_data, tmp_path, faces=2), open_toy)
    solutions(config(toy_folder, toy_data, tmp_path, faces=3), open_toy)
    first = (tmp_path / "000000.tar").stat().st_mtime_ns
    solutions(config(toy_folder, toy_data, tmp_path, faces=4), open_toy)
    assert (tmp_path / "000000.tar").stat().st_mtime_ns == first
    assert read_manifest(tmp_path).count == 12
    whole = solutions(config(toy_folder, toy_data, tmp_path / "again", faces=4), open_toy)
    assert whole.shards == read_manifest(tmp_path).shards  # the same bytes in one go
    with pytest.raises(TrainingError, match="another data set"):
        solutions(config(toy_folder, toy_data, tmp_path, jitter=0.5), open_toy)


def test_neighbours_stay_characters() -> None:
    schema = toy_schema()
    near = neighbours(schema, schema.decode(schema.average()) | {"face_width": 1.0}, 50, 1.0, np.random.default_rng(0))
    assert all(schema.decode(schema.encode(values)) for values in near)
    assert all(values["smile"] == 0 for values in near)
    assert 0.01 < np.mean([values["hair"] != "short" for values in near]) < 0.3


@pytest.mark.parametrize("changes", [{"faces": 0}, {"jitter": -1.0}, {"steps": 0}])
def test_impossible_requests_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(TrainingError):
        config(tmp_path, tmp_path, tmp_path, **changes)
