"""A photo that the HTTP door has refused is gone from its memory, though the connection is still there."""

import base64
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.helpers.memory import count_in_memory
from tests.helpers.processes import ROOT
from tests.helpers.web import multipart

MARK = b"This photo must not linger: 0c5d51a0-8f2c-4d38-9d59-b1c7d2a4f6ee. "
PHOTO = b"\xff\xd8" + MARK * 900
FORM, FORM_HEADERS = multipart([("photo", PHOTO)])
SERVER = """
import time
from f2p.serving.config import ServerConfig
from f2p.serving.memory import forget_freed_memory
from f2p.serving.server import RunningServer
forget_freed_memory()
server = RunningServer(ServerConfig(port=0, web_port=-1, workers=1))
server.listen()
print(server.web_port, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, int]]:
    """A server without workers in a process of its own: process and port."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.kill()


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/v1/characters", PHOTO, {}, 503),
        ("/v1/characters", FORM, FORM_HEADERS, 503),
        ("/v1/characters", FORM[:-9], FORM_HEADERS, 400),
        ("/v1/characters", json.dumps({"photo": base64.b64encode(PHOTO).decode()}), {}, 503),
        ("/v1/characters", PHOTO, {"Accept": "text/event-stream"}, 503),
        ("/v1/characters?seed=x", PHOTO, {}, 400),
        ("/v1/characters", PHOTO, {"Content-Type": "text/x"}, 415),
        ("/v1/characters", PHOTO, {"Origin": "https://evil.example"}, 403),
        ("/v1/nowhere", PHOTO, {}, 404),
        ("/v1/schema", PHOTO, {}, 405),
    ],
)
def test_nothing_is_left_of_a_photo(
    server: tuple[int, int], path: str, body: bytes | str, headers: dict[str, str], status: int
) -> None:
    pid, port = server
    with closing(http.client.HTTPConnection("localhost", port, timeout=60)) as connection:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
        # Another answer on another connection: the first call has ended by then.
        with closing(http.client.HTTPConnection("localhost", port, timeout=60)) as other:
            other.request("GET", "/healthz")
            other.getresponse().read()
        assert count_in_memory(pid, MARK) == 0
