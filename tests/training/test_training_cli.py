"""The command line of the trainer: commands, and errors in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from imitator_training.cli import PROGRAM, main


def test_the_commands_are_these() -> None:
    assert list(PROGRAM.commands) == [
        "render",
        "train imitator",
        "train parser",
        "train translator",
        "evaluate",
        "solutions",
        "statistics",
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
