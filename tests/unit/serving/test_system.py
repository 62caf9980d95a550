"""Systems without modules of Linux: the client and the library import, and the server says what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from f2p.errors import ServiceUnavailable
from f2p.serving.system import check_system

ROOT = Path(__file__).resolve().parents[3]
# Modules that Python has on Linux and macOS, or on Linux alone, and not on Windows.
MISSING = {"resource", "fcntl", "pwd", "grp", "termios", "pty"}


def run_elsewhere(code: str) -> "subprocess.CompletedProcess[str]":
    """A program in a process without these modules, where os has no affinity either."""
    before = f"import os, sys\nfor name in {MISSING!r}: sys.modules[name] = None\ndel os.sched_getaffinity\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", before + code], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120
    )


@pytest.mark.parametrize(
    "modules", ["f2p.client", "f2p.creator, f2p.doctor, f2p.reports.character_page, f2p.cli.create"]
)
def test_client_and_library_import(modules: str) -> None:
    done = run_elsewhere(f"import {modules}")
    assert done.returncode == 0, done.stderr


def test_the_server_says_that_it_needs_linux() -> None:
    done = run_elsewhere("sys.platform = 'darwin'\nfrom f2p.cli import main\nsys.exit(main(['serve', '--port', '0']))")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error SERVICE_UNAVAILABLE: The server runs on Linux only, and this is darwin")
    assert "WSL" in line


def test_doctor_says_so_too() -> None:
    code = (
        "sys.platform = 'darwin'\n"
        "from f2p.serving.checks import examine_service\nfrom f2p.serving.config import ServerConfig\n"
        "print([(finding.subject, finding.ok) for finding in examine_service(ServerConfig())])"
    )
    done = run_elsewhere(code)
    assert (done.stdout, done.stderr) == ("[('service: system', False)]\n", "")


def test_on_linux_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    check_system()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ServiceUnavailable):
        check_system()
