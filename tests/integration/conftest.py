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

# No file may grow by a byte, as on a full disk. The log goes through a process from before that, since ours may lie in
# a file too.
FULL_DISK = ("bash", "-c", 'exec 2> >(exec cat >&2) && ulimit -f 0 && exec "$@"', "bash")


@pytest.fixture(scope="package")
def server(posed_bundle: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Where nothing can be written: all that these tests ask for must work there too."""
    flags = ("--queue-capacity", "1", "--workers", "1", "--web-port", "-1")
    with serving(posed_bundle, *flags, before=FULL_DISK) as running:
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
