"""`f2p golden record` and `check`: equal runs pass, what is planted blocks the release, and the change is named."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from f2p.cli import main
from tests.helpers.bad_photos import bad_photo, good_photo
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema

SCHEMA = toy_schema()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, three photos of which one shows nobody, and their golden set."""
    folder = tmp_path_factory.mktemp("golden")
    save_tiny_bundle(folder / "bundle", SCHEMA, "toy")
    (folder / "photos").mkdir()
    (folder / "photos" / "ann.jpg").write_bytes(good_photo())
    buffer = io.BytesIO()
    ImageEnhance.Brightness(Image.open(io.BytesIO(good_photo()))).enhance(0.7).save(buffer, "JPEG")
    (folder / "photos" / "bob.jpg").write_bytes(buffer.getvalue())
    (folder / "photos" / "nobody.jpg").write_bytes(bad_photo("no_face"))
    command = ["golden", "record", str(folder / "photos"), "--preset", "instant", "--out", str(folder / "set")]
    assert main([*command, "--bundle", str(folder / "bundle")]) == 0
    return folder


def check(folder: Path, out: Path, *more: str, golden: Path | None = None) -> int:
    given = ["golden", "check", str(golden or folder / "set"), str(folder / "photos"), "--out", str(out)]
    return main([*given, *(() if "--bundle" in more else ("--bundle", str(folder / "bundle"))), *more])


def test_the_set_holds_no_photo(folder: Path) -> None:
    found = json.loads((folder / "set" / "golden.json").read_text())
    assert set(found["photos"]) == {"ann", "bob", "nobody"}
    assert found["photos"]["nobody"]["error"] == "NO_FACE"
    assert sorted(path.name for path in (folder / "set").rglob("*") if path.is_file()) == [
        "ann.json",
        "bob.json",
        "golden.json",
    ]
    assert found["origin"]["processor"]["model"]


def test_the_same_release_passes_with_equal_bits(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(folder, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "changed: nothing" in printed
    assert "the gate holds" in printed
    document = json.loads((tmp_path / "compare.json").read_text())
    assert (document["mean"], document["visible_count"], document["people_count"]) == (0, 0, 2)


def _copied(folder: Path, place: Path, name: str, change: float) -> Path:
    """The golden set with one character's nose moved."""
    for path in (folder / "set").rglob("*.json"):
        target = place / path.relative_to(folder / "set")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    file = place / "characters" / f"{name}.json"
    document = json.loads(file.read_text())
    for entry in document["parameters"]:
        if entry["group"] == "nose":
            entry["value"] = round(min(max(entry["value"] + change, 0), 1), 6)
    file.write_text(json.dumps(document))
    return place


def test_a_planted_regression_blocks_the_release(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    golden = _copied(folder, tmp_path / "set", "bob", -0.1)
    (tmp_path / "gate.yaml").write_text("groups: {nose: 0.02, eye: 0.02}\nsame: {bits: false}\n")
    assert check(folder, tmp_path / "out", "--gate", str(tmp_path / "gate.yaml"), golden=golden) == 1
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if "GATE_FAILED" in line]
    assert "nose drifts by" in line
    assert "most for bob" in line
    assert "eye" not in line
    people = json.loads((tmp_path / "out" / "compare.json").read_text())["people"]
    assert [person["name"] for person in people] == ["bob", "ann"]
    # Nothing but the record has changed, so the bits must be equal too.
    assert check(folder, tmp_path / "out", golden=golden) == 1
    assert "other bits for 1 people (bob first)" in capsys.readouterr().err


def test_what_has_changed_is_named(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = save_tiny_bundle(tmp_path / "other", SCHEMA, "toy", seed=1)
    (tmp_path / "gate.yaml").write_text("sliders: {mean: 1}\nsame: {bits: true}\n")
    flags = ("--bundle", str(other), "--gate", str(tmp_path / "gate.yaml"))
    assert check(folder, tmp_path / "out", *flags) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("changed: ")]
    assert "weights: " in line
    assert "imitator.safetensors" in line


def test_a_photo_that_is_missing_or_another_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "ann.jpg").write_bytes(good_photo())
    given = ["golden", "check", str(folder / "set"), str(tmp_path / "few"), "--out", str(tmp_path / "out")]
    assert main([*given, "--bundle", str(folder / "bundle")]) == 1
    assert "The photo of 'bob' is not among those given." in capsys.readouterr().err
    for name in ("bob", "nobody"):
        (tmp_path / "few" / f"{name}.jpg").write_bytes(good_photo())
    assert main([*given, "--bundle", str(folder / "bundle")]) == 1
    assert "bob.jpg is not the photo that was recorded." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "no YAML"),
        ("- a", "no table"),
        ("beauty: {mean: 1}", "no 'beauty'"),
        ("picture: 2", "'picture' of the gate is no table"),
        ("picture: {median: 2}", "no 'median'"),
        ("picture: {mean: low}", "'picture.mean' of the gate is no number"),
        ("same: {bits: 1}", "neither true nor false"),
        ("attributes: {skin: 2}", "attributes.skin"),
        ("groups: {trunk: 1}", "group 'trunk'"),
        ("attributes: {skin: {picture: 2}}", "--attributes"),
    ],
)
def test_a_gate_that_is_wrong(
    text: str, said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gate.yaml").write_text(text)
    assert check(folder, tmp_path / "out", "--gate", str(tmp_path / "gate.yaml")) == 1
    err = capsys.readouterr().err
    assert "PARAMETER_INVALID" in err
    assert said in err


def test_what_is_no_set(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(folder, tmp_path / "out", golden=tmp_path / "nowhere") == 1
    assert "There is no golden set" in capsys.readouterr().err
    (tmp_path / "set").mkdir()
    for text in ("{}", "[1]", '{"format": 1, "origin": {}, "photos": {"../x": {"sha256": "", "seconds": 1}}}'):
        (tmp_path / "set" / "golden.json").write_text(text)
        assert check(folder, tmp_path / "out", golden=tmp_path / "set") == 1
        assert "is no golden set" in capsys.readouterr().err
