"""Tags of options: checked, kept by YAML, without a part in the hash, and what blunders weigh by them."""

from __future__ import annotations

import pytest

from f2p.errors import SchemaError
from f2p.schema import Discrete, Schema, dump_schema
from f2p.schema.tags import blunders
from f2p.schema.yaml_io import parse_schema

TAGS = {
    "bald": {"length": "bald", "tied": "no"},
    "short": {"length": "short", "tied": "no"},
    "bob": {"length": "medium", "tied": "no"},
    "bun": {"length": "long", "tied": "yes"},
}


def hair(tags: dict[str, dict[str, str]]) -> Discrete:
    return Discrete(
        "hair", "Hair", "hair", "appearance", tuple(TAGS), "short", (0.25, 0.25, 0.25, 0.25), frontal=True, tags=tags
    )


def schema(choice: Discrete) -> Schema:
    return Schema("toy", "1", (), (choice,))


def test_tags_come_back_from_yaml() -> None:
    text = dump_schema(schema(hair(TAGS)))
    assert parse_schema(text).discrete[0].tags == TAGS


def test_tags_have_no_part_in_hash_and_identity() -> None:
    tagged, plain = schema(hair(TAGS)), schema(hair({}))
    assert (tagged.hash, tagged.identity) == (plain.hash, plain.identity)
    assert dump_schema(plain) != dump_schema(tagged)
    assert "tags" not in dump_schema(plain)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"mohawk": {"length": "short"}}, "'mohawk', which has tags, is not one of its options"),
        ({"bob": {"length": "endless"}}, "'length: endless'; known: bald, receding"),
        ({"bob": {"height": "short"}}, "'height: short'; known: length, curl"),
    ],
)
def test_wrong_tags_are_refused(tags: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        hair(tags)


def test_a_wrong_tag_in_yaml_names_its_line() -> None:
    text = dump_schema(schema(hair(TAGS))).replace("length: medium", "length: huge")
    with pytest.raises(SchemaError, match=r"^6: "):
        parse_schema(text)


def test_grave_blunders_weigh_more() -> None:
    table = blunders(hair(TAGS))
    bald, short, bob, bun = range(4)
    assert (table.diagonal() == 0).all()
    assert (table == table.T).all()
    assert table[short, bald] > table[bob, bun] > table[short, bob] > 0


def test_something_for_nothing_is_a_blunder() -> None:
    beard = Discrete("beard", "Beard", "beard", "appearance", ("none", "short", "full"), "none", (0.6, 0.2, 0.2), True)
    table = blunders(beard)
    assert table[0, 1] == table[2, 0] == 1.0
    assert 0 < table[1, 2] < 1
