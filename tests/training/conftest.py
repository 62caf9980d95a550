"""Rendered toy data, made once."""

from __future__ import annotations

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
