"""Wishes beyond likeness: what they move, what they leave alone, and how far they can be undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.character.records import FaceExpression
from f2p.errors import ParameterError
from f2p.fitting.styling import Styling, average_person, styled, unstyled

Values = dict[str, float | str]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """Without a mien of photos that is taken off every answer."""
    loaded = load_bundle()
    return replace(loaded, calibration=replace(loaded.calibration, mien={}))


@pytest.fixture(scope="module")
def person(bundle: Bundle) -> Values:
    """Somebody at some distance from the average, with a beard and glasses."""
    generator = torch.Generator().manual_seed(3)
    average = average_person(bundle)
    values = bundle.schema.decode(bundle.schema.average())
    for name, centre in average.items():
        values[name] = min(max(centre + 0.06 * float(torch.randn((), generator=generator)), 0.2), 0.8)
    return values | {"beard_style": "full", "glasses": "aviator", "skin_tone": 0.9, "skin_lines": 0.5}


def distance(bundle: Bundle, values: Values) -> float:
    """Of the features from the average person's; sex, age and descent are none."""
    average, kept = average_person(bundle), bundle.calibration.flattering.kept
    features = {name: centre for name, centre in average.items() if name not in kept}
    return sum(abs(float(values[name]) - centre) for name, centre in features.items()) / len(features)


def test_no_wish_changes_nothing(bundle: Bundle, person: Values) -> None:
    assert styled(bundle, person, Styling()) == person


def test_the_mien_of_photos_is_taken_off_and_put_back(bundle: Bundle, person: Values) -> None:
    mien = {"brow_slant": 0.1, "mouth_corners": -0.05, "of_another_engine": 0.2}
    frowning = replace(bundle, calibration=replace(bundle.calibration, mien=mien))
    at_ease = styled(frowning, person, Styling(), locked={"mouth_corners"})
    assert at_ease["brow_slant"] == pytest.approx(float(person["brow_slant"]) - 0.1)
    assert at_ease["mouth_corners"] == person["mouth_corners"]  # the player's own
    moved = [s.name for s in bundle.schema.continuous if at_ease[s.name] != pytest.approx(person[s.name])]
    assert moved == ["brow_slant"]
    back = unstyled(frowning, styled(frowning, person, Styling(strength=1.2)), Styling(strength=1.2))
    assert back["brow_slant"] == pytest.approx(float(person["brow_slant"]))
    assert back["mouth_corners"] == pytest.approx(float(person["mouth_corners"]))


def test_strength_goes_from_the_average_to_a_caricature(bundle: Bundle, person: Values) -> None:
    far = [distance(bundle, styled(bundle, person, Styling(strength=s))) for s in (0.0, 0.5, 1.0, 1.5)]
    assert far[0] == pytest.approx(0, abs=1e-9)
    assert far[1] == pytest.approx(far[2] / 2)
    assert far[3] == pytest.approx(1.5 * far[2], rel=0.02)  # a few end at the end of their range


def test_strength_leaves_sex_colours_and_choices_alone(bundle: Bundle, person: Values) -> None:
    alone = [p.name for p in bundle.schema.parameters if p.role != "identity"] + ["sex", "age", "asian"]
    for strength in (0.0, 2.0):
        drawn = styled(bundle, person, Styling(strength=strength))
        assert {name: drawn[name] for name in alone} == {name: person[name] for name in alone}


def test_flatter_keeps_sex_and_age_and_smooths_lines(bundle: Bundle, person: Values) -> None:
    pleasant = styled(bundle, person, Styling(flatter=1.0))
    assert pleasant["sex"] == person["sex"]
    assert pleasant["age"] == person["age"]
    assert pleasant["skin_tone"] == person["skin_tone"]
    assert float(pleasant["skin_lines"]) < float(person["skin_lines"]) / 2
    assert distance(bundle, pleasant) < distance(bundle, person)


def test_removing_takes_off_the_choice(bundle: Bundle, person: Values) -> None:
    bare = styled(bundle, person, Styling(remove_glasses=True, remove_beard=True))
    assert (bare["glasses"], bare["beard_style"]) == ("none", "none")
    assert bare["hair_style"] == person["hair_style"]


def test_kept_expressions_are_the_photos(bundle: Bundle, person: Values) -> None:
    face = FaceExpression(units={"mouthSmileLeft": 0.6, "jawOpen": 0.2}, yaw=3.0, pitch=0.0, roll=0.0)
    smiling = styled(bundle, person, Styling(keep_expression=True), face)
    assert (smiling["mouthSmileLeft"], smiling["jawOpen"]) == (0.6, 0.2)
    assert styled(bundle, person, Styling(), face) == person


def test_locked_parameters_stay(bundle: Bundle, person: Values) -> None:
    wishes = Styling(strength=1.8, flatter=1.0, remove_glasses=True)
    moved = styled(bundle, person, wishes, locked=("nose_width", "glasses"))
    assert moved["nose_width"] == person["nose_width"]
    assert moved["glasses"] == "aviator"
    assert moved["nose_length"] != person["nose_length"]


@pytest.mark.parametrize("wishes", [Styling(strength=0.5), Styling(strength=1.4, flatter=0.5), Styling(flatter=1.0)])
def test_the_likeness_comes_back(bundle: Bundle, person: Values, wishes: Styling) -> None:
    there = unstyled(bundle, styled(bundle, person, wishes), wishes)
    for slider in bundle.schema.continuous:
        assert there[slider.name] == pytest.approx(person[slider.name], abs=0.03), slider.name


@pytest.mark.parametrize("wrong", [{"strength": -0.1}, {"strength": 2.1}, {"flatter": 1.5}, {"flatter": float("nan")}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="must lie in 0"):
        Styling(**wrong)
