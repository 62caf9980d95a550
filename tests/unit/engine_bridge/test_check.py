"""The check of engines: the example of another engine passes it, and what breaks the contract is named."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.check import check_engine
from f2p.engines.protocol import FRONTAL, Engine, Frame, View
from f2p.schema import Schema
from tests.helpers.toy_engine import ToyEngine

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "second_engine"


@pytest.fixture(scope="module")
def example() -> Iterator[Engine]:
    """The example engine, started by what its package offers as an entry point."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))
    module, _, factory = project["project"]["entry-points"]["f2p.engines"]["marionette"].partition(":")
    sys.path.insert(0, str(EXAMPLE))
    engine: Engine = getattr(import_module(module), factory)()
    yield engine
    engine.close()
    sys.path.remove(str(EXAMPLE))


def test_the_example_engine_keeps_the_contract(example: Engine) -> None:
    assert isinstance(example, Engine)
    faults = [f"{finding.subject}: {finding.detail}" for finding in check_engine(example) if not finding.ok]
    assert faults == []


def test_the_example_engine_is_another_engine(example: Engine) -> None:
    from engine_bridge.makehuman import open_engine, reference_schema

    assert example.schema.hash != reference_schema().hash
    expressions = {slider.name for slider in example.schema.continuous if slider.role == "expression"}
    assert set(example.schema.names) & set(reference_schema().names) == expressions
    with open_engine() as reference:
        assert np.abs(example.render({}, 96).image.astype(int) - reference.render({}, 96).image).mean() > 10


def test_its_nose_runs_the_other_way_round(example: Engine) -> None:
    from f2p.regions import index

    lowest = [
        np.nonzero(example.render({"Nose.Short": value}, 256).labels == index("nose"))[0].max() for value in (0.1, 0.9)
    ]
    assert lowest[0] > lowest[1] + 3


class Faulty(ToyEngine):
    """The toy engine, whose background is noise, whose hair is always the same, and which takes any value."""

    def __init__(self) -> None:
        super().__init__()
        self.random = np.random.default_rng(0)

    def sample(self, seed: int) -> dict[str, float | str]:
        return super().sample(seed) | {"smile": 0.5}

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        known: dict[str, float | str] = {}
        for name, value in values.items():
            if name in self.schema.names and name not in ("hair", "eye_size"):
                known[name] = value if isinstance(value, str) else min(value, 1.0)
        frame = super().render(known, size, view)
        image = frame.image.copy()
        image[0, 0] = self.random.integers(0, 255, 3)
        return Frame(image, frame.labels)


def test_what_breaks_the_contract_is_named() -> None:
    found = {finding.subject: finding for finding in check_engine(Faulty())}
    assert {name for name, finding in found.items() if not finding.ok} == {
        "same bytes", "refusals", "samples", "views", "sliders"
    }  # fmt: skip
    assert "an unknown slider, a value of 1.5, a size of 8 px" in found["refusals"].detail
    assert "eye_size" in found["sliders"].detail
    assert "moved: smile" in found["samples"].detail
    assert "roll, light" in found["views"].detail


class Broken(ToyEngine):
    """One that forgot half of it."""

    def sample(self, seed: int) -> dict[str, float | str]:
        raise NotImplementedError

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        frame = super().render(values, 512, view)
        return Frame(frame.image / 255, frame.labels + 100)


def test_wrong_frames_are_named() -> None:
    found = {finding.subject: finding for finding in check_engine(Broken())}
    assert "float64" in found["frames"].detail
    assert "label 1" in found["labels"].detail
    schema: Schema = ToyEngine().schema
    assert f"{len(schema.continuous)} sliders" in found["schema"].detail
    assert not found["samples"].ok
