"""A bounded queue of jobs for the workers, and the events that a job reports to the call that waits for it."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from f2p.errors import Cancelled, DeadlineExceeded, F2PError, QueueFull, ServiceUnavailable

__all__ = ["Done", "Event", "Failed", "Job", "JobQueue", "Progress", "Waiting"]

# Before anything is known of how long a job takes.
_GUESSED_S = 2.0
_SMOOTHING = 0.2


@dataclass(frozen=True)
class Waiting:
    """The job has not begun; `position` jobs come before it."""

    position: int


@dataclass(frozen=True)
class Progress:
    """A serialised message for the caller's stream, sent while the job runs."""

    message: bytes


@dataclass(frozen=True)
class Done:
    """The serialised answer, and the worker's notes for the metrics; the last event."""

    answer: bytes
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The error that takes the place of an answer; the last event."""

    error: F2PError


Event = Waiting | Progress | Done | Failed


@dataclass(eq=False)
class Job:
    """One request on its way through a worker.

    Attributes:
        method: of the service.
        request: the serialised request; dropped once a worker has it, because it holds a photo.
        deadline: time.monotonic(), which all processes of a machine share, after which the work is stopped.
        queued_at, began_at: time.monotonic(); 0 while it has not begun.
    """

    method: str
    request: bytes
    deadline: float
    queued_at: float = field(default_factory=time.monotonic)
    began_at: float = 0.0
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _events: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)

    def cancel(self) -> None:
        """Ask the work to stop at its next step. Does nothing to a finished job."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """True once it was asked to stop."""
        return self._cancelled.is_set()

    def take_request(self) -> bytes:
        """The serialised request. The job keeps it no longer."""
        request, self.request = self.request, b""
        return request

    def report(self, event: Event) -> None:
        """Add an event for `JobQueue.follow`."""
        self._events.put(event)

    def check(self) -> None:
        """Raise Cancelled or DeadlineExceeded where the work must stop."""
        if self.cancelled:
            raise Cancelled("The caller cancelled the work.")
        if time.monotonic() > self.deadline:
            raise DeadlineExceeded("The work was not done in time.", "Allow more time, or choose a faster preset.")

    def next_event(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds without one."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None


class JobQueue:
    """Jobs in the order of their coming, for `runners` threads that take them.

    Args:
        capacity: jobs that may wait besides those that run.
        runners: how many jobs can run at once.
    """

    def __init__(self, capacity: int, runners: int = 1) -> None:
        self.capacity = capacity
        self.runners = runners
        self.typical_s = 0.0
        self.changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._closed = False

    @property
    def count(self) -> int:
        """Jobs that run or wait now."""
        with self.changed:
            return len(self._waiting) + len(self._running)

    @property
    def waiting(self) -> int:
        """Jobs that wait now."""
        with self.changed:
            return len(self._waiting)

    def refusal(self) -> F2PError | None:
        """The error with which a job would be refused now; None where it would be taken."""
        with self.changed:
            if self._closed:
                return ServiceUnavailable("The server is shutting down.", "Call again in a moment.")
            # A job that waits for an idle worker does not count: it runs at once.
            idle = self.runners - len(self._running)
            if len(self._waiting) < self.capacity + idle:
                return None
            ahead = len(self._waiting) + 1
            wait = (self.typical_s or _GUESSED_S) * ahead / self.runners
            return QueueFull(
                f"{len(self._waiting)} jobs wait already.",
                f"Call again in {max(1, round(wait))} seconds.",
                waiting=len(self._waiting),
                retry_ms=round(1000 * min(max(wait, 1.0), 60.0)),
            )

    def submit(self, job: Job) -> None:
        """Queue a job. Raises QueueFull, or ServiceUnavailable once the queue is closed."""
        with self.changed:
            refusal = self.refusal()
            if refusal is not None:
                raise refusal
            self._waiting.append(job)
            self.changed.notify_all()

    def take(self, timeout: float, unless: Callable[[], bool] = lambda: False) -> Job | None:
        """The next job, which then runs; None after `timeout` seconds, or where `unless` (asked under the lock)."""
        with self.changed:
            self.changed.wait_for(lambda: bool(self._waiting) or self._closed or unless(), timeout)
            if not self._waiting or unless():
                return None
            job = self._waiting.popleft()
            self._running.add(job)
            job.began_at = time.monotonic()
            return job

    def finish(self, job: Job, *, succeeded: bool) -> None:
        """Note that a taken job has ended; `succeeded` where it came to its answer."""
        seconds = time.monotonic() - job.began_at
        with self.changed:
            self._running.discard(job)
            if succeeded:
                self.typical_s += (seconds - self.typical_s) * (_SMOOTHING if self.typical_s else 1.0)
            self.changed.notify_all()

    def follow(self, job: Job, heartbeat: float = 2.0) -> Iterator[Event]:
        """Yield the job's events as they come, `Done` or `Failed` last; while it waits a `Waiting` every `heartbeat` s.

        A job that is cancelled or out of time while it waits leaves the queue at once.
        """
        last_report = float("-inf")
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
            if now - last_report >= heartbeat:
                last_report = now
                yield Waiting(position)

    def close(self) -> None:
        """Take no more jobs, and cancel all that wait or run. Those that wait fail."""
        with self.changed:
            self._closed = True
            for job in (*self._waiting, *self._running):
                job.cancel()
            while self._waiting:
                self._waiting.popleft().report(Failed(ServiceUnavailable("The server is shutting down.")))
            self.changed.notify_all()

    def _position(self, job: Job) -> int | None:
        """Jobs before this one; None where it does not wait any more."""
        with self.changed:
            if job not in self._waiting:
                return None
            return self._waiting.index(job) + len(self._running)

    def _withdraw(self, job: Job) -> bool:
        with self.changed:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            self.changed.notify_all()
            return True
