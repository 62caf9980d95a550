"""Differences of two characters: hand-made ones, so that every figure is known."""

import json
from dataclasses import replace

import pytest

from f2p.character.character import Character
from f2p.character.comparison import compare
from f2p.errors import CharacterError
from f2p.schema import Schema
from tests.helpers.toy_engine import toy_schema


def _character(**changes: float | str) -> Character:
    schema = toy_schema()
    values = schema.decode(schema.average()) | changes
    return Character(schema=schema, values=values, bundle_name="b", bundle_version="1", preset="default", seed=0)


def test_a_character_differs_nowhere_from_itself() -> None:
    found = compare(_character(), _character())
    assert (found.mean, found.largest, found.choices_different) == (0, 0, 0)
    assert all(group.largest_at == "" for group in found.groups)


def test_figures() -> None:
    found = compare(_character(face_width=0.25), _character(face_width=0.75, face_height=0.4, hair="long"))
    face = next(group for group in found.groups if group.name == "face")
    assert face.largest_at == "face_width"
    assert face.largest == pytest.approx(0.5)
    assert face.mean == pytest.approx(0.3)
    assert [item.name for item in face.sliders] == ["face_width", "face_height"], "the most different first"
    width, height = face.sliders
    assert (width.first, width.second, width.difference) == (0.25, 0.75, 0.5)
    assert (width.first_engine, width.second_engine, width.unit) == (-0.5, 0.5, "weight")
    assert height.difference == pytest.approx(-0.1)
    assert found.mean == pytest.approx(0.6 / 7, abs=1e-6)
    assert found.choices_different == 1
    hair = next(group for group in found.groups if group.name == "hair").choices[0]
    assert (hair.first, hair.second, hair.same) == ("short", "long", False)


def test_every_parameter_stands_once_and_groups_keep_the_schemas_order() -> None:
    found = compare(_character(), _character())
    schema = toy_schema()
    assert tuple(group.name for group in found.groups) == tuple(schema.groups)
    names = [item.name for group in found.groups for item in (*group.sliders, *group.choices)]
    assert sorted(names) == sorted(schema.names)


def test_json_has_all_of_it() -> None:
    document = json.loads(compare(_character(eye_size=0.1), _character()).to_json())
    assert document["schema_hash"] == toy_schema().hash
    eye = next(group for group in document["groups"] if group["name"] == "eye")
    assert eye["sliders"][0]["difference"] == pytest.approx(0.4)


def test_other_schemas_are_refused() -> None:
    schema = toy_schema()
    other = Schema(schema.name, "2", schema.continuous[:-1], schema.discrete)
    stranger = replace(_character(), schema=other, values=other.decode(other.average()))
    with pytest.raises(CharacterError, match="different schemas"):
        compare(_character(), stranger)
