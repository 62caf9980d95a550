"""One solve at a time: a worker thread with a bounded queue before it, and jobs that can be cancelled at every step.

All jobs run on one thread, because two solves at once only halve each other's speed, and because OpenMP keeps a team
of threads for every thread that calls it.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from f2p.errors import Cancelled, DeadlineExceeded, QueueFull, ServiceUnavailable

__all__ = ["Done", "Event", "Failed", "Job", "JobQueue", "News", "Waiting"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """The job has not begun; `position` jobs come before it."""

    position: int


@dataclass(frozen=True)
class News:
    """What the work itself reported."""

    value: Any


@dataclass(frozen=True)
class Done:
    """The work's result; the last event."""

    value: Any


@dataclass(frozen=True)
class Failed:
    """The work's exception; the last event."""

    error: Exception


Event = Waiting | News | Done | Failed


@dataclass(eq=False)
class Job:
    """One piece of work and the channel on which it reports.

    Attributes:
        work: called once on the worker thread with this job; its return value is the result.
        deadline: time.monotonic() after which the work is stopped.
    """

    work: Callable[["Job"], Any]
    deadline: float
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _events: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)

    def cancel(self) -> None:
        """Ask the work to stop at its next step. Does nothing to a finished job."""
        self._cancelled.set()

    def report(self, value: Any) -> None:
        """Called by the work at each step. Raises Cancelled or DeadlineExceeded where it must stop."""
        self.check()
        self._events.put(News(value))

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded where the work must stop."""
        if self._cancelled.is_set():
            raise Cancelled("The caller cancelled the work.")
        if time.monotonic() > self.deadline:
            raise DeadlineExceeded("The work was not done in time.", "Allow more time, or choose a faster preset.")

    def run(self) -> None:
        """Do the work; whatever it raises becomes an event, so that the worker thread lives on."""
        try:
            self.check()
            self._events.put(Done(self.work(self)))
        except Exception as error:
            self._events.put(Failed(error))

    def next_event(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds without one."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None


class JobQueue:
    """Runs jobs one after the other on a thread of its own.

    Args:
        capacity: jobs that may wait besides the one that runs.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="f2p-solve", daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        """Jobs that run or wait now."""
        with self._changed:
            return len(self._waiting) + (self._running is not None)

    def submit(self, work: Callable[[Job], Any], deadline: float) -> Job:
        """Queue `work`. Raises QueueFull, or ServiceUnavailable once the queue is closed."""
        job = Job(work, deadline)
        with self._changed:
            if self._closed:
                raise ServiceUnavailable("The server is shutting down.", "Call again in a moment.")
            # A job that waits for an idle worker does not count: it runs at once.
            if len(self._waiting) >= self.capacity + (self._running is None):
                raise QueueFull(
                    f"{len(self._waiting)} jobs wait already.",
                    "Call again in some seconds.",
                    waiting=len(self._waiting),
                )
            self._waiting.append(job)
            self._changed.notify()
        return job

    def follow(self, job: Job, heartbeat: float = 2.0) -> Iterator[Event]:
        """The job's events as they come, `Done` or `Failed` last; every `heartbeat` seconds of waiting a `Waiting`.

        A job that is cancelled or out of time while it waits leaves the queue at once.
        """
        last_sign = float("-inf")
        while True:
            event = job.next_event(timeout=0.05)
            if event is not None:
                yield event
                if isinstance(event, (Done, Failed)):
                    return
                continue
            position = self._position(job)
            if position is None:
                continue
            try:
                job.check()
            except (Cancelled, DeadlineExceeded) as error:
                if self._withdraw(job):
                    yield Failed(error)
                    return
            now = time.monotonic()
            if now - last_sign >= heartbeat:
                last_sign = now
                yield Waiting(position)

    def close(self) -> None:
        """Take no more jobs, cancel all that wait or run, and wait for the worker thread to end."""
        with self._changed:
            self._closed = True
            for job in (*self._waiting, *([self._running] if self._running else [])):
                job.cancel()
            self._changed.notify()
        self._thread.join()

    def _position(self, job: Job) -> int | None:
        """Jobs before this one; None where it does not wait any more."""
        with self._changed:
            if job not in self._waiting:
                return None
            return self._waiting.index(job) + (self._running is not None)

    def _withdraw(self, job: Job) -> bool:
        with self._changed:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                job = self._running = self._waiting.popleft()
            job.run()
            with self._changed:
                self._running = None
