"""Rendered toy data, made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imitator_training.data.render import RenderConfig, render
from tests.helpers.toy_engine import ToyEngine


def open_toy(name: str) -> ToyEngine:
    assert name == "toy"
    return ToyEngine()


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """72 toy renders of 64 px in three shards."""
    out = tmp_path_factory.mktemp("data") / "toy"
    render(RenderConfig(out=out, engine="toy", count=72, size=64, seed=5, per_shard=32, workers=1), open_toy)
    return out


@pytest.fixture(scope="session")
def posed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 toy renders of 64 px with turned heads, brought into the frame as photos are."""
    out = tmp_path_factory.mktemp("data") / "posed"
    plain = RenderConfig(out=out, engine="toy", count=40, size=64, seed=8, per_shard=40, workers=1)
    render(replace(plain, yaw=20.0, pitch=12.0, photo_like=True), open_toy)
    return out
