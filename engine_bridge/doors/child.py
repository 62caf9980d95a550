"""A child process that is asked over its standard streams, with a time limit on every answer."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Child", "ChildEnded", "ChildSilent"]

GUARD = str(Path(__file__).with_name("guard.py"))
LONGEST_LINE = 16 * 2**20
NOT_STARTED = 127
CHUNK = 2**16
GRACE = 5.0
"""Seconds that a child has to end by itself once its input is closed."""


class ChildEnded(Exception):
    """The child is gone: its message says how it ended."""


class ChildSilent(Exception):
    """The child did not answer in time."""


class Child:
    """A command that runs under `guard.py`: it ends with this process, and what it started ends with it.

    Its standard error is ours. Not thread-safe.

    Args:
        command: program and arguments; no shell.
        piped: whether its standard input and output are pipes to us.
        environment: added to ours.
        folder: where it runs.
    """

    def __init__(
        self,
        command: Sequence[str],
        piped: bool = True,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        lifeline, self._lifeline = os.pipe()
        stream = subprocess.PIPE if piped else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", GUARD, str(lifeline), *command],
                stdin=stream,
                stdout=stream,
                pass_fds=(lifeline,),
                bufsize=0,
                env=os.environ | dict(environment or {}),
                cwd=folder,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(lifeline)
        self._received = bytearray()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Number of the guard's process, whose descendants are the command's."""
        return self._process.pid

    def ended(self) -> str:
        """How the command ended, as words; empty while it runs."""
        status = self._process.poll()
        if status is None:
            return ""
        if status == NOT_STARTED:
            return "it could not be started"
        number = -status if status < 0 else status - 128
        if number > 0:
            try:
                return f"killed by {signal.Signals(number).name}"
            except ValueError:
                pass
        return f"exit status {status}"

    def send(self, data: bytes, until: float) -> None:
        """Write all of it. Raises ChildEnded, and ChildSilent where `until` (of time.monotonic) passes before."""
        assert self._process.stdin is not None
        stream, rest = self._process.stdin.fileno(), memoryview(data)
        while rest:
            self._wait(stream, select.POLLOUT, until)
            try:
                rest = rest[os.write(stream, rest[:CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise ChildEnded(self._last_words()) from None

    def read_line(self, until: float) -> bytes:
        """The next line. Raises ChildEnded and ChildSilent as `send`, and ValueError for an endless line."""
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > LONGEST_LINE:
                raise ValueError(f"a line of more than {LONGEST_LINE} bytes")
            self._receive(until)
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        return line

    def read(self, count: int, until: float) -> bytes:
        """So many bytes. Raises ChildEnded and ChildSilent as `send`."""
        while len(self._received) < count:
            self._receive(until)
        data = bytes(self._received[:count])
        del self._received[:count]
        return data

    def close(self) -> None:
        """Close its input and let it end; kill it where it does not. Closing twice does no harm."""
        if self._process.stdin is not None:
            self._process.stdin.close()
            self._end_within(GRACE)
        self.kill()

    def kill(self) -> None:
        """End it at once, with all that it started."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if not self._end_within(GRACE):
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _end_within(self, seconds: float) -> bool:
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _receive(self, until: float) -> None:
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        self._wait(stream, select.POLLIN, until)
        try:
            data = os.read(stream, 2**20)
        except BlockingIOError:
            return
        if not data:
            raise ChildEnded(self._last_words())
        self._received += data

    def _wait(self, stream: int, what: int, until: float) -> None:
        left = until - time.monotonic()
        poll = select.poll()
        poll.register(stream, what)
        if left <= 0 or not poll.poll(left * 1000):
            raise ChildSilent

    def _last_words(self) -> str:
        self._end_within(1.0)
        return self.ended() or "it closed its output"
