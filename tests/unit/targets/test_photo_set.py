"""Several photos of one person: what each is worth, and one character of them all. With dlib's recogniser on a real
face (scikit-image's public-domain portrait) and, for somebody else, the embedded engine's average head."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from safetensors.torch import load_file

from f2p.bundle import DEFAULT_BUNDLE, Bundle, load_bundle
from f2p.character.character import Character
from f2p.creator import CharacterCreator
from f2p.engines.registry import open_engine
from f2p.errors import NoUsablePhoto, ParameterError, PhotoMissing, TooManyPhotos
from f2p.fitting.losses import Weights
from f2p.fitting.objective import Objective
from f2p.fitting.presets import get_preset
from f2p.imaging.region_statistics import COLOUR_REGIONS, region_colours
from f2p.targets.measurement import hue_kept
from f2p.targets.photo_set import measure
from f2p.targets.target import Target
from tests.helpers.bad_photos import bad_photo, good_photo
from tests.helpers.toy_bundle import toy_bundle
from tests.helpers.toy_engine import ToyEngine

QUICK = replace(get_preset("default"), name="quick", steps=6)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The toy's, with the true mean face: without it all faces are alike."""
    bundle = toy_bundle(tmp_path_factory.mktemp("bundle"))
    means = load_file(DEFAULT_BUNDLE / "statistics.safetensors")
    centres = {name: means[name] for name in ("identity_centre_colour", "identity_centre_grey")}
    return replace(bundle, statistics={**bundle.statistics, **centres})


@pytest.fixture(scope="module")
def stranger() -> bytes:
    engine = open_engine("makehuman")
    try:
        return encode(Image.fromarray(engine.render(engine.schema.decode(engine.schema.average()), size=512).image))
    finally:
        engine.close()


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def changed(change: Callable[[Image.Image], Image.Image]) -> bytes:
    return encode(change(Image.open(io.BytesIO(good_photo()))))


def creator_of(bundle: Bundle) -> CharacterCreator:
    return CharacterCreator(bundle, ToyEngine(), QUICK)


@pytest.fixture(scope="module")
def alone(bundle: Bundle) -> Character:
    """The character of the good photo."""
    return creator_of(bundle).create(good_photo())


def test_one_photo_in_a_list_is_one_photo(bundle: Bundle, alone: Character) -> None:
    creator = creator_of(bundle)
    assert creator.create([good_photo()]).to_json() == alone.to_json()
    assert creator.create(creator.measure(good_photo())).to_json() == alone.to_json()
    assert alone.photos == ()


def test_the_same_photo_twice_is_worth_one(bundle: Bundle, alone: Character) -> None:
    twice = creator_of(bundle).create([good_photo(), good_photo()])
    assert [use.weight for use in twice.photos] == pytest.approx([0.5, 0.5])
    for name, value in alone.values.items():
        # A slider that the picture hardly moves goes where rounding sends it.
        assert twice.values[name] == pytest.approx(value, abs=1e-2)
    assert twice.losses["total"] == pytest.approx(alone.losses["total"], rel=5e-3)


def test_a_worse_photo_counts_less(bundle: Bundle) -> None:
    dark = changed(lambda image: ImageEnhance.Brightness(image).enhance(0.3))
    small = changed(lambda image: image.resize((220, 220)))
    uses = measure(bundle, [good_photo(), dark, small]).contributions
    assert all(use.used and use.reason == "USED" for use in uses)
    assert sum(use.weight for use in uses) == pytest.approx(1)
    assert uses[0].weight > 1.2 * max(uses[1].weight, uses[2].weight)
    assert all(use.likeness > 0.6 for use in uses)


def test_a_stranger_among_the_photos_is_left_out(bundle: Bundle, stranger: bytes) -> None:
    turned = changed(lambda image: image.rotate(8))
    character = creator_of(bundle).create([stranger, good_photo(), turned])
    assert [use.reason for use in character.photos] == ["FACE_DIFFERS", "USED", "USED"]
    assert character.photos[0].weight == 0
    assert character.photos[0].likeness < 0.4
    assert any(warning.startswith("FACE_DIFFERS: photo 1 was left out") for warning in character.warnings)
    # He leaves no trace.
    without = creator_of(bundle).create([good_photo(), turned])
    assert character.values == without.values


def test_two_that_disagree_give_the_better_one_and_say_so(bundle: Bundle, stranger: bytes) -> None:
    poor = encode(Image.open(io.BytesIO(stranger)).resize((140, 140)))
    photo_set = measure(bundle, [poor, good_photo()])
    assert [use.weight for use in photo_set.contributions] == [0, 1]
    assert "do not seem to show one person" in photo_set.contributions[0].note
    alone = measure(bundle, good_photo()).target
    assert torch.equal(photo_set.target.embedding, alone.embedding)
    assert photo_set.target.shares == (1.0,)


