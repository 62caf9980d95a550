"""The queue before the workers."""

import threading
import time

import pytest

from f2p import errors
from f2p.serving.pool.job_queue import Done, Failed, Job, JobQueue, Progress, Waiting

LATER = 1e12


def job(deadline: float = LATER) -> Job:
    return Job("Method", b"request", deadline)


def test_a_job_reports_and_ends_with_its_result() -> None:
    queue = JobQueue(capacity=1)
    work = job()
    queue.submit(work)
    assert queue.take(1) is work
    for event in (Progress(b"first"), Progress(b"second"), Done(b"3")):
        work.report(event)
    queue.finish(work, succeeded=True)
    assert list(queue.follow(work)) == [Progress(b"first"), Progress(b"second"), Done(b"3")]
    assert queue.count == 0


def test_the_queue_is_bounded_and_tells_the_place_in_it_and_when_to_come_back() -> None:
    queue = JobQueue(capacity=2, runners=1)
    jobs = [job() for _ in range(3)]
    for each in jobs:
        queue.submit(each)
    with pytest.raises(errors.QueueFull):
        queue.submit(job())
    assert queue.take(1) is jobs[0]
    assert next(queue.follow(jobs[1])) == Waiting(1)
    assert next(queue.follow(jobs[2])) == Waiting(2)
    jobs[0].began_at = time.monotonic() - 3
    queue.finish(jobs[0], succeeded=True)
    assert queue.typical_s == pytest.approx(3, abs=0.1)
    queue.submit(job())
    with pytest.raises(errors.QueueFull) as full:
        queue.submit(job())
    assert full.value.details["waiting"] == 3
    assert full.value.details["retry_ms"] == pytest.approx(12_000, abs=400), "four jobs of three seconds"


@pytest.mark.parametrize(("how", "error"), [("cancel", errors.Cancelled), ("deadline", errors.DeadlineExceeded)])
def test_a_job_that_nobody_waits_for_leaves_the_queue_at_once(how: str, error: type[Exception]) -> None:
    queue = JobQueue(capacity=1)
    queue.submit(job())
    queue.take(1)
    waiting = job(LATER if how == "cancel" else time.monotonic() + 0.1)
    queue.submit(waiting)
    if how == "cancel":
        waiting.cancel()
    (*_, last) = queue.follow(waiting)
    assert isinstance(last, Failed)
    assert isinstance(last.error, error)
    assert queue.waiting == 0


def test_a_taker_is_woken_and_can_be_called_off() -> None:
    queue = JobQueue(capacity=1)
    called_off = threading.Event()
    taken: list[Job | None] = []
    taker = threading.Thread(target=lambda: taken.append(queue.take(30, unless=called_off.is_set)))
    taker.start()
    called_off.set()
    with queue.changed:
        queue.changed.notify_all()
    taker.join(5)
    assert taken == [None]


def test_a_closed_queue_takes_nothing_and_fails_those_who_wait() -> None:
    queue = JobQueue(capacity=1)
    waiting = job()
    queue.submit(waiting)
    queue.close()
    (last,) = queue.follow(waiting)
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.ServiceUnavailable)
    with pytest.raises(errors.ServiceUnavailable):
        queue.submit(job())


def test_the_request_is_forgotten_once_it_is_taken() -> None:
    work = job()
    assert work.take_request() == b"request"
    assert work.request == b""
