"""The README's programs and commands run as they stand there, on the sample photo, with the shipped bundle."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from f2p.cli import main
from tests.helpers.processes import environment, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "packaging").glob("*/README.md")))]
PROGRAMS = [
    (page, text)
    for page in PAGES
    for text in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
]
# The block under "On the command line": one command a line, a remark after it.
COMMANDS = re.findall(r"^f2p ((?:create|refit|check|schema|compare|migrate|share|doctor)\b[^#\n]*)", README, re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where programs run: two photos of one person, and the characters that the commands before made."""
    folder = tmp_path_factory.mktemp("readme")
    photo = Image.fromarray(data.astronaut())
    photo.save(folder / "photo.jpg")
    photo.crop((40, 0, 512, 440)).save(folder / "other.jpg")
    return folder


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("page", "program"), [pair for pair in PROGRAMS if "f2p.client" not in pair[1]])
def test_a_program_with_the_library(page: str, program: str, folder: Path) -> None:
    printed = run(folder, "-c", program)
    assert 0 <= float(printed.split()[0]) <= 1


def test_programs_with_the_client(folder: Path) -> None:
    programs = [program for _, program in PROGRAMS if "f2p.client" in program]
    with serving(None, "--workers", "1") as (port, _):
        for program in programs:
            assert "localhost:50051" in program
            printed = run(folder, "-c", program.replace("localhost:50051", f"localhost:{port}"))
            assert 0 <= float(printed.split()[-1]) <= 1


def test_the_commands(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """In their order, each on what the ones before it wrote; in one process, which saves loading torch for each."""
    monkeypatch.chdir(folder)
    (folder / "album").mkdir()
    (folder / "album" / "photo.jpg").write_bytes((folder / "photo.jpg").read_bytes())
    expected = {"create", "refit", "check", "schema", "compare", "migrate", "share", "doctor"}
    assert {command.split()[0] for command in COMMANDS} == expected
    for number, command in enumerate(COMMANDS):
        photos = "photo.jpg other.jpg" if "--one-person" in command else "photo.jpg"
        words = {
            "FOLDER": "album",
            "PHOTO...": photos,
            "PHOTO": "photo.jpg",
            "CHARACTER.json": "out0/photo/character.json",
            "A.json": "out0/photo/character.json",
            "B.json": "out1/photo/character.json",
            "DIR": f"out{number}",
            "BUNDLE": str(ROOT / "f2p" / "data" / "makehuman"),
        }
        arguments = [word for given in shlex.split(command) for word in words.get(given, given).split()]
        assert main(arguments) == 0, capfd.readouterr().err
    assert (folder / "out0" / "photo" / "character.json").is_file()
