"""What faces in photos do is solved beside the character, and put aside: with the toy engine's imitator, whose drawings
of known expressions and poses stand in for photos."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character
from f2p.character.records import FaceExpression
from f2p.creator import CharacterCreator
from f2p.fitting.expression import ExpressionPose, apply_expression
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import Preset, get_preset
from f2p.fitting.solver import Solution, Step, solve
from f2p.targets.photo_set import measure
from f2p.targets.target import PhotoTarget, Target
from tests.helpers.bad_photos import good_photo
from tests.helpers.targets import embedded, of_photos, photo_target
from tests.helpers.toy_bundle import toy_bundle
from tests.helpers.toy_engine import ToyEngine, toy_schema

RECIPE = replace(get_preset("default"), expressions=("smile",), option_prior_weight=0.0, optional_prior_weight=0.0)
CONTROL = replace(RECIPE, expressions=(), pose=False)
SMILE = 6


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    bundle = toy_bundle(
        tmp_path_factory.mktemp("posed"), {"expressions": {"smile": 0.3}, "pose": (20.0, 20.0, 0.0), "size": 64}
    )
    # An untrained network answers to every input alike; these are to be seen plainly.
    for name in ("field.weight", "code.0.weight"):
        bundle.imitator.get_parameter(name)[:, [SMILE, -3, -2]] *= 3
    return bundle


@pytest.fixture(scope="module")
def truth(bundle: Bundle) -> torch.Tensor:
    values = {name: 0.65 if i % 2 else 0.35 for i, name in enumerate(bundle.schema.names[:6])}
    return torch.from_numpy(bundle.schema.encode(values))[None]


@torch.no_grad()
def photo_of(bundle: Bundle, x: torch.Tensor, smile: float = 0.0, yaw: float = 0.0) -> PhotoTarget:
    """What a perfect photo of x with that face would give."""
    face = FaceExpression(units={"smile": smile}, yaw=yaw, pitch=0.0, roll=0.0)
    drawing = bundle.imitator(*apply_expression(bundle.schema, x, face))
    assert drawing.labels is not None
    photo = photo_target(drawing.image, drawing.labels.softmax(1), roll=7.0)
    return embedded(bundle, photo, bundle.imitator(x).image)


def found(bundle: Bundle, photo: PhotoTarget | Target, recipe: Preset, start: WarmStart | None = None) -> Solution:
    def neutral(step: Step) -> None:
        assert step.x[SMILE] == 0

    target = Target.of(photo) if isinstance(photo, PhotoTarget) else photo
    return solve(bundle, target, recipe, 0, start, progress=neutral)


def test_expression_and_pose_are_found_and_put_aside(bundle: Bundle, truth: torch.Tensor) -> None:
    target = photo_of(bundle, truth, smile=0.7, yaw=9.0)
    solution, control = (found(bundle, target, recipe) for recipe in (RECIPE, CONTROL))
    (face,) = solution.expressions
    assert face.units == {"smile": pytest.approx(0.7, abs=0.2)}
    assert face.yaw == pytest.approx(9.0, abs=3.0)
    assert abs(face.pitch) < 5
    assert face.roll == 7.0  # the tilt that the alignment took out
    assert solution.x[SMILE] == control.x[SMILE] == 0
    assert control.expressions == ()
    # Who it is comes out better for it.
    with torch.no_grad():
        wanted = bundle.imitator(truth).image
        away, without = ((bundle.imitator(s.x[None]).image - wanted).abs().mean() for s in (solution, control))
    assert away < 0.7 * without


def test_a_neutral_face_gets_no_expression(bundle: Bundle, truth: torch.Tensor) -> None:
    (face,) = found(bundle, photo_of(bundle, truth), RECIPE).expressions
    assert face.units["smile"] < 0.05
    assert abs(face.yaw) < 1.5


def test_each_photo_wears_its_own_face(bundle: Bundle, truth: torch.Tensor) -> None:
    smiling, turned = photo_of(bundle, truth, smile=0.8), photo_of(bundle, truth, yaw=-10.0)
    both = of_photos((smiling, 0.6), (turned, 0.4))
    first, second = found(bundle, both, RECIPE).expressions
    assert first.units["smile"] > second.units["smile"] + 0.3
    assert second.yaw < first.yaw - 5


def test_it_goes_on_from_where_a_search_ended(bundle: Bundle, truth: torch.Tensor) -> None:
    target = photo_of(bundle, truth, smile=0.7)
    known = FaceExpression(units={"smile": 0.7}, yaw=0.0, pitch=0.0, roll=0.0)
    one_step = replace(RECIPE, steps=1, check_at=())
    cold, warm = (
        found(bundle, target, one_step, WarmStart(x=truth[0], expressions=expressions))
        for expressions in ((), (known,))
    )
    assert warm.expressions[0].units["smile"] == pytest.approx(0.7, abs=0.05)
    assert cold.expressions[0].units["smile"] < 0.1
    assert warm.history[0]["maps"] < 0.5 * cold.history[0]["maps"]


def test_bounds(bundle: Bundle) -> None:
    pose = ExpressionPose(bundle.schema, bundle.imitator, ("smile", "wink"), True, 1)
    assert pose.params.shape == (1, 3)  # one unit, two of the three angles
    with torch.no_grad():
        pose.params.copy_(torch.tensor([[9.0, 9.0, -9.0]]))
    pose.project()
    (face,) = pose.expressions([0.0])
    assert face == FaceExpression(units={"smile": pytest.approx(1.0)}, yaw=20.0, pitch=-20.0, roll=0.0)
    with torch.no_grad():
        pose.params.fill_(-1.0)
    pose.project()
    assert pose.expressions([0.0])[0].units == {"smile": 0.0}


def test_a_face_that_is_expected_is_the_likeliest(bundle: Bundle) -> None:
    def cost(pose: ExpressionPose, smile: float) -> float:
        pose.initialise([FaceExpression(units={"smile": smile}, yaw=0.0, pitch=0.0, roll=0.0)])
        return pose.prior().item()

    pose = ExpressionPose(bundle.schema, bundle.imitator, ("smile",), True, 1)
    assert [cost(pose, smile) for smile in (0.0, 0.1, 0.6)] == [0.0, pytest.approx(0.1), pytest.approx(0.6)]
    pose.set_prior([FaceExpression(units={"smile": 0.6}, yaw=5.0, pitch=0.0, roll=0.0)])
    assert pose.expressions([0.0])[0].units["smile"] == pytest.approx(0.6)
    assert pose.expressions([0.0])[0].yaw == pytest.approx(5.0)
    # A spread is .3: at rest the guess is two of them away, and there the pull to rest has nothing to take.
    assert [cost(pose, smile) for smile in (0.0, 0.3, 0.6, 0.9)] == pytest.approx([4.0, 1.3, 0.6, 1.9])
    pose.set_prior([])
    assert cost(pose, 0.6) == pytest.approx(0.6)


def test_both_sides_go_together(bundle: Bundle, tmp_path: Path) -> None:
    smile = toy_schema().continuous[-1]
    sides = tuple(replace(smile, name=f"smile{side}") for side in ("Left", "Right"))
    schema = replace(toy_schema(), continuous=(*toy_schema().continuous[:-1], *sides))
    imitator = type(bundle.imitator)(  # type: ignore[call-arg]
        schema, replace(bundle.imitator.config, expressions={"smileLeft": 0.3, "smileRight": 0.3})
    )
    pose = ExpressionPose(schema, imitator, ("smile",), False, 1)
    assert pose.params.shape == (1, 1)
    with torch.no_grad():
        pose.params.fill_(2.0)
    assert pose.expressions([0.0])[0].units == {"smileLeft": pytest.approx(0.6), "smileRight": pytest.approx(0.6)}


def test_an_imitator_of_neutral_faces_is_solved_as_ever(tmp_path: Path, truth: torch.Tensor) -> None:
    plain = toy_bundle(tmp_path)
    assert not ExpressionPose(plain.schema, plain.imitator, ("smile",), True, 1)
    target = photo_of(plain, truth)
    short = {"steps": 4, "check_at": ()}
    with_, without = (found(plain, target, replace(recipe, **short)) for recipe in (RECIPE, CONTROL))  # type: ignore[arg-type]
    assert torch.equal(with_.x, without.x)
    assert with_.history == without.history
    assert with_.expressions == ()


def test_an_imitator_of_expressions_without_poses_is_solved_too(tmp_path: Path) -> None:
    still = toy_bundle(tmp_path, {"expressions": {"smile": 0.3}, "size": 64})
    x = torch.from_numpy(still.schema.encode({}))[None]
    (face,) = found(still, photo_of(still, x), replace(RECIPE, steps=4, check_at=(), age_at=None)).expressions
    assert set(face.units) == {"smile"}
    assert (face.yaw, face.pitch) == (0.0, 0.0)


def test_the_character_says_what_the_face_did(bundle: Bundle) -> None:
    creator = CharacterCreator(bundle, ToyEngine(), replace(RECIPE, steps=6))
    character = creator.create([good_photo(), b"nothing", good_photo()])
    assert [face.photo for face in character.expressions] == [0, 2]
    assert character.values["smile"] == 0
    assert character.expressions[0].units.keys() == {"smile"}
    again = Character.from_json(character.to_json(), bundle.schema)
    for face, read in zip(character.expressions, again.expressions, strict=True):
        assert read.units["smile"] == pytest.approx(face.units["smile"], abs=5e-4)
        assert (read.photo, read.yaw) == (face.photo, pytest.approx(face.yaw, abs=0.05))
    creator.preset = CONTROL
    assert "expressions" not in creator.create(good_photo()).to_json()


def test_a_tilt_of_the_photo_is_the_head_s_roll(bundle: Bundle) -> None:
    upright = Image.open(io.BytesIO(good_photo())).convert("RGB")
    tilted = measure(bundle, upright.rotate(8, resample=Image.Resampling.BILINEAR)).target.main  # anticlockwise
    assert tilted.roll == pytest.approx(measure(bundle, upright).target.main.roll - 8, abs=2.0)


def test_a_bundle_says_what_its_imitator_draws(bundle: Bundle) -> None:
    loaded = load_bundle(bundle.path).imitator
    assert loaded.expressions == {"smile": 0.3}
    assert loaded.pose == (20.0, 20.0, 0.0)
