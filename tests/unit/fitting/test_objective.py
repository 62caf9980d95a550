from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.errors import BundleIncompatible
from f2p.face.crops import Jitter
from f2p.fitting import losses as L
from f2p.fitting.losses import Weights
from f2p.fitting.objective import Objective
from f2p.imaging import region_statistics as statistics
from f2p.networks.imitator.base import ImitatorOutput
from f2p.networks.imitator.registry import build_imitator
from f2p.regions import REGIONS, index
from f2p.targets.target import Target
from tests.helpers.targets import photo_target

SIDE = 64
CHEEK = (0.8, 0.6, 0.5)


def one_hot(labels: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(labels, len(REGIONS)).permute(2, 0, 1)[None].float()


def face(shift: int = 0) -> Tensor:
    """(1, K, S, S): a head of rectangles, moved to the right by `shift` pixels."""
    labels = torch.zeros(SIDE, SIDE, dtype=torch.long)
    for name, top, bottom, left, right in (
        ("hair", 6, 20, 16, 48),
        ("skin", 14, 54, 18, 46),
        ("brows", 20, 23, 20, 29),
        ("brows", 20, 23, 35, 44),
        ("eyes", 26, 30, 21, 28),
        ("eyes", 26, 30, 36, 43),
        ("nose", 30, 40, 29, 35),
        ("upper_lip", 43, 46, 25, 39),
        ("lower_lip", 46, 49, 25, 39),
    ):
        labels[top:bottom, left + shift : right + shift] = index(name)
    return one_hot(labels)


def target_of(probs: Tensor, image: Tensor, embedding: Tensor, grey: bool = False) -> Target:
    return Target.of(photo_target(image, probs, embedding, grey=grey))


def test_what_the_photo_does_not_show_costs_nothing() -> None:
    shown = face()
    valid_mask = torch.ones_like(shown[:, :1])
    valid_mask[:, :, :20] = 0
    other = shown.clone()
    other[:, :, :20] = shown[:, :, :20].roll(1, 1)
    wanted = statistics.region_pyramid(shown * valid_mask)
    assert float(L.map_loss(other * valid_mask, wanted)) < 1e-6
    assert float(L.map_loss(other, statistics.region_pyramid(shown))) > 0.05


def test_maps_that_agree_cost_nothing_and_farther_ones_cost_more() -> None:
    wanted = statistics.region_pyramid(face())
    losses = [float(L.map_loss(face(shift), wanted)) for shift in (0, 1, 3, 8)]
    assert losses[0] == pytest.approx(0, abs=1e-6)
    assert losses == sorted(losses)
    assert losses[1] > 0.05


def test_maps_pull_regions_together_that_do_not_overlap() -> None:
    """Blur must carry the gradient across the gap: moving the eyes' probability nearer has to lower the loss."""
    probs = face()
    eyes = index("eyes")

    def with_eyes_at(row: int) -> Tensor:
        moved = probs.clone()
        moved[:, index("skin")] += moved[:, eyes]
        moved[:, eyes] = 0
        moved[:, eyes, row : row + 4, 21:28] = 1
        moved[:, index("skin"), row : row + 4, 21:28] = 0
        return moved

    wanted = statistics.region_pyramid(with_eyes_at(26))
    far, near = (float(L.map_loss(with_eyes_at(row), wanted)) for row in (38, 32))
    assert near < far


def test_small_regions_weigh_as_much_as_large_ones() -> None:
    wanted = statistics.region_pyramid(face())

    def without(name: str) -> float:
        probs = face()
        probs[:, index("background")] += probs[:, index(name)]
        probs[:, index(name)] = 0
        return float(L.map_loss(probs, wanted))

    assert 0.4 < without("eyes") / without("skin") < 1.5


def test_teeth_instead_of_lips_cost_less_than_no_mouth() -> None:
    smiling, gone = face(), face()
    lip = index("lower_lip")
    smiling[:, index("teeth")] += smiling[:, lip]
    gone[:, index("skin")] += gone[:, lip]
    smiling[:, lip] = gone[:, lip] = 0
    wanted = statistics.region_pyramid(face())
    assert L.map_loss(smiling, wanted) < 0.6 * L.map_loss(gone, wanted)


def test_moments_of_rectangles() -> None:
    moments = statistics.region_moments(face())[0]
    parts = [(names[0], half) for names, half in statistics.MOMENT_PARTS]
    nose = moments[parts.index(("nose", "both"))]
    left_eye = moments[parts.index(("eyes", "left"))]
    right_eye = moments[parts.index(("eyes", "right"))]
    # A rectangle of n pixels has variance (n^2 - 1) / 12.
    expected = torch.tensor([32 / SIDE, 35 / SIDE, (35 / 12) ** 0.5 / SIDE, (99 / 12) ** 0.5 / SIDE, 0])
    torch.testing.assert_close(nose, expected, atol=2e-3, rtol=0)
    assert float(left_eye[0] + right_eye[0]) == pytest.approx(1, abs=0.005)
    assert float(left_eye[0]) < 0.5 < float(right_eye[0])


def test_moments_ignore_a_soft_floor() -> None:
    sure = statistics.region_moments(face())
    soft = statistics.region_moments(face() * 0.85 + 0.15 / len(REGIONS))
    torch.testing.assert_close(sure[..., :2], soft[..., :2], atol=0.03, rtol=0)


def test_a_slanted_brow_has_a_slant() -> None:
    labels = torch.zeros(SIDE, SIDE, dtype=torch.long)
    for column in range(10, 26):
        labels[30 - column // 3 : 33 - column // 3, column] = index("brows")
    assert float(statistics.region_moments(one_hot(labels))[0, 0, 4]) < -0.8


def test_absent_parts_count_for_nothing() -> None:
    browless = face()
    browless[:, index("skin")] += browless[:, index("brows")]
    browless[:, index("brows")] = 0
    presence = statistics.moment_presence(browless)
    assert presence[0, :2].tolist() == [0, 0]
    assert float(presence[0, 2]) == 1
    loss = L.moment_loss(statistics.region_moments(face()), statistics.region_moments(browless), presence)
    assert float(loss) < 0.05


def test_skin_colour_is_that_of_its_lit_part() -> None:
    probs = face()
    image = torch.tensor(CHEEK).view(1, 3, 1, 1).expand(1, 3, SIDE, SIDE).clone()
    image[:, :, 36:] *= 0.4  # shadow or stubble over the lower half
    colour = statistics.region_colours(image, probs)[0, 0]
    from f2p.imaging.colour import srgb_to_lab

    torch.testing.assert_close(colour, srgb_to_lab(torch.tensor(CHEEK)), atol=1.0, rtol=0)


def test_irises_are_the_dark_part_of_the_eyes() -> None:
    probs = face()
    image = torch.full((1, 3, SIDE, SIDE), 0.8)
    places = (probs[0, index("eyes")] > 0.5).nonzero()
    dark = places[places[:, 1] % 8 < 4]
    image[0, :, dark[:, 0], dark[:, 1]] = torch.tensor([0.3, 0.2, 0.1])[:, None]
    names = [name for name, _, _ in statistics.COLOUR_REGIONS]
    colour = statistics.region_colours(image, probs)[0, names.index("irises")]
    from f2p.imaging.colour import srgb_to_lab

    torch.testing.assert_close(colour, srgb_to_lab(torch.tensor([0.3, 0.2, 0.1])), atol=3.0, rtol=0)


def test_colour_counts_only_where_photo_and_drawing_have_the_region() -> None:
    count = len(statistics.COLOUR_REGIONS)
    wanted = torch.zeros(1, count, 3)
    drawn = wanted + 20
    everywhere, nowhere = torch.ones(1, count), torch.zeros(1, count)
    assert float(L.colour_loss(drawn, wanted, nowhere)) == 0
    assert float(L.colour_loss(drawn, wanted, everywhere)) == pytest.approx((20 * 3**0.5 - 1) / 20, abs=0.01)
    assert float(L.colour_loss(wanted, wanted, everywhere)) == 0


def test_every_term_is_per_sample(bundle: Bundle) -> None:
    """(B,), and each sample's value is the one it has alone."""
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(3, bundle.schema.size, generator=generator)
    z = torch.randn(3, 4, generator=generator)
    objective = objective_for(bundle, Weights(identity=1, maps=1, moments=1, colours=1, prior=1, content=1))
    with torch.no_grad():
        together = objective.terms(bundle.imitator(x), z)
        alone = [objective.terms(bundle.imitator(x[i : i + 1]), z[i : i + 1]) for i in range(3)]
    # What the faces in the photos do is no matter of the drawing; the search adds its term. Those of the published
    # networks have tests of their own.
    elsewhere = {"expression", "landmarks", "blendshapes", "irises", "sex", "age"}
    assert together.keys() == {field.name for field in fields(Weights)} - elsewhere
    for name, values in together.items():
        assert values.shape == (3,)
        torch.testing.assert_close(values, torch.cat([terms[name] for terms in alone]), atol=1e-4, rtol=1e-4)
    assert objective.total(together).shape == (3,)


def test_a_term_without_weight_is_not_computed(bundle: Bundle) -> None:
    objective = objective_for(bundle, Weights(maps=2.0))
    terms = objective.terms(bundle.imitator(torch.rand(1, bundle.schema.size)))
    assert list(terms) == ["maps"]
    torch.testing.assert_close(objective.total(terms), 2 * terms["maps"])


def test_grey_photos_are_compared_in_grey(bundle: Bundle) -> None:
    drawing = bundle.imitator(torch.rand(1, bundle.schema.size))
    tinted = ImitatorOutput(drawing.image.roll(1, 1), drawing.labels)
    grey = objective_for(bundle, Weights(identity=1.0), grey=True)
    colourless = drawing.image.mean(1, keepdim=True).expand_as(drawing.image)
    torch.testing.assert_close(grey.embed(colourless), bundle.identity(_chips(bundle, colourless)), atol=1e-5, rtol=0)
    assert (grey.embed(drawing.image) - grey.embed(tinted.image)).abs().max() > 1e-4


def test_an_imitator_without_labels_is_refused(bundle: Bundle) -> None:
    plain = build_imitator("dcgan", {"size": 64, "channels": [8, 8, 8, 8]}, bundle.schema).eval()
    with pytest.raises(BundleIncompatible, match="paper"):
        objective_for(bundle, Weights(maps=1.0)).terms(plain(torch.rand(1, bundle.schema.size)))


@pytest.mark.parametrize("grey", [False, True])
def test_gradient_of_the_whole_objective_matches_finite_differences(bundle: Bundle, grey: bool) -> None:
    """In float64, through imitator, chip, the real recogniser and parser, with respect to every slider of x."""
    exact = replace(
        bundle,
        imitator=deepcopy(bundle.imitator).double(),
        parser=deepcopy(bundle.parser).double(),
        identity=deepcopy(bundle.identity).double(),
        statistics={name: value.double() for name, value in bundle.statistics.items()},
    )
    weights = Weights(identity=4, maps=1.5, moments=1.5, colours=1, prior=0.04, content=1)
    objective = objective_for(exact, weights, grey=grey)
    jitter = Jitter(torch.tensor([[0.01, -0.02, 0.03, 0.02]], dtype=torch.float64), torch.tensor([True]))
    size = bundle.schema.continuous_size
    mean = torch.from_numpy(bundle.schema.average()[:size]).double()

    def total(x: Tensor) -> Tensor:
        z = (x[:, :size] - mean) / 0.15
        return objective.total(objective.terms(exact.imitator(x), z, jitter)).sum()

    x = torch.rand(1, bundle.schema.size, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    x = (0.2 + 0.6 * x).requires_grad_()
    (gradient,) = torch.autograd.grad(total(x), x)
    with torch.no_grad():
        for i in range(bundle.schema.size):
            step = torch.zeros_like(x)
            step[0, i] = 1e-6
            slope = (total(x + step) - total(x - step)) / 2e-6
            torch.testing.assert_close(gradient[0, i], slope, rtol=1e-4, atol=1e-7)
    assert (gradient[0, :6].abs() > 1e-6).all()


def objective_for(bundle: Bundle, weights: Weights, grey: bool = False) -> Objective:
    kind = next(bundle.imitator.parameters()).dtype
    generator = torch.Generator().manual_seed(7)
    image = torch.rand(1, 3, SIDE, SIDE, generator=generator).to(kind)
    embedding = torch.randn(1, 128, generator=generator).to(kind)
    scale = bundle.statistics["prior_scale"]
    width = bundle.schema.continuous_size if kind == torch.float64 else 4
    return Objective(
        weights=weights,
        target=target_of(face().to(kind), image, embedding, grey),
        frame_landmarks5=bundle.frame_landmarks5,
        identity=bundle.identity,
        centre=bundle.statistics["identity_centre_colour"],
        prior=(torch.zeros_like(scale)[:width], scale[:width]),
        parser=bundle.parser,
    )


def _chips(bundle: Bundle, image: Tensor) -> Tensor:
    from f2p.face.crops import crop_chips

    return crop_chips(image, bundle.frame_landmarks5)