def test_one_that_cannot_be_used_is_listed_and_not_fatal(bundle: Bundle, alone: Character, tmp_path: Path) -> None:
    character = creator_of(bundle).create([bad_photo("no_face"), good_photo(), tmp_path / "none.jpg"])
    assert [use.reason for use in character.photos] == ["NO_FACE", "USED", "PHOTO_MISSING"]
    assert [use.weight for use in character.photos] == [0, 1, 0]
    assert character.values == alone.values
    assert any("NO_FACE: photo 1" in warning for warning in character.warnings)
    again = Character.from_json(character.to_json(), bundle.schema)
    assert [use.note for use in again.photos] == [use.note for use in character.photos]
    assert [use.used for use in again.photos] == [False, True, False]
    assert [entry["reason"] for entry in json.loads(character.to_json())["photos"]] == [
        "NO_FACE",
        "USED",
        "PHOTO_MISSING",
    ]


def test_refusals(bundle: Bundle) -> None:
    with pytest.raises(TooManyPhotos, match="17"):
        measure(bundle, [good_photo()] * 17)
    with pytest.raises(PhotoMissing):
        measure(bundle, [])
    with pytest.raises(NoUsablePhoto) as caught:
        measure(bundle, [bad_photo("no_face"), bad_photo("empty")])
    assert caught.value.details == {"photo_1": "NO_FACE", "photo_2": "PHOTO_EMPTY"}
    with pytest.raises(ParameterError, match="list"):
        measure(bundle, [good_photo(), good_photo()], 0)
    with pytest.raises(ParameterError, match="1 faces were chosen for 2"):
        measure(bundle, [good_photo(), good_photo()], [0])


def test_a_face_can_be_chosen_in_each_photo(bundle: Bundle) -> None:
    uses = measure(bundle, [good_photo(), bad_photo("three_faces")], [None, 1]).contributions
    assert all(use.used for use in uses)


def test_a_grey_photo_says_nothing_of_colour_beside_a_coloured_one(bundle: Bundle) -> None:
    grey = changed(lambda image: image.convert("L"))
    target = measure(bundle, [good_photo(), grey]).target
    assert not target.grey
    presences = [float(target.colours_presence(photo).max()) for photo in target.photos]
    assert presences[0] > 0
    assert presences[1] == 0
    both = measure(bundle, [grey, grey]).target
    assert both.grey
    assert all(float(both.colours_presence(photo).max()) > 0 for photo in both.photos)


def test_terms_of_several_photos_are_their_weighted_sum(bundle: Bundle) -> None:
    smaller = changed(lambda image: image.crop((0, 0, 400, 400)).resize((300, 300)))
    target = measure(bundle, [good_photo(), smaller]).target
    weights = Weights(maps=1, moments=1, colours=1, content=1)
    drawing = bundle.imitator(torch.rand(3, bundle.schema.size, generator=torch.Generator().manual_seed(1)))

    def terms(of: Target) -> dict[str, torch.Tensor]:
        objective = Objective(
            weights=weights,
            target=of,
            frame_landmarks5=bundle.frame_landmarks5,
            identity=bundle.identity,
            centre=torch.zeros(128),
            parser=bundle.parser,
        )
        return objective.terms(drawing)

    together = terms(target)
    alone = [(share, terms(Target.of(photo))) for photo, share in zip(target.photos, target.shares, strict=True)]
    assert len(alone) == 2
    for name, value in together.items():
        torch.testing.assert_close(value, sum(share * each[name] for share, each in alone))
        assert not np.allclose(alone[0][1][name], alone[1][1][name])


def test_hair_of_a_grey_photo_has_less_hue_the_older_the_person(bundle: Bundle) -> None:
    shares = [hue_kept(years) for years in (20.0, 45.0, 55.0, 80.0)]
    assert shares[0] == 1
    assert shares[3] == 0
    assert shares == sorted(shares, reverse=True)
    photo = measure(bundle, [changed(lambda image: image.convert("L"))]).target.main
    assert photo.attributes is not None
    hair = [name for name, _, _ in COLOUR_REGIONS].index("hair")
    assert (float(photo.colours[0, hair, 1:].norm()) > 0) == (hue_kept(float(photo.attributes.age)) > 0)


def test_a_grey_photo_tells_dark_skin_from_dim_light() -> None:
    """A light face in dim light and a dark one in bright light, equally bright in the photo."""
    shipped, engine = load_bundle(), open_engine("makehuman")
    skin = [name for name, _, _ in COLOUR_REGIONS].index("skin")
    light = replace(shipped.calibration.illumination, grey_skin_deviation=0.5)
    by_brightness = replace(shipped, calibration=replace(shipped.calibration, illumination=light))
    found, raw, bright = [], [], []
    try:
        for tone, african, exposure in ((0.2, 0.38, 0.66), (0.75, 0.70, 1.25)):
            values = {**engine.schema.decode(engine.schema.average()), "skin_tone": tone, "african": african}
            picture = Image.fromarray(engine.render(values, size=512).image).convert("L")
            picture = ImageEnhance.Brightness(picture).enhance(exposure)
            photo = measure(shipped, encode(picture)).target.main
            found.append(float(photo.colours[0, skin, 0]))
            bright.append(float(measure(by_brightness, encode(picture)).target.main.colours[0, skin, 0]))
            raw.append(float(region_colours(photo.image, photo.probs)[0, skin, 0]))
    finally:
        engine.close()
    assert abs(raw[0] - raw[1]) < 12, raw
    assert found[0] > found[1] + 20, (found, raw)
    # Whoever trusted the brightness would find them nearer to each other.
    assert found[0] - found[1] > bright[0] - bright[1] + 5, (found, bright)
