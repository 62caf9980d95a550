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

from f2p.errors import F2PError, PhotoUnreadable, ServiceUnavailable, WorkerLost
from f2p.serving.ipc import error_from, receive, send
from f2p.serving.pool.job_queue import Done, Failed, Job, Progress

__all__ = ["Limits", "Process", "WorkerProcess", "first_words"]

_LOG = logging.getLogger(__name__)
_POLL_S = 0.02
_EXIT_S = 2.0
# What a decoder dies of that was led astray. Not SIGKILL: that is the system, short of memory, or a person.
_FAULTS = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
_PHOTO_STAGES = ("decode", "prepare")


class Process(Protocol):
    """What a worker needs of subprocess.Popen."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class Limits(NamedTuple):
    """When a worker is killed: after `hang_s` seconds of silence, or `photo_s` of a processor's work on decoding."""

    hang_s: float
    photo_s: float


class WorkerProcess:
    """A worker and the channel to it. Used by one thread at a time.

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
        """Of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def wait_ready(self, timeout: float) -> dict[str, Any]:
        """What the worker says of itself once it has loaded and warmed up.

        Raises:
            F2PError: what the worker failed on; ServiceUnavailable where it died or took too long. It is gone then.
        """
        try:
            return first_words(self._channel, timeout)
        except (EOFError, OSError):
            code = self._gone()
            raise ServiceUnavailable(f"A worker ended with {code} while starting.", "The log says more.") from None
        except F2PError:
            self.kill()
            raise

    def run(self, job: Job, limits: Limits) -> bool:
        """Have the job done and its events reported; whether it came to its answer. Never raises for the job's sake."""
        stage = ""
        try:
            job.check()
            send(self._channel, {"do": "run", "method": job.method, "deadline": job.deadline}, job.take_request())
            heard, told, worked = time.monotonic(), False, 0.0
            while True:
                if self._channel.poll(_POLL_S):
                    head, body = receive(self._channel)
                    heard = time.monotonic()
                    match head["is"]:
                        case "stage":
                            stage, worked = head["stage"], _processor_seconds(self.pid)
                        case "news":
                            job.report(Progress(body))
                        case "done":
                            job.report(Done(body, head["notes"]))
                            return True
                        case _:
                            job.report(Failed(error_from(head["error"])))
                            return False
                if job.cancelled and not told:
                    send(self._channel, {"do": "cancel"})
                    told = True
                silent = time.monotonic() - heard
                # By the processor's time: a machine that is busy with other things is no photo's fault.
                decoding = stage == "decode" and silent > limits.photo_s
                if silent > limits.hang_s or (decoding and _processor_seconds(self.pid) - worked > limits.photo_s):
                    _LOG.error("worker %s (%d) hangs in stage %r: killed", self.name, self.pid, stage)
                    self.kill()
                    job.report(Failed(_blame(stage, hung=True)))
                    return False
        except F2PError as error:
            job.report(Failed(error))
        except (EOFError, OSError):
            code = self._gone()
            _LOG.error("worker %s (%d) ended with %s in stage %r", self.name, self.pid, code, stage)
            job.report(Failed(_blame(stage, code)))
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

    def _gone(self) -> int:
        """The exit code of a process whose channel has closed."""
        try:
            return self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()


def first_words(channel: Connection, timeout: float) -> dict[str, Any]:
    """What a process says of itself once it is ready.

    Raises:
        F2PError: what it failed on; ServiceUnavailable where it takes longer than `timeout`.
        EOFError, OSError: it is gone.
    """
    if not channel.poll(timeout):
        raise ServiceUnavailable(f"A worker was not ready after {timeout:g} s.", "Allow a longer start_limit_s.")
    head, _ = receive(channel)
    if head["is"] == "broken":
        raise error_from(head["error"])
    facts: dict[str, Any] = head["facts"]
    return facts


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _blame(stage: str, code: int = 0, *, hung: bool = False) -> F2PError:
    if stage in _PHOTO_STAGES and (code in _FAULTS or (hung and stage == "decode")):
        return PhotoUnreadable("The photo broke the program that reads pictures.", "Save it anew, as a JPEG.")
    return WorkerLost("The worker that had this request was lost.", "Send it again.", retry_ms=500)
