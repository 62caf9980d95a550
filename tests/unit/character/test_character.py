from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from f2p.character.character import Character, rounded
from f2p.character.comparison import compare
from f2p.character.records import PhotoInfo
from f2p.errors import CharacterError
from f2p.schema import Schema
from tests.helpers.toy_engine import toy_schema

SCHEMA = toy_schema()


@pytest.fixture
def character() -> Character:
    x = SCHEMA.average()
    x[:6] = [0.1, 0.25, 1 / 3, 0.9, 0.0, 1.0]
    return Character(
        schema=SCHEMA,
        values=rounded(SCHEMA.decode(x)),
        bundle_name="toy",
        bundle_version="1",
        preset="default",
        seed=3,
        photo=PhotoInfo(
            width=200,
            height=250,
            grey=True,
            frame=((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)),
            landmarks5=tuple((float(i), 2.0 * i) for i in range(5)),
            face_px=80.5,
            warnings=("GREY: no colour.",),
        ),
        losses={"total": 1.25, "identity": 0.5},
        history=({"total": 2.0},),
        warnings=("GREY: no colour.",),
    )


def test_there_and_back(character: Character) -> None:
    again = Character.from_json(character.to_json(), SCHEMA)
    assert again == replace(character, history=())
    assert again.to_json() == character.to_json()


def test_the_json_is_for_people_and_tools(character: Character) -> None:
    document = json.loads(character.to_json())
    entries = {entry["name"]: entry for entry in document["parameters"]}
    assert list(entries) == list(SCHEMA.names)
    assert entries["eye_size"] == {
        "name": "eye_size",
        "label": "Eye size",
        "group": "eye",
        "role": "identity",
        "value": 0.333333,
        "engine_value": -0.333334,
        "unit": "weight",
    }
    assert entries["hair"] == {
        "name": "hair",
        "label": "Hair",
        "group": "hair",
        "role": "appearance",
        "option": "short",
    }
    assert document["schema"]["hash"] == SCHEMA.hash


def test_a_character_without_a_photo(character: Character) -> None:
    made_by_hand = replace(character, photo=None, history=())
    assert Character.from_json(made_by_hand.to_json().encode(), SCHEMA) == made_by_hand


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"parameters": []}', b"\xff\xd8\xff", "NaN", "[" * 100_000])
def test_what_is_no_character(text: str | bytes) -> None:
    with pytest.raises(CharacterError):
        Character.from_json(text, SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 2),
        (("preset",), None),
        (("seed",), True),
        (("seed",), 1.5),
        (("losses",), {"total": "low"}),
        (("bundle", "name"), 3),
        (("schema", "hash"), 0),
        (("schema", "identity"), 0),
        (("photo",), []),
        (("photo", "grey"), 1),
        (("photo", "five"), [[0, 0]]),
        (("warnings",), [1]),
        (("parameters",), []),
        (("parameters", 0), "face_width"),
        (("parameters", 0, "name"), "face_with"),
        (("parameters", 0, "name"), "face_height"),
        (("parameters", 0, "value"), 1.01),
        (("parameters", 0, "value"), "wide"),
        (("parameters", 0, "value"), True),
        (("parameters", 7, "option"), "mohawk"),
        (("parameters", 7, "option"), 0.5),
    ],
)
def test_every_wrong_entry_is_refused(character: Character, path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(character.to_json())
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(CharacterError) as caught:
        Character.from_json(json.dumps(document), SCHEMA)
    assert str(caught.value).endswith((".", "?"))


def test_not_a_number_is_refused(character: Character) -> None:
    with pytest.raises(CharacterError, match="NaN"):
        Character.from_json(character.to_json().replace("0.333333", "NaN"), SCHEMA)


def test_a_character_of_another_schema(character: Character) -> None:
    other = Schema("other", "9", SCHEMA.continuous, SCHEMA.discrete)
    with pytest.raises(CharacterError, match=r"'other' version '9'.*f2p migrate"):
        Character.from_json(character.to_json(), other)


def _retrained(schema: Schema) -> Schema:
    """The same sliders with other statistics of samples, and a new version."""
    sliders = tuple(replace(slider, average=0.4, spread=0.2, label="x") for slider in schema.continuous)
    choices = tuple(replace(choice, default=choice.options[1]) for choice in schema.discrete)
    return Schema(schema.name, "99", sliders[::-1], choices)


def test_a_new_prior_makes_no_character_unreadable(character: Character) -> None:
    retrained = _retrained(SCHEMA)
    assert retrained.hash != SCHEMA.hash
    opened = Character.from_json(character.to_json(), retrained)
    assert opened.values == character.values
    assert opened.engine_values() == pytest.approx(character.engine_values())
    assert compare(opened, replace(character, schema=retrained)).largest == 0


def _without_identity(character: Character) -> str:
    """As releases before identities wrote it."""
    document = json.loads(character.to_json())
    del document["schema"]["identity"]
    return json.dumps(document)


def test_files_of_before_identities_open_by_what_their_values_mean(character: Character) -> None:
    assert Character.from_json(_without_identity(character), SCHEMA).values == character.values
    assert Character.from_json(_without_identity(character), _retrained(SCHEMA)).values == character.values


def _with_slider(change: dict[str, Any]) -> Schema:
    return replace(SCHEMA, version="2", continuous=(replace(SCHEMA.continuous[0], **change), *SCHEMA.continuous[1:]))


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (_with_slider({"high": 3.0}), "and was"),
        (_with_slider({"name": "cheek_width"}), "no parameter 'face_width'"),
        (replace(SCHEMA, version="2", continuous=SCHEMA.continuous[1:]), "no parameter 'face_width'"),
        (
            replace(SCHEMA, continuous=(*SCHEMA.continuous, replace(SCHEMA.continuous[0], name="cheek_width"))),
            "lacks 1 parameters, 'cheek_width'",
        ),
    ],
)
@pytest.mark.parametrize("old", [True, False])
def test_a_schema_by_which_values_mean_something_else(
    character: Character, schema: Schema, why: str, old: bool
) -> None:
    text = _without_identity(character) if old else character.to_json()
    with pytest.raises(CharacterError, match=f"{why}.*f2p migrate"):
        Character.from_json(text, schema)
