"""`f2p migrate` on files and folders, between two small bundles."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from f2p.character.character import Character, rounded
from f2p.cli import main
from f2p.schema import Schema
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema

OLD = toy_schema()
FIRST = OLD.continuous[0]
NEW = replace(
    OLD,
    version="2",
    continuous=(
        replace(FIRST, name="cheek_width"),
        replace(OLD.continuous[1], high=OLD.continuous[1].high / 2),
        *OLD.continuous[2:],
        replace(FIRST, name="jaw_width"),
    ),
)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("bundles")
    return str(save_tiny_bundle(folder / "old", OLD, "toy")), str(save_tiny_bundle(folder / "new", NEW, "toy"))


def character(schema: Schema, place: float) -> str:
    values = rounded(
        {name: place if isinstance(v, float) else v for name, v in schema.decode(schema.average()).items()}
    )
    return Character(
        schema=schema, values=values, bundle_name="old", bundle_version="1", preset="default", seed=0
    ).to_json()


@pytest.fixture
def saves(tmp_path: Path) -> Path:
    """A folder of players' characters, with something else among them."""
    for name, place in (("ann", 0.25), ("bob", 0.875)):
        (tmp_path / "saves" / name).mkdir(parents=True)
        (tmp_path / "saves" / name / "character.json").write_text(character(OLD, place))
    (tmp_path / "map.yaml").write_text(f"parameters: {{{FIRST.name}: cheek_width}}\n")
    return tmp_path / "saves"


def test_a_folder_is_carried_over_and_comes_back(
    saves: Path, bundles: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = bundles
    out, back = tmp_path / "out", tmp_path / "back"
    before = {path: path.read_bytes() for path in saves.rglob("*.json")}
    assert (
        main(["migrate", str(saves), "--to", new, "--from", old, "--map", f"{tmp_path}/map.yaml", "--out", str(out)])
        == 0
    )
    printed = capsys.readouterr().out
    assert "cheek_width renamed" in printed
    assert "picture moved by" in printed
    assert "2 of 2 characters: 1 clipped, 2 defaulted, 2 renamed" in printed
    opened = Character.from_json((out / "bob" / "character.json").read_bytes(), NEW)
    assert opened.values["cheek_width"] == 0.875
    assert opened.values[OLD.continuous[1].name] == 1.0
    report = json.loads((out / "migration.json").read_text())
    kinds = [change["kind"] for change in report["characters"][str(saves / "bob" / "character.json")]["changes"]]
    assert sorted(kinds) == ["clipped", "defaulted", "renamed"]
    assert {path: path.read_bytes() for path in saves.rglob("*.json")} == before
    assert main(["migrate", str(out), "--to", new, "--out", str(back), "--revert"]) == 0
    assert {path.relative_to(back) for path in back.rglob("character.json")} == {
        path.relative_to(saves) for path in before
    }
    assert all((back / path.relative_to(saves)).read_bytes() == text for path, text in before.items())


def test_one_that_is_no_character_stops_nothing(
    saves: Path, bundles: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (saves / "ann" / "character.json").write_text("{}")
    assert main(["migrate", str(saves), "--to", bundles[1], "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith("error CHARACTER_INVALID: ")
    assert "ann" in line
    assert (tmp_path / "out" / "bob" / "character.json").is_file()
    assert "1 of 2 characters" in printed.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{saves}", "--out", "{saves}"], "written over itself"),
        (["{saves}/ann/character.json", "{saves}/bob/character.json", "--out", "{tmp}/out"], "would both become"),
        (["{tmp}/empty", "--out", "{tmp}/out"], "No character was given"),
        (["{saves}", "--out", "{tmp}/out", "--map", "{tmp}/nowhere.yaml"], "cannot be read"),
        (["{saves}", "--out", "{tmp}/out", "--map", "{tmp}/wrong.yaml"], "no parameter 'nowhere'"),
        (["{saves}", "--out", "{tmp}/map.yaml"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    said: str,
    saves: Path,
    bundles: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "wrong.yaml").write_text("parameters: {a: nowhere}")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    given = [word.format(saves=saves, tmp=tmp_path) for word in arguments]
    assert main(["migrate", *given, "--to", bundles[1]]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before
