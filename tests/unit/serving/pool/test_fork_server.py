"""Workers are forked and live and die on their own; the fork server may fail, be slow, or be killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from f2p import errors
from f2p.serving.pool.fork_server import ForkServer
from f2p.serving.pool.job_queue import Done, Failed, Job
from f2p.serving.pool.process import Limits, WorkerProcess
from tests.helpers.fake_fork_server import program
from tests.helpers.processes import children, process_name

LIMITS = Limits(hang_s=5, photo_s=5)


@pytest.fixture
def fork_server() -> Iterator[ForkServer]:
    made = ForkServer(program(), {}, start_limit_s=30)
    yield made
    made.close()


def ready(fork_server: ForkServer, name: str = "create-0", *, engine: bool = True) -> WorkerProcess:
    worker = fork_server.worker(name, engine=engine)
    worker.wait_ready(10)
    return worker


def outcome(worker: WorkerProcess, request: str) -> Done | Failed:
    job = Job("Method", request.encode(), 1e12)
    worker.run(job, LIMITS)
    while not isinstance(event := job.next_event(1), (Done, Failed)):
        assert event is not None
    return event


def test_workers_answer_side_by_side(fork_server: ForkServer) -> None:
    first, second = ready(fork_server, "create-0"), ready(fork_server, "quick-0", engine=False)
    for worker, name in ((first, "with engine"), (second, "without")):
        event = outcome(worker, "echo")
        assert isinstance(event, Done)
        assert (event.answer, event.notes["name"], event.notes["pid"]) == (b"echo", name, worker.pid)
    assert process_name(first.pid) == "f2p-create-0"
    assert {first.pid, second.pid} <= set(children(os.getpid())), "ours to wait for, not the fork server's"
    for worker in (first, second):
        worker.close()
        assert not worker.alive
        assert not Path(f"/proc/{worker.pid}").exists()


@pytest.mark.parametrize(
    ("request_text", "kind"),
    [
        (f"decode:{signal.SIGSEGV.value}", errors.PhotoUnreadable),
        (f"decode:{signal.SIGKILL.value}", errors.WorkerLost),
        (f"solve:{signal.SIGSEGV.value}", errors.WorkerLost),
    ],
)
def test_what_a_worker_died_of_is_known_and_the_next_one_serves(
    fork_server: ForkServer, request_text: str, kind: type[errors.F2PError]
) -> None:
    worker = ready(fork_server)
    event = outcome(worker, request_text)
    assert isinstance(event, Failed)
    assert type(event.error) is kind
    assert not worker.alive
    fresh = ready(fork_server)
    assert isinstance(outcome(fresh, "echo"), Done)
    fresh.close()


@pytest.mark.timing
def test_a_fresh_worker_is_there_within_two_seconds(fork_server: ForkServer) -> None:
    outcome(ready(fork_server), f"solve:{signal.SIGSEGV.value}")
    began = time.monotonic()
    fresh = ready(fork_server)
    assert time.monotonic() - began < 2
    fresh.close()


def test_one_that_cannot_load_says_why() -> None:
    with pytest.raises(errors.BundleCorrupt, match="damaged"):
        ForkServer(program("broken"), {}, start_limit_s=30)
    with pytest.raises(errors.ServiceUnavailable, match="not ready after 1 s"):
        ForkServer(program("slow"), {}, start_limit_s=1)
    with pytest.raises(errors.ServiceUnavailable, match="ended with"):
        ForkServer(["false"], {}, start_limit_s=5)


def test_one_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("f2p.serving.pool.fork_server._FORK_S", 1.0)
    with closing(ForkServer(program(), {}, start_limit_s=30)) as hanging:
        os.kill(hanging._process.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(errors.ServiceUnavailable, match="could not be started"):
            hanging.worker("create-0", engine=True)
        assert time.monotonic() - began < 3
        worker = ready(hanging)
        assert isinstance(outcome(worker, "echo"), Done)
        worker.close()


def test_its_workers_outlive_it_and_a_new_one_takes_its_place(fork_server: ForkServer) -> None:
    (pid,) = [pid for pid in children(os.getpid()) if b"fake_fork_server" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    worker = ready(fork_server)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert isinstance(outcome(worker, "echo"), Done)
    another = ready(fork_server)
    assert isinstance(outcome(another, "echo"), Done)
    fork_server.close()
    assert isinstance(outcome(another, "echo"), Done), "the end of a fork server is not that of its workers"
    for each in (worker, another):
        each.close()
