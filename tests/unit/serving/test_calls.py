"""The server's parts by themselves: the job queue, and what becomes of exceptions."""

import threading
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest

from f2p import errors
from f2p.serving.interceptors import ErrorInterceptor
from f2p.serving.jobs import Done, Failed, Job, JobQueue, News, Waiting
from f2p.serving.status import to_status

LATER = 1e12


@pytest.fixture
def jobs() -> Iterator[JobQueue]:
    queue = JobQueue(capacity=1)
    yield queue
    queue.close()


def _until(released: threading.Event) -> Any:
    def work(job: Job) -> str:
        while not released.wait(0.01):
            job.report("step")
        return "result"

    return work


def test_a_job_reports_and_ends_with_its_result(jobs: JobQueue) -> None:
    def work(job: Job) -> int:
        job.report("first")
        job.report("second")
        return 3

    events = list(jobs.follow(jobs.submit(work, LATER)))
    assert [event for event in events if not isinstance(event, Waiting)] == [News("first"), News("second"), Done(3)]


def test_a_job_that_fails_does_not_stop_the_next(jobs: JobQueue) -> None:
    def fail(_: Job) -> None:
        raise KeyError("x")

    (*_, last) = jobs.follow(jobs.submit(fail, LATER))
    assert isinstance(last, Failed)
    assert isinstance(last.error, KeyError)
    (*_, last) = jobs.follow(jobs.submit(lambda _: 1, LATER))
    assert last == Done(1)


def test_the_queue_is_bounded_and_tells_the_place_in_it(jobs: JobQueue) -> None:
    released = threading.Event()
    running = jobs.submit(_until(released), LATER)
    assert isinstance(next(jobs.follow(running)), News)
    waiting = jobs.submit(lambda _: "second", LATER)
    assert next(jobs.follow(waiting)) == Waiting(1)
    assert jobs.count == 2
    with pytest.raises(errors.QueueFull):
        jobs.submit(lambda _: None, LATER)
    released.set()
    (*_, last) = jobs.follow(waiting)
    assert last == Done("second")


@pytest.mark.parametrize(("how", "error"), [("cancel", errors.Cancelled), ("deadline", errors.DeadlineExceeded)])
def test_a_running_job_stops_at_its_next_step(jobs: JobQueue, how: str, error: type[Exception]) -> None:
    deadline = LATER if how == "cancel" else time.monotonic() + 0.1
    job = jobs.submit(_until(threading.Event()), deadline)
    assert isinstance(next(jobs.follow(job)), News)
    if how == "cancel":
        job.cancel()
    (*_, last) = jobs.follow(job)
    assert isinstance(last, Failed)
    assert isinstance(last.error, error)


def test_a_cancelled_job_leaves_the_queue_at_once(jobs: JobQueue) -> None:
    released = threading.Event()
    running = jobs.submit(_until(released), LATER)
    assert isinstance(next(jobs.follow(running)), News)
    waiting = jobs.submit(lambda _: "never", LATER)
    waiting.cancel()
    (*_, last) = jobs.follow(waiting)
    assert isinstance(last, Failed)
    assert jobs.count == 1
    released.set()


def test_a_closed_queue_takes_nothing(jobs: JobQueue) -> None:
    jobs.close()
    with pytest.raises(errors.ServiceUnavailable):
        jobs.submit(lambda _: None, LATER)


def test_a_status_says_the_reason_three_times_and_stays_small() -> None:
    status = to_status(errors.NoFace("No face." + "x" * 9000, "Try y.", huge="z" * 9000))
    assert status.code is grpc.StatusCode.INVALID_ARGUMENT
    assert status.details.startswith("NO_FACE: No face.")
    trailers = dict(status.trailing_metadata)
    assert trailers["f2p-reason"] == "NO_FACE"
    assert sum(len(key) + len(value) for key, value in trailers.items()) < 4096


def _service(behaviour: Any) -> grpc.GenericRpcHandler:
    handler = grpc.unary_unary_rpc_method_handler(behaviour, lambda data: data, lambda data: data)
    return grpc.method_handlers_generic_handler("f2p.v1.CharacterService", {"Call": handler})


def test_nothing_of_an_unexpected_exception_reaches_a_client() -> None:
    def behaviour(request: bytes, context: Any) -> bytes:
        raise RuntimeError("/srv/secret/imitator.safetensors is missing")

    interceptor = ErrorInterceptor("f2p.v1.CharacterService")
    server = grpc.server(futures.ThreadPoolExecutor(1), interceptors=[interceptor])
    server.add_generic_rpc_handlers((_service(behaviour),))
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        with grpc.insecure_channel(f"localhost:{port}") as channel:
            call = channel.unary_unary("/f2p.v1.CharacterService/Call")
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=5)
    finally:
        server.stop(0)
    failed: Any = caught.value
    assert failed.code() is grpc.StatusCode.INTERNAL
    assert failed.details().startswith("INTERNAL: ")
    assert "secret" not in failed.details()
