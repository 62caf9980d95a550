"""Terms by landmarks, blendshapes, sex and age: 0 where photo and drawing agree, with a gradient where they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from skimage import data
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.fitting.objective import preset_objective
from f2p.fitting.options import OptionPrior, person_odds
from f2p.fitting.perceived import PERCEIVED, PerceivedTerms, age_loss, iris_loss, landmark_loss, sex_loss
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import solve
from f2p.networks.imitator.base import ImitatorOutput
from f2p.networks.landmarks.blendshapes import BLENDSHAPES
from f2p.networks.perception import FaceAttributes, perception
from f2p.schema import Discrete, Schema
from f2p.targets.expression_evidence import unit_weights, with_blendshapes
from f2p.targets.target import PhotoTarget, Target, female_odds
from tests.helpers.targets import drawn_photo

DEFAULT = get_preset("default")
ALL = replace(
    DEFAULT,
    steps=5,
    weights=replace(DEFAULT.weights, landmarks=0.5, blendshapes=0.5, irises=0.2, sex=0.2, age=0.2),
    perceive_every=2,
)


@pytest.fixture(scope="module")
def face() -> Tensor:
    """(1, 3, 128, 128) the astronaut, about as a frame has her."""
    return torch.from_numpy(data.astronaut()[20:212:2, 128:320:2].copy()).permute(2, 0, 1)[None].float() / 255


@pytest.fixture(scope="module")
def frame() -> list[list[float]]:
    """Her eyes' corners and the base of her nose."""
    return [[0.66, 0.46], [0.56, 0.46], [0.34, 0.46], [0.44, 0.46], [0.50, 0.66]]


@pytest.fixture(scope="module")
def photo(bundle: Bundle, face: Tensor, frame: list[list[float]]) -> PhotoTarget:
    plain = drawn_photo(bundle, torch.from_numpy(bundle.schema.encode({})))
    with torch.no_grad():
        shape, attributes = perception().shape(face, frame), perception().attributes(face, frame)
    return replace(plain, shape=shape, attributes=attributes)


def test_equal_pictures_cost_nothing(photo: PhotoTarget, face: Tensor, frame: list[list[float]]) -> None:
    terms = PerceivedTerms(perception(), Target.of(photo), frame, PERCEIVED)
    found = terms.terms([ImitatorOutput(face, None)])
    assert set(found) == set(PERCEIVED)
    for name in ("landmarks", "blendshapes", "irises", "age"):
        assert found[name].item() == pytest.approx(0, abs=1e-4), name


def test_another_face_costs_and_has_a_gradient(photo: PhotoTarget, face: Tensor, frame: list[list[float]]) -> None:
    terms = PerceivedTerms(perception(), Target.of(photo), frame, ("landmarks",))
    stretched = torch.nn.functional.interpolate(face, (128, 96))[:, :, 16:112].clone().requires_grad_()
    loss = terms.terms([ImitatorOutput(stretched, None)])["landmarks"]
    assert loss.item() > 0.2
    (gradient,) = torch.autograd.grad(loss.sum(), stretched)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


def test_grey_photos_say_nothing_of_irises(photo: PhotoTarget, face: Tensor, frame: list[list[float]]) -> None:
    darker = [ImitatorOutput(face * 0.5, None)]
    for grey in (True, False):
        terms = PerceivedTerms(perception(), Target.of(replace(photo, grey=grey)), frame, ("irises",))
        assert (terms.terms(darker)["irises"].item() == 0) == grey


def test_photos_without_measurements_are_looked_at_in_the_frame(
    photo: PhotoTarget, face: Tensor, frame: list[list[float]]
) -> None:
    plain = Target.of(replace(photo, image=face, shape=None, attributes=None))
    found = PerceivedTerms(perception(), plain, frame, PERCEIVED).terms([ImitatorOutput(face, None)])
    assert found["landmarks"].item() == pytest.approx(0, abs=1e-4)
    assert found["age"].item() == pytest.approx(0, abs=1e-4)


def test_a_search_with_all_terms_ends_with_their_losses(bundle: Bundle, photo: PhotoTarget) -> None:
    solution = solve(bundle, Target.of(photo), ALL)
    assert set(PERCEIVED) <= set(solution.losses)
    # Between two looks the terms stand as they were.
    assert solution.history[0]["age"] == solution.history[1]["age"] != solution.history[2]["age"]


def test_without_weights_nothing_is_computed(bundle: Bundle, photo: PhotoTarget) -> None:
    assert not DEFAULT.perceives
    assert not set(preset_objective(bundle, Target.of(photo), DEFAULT).weights) & set(PERCEIVED)
    assert not set(preset_objective(bundle, Target.of(photo), ALL, perceive=False).weights) & set(PERCEIVED)


def test_losses_count_what_people_see() -> None:
    points = torch.zeros(1, 478, 2)
    moved = points.clone()
    moved[:, 10] = 1.0  # of the forehead, which is nobody's feature
    assert landmark_loss(moved, points).item() == 0
    moved[:, 61] = 1.0  # a corner of the mouth
    assert landmark_loss(moved, points).item() > 0
    sure, unsure = torch.tensor([5.0]), torch.tensor([0.2])
    assert sex_loss(torch.tensor([4.0]), sure).item() == 0
    assert sex_loss(torch.tensor([-4.0]), sure).item() > 5 * sex_loss(torch.tensor([-4.0]), unsure).item() > 0
    assert age_loss(torch.tensor([30.0]), torch.tensor([60.0])).item() > age_loss(torch.zeros(1), torch.ones(1)).item()


