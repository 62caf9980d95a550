"""The three programs keep one pattern: overview, version, exit codes, and what to install where a part is missing."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from engine_bridge.cli import PROGRAM as ENGINE_BRIDGE
from f2p import __version__, errors
from f2p.cli import PROGRAM as F2P
from f2p.command_line import Command, Program, error_line
from f2p.errors import transport
from imitator_training.cli import PROGRAM as IMITATOR_TRAINING

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {"f2p.cli": F2P, "imitator_training.cli": IMITATOR_TRAINING, "engine_bridge.cli": ENGINE_BRIDGE}
each_program = pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda program: program.name)

# Begins with the names of the packages to hide, which may be already imported by none.
HIDING = """
import sys

class Hider:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hider())
"""
ALL_EXTRAS = {
    "PIL", "dlib", "face_recognition_models", "grpc_health", "grpc_reflection", "jinja2", "numba", "numpy",
    "prometheus_client", "rich", "safetensors", "scipy", "tensorboard", "torch", "torchvision", "tyro", "yaml",
}  # fmt: skip


def run_without(hidden: set[str], module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program in a process that cannot import these packages."""
    code = f"HIDDEN = {hidden!r}\n{HIDING}\nfrom {module} import main\nsys.exit(main({list(arguments)!r}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120
    )


@pytest.mark.parametrize(
    ("hidden", "command", "package", "extra"),
    [
        (ALL_EXTRAS, "f2p.cli create me.jpg --out o", "tyro", "solve"),
        (ALL_EXTRAS, "f2p.cli serve", "tyro", "serve"),
        ({"torch"}, "f2p.cli check me.jpg", "torch", "solve"),
        ({"grpc_health"}, "f2p.cli serve --port 0", "grpc_health", "serve"),
        (ALL_EXTRAS, "imitator_training.cli export", "numpy", "train"),
        ({"torch"}, "imitator_training.cli train imitator --data d --out o --minutes 1", "torch", "train"),
        (ALL_EXTRAS, "engine_bridge.cli check", "tyro", "engine"),
        ({"PIL"}, "engine_bridge.cli render --out o.png", "PIL", "engine"),
    ],
)
def test_a_missing_package_is_one_line_that_says_what_to_install(
    hidden: set[str], command: str, package: str, extra: str
) -> None:
    done = run_without(hidden, *command.split())
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error MISSING_PACKAGE: The package '{package}")
    assert line.endswith(f"Run: {transport.install_command(extra)}.")


@pytest.mark.parametrize("module", PROGRAMS)
def test_overview_and_version_need_no_extra(module: str) -> None:
    program = PROGRAMS[module]
    version, overview = (run_without(ALL_EXTRAS, module, flag) for flag in ("--version", "--help"))
    assert (version.returncode, version.stdout, version.stderr) == (0, f"{program.name} {__version__}\n", "")
    assert (overview.returncode, overview.stderr) == (0, "")
    assert overview.stdout.startswith(f"usage: {program.name} COMMAND")
    for words, command in program.commands.items():
        assert words in overview.stdout
        assert command.summary in overview.stdout


@each_program
@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--nonsense"]])
def test_a_wrong_command_is_refused_with_the_overview(
    program: Program, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert next(iter(program.commands)) in captured.err
    assert all(f"'{argument}'" in captured.err for argument in arguments)


@each_program
def test_a_wrong_flag_ends_with_two(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    for words in program.commands:
        assert program.main([*words.split(), "--no-such-flag"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert f"{program.name} {words} --help" in captured.err


def test_every_way_to_end_has_its_code_and_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("F2P_TRACEBACK", raising=False)

    def fail(error: BaseException | None) -> Command:
        def run(_: object) -> None:
            if error is not None:
                raise error

        return Command(summary="", load=lambda: None, run=run, read=lambda *_: None, extra="solve")

    endings: dict[str, tuple[BaseException | None, int, str]] = {
        "well": (None, 0, ""),
        "refused": (errors.NoFace("No\nface.", "Show one."), 1, "error NO_FACE: No face. Show one.\n"),
        "stopped": (KeyboardInterrupt(), 130, "stopped\n"),
        "own": (ModuleNotFoundError("x", name="f2p.gone"), 1, "error INTERNAL: ModuleNotFoundError: x "),
        "broken": (ZeroDivisionError("unforeseen"), 1, "error INTERNAL: ZeroDivisionError: unforeseen "),
        "library": (ImportError("libGL.so.1: missing", name="cv2"), 1, "error MISSING_PACKAGE: "),
    }
    commands = {words: fail(error) for words, (error, _, _) in endings.items()}
    program = Program(name="test", description="", commands=commands, interrupted="stopped")
    for words, (_, code, said) in endings.items():
        assert program.main([words]) == code, words
        err = capsys.readouterr().err
        assert err.startswith(said), words
        assert len(err.splitlines()) == bool(said), words
    monkeypatch.setenv("F2P_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        program.main(["broken"])


def test_a_warning_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Python's own form has two, with a path of ours."""

    def run(_: object) -> None:
        warnings.warn("first\nsecond", stacklevel=1)

    command = Command(summary="", load=lambda: None, run=run, read=lambda *_: None, extra="solve")
    assert Program(name="test", description="", commands={"warn": command}).main(["warn"]) == 0
    assert capsys.readouterr().err == "warning: first second\n"


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = f"{sys.executable} -m f2p.cli --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stderr == ""


@each_program
def test_completion_knows_every_command(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--tyro-print-completion", "bash"]) == 0
    script = capsys.readouterr().out
    for words in program.commands:
        assert words.split()[-1] in script


def test_error_lines_stay_on_one_line() -> None:
    line = error_line(errors.BundleCorrupt("first\nsecond", "third"), "x")
    assert line == "error BUNDLE_CORRUPT: x: first second third"
