"""Saved characters carried over to schemas that were renamed, widened, narrowed, cut and grown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from f2p.character.character import Character, rounded
from f2p.character.migration import Change, Migration, Renames, migrate, parse_renames, revert
from f2p.character.saved import SavedCharacter
from f2p.errors import CharacterError, ParameterError
from f2p.schema import Continuous, Discrete, Schema, load_schema
from tests.helpers.toy_engine import toy_schema

RELEASED = Path(__file__).parents[2] / "contract" / "saved" / "0.1-character.json"
RELEASED_SCHEMA = RELEASED.with_name("0.1-schema.yaml")
OLD = toy_schema()
WIDTH, HAIR = OLD.continuous[0], OLD.discrete[0]


def people(schema: Schema, count: int) -> list[SavedCharacter]:
    """Characters that use every slider from end to end and every option."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(count):
        values: dict[str, float | str] = {slider.name: float(rng.random()) for slider in schema.continuous}
        values[schema.continuous[number % len(schema.continuous)].name] = float(number % 2)
        values |= {choice.name: choice.options[number % len(choice.options)] for choice in schema.discrete}
        values = rounded(values)
        character = Character(
            schema=schema, values=values, bundle_name="toy", bundle_version="1", preset="default", seed=number
        )
        found.append(SavedCharacter.from_json(character.saved().to_json()))
    return found


def with_sliders(change: Callable[[Continuous], Continuous | None]) -> Schema:
    changed = (change(slider) if slider.name == WIDTH.name else slider for slider in OLD.continuous)
    return replace(OLD, version="2", continuous=tuple(slider for slider in changed if slider is not None))


def carried(saved: SavedCharacter, schema: Schema, renames: Renames | None = None) -> Migration:
    found = migrate(saved, schema, "new", "2", renames)
    # What is written opens again, without another migration.
    assert Character.from_json(found.saved().to_json(), schema).values == found.character.values
    assert found.character.bundle_version == "2"
    return found


def untouched(found: Migration, saved: SavedCharacter) -> None:
    """Every parameter that is not in the report has the value that it had, to the last digit."""
    changed = {change.name for change in found.changes}
    for name, value in found.character.values.items():
        assert name in changed or value == saved.values[name]


@pytest.mark.parametrize("saved", people(OLD, 200), ids=lambda saved: str(saved.seed))
def test_every_character_opens_in_a_schema_of_all_changes_at_once(saved: SavedCharacter) -> None:
    new = Schema(
        OLD.name,
        "2",
        (
            replace(WIDTH, name="cheek_width"),
            replace(OLD.continuous[1], high=OLD.continuous[1].high * 2),
            replace(OLD.continuous[2], low=OLD.continuous[2].low / 2),
            *OLD.continuous[4:],
            replace(WIDTH, name="jaw_width"),
        ),
        (
            replace(
                HAIR,
                options=("mohawk", *HAIR.options[1:]),
                default="mohawk",
                weights=HAIR.weights,
            ),
            *OLD.discrete[1:],
        ),
    )
    found = carried(saved, new, Renames({WIDTH.name: "cheek_width"}))
    kinds = {change.name: change.kind for change in found.changes}
    assert kinds["cheek_width"] == "renamed"
    assert kinds["jaw_width"] == "defaulted"
    assert kinds[OLD.continuous[3].name] == "lost"
    assert found.character.values["cheek_width"] == saved.values[WIDTH.name]
    assert kinds.get(HAIR.name) == ("replaced" if saved.values[HAIR.name] == HAIR.options[0] else None)
    untouched_names = {change.name for change in found.changes} | {OLD.continuous[1].name, OLD.continuous[2].name}
    for name, value in found.character.values.items():
        assert name in untouched_names or value == saved.values[name]
    assert revert(found.saved()) == saved


SAVED = people(OLD, 1)[0]
AT = SAVED.values[WIDTH.name]


def test_the_same_schema_changes_nothing() -> None:
    found = carried(SAVED, OLD)
    assert (found.carried, found.changes) == (len(OLD.parameters), ())
    assert found.character.values == SAVED.values


def test_a_renamed_slider_keeps_its_value() -> None:
    found = carried(
        SAVED, with_sliders(lambda slider: replace(slider, name="breadth")), Renames({WIDTH.name: "breadth"})
    )
    (change,) = found.changes
    assert (change.name, change.kind, change.note) == ("breadth", "renamed", f"Was '{WIDTH.name}'.")
    assert found.character.values["breadth"] == AT
    untouched(found, SAVED)


def test_a_widened_range_keeps_what_the_engine_is_given() -> None:
    low, high = WIDTH.low - 3, WIDTH.high + 1
    found = carried(SAVED, with_sliders(lambda slider: replace(slider, low=low, high=high)))
    before = WIDTH.to_engine(float(AT))
    assert found.character.engine_values()[WIDTH.name] == pytest.approx(before, abs=1e-5)
    assert found.changes == ()


