"""The jobs of `f2p create` in several processes."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from f2p.cli.batch import Job, Maker, Outcome, Recipe
from f2p.command_line import shielded
from f2p.errors import WorkerLost

__all__ = ["in_processes"]

_maker: Maker | None = None


def in_processes(jobs: Sequence[Job], recipe: Recipe, count: int) -> Iterator[Outcome]:
    """Outcomes of jobs, as they come, from `count` processes.

    A process that dies (the system kills what takes too much memory) takes those of its time with it: the jobs without
    an outcome are done again one by one, and the one that dies once more is told as WorkerLost.
    """
    left = list(jobs)
    for batch, at_once in ((left, min(count, len(left))), *(([job], 1) for job in jobs)):
        pending = [job for job in batch if job in left]
        if not pending:
            continue
        for job, outcome in _run(pending, recipe, at_once):
            left.remove(job)
            yield outcome
        if at_once == 1 and len(batch) == 1 and batch[0] in left:
            left.remove(batch[0])
            lost = WorkerLost("The process that worked on it died.", "It may need more memory: try fewer --jobs.")
            yield Outcome(photos=batch[0].photos, error=lost)


def _run(jobs: Sequence[Job], recipe: Recipe, count: int) -> Iterator[tuple[Job, Outcome]]:
    """Jobs with their outcomes; it ends early where a process dies."""
    # Forked ones would share locks of this process's threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(recipe,))
    try:
        with shielded():
            futures: dict[Future[Outcome], Job] = {pool.submit(_work, job): job for job in jobs}
        for done in as_completed(futures):
            try:
                outcome = done.result()
            except BrokenProcessPool:
                continue
            yield futures[done], outcome
        pool.shutdown()
    except BaseException:
        # Ctrl-C, or a reader of our output that left: what is under way is not waited for.
        for child in multiprocessing.active_children():
            child.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _begin(recipe: Recipe) -> None:
    """Load the bundle, in a new process."""
    global _maker
    _maker = Maker(recipe, parallel=False)


def _work(job: Job) -> Outcome:
    assert _maker is not None, "the pool calls _begin first"
    return _maker.make(job)
