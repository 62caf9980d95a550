"""The service over a real socket, when callers leave, crowd or come too late, and when it should not start."""

import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from f2p import errors
from f2p.cli import main
from f2p.client import CharacterClient, values
from f2p.serving.config import ServerConfig
from f2p.serving.run import start
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc
from tests.helpers.bad_photos import bad_photo, good_photo

SERVICE = "f2p.v1.CharacterService"


def _idle_after(client: CharacterClient, seconds: float) -> bool:
    """True where the server has no job left within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if client.server_info().job_count == 0:
            return True
        time.sleep(0.02)
    return False


def test_health_and_reflection(port: int) -> None:
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        for name in ("", SERVICE):
            request = health_pb2.HealthCheckRequest(service=name)
            assert health.Check(request, timeout=5).status == health_pb2.HealthCheckResponse.SERVING
        assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()


def test_cancelling_stops_the_work(stub: Any, client: CharacterClient) -> None:
    began = time.monotonic()
    list(stub.StreamCreateCharacter(character_service_pb2.StreamCreateCharacterRequest(photo=good_photo()), timeout=60))
    whole = time.monotonic() - began

    call = stub.StreamCreateCharacter(
        character_service_pb2.StreamCreateCharacterRequest(photo=good_photo()), timeout=60
    )
    for message in call:
        if message.progress.stage == character_pb2.PROGRESS_STAGE_SOLVING:
            break
    assert client.server_info().job_count == 1
    call.cancel()
    assert _idle_after(client, min(1.0, whole / 2)), "the search went on after its caller had left"


def test_a_deadline_stops_the_work(port: int, client: CharacterClient) -> None:
    with CharacterClient(f"localhost:{port}", timeout=0.8) as hasty, pytest.raises(errors.DeadlineExceeded):
        hasty.create(good_photo(), preset="default")
    assert _idle_after(client, 1.0)


def test_a_full_queue_refuses_and_a_waiting_job_says_where_it_stands(
    client: CharacterClient, stub: Any, port: int
) -> None:
    request = character_service_pb2.StreamCreateCharacterRequest(photo=good_photo())
    running = stub.StreamCreateCharacter(request, timeout=60)
    next(iter(running))
    waiting = stub.StreamCreateCharacter(request, timeout=60)
    first = next(iter(waiting)).progress
    assert (first.stage, first.queue_position) == (character_pb2.PROGRESS_STAGE_WAITING, 1)
    with pytest.raises(errors.QueueFull) as full:
        client.create(good_photo())
    assert 1000 <= int(full.value.details["retry_ms"]) <= 60_000
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        health.Check(health_pb2.HealthCheckRequest(), timeout=2)
    waiting.cancel()
    running.cancel()
    assert _idle_after(client, 3.0)


def test_callers_at_once_get_the_same_character(port: int) -> None:
    def create(_: int) -> dict[str, float | str]:
        with CharacterClient(f"localhost:{port}", timeout=60) as client:
            return values(client.create(good_photo(), preset="instant"))

    with futures.ThreadPoolExecutor(2) as callers:
        first, second = callers.map(create, range(2))
    assert first == second


def test_it_works_on_a_full_disk(client: CharacterClient) -> None:
    """As the server of these tests is: see `server`."""
    assert client.create(good_photo(), pictures=True, preset="instant").pictures.render_png
    assert client.check(good_photo()).usable
    with pytest.raises(errors.NoFace):
        client.create(bad_photo("no_face"))


def test_no_server_is_an_error_of_its_own() -> None:
    with (
        CharacterClient("localhost:1", timeout=5) as client,
        pytest.raises(errors.ServiceUnavailable, match="localhost:1"),
    ):
        client.server_info()


def test_a_second_server_on_a_port_says_so(
    port: int, client: CharacterClient, tiny_bundle: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(port), "--web-port", "0", "--bundle", str(tiny_bundle)]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error SERVICE_UNAVAILABLE: ")
    assert str(port) in line
    assert client.check(good_photo()).usable, "the first goes on"


@pytest.mark.slow  # `test_device` has another start that fails, and the unit tests of the pool those of fake workers
def test_a_broken_bundle_is_not_served(broken_bundle: Path) -> None:
    with pytest.raises(errors.BundleCorrupt, match="imitator"):
        start(ServerConfig(port=0, web_port=0, workers=1, bundle=(broken_bundle,)))


@pytest.mark.slow
def test_the_pings_of_game_clients_are_welcome(port: int) -> None:
    options = [
        ("grpc.keepalive_time_ms", 11_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    with grpc.insecure_channel(f"localhost:{port}", options=options) as channel:
        states: list[grpc.ChannelConnectivity] = []
        stub: Any = character_service_pb2_grpc.CharacterServiceStub(channel)
        stub.GetServerInfo(character_service_pb2.GetServerInfoRequest(), timeout=5)
        channel.subscribe(states.append)
        time.sleep(50)
        # A server of grpc's defaults sends GOAWAY at the third ping, and the idle connection drops.
        assert grpc.ChannelConnectivity.IDLE not in states[1:]
        assert grpc.ChannelConnectivity.TRANSIENT_FAILURE not in states
