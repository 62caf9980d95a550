"""Where workers come from: a process that loads the bundles once, warms them up, and forks a worker whenever asked.

The workers share its memory until they write to it, and start in a moment. It never sees a photo, and has no threads
that a fork would tear apart. `f2p.serving.worker.fork_server_main` is its program; here is the server's side of it.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

from f2p.errors import F2PError, ServiceUnavailable
from f2p.serving.ipc import LONGEST_ORDER
from f2p.serving.pool.process import WorkerProcess, first_words
from f2p.serving.pool.worker_settings import WorkerSettings

__all__ = ["ForkServer", "ForkedProcess", "command"]

_PR_SET_CHILD_SUBREAPER = 36
_EXIT_S = 2.0
_LOOK_S = 0.01
# A fork takes a moment; a nursery that needs so long for one hangs.
_FORK_S = 20.0
# Before torch is loaded. The fork must find one thread: a worker takes its cores afterwards.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYTHONUNBUFFERED": "1",
    # Everything here runs on the processor; a graphics card would start threads for autograd.
    "CUDA_VISIBLE_DEVICES": "",
}


def command(settings: WorkerSettings) -> list[str]:
    """The program's command line, but for the descriptor."""
    return [sys.executable, "-m", "f2p.serving.worker.fork_server_main", json.dumps(asdict(settings))]


class ForkServer:
    """The nursery's process, seen from the server. May be used by several threads.

    A nursery that has died or hangs is started anew when a worker is asked for.

    Args:
        program: its command line; the channel's descriptor is added as the last argument.
        start_limit_s: longest time to load and warm up.

    Raises:
        F2PError: what it failed on; ServiceUnavailable where it died or took too long.
    """

    def __init__(self, program: Sequence[str], start_limit_s: float) -> None:
        # Workers are their grandparent's to wait for: it learns what they died of.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._program = tuple(program)
        self._start_limit_s = start_limit_s
        self._lock = threading.Lock()
        self._start()

    def worker(self, name: str, *, engine: bool) -> WorkerProcess:
        """A new worker, which then says of itself that it is ready. Raises as the class does."""
        with self._lock:
            if self._process.poll() is not None:
                self._control.close()
                self._start()
            ours, theirs = socket.socketpair()
            try:
                order = json.dumps({"name": name, "engine": engine}).encode()
                socket.send_fds(self._control, [order], [theirs.fileno()])
                pid = int(self._control.recv(LONGEST_ORDER))
            except (OSError, ValueError):
                ours.close()
                # Its answer may still come, and must not be taken for that to the next order.
                self._process.kill()
                self._process.wait()
                raise ServiceUnavailable("A worker could not be started.", "The log says more.") from None
            finally:
                theirs.close()
        return WorkerProcess(ForkedProcess(pid), Connection(ours.detach()), name)

    def close(self) -> None:
        """End it; its workers go on."""
        with self._lock:
            self._control.close()
            try:
                self._process.wait(_EXIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_FORK_S)
        words, told = socket.socketpair()
        # A session of its own: Ctrl-C at the server's terminal is not for it.
        self._process = subprocess.Popen(
            [*self._program, str(theirs.fileno()), str(told.fileno())],
            pass_fds=(theirs.fileno(), told.fileno()),
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        told.close()
        with Connection(words.detach()) as channel:
            try:
                self.facts = first_words(channel, self._start_limit_s)
            except (F2PError, EOFError, OSError) as error:
                self._process.kill()
                code = self._process.wait()
                self._control.close()
                if isinstance(error, F2PError):
                    raise
                raise ServiceUnavailable(f"The workers' nursery ended with {code}.", "The log says more.") from None


class ForkedProcess:
    """A process that is no child of ours by birth; with the part of Popen that a worker needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                    self.returncode = os.waitstatus_to_exitcode(status) if pid else None
                except ChildProcessError:
                    # Not ours to wait for, on a system without subreapers: what it died of stays unknown.
                    self.returncode = None if Path(f"/proc/{self.pid}").exists() else 1
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(_LOOK_S)
        return code

    def kill(self) -> None:
        # Under the lock: a number that was waited for may be another process's by now.
        with self._lock:
            if self.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
