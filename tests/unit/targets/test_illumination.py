"""Taking the light out of measured colours."""

from __future__ import annotations

import pytest
import torch

from f2p.bundle import IlluminationPrior
from f2p.imaging.colour import linear_to_srgb, srgb_to_lab, srgb_to_linear
from f2p.regions import REGIONS, index
from f2p.targets.illumination import normalise_illumination, sclera_lightness

# sRGB of skin, hair and lips of one person in the engine's light, and of another with dark skin.
FAIR = torch.tensor([[[0.80, 0.62, 0.52], [0.35, 0.24, 0.18], [0.66, 0.38, 0.36]]])
DARK = torch.tensor([[[0.38, 0.26, 0.20], [0.10, 0.08, 0.07], [0.34, 0.20, 0.18]]])
WHITE = torch.tensor([68.0])


def lab(gains: tuple[float, float, float] = (1.0, 1.0, 1.0), person: torch.Tensor = FAIR) -> torch.Tensor:
    """CIELAB of the person in light of these linear gains."""
    return srgb_to_lab(linear_to_srgb(srgb_to_linear(person) * torch.tensor(gains)))


def dimmed(white: torch.Tensor, gain: float) -> torch.Tensor:
    """L* of what has L* `white` in full light."""
    return (white + 16) * gain ** (1 / 3) - 16


def skin_lightness(
    gain: float, person: torch.Tensor = FAIR, guess: torch.Tensor = FAIR, white: torch.Tensor | None = WHITE
) -> float:
    """After relighting a person in light of this gain."""
    whites = None if white is None else (dimmed(white, gain), WHITE)
    return float(normalise_illumination(lab((gain,) * 3, person), lab(person=guess), 0, whites)[0, 0, 0])


def test_a_person_in_a_photos_usual_light_stays_the_same() -> None:
    # Photos are a little darker than the engine's light, and eyes lie in some shade.
    usual = 0.9**3
    relit = normalise_illumination(lab((usual,) * 3), lab(), 0, (dimmed(WHITE, usual * 0.9**3), WHITE))
    torch.testing.assert_close(relit, lab(), atol=2.5, rtol=0)


def test_most_of_a_dim_light_is_taken_out_of_all_regions() -> None:
    dim, true = lab((0.3, 0.3, 0.3)), lab()
    relit = normalise_illumination(dim, true, 0, (dimmed(WHITE, 0.3), WHITE))
    before, after = (dim - true).norm(dim=-1), (relit - true).norm(dim=-1)
    assert float(after[0, 0]) < 0.35 * float(before[0, 0])
    assert (after < 0.5 * before).all()


@pytest.mark.parametrize("gain", [0.3, 0.5, 1.8])
def test_skin_moves_by_less_than_a_third_of_what_the_light_does(gain: float) -> None:
    moved = skin_lightness(gain) - skin_lightness(1.0)
    shown = float((lab((gain,) * 3) - lab())[0, 0, 0])
    assert abs(moved) < 0.34 * abs(shown)


def test_white_eyes_beside_dark_skin_keep_it_dark() -> None:
    """The guess, which keeps near the mean, says fair; the photo is as dark as a fair face in the dark."""
    shining = normalise_illumination(lab(person=DARK), lab(), 0, (WHITE, WHITE))
    gone = (float(lab(person=DARK)[0, 0, 0]) + 16) / (float(lab()[0, 0, 0]) + 16)
    shaded = normalise_illumination(lab(person=DARK), lab(), 0, ((WHITE + 16) * gone - 16, WHITE))
    assert float(shining[0, 0, 0]) < float(shaded[0, 0, 0]) - 8
    # Where nothing is seen of them, it lies between.
    unknown = normalise_illumination(lab(person=DARK), lab(), 0, (torch.tensor([torch.nan]), WHITE))
    torch.testing.assert_close(unknown, normalise_illumination(lab(person=DARK), lab(), 0))
    assert float(shining[0, 0, 0]) < float(unknown[0, 0, 0]) < float(shaded[0, 0, 0])


def test_a_warm_cast_is_taken_out_of_skin_hair_and_lips() -> None:
    warm, true = lab((1.0, 0.75, 0.45)), lab()
    relit = normalise_illumination(warm, true, skin=0)
    before, after = (warm - true)[..., 1:].norm(dim=-1), (relit - true)[..., 1:].norm(dim=-1)
    assert float(after[0, 0]) < (1 - IlluminationPrior().hue_share + 0.1) * float(before[0, 0])
    assert (after < before).all()


def test_whites_of_the_eyes() -> None:
    """A tenth of each eye is glint, a fifth is white, the rest is dark; a faint region does not count."""
    image = torch.full((3, 3, 32, 32), 0.2)
    image[:, :, 10:15, 10:20] = torch.cat([torch.tensor([1.0, 0.7, 0.7]), torch.full((7,), 0.1)])
    probs = torch.zeros(3, len(REGIONS), 32, 32)
    probs[:, index("eyes"), 10:15, 10:20] = 0.9
    probs[1, index("glasses"), 8:18, 8:22] = 0.5
    probs[2] *= 0.5
    found = sclera_lightness(image, probs)
    expected = float(srgb_to_lab(torch.tensor([0.7, 0.7, 0.7]))[0])
    assert expected - 1 < float(found[0]) < 100
    assert float(found[0]) == pytest.approx((2 * 100 + 8 * expected) / 10, abs=3.5)
    assert found[1:].isnan().all()
