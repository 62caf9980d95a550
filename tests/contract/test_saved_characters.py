"""Players keep characters for years: what a release has written once, every later one reads.

`saved/` holds what the first bundle of release 0.1 made of one photo: its character.json, its service's answer
(f2p.v1.Character), and the sliders that it had. They are not those of the bundle that ships.
"""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from f2p.bundle import load_bundle
from f2p.character.character import Character
from f2p.character.migration import migrate, revert
from f2p.character.saved import SavedCharacter
from f2p.client import load, save
from f2p.errors import CharacterError
from f2p.schema import Schema, load_schema
from f2p.v1 import character_pb2
from f2p.wire.characters import to_message, to_saved

FOLDER = Path(__file__).parent / "saved"
FILE = FOLDER / "0.1-character.json"
ANSWER = FOLDER / "0.1-answer.binpb"
SCHEMA = FOLDER / "0.1-schema.yaml"
JSON_SCHEMA = Path(__file__).parents[2] / "docs" / "character.schema.json"


@pytest.fixture(scope="module")
def schema() -> Schema:
    """The sliders that the character was made with."""
    return load_schema(SCHEMA)


@pytest.fixture(scope="module")
def answer() -> character_pb2.Character:
    return character_pb2.Character.FromString(ANSWER.read_bytes())


def test_the_file_opens(schema: Schema) -> None:
    character = Character.from_json(FILE.read_bytes(), schema)
    document = json.loads(FILE.read_text("utf-8"))
    assert character.values == {item["name"]: item.get("value", item.get("option")) for item in document["parameters"]}
    assert (character.preset, character.bundle_version) == ("default", "1.0.0")
    assert character.photo is not None
    assert character.photo.face_px == document["photo"]["face_px"]
    assert [face.units for face in character.expressions] == [face["units"] for face in document["expressions"]]


def test_the_file_is_carried_over_to_the_sliders_that_ship() -> None:
    """Every slider and option has its name still: nothing is lost, and only what is beyond a new range moves."""
    bundle, saved = load_bundle(), SavedCharacter.from_json(FILE.read_bytes())
    with pytest.raises(CharacterError, match="f2p migrate"):
        Character.from_saved(saved, bundle.schema)
    found = migrate(saved, bundle.schema, bundle.name, bundle.version)
    kinds = {change.name: change.kind for change in found.changes}
    assert set(kinds.values()) <= {"clipped", "defaulted"}
    new = set(bundle.schema.names) - set(saved.values)
    assert {name for name, kind in kinds.items() if kind == "defaulted"} == new
    assert found.carried == len(saved.values) - found.counts.get("clipped", 0)
    assert found.counts.get("clipped", 0) <= len(saved.values) // 20
    before = {item.name: getattr(item, "engine_value", None) for item in saved.parameters}
    for name, after in found.character.engine_values().items():
        if name not in kinds:
            assert after == (saved.values[name] if isinstance(after, str) else pytest.approx(before[name], abs=1e-4))
    assert found.character.expressions == saved.expressions
    assert revert(SavedCharacter.from_json(found.saved().to_json())).to_json() == FILE.read_text("utf-8")


def test_the_answer_opens_and_says_the_same(answer: character_pb2.Character, schema: Schema) -> None:
    from_file = Character.from_json(FILE.read_bytes(), schema)
    from_answer = Character.from_saved(to_saved(answer), schema)
    assert from_answer.values == from_file.values
    assert from_answer.engine_values() == from_file.engine_values()
    assert from_answer.expressions == from_file.expressions
    assert from_answer.confidence == from_file.confidence


def test_the_answer_becomes_a_file_and_comes_back(
    answer: character_pb2.Character, schema: Schema, tmp_path: Path
) -> None:
    save(answer, tmp_path / "me.json")
    again = load(tmp_path / "me.json")
    assert to_saved(again) == to_saved(answer)
    assert Character.from_json((tmp_path / "me.json").read_bytes(), schema).values == to_saved(answer).values


def test_the_json_schema_describes_old_and_new(schema: Schema) -> None:
    validator = Draft202012Validator(json.loads(JSON_SCHEMA.read_text("utf-8")))
    Draft202012Validator.check_schema(validator.schema)
    old = json.loads(FILE.read_text("utf-8"))
    new = json.loads(Character.from_json(FILE.read_bytes(), schema).to_json())
    bundle = load_bundle()
    carried = migrate(SavedCharacter.from_json(FILE.read_bytes()), bundle.schema, bundle.name, bundle.version)
    for document in (old, new, json.loads(carried.saved().to_json())):
        assert [error.message for error in validator.iter_errors(document)] == []
    for path, value in (
        (("parameters", 0, "value"), 1.5),
        (("parameters", 0, "name"), None),
        (("format",), 3),
        (("schema", "hash"), "0"),
        (("expressions", 0, "units"), {"jawOpen": "wide"}),
    ):
        broken = json.loads(FILE.read_text("utf-8"))
        place = broken
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        assert list(validator.iter_errors(broken)), path


def test_no_digit_is_lost_on_the_wire() -> None:
    saved = SavedCharacter.from_json(FILE.read_bytes())
    message = character_pb2.Character.FromString(to_message(saved).SerializeToString())
    assert to_saved(message).values == saved.values
    assert to_saved(message).photo == saved.photo
    assert to_saved(message).expressions == saved.expressions
    assert SavedCharacter.from_json(to_saved(message).to_json()) == to_saved(message)
