"""Many photos at once: nothing stops the others, a second run redoes nothing, scripts get JSON."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from f2p.cli import main
from tests.helpers.bad_photos import bad_photo, good_photo
from tests.helpers.processes import interruptible

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a good photo, a bad one, and one whose name is no UTF-8."""
    photos = tmp_path / "in"
    photos.mkdir()
    (photos / "good.jpg").write_bytes(good_photo())
    (photos / "landscape.jpg").write_bytes(bad_photo("no_face"))
    (photos / os.fsdecode(b"caf\xe9.jpg")).write_bytes(good_photo())
    return photos


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def lines(text: str) -> dict[str, dict[str, object]]:
    return {Path(str(line["photo"])).name: line for line in map(json.loads, text.splitlines())}


def test_a_folder_then_again(folder: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder.parent / "out"
    command = ("create", folder, "--out", out, "--bundle", toy_folder, "--preset", "instant", "--resume", "--json")
    assert run(*command) == 1
    first = capsys.readouterr()
    told = lines(first.out)
    assert {name: line["ok"] for name, line in told.items()} == {
        "caf\\xe9.jpg": True,
        "good.jpg": True,
        "landscape.jpg": False,
    }
    assert told["landscape.jpg"]["error"]["reason"] == "NO_FACE"  # type: ignore[index]
    assert told["good.jpg"]["folder"] == str(out / "good")
    assert (out / "caf%E9" / "report.html").is_file()
    assert not list(out.rglob("*.part"))

    made = (out / "good" / "character.json").stat()
    assert run(*command) == 1
    again = lines(capsys.readouterr().out)
    assert again["good.jpg"]["skipped"]
    assert again["caf\\xe9.jpg"]["skipped"]
    after = (out / "good" / "character.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)

    assert run(*command[:-2], "--resume", "--json", "--seed", "5") == 1
    assert not lines(capsys.readouterr().out)["good.jpg"]["skipped"], "another seed is another character"


def test_a_second_run_knows_another_face_and_another_photo(
    tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, data in (("a", bad_photo("three_faces")), ("b", good_photo())):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x.jpg").write_bytes(data)
    recipe = ("--bundle", toy_folder, "--preset", "instant", "--resume", "--json", "--out", tmp_path / "out")

    def skipped(place: str, *face: str) -> bool:
        assert run("create", tmp_path / place / "x.jpg", *recipe, *face) == 0
        return bool(lines(capsys.readouterr().out)["x.jpg"]["skipped"])

    assert not skipped("a", "--face", "0")
    assert skipped("a", "--face", "0")
    assert not skipped("a", "--face", "1"), "another face of the photo"
    # Its results go where the other photo's lie, and are younger than both.
    assert not skipped("b"), "another photo of the same stem"
    assert skipped("b")


def test_a_fault_of_ours_does_not_stop_the_others(
    folder: Path, toy_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from f2p.cli import batch

    write = batch.write_character

    def failing(character: object, place: Path, *more: object) -> None:
        if place.name == "caf%E9":
            raise ZeroDivisionError("unforeseen")
        write(character, place, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "write_character", failing)
    monkeypatch.delenv("F2P_TRACEBACK", raising=False)
    command = ("create", folder, "--out", folder.parent / "out", "--bundle", toy_folder, "--preset", "instant")
    assert run(*command) == 1
    captured = capsys.readouterr()
    assert "error INTERNAL: " in captured.err
    assert "1 of 3 photos became characters" in captured.out


def test_a_file_in_the_place_of_the_results_is_found_before_the_photo_is_read(
    tmp_path: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noext").write_bytes(b"no picture at all")
    assert run("create", tmp_path / "noext", "--out", tmp_path, "--bundle", toy_folder) == 1
    assert "a file stands in its place" in capsys.readouterr().err


def program(*arguments: str | Path, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """`f2p ARGUMENTS` as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE", **variables}
    environment.pop("MKL_CBWR", None)  # of which a warning would be one more line
    command = [sys.executable, "-m", "f2p.cli", *map(str, arguments)]
    return subprocess.run(command, input=stdin, env=environment, capture_output=True, timeout=300, check=False)


def test_several_processes_and_stdin_and_an_ascii_terminal(folder: Path, toy_folder: Path) -> None:
    out = folder.parent / "out"
    command = ("create", folder, "-", "--out", out, "--bundle", toy_folder, "--preset", "instant", "--jobs", "2")
    done = program(*command, stdin=good_photo(), PYTHONIOENCODING="ascii")
    # stdin belongs to the first process: those that work cannot read it.
    assert done.returncode == 1, done.stderr.decode()
    assert sorted(place.name for place in out.iterdir()) == ["caf%E9", "good", "stdin"], done.stderr.decode()
    assert b"3 of 4 photos became characters" in done.stdout
    assert done.stderr.count(b"error NO_FACE") == 2, "as it happens, and in the summary"
    assert b"Traceback" not in done.stderr
    good, stdin = ((out / name / "character.json").read_bytes() for name in ("good", "stdin"))
    assert good == stdin, "the same photo, the same character"


def test_check_of_many(folder: Path, toy_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huge = folder / "huge.jpg"
    with huge.open("wb") as stream:
        stream.truncate(60 * 2**30)
    assert run("check", folder, "--bundle", toy_folder, "--json") == 1
    told = lines(capsys.readouterr().out)
    assert {name: line["ok"] for name, line in told.items()} == {
        "caf\\xe9.jpg": True,
        "good.jpg": True,
        "huge.jpg": False,
        "landscape.jpg": False,
    }
    assert told["huge.jpg"]["error"]["reason"] == "PHOTO_TOO_LARGE"  # type: ignore[index]
    assert len(told["good.jpg"]["faces"]) == 1  # type: ignore[arg-type]
    assert run("check", folder, "--bundle", toy_folder) == 1
    assert "2 of 4 photos can be used" in capsys.readouterr().out


def test_colours_are_left_out_on_request(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert run("schema", "--bundle", toy_folder) == 0
    loud = capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("schema", "--bundle", toy_folder) == 0
    quiet = capsys.readouterr().out
    assert "\x1b[" in loud
    assert "\x1b[3" not in quiet.replace("\x1b[3m", "")


def test_what_libraries_print_does_not_reach_the_terminal(
    tmp_path: Path, toy_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """libtiff complains on descriptor 2 of every odd tag and strip."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(good_photo())).convert("RGB").save(buffer, format="TIFF", compression="tiff_lzw")
    data = buffer.getvalue()
    third = len(data) // 3
    (tmp_path / "broken.tif").write_bytes(data[:third] + bytes(third) + data[2 * third :])
    pillow = "import sys; from PIL import Image; Image.open(sys.argv[1]).load()"
    noisy = subprocess.run([sys.executable, "-c", pillow, tmp_path / "broken.tif"], capture_output=True, text=True)
    assert noisy.stderr.startswith("tempfile.tif"), "the file no longer makes libtiff speak"
    assert run("check", tmp_path / "broken.tif", "--bundle", toy_folder) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error PHOTO_")


@pytest.mark.slow
def test_ctrl_c_ends_all_processes_in_one_line(tmp_path: Path, toy_folder: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.jpg").write_bytes(good_photo())
    command = [sys.executable, "-m", "f2p.cli", "create", tmp_path / "in", "--out", tmp_path / "out"]
    command += ["--bundle", toy_folder, "--jobs", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE"}
    environment.pop("MKL_CBWR", None)  # of which a warning would be one more line
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, start_new_session=True, env=environment, preexec_fn=interruptible
    ) as process:
        until = time.monotonic() + 120
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(children.read_text().split()) < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().splitlines() == ["interrupted"]
