"""The command line, as a user meets it: exit codes, one clear line for an error, files where they were promised."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from f2p import errors
from f2p.cli import main
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo
from tests.helpers.toy_engine import toy_schema

QUICK = ("--preset", "instant")


def run(*arguments: str | Path) -> int:
    """`f2p ARGUMENTS` in this process; its exit code."""
    return main([str(argument) for argument in arguments])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "sample.jpg"
    path.write_bytes(good_photo())
    return path


def test_bad_photos_each_get_their_line_and_do_not_stop_the_good_one(
    photo: Path, tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {tmp_path / f"{name}.jpg": reason for name, reason in BAD_PHOTOS.items()}
    for path in bad:
        path.write_bytes(bad_photo(path.stem))
    missing = tmp_path / "missing.jpg"
    out = tmp_path / "out"
    code = run("create", *bad, missing, photo, "--out", out, "--bundle", tiny_bundle)
    captured = capsys.readouterr()
    assert code == 1
    for path, reason in {**bad, missing: "PHOTO_MISSING"}.items():
        lines = [line for line in captured.err.splitlines() if line.startswith(f"error {reason}: {path}: ")]
        assert len(lines) == 1, f"{path.name} has {lines}"
        assert not (out / path.stem).exists()
    assert "Traceback" not in captured.err
    assert f"1 of {len(bad) + 2} photos became characters" in captured.out
    assert f"{len(bad) + 1} failed:" in captured.err

    document = json.loads((out / "sample" / "character.json").read_text("utf-8"))
    assert document["render_source"] == "engine"
    assert Image.open(out / "sample" / "character.png").size == (512, 512)
    report = (out / "sample" / "report.html").read_text("utf-8")
    assert report.count('src="data:image/') == 4
    assert "<polyline" in report
    assert "http" not in report.replace("http-equiv", ""), "the report needs nothing from elsewhere"


def test_the_same_photo_and_seed_give_the_same_file(photo: Path, tmp_path: Path, toy_folder: Path) -> None:
    for folder in ("first", "second"):
        assert run("create", photo, "--out", tmp_path / folder, "--bundle", toy_folder, *QUICK, "--seed", "3") == 0
    files = [tmp_path / folder / "sample" / "character.json" for folder in ("first", "second")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_several_photos_of_one_person_become_one_character(
    photo: Path, tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "landscape.jpg"
    bad.write_bytes(bad_photo("no_face"))
    recipe = ("--one-person", "--out", tmp_path / "out", "--bundle", toy_folder, *QUICK)
    assert run("create", photo, bad, photo, *recipe) == 0
    out = capsys.readouterr().out
    assert f"0 %  {bad}: No face was found" in out
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["sample"]
    document = json.loads((tmp_path / "out" / "sample" / "character.json").read_text("utf-8"))
    assert [use["reason"] for use in document["photos"]] == ["USED", "NO_FACE", "USED"]
    assert "No face was found" in (tmp_path / "out" / "sample" / "report.html").read_text("utf-8")

    many = [photo] * 17
    assert run("create", *many, *recipe) == 1
    assert capsys.readouterr().err.startswith("error TOO_MANY_PHOTOS: ")


def test_without_the_engine_the_imitator_draws_and_says_so(
    photo: Path, tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", photo, "--out", tmp_path, "--bundle", toy_folder, *QUICK) == 0
    assert "warning: " in capsys.readouterr().err
    document = json.loads((tmp_path / "sample" / "character.json").read_text("utf-8"))
    assert document["render_source"] == "imitator"
    assert any("toy" in warning for warning in document["warnings"])
    assert (tmp_path / "sample" / "character.png").exists()


def test_a_broken_bundle_is_one_line(
    photo: Path, tmp_path: Path, broken_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["create", photo, "--out", tmp_path / "out"], ["check", photo], ["schema"]):
        assert run(*arguments, "--bundle", broken_bundle) == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("error BUNDLE_CORRUPT: ")
        assert "imitator.safetensors" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["schema", "--bundle", "nowhere"], "BUNDLE_MISSING"),
        (["create", "--out", "out"], "PARAMETER_INVALID"),
        (["serve", "--port", "99999"], "PARAMETER_INVALID"),
        # Starts a server that loads torch; tests/integration/test_device.py has another end of such a start.
        pytest.param(["serve", "--preset", "nonsense"], "PRESET_UNKNOWN", marks=pytest.mark.slow),
        (["check", "nowhere.jpg"], "PHOTO_MISSING"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error {reason}: ")
    assert len(error.splitlines()) == 1


def test_an_unknown_preset_is_refused_before_any_photo(
    photo: Path, tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", photo, "--out", tmp_path / "out", "--bundle", toy_folder, "--preset", "nonsense") == 1
    assert capsys.readouterr().err.startswith("error PRESET_UNKNOWN: ")


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["create", "x.jpg"], ["create", "x.jpg", "--out", "o", "--seed", "x"]]
)
def test_a_wrong_command_line_ends_with_two(arguments: list[str]) -> None:
    assert run(*arguments) == 2


def test_results_that_cannot_be_written_are_an_error(
    photo: Path, tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should")
    assert run("create", photo, "--out", tmp_path / "taken", "--bundle", toy_folder) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_check(photo: Path, tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", photo, "--bundle", toy_folder) == 0
    assert "can be used" in capsys.readouterr().out
    several = tmp_path / "several.jpg"
    several.write_bytes(bad_photo("three_faces"))
    assert run("check", several, "--bundle", toy_folder) == 1
    captured = capsys.readouterr()
    assert captured.out.count("face ") == 3
    assert captured.err.startswith("error SEVERAL_FACES: ")
    assert run("check", several, "--face", "2", "--bundle", toy_folder) == 0


@pytest.mark.parametrize("format", ["yaml", "json", "table"])
def test_schema(format: str, toy_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "--bundle", toy_folder, "--format", format) == 0
    out = capsys.readouterr().out
    if format == "yaml":
        from f2p.schema import parse_schema

        assert parse_schema(out, "printed").hash == toy_schema().hash
    elif format == "json":
        assert json.loads(out)["hash"] == toy_schema().hash
    else:
        assert all(name in out for name in ("face_width", "hair", "bald"))


def test_doctor_finds_the_fault(toy_folder: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("doctor", "--bundle", toy_folder) == 1
    out = capsys.readouterr().out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("FAULT")] == ["engine"]
    assert "Install the package that offers it" in out
    assert run("doctor", "--bundle", tiny_bundle) == 0
    assert capsys.readouterr().out.endswith("all well\n")


def test_a_fault_of_ours_is_one_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.delenv("F2P_TRACEBACK", raising=False)
    monkeypatch.setattr("f2p.bundle.load_bundle", fail)
    assert run("schema") == 1
    error = capsys.readouterr().err
    assert error.startswith("error INTERNAL: ZeroDivisionError: unforeseen")
    assert len(error.splitlines()) == 1


def test_the_sample_photo_is_the_expected_one(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = Path(__file__).resolve().parents[3] / "examples" / "sample_photo.py"
    target = tmp_path / "new" / "demo.png"
    subprocess.run([sys.executable, script, target], check=True, timeout=60)
    assert np.asarray(Image.open(target)).shape == (512, 512, 3)


def test_error_lines_stay_on_one_line() -> None:
    from f2p.command_line import error_line

    line = error_line(errors.BundleCorrupt("first\nsecond", "third"), "x")
    assert line == "error BUNDLE_CORRUPT: x: first second third"
