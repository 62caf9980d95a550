"""Admission to a server: TLS, clients' certificates, tokens; and its answers before its workers are ready."""

import hashlib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from f2p import errors
from f2p.client import CharacterClient, Connection
from f2p.serving.address import address
from f2p.serving.checks import examine_service
from f2p.serving.config import ServerConfig
from f2p.serving.server import RunningServer


@contextmanager
def listening(config: ServerConfig) -> Iterator[RunningServer]:
    """A server without workers: whoever comes in is told that it is starting."""
    server = RunningServer(replace(config, port=0, web_port=min(config.web_port, 0)))
    server.listen()
    try:
        yield server
    finally:
        server.stop()


def call_info(connection: Connection) -> None:
    with CharacterClient(connection) as client:
        client.server_info()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """PEM files: an authority, the server's certificate and key, a client's, and a stranger's."""
    folder = tmp_path_factory.mktemp("pem")
    ours, theirs = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, authority in (("server", ours), ("client", ours), ("stranger", theirs)):
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(str(folder / f"{name}.key"))
        issued.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
    return {file.name: file for file in folder.iterdir()}


def test_a_server_that_starts_says_so() -> None:
    with listening(ServerConfig()) as server:
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(Connection(target=f"localhost:{server.port}", retries=0))
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            health: Any = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("kind", ["port", "web_port", "http_port"])
def test_two_servers_do_not_share_a_port(kind: str) -> None:
    with listening(ServerConfig(http_port=-1, web_port=-1)) as server:
        taken = getattr(server, kind)
        with pytest.raises(errors.ServiceUnavailable, match=str(taken)) as caught:
            RunningServer(ServerConfig(**{"port": 0, "web_port": 0, kind: taken}))
        assert kind in caught.value.remedy
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(Connection(target=f"localhost:{server.port}", retries=0))


def test_tls(pem: dict[str, Path]) -> None:
    config = ServerConfig(tls_certificate=pem["server.pem"], tls_key=pem["server.key"])
    with listening(config) as server:
        secure = Connection(target=f"localhost:{server.port}", retries=0, timeout=5, root_certificates=pem["ca.pem"])
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(secure)
        for stranger in (
            replace(secure, root_certificates=None, tls=True),
            replace(secure, root_certificates=pem["stranger.pem"]),
        ):
            with pytest.raises(errors.ServiceUnavailable, match="no authority that is trusted"):
                call_info(stranger)


def test_clients_certificates(pem: dict[str, Path]) -> None:
    config = ServerConfig(tls_certificate=pem["server.pem"], tls_key=pem["server.key"], tls_client_ca=pem["ca.pem"])
    with listening(config) as server:
        nobody = Connection(target=f"localhost:{server.port}", retries=0, timeout=5, root_certificates=pem["ca.pem"])
        known = replace(nobody, certificate=pem["client.pem"], key=pem["client.key"])
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(known)
        stranger = replace(nobody, certificate=pem["stranger.pem"], key=pem["stranger.key"])
        for unwelcome in (nobody, stranger):
            with pytest.raises(errors.ServiceUnavailable, match="closed the connection"):
                call_info(unwelcome)


def test_tokens_are_asked_for_but_not_for_health(tmp_path: Path) -> None:
    book = tmp_path / "tokens.toml"
    digest = hashlib.sha256(b"right").hexdigest()
    book.write_text(f'[[token]]\nname = "game"\nsha256 = "{digest}"\nrequests_per_minute = 1\nburst = 1\n')
    with listening(ServerConfig(tokens=book)) as server:
        anonymous = Connection(target=f"localhost:{server.port}", retries=0, timeout=5)
        for connection in (anonymous, replace(anonymous, token="wrong")):
            with pytest.raises(errors.TokenInvalid):
                call_info(connection)
        right = replace(anonymous, token="right")
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(right)
        with pytest.raises(errors.RateLimited) as limited:
            call_info(right)
        assert 50_000 < int(limited.value.details["retry_ms"]) <= 60_000
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            health: Any = health_pb2_grpc.HealthStub(channel)
            health.Check(health_pb2.HealthCheckRequest(), timeout=5)


def test_tokens_change_without_a_restart_and_a_bad_file_changes_nothing(tmp_path: Path) -> None:
    def book(name: str, token: bytes) -> Path:
        file = tmp_path / name
        file.write_text(f'[[token]]\nname = "game"\nsha256 = "{hashlib.sha256(token).hexdigest()}"\n')
        return file

    config = ServerConfig(tokens=book("old.toml", b"old"))
    with listening(config) as server:

        def welcome(token: str) -> bool:
            with pytest.raises(errors.F2PError) as caught:
                call_info(Connection(target=f"localhost:{server.port}", retries=0, timeout=5, token=token))
            return isinstance(caught.value, errors.ServiceUnavailable)

        assert (welcome("old"), welcome("new")) == (True, False)
        assert not server.reload(replace(config, tokens=book("new.toml", b"new"))), "the bundles are the same"
        assert (welcome("old"), welcome("new")) == (False, True)
        with pytest.raises(errors.ParameterError):
            server.reload(replace(config, tokens=tmp_path / "missing.toml"))
        assert welcome("new")


@pytest.mark.parametrize(("file", "said"), [("missing.pem", "missing.pem"), ("server.key", "no certificate")])
def test_wrong_files_are_refused(pem: dict[str, Path], file: str, said: str) -> None:
    folder = pem["server.pem"].parent
    with pytest.raises(errors.ParameterError, match=said):
        RunningServer(ServerConfig(port=0, web_port=0, tls_certificate=folder / file, tls_key=pem["server.key"]))


@pytest.mark.parametrize("host", ["::1", "[::1]", "127.0.0.1"])
def test_it_listens_on_either_ip(host: str) -> None:
    config = ServerConfig(host=host, http_host=host, http_port=-1)
    with listening(config) as server:
        target = address(host, server.port)
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(Connection(target=target, retries=0))
        with urllib.request.urlopen(f"http://{address(host, server.http_port)}/healthz", timeout=10) as answer:
            assert answer.status == 200
    assert target == (f"127.0.0.1:{server.port}" if "127" in host else f"[::1]:{server.port}")


def test_it_listens_on_a_unix_socket_that_nobody_has(tmp_path: Path) -> None:
    host = f"unix:{tmp_path / 'f2p.sock'}"
    with listening(ServerConfig(host=host)) as server:
        assert address(host, server.port) == host, "a unix socket has no port"
        with pytest.raises(errors.ServiceUnavailable, match="a server listens there"):
            RunningServer(ServerConfig(host=host, web_port=0))
        with pytest.raises(errors.ServiceUnavailable, match="starting"):
            call_info(Connection(target=host, retries=0))
    with pytest.raises(errors.ServiceUnavailable, match="there is no folder"):
        RunningServer(ServerConfig(web_port=0, host=f"unix:{tmp_path / 'nowhere' / 'f2p.sock'}"))


def test_a_key_of_another_certificate_is_refused(pem: dict[str, Path]) -> None:
    config = ServerConfig(port=0, web_port=0, tls_certificate=pem["server.pem"], tls_key=pem["client.key"])
    with pytest.raises(errors.ParameterError, match=r"client\.key is not that of the certificate .*server\.pem"):
        RunningServer(config)
    (access,) = [found for found in examine_service(config) if found.subject == "service: access"]
    assert not access.ok
    assert "client.key is not that of the certificate" in access.detail
