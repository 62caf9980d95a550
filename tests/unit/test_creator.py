"""Target and creator, on a real face: scikit-image's `astronaut`, a portrait in the public domain."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from f2p.bundle import Bundle
from f2p.character.character import Character, rounded
from f2p.creator import CharacterCreator
from f2p.errors import BundleIncompatible, EngineFailed, NoFace, ParameterError, PhotoMissing, PresetError
from f2p.face.alignment import Aligned, align
from f2p.fitting import candidates
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import Step
from f2p.fitting.styling import Styling, average_person
from f2p.imaging.decode import read_photo
from f2p.networks.translator import PICTURE_FEATURES
from f2p.targets.measurement import measure_photo
from f2p.targets.photo_set import GREY
from tests.helpers.toy_engine import ToyEngine

QUICK = replace(get_preset("default"), name="quick", steps=6)


@pytest.fixture(scope="module")
def photo() -> bytes:
    return encode(Image.fromarray(data.astronaut()))


@pytest.fixture(scope="module")
def aligned(bundle: Bundle, photo: bytes) -> Aligned:
    return align(read_photo(photo), bundle.frame_landmarks5, bundle.size)


@pytest.fixture
def creator(bundle: Bundle) -> Iterator[CharacterCreator]:
    with CharacterCreator(bundle, ToyEngine(), QUICK) as creator:
        yield creator


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def test_the_embedding_is_that_of_dlib_give_or_take_the_crops(bundle: Bundle, aligned: Aligned) -> None:
    from f2p.face.crops import photo_chips

    photo = measure_photo(bundle, aligned)
    plain = bundle.identity(photo_chips(aligned.photo, aligned.landmarks5_px))
    assert photo.embedding.shape == (1, 128)
    assert 0 < float((photo.embedding - plain).norm()) < 0.25


def test_the_target_is_measured_on_the_photo(bundle: Bundle, aligned: Aligned) -> None:
    photo = measure_photo(bundle, aligned)
    assert bundle.translator is not None
    assert photo.features is not None
    assert photo.features.shape == (1, bundle.translator.config.features + PICTURE_FEATURES)
    assert torch.equal(photo.image[0], aligned.image)
    torch.testing.assert_close(photo.probs.sum(1), torch.ones(1, 64, 64))
    assert photo.estimate is not None
    assert torch.equal(photo.estimate.z, bundle.translator(photo.features)[0])
    unguided = measure_photo(replace(bundle, translator=None), aligned)
    assert unguided.features is None
    assert unguided.estimate is None
    with ThreadPoolExecutor(2) as executor:
        assert torch.equal(measure_photo(bundle, aligned, executor).embedding, photo.embedding)


def test_a_grey_photo_takes_its_hue_from_the_human_mean(bundle: Bundle, photo: bytes) -> None:
    grey = read_photo(encode(Image.open(io.BytesIO(photo)).convert("L")))
    assert grey.grey
    aligned = align(grey, bundle.frame_landmarks5, bundle.size)
    plain = replace(bundle, translator=None)  # without a guess of the person's own colours to move towards
    colours = measure_photo(plain, aligned).colours[0]
    as_it_is = measure_photo(plain, replace(aligned, grey=False)).colours[0]
    torch.testing.assert_close(colours[:, 0], as_it_is[:, 0])
    assert as_it_is[:, 1:].abs().max() < 1.0  # a grey photo has no hue of its own
    assert colours[:, 1:].abs().max() > 1.0


def test_a_character_without_a_coloured_photo_says_so(bundle: Bundle, photo: bytes) -> None:
    grey = encode(Image.open(io.BytesIO(photo)).convert("L"))
    with CharacterCreator(bundle, ToyEngine(), "instant", render=False) as creator:
        assert [w for w in creator.create(grey).warnings if w.startswith("PHOTO_GREY: ")] == [GREY]
        assert GREY in creator.create([grey, grey]).warnings
        assert GREY not in creator.create(photo).warnings
        # One coloured photo is enough to know the colours.
        assert GREY not in creator.create([grey, photo]).warnings


def test_the_instant_preset_leaves_confidence_out(bundle: Bundle, photo: bytes) -> None:
    with CharacterCreator(bundle, ToyEngine(), "instant", render=False) as creator:
        character = creator.create(photo)
    assert character.preset == "instant"
    assert character.confidence == ()
    assert len(character.history) == get_preset("instant").steps <= get_preset("default").steps / 10


def test_all_the_ways_to_give_a_photo(creator: CharacterCreator, photo: bytes, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(photo)
    with Image.open(file) as opened:
        characters = [creator.create(source) for source in (photo, file, str(file), opened)]
    assert len({character.to_json() for character in characters}) == 1


def test_a_character_is_complete(creator: CharacterCreator, bundle: Bundle, photo: bytes) -> None:
    steps: list[Step] = []
    character = creator.create(photo, progress=steps.append)
    assert len(steps) == len(character.history) == 6
    assert list(character.values) == list(bundle.schema.names)
    assert character.render_source == "engine"
    assert character.images is not None
    assert character.images.aligned.shape == character.images.drawing.shape == (64, 64, 3)
    assert character.images.render.shape == (512, 512, 3)
    np.testing.assert_array_equal(character.images.render, ToyEngine().render(character.values).image)
    assert character.photo is not None
    assert (character.photo.width, character.photo.height) == (512, 512)
    # The astronaut's face, not anywhere else.
    (left, top), _, (right, bottom), _ = character.photo.frame
    assert left < 224 < right
    assert top < 120 < bottom
    assert Character.from_json(character.to_json(), bundle.schema).values == character.values


def test_what_progress_raises_ends_the_search(creator: CharacterCreator, photo: bytes) -> None:
    def stop(step: Step) -> None:
        if step.iteration == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        creator.create(photo, progress=stop)


def test_a_search_out_of_time_answers_with_what_it_has(creator: CharacterCreator, photo: bytes) -> None:
    seen: list[Step] = []
    part = creator.create(photo, progress=seen.append, until=0.0)
    assert (part.stopped_early, len(part.history), len(seen)) == (True, 1, 1)
    assert part.values == rounded(creator.bundle.schema.decode(seen[0].x.clamp(0, 1).numpy()))
    assert part.losses.keys() == part.history[0].keys()
    assert part.warnings[-1] == "STOPPED_EARLY: time ran out after 1 of 6 steps of the search."
    again = Character.from_json(part.to_json(), creator.bundle.schema)
    assert again.warnings == part.warnings
    whole = creator.create(photo, until=math.inf)
    assert (whole.stopped_early, len(whole.history)) == (False, 6)


def test_without_an_engine_the_drawing_stands_in_and_says_so(bundle: Bundle, photo: bytes) -> None:
    # No package installs an engine named "toy".
    character = CharacterCreator(bundle, preset=QUICK).create(photo)
    assert character.render_source == "imitator"
    assert any("'toy' is not installed" in warning for warning in character.warnings)
    assert character.images is not None
    np.testing.assert_array_equal(character.images.render, character.images.drawing)
    assert '"render_source": "imitator"' in character.to_json()


def test_an_engine_that_fails_does_not_take_the_character_with_it(bundle: Bundle, photo: bytes) -> None:
    class Broken(ToyEngine):
        def render(self, *args: object, **options: object) -> None:  # type: ignore[override]
            raise EngineFailed("The engine stopped.", "Start it again.")

    character = CharacterCreator(bundle, Broken(), QUICK).create(photo)
    assert character.render_source == "imitator"
    assert "The engine stopped." in character.warnings[-1]


def test_rendering_can_be_left_out(bundle: Bundle, photo: bytes) -> None:
    character = CharacterCreator(bundle, preset=QUICK, render=False).create(photo)
    assert character.render_source == "imitator"
    assert not any("engine" in warning for warning in character.warnings)


def test_an_engine_of_other_parameters_is_refused(bundle: Bundle) -> None:
    engine = ToyEngine()
    first, *others = engine.schema.continuous
    engine.schema = replace(engine.schema, version="2", continuous=(replace(first, average=0.4), *others))
    CharacterCreator(bundle, engine).close()
    engine.schema = replace(engine.schema, continuous=(replace(first, high=first.high + 1), *others))
    with pytest.raises(BundleIncompatible, match="other parameters"):
        CharacterCreator(bundle, engine)


def test_refusals(creator: CharacterCreator, bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(PhotoMissing):
        creator.create(tmp_path / "none.jpg")
    with pytest.raises(PhotoMissing):
        creator.create(tmp_path)
    with pytest.raises(NoFace):
        creator.create(Image.new("RGB", (300, 300), "grey"))
    with pytest.raises(PresetError):
        CharacterCreator(bundle, preset="best")


def test_candidates_are_whole_characters_with_pictures(
    creator: CharacterCreator, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_DIFFERENT", 1e-6)  # an untrained imitator draws options much alike
    plain = creator.create(photo)
    character = creator.create(photo, candidates=3)
    assert plain.candidates == ()
    assert character.values == plain.values
    assert len(character.candidates) == 2
    for number, candidate in enumerate(character.candidates):
        assert candidate.values["hair"] != character.values["hair"]
        assert candidate.changed == ("hair",)
        assert candidate.images is not None
        assert candidate.images.render.shape == (512, 512, 3)
        assert character.choose(number).to_json()
    with pytest.raises(ParameterError, match="Ask for 1 to 4"):
        creator.create(photo, candidates=5)


def test_wishes_move_the_answer_and_not_the_search(creator: CharacterCreator, photo: bytes) -> None:
    photo_set = creator.measure(photo)
    likeness = creator.create(photo_set)
    average = creator.create(photo_set, styling=Styling(strength=0.0))
    drawn = creator.create(photo_set, styling=Styling(strength=1.5))
    assert average.losses == likeness.losses == drawn.losses
    people = average_person(creator.bundle)
    assert {name: average.values[name] for name in people} == pytest.approx(people, abs=1e-6)
    assert average.values["skin_tone"] == likeness.values["skin_tone"]
    for name, centre in people.items():
        wanted = centre + 1.5 * (float(likeness.values[name]) - centre)
        assert drawn.values[name] == pytest.approx(min(max(wanted, 0), 1), abs=2e-6)


def test_a_refit_keeps_what_is_locked_whatever_is_wished(creator: CharacterCreator, photo: bytes) -> None:
    photo_set, wishes = creator.measure(photo), Styling(strength=1.6)
    strong = creator.create(photo_set, styling=wishes)
    again = creator.refit(strong, photo_set, ["eye"], {"nose_length": 0.9}, styling=wishes)
    assert again.values["eye_size"] == strong.values["eye_size"]
    assert again.values["nose_length"] == 0.9
    # It goes on from the likeness and is drawn as strongly again: not more strongly with each refit.
    assert abs(float(again.values["face_width"]) - float(strong.values["face_width"])) < 0.15
