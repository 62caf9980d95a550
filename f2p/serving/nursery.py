"""Where workers come from: a process that loads the bundles once, warms them up, and forks a worker whenever asked.

The workers share its memory until they write to it, and start in a moment. It never sees a photo, and has no threads
that a fork would tear apart. `python -m f2p.serving.nursery SETTINGS DESCRIPTOR` is its program.
"""

import contextlib
import ctypes
import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from f2p.errors import F2PError, ServiceUnavailable
from f2p.serving.logs import set_up_logging
from f2p.serving.process import WorkerProcess, first_words
from f2p.serving.wire import error_to, send
from f2p.serving.worker import WorkerSettings, load, name_process, work

__all__ = ["Forked", "Nursery", "command"]

_PR_SET_CHILD_SUBREAPER = 36
_LONGEST_MESSAGE = 4096
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
    return [sys.executable, "-m", "f2p.serving.nursery", json.dumps(asdict(settings))]


class Nursery:
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
                pid = int(self._control.recv(_LONGEST_MESSAGE))
            except (OSError, ValueError):
                ours.close()
                # Its answer may still come, and must not be taken for that to the next order.
                self._process.kill()
                self._process.wait()
                raise ServiceUnavailable("A worker could not be started.", "The log says more.") from None
            finally:
                theirs.close()
        return WorkerProcess(Forked(pid), Connection(ours.detach()), name)

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


class Forked:
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


def main(settings: WorkerSettings, control: socket.socket, told: Connection) -> None:
    """Load, warm up, and fork workers until the server closes the channel."""
    try:
        loaded = load(settings)
    except F2PError as error:
        send(told, {"is": "broken", "error": error_to(error)})
        return
    # What is here now stays: workers share it, and need not look through it for garbage.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    send(told, {"is": "ready", "facts": {}})
    told.close()
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, _LONGEST_MESSAGE, 1)
        if not order:
            return
        pid = _fork_away()
        if pid == 0:
            control.close()
            _live(json.loads(order), Connection(descriptors[0]), lambda *said: work(loaded, settings, *said))
        os.close(descriptors[0])
        control.send(str(pid).encode())


def _fork_away() -> int:
    """A grandchild's number, or 0 in the grandchild; it is the server's to wait for once its parent has gone."""
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        pid = os.fork()
        if pid == 0:
            os.close(read)
            os.close(write)
            return 0
        os.write(write, str(pid).encode())
        os._exit(0)
    os.close(write)
    pid = int(os.read(read, 32))
    os.close(read)
    os.waitpid(middle, 0)
    return pid


def _live(order: dict[str, Any], channel: Connection, life: Callable[[Connection, bool], None]) -> None:
    """A worker's life, from the fork to its end: it never comes back into the nursery's code."""
    code = 1
    try:
        os.setsid()
        name_process(f"f2p-{order['name']}")
        life(channel, order["engine"])
        code = 0
    except OSError:
        # The server went away in the middle of a sentence.
        pass
    except BaseException:
        logging.getLogger("f2p.serving.worker").exception("the worker %s failed", order["name"])
    finally:
        logging.shutdown()
        os._exit(code)


if __name__ == "__main__":
    # The server says when to leave: a signal to the whole group must not break its orderly end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _settings = WorkerSettings(**json.loads(sys.argv[1]))
    set_up_logging(_settings.log_format)
    name_process("f2p-nursery")
    with contextlib.suppress(OSError):
        main(_settings, socket.socket(fileno=int(sys.argv[2])), Connection(int(sys.argv[3])))