def test_irises_are_told_apart_by_colour_alone(face: Tensor, frame: list[list[float]]) -> None:
    brown = perception().shape(face, frame).irises
    bluer = perception().shape(face * torch.tensor([0.6, 0.9, 1.6]).view(1, 3, 1, 1), frame).irises
    assert bluer[0, 2] < brown[0, 2] - 5
    assert iris_loss(bluer, brown).item() > 0.1


BEARD = Discrete("beard", "Beard", "beard", "appearance", ("none", "full"), "none", (0.4, 0.6), frontal=True)
# Women have none of the beards; three men in five do.
WORN = torch.tensor([[0.6, -6.0], [-0.9, 0.5]])


def by_sex(female: float, weight: float) -> Tensor:
    schema = Schema("toy", "1", (), (BEARD,))
    odds = person_odds(schema, WORN, female, weight)
    return OptionPrior.of(schema, DEFAULT, None, torch.device("cpu"), odds).log_prior(BEARD)


def test_a_beard_on_a_woman_asks_for_more_evidence_and_on_a_man_for_no_less() -> None:
    woman, man, unknown, off = by_sex(6.0, 1.0), by_sex(-6.0, 1.0), by_sex(0.0, 1.0), by_sex(6.0, 0.0)
    assert woman.argmax() == 0
    assert woman[1] < off[1] - 4
    assert woman[1] < unknown[1]
    assert torch.equal(man, off)
    assert by_sex(6.0, 2.0)[1] < woman[1]


def test_odds_are_split_by_discretes() -> None:
    hair = Discrete("hair", "Hair", "hair", "appearance", ("bun", "cap", "hood"), "cap", (0.4, 0.3, 0.3), frontal=True)
    odds = person_odds(Schema("toy", "1", (), (BEARD, hair)), torch.arange(10.0).view(2, 5), 40.0, 1.0)
    assert {name: part.tolist() for name, part in odds.items()} == {"beard": [0.0, 0.0], "hair": [2.0, 3.0, 4.0]}


def test_odds_are_those_of_an_age() -> None:
    hair = Discrete("hair", "Hair", "hair", "appearance", ("shorn", "grey"), "shorn", (0.5, 0.5), frontal=True)
    schema = Schema("toy", "1", (), (hair,))
    men = torch.tensor([[0.4, -0.4], [0.0, 0.0], [-1.0, 1.0]])  # about 25, 45 and 65 years
    counted = torch.stack((torch.zeros(3, 2), men))

    def odds(age: float | None) -> list[float]:
        return [round(float(value), 3) for value in person_odds(schema, counted, -40.0, 1.0, age)["hair"]]

    assert odds(20.0) == odds(25.0) == [0.4, -0.4]
    assert odds(45.0) == [0.0, 0.0]
    assert odds(80.0) == [-1.0, 1.0]
    assert -1.0 < odds(55.0)[0] < 0.0 < odds(55.0)[1] < 1.0
    assert odds(None) == [round(float(value), 3) for value in men.exp().mean(0).log()]


def test_odds_are_those_of_all_photos(photo: PhotoTarget) -> None:
    assert photo.attributes is not None
    assert female_odds(Target.of(photo)) == pytest.approx(float(photo.attributes.female))
    other = replace(photo, attributes=FaceAttributes(age=torch.tensor([20.0]), female=torch.tensor([-3.0])))
    both = Target(photos=(other, other), shares=(0.5, 0.5), embedding=photo.embedding, grey=False)
    assert female_odds(both) == pytest.approx(-3.0)
    unknown = replace(other, attributes=None)
    assert female_odds(replace(both, photos=(other, unknown))) is None


def test_blendshapes_become_units_of_the_engine(bundle: Bundle) -> None:
    slider = replace(bundle.schema.continuous[-1], name="jawOpen")
    schema = replace(bundle.schema, continuous=(*bundle.schema.continuous[:-1], slider))
    seen = torch.zeros(len(BLENDSHAPES))
    seen[BLENDSHAPES.index("jawOpen")] = 0.5
    assert unit_weights(replace(bundle, schema=schema), seen) == {"jawOpen": 0.5}
    rest, reach = torch.full_like(seen, 0.1), torch.full_like(seen, 0.8)
    known = {**bundle.statistics, "blendshape_rest": rest, "blendshape_reach": reach}
    assert unit_weights(replace(bundle, schema=schema, statistics=known), seen) == {"jawOpen": pytest.approx(0.5)}


def test_brows_are_the_blendshapes_and_the_mouth_is_everybodys(bundle: Bundle) -> None:
    names = ("browInnerUp", "jawOpen")
    sliders = [replace(bundle.schema.continuous[-1], name=name) for name in names]
    schema = replace(bundle.schema, continuous=(*bundle.schema.continuous[:-1], *sliders))
    seen = torch.zeros(len(BLENDSHAPES))
    seen[[BLENDSHAPES.index(name) for name in names]] = 0.6
    face = FaceExpression(units={"browInnerUp": 0.0, "jawOpen": 0.2}, yaw=7.0, pitch=0.0, roll=0.0)
    both = with_blendshapes(replace(bundle, schema=schema), face, seen)
    assert both.units == {"browInnerUp": pytest.approx(0.6), "jawOpen": pytest.approx(0.4)}
    assert both.yaw == 7.0
