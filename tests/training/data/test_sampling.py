"""Which characters are rendered."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from f2p.engines.abilities import sample_values
from f2p.schema import Schema
from imitator_training.data.expressions import natural_expression, shown_units
from imitator_training.data.sampling import SampleConfig, draw
from tests.helpers.toy_engine import ToyEngine, toy_schema

PLAIN = SampleConfig()


def test_a_sample_depends_on_seed_and_index_alone() -> None:
    engine = ToyEngine()
    assert draw(engine, 3, 7, PLAIN) == draw(engine, 3, 7, PLAIN)
    assert draw(engine, 3, 7, PLAIN) != draw(engine, 3, 8, PLAIN)
    assert draw(engine, 3, 7, PLAIN) != draw(engine, 4, 7, PLAIN)


def test_expressions_and_views_do_not_change_who_it_is() -> None:
    engine = ToyEngine()
    plain = draw(engine, 3, 7, PLAIN)
    posed = draw(engine, 3, 7, SampleConfig(expressions=1.0, yaw=20.0, pitch=10.0))
    assert posed.values["smile"] > 0
    assert {**posed.values, "smile": plain.values["smile"]} == plain.values
    assert 0 < abs(posed.view.yaw) <= 20
    assert 0 < abs(posed.view.pitch) <= 10
    assert posed.view.roll == 0


def arkit_schema() -> Schema:
    """The toy's with ARKit's units for its smile."""
    toy = toy_schema()
    smile = toy.continuous[-1]
    names = ("mouthSmileLeft", "mouthSmileRight", "jawOpen", "jawForward", "eyeBlinkLeft", "eyeBlinkRight")
    return replace(toy, continuous=(*toy.continuous[:-1], *(replace(smile, name=name) for name in names)))


def test_natural_expressions_are_those_of_photos() -> None:
    units = shown_units(arkit_schema())
    assert set(units) == {"mouthSmileLeft", "mouthSmileRight", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}
    assert set(units.values()) == {0.3}
    every = [natural_expression(units, np.random.default_rng(seed)) for seed in range(1200)]
    assert {name for worn in every for name in worn} == set(units)
    assert all(0 <= weight <= 1 for worn in every for weight in worn.values())
    smiles = [worn for worn in every if worn.get("mouthSmileLeft", 0) > 0.2]
    assert 0.45 < len(smiles) / len(every) < 0.7
    even = [abs(worn["mouthSmileLeft"] - worn.get("mouthSmileRight", 0.0)) < 0.2 for worn in smiles]
    assert 0.75 < np.mean(even) < 0.95
    root = np.sqrt(np.mean([worn.get("mouthSmileLeft", 0) ** 2 for worn in every]))
    assert 0.3 < root < 0.6
    assert natural_expression({}, np.random.default_rng(0)) == {}


def test_photo_like_heads_turn_little_oftener_than_far() -> None:
    source = SimpleNamespace(schema=arkit_schema())
    config = SampleConfig(expressions=1.0, yaw=20.0, pitch=10.0, photo_like=True)
    every = [draw(source, 1, index, config) for index in range(400)]
    yaw = np.abs([sample.view.yaw for sample in every])
    assert yaw.max() <= 20
    assert 0.68 < (yaw < 10).mean() < 0.82  # three quarters of a triangle; even angles would give a half
    assert all("jawForward" not in sample.values or sample.values["jawForward"] == 0 for sample in every)
    assert all(sample.view.roll == 0 for sample in every)


def test_an_engine_s_own_sampling_comes_first() -> None:
    engine = SimpleNamespace(schema=toy_schema(), sample=lambda seed: {"eye_size": seed % 7 / 10})
    assert draw(engine, 0, 0, PLAIN).values.keys() == {"eye_size"}
    bare = SimpleNamespace(schema=toy_schema())
    assert draw(bare, 0, 0, PLAIN).values.keys() == set(toy_schema().names)


def test_sliders_follow_their_spread_and_choices_their_weights() -> None:
    schema = toy_schema()
    every = [sample_values(schema, np.random.default_rng(seed)) for seed in range(1500)]
    tone = np.array([values["skin_tone"] for values in every])
    assert abs(tone.mean() - 0.6) < 0.02
    assert 0.17 < tone.std() < 0.23
    assert tone.min() >= 0
    assert tone.max() <= 1
    assert {values["smile"] for values in every} == {0.0}
    shares = [np.mean([values["hair"] == option for values in every]) for option in ("bald", "short", "long")]
    np.testing.assert_allclose(shares, (0.2, 0.5, 0.3), atol=0.05)
