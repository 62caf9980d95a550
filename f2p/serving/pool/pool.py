"""The worker processes: supervised, replaced when they die, and swapped together for ones with other bundles."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from f2p.errors import F2PError
from f2p.serving.pool.job_queue import JobQueue
from f2p.serving.pool.process import Limits, WorkerProcess

__all__ = ["Lane", "Pool"]

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 30.0

Spawn = Callable[[str], WorkerProcess]


class _Slot:
    """One worker and its replacements, and the thread that gives it jobs."""

    def __init__(self, name: str, queue: JobQueue, limits: Limits, start_limit_s: float) -> None:
        self.name = name
        self.queue = queue
        self.worker: WorkerProcess | None = None
        self.replacement: WorkerProcess | None = None
        self.spawn: Spawn | None = None
        self.restarts = 0
        self._limits = limits
        self._start_limit_s = start_limit_s
        self._closing = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._loop, name=f"f2p-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        self._closing.set()
        self._thread.join(timeout_s)
        for worker in (self.worker, self.replacement):
            if worker is not None:
                worker.close()

    def _loop(self) -> None:
        while not self._closing.is_set():
            self._replace()
            if self.worker is None or not self.worker.alive:
                self._restart()
                continue
            job = self.queue.take(0.25, unless=lambda: self.replacement is not None or self._closing.is_set())
            if job is not None:
                succeeded = self.worker.run(job, self._limits)
                # How long a character takes is what callers are told; an export is none.
                self.queue.finish(job, succeeded=succeeded and job.method != "ExportCharacter")

    def _replace(self) -> None:
        with self.queue.changed:
            new, self.replacement = self.replacement, None
        if new is not None:
            old, self.worker = self.worker, new
            if old is not None:
                old.close()

    def _restart(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker = None
            self.restarts += 1
        assert self.spawn is not None
        try:
            fresh = self.spawn(self.name)
            fresh.wait_ready(self._start_limit_s)
        except (F2PError, OSError) as error:
            # OSError: the system has no file or process for it now. This thread must live to try again.
            self._failures += 1
            pause = min(0.5 * 2**self._failures, _LONGEST_PAUSE_S)
            _LOG.error("worker %s cannot be started, next try in %.0f s: %s", self.name, pause, error)
            self._closing.wait(pause)
            return
        if self._closing.is_set():
            fresh.close()
            return
        _LOG.warning("worker %s was started again (%d)", self.name, fresh.pid)
        self._failures = 0
        self.worker = fresh


class Lane:
    """Workers of one kind, and the queue of their jobs."""

    def __init__(self, name: str, count: int, capacity: int, limits: Limits, start_limit_s: float) -> None:
        self.name = name
        self.queue = JobQueue(capacity, count)
        self.slots = [_Slot(f"{name}-{number}", self.queue, limits, start_limit_s) for number in range(count)]

    @property
    def live(self) -> int:
        """Workers that can take a job."""
        return sum(slot.worker is not None and slot.worker.alive for slot in self.slots)

    @property
    def restarts(self) -> int:
        """Number of workers replaced because they had died."""
        return sum(slot.restarts for slot in self.slots)


class Pool:
    """All lanes. `install` puts the first or another generation of workers in place."""

    def __init__(self, lanes: Sequence[Lane], start_limit_s: float) -> None:
        self.lanes = tuple(lanes)
        self._start_limit_s = start_limit_s
        self._started = False

    @property
    def ready(self) -> bool:
        """True where every lane has a worker that can take a job."""
        return self._started and all(lane.live for lane in self.lanes)

    def install(self, spawns: Sequence[Spawn], adopt: Callable[[Sequence[dict[str, Any]]], None]) -> None:
        """Start a generation of workers; once all are ready, swap them in.

        Jobs that run end on the old workers.

        Args:
            spawns: starts a worker of that name, for each lane.
            adopt: called at the moment of the swap with the facts that the first worker of each lane reported.

        Raises:
            F2PError: a worker failed to start; the generation in place goes on unchanged.
        """
        slots = [(slot, spawn) for lane, spawn in zip(self.lanes, spawns, strict=True) for slot in lane.slots]
        fresh: list[WorkerProcess] = []
        end = time.monotonic() + self._start_limit_s
        try:
            for slot, spawn in slots:
                fresh.append(spawn(slot.name))
            facts = [worker.wait_ready(max(0.0, end - time.monotonic())) for worker in fresh]
        except BaseException:
            for worker in fresh:
                worker.kill()
            raise
        first, reported = 0, []
        for lane in self.lanes:
            reported.append(facts[first])
            first += len(lane.slots)
        adopt(reported)
        for (slot, spawn), worker in zip(slots, fresh, strict=True):
            with slot.queue.changed:
                slot.spawn = spawn
                if self._started:
                    stale, slot.replacement = slot.replacement, worker
                    if stale is not None:
                        stale.kill()
                else:
                    slot.worker = worker
                slot.queue.changed.notify_all()
        if not self._started:
            self._started = True
            for slot, _ in slots:
                slot.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """Take no more jobs, cancel those there are, and end the workers."""
        for lane in self.lanes:
            lane.queue.close()
        for lane in self.lanes:
            for slot in lane.slots:
                if self._started:
                    slot.close(timeout_s)
