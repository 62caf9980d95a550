"""Two runs beside each other: what is planted is found, what is equal is equal, what nobody sees is called so."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character, rounded
from f2p.comparison.bootstrap import paired_interval
from f2p.comparison.differences import Pair, compare_runs, solved_sliders
from f2p.comparison.drawn import measure
from f2p.comparison.gate import Facts, broken_limits
from f2p.comparison.records import attribute_rows, junit, to_json
from f2p.errors import CharacterError
from f2p.schema import Schema
from tests.helpers.toy_engine import toy_schema

SCHEMA = toy_schema()


def someone(schema: Schema, seed: int) -> Character:
    rng = np.random.default_rng(seed)
    values = schema.decode(schema.average())
    values |= {slider.name: float(rng.uniform(0.2, 0.8)) for slider in solved_sliders(schema)}
    return Character(
        schema=schema, values=rounded(values), bundle_name="b", bundle_version="1", preset="default", seed=seed
    )


def moved(character: Character, **by: float) -> Character:
    values = dict(character.values)
    values |= {name: round(float(values[name]) + step, 6) for name, step in by.items()}
    return replace(character, values=values)


def pairs(count: int, schema: Schema = SCHEMA) -> list[Pair]:
    return [Pair(f"p{number}", (one := someone(schema, number)), one) for number in range(count)]


def test_equal_runs_have_zero_drift() -> None:
    found = compare_runs(pairs(12))
    assert found.visible == ()
    assert found.mean == 0
    assert {(drift.mean, drift.low, drift.high, drift.largest) for drift in found.sliders} == {(0, 0, 0, 0)}
    assert found.flips == {}
    suite = ElementTree.fromstring(junit(found, "one", "other"))
    assert (suite.get("tests"), suite.get("failures")) == ("12", "0")


def test_a_planted_regression_is_found_and_ranked_first() -> None:
    noses = [slider.name for slider in solved_sliders(SCHEMA) if slider.group == "nose"]
    given = pairs(20)
    for number in (3, 7, 11, 12, 19):
        given[number] = replace(given[number], second=moved(given[number].second, **dict.fromkeys(noses, 0.1)))
    found = compare_runs(given)
    assert (
        {person.name for person in found.people[:5]}
        == {"p3", "p7", "p11", "p12", "p19"}
        == {person.name for person in found.visible}
    )
    assert {drift.name for drift in found.sliders[: len(noses)]} == set(noses)
    assert max(found.groups, key=lambda group: group.mean_absolute).name == "nose"
    for drift in found.sliders[: len(noses)]:
        assert drift.mean == pytest.approx(0.025)
        assert drift.low > 0 or drift.low == pytest.approx(0, abs=0.006)
        assert drift.low < drift.mean < drift.high


def test_it_says_for_whom_likeness_got_worse() -> None:
    def like(character: Character, identity: float) -> Character:
        return replace(character, losses={"identity": identity})

    given = [
        replace(pair, first=like(pair.first, 0.3), second=like(pair.second, 0.3 + 0.02 * (number < 2)))
        for number, pair in enumerate(pairs(6))
    ]
    splits = {"nose": {"wide": ("p0", "p1"), "usual": ("p2", "p3", "p4", "p5")}}
    found = compare_runs(given, splits=splits)
    assert {person.name: person.likeness for person in found.people} == {
        **dict.fromkeys(("p0", "p1"), pytest.approx(-0.02)),
        **dict.fromkeys(("p2", "p3", "p4", "p5"), 0.0),
    }
    document = json.loads(to_json(found, "one", "other"))
    assert document["likeness"]["mean"] == pytest.approx(-0.04 / 6, abs=1e-4)
    rows = {row["value"]: row["likeness"]["mean"] for row in attribute_rows(found)}
    assert rows == {"wide": pytest.approx(-0.02), "usual": 0.0}
    facts = Facts(likeness=None, recorded_likeness=None, failures=(), seconds_ratio=None, same_origin=False)
    assert broken_limits({"attributes": {"nose": {"drop": 0.03}}}, found, facts) == []
    (line,) = broken_limits({"attributes": {"nose": {"drop": 0.01}}}, found, facts)
    assert line == "likeness of nose wide falls by 0.0200, more than 0.01"
    assert compare_runs(pairs(2)).people[0].likeness is None


def test_expression_units_and_sliders_that_are_never_solved_do_not_dilute() -> None:
    at_rest = replace(SCHEMA.continuous[0], name="jawOpen", role="expression", average=0.0)
    fixed = replace(SCHEMA.continuous[0], name="fixed", spread=0.0)
    schema = replace(SCHEMA, continuous=(*SCHEMA.continuous, at_rest, fixed))
    first = someone(schema, 0)
    found = compare_runs([Pair("ann", first, moved(first, **{SCHEMA.continuous[0].name: 0.1}))])
    assert not {"jawOpen", "fixed"} & set(found.people[0].sliders)
    assert found.mean == pytest.approx(0.1 / len(solved_sliders(SCHEMA)))


def test_flips_are_counted_and_told() -> None:
    choice = SCHEMA.discrete[0]
    given = pairs(4)
    for number in (0, 2):
        second = replace(given[number].second, values={**given[number].second.values, choice.name: choice.options[-1]})
        given[number] = replace(given[number], second=second)
    found = compare_runs(given)
    assert found.flips == {choice.name: {(choice.default, choice.options[-1]): 2}}
    assert {person.name for person in found.visible} == {"p0", "p2"}
    failures = {
        str(case.get("name")): str(failure.get("message"))
        for case in ElementTree.fromstring(junit(found, "one", "other")).iter("testcase")
        for failure in case.iter("failure")
    }
    assert set(failures) == {"p0", "p2"}
    assert f"{choice.default} -> {choice.options[-1]}" in failures["p0"]


def test_people_of_one_run_alone_and_attributes() -> None:
    given = pairs(4)
    name = solved_sliders(SCHEMA)[0].name
    given[0] = replace(given[0], second=moved(given[0].second, **{name: 0.1}))
    splits = {"skin": {"dark": ("p0", "p1"), "light": ("p2", "p3", "nobody")}}
    found = compare_runs(given, None, ["only_a"], [], splits)
    rows = {row["value"]: row for row in attribute_rows(found)}
    assert (rows["dark"]["people"], rows["dark"]["visible"], rows["light"]["visible"]) == (2, 1, 0)
    assert rows["dark"]["sliders"]["mean"] > rows["light"]["sliders"]["mean"] == 0
    document = json.loads(to_json(found, "one", "other"))
    assert (document["people_count"], document["visible_count"], document["only_first"]) == (4, 1, ["only_a"])
    assert "other has no character" in junit(found, "one", "other")


def test_what_cannot_be_compared() -> None:
    with pytest.raises(CharacterError, match="nobody in common"):
        compare_runs([])
    other = replace(SCHEMA, name="other")
    with pytest.raises(CharacterError, match="different schemas"):
        compare_runs([Pair("ann", someone(SCHEMA, 0), someone(other, 0))])


def test_intervals_hold_the_mean_and_shrink_with_people() -> None:
    rng = np.random.default_rng(0)
    wide, narrow = (paired_interval(rng.normal(1, 1, (count, 2))) for count in (10, 1000))
    for low, high in (wide, narrow):
        assert (low < 1).all()
        assert (high > 1).all()
    assert ((narrow[1] - narrow[0]) * 3 < wide[1] - wide[0]).all()
    # 1.96 standard errors on either side.
    assert narrow[1] - narrow[0] == pytest.approx(2 * 1.96 / np.sqrt(1000), rel=0.1)


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle()


def test_a_ten_thousandth_of_a_slider_is_invisible_and_another_face_is_not(shipped: Bundle) -> None:
    first = someone(shipped.schema, 0)
    everywhere = {slider.name: 1e-4 for slider in solved_sliders(shipped.schema)}
    given = [
        Pair("same", first, first),
        Pair("hardly", first, moved(first, **everywhere)),
        Pair("nose", first, moved(first, nose_width=0.15)),
        Pair("stranger", first, someone(shipped.schema, 1)),
    ]
    found = compare_runs(given, measure(shipped, given))
    assert [person.name for person in found.people] == ["stranger", "nose", "hardly", "same"]
    assert [person.name for person in found.visible] == ["stranger", "nose"]
    same = found.people[-1]
    assert (same.picture, same.picture_largest) == (0, 0)
    assert same.identity == pytest.approx(0, abs=1e-4)
    identities = [person.identity or 0.0 for person in found.people]
    assert identities[0] > 0.3 > identities[1] > identities[2]
