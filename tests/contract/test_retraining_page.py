"""Every command of the pages on retraining is one that the programs take, with options that they have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import tyro

from engine_bridge.cli import PROGRAM as ENGINES
from f2p.command_line import Program
from imitator_training.cli import PROGRAM as TRAINING

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = "\n".join((DOCS / name).read_text("utf-8") for name in ("retraining.md", "training.md"))


def commands() -> list[list[str]]:
    """Words of each line of the page's blocks of shell, its continuation lines joined."""
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.S)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def of_training() -> list[list[str]]:
    """The words after `imitator-training`, or after the module's name under torchrun."""
    module = "imitator_training.cli"
    under_torchrun = [words[words.index(module) + 1 :] for words in commands() if module in words]
    return [words[1:] for words in commands() if words[0] == "imitator-training"] + under_torchrun


def assert_taken(program: Program, words: list[str]) -> None:
    found = program.find(words)
    assert found is not None, f"{program.name} has no such command"
    name, command = found
    spec = command.load()
    assert isinstance(tyro.cli(spec, args=words[len(name.split()) :]), spec)


def test_the_pages_have_commands() -> None:
    assert len(of_training()) > 20
    assert {words[0] for words in commands()} <= {"imitator-training", "engine-bridge", "f2p", "pip", "torchrun"}


@pytest.mark.parametrize("words", of_training(), ids=" ".join)
def test_a_training_command_is_taken(words: list[str]) -> None:
    assert_taken(TRAINING, words)


@pytest.mark.parametrize("words", [words[1:] for words in commands() if words[0] == "engine-bridge"], ids=" ".join)
def test_a_command_about_engines_is_taken(words: list[str]) -> None:
    assert_taken(ENGINES, words)
