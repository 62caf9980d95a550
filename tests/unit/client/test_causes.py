"""A call that reaches no server names the cause and the remedy; "No server answers" stands for that alone."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from f2p import errors
from f2p.client import AsyncCharacterClient, CharacterClient, Connection
from f2p.limits import MAX_SERVED_PHOTO_BYTES
from f2p.serving import server as server_module
from f2p.serving.config import ServerConfig
from f2p.serving.run import start
from f2p.serving.server import RunningServer
from f2p.v1 import character_service_pb2
from tests.helpers.fake_worker import FakeForkServer


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """PEM files of two authorities, and of servers called localhost and elsewhere.example."""
    folder = tmp_path_factory.mktemp("pem")
    ours, theirs = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    theirs.cert_pem.write_to_path(str(folder / "other_ca.pem"))
    for name, host in (("server", "localhost"), ("elsewhere", "elsewhere.example")):
        issued = ours.issue_cert(host)
        issued.private_key_pem.write_to_path(str(folder / f"{name}.key"))
        issued.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
    return {file.name: file for file in folder.iterdir()}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grpc_proxy", "https_proxy", "http_proxy", "no_grpc_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def listening(config: ServerConfig) -> Iterator[str]:
    """The target of a server without workers."""
    server = RunningServer(replace(config, port=0, web_port=0))
    server.listen()
    try:
        yield f"localhost:{server.port}"
    finally:
        server.stop()


def failure(connection: Connection) -> errors.F2PError:
    with CharacterClient(replace(connection, timeout=10)) as client, pytest.raises(errors.F2PError) as caught:
        client.server_info()
    assert isinstance(caught.value, errors.ServiceUnavailable)
    assert caught.value.remedy
    return caught.value


def tls(pem: dict[str, Path], name: str = "server") -> ServerConfig:
    return ServerConfig(tls_certificate=pem[f"{name}.pem"], tls_key=pem[f"{name}.key"])


def test_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failure(Connection(target=f"localhost:{port}", retries=0))
    assert str(error) == f"No server answers at localhost:{port}. Start one with `f2p serve`."


class _Proxy(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        self.send_response(403)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.mark.parametrize("answers", [True, False], ids=["refuses", "is away"])
def test_a_proxy_in_the_way(answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as proxy:
        if answers:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
        else:
            proxy.server_close()
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.server_port}")
        with listening(ServerConfig()) as target:
            error = failure(Connection(target=target, retries=0))
            assert f"The proxy http://127.0.0.1:{proxy.server_port} (from the variable http_proxy)" in error.message
            assert error.remedy == "Set no_proxy=localhost to go past it, or unset http_proxy."
            monkeypatch.setenv("no_proxy", "localhost")
            assert "starting" in failure(Connection(target=target, retries=0)).message
        if answers:
            proxy.shutdown()


def test_an_authority_that_is_not_trusted(pem: dict[str, Path]) -> None:
    with listening(tls(pem)) as target:
        for trusted in ({"tls": True}, {"root_certificates": pem["other_ca.pem"]}):
            began = time.monotonic()
            error = failure(Connection(target=target, retries=5, **trusted))  # type: ignore[arg-type]
            assert "no authority that is trusted" in error.message
            assert "root_certificates" in error.remedy
            assert time.monotonic() - began < 8, "another try would be in vain"


def test_tls_against_plaintext(pem: dict[str, Path]) -> None:
    with listening(ServerConfig()) as target:
        error = failure(Connection(target=target, retries=0, root_certificates=pem["ca.pem"]))
    assert "does not speak TLS" in error.message
    assert "--tls-certificate" in error.remedy


def test_plaintext_against_tls(pem: dict[str, Path]) -> None:
    with listening(tls(pem)) as target:
        error = failure(Connection(target=target, retries=0))
    assert "closed the connection" in error.message
    assert "tls=True" in error.remedy


def test_a_client_without_the_certificate_that_is_asked_for(pem: dict[str, Path]) -> None:
    with listening(replace(tls(pem), tls_client_ca=pem["ca.pem"])) as target:
        error = failure(Connection(target=target, retries=0, root_certificates=pem["ca.pem"]))
    assert "mTLS" in error.remedy


@pytest.mark.parametrize("scheme", ["http", "https", "grpc"])
def test_a_scheme_in_the_target(scheme: str) -> None:
    for client in (CharacterClient, AsyncCharacterClient):
        with pytest.raises(errors.ParameterError) as caught:
            client(f"{scheme}://example.com:50051/")
        assert "Give example.com:50051" in caught.value.remedy
        assert ("tls=True" in caught.value.remedy) == (scheme == "https")


def test_a_certificate_of_another_name(pem: dict[str, Path]) -> None:
    with listening(tls(pem, "elsewhere")) as target:
        error = failure(Connection(target=target, retries=0, root_certificates=pem["ca.pem"]))
    assert error.message == f"The certificate of {target} is for another name."


def test_a_host_that_does_not_exist() -> None:
    error = failure(Connection(target="nowhere.invalid:50051", retries=0))
    assert "no host of the name nowhere.invalid" in error.message


def test_a_port_of_something_else() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        error = failure(Connection(target=f"localhost:{other.server_port}", retries=0))
        other.shutdown()
    assert "speaks no gRPC" in error.message


def test_a_draining_server_says_so_while_it_finishes_its_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "ForkServer", FakeForkServer)
    server = start(ServerConfig(port=0, web_port=0, workers=1))
    to = Connection(target=f"localhost:{server.port}", retries=0, timeout=30)
    # The fake worker takes a hundredth of a second a step.
    request = character_service_pb2.CreateCharacterRequest(photo=b"steps 200").SerializeToString()
    with futures.ThreadPoolExecutor(2) as threads, grpc.insecure_channel(to.target) as channel:
        under_way = threads.submit(channel.unary_unary("/f2p.v1.CharacterService/CreateCharacter"), request, timeout=30)
        until = time.monotonic() + 20
        while not any(lane.queue.count for lane in server._pool.lanes):
            assert time.monotonic() < until
        stopping = threads.submit(server.stop, 25.0)
        time.sleep(0.2)
        error = failure(to)
        assert under_way.result(25), "it is answered"
        stopping.result(25)
    assert "draining" in error.message
    assert "Try again" in error.remedy
    assert "No server answers" in failure(to).message


@pytest.mark.parametrize("token", ["secret\n", "sec\x00ret", "gehëim"])
def test_a_token_that_cannot_be_sent(token: str) -> None:
    with pytest.raises(errors.ParameterError, match="newline") as caught:
        Connection(token=token)
    assert token.strip() not in str(caught.value), "a secret"


def test_a_certificate_without_its_key(pem: dict[str, Path]) -> None:
    with pytest.raises(errors.ParameterError, match="belong together"):
        Connection(certificate=pem["server.pem"])


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as stream:
        stream.truncate(60 * 2**30)
    with CharacterClient("localhost:1") as client:
        for call in (client.create, client.check):
            with pytest.raises(errors.PhotoTooLarge, match=f"At most {MAX_SERVED_PHOTO_BYTES // 2**20} MiB"):
                call(huge)
