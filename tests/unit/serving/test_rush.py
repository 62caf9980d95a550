"""The first day: more callers than there is room for, many of them rude. The workers are fakes; the rest is real."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from f2p.serving import server as server_module
from f2p.serving.config import ServerConfig
from f2p.serving.run import start
from f2p.serving.server import RunningServer
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.fake_worker import FakeForkServer

SERVICE = "/f2p.v1.CharacterService"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    monkeypatch.setattr(server_module, "ForkServer", FakeForkServer)
    running = start(ServerConfig(port=0, web_port=0, workers=2, queue_capacity=6, hang_limit_s=5, time_limit_s=20))
    yield running
    running.stop()


@pytest.fixture
def channel(server: RunningServer) -> Iterator[Any]:
    with grpc.insecure_channel(f"localhost:{server.port}") as opened:
        yield opened


def create(channel: Any, photo: bytes, timeout: float = 20) -> str:
    """The outcome of a call whose photo tells the worker what to do."""
    request = calls.CreateCharacterRequest(photo=photo).SerializeToString()
    try:
        channel.unary_unary(f"{SERVICE}/CreateCharacter")(request, timeout=timeout)
    except grpc.RpcError as error:
        failed: Any = error
        reason = dict(failed.trailing_metadata() or ()).get("f2p-reason", "")
        return f"{failed.code().name} {reason}".strip()
    return "OK"


def rush(channel: Any) -> tuple[Counter[str], float, float]:
    """120 callers at once: their outcomes, the slowest health check meanwhile, and how long all took, in seconds."""
    with futures.ThreadPoolExecutor(120) as callers:
        began = time.monotonic()
        waiting = [callers.submit(create, channel, b"steps 80") for _ in range(120)]
        health: Any = health_pb2_grpc.HealthStub(channel)
        slowest = 0.0
        while not all(call.done() for call in waiting):
            asked = time.monotonic()
            assert health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == 1
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.05)
        outcomes = Counter(call.result() for call in waiting)
    return outcomes, slowest, time.monotonic() - began


def test_a_rush_is_answered_and_health_with_it(server: RunningServer, channel: Any) -> None:
    """With 2 workers and 6 places 8 of 120 callers are served, the others are told when to come back."""
    outcomes, _, _ = rush(channel)
    assert set(outcomes) == {"OK", "RESOURCE_EXHAUSTED QUEUE_FULL"}
    assert outcomes["OK"] >= 8
    assert create(channel, b"echo") == "OK"


@pytest.mark.timing
def test_a_rush_delays_no_health_check(server: RunningServer, channel: Any) -> None:
    _, slowest, whole = rush(channel)
    assert slowest < 2
    assert whole < 30


def test_those_who_leave_make_room(server: RunningServer, channel: Any) -> None:
    stream = channel.unary_stream(f"{SERVICE}/StreamCreateCharacter")
    request = calls.StreamCreateCharacterRequest(photo=b"steps 100000").SerializeToString()
    leaving = [stream(request, timeout=60) for _ in range(8)]
    for call in leaving:
        next(iter(call))
    assert create(channel, b"echo") == "RESOURCE_EXHAUSTED QUEUE_FULL"
    for call in leaving:
        call.cancel()
    end = time.monotonic() + 5
    while create(channel, b"echo") != "OK":
        assert time.monotonic() < end
    assert server._pool.lanes[0].restarts == 0


def test_who_waits_is_told_the_place_and_who_runs_out_of_time_leaves(channel: Any) -> None:
    stream = channel.unary_stream(f"{SERVICE}/StreamCreateCharacter")
    long = calls.StreamCreateCharacterRequest(photo=b"steps 300").SerializeToString()
    running = [stream(long, timeout=60) for _ in range(2)]
    for call in running:
        next(iter(call))
    first = calls.StreamCreateCharacterResponse.FromString(next(iter(stream(long, timeout=5))))
    assert first.progress.queue_position == 2
    late = calls.CreateCharacterRequest(photo=b"echo", options={"time_limit_ms": 300})
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"{SERVICE}/CreateCharacter")(late.SerializeToString(), timeout=20)
    failed: Any = caught.value
    assert failed.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0.25 < time.monotonic() - began < 2
    for call in running:
        call.cancel()


@pytest.mark.parametrize(
    ("photo", "outcome"),
    [
        (b"decode:11", "INVALID_ARGUMENT PHOTO_UNREADABLE"),
        (b"solve:9", "UNAVAILABLE WORKER_LOST"),
        (b"fail", "INVALID_ARGUMENT NO_FACE"),
        (b"", "INVALID_ARGUMENT PHOTO_EMPTY"),
    ],
)
def test_what_goes_wrong_has_its_name(channel: Any, photo: bytes, outcome: str) -> None:
    assert create(channel, photo) == outcome
    assert create(channel, b"echo") == "OK"


def test_a_photo_that_crashes_its_decoder_is_an_answer_to_who_asked(channel: Any) -> None:
    request = calls.CheckPhotoRequest(photo=b"decode:11").SerializeToString()
    answer = calls.CheckPhotoResponse.FromString(channel.unary_unary(f"{SERVICE}/CheckPhoto")(request, timeout=20))
    assert not answer.usable
    (issue,) = answer.issues
    assert (issue.reason, issue.kind) == ("PHOTO_UNREADABLE", messages.PHOTO_ISSUE_KIND_UNREADABLE)
    assert issue.remedy


def test_a_negative_time_is_refused(channel: Any) -> None:
    request = calls.CreateCharacterRequest(photo=b"echo", options={"time_limit_ms": -1}).SerializeToString()
    with pytest.raises(grpc.RpcError, match="PARAMETER_INVALID: time_limit_ms"):
        channel.unary_unary(f"{SERVICE}/CreateCharacter")(request, timeout=5)
