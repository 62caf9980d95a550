"""Programs of ours in processes of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def interruptible() -> None:
    """Let Ctrl-C end a process, called in it before its program starts: a suite in the background ignores SIGINT, and
    what it starts would too.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def serving(
    bundle: Path | None, *arguments: str, log: Path | None = None, before: Sequence[str] = (), cwd: Path = ROOT
) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """`f2p serve` on a free port while the block runs; (port, process). At its end SIGTERM must stop it in order.

    Args:
        bundle: the shipped one where None.
        arguments: further flags.
        log: where its log goes; to ours where None.
        before: a program that runs it, with its own arguments.
        cwd: where it runs.
    """
    named = () if bundle is None else ("--bundle", bundle)
    command = [*before, *_command("serve", "--port", "0", *named, *arguments)]
    with (
        contextlib.nullcontext() if log is None else log.open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=cwd, env=environment()
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "f2p serves" in line, f"the server said {line!r} and ended with {process.poll()}"
            yield int(line.rsplit(":", 1)[1]), process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert code == 0, f"the server ended with {code}"


def training(*arguments: str | Path, workers: int = 1) -> "subprocess.Popen[str]":
    """`imitator-training ARGUMENTS` in a process of its own; with several workers as torchrun starts them."""
    several = ["torch.distributed.run", "--standalone", f"--nproc-per-node={workers}", "-m"] if workers > 1 else []
    command = [sys.executable, "-m", *several, "imitator_training.cli", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment())


def children(pid: int) -> list[int]:
    """The processes that this one has started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return sorted(found)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "f2p.cli", *map(str, arguments)]


def environment() -> dict[str, str]:
    # One thread, as the service's workers have: the last digits of a character depend on it.
    # HTTP for those servers only that a test asks for it: they would all want the same port.
    return {"F2P_WEB_PORT": "0", **os.environ, "NO_COLOR": "1", "COLUMNS": "200", "OMP_NUM_THREADS": "1"}


def process_name(pid: int) -> str:
    """The name that a process goes by, which ours set themselves; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
