"""The command line of the trainer: commands, and errors in one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imitator_training.cli import PROGRAM, main
from tests.helpers.processes import interruptible


def test_the_commands_are_these() -> None:
    assert list(PROGRAM.commands) == [
        "fit",
        "render",
        "train imitator",
        "train parser",
        "train translator",
        "evaluate",
        "solutions",
        "statistics",
        "average",
        "export",
    ]


@pytest.mark.parametrize("words", list(PROGRAM.commands))
def test_every_command_explains_itself(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--help"]) == 0
    assert "--" in capsys.readouterr().out


def test_an_overview_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "train imitator" in capsys.readouterr().out
    assert main(["paint"]) == 2
    assert "paint" in capsys.readouterr().err


def test_an_error_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--model", str(tmp_path), "--data", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error TRAINING_INVALID: ")
    assert len(err.splitlines()) == 1
    assert "manifest.json" in err


@pytest.mark.parametrize(
    "command",
    [
        "render --count 4",
        "train imitator --data DATA --minutes 1",
        "train translator --data DATA --parser DATA --minutes 1",
        "statistics --photos DATA --data DATA",
        "export --data DATA --imitator DATA --parser DATA --statistics DATA --name a --version 1",
        "evaluate --model DATA --data DATA",
    ],
)
def test_an_output_that_cannot_be_written_is_one_line_before_any_work(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file stands where a folder should")
    out = tmp_path / "taken" / ("out.json" if "evaluate" in command else "out")
    words = [str(tmp_path) if word == "DATA" else word for word in command.split()]
    assert main([*words, "--out", str(out)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error PARAMETER_INVALID: The results cannot be written to ")
    assert len(err.splitlines()) == 1


def test_ctrl_c_ends_in_one_line(tmp_path: Path) -> None:
    """The terminal's signal reaches all processes; those that render must not answer it too."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "imitator_training.cli", "render", "--out", tmp_path / "data", "--count", "100000"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command,
        cwd=root,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
        preexec_fn=interruptible,
    ) as process:
        until = time.monotonic() + 60
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        # The resource tracker and one that renders.
        while len(children.read_text().split()) < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().splitlines() == [PROGRAM.interrupted]
