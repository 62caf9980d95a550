"""The imitators: what every architecture promises."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch

from f2p.errors import WeightsError
from f2p.networks.imitator.base import Imitator
from f2p.networks.imitator.modulated import Modulated
from f2p.networks.imitator.registry import build_imitator, imitator_names
from f2p.regions import REGIONS
from f2p.schema import Schema
from tests.helpers.toy_engine import toy_schema

SMALL = {
    "modulated": {"channels": (16, 16, 8, 8, 8), "field": 4, "hidden": 16, "fields": (2, 0, 1), "decals": ("hair",)},
    "dcgan": {"channels": (16,) * 7},
}


def small(arch: str, size: int = 64) -> Imitator:
    torch.manual_seed(0)
    network = build_imitator(arch, {"size": size, **SMALL[arch]}, toy_schema()).eval()
    for name, weight in network.named_parameters():
        if any(part in name for part in ("spread_field", "bend", "tint")):  # those that start without effect
            torch.nn.init.normal_(weight, std=0.3)
    return network


def some_x(schema: Schema, batch: int = 3) -> torch.Tensor:
    x = torch.rand(batch, schema.size, generator=torch.Generator().manual_seed(1))
    x[:, schema.continuous_size :] = torch.eye(3)[:batch]
    return x


@pytest.mark.parametrize("arch", imitator_names())
@pytest.mark.parametrize("size", [64, 128, 256])
def test_draws_pictures_of_its_size(arch: str, size: int) -> None:
    drawing = small(arch, size)(some_x(toy_schema(), 2))
    assert drawing.image.shape == (2, 3, size, size)
    assert drawing.image.min() >= 0
    assert drawing.image.max() <= 1
    if arch == "modulated":
        assert drawing.labels is not None
        assert drawing.labels.shape == (2, len(REGIONS), size, size)
    else:
        assert drawing.labels is None


def test_paper_network_is_the_published_one() -> None:
    network = build_imitator("dcgan", {}, toy_schema())
    layers = [module for module in network.modules() if isinstance(module, torch.nn.ConvTranspose2d)]
    assert network.size == 512
    assert [layer.out_channels for layer in layers] == [512, 512, 512, 256, 128, 64, 64, 3]
    assert {layer.kernel_size for layer in layers} == {(4, 4)}
    assert [layer.stride for layer in layers] == [(1, 1)] + [(2, 2)] * 7


@pytest.mark.parametrize("arch", imitator_names())
def test_sliders_that_are_never_sampled_have_exactly_no_effect(arch: str) -> None:
    schema, network = toy_schema(), small(arch)
    x = some_x(schema)
    moved = x.clone()
    moved[:, schema.slices["smile"]] += 0.4
    assert torch.equal(network(x).image, network(moved).image)
    moved = x.clone()
    moved[:, schema.slices["face_width"]] += 0.4
    assert not torch.equal(network(x).image, network(moved).image)


def posed(**changes: object) -> Imitator:
    torch.manual_seed(0)
    options = {"size": 64, "expressions": {"smile": 0.3}, "pose": (20.0, 10.0, 0.0), **SMALL["modulated"], **changes}
    return build_imitator("modulated", options, toy_schema()).eval()


@torch.no_grad()
def test_it_draws_the_expressions_and_angles_of_its_config_and_no_others() -> None:
    schema, network = toy_schema(), posed()
    x = some_x(schema)
    x[:, schema.slices["smile"]] = 0.0
    smiling = x.clone()
    smiling[:, schema.slices["smile"]] = 0.8
    still = network(x).image
    assert network.expressions == {"smile": 0.3}
    assert (network(smiling).image - still).abs().max() > 1e-3
    for angle, seen in enumerate((True, True, False)):
        pose = torch.zeros(1, 3)
        pose[0, angle] = 8.0
        assert torch.equal(network(x, pose).image, still) is not seen
    assert torch.equal(network(x, torch.zeros(3, 3)).image, still)


@torch.no_grad()
@pytest.mark.parametrize("arch", imitator_names())
def test_an_imitator_that_draws_no_pose_ignores_it(arch: str) -> None:
    network, x = small(arch), some_x(toy_schema())
    assert network.pose == ()
    assert torch.equal(network(x, torch.full((1, 3), 15.0)).image, network(x).image)
    subsampled = network.forward_subsampled(x, (0, 1), torch.full((1, 3), 15.0))
    assert torch.equal(subsampled.image, network(x).image)


@pytest.mark.parametrize("arch", imitator_names())
def test_gradients_match_finite_differences_in_float64(arch: str) -> None:
    network = small(arch).double()
    x = some_x(toy_schema(), 1).double().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: network(x).image[:, :, 20:22, 30:32], (x,), eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("shuffle", [2, 4])
@pytest.mark.parametrize("offset", [(0, 0), (0, 1), (1, 0)])
def test_a_sketch_is_a_part_of_the_drawing(shuffle: int, offset: tuple[int, int]) -> None:
    network = build_imitator("modulated", {"size": 64, "shuffle": shuffle, **SMALL["modulated"]}, toy_schema()).eval()
    x = some_x(toy_schema())
    whole, subsampled = network(x), network.forward_subsampled(x, offset)
    assert whole.labels is not None
    assert subsampled.labels is not None
    torch.testing.assert_close(subsampled.labels, whole.labels[:, :, offset[0] :: 2, offset[1] :: 2])
    torch.testing.assert_close(subsampled.image, whole.image)


@torch.no_grad()
def test_a_decal_is_bent_and_laid_over_the_picture() -> None:
    network = small("modulated")
    assert isinstance(network, Modulated)
    assert network.decals is not None
    template = network.decals.templates["hair"].weight.view(5, 64, 64, 3)
    template.zero_()
    template[0] = -10.0
    template[:2, 20:30, 20:40, 1] = 10.0  # the second option: an opaque red block
    for layer in (network.decals.bend, network.decals.tint):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    without, block = some_x(toy_schema(), 2)[:1], some_x(toy_schema(), 2)[:1]
    without[:, -3:], block[:, -3:] = torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0])
    red = network(block).image[0, 0] > 0.999
    assert red[20:30, 20:40].all()
    assert red.sum() == 200
    assert not (network(without).image[0, 0] > 0.999).any()
    network.decals.bend.bias.view(2, -1)[0] = 1.0  # all control points to the right by REACH of half the picture
    assert (network(block).image[0, 0] > 0.99)[21:29, 18:36].all()


@pytest.mark.parametrize("arch", imitator_names())
def test_weights_load_strictly(arch: str) -> None:
    network = small(arch)
    weights = network.state_dict()
    assert not {"mean", "inv_spread"} & weights.keys()
    small(arch).load_state_dict(weights, strict=True)
    weights.pop(next(iter(weights)))
    with pytest.raises(RuntimeError, match="Missing key"):
        small(arch).load_state_dict(weights, strict=True)


@pytest.mark.parametrize(
    ("arch", "config", "says"),
    [
        ("stylegan", {}, "modulated, dcgan"),
        ("modulated", {"depth": 3}, "depth"),
        ("modulated", {"size": 100}, "100 px"),
        ("modulated", {"channels": (8,)}, "channel"),
        ("modulated", {"decals": ("hat",)}, "hat"),
        ("dcgan", {"hidden": 3}, "hidden"),
        ("modulated", {"expressions": {"wink": 0.3}}, "wink"),
        ("modulated", {"expressions": {"eye_size": 0.3}}, "eye_size"),
        ("modulated", {"expressions": {"smile": 0.0}}, "smile"),
        ("modulated", {"pose": (20.0,)}, "pose"),
        ("modulated", {"pose": (20.0, -1.0, 0.0)}, "pose"),
    ],
)
def test_impossible_requests_are_refused(arch: str, config: dict[str, object], says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        build_imitator(arch, config, toy_schema())


def test_a_config_survives_json() -> None:
    config = dataclasses.asdict(posed().config)
    again = build_imitator("modulated", json.loads(json.dumps(config)), toy_schema())
    assert dataclasses.asdict(again.config) == config
    assert again.pose == (20.0, 10.0, 0.0)
