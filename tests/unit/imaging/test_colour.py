import pytest
import torch

from f2p.imaging.colour import linear_to_srgb, luma, srgb_to_lab, srgb_to_linear, to_grey

# Bruce Lindbloom's calculator, D65, sRGB.
KNOWN = {
    (1.0, 1.0, 1.0): (100.0, 0.0, 0.0),
    (0.0, 0.0, 0.0): (0.0, 0.0, 0.0),
    (1.0, 0.0, 0.0): (53.24, 80.09, 67.20),
    (0.0, 1.0, 0.0): (87.73, -86.18, 83.18),
    (0.0, 0.0, 1.0): (32.30, 79.19, -107.86),
    (0.5, 0.5, 0.5): (53.39, 0.0, 0.0),
}


@pytest.mark.parametrize(("rgb", "lab"), KNOWN.items())
def test_known_colours(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    torch.testing.assert_close(
        srgb_to_lab(torch.tensor(rgb, dtype=torch.float64)), torch.tensor(lab, dtype=torch.float64), atol=0.02, rtol=0
    )


def test_there_and_back() -> None:
    rgb = torch.rand(500, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rgb[:3] = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.02, 0.03, 0.01]])
    torch.testing.assert_close(linear_to_srgb(srgb_to_linear(rgb)), rgb, atol=1e-9, rtol=0)


def test_gradient_matches_finite_differences_also_in_the_dark() -> None:
    rgb = torch.tensor([[0.001, 0.0, 0.01], [0.03, 0.05, 0.9], [0.5, 0.6, 0.7]], dtype=torch.float64)
    assert torch.autograd.gradcheck(srgb_to_lab, rgb.requires_grad_())


def test_gradient_is_finite_at_black() -> None:
    rgb = torch.zeros(1, 3, requires_grad=True)
    srgb_to_lab(rgb).sum().backward()
    assert rgb.grad is not None
    assert torch.isfinite(rgb.grad).all()


def test_grey_keeps_the_luminance_and_loses_the_colour() -> None:
    image = torch.rand(2, 3, 4, 5)
    grey = to_grey(image)
    assert grey.shape == image.shape
    torch.testing.assert_close(luma(grey), luma(image))
    torch.testing.assert_close(grey[:, 0], grey[:, 2])
