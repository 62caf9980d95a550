"""One worker process, seen from the server: give it a job, notice when it dies or hangs."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from f2p.errors import F2PError, InternalError, PhotoUnreadable, ServiceUnavailable, WorkerLost, from_dict
from f2p.serving.ipc import receive, send
from f2p.serving.pool.job_queue import Done, Failed, Job, Progress

__all__ = ["Limits", "Process", "WorkerProcess", "receive_ready"]

_LOG = logging.getLogger(__name__)
_POLL_S = 0.02
_EXIT_S = 2.0
# Signals that end a decoder with a fault. Not SIGKILL: that is the system, short of memory, or a person.
_FAULT_SIGNALS = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
_PHOTO_STAGES = ("decode", "prepare")


class Process(Protocol):
    """The part of subprocess.Popen that a worker needs."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class Limits(NamedTuple):
    """Limits at which a worker is killed: `hang_s` seconds of silence, or `photo_s` of processor time for decoding."""

    hang_s: float
    photo_s: float


class WorkerProcess:
    """A worker process and the channel to it. Used by one thread at a time.

    Args:
        process: its process.
        channel: to it; this object closes it.
        name: for the log.
    """

    def __init__(self, process: Process, channel: Connection, name: str) -> None:
        self.name = name
        self._process = process
        self._channel = channel

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    def wait_ready(self, timeout: float) -> dict[str, Any]:
        """Wait until the worker has loaded and warmed up; the facts that it reports.

        Raises:
            F2PError: why it cannot start; ServiceUnavailable where it died or took too long. It has ended then.
        """
        try:
            return receive_ready(self._channel, timeout)
        except (EOFError, OSError):
            code = self._exit_code()
            raise ServiceUnavailable(f"A worker ended with {code} while starting.", "The log says more.") from None
        except F2PError:
            self.kill()
            raise

    def run(self, job: Job, limits: Limits) -> bool:
        """Have the job done and report its events; True where it came to its answer. Never raises a job's error."""
        stage = ""
        try:
            job.check()
            send(self._channel, {"command": "run", "method": job.method, "deadline": job.deadline}, job.take_request())
            heard_at, cancel_sent, processor_s = time.monotonic(), False, 0.0
            while True:
                if self._channel.poll(_POLL_S):
                    head, body = receive(self._channel)
                    heard_at = time.monotonic()
                    match head["type"]:
                        case "stage":
                            stage, processor_s = head["stage"], _processor_seconds(self.pid)
                        case "progress":
                            job.report(Progress(body))
                        case "done":
                            job.report(Done(body, head["notes"]))
                            return True
                        case _:
                            job.report(Failed(_error(head)))
                            return False
                if job.cancelled and not cancel_sent:
                    send(self._channel, {"command": "cancel"})
                    cancel_sent = True
                silent = time.monotonic() - heard_at
                # By processor time: a machine that is busy with other things is not the photo's fault.
                decoding = stage == "decode" and silent > limits.photo_s
                if silent > limits.hang_s or (decoding and _processor_seconds(self.pid) - processor_s > limits.photo_s):
                    _LOG.error("worker %s (%d) hangs in stage %r: killed", self.name, self.pid, stage)
                    self.kill()
                    job.report(Failed(_lost_error(stage, hung=True)))
                    return False
        except F2PError as error:
            job.report(Failed(error))
        except (EOFError, OSError):
            code = self._exit_code()
            _LOG.error("worker %s (%d) ended with %s in stage %r", self.name, self.pid, code, stage)
            job.report(Failed(_lost_error(stage, code)))
        return False

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._channel.close()
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it in order: a worker leaves when its channel closes."""
        with contextlib.suppress(OSError):
            self._channel.close()
        try:
            self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _exit_code(self) -> int:
        """The exit code of a process whose channel has closed."""
        try:
            return self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()


def receive_ready(channel: Connection, timeout: float) -> dict[str, Any]:
    """Wait for a process's message that it is ready; the facts in it.

    Raises:
        F2PError: why it cannot start; ServiceUnavailable where it takes longer than `timeout`.
        EOFError, OSError: it has ended.
    """
    if not channel.poll(timeout):
        raise ServiceUnavailable(f"A worker was not ready after {timeout:g} s.", "Allow a longer start_limit_s.")
    head, _ = receive(channel)
    if head["type"] == "start_failed":
        raise _error(head)
    facts: dict[str, Any] = head["facts"]
    return facts


def _error(head: dict[str, Any]) -> F2PError:
    return from_dict(head["error"]) or InternalError()


def _processor_seconds(pid: int) -> float:
    """Processor time that a process has used; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _lost_error(stage: str, code: int = 0, *, hung: bool = False) -> F2PError:
    """The error of a job whose worker has ended or hangs: the photo's fault only where decoding it broke the worker."""
    if stage in _PHOTO_STAGES and (code in _FAULT_SIGNALS or (hung and stage == "decode")):
        return PhotoUnreadable("The photo broke the program that reads pictures.", "Save it anew, as a JPEG.")
    return WorkerLost("The worker that had this request was lost.", "Send it again.", retry_ms=500)
