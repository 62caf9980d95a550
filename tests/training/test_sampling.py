"""Which characters are rendered."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from imitator_training.sampling import SampleConfig, draw, sample_values
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
