"""Workers die, hang, fail to start and are swapped: the callers of others notice nothing."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from f2p import errors
from f2p.serving.pool.job_queue import Done, Failed, Job, Progress
from f2p.serving.pool.pool import Lane, Pool
from f2p.serving.pool.process import Limits
from tests.helpers.fake_worker import fake_worker

HANG_S = 0.5
LIMITS = Limits(hang_s=HANG_S, photo_s=HANG_S)
LATER = 1e12


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool([Lane("create", 1, 2, LIMITS, 10), Lane("quick", 1, 2, LIMITS, 10)], 10)
    yield made
    made.close()


def install(pool: Pool, *arguments: str) -> list[Any]:
    adopted: list[Any] = []
    pool.install([lambda name: fake_worker(*arguments, name=name)] * 2, adopted.extend)
    return adopted


def submit(pool: Pool, request: str, lane: int = 0, deadline: float = LATER) -> Job:
    job = Job("Method", request.encode(), deadline)
    pool.lanes[lane].queue.submit(job)
    return job


def last(pool: Pool, job: Job, lane: int = 0) -> Any:
    (*_, event) = pool.lanes[lane].queue.follow(job)
    return event


def error(pool: Pool, request: str) -> errors.F2PError:
    event = last(pool, submit(pool, request))
    assert isinstance(event, Failed)
    return event.error


def test_a_worker_answers_reports_and_fails(pool: Pool) -> None:
    assert not pool.ready
    assert [facts["name"] for facts in install(pool, "name=first")] == ["first", "first"]
    assert pool.ready
    events = list(pool.lanes[0].queue.follow(submit(pool, "steps 3")))
    assert [event for event in events if isinstance(event, Progress)] == [
        Progress(b"0"),
        Progress(b"1"),
        Progress(b"2"),
    ]
    assert isinstance(events[-1], Done)
    assert events[-1].answer == b"steps 3"
    refused = error(pool, "fail")
    assert isinstance(refused, errors.NoFace)
    assert (str(refused), refused.details) == ("No face. Show one.", {"faces": 0})


def test_a_cancelled_job_stops_and_the_worker_goes_on(pool: Pool) -> None:
    install(pool)
    job = submit(pool, "steps 10000")
    events = pool.lanes[0].queue.follow(job)
    while not isinstance(next(events), Progress):
        pass
    job.cancel()
    (*_, end) = events
    assert isinstance(end, Failed)
    assert isinstance(end.error, errors.Cancelled)
    assert isinstance(last(pool, submit(pool, "echo")), Done)
    assert pool.lanes[0].restarts == 0


@pytest.mark.parametrize(
    ("request_text", "kind"),
    [
        (f"decode:{signal.SIGSEGV.value}", errors.PhotoUnreadable),
        (f"prepare:{signal.SIGABRT.value}", errors.PhotoUnreadable),
        ("decode:hang", errors.PhotoUnreadable),
        ("decode:spin", errors.PhotoUnreadable),
        (f"decode:{signal.SIGKILL.value}", errors.WorkerLost),
        (f"solve:{signal.SIGSEGV.value}", errors.WorkerLost),
        (f"solve:{signal.SIGKILL.value}", errors.WorkerLost),
        ("solve:hang", errors.WorkerLost),
    ],
)
def test_a_lost_worker_costs_one_request(pool: Pool, request_text: str, kind: type[errors.F2PError]) -> None:
    """A photo that crashes its decoder is the photo's fault, so that nobody sends it again; everything else is not."""
    install(pool)
    began = time.monotonic()
    job = submit(pool, request_text)
    other = submit(pool, "echo", lane=1)
    after = submit(pool, "echo")
    assert isinstance(last(pool, other, 1), Done)
    event = last(pool, job)
    assert time.monotonic() - began < HANG_S + 2
    assert isinstance(event, Failed)
    assert type(event.error) is kind
    assert isinstance(last(pool, after), Done)
    assert time.monotonic() - began < 10
    assert pool.lanes[0].restarts == 1
    assert pool.ready


def test_a_photo_that_takes_too_long_to_decode_has_a_limit_of_its_own() -> None:
    limits = Limits(hang_s=30, photo_s=HANG_S)
    pool = Pool([Lane("create", 1, 2, limits, 10), Lane("quick", 1, 2, limits, 10)], 10)
    install(pool)
    began = time.monotonic()
    assert isinstance(error(pool, "decode:spin"), errors.PhotoUnreadable)
    assert time.monotonic() - began < 20, "long before it would count as hanging"
    pool.close()


def test_an_idle_worker_that_dies_is_replaced(pool: Pool) -> None:
    install(pool)
    worker = pool.lanes[0].slots[0].worker
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while pool.lanes[0].restarts == 0 or not pool.ready:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert isinstance(last(pool, submit(pool, "echo")), Done)


def test_a_replacement_that_the_system_refuses_is_tried_again(pool: Pool) -> None:
    """As where every file that the server may open is a connection."""
    refusals = [OSError(24, "Too many open files"), OSError(11, "Resource temporarily unavailable")]
    first: list[str] = []

    def spawn(name: str) -> Any:
        if name in first and refusals:
            raise refusals.pop()
        first.append(name)
        return fake_worker(name=name)

    pool.install([spawn] * 2, lambda told: None)
    assert isinstance(error(pool, f"solve:{signal.SIGKILL.value}"), errors.WorkerLost)
    assert isinstance(last(pool, submit(pool, "echo")), Done)
    assert not refusals


def test_a_swap_waits_for_the_job_that_runs_and_loses_none(pool: Pool) -> None:
    install(pool, "name=old")
    running = submit(pool, "steps 500")
    waiting = submit(pool, "echo")
    while running.began_at == 0:
        time.sleep(0.01)
    install(pool, "name=new")
    assert last(pool, running).notes["name"] == "old"
    assert last(pool, waiting).notes["name"] == "new"
    assert last(pool, submit(pool, "echo", 1), 1).notes["name"] == "new"
    assert pool.lanes[0].restarts == 0


def test_a_bad_generation_leaves_the_old_one_serving(pool: Pool) -> None:
    install(pool, "name=old")
    with pytest.raises(errors.BundleCorrupt, match="damaged"):
        install(pool, "broken")
    assert last(pool, submit(pool, "echo")).notes["name"] == "old"


def test_workers_that_cannot_start_say_why(pool: Pool) -> None:
    with pytest.raises(errors.BundleCorrupt, match="damaged"):
        install(pool, "broken")
    assert not pool.ready


def test_the_end_leaves_no_process(pool: Pool) -> None:
    install(pool)
    workers = [slot.worker for lane in pool.lanes for slot in lane.slots]
    running = submit(pool, "steps 10000")
    pool.close()
    assert isinstance(last(pool, running), Failed)
    assert not any(worker.alive for worker in workers if worker is not None)
