"""Figures of attributes: what counts as right, for whom, and which half of the labels is drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.attributes.classes import expression_class, hair_colour
from benchmarks.attributes.figures import confusions, figures, groups, wrong
from benchmarks.attributes.labels import Label, is_held_out, read_labels
from benchmarks.attributes.sheets import lineup_sheets, pair_sheets
from benchmarks.attributes.strips import correlation, find_strips, identity, spread_of, strip_figures
from benchmarks.attributes.tables import confusion_markdown, figure_markdown
from f2p.regions import index
from tests.helpers.toy_engine import toy_schema

ROW = {
    "hair": ["short"],
    "parting": "",
    "beard": "none",
    "glasses": False,
    "colour": "dark",
    "skin": "light",
    "expression": "neutral",
    "age_photo": 50.0,
    "age_render": 40.0,
    "female_photo": -2.0,
    "female_render": -2.0,
    "cosine": 0.7,
    "landmarks": 0.04,
    "seconds": 2.0,
}


def label(photo: str, **own: object) -> Label:
    usual = {"group": "set", "path": Path(photo), "sex": "m", "hair": ("short",), "beard": ("none",)}
    more = {"glasses": False, "colour": ("dark",), "age": 45, "expression": "neutral", "skin": "dark"}
    return Label(photo=photo, **(usual | more | own))  # type: ignore[arg-type]


@pytest.fixture
def pairs() -> list[tuple[Label, dict[str, object]]]:
    return [
        (label("right"), ROW),
        (label("white", colour=("white", "grey"), glasses=True), {**ROW, "hair": ["bald"], "colour": ""}),
        (label("woman", sex="f", hair=("medium", "long")), {**ROW, "beard": "stubble", "hair": ["long"]}),
    ]


def test_figures_count_what_they_say(pairs: list[tuple[Label, dict[str, object]]]) -> None:
    found = figures(pairs)
    assert found["hair length"] == {"right": 2, "of": 3}
    assert found["hair colour"] == {"right": 2, "of": 2}  # of the bald one nobody can say
    assert found["white or grey hair not bald"] == {"right": 0, "of": 1}
    assert found["glasses found"] == {"right": 0, "of": 1}
    assert found["no glasses invented"] == {"right": 2, "of": 2}
    assert found["no beard on a woman"] == {"right": 0, "of": 1}  # not even stubble
    assert found["no beard on a shaven man"] == {"right": 2, "of": 2}
    assert found["sex of the render"] == {"right": 2, "of": 3}
    assert found["age, render less photo"] == {"mean": -10.0, "mean_absolute": 10.0}
    assert found["age, network less label"] == {"mean": 5.0, "mean_absolute": 5.0}
    assert [each.photo for each, _ in wrong(pairs, "hair length")] == ["white"]


def test_groups_are_by_set_sex_and_skin(pairs: list[tuple[Label, dict[str, object]]]) -> None:
    assert {name: len(part) for name, part in groups(pairs).items()} == {
        "all": 3,
        "set": 3,
        "men": 2,
        "women": 1,
        "dark skin": 3,
    }


def test_tables_show_every_count(pairs: list[tuple[Label, dict[str, object]]]) -> None:
    tables = confusions(pairs)
    assert tables["hair length"] == {"short": {"short": 1, "bald": 1}, "long": {"long": 1}}
    assert tables["glasses"] == {"none": {"none": 2}, "glasses": {"none": 1}}
    json.dumps(tables)
    text = confusion_markdown(tables)
    assert "| short | 1 |  | 1 |" in text
    assert "0.67 (2 of 3)" in figure_markdown({"all": figures(pairs)})


def test_halves_are_fixed_and_apart(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(20)]
    (tmp_path / "set").mkdir()
    for name in names:
        Image.new("RGB", (4, 4)).save(tmp_path / "set" / f"{name}.jpg")
    file = tmp_path / "labels.csv"
    rows = [f"set,{name},m,short|buzz,none,1,dark" for name in names]
    file.write_text("\n".join(["set,photo,sex,hair,beard,glasses,hair_colour", *rows]))
    tuning = {each.photo for each in read_labels([file], tmp_path)}
    held_out = {each.photo for each in read_labels([file], tmp_path, held_out=True)}
    assert tuning | held_out == set(names)
    assert not tuning & held_out
    assert tuning
    assert held_out
    assert is_held_out("set", "p0") == ("p0" in held_out)
    with pytest.raises(SystemExit, match="no photo p0"):
        read_labels([file], tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((30, 22, 18), "dark"), ((205, 160, 100), "light"), ((130, 128, 126), "grey"), ((225, 222, 218), "white")],
)
def test_hair_colours(colour: tuple[int, int, int], expected: str) -> None:
    image = np.full((64, 64, 3), colour, np.uint8)
    labels = np.full((64, 64), index("hair"), np.uint8)
    assert hair_colour(image, labels) == expected
    assert hair_colour(image, labels * 0) == ""


def test_expressions() -> None:
    smile = {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.4}
    assert expression_class({}) == "neutral"
    assert expression_class(smile) == "smile"
    assert expression_class({**smile, "jawOpen": 0.3}) == "teeth"


def test_sheets_hide_the_answer_in_a_key(tmp_path: Path) -> None:
    people = [label(f"p{number}") for number in range(6)]

    def picture(each: Label) -> np.ndarray:
        shade = 40 * people.index(each)
        return np.concatenate((np.full((8, 8, 3), shade, np.uint8), np.full((8, 8, 3), 255 - shade, np.uint8)), 1)

    key = lineup_sheets(people, picture, tmp_path, seed=1)
    assert len(key) == 6
    assert {row["photo"] for row in key.values()} == {each.key for each in people}
    assert len({row["right"] for row in key.values()}) > 1
    assert (tmp_path / "lineup-1.png").is_file()
    order = pair_sheets(people, picture, picture, tmp_path, seed=1)
    assert {row["A"] for row in order.values()} == {"first", "second"}
    assert (tmp_path / "pairs-1.png").is_file()


def test_strips_tell_what_moves_and_that_identity_does_not(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (4, 4)).save(tmp_path / f"smile_{number}.jpg")
    assert find_strips(tmp_path) == [("smile", [tmp_path / f"smile_{number}.jpg" for number in range(3)])]
    schema = toy_schema()
    still = schema.decode(schema.average())
    rows = [{"values": still, "units": {"mouthSmileLeft": weight}} for weight in (0.1, 0.3, 0.6)]
    people = [{"values": {**still, "eye_size": value}} for value in (0.2, 0.8)]
    between = spread_of(identity(schema, people))
    found = strip_figures(schema, {"smile": rows}, between)["smile"]
    assert between > 1
    assert found["within_over_between"] == 0
    assert found["mouthSmile"]["weights"] == [0.1, 0.3, 0.6]
    assert found["mouthSmile"]["correlation"] > 0.98
    assert correlation([0.2, 0.2, 0.2]) == 0
    with pytest.raises(SystemExit, match="no strips"):
        find_strips(tmp_path / "none")
