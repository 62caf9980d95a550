"""Clients that send a byte a second, take nothing, go without a word, or ping too often. The workers are fakes.

`--junitxml FILE -o junit_family=xunit1` writes the figures beside the outcomes.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from f2p.serving import server as server_module
from f2p.serving.config import ServerConfig
from f2p.serving.run import start
from f2p.serving.server import RunningServer
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.fake_worker import FakeForkServer
from tests.helpers.rude_clients import DeadLine, RawCall

SERVICE = "/f2p.v1.CharacterService"
LIMIT_S = 2.0

Record = Callable[[str, object], None]


@contextmanager
def running(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[RunningServer]:
    monkeypatch.setattr(server_module, "ForkServer", FakeForkServer)
    server = start(
        ServerConfig(
            **{"port": 0, "web_port": 0, "workers": 1, "queue_capacity": 2, "message_limit_s": LIMIT_S, **settings}
        )
    )
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    with running(monkeypatch) as started:
        yield started


def jobs(server: RunningServer) -> int:
    return server._pool.lanes[0].queue.count


def idle_after(server: RunningServer, seconds: float) -> float:
    """Seconds until no job was left."""
    began = time.monotonic()
    while jobs(server):
        assert time.monotonic() - began < seconds, f"a job is still there after {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began


def answered_in(port: int) -> float:
    """Seconds that health, a check and a character take now, together."""
    began = time.monotonic()
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == 1
        for method, kind in (
            ("CheckPhoto", calls.CheckPhotoRequest),
            ("CreateCharacter", calls.CreateCharacterRequest),
        ):
            channel.unary_unary(f"{SERVICE}/{method}")(kind(photo=b"echo").SerializeToString(), timeout=5)
    return time.monotonic() - began


def given_up(server: RunningServer) -> float:
    """Calls of CreateCharacter that were ended without an answer: cut off as cancelled, or as half a message."""
    lines = server._metrics.text().decode().splitlines()
    counters = [line for line in lines if line.startswith("f2p_calls_total{") and 'method="CreateCharacter"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in counters if 'code="OK"' not in line)


def test_a_byte_a_second_holds_nobody_up_and_is_ended(
    server: RunningServer, caplog: pytest.LogCaptureFixture, record_property: Record
) -> None:
    """More of them than the server has threads for work."""
    methods = ("CreateCharacter", "StreamCreateCharacter", "CheckPhoto")
    slow = [RawCall(server.port, f"{SERVICE}/{methods[number % 3]}") for number in range(30)]
    for call in slow:
        call.send(b"\0\0\x10")
    others = answered_in(server.port)
    assert others < 2
    lasted = slow[0].drip(20)
    record_property("three_other_calls_s", round(others, 3))
    record_property("ended_after_s", round(lasted, 2))
    assert LIMIT_S - 0.5 < lasted < LIMIT_S + 3
    assert all(call.ended(5) for call in slow[1:])
    assert jobs(server) == 0
    for call in slow:
        call.close()
    left = RawCall(server.port, f"{SERVICE}/CreateCharacter")
    left.send(b"\0\0\x10")
    left.close()
    until = time.monotonic() + 10
    while given_up(server) < 11 and time.monotonic() < until:
        time.sleep(0.1)
    assert not [record for record in caplog.records if record.levelname == "ERROR"], "a slow client is no fault of ours"
    figures = server._metrics.text().decode()
    assert given_up(server) == 11, [line for line in figures.splitlines() if "CreateCharacter" in line]
    assert 'code="INTERNAL"' not in figures
    assert 'code="UNKNOWN"' not in figures


def test_a_call_without_a_message_is_refused_by_name(server: RunningServer) -> None:
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        for method in ("CreateCharacter", "GetServerInfo"):
            with pytest.raises(grpc.RpcError, match="PARAMETER_INVALID: The call carries no message"):
                channel.stream_unary(f"{SERVICE}/{method}")(iter(()), timeout=5)


def test_beyond_the_places_for_slow_clients_they_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        running(monkeypatch, message_limit_s=4) as server,
        grpc.insecure_channel(f"localhost:{server.port}") as channel,
    ):
        slow = [RawCall(server.port, f"{SERVICE}/GetServerInfo") for _ in range(100)]
        info = channel.unary_unary(f"{SERVICE}/GetServerInfo")

        def outcome() -> str:
            try:
                info(b"", timeout=5)
            except grpc.RpcError as error:
                failed: Any = error
                return str(failed.details()).partition(":")[0]
            return "OK"

        def within(seconds: float, wanted: str) -> bool:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if outcome() == wanted:
                    return True
                time.sleep(0.05)
            return False

        assert within(4, "QUEUE_FULL")
        assert within(15, "OK"), "the slow ones are ended"
        for call in slow:
            call.close()


def test_health_cannot_be_held_up_either(server: RunningServer) -> None:
    slow = [RawCall(server.port, "/grpc.health.v1.Health/Watch") for _ in range(80)]
    assert answered_in(server.port) < 2
    for call in slow:
        call.close()


def test_who_takes_no_answer_is_left(server: RunningServer, record_property: Record) -> None:
    call = RawCall(server.port, f"{SERVICE}/StreamCreateCharacter", window=0)
    call.send_message(calls.StreamCreateCharacterRequest(photo=b"steps 100000").SerializeToString())
    end = time.monotonic() + 5
    while not jobs(server):
        assert time.monotonic() < end
    lasted = idle_after(server, LIMIT_S + 3)
    record_property("ended_after_s", round(lasted, 2))
    assert lasted > LIMIT_S / 2
    call.close()


@pytest.mark.slow
def test_who_says_nothing_is_left(server: RunningServer, record_property: Record) -> None:
    """A connection without the handshake of HTTP/2."""
    with socket.create_connection(("localhost", server.port)) as silent:
        silent.settimeout(30)
        began = time.monotonic()
        while silent.recv(1000):
            pass
        lasted = time.monotonic() - began
    record_property("closed_after_s", round(lasted, 2))
    assert lasted < 25


@pytest.mark.slow
def test_a_line_that_goes_dead_is_noticed_and_its_work_ends(server: RunningServer, record_property: Record) -> None:
    with DeadLine(server.port) as line, grpc.insecure_channel(f"localhost:{line.port}") as channel:
        request = calls.StreamCreateCharacterRequest(photo=b"sleep 300").SerializeToString()
        call = channel.unary_stream(f"{SERVICE}/StreamCreateCharacter")(request, timeout=600)
        end = time.monotonic() + 5
        while not jobs(server):
            assert time.monotonic() < end
        line.cut()
        lasted = idle_after(server, 60)
        call.cancel()
    record_property("noticed_after_s", round(lasted, 2))
    assert lasted > 5


@pytest.mark.slow
def test_pings_every_second_are_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute without a call, then a call of twenty seconds."""
    options = [
        ("grpc.keepalive_time_ms", 1000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    with running(monkeypatch) as server, grpc.insecure_channel(f"localhost:{server.port}", options=options) as channel:
        states: list[grpc.ChannelConnectivity] = []
        channel.unary_unary(f"{SERVICE}/GetServerInfo")(b"", timeout=5)
        channel.subscribe(states.append)
        time.sleep(60)
        assert set(states) == {grpc.ChannelConnectivity.READY}
        began = time.monotonic()
        request = calls.CreateCharacterRequest(photo=b"steps 2000").SerializeToString()
        channel.unary_unary(f"{SERVICE}/CreateCharacter")(request, timeout=60)
        assert time.monotonic() - began > 19
        assert set(states) == {grpc.ChannelConnectivity.READY}
