"""One small server for the tests of its calls, in a process of its own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from f2p.client import CharacterClient, Connection
from f2p.v1 import character_service_pb2_grpc
from tests.helpers.processes import serving


@pytest.fixture(scope="package")
def server(posed_bundle: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    with serving(posed_bundle, "--queue-capacity", "1", "--workers", "1", "--web-port", "-1") as running:
        yield running


@pytest.fixture(scope="package")
def port(server: tuple[int, Any]) -> int:
    return server[0]


@pytest.fixture(scope="package")
def web(server: tuple[int, "subprocess.Popen[str]"]) -> str:
    """The address of the same server's HTTP."""
    stdout = server[1].stdout
    assert stdout is not None
    return stdout.readline().split()[-1]


@pytest.fixture
def client(port: int) -> Iterator[CharacterClient]:
    with CharacterClient(Connection(target=f"localhost:{port}", timeout=60, retries=0)) as connected:
        yield connected


@pytest.fixture
def stub(port: int) -> Iterator[Any]:
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        yield character_service_pb2_grpc.CharacterServiceStub(channel)
