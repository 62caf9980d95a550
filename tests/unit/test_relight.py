"""Taking a part of the light out of measured colours."""

from __future__ import annotations

import pytest
import torch

from f2p.colour import linear_to_srgb, srgb_to_lab, srgb_to_linear
from f2p.relight import HUE_SHARE, LIGHTNESS_SHARE, relight

# sRGB of skin, hair and lips of one person in the engine's light.
PERSON = torch.tensor([[[0.80, 0.62, 0.52], [0.35, 0.24, 0.18], [0.66, 0.38, 0.36]]])


def lab(gains: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> torch.Tensor:
    """CIELAB of the person in light of these linear gains."""
    return srgb_to_lab(linear_to_srgb(srgb_to_linear(PERSON) * torch.tensor(gains)))


def test_a_person_in_the_engines_light_stays_the_same() -> None:
    torch.testing.assert_close(relight(lab(), lab(), skin=0), lab())


def test_half_of_a_dim_light_is_taken_out_of_all_regions() -> None:
    dim, true = lab((0.3, 0.3, 0.3)), lab()
    relit = relight(dim, true, skin=0)
    expected = dim[0, 0, 0] + LIGHTNESS_SHARE * (true[0, 0, 0] - dim[0, 0, 0])
    assert float(relit[0, 0, 0]) == pytest.approx(float(expected), abs=0.01)
    before, after = (dim - true).norm(dim=-1), (relit - true).norm(dim=-1)
    assert (after < 0.75 * before).all()


def test_a_warm_cast_is_taken_out_of_skin_hair_and_lips() -> None:
    warm, true = lab((1.0, 0.75, 0.45)), lab()
    relit = relight(warm, true, skin=0)
    before, after = (warm - true)[..., 1:].norm(dim=-1), (relit - true)[..., 1:].norm(dim=-1)
    assert float(after[0, 0]) < (1 - HUE_SHARE + 0.1) * float(before[0, 0])
    assert (after < before).all()
