"""Rendering into shards: the same bytes whoever renders, and nothing done twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from f2p.engines.protocol import View
from f2p.errors import EngineMissing, TrainingError
from imitator_training.data.dataset import Renders, batch_indices
from imitator_training.data.frame import recentring
from imitator_training.data.render import RenderConfig, render
from imitator_training.data.shards import read_manifest, sha256
from tests.helpers.toy_engine import ToyEngine, toy_schema
from tests.training.conftest import open_toy


def config(out: Path, **changes: object) -> RenderConfig:
    plain = RenderConfig(out=out, engine="toy", count=72, size=64, seed=5, per_shard=32, workers=1)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_two_workers_make_what_one_makes(toy_data: Path, tmp_path: Path) -> None:
    render(config(tmp_path, workers=2), open_toy)
    assert (tmp_path / "manifest.json").read_bytes() == (toy_data / "manifest.json").read_bytes()
    assert (tmp_path / "000001.tar").read_bytes() == (toy_data / "000001.tar").read_bytes()


def test_what_is_there_and_intact_is_kept(toy_data: Path, tmp_path: Path) -> None:
    render(config(tmp_path, count=40), open_toy)
    first = (tmp_path / "000000.tar").stat().st_mtime_ns
    damaged = tmp_path / "000001.tar"
    damaged.write_bytes(damaged.read_bytes()[:-1000])
    grown = render(config(tmp_path), open_toy)
    assert (tmp_path / "000000.tar").stat().st_mtime_ns == first
    assert grown.shards == read_manifest(toy_data).shards
    assert all(sha256(tmp_path / shard.name) == shard.sha256 for shard in grown.shards)


def test_another_set_is_not_mixed_in(toy_data: Path) -> None:
    with pytest.raises(TrainingError, match="different seed"):
        render(config(toy_data, seed=6), open_toy)


def test_photo_like_heads_come_to_lie_where_frontal_ones_do(tmp_path: Path) -> None:
    """The toy's head moves sideways when it turns, and changes in nothing else: brought back, it is as it was."""
    posed = config(tmp_path, count=8, yaw=20.0, pitch=12.0, photo_like=True)
    manifest = render(posed, open_toy)
    assert read_manifest(tmp_path) == manifest
    turns = np.array(manifest.turns)
    view = View(20.0, -12.0)
    np.testing.assert_allclose(recentring(turns, view), [[1, 0, -0.05], [0, 1, 0.03]], atol=1e-5)
    data, engine = Renders([tmp_path]), ToyEngine()
    where = np.arange(8)
    pose = data.pose(where).numpy()
    assert np.abs(pose[:, :2]).max() > 5
    assert (pose[:, 2] == 0).all()
    for row, x in enumerate(data.gather("x", where)):
        frontal = engine.render(engine.schema.decode(x), 64)
        away = np.abs(frontal.image.astype(int) - data.gather("images", where)[row])
        assert away.mean() < 6  # edges, by less than a pixel
        assert (frontal.labels == data.labels(where)[row].numpy()).mean() > 0.93


def test_a_folder_from_before_there_was_a_choice_goes_on(toy_data: Path, tmp_path: Path) -> None:
    content = json.loads((toy_data / "manifest.json").read_text())
    assert "photo_like" not in content.pop("sampling")
    assert content.pop("turns") is None
    old = {**json.loads((toy_data / "manifest.json").read_text())}
    del old["turns"]
    (tmp_path / "manifest.json").write_text(json.dumps(old))
    assert read_manifest(tmp_path) == read_manifest(toy_data)


@pytest.mark.parametrize(
    "changes",
    [{"count": 0}, {"size": 20}, {"expressions": 2.0}, {"photo_like": True, "roll": 5.0}],
)
def test_impossible_requests_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(TrainingError):
        config(tmp_path, **changes)


def test_samples_come_back_as_they_were_rendered(toy_data: Path) -> None:
    data, engine = Renders([toy_data]), ToyEngine()
    assert len(data) == 72
    assert data.schema == toy_schema()
    where = np.array([40, 3, 71])
    for row, x in enumerate(data.gather("x", where)):
        frame = engine.render(engine.schema.decode(x), 64)
        assert (data.gather("images", where)[row] == frame.image).all()
        assert (data.labels(where)[row].numpy() == frame.labels).all()
    half = data.images(where, 32)
    assert half.shape == (3, 3, 32, 32)
    np.testing.assert_allclose(half.mean(), data.images(where).mean(), atol=1e-3)
    with pytest.raises(TrainingError, match="--size 128"):
        data.images(where, 128)


def test_data_folders_that_do_not_go_together_are_refused(toy_data: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"manifest\.json"):
        Renders([tmp_path])
    other = tmp_path / "other"
    render(config(other, size=96, count=8), open_toy)
    with pytest.raises(TrainingError, match="size"):
        Renders([toy_data, other])
    content = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(content | {"format": 99}))
    with pytest.raises(TrainingError, match="format 99"):
        Renders([other])
    (other / "manifest.json").write_text("[]")
    with pytest.raises(TrainingError, match="no manifest"):
        Renders([other])


def test_an_epoch_sees_every_sample_once() -> None:
    epoch = np.concatenate([batch_indices(1, step, 8, 10, 50) for step in range(5)])
    assert sorted(epoch) == list(range(10, 50))
    assert not (epoch == np.concatenate([batch_indices(1, step, 8, 10, 50) for step in range(5, 10)])).all()
    with pytest.raises(TrainingError, match="hold out fewer"):
        batch_indices(1, 0, 8, 10, 12)


def test_an_engine_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="unreal6"):
        render(config(tmp_path, engine="unreal6", workers=2))
