"""Bending a drawing into its pose."""

from __future__ import annotations

import torch

from f2p.networks.imitator.pose_warp import PoseWarp
from f2p.networks.imitator.registry import build_imitator
from tests.helpers.toy_engine import toy_schema

SIDE = 32


def picture() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(2, 3, SIDE, SIDE)


def test_a_bend_moves_what_is_drawn() -> None:
    turning = PoseWarp(hidden=4)
    with torch.no_grad():
        turning.flow[0, 0] = 3 * 2 / SIDE  # yaw 1 looks three pixels further to the right
        turning.flow[4, 1] = -2 / SIDE  # pitch squared one pixel further up
    flows = turning.flows(torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 5.0]]), torch.zeros(2, 4))
    before, after = picture(), turning.bend(picture(), flows)
    torch.testing.assert_close(after[0, :, :, :-3], before[0, :, :, 3:], atol=1e-4, rtol=0)
    torch.testing.assert_close(after[1, :, 4:], before[1, :, :-4], atol=1e-4, rtol=0)


def test_a_frontal_face_is_not_bent() -> None:
    turning = PoseWarp(hidden=4)
    with torch.no_grad():
        turning.flow.normal_()
        turning.own.weight.normal_()
    flows = turning.flows(torch.zeros(2, 3), torch.randn(2, 4))
    assert (flows == 0).all()
    torch.testing.assert_close(turning.bend(picture(), flows), picture(), atol=1e-5, rtol=0)


@torch.no_grad()
def test_an_imitator_starts_without_bending_and_bends_its_labels_too() -> None:
    options = {"size": 64, "channels": (16, 16, 8, 8), "field": 4, "hidden": 16, "pose": (20.0, 20.0, 0.0)}
    torch.manual_seed(0)
    bending = build_imitator("modulated", options | {"turning": True}, toy_schema()).eval()
    plain = build_imitator("modulated", options, toy_schema()).eval()
    weights = bending.state_dict()
    plain.load_state_dict({name: value for name, value in weights.items() if not name.startswith("turning.")})
    x, pose = torch.from_numpy(toy_schema().average())[None], torch.tensor([[10.0, 0.0, 0.0]])
    torch.testing.assert_close(bending(x, pose).image, plain(x, pose).image, atol=1e-5, rtol=0)
    weights["turning.flow"][0, 0] = 2 * 2 / 64
    drawn, wanted = bending(x, pose), plain(x, pose)
    assert drawn.labels is not None
    assert wanted.labels is not None
    torch.testing.assert_close(drawn.image[..., :-2], wanted.image[..., 2:], atol=1e-4, rtol=0)
    torch.testing.assert_close(drawn.labels[..., :-2], wanted.labels[..., 2:], atol=1e-4, rtol=0)
    torch.testing.assert_close(bending(x).image, plain(x).image)
    forward_subsampled = bending.forward_subsampled(x, (0, 0), pose).labels
    assert forward_subsampled is not None
    torch.testing.assert_close(forward_subsampled[..., :-1], wanted.labels[:, :, ::2, 2::2], atol=1e-4, rtol=0)
