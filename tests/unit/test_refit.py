"""After an edit: what is locked does not move by a bit, the rest is solved on from where it stands."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from f2p.bundle import Bundle
from f2p.character.character import Character
from f2p.creator import CharacterCreator
from f2p.errors import CharacterError, ParameterError
from f2p.fitting.presets import Preset, get_preset, refit_preset
from f2p.fitting.solver import Step
from f2p.targets.photo_set import PhotoSet
from tests.helpers.bad_photos import good_photo
from tests.helpers.toy_engine import ToyEngine


@pytest.fixture(scope="module")
def creator(bundle: Bundle) -> Iterator[CharacterCreator]:
    with CharacterCreator(bundle, ToyEngine()) as creator:
        yield creator


@pytest.fixture(scope="module")
def photo_set(creator: CharacterCreator) -> PhotoSet:
    return creator.measure(good_photo())


@pytest.fixture(scope="module")
def character(creator: CharacterCreator, photo_set: PhotoSet) -> Character:
    return creator.create(photo_set)


def test_what_is_locked_stays_and_the_rest_moves(
    creator: CharacterCreator, character: Character, photo_set: PhotoSet
) -> None:
    steps: list[Step] = []
    edits = {"mouth_width": 0.123457, "hair": "bald"}
    after = creator.refit(character, photo_set, ["face", "nose_length"], edits, progress=steps.append)
    kept = ("face_width", "face_height", "nose_length")
    assert {name: after.values[name] for name in kept} == {name: character.values[name] for name in kept}
    assert {name: after.values[name] for name in edits} == edits
    # To the last bit in the search too, not only in the answer.
    where = creator.bundle.schema.slices["mouth_width"]
    assert {float(step.x[where]) for step in steps} == {float(steps[0].x[where])}
    assert after.locked == ("face_width", "face_height", "mouth_width", "nose_length", "hair")
    assert any(after.values[name] != character.values[name] for name in ("eye_size", "skin_tone"))
    assert len(steps) == len(after.history) == creator.preset.steps // 4


def test_without_an_edit_it_is_no_worse(creator: CharacterCreator, character: Character, photo_set: PhotoSet) -> None:
    after = creator.refit(character, photo_set)
    assert after.losses["total"] <= 1.02 * character.losses["total"]
    assert after.locked == ()


@pytest.mark.parametrize("grey", [True, False])
def test_what_a_grey_photo_does_not_show_stays(bundle: Bundle, grey: bool) -> None:
    picture, buffer = Image.open(io.BytesIO(good_photo())), io.BytesIO()
    (picture.convert("L") if grey else picture).save(buffer, "PNG")
    blind = replace(bundle, calibration=replace(bundle.calibration, unseen_in_grey={"eye_size": (0.2, 0.9)}))
    with CharacterCreator(blind, ToyEngine(), replace(get_preset("default"), steps=8)) as creator:
        photo_set = creator.measure(buffer.getvalue())
        first = creator.create(photo_set)
        after = creator.refit(first, photo_set, values={"mouth_width": 0.9})
    assert (first.values["eye_size"] in (pytest.approx(0.2), pytest.approx(0.9))) == grey
    assert (after.values["eye_size"] == first.values["eye_size"]) == grey


@pytest.mark.parametrize("recipe", ["default", "paper"])
def test_a_slider_that_is_never_solved_keeps_the_players_value(
    bundle: Bundle, character: Character, photo_set: PhotoSet, recipe: str
) -> None:
    quick = replace(get_preset(recipe), steps=6)
    edited = replace(character, values={**character.values, "smile": 0.75, "hair": "long"})
    with CharacterCreator(bundle, ToyEngine(), quick) as creator:
        after = creator.refit(edited, photo_set, ["hair", "smile"])
    assert (after.values["smile"], after.values["hair"]) == (0.75, "long")


def test_choices_that_are_not_locked_are_tried_again(bundle: Bundle, character: Character, photo_set: PhotoSet) -> None:
    others = [option for option in ("bald", "short", "long") if option != character.values["hair"]]
    with CharacterCreator(bundle, ToyEngine(), replace(get_preset("default"), optional_prior_weight=0.0)) as creator:
        found = {
            option: creator.refit(replace(character, values={**character.values, "hair": option}), photo_set)
            for option in others
        }
        # Whatever a refit begins with, the same option fits best.
        assert len({after.values["hair"] for after in found.values()}) == 1


def test_it_reads_photos_too_and_gives_the_same_bits(
    creator: CharacterCreator, character: Character, photo_set: PhotoSet
) -> None:
    again = creator.refit(character, good_photo(), ["nose"])
    assert again.to_json() == creator.refit(character, photo_set, ["nose"]).to_json()
    assert Character.from_json(again.to_json(), creator.bundle.schema).locked == ("nose_length",)


def test_a_refit_is_a_quarter_of_a_solve() -> None:
    recipe: Preset = get_preset("default")
    assert refit_preset(recipe).steps == recipe.steps // 4
    assert len(refit_preset(recipe).check_at) <= 1


def test_refusals(creator: CharacterCreator, character: Character, photo_set: PhotoSet) -> None:
    with pytest.raises(ParameterError, match=r"no group 'noes'.*Did you mean nose"):
        creator.refit(character, photo_set, ["noes"])
    with pytest.raises(ParameterError, match=r"\[0, 1\]"):
        creator.refit(character, photo_set, values={"nose_length": 1.2})
    with pytest.raises(ParameterError, match="bald, short, long"):
        creator.refit(character, photo_set, values={"hair": "bob"})
    with pytest.raises(ParameterError, match="nothing left"):
        creator.refit(character, photo_set, ["face", "eye", "mouth", "nose", "skin", "hair"])
    schema = creator.bundle.schema
    foreign = replace(character, schema=replace(schema, name="other"))
    with pytest.raises(CharacterError, match="another schema"):
        creator.refit(foreign, photo_set)


def test_on_the_command_line(
    creator: CharacterCreator, character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from f2p.cli import main
    from tests.helpers.tiny_bundle import save_tiny_bundle

    bundle = save_tiny_bundle(tmp_path / "bundle", creator.bundle.schema, "toy")
    file, photo, out = tmp_path / "character.json", tmp_path / "photo.jpg", tmp_path / "out"
    file.write_text(character.to_json(), encoding="utf-8")
    photo.write_bytes(good_photo())

    def run(*more: str) -> int:
        return main(["refit", str(file), "--photo", str(photo), "-o", str(out), "--bundle", str(bundle), *more])

    assert run("--lock", "face", "--lock", "nose", "--set", "hair=long", "--set", "eye_size=0.25") == 0
    document = json.loads((out / "character.json").read_text("utf-8"))
    assert document["locked"] == ["face_width", "face_height", "eye_size", "nose_length", "hair"]
    values = {entry["name"]: entry.get("value", entry.get("option")) for entry in document["parameters"]}
    assert (values["hair"], values["eye_size"]) == ("long", 0.25)
    assert values["face_width"] == character.values["face_width"]
    assert (out / "report.html").exists()
    capsys.readouterr()
    for wrong in ("hair", "hair=bob", "eye_size=big", "eye_size=2", "size=1"):
        assert run("--set", wrong) == 1
        assert capsys.readouterr().err.startswith("error PARAMETER_INVALID: ")
