"""The translator and what it sees."""

from __future__ import annotations

import pytest
import torch

from f2p.errors import WeightsError
from f2p.networks.translator import PICTURE_FEATURES, build_translator, translator_features
from f2p.regions import REGIONS
from tests.helpers.toy_engine import toy_schema


def features(batch: int = 2, side: int = 64) -> torch.Tensor:
    torch.manual_seed(0)
    probs = torch.randn(batch, len(REGIONS), side, side).softmax(1)
    image = torch.rand(batch, 3, side, side)
    return translator_features(torch.randn(batch, 128), image, probs, torch.rand(batch, 4, 3) * 100)


def options(seen: torch.Tensor, **more: object) -> dict[str, object]:
    return {"features": seen.shape[1] - PICTURE_FEATURES, "hidden": 32, **more}


def test_answers_for_every_slider_and_choice() -> None:
    schema = toy_schema()
    seen = features()
    translator = build_translator(options(seen), schema).eval()
    z, logits = translator(seen)
    assert z.shape == (2, schema.continuous_size)
    assert {name: tuple(value.shape) for name, value in logits.items()} == {"hair": (2, 3)}


def test_sliders_that_are_never_sampled_stay_at_zero() -> None:
    schema = toy_schema()
    seen = features()
    z, _ = build_translator(options(seen, pictures=4), schema)(seen)
    assert (z[:, schema.slices["smile"]] == 0).all()
    assert (z[:, schema.slices["face_width"]] != 0).all()


def test_expression_and_pose_are_guessed_where_the_config_has_them() -> None:
    schema, seen = toy_schema(), features()
    plain = build_translator(options(seen), schema).eval()
    weights, pose = plain.face(seen)
    assert (weights == 0).all()
    assert torch.equal(pose, torch.zeros(2, 3))
    more = options(seen, expressions={"smile": 0.3}, pose=[20.0, 10.0, 0.0])
    translator = build_translator(more, schema).eval()
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
    embedding, image, colours = torch.randn(1, 128), torch.rand(1, 3, 64, 64), torch.rand(1, 4, 3)
    plain = translator_features(embedding, image, probs, colours)
    torch.testing.assert_close(translator_features(embedding * 3, image, probs, colours), plain)
    fine, large = (each.repeat_interleave(2, 2).repeat_interleave(2, 3) for each in (probs, image))
    seen, inner = (translator_features(embedding, large, fine, colours), PICTURE_FEATURES // 2)
    torch.testing.assert_close(seen[:, :-inner], plain[:, :-inner], atol=1e-3, rtol=1e-3)


def test_pictures_show_neither_how_bright_the_light_is_nor_its_tint() -> None:
    probs = torch.zeros(1, len(REGIONS), 64, 64)
    probs[:, 0, 32:] = probs[:, 1, :32] = 1
    image = 0.2 + 0.3 * torch.rand(1, 3, 64, 64)
    light = torch.tensor([1.4, 1.1, 0.8]).view(1, 3, 1, 1)

    def pictures(shown: torch.Tensor) -> torch.Tensor:
        return translator_features(torch.ones(1, 128), shown, probs, torch.zeros(1, 4, 3))[:, -PICTURE_FEATURES:]

    assert pictures(image).std() > 0.1
    torch.testing.assert_close(pictures(image * light), pictures(image))


def test_a_translator_with_pictures_looks_at_them() -> None:
    schema, seen = toy_schema(), features()
    other = seen.clone()
    other[:, -PICTURE_FEATURES:] *= -1
    for width, same in ((0, True), (4, False)):
        translator = build_translator(options(seen, pictures=width), schema).eval()
        assert torch.equal(translator(seen)[0], translator(other)[0]) == same


def test_moments_are_centre_and_spread() -> None:
    probs = torch.zeros(1, len(REGIONS), 64, 64)
    probs[:, 3, 16:32, 8:40] = 1
    seen = translator_features(torch.ones(1, 128), torch.zeros(1, 3, 64, 64), probs, torch.zeros(1, 4, 3))
    moments = seen[0, 128:].narrow(0, 3 * 6, 6)
    expected = torch.tensor([(16 * 32 / 64**2) ** 0.5, 24 / 64, 24 / 64, 32 / 64 / 12**0.5, 16 / 64 / 12**0.5, 0.0])
    torch.testing.assert_close(moments, expected, atol=2e-3, rtol=1e-2)


@pytest.mark.parametrize("config", [{}, {"hidden": 3}, {"features": 4, "depth": 2}])
def test_impossible_requests_are_refused(config: dict[str, int]) -> None:
    with pytest.raises(WeightsError):
        build_translator(config, toy_schema())
