"""Gauges of `/metrics`: queues, workers, their memory, and the bundles that are served."""

from collections.abc import Callable, Iterable
from pathlib import Path

from f2p.serving.pool.pool import Pool
from f2p.serving.pool.served_bundles import ServedBundles

__all__ = ["gauges"]

Gauge = tuple[str, str, dict[str, str], float]


def gauges(pool: Pool, ready: Callable[[], bool], served: Callable[[], ServedBundles | None]) -> Iterable[Gauge]:
    """Yield name, help, labels and value of each gauge; those of one name follow one another."""
    yield "f2p_ready", "Whether the server can take work.", {}, ready()
    for lane in pool.lanes:
        label, waiting = {"lane": lane.name}, lane.queue.waiting
        yield "f2p_jobs_waiting", "Jobs in the queue.", label, waiting
        yield "f2p_jobs_running", "Jobs at a worker.", label, lane.queue.count - waiting
        yield "f2p_workers_live", "Workers that can take a job.", label, lane.live
        yield "f2p_worker_restarts", "Workers replaced because they died.", label, lane.restarts
    for lane in pool.lanes:
        for slot in lane.slots:
            if slot.worker is not None:
                memory = _share(slot.worker.pid)
                yield "f2p_worker_memory_bytes", "Its share of the memory.", {"worker": slot.name}, memory
    bundles = served()
    for bundle in bundles.bundles if bundles else ():
        labels = {name: bundle[name] for name in ("name", "version", "schema_hash")}
        yield "f2p_bundle_info", "Bundles that are served.", labels, 1


def _share(pid: int) -> int:
    """Proportional set size in bytes: shared memory is divided among its processes, so that all add up."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
