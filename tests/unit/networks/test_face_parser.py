"""The face parsers."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from f2p.errors import WeightsError
from f2p.networks.face_parser import FaceParser, build_parser, parse_photo, parser_names
from f2p.regions import REGIONS


@pytest.mark.parametrize("arch", parser_names())
def test_parses_at_full_size(arch: str) -> None:
    parser = build_parser(arch, {}).eval()
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert parser(images).shape == (1, len(REGIONS), 64, 64)
        features = parser.features(images)
    assert features[-1].shape[0] == 1
    if arch == "resnet50_os8":
        assert features[-1].shape[1:] == (2048, 8, 8)


def test_photo_probabilities_are_probabilities_and_mirror_with_the_photo() -> None:
    torch.manual_seed(0)
    parser = build_parser("fpn_mobilenet", {"pyramid": 16, "segmentation": 32}).eval()
    photo = torch.rand(3, 128, 128)
    probs = parse_photo(parser, photo)
    assert probs.shape == (1, len(REGIONS), 128, 128)
    torch.testing.assert_close(probs.sum(1), torch.ones(1, 128, 128))
    torch.testing.assert_close(parse_photo(parser, photo.flip(-1)), probs.flip(-1))
    assert not probs.requires_grad


class Spots(FaceParser):
    """Skin where it is bright, without any grid: what parse_photo adds to it must cancel."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(len(images), len(REGIONS), *images.shape[-2:])
        logits[:, REGIONS.index("skin")] = 9 * images.mean(1)
        return logits


@pytest.mark.parametrize("side", [64, 50])
def test_averaging_moves_nothing(side: int) -> None:
    photo = torch.nn.functional.avg_pool2d(torch.rand(1, 3, side + 8, side + 8), 9, 1)
    probs = parse_photo(Spots(), photo)
    plain = Spots()(photo).softmax(1)
    inner = slice(6, side - 6)
    torch.testing.assert_close(probs[..., inner, inner], plain[..., inner, inner], atol=0.01, rtol=0)
    assert probs.shape == plain.shape


def test_a_fine_stage_starts_without_effect_and_sees_single_pixels() -> None:
    torch.manual_seed(0)
    plain = build_parser("fpn_mobilenet", {"pyramid": 16, "segmentation": 32}).eval()
    fine = build_parser("fpn_mobilenet", {"pyramid": 16, "segmentation": 32, "fine": 8}).eval()
    fine.load_state_dict(plain.state_dict() | {k: v for k, v in fine.state_dict().items() if k.startswith("fine.")})
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(fine(images), plain(images))
        torch.nn.init.normal_(fine.get_submodule("fine.correction").get_parameter("weight"))
        # Whatever happens within four pixels, the pyramid's logits change smoothly; these do not.
        change = fine(images) - plain(images)
        assert (change[..., 1:] - change[..., :-1]).abs().mean() > 0.5 * change.abs().mean()
        features, logits = fine.features_and_logits(images)
        torch.testing.assert_close(logits, fine(images))
        torch.testing.assert_close(features[-1], fine.features(images)[-1])


def test_a_config_survives() -> None:
    parser = build_parser("fpn_mobilenet", {"pyramid": 16, "segmentation": 32})
    assert dataclasses.asdict(parser.config) == {"pyramid": 16, "segmentation": 32, "fine": 0, "size": 0}


@pytest.mark.parametrize(
    ("arch", "config"),
    [
        ("bisenet", {}),
        ("fpn_mobilenet", {"width": 3}),
        ("fpn_mobilenet", {"segmentation": 20}),
        ("fpn_mobilenet", {"fine": -1}),
        ("resnet50_os8", {"a": 1}),
    ],
)
def test_impossible_requests_are_refused(arch: str, config: dict[str, int]) -> None:
    with pytest.raises(WeightsError):
        build_parser(arch, config)


def test_a_parser_looks_at_pictures_of_its_own_size() -> None:
    torch.manual_seed(0)
    options = {"pyramid": 16, "segmentation": 32}
    free = build_parser("fpn_mobilenet", options).eval()
    trained = build_parser("fpn_mobilenet", options | {"size": 64}).eval()
    trained.load_state_dict(free.state_dict())
    photo = torch.rand(1, 3, 128, 128)
    seen = parse_photo(trained, photo)
    small = torch.nn.functional.interpolate(photo, (64, 64), mode="bicubic", antialias=True).clamp(0, 1)
    wanted = torch.nn.functional.interpolate(parse_photo(free, small), (128, 128), mode="bilinear")
    torch.testing.assert_close(seen, wanted)
    assert (seen - parse_photo(free, photo)).abs().max() > 0.01
    torch.testing.assert_close(parse_photo(trained, small), parse_photo(free, small))


@pytest.mark.parametrize("arch", parser_names())
def test_a_size_that_no_parser_parses_is_refused(arch: str) -> None:
    with pytest.raises(WeightsError, match="multiple of 32"):
        build_parser(arch, {"size": 100})
