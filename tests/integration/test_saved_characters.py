"""A character on its way between service, files, share codes and other sliders, over a real socket."""

from dataclasses import replace
from pathlib import Path

import pytest

from f2p import errors
from f2p.character.character import Character
from f2p.character.share_code import read_share_code, share_code
from f2p.client import CharacterClient, expressions, load, save, values
from f2p.schema import Schema
from f2p.v1 import character_pb2
from tests.helpers.bad_photos import good_photo


def test_a_saved_character_goes_all_the_way_round(
    client: CharacterClient, engine_schema: Schema, tmp_path: Path
) -> None:
    """Service, file, comparison, refit, share code, file: equal values."""
    answer = client.create(good_photo(), confidence=True)
    save(answer, tmp_path / "me.json")
    loaded = load(tmp_path / "me.json")
    assert values(loaded) == values(answer)
    opened = Character.from_json((tmp_path / "me.json").read_bytes(), engine_schema)
    assert opened.values == values(answer)
    assert opened.expressions == expressions(answer)
    assert opened.photo is not None
    assert opened.photo.face_px == pytest.approx(answer.photo.face_width_px, abs=0.01)
    compared = client.compare(values(loaded), opened.values)
    assert (compared.largest, compared.different_choices_count) == (0, 0)
    locked = [group for group in engine_schema.groups if group != engine_schema.continuous[0].group]
    assert values(client.refit(loaded, good_photo(), locked=locked)) == values(
        client.refit(answer, good_photo(), locked=locked)
    )
    shared = read_share_code(share_code(opened)).values(engine_schema)
    received = replace(opened, values=shared)
    (tmp_path / "shared.json").write_text(received.to_json())
    assert values(load(tmp_path / "shared.json")) == shared
    for name, value in values(answer).items():
        assert shared[name] == (value if isinstance(value, str) else pytest.approx(value, abs=0.0005))


def test_a_character_of_other_sliders_is_carried_over(client: CharacterClient, engine_schema: Schema) -> None:
    slider, other, choice = engine_schema.continuous[0], engine_schema.continuous[1], engine_schema.discrete[0]
    old = client.create(good_photo(), pictures=True, preset="instant")
    sliders = {item.name: item for item in old.continuous}
    sliders[slider.name].name = "old_name"
    sliders[other.name].engine_value = other.high + 1
    old.discrete[0].option = "old_option"
    old.continuous.add(name="gone", value=0.5, engine_value=2.0, unit="m")
    answer = client.migrate(
        old, renames={"old_name": slider.name}, options={choice.name: {"old_option": choice.options[-1]}}
    )
    kinds = {change.name: character_pb2.ParameterChangeKind.Name(change.kind) for change in answer.changes}
    assert kinds == {
        slider.name: "PARAMETER_CHANGE_KIND_RENAMED",
        other.name: "PARAMETER_CHANGE_KIND_CLIPPED",
        choice.name: "PARAMETER_CHANGE_KIND_RENAMED",
        "gone": "PARAMETER_CHANGE_KIND_LOST",
    }
    assert answer.carried_count == len(engine_schema.parameters) - 3
    after = values(answer.character)
    assert (after[other.name], after[choice.name]) == (1.0, choice.options[-1])
    same = {name for name in after if name not in (slider.name, other.name, choice.name)}
    assert {name: after[name] for name in same} == {name: value for name, value in values(old).items() if name in same}
    assert not answer.character.HasField("pictures")
    # What came back is a character of this server: it can be passed on.
    assert client.migrate(answer.character).carried_count == len(engine_schema.parameters)


def test_what_cannot_be_carried_over_is_refused(client: CharacterClient, engine_schema: Schema) -> None:
    name = engine_schema.continuous[0].name
    with pytest.raises(errors.CharacterError, match="holds no character"):
        client.migrate(character_pb2.Character())
    strange = character_pb2.Character(continuous=[character_pb2.ContinuousValue(name="trunk", value=0.5)])
    with pytest.raises(errors.CharacterError, match="None of the character's parameters"):
        client.migrate(strange)
    for value in (float("nan"), 1.5):
        wrong = character_pb2.Character(continuous=[character_pb2.ContinuousValue(name=name, value=value)])
        with pytest.raises(errors.CharacterError, match=name):
            client.migrate(wrong)
    with pytest.raises(errors.ParameterError, match="no parameter 'nowhere'"):
        client.migrate(strange, renames={"trunk": "nowhere"})
