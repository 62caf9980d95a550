"""The fork server, seen from the server: a process that loads the bundles once, and forks a worker whenever asked.

The workers share its memory until they write to it, and start in a moment. It never sees a photo, and has no threads,
which a fork would not copy. Its program is `f2p.serving.worker.fork_server_main`.
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
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

from f2p.errors import F2PError, ServiceUnavailable
from f2p.serving.ipc import MAX_ORDER_BYTES
from f2p.serving.logs import relay_lines
from f2p.serving.pool.process import WorkerProcess, receive_ready
from f2p.serving.pool.worker_settings import WorkerSettings

__all__ = ["ForkServer", "ForkedProcess", "command", "environment"]

_PR_SET_CHILD_SUBREAPER = 36
_EXIT_S = 2.0
_POLL_S = 0.01
# A fork takes a moment; a fork server that needs so long for one hangs.
_FORK_S = 20.0


def command(settings: WorkerSettings) -> list[str]:
    """The program's command line, without the descriptors."""
    return [sys.executable, "-m", "f2p.serving.worker.fork_server_main", json.dumps(asdict(settings))]


def environment(settings: WorkerSettings) -> dict[str, str]:
    """Variables that the program needs before torch is loaded: a fork must find one thread."""
    found = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONUNBUFFERED": "1",
    }
    # A visible GPU that nobody uses would start threads for autograd.
    return found | ({"CUDA_VISIBLE_DEVICES": ""} if settings.on_cpu else {})


class ForkServer:
    """The fork server's process. May be used by several threads.

    One that has died or hangs is started anew when a worker is asked for.

    Args:
        program: its command line; the descriptors of two channels are added as the last arguments.
        environment: variables that are set for it besides those of this process.
        start_limit_s: longest time to load and warm up.
        relay: whether its stderr and its workers' pass through this process's log, so that each line is one of JSON.

    Raises:
        F2PError: why it cannot load; ServiceUnavailable where it died or took too long.
    """

    def __init__(
        self, program: Sequence[str], environment: Mapping[str, str], start_limit_s: float, *, relay: bool = False
    ) -> None:
        # Workers are re-parented to this process, which can then wait for them and learn why they ended.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._program = tuple(program)
        self._environment = dict(environment)
        self._start_limit_s = start_limit_s
        self._relay = relay
        self._lock = threading.Lock()
        self._start()

    def worker(self, name: str, *, engine: bool) -> WorkerProcess:
        """Fork a worker, whose `wait_ready` returns once it can take a job. Raises as the class does.

        Args:
            name: for logs and for `ps`.
            engine: whether it opens the engines, and solves on the configured device.
        """
        with self._lock:
            if self._process.poll() is not None:
                self._control.close()
                self._start()
            ours, theirs = socket.socketpair()
            try:
                order = json.dumps({"name": name, "engine": engine}).encode()
                socket.send_fds(self._control, [order], [theirs.fileno()])
                pid = int(self._control.recv(MAX_ORDER_BYTES))
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
        self._control, control_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_FORK_S)
        status, status_end = socket.socketpair()
        # A session of its own: Ctrl-C at the server's terminal is not for it.
        self._process = subprocess.Popen(
            [*self._program, str(control_end.fileno()), str(status_end.fileno())],
            pass_fds=(control_end.fileno(), status_end.fileno()),
            env={**os.environ, **self._environment},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE if self._relay else None,
            start_new_session=True,
        )
        control_end.close()
        status_end.close()
        if self._process.stderr is not None:
            relay_lines(self._process.stderr)
        with Connection(status.detach()) as channel:
            try:
                receive_ready(channel, self._start_limit_s)
            except (F2PError, EOFError, OSError) as error:
                self._process.kill()
                code = self._process.wait()
                self._control.close()
                if isinstance(error, F2PError):
                    raise
                raise ServiceUnavailable(f"The fork server ended with {code}.", "The log says more.") from None


class ForkedProcess:
    """A process that another one has forked, with the part of subprocess.Popen that a worker needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with self._lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                    self.returncode = os.waitstatus_to_exitcode(status) if pid else None
                except ChildProcessError:
                    # No child of this process, on a system without subreapers: why it ended stays unknown.
                    self.returncode = None if Path(f"/proc/{self.pid}").exists() else 1
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(_POLL_S)
        return code

    def kill(self) -> None:
        """End it at once."""
        # Under the lock: a number that was waited for may be another process's by now.
        with self._lock:
            if self.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
