"""How sure each group is: what the photo shows and decides, what the prior fills in, what the player set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from f2p.bundle import Bundle
from f2p.character.character import Character
from f2p.character.records import GroupConfidence
from f2p.cli.results import describe
from f2p.creator import CharacterCreator
from f2p.errors import CharacterError
from f2p.fitting.confidence import group_confidence
from f2p.fitting.losses import Weights
from f2p.fitting.presets import get_preset
from f2p.imaging.region_statistics import region_moments
from f2p.regions import index
from f2p.reports.character_page import character_page
from f2p.targets.target import PhotoTarget, Target
from tests.helpers.bad_photos import good_photo
from tests.helpers.targets import of_photos, photo_target
from tests.helpers.toy_engine import ToyEngine

DEFAULT = get_preset("default")
QUICK = replace(DEFAULT, name="quick", steps=4)


@pytest.fixture(scope="module")
def x(bundle: Bundle) -> torch.Tensor:
    return torch.from_numpy(bundle.schema.average())


@pytest.fixture(scope="module")
def photo(bundle: Bundle, x: torch.Tensor) -> PhotoTarget:
    """The photo that the average face explains without rest."""
    drawing = bundle.imitator(x[None])
    assert drawing.labels is not None
    return photo_target(drawing.image, drawing.labels.softmax(1))


@pytest.fixture(scope="module")
def target(photo: PhotoTarget) -> Target:
    return Target.of(photo)


def by_group(found: tuple[GroupConfidence, ...]) -> dict[str, GroupConfidence]:
    return {group.group: group for group in found}


def test_every_group_that_is_solved_has_its_figure(bundle: Bundle, target: Target, x: torch.Tensor) -> None:
    found = group_confidence(bundle, target, DEFAULT, x)
    assert [group.group for group in found] == list(bundle.schema.groups)
    assert all(0 <= group.confidence <= 1 and 0 <= group.seen <= 1 and group.note for group in found)
    assert found == group_confidence(bundle, target, DEFAULT, x)


def test_against_a_stronger_prior_the_photo_decides_less(bundle: Bundle, target: Target, x: torch.Tensor) -> None:
    weak, strong = (
        by_group(group_confidence(bundle, target, replace(DEFAULT, weights=replace(DEFAULT.weights, prior=prior)), x))
        for prior in (0.02, 2.0)
    )
    for group in ("face", "eye", "nose"):
        assert 0 < strong[group].confidence < weak[group].confidence


def test_the_confidence_is_curvature_against_prior(bundle: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    """One slider in its group, one term: the figure written down once more."""
    from f2p.fitting.losses import moment_loss

    recipe = replace(DEFAULT, weights=Weights(moments=3.0, prior=0.6))
    moved = x.clone()
    scale = 0.15 * float(bundle.statistics["prior_scale"][2])
    sign = torch.randint(0, 2, (7,), generator=torch.Generator().manual_seed(0))[2] * 2 - 1
    moved[2] += float(sign) * scale
    # It looks at every other pixel of the labels.
    there, here = (bundle.imitator.forward_subsampled(place[None], (0, 0)).labels for place in (moved, x))
    assert there is not None
    assert here is not None
    moments = [region_moments(labels.softmax(1)) for labels in (there, here)]
    rise = 3 * float(moment_loss(*moments, photo.moments_presence))
    expected = 2 * rise / (2 * rise + 2 * 0.6 / 6)
    assert by_group(group_confidence(bundle, Target.of(photo), recipe, x))["eye"].confidence == pytest.approx(
        expected, rel=1e-3
    )


def test_what_lies_outside_the_photo_is_said(bundle: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    gone = replace(photo, valid_mask=torch.zeros_like(photo.valid_mask))
    for group in group_confidence(bundle, Target.of(gone), DEFAULT, x):
        if group.group == "hair":
            continue  # without a translator nothing is known of a choice
        assert group.seen == pytest.approx(0, abs=1e-6)
        assert group.confidence == pytest.approx(0, abs=1e-6)
        assert group.note == f"We could not see this part ({group.group}): outside the photo."
    # One photo of several that shows everything is enough.
    both = of_photos((gone, 0.5), (photo, 0.5))
    assert all(group.seen > 0.99 for group in group_confidence(bundle, both, DEFAULT, x) if group.group != "hair")


def test_what_hair_hides_is_said(bundle: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    probs = torch.zeros_like(photo.probs)
    probs[:, index("hair")] = 1.0
    bald = torch.zeros_like(photo.probs)
    bald[:, index("skin")] = 1.0
    found = by_group(group_confidence(bundle, Target.of(replace(photo, probs=probs)), DEFAULT, x))
    assert found["nose"].note.endswith("hair or glasses cover it.")
    assert found["nose"].seen < 0.5
    assert by_group(group_confidence(bundle, Target.of(replace(photo, probs=bald)), DEFAULT, x))["nose"].seen > 0.99


def test_a_bad_fit_makes_nothing_sure(bundle: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    elsewhere = replace(photo, probs=photo.probs.roll(12, 2))
    good, bad = (by_group(group_confidence(bundle, Target.of(p), DEFAULT, x)) for p in (photo, elsewhere))
    assert bad["nose"].confidence < good["nose"].confidence


def test_what_the_player_set_is_sure(bundle: Bundle, target: Target, x: torch.Tensor) -> None:
    found = by_group(group_confidence(bundle, target, DEFAULT, x, locked={"nose_length", "face_width"}))
    assert (found["nose"].confidence, found["nose"].note) == (1.0, "Set by you.")
    assert found["face"].note != "Set by you."


def test_a_grey_photo_leaves_colours_to_guess(bundle: Bundle, target: Target, x: torch.Tensor) -> None:
    colour, grey = (by_group(group_confidence(bundle, replace(target, grey=g), DEFAULT, x)) for g in (False, True))
    assert grey["skin"].confidence == pytest.approx(colour["skin"].confidence / 2)
    assert "no colour" in grey["skin"].note
    assert grey["nose"] == colour["nose"]


def test_it_works_for_the_published_recipe(bundle: Bundle, target: Target, x: torch.Tensor) -> None:
    assert len(group_confidence(bundle, target, get_preset("paper"), x)) == len(bundle.schema.groups)
    only = replace(DEFAULT, weights=Weights(identity=1.0))
    assert len(group_confidence(bundle, target, only, x)) == len(bundle.schema.groups)


def test_characters_carry_it(bundle: Bundle, tmp_path: Path) -> None:
    character = CharacterCreator(bundle, ToyEngine(), QUICK).create(good_photo())
    plain = CharacterCreator(bundle, ToyEngine(), QUICK, confidence=False).create(good_photo())
    assert plain.confidence == ()
    assert plain.values == character.values
    document = json.loads(character.to_json())
    assert [entry["group"] for entry in document["confidence"]] == list(bundle.schema.groups)
    again = Character.from_json(character.to_json(), bundle.schema)
    assert [group.note for group in again.confidence] == [group.note for group in character.confidence]
    page = character_page(character)
    assert all(group.note in page for group in character.confidence)
    lines = list(describe(replace(character, confidence=(_ears(0.2), _ears(0.9))), [Path("photo.png")]))
    assert lines[-1] == "ears: 20 % sure. We could not see this part (ears): outside the photo."
    assert not any("90 %" in line for line in lines)
    document["confidence"][0]["confidence"] = "high"
    with pytest.raises(CharacterError, match="confidence"):
        Character.from_json(json.dumps(document), bundle.schema)


def _ears(confidence: float) -> GroupConfidence:
    note = "We could not see this part (ears): outside the photo."
    return GroupConfidence(group="ears", confidence=confidence, seen=0.1, note=note)
