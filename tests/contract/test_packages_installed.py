"""The wheels as a stranger installs them, each into an empty environment: `make wheels-check`.

Needs a package index, and for the last test some 7 GB in the temporary folder.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import pytest

pytestmark = [pytest.mark.index, pytest.mark.slow, pytest.mark.timeout(3600)]
ROOT = Path(__file__).resolve().parents[2]


class Environment:
    """An empty virtual environment, and what runs in it."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.bin = folder / "bin"
        self.wheels = wheels
        # Nothing of the caller's Python may leak in: a PYTHONPATH would have the checkout found in place of the wheels.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)

    def install(self, *requirements: str) -> None:
        command = ["-m", "pip", "install", "--quiet", "--find-links", str(self.wheels), *requirements]
        subprocess.run([str(self.bin / "python"), *command], check=True, cwd=self.wheels, env=self.environment)

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Beside the wheels: the checkout must not be found on the path.
        command = [str(self.bin / program), *arguments]
        return subprocess.run(
            command, cwd=self.wheels, env=self.environment, capture_output=True, text=True, timeout=600
        )

    def installed(self) -> set[str]:
        done = self.run("python", "-m", "pip", "list", "--format", "json", "--disable-pip-version-check")
        return {package["name"].lower() for package in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    run_path(str(ROOT / "packaging" / "build.py"))["build"](folder)
    return folder


@pytest.fixture
def empty(tmp_path: Path, wheels: Path) -> Iterator[Environment]:
    yield Environment(tmp_path / "venv", wheels)
    shutil.rmtree(tmp_path / "venv")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a program says that lacks a part: one line, on stderr, and no traceback."""
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert (len(lines), done.stdout) == (1, ""), done
    return lines[0]


def test_the_client_alone(empty: Environment) -> None:
    empty.install("face-to-parameter-client")
    program = "import sys, f2p.client; print([name for name in ('torch', 'numpy') if name in sys.modules])"
    done = empty.run("python", "-c", program)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert not {"torch", "numpy", "pillow", "pyyaml"} & empty.installed()
    assert not (empty.bin / "f2p").exists()
    # A call without a server ends in our error, all the way through the installed grpc.
    call = (
        "from f2p.client import CharacterClient, Connection\n"
        "from f2p.errors import ServiceUnavailable\n"
        "try: CharacterClient(Connection(target='localhost:1', timeout=2, retries=0)).server_info()\n"
        "except ServiceUnavailable as error: print(error.reason)"
    )
    assert empty.run("python", "-c", call).stdout.strip() == "SERVICE_UNAVAILABLE"


def test_the_library_alone_says_what_to_install(empty: Environment) -> None:
    empty.install("face-to-parameter")
    assert not {"torch", "numpy"} & empty.installed()
    for arguments in (["create", "photo.jpg", "--out", "out"], ["doctor"], ["schema"]):
        assert "pip install 'face-to-parameter[solve]'" in one_line(empty.run("f2p", *arguments))
    assert "pip install 'face-to-parameter[serve]'" in one_line(empty.run("f2p", "serve"))


def test_programs_without_their_libraries_say_what_to_install(empty: Environment) -> None:
    """The engine's and the trainer's wheels by themselves, as a repair of an environment may leave them."""
    empty.install("--no-deps", "face-to-parameter-makehuman", "face-to-parameter-training", "face-to-parameter")
    empty.install("face-to-parameter-client")
    assert "pip install 'face-to-parameter[" in one_line(empty.run("engine-bridge", "check"))
    assert "pip install 'face-to-parameter[" in one_line(empty.run("imitator-training", "render", "--out", "out"))


def test_each_part_added_in_turn(empty: Environment) -> None:
    """One environment with torch: the library to solve with, then the engine, the service and the trainer."""
    empty.install("face-to-parameter[solve]")
    assert "pip install 'face-to-parameter[engine]'" in one_line(empty.run("f2p", "schema"))
    assert "pip install 'face-to-parameter[serve]'" in one_line(empty.run("f2p", "serve"))

    empty.install("face-to-parameter[engine]", "pillow", "scikit-image")
    photo = "from PIL import Image; from skimage import data; Image.fromarray(data.astronaut()).save('photo.png')"
    assert empty.run("python", "-c", photo).returncode == 0
    done = empty.run("f2p", "create", "photo.png", "--out", "out")
    assert done.returncode == 0, done.stderr
    character = json.loads((empty.wheels / "out" / "photo" / "character.json").read_text("utf-8"))
    assert character["render_source"] == "engine"

    empty.install("face-to-parameter[serve]")
    done = empty.run("f2p", "doctor", "--service")
    assert "Traceback" not in done.stderr

    empty.install("face-to-parameter[train]")
    done = empty.run("imitator-training", "render", "--out", "data", "--count", "2", "--size", "64")
    assert done.returncode == 0, done.stderr