def test_a_narrowed_range_clips_and_says_so() -> None:
    middle = (WIDTH.low + WIDTH.high) / 2
    for saved in people(OLD, 20):
        found = carried(saved, with_sliders(lambda slider: replace(slider, high=middle)))
        before = WIDTH.to_engine(float(saved.values[WIDTH.name]))
        assert found.character.engine_values()[WIDTH.name] == pytest.approx(min(before, middle), abs=1e-5)
        assert [change.kind for change in found.changes] == (["clipped"] if before > middle else [])


def test_a_slider_that_is_gone_is_lost_and_one_that_is_new_stands_at_the_average() -> None:
    gone = carried(SAVED, with_sliders(lambda slider: None))
    assert [(change.name, change.kind) for change in gone.changes] == [(WIDTH.name, "lost")]
    new = replace(WIDTH, name="jaw_width", average=0.25)
    grown = carried(SAVED, replace(OLD, continuous=(*OLD.continuous, new)))
    (change,) = grown.changes
    assert (change.name, change.kind, grown.character.values["jaw_width"]) == ("jaw_width", "defaulted", 0.25)
    untouched(grown, SAVED)


def _hair(options: tuple[str, ...], default: str) -> Schema:
    weights = tuple(1 / len(options) for _ in options)
    hair = replace(HAIR, options=options, default=default, weights=weights)
    return replace(OLD, version="2", discrete=(hair, *OLD.discrete[1:]))


def test_options_are_added_removed_and_merged() -> None:
    first, second = HAIR.options[:2]
    more = carried(SAVED, _hair((*HAIR.options, "mohawk"), "mohawk"))
    assert (more.changes, more.character.values[HAIR.name]) == ((), first)
    without = carried(SAVED, _hair(HAIR.options[1:], second))
    assert [(change.kind, change.before, change.after) for change in without.changes] == [("replaced", first, second)]
    merged = carried(SAVED, _hair(HAIR.options[1:], HAIR.options[-1]), Renames(options={HAIR.name: {first: second}}))
    assert [(change.kind, change.before, change.after) for change in merged.changes] == [("renamed", first, second)]


def test_a_slider_that_became_a_choice_is_lost_and_defaulted() -> None:
    choice = Discrete(WIDTH.name, "Width", WIDTH.group, WIDTH.role, ("narrow", "wide"), "wide", (0.5, 0.5), True)
    schema = replace(OLD, continuous=OLD.continuous[1:], discrete=(*OLD.discrete, choice))
    found = carried(SAVED, schema)
    assert sorted((change.name, change.kind) for change in found.changes) == [
        (WIDTH.name, "defaulted"),
        (WIDTH.name, "lost"),
    ]


def test_nothing_in_common_is_refused() -> None:
    other = replace(OLD, continuous=(replace(WIDTH, name="trunk"),), discrete=())
    with pytest.raises(CharacterError, match="None of the character's parameters"):
        migrate(SAVED, other, "elephant", "1")


def test_what_was_not_migrated_cannot_be_reverted() -> None:
    with pytest.raises(CharacterError, match="not migrated"):
        revert(SAVED)


def test_a_released_file_comes_back_to_the_byte() -> None:
    schema = load_schema(RELEASED_SCHEMA)
    text = RELEASED.read_text("utf-8")
    narrower = replace(
        schema, version="2", continuous=(replace(schema.continuous[0], high=0.1), *schema.continuous[1:])
    )
    found = migrate(SavedCharacter.from_json(text), narrower, "new", "2")
    again = SavedCharacter.from_json(found.saved().to_json())
    assert revert(again).to_json() == text


def test_the_map_is_read_from_yaml() -> None:
    found = parse_renames("parameters: {face_width: off}\noptions:\n  hair:\n    1: bald\n")
    assert found == Renames({"face_width": "off"}, {"hair": {"1": "bald"}})
    assert parse_renames("") == Renames()


@pytest.mark.parametrize(
    "text", ["[", "- a", "parameters: [a]", "names: {a: b}", "options: {hair: bald}", "a: &a [*a]"]
)
def test_what_is_no_map(text: str) -> None:
    with pytest.raises(ParameterError, match="The map is not as expected"):
        parse_renames(text)


@pytest.mark.parametrize(
    ("renames", "said"),
    [
        (Renames({"a": "nowhere"}), "no parameter 'nowhere'"),
        (Renames({"a": WIDTH.name, "b": WIDTH.name}), "both become"),
        (Renames(options={HAIR.name: {"a": "nowhere"}}), "no option 'nowhere'"),
        (Renames(options={WIDTH.name: {"a": "b"}}), "no option 'b'"),
    ],
)
def test_a_map_that_does_not_fit_the_schema(renames: Renames, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        migrate(SAVED, OLD, "new", "2", renames)


def test_locks_and_expressions_follow() -> None:
    schema = with_sliders(lambda slider: replace(slider, name="breadth"))
    saved = replace(SAVED, locked=(WIDTH.name, HAIR.name))
    found = carried(saved, schema, Renames({WIDTH.name: "breadth"}))
    assert found.character.locked == ("breadth", HAIR.name)
    assert isinstance(found.changes[0], Change)
