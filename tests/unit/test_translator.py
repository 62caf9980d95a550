"""The translator and what it sees."""

from __future__ import annotations

import pytest
import torch

from f2p.errors import WeightsError
from f2p.regions import REGIONS
from f2p.translator import build_translator, translator_features
from tests.helpers.toy_engine import toy_schema


def features(batch: int = 2, side: int = 64) -> torch.Tensor:
    torch.manual_seed(0)
    probs = torch.randn(batch, len(REGIONS), side, side).softmax(1)
    return translator_features(torch.randn(batch, 128), probs, torch.rand(batch, 4, 3) * 100)


def test_answers_for_every_slider_and_choice() -> None:
    schema = toy_schema()
    seen = features()
    translator = build_translator({"features": seen.shape[1], "hidden": 32}, schema).eval()
    z, logits = translator(seen)
    assert z.shape == (2, schema.continuous_size)
    assert {name: tuple(value.shape) for name, value in logits.items()} == {"hair": (2, 3)}


def test_sliders_that_are_never_sampled_stay_at_zero() -> None:
    schema = toy_schema()
    seen = features()
    z, _ = build_translator({"features": seen.shape[1]}, schema)(seen)
    assert (z[:, schema.slices["smile"]] == 0).all()
    assert (z[:, schema.slices["face_width"]] != 0).all()


def test_expression_and_pose_are_guessed_where_the_config_has_them() -> None:
    schema, seen = toy_schema(), features()
    plain = build_translator({"features": seen.shape[1], "hidden": 32}, schema).eval()
    weights, pose = plain.face(seen)
    assert (weights == 0).all()
    assert torch.equal(pose, torch.zeros(2, 3))
    options = {"features": seen.shape[1], "hidden": 32, "expressions": {"smile": 0.3}, "pose": [20.0, 10.0, 0.0]}
    translator = build_translator(options, schema).eval()
    weights, pose = translator.face(seen)
    smile = schema.slices["smile"].start
    assert (weights[:, smile] != 0).all()
    assert (weights.count_nonzero(1) == 1).all()
    assert (pose[:, :2] != 0).all()
    assert (pose[:, 2] == 0).all()
    # The first guess of the character stays neutral.
    assert (translator(seen)[0][:, smile] == 0).all()


def test_features_do_not_depend_on_the_length_of_the_embedding_nor_on_the_resolution() -> None:
    probs = torch.zeros(1, len(REGIONS), 64, 64)
    probs[:, 0] = 1
    probs[:, 3, 16:32, 8:40], probs[:, 0, 16:32, 8:40] = 1, 0
    embedding, colours = torch.randn(1, 128), torch.rand(1, 4, 3)
    plain = translator_features(embedding, probs, colours)
    torch.testing.assert_close(translator_features(embedding * 3, probs, colours), plain)
    fine = probs.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(translator_features(embedding, fine, colours), plain, atol=1e-3, rtol=1e-3)


def test_moments_are_centre_and_spread() -> None:
    probs = torch.zeros(1, len(REGIONS), 64, 64)
    probs[:, 3, 16:32, 8:40] = 1
    moments = translator_features(torch.ones(1, 128), probs, torch.zeros(1, 4, 3))[0, 128:].narrow(0, 3 * 6, 6)
    expected = torch.tensor([(16 * 32 / 64**2) ** 0.5, 24 / 64, 24 / 64, 32 / 64 / 12**0.5, 16 / 64 / 12**0.5, 0.0])
    torch.testing.assert_close(moments, expected, atol=2e-3, rtol=1e-2)


@pytest.mark.parametrize("config", [{}, {"hidden": 3}, {"features": 4, "depth": 2}])
def test_impossible_requests_are_refused(config: dict[str, int]) -> None:
    with pytest.raises(WeightsError):
        build_translator(config, toy_schema())
