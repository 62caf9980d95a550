"""`f2p compare` on files, folders and photos."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from f2p.character.character import Character, rounded
from f2p.cli import main
from tests.helpers.bad_photos import good_photo
from tests.helpers.toy_engine import toy_schema

SCHEMA = toy_schema()


@pytest.fixture
def bundle(toy_folder: Path) -> str:
    return str(toy_folder)


def written(folder: Path, name: str, **values: float | str) -> Path:
    """A character of the average's values and these, as `f2p create` writes it."""
    full = rounded(SCHEMA.decode(SCHEMA.average()) | values)
    character = Character(schema=SCHEMA, values=full, bundle_name="toy", bundle_version="1", preset="default", seed=0)
    path = folder / name / "character.json"
    path.parent.mkdir(parents=True)
    path.write_text(character.to_json())
    return path


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    for number in range(6):
        place = 0.3 + 0.05 * number
        written(tmp_path / "old", f"p{number}", nose_length=place)
        written(tmp_path / "new", f"p{number}", nose_length=place + (0.1 if number == 4 else 0))
    written(tmp_path / "old", "gone")
    (tmp_path / "people.csv").write_text("name,skin\np4,dark\np1,dark\np2,light\n")
    return tmp_path / "old", tmp_path / "new"


def test_two_runs(runs: tuple[Path, Path], bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    flags = ["--out", str(out), "--bundle", bundle, "--attributes", str(tmp_path / "people.csv")]
    assert main(["compare", *map(str, runs), *flags]) == 0
    printed = capsys.readouterr().out
    assert "new lacks 1: gone" in printed
    document = json.loads((out / "compare.json").read_text())
    assert document["people"][0]["name"] == "p4"
    assert document["people"][0]["sliders"] == {"nose_length": 0.1}
    assert {row["value"]: row["people"] for row in document["attributes"]} == {"dark": 2, "light": 1}
    suite = ElementTree.fromstring((out / "compare.xml").read_text())
    assert suite.get("tests") == "7"
    page = (out / "compare.html").read_text()
    assert page.count('src="data:image/jpeg') == 6 * 3
    assert not re.search(r'(src|href)="(?!data:)', page), "the page loads something"
    assert "<title>old and new</title>" in page
    assert main(["compare", *map(str, runs), *flags, "--exit-code"]) == 1


def test_equal_runs_pass(runs: tuple[Path, Path], bundle: str, tmp_path: Path) -> None:
    one = str(runs[0])
    assert main(["compare", one, one, "--out", str(tmp_path / "out"), "--bundle", bundle, "--exit-code"]) == 0
    document = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert (document["visible_count"], document["mean"]) == (0, 0)
    assert "A: " in (tmp_path / "out" / "compare.html").read_text()


def test_two_files(bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann, bob = written(tmp_path, "ann"), written(tmp_path, "bob", nose_length=0.625, hair="long")
    out = tmp_path / "both"
    assert main(["compare", str(ann), str(bob), "--out", str(out), "--bundle", bundle]) == 0
    assert "<title>ann and bob</title>" in (out / "compare.html").read_text()
    (person,) = json.loads((out / "compare.json").read_text())["people"]
    assert person["largest"] == 0.125
    assert [flip["second"] for flip in person["flips"]] == ["long"]
    capsys.readouterr()
    assert main(["compare", str(ann), bundle + "/imitator.safetensors", "--out", str(out), "--bundle", bundle]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error CHARACTER_INVALID: ")
    assert "imitator.safetensors" in line


def test_presets_on_photos(bundle: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "me.jpg").write_bytes(good_photo())
    out = tmp_path / "out"
    flags = ["--photos", str(tmp_path / "in"), "--out", str(out), "--bundle", bundle]
    assert main(["compare", "instant", "paper", *flags]) == 0
    (person,) = json.loads((out / "compare.json").read_text())["people"]
    assert person["name"] == "me"
    page = (out / "compare.html").read_text()
    assert page.count('src="data:image/jpeg') == 4
    assert "me: Photo" in page
    assert json.loads((out / "first" / "me" / "character.json").read_text())["preset"] == "instant"


def test_many_without_pictures_take_seconds(bundle: str, tmp_path: Path) -> None:
    text = written(tmp_path / "one", "seed").read_text()
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        for number in range(200):
            (tmp_path / run / f"p{number}.json").write_text(text)
    began = time.process_time()
    flags = ["--out", str(tmp_path / "out"), "--bundle", bundle, "--no-render"]
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b"), *flags]) == 0
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["people_count"] == 200
    # Ten times what it takes: a comparison that became quadratic is caught, a slow machine is not.
    assert time.process_time() - began < 25


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "nowhere"], "There is no character nowhere"),
        (["{old}", "{empty}"], "No character was given"),
        (["{old}/p1", "{new}/p2", "--attributes", "{old}/p1/character.json"], "no column 'name'"),
        (["{old}", "{new}", "--attributes", "nowhere.csv"], "cannot be read"),
        (["{old}", "{other}"], "nobody in common"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    arguments: list[str],
    said: str,
    runs: tuple[Path, Path],
    bundle: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("x", "y"):
        written(tmp_path / "other", name)
    places = {"old": runs[0], "new": runs[1], "empty": tmp_path / "empty", "other": tmp_path / "other"}
    given = [word.format(**places) for word in arguments]
    assert main(["compare", *given, "--out", str(tmp_path / "out"), "--bundle", bundle, "--no-render"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
