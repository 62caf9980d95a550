"""The HTTP door of a server without workers: who is let in, and who keeps it waiting, over real sockets."""

import contextlib
import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from f2p import errors
from f2p.client import CharacterClient, Connection
from f2p.serving.config import ServerConfig
from f2p.serving.server import RunningServer
from f2p.serving.web import server as web_server
from f2p.serving.web import studio
from tests.helpers.web import Answer, call

LIMIT_S = 1.0
IN_TIME_S = 8.0  # what comes later is this test's machine, which may be busy


@contextmanager
def listening(config: ServerConfig) -> Iterator[RunningServer]:
    server = RunningServer(replace(config, port=0, web_port=-1, workers=1, queue_capacity=0))
    server.listen()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def patient() -> Iterator[RunningServer]:
    with listening(ServerConfig(message_limit_s=LIMIT_S)) as server:
        yield server


def ask(server: RunningServer, path: str, body: bytes | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(f"http://localhost:{server.web_port}{path}", body, named, timeout=10)


@contextmanager
def connected(server: RunningServer) -> Iterator[socket.socket]:
    with socket.create_connection(("localhost", server.web_port), timeout=IN_TIME_S) as visitor:
        yield visitor


def until_the_end(visitor: socket.socket) -> bytes:
    """All that comes until the server ends the connection; the socket's time-out fails the test."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := visitor.recv(65_536):
            found += part
    return found


def test_a_server_that_starts_says_so_and_describes_itself(patient: RunningServer) -> None:
    answer = ask(patient, "/v1/bundles")
    assert (answer.status, answer.json()["code"], answer.headers["retry-after"]) == (503, "SERVICE_UNAVAILABLE", "2")
    assert ask(patient, "/readyz").status == 503
    assert ask(patient, "/healthz").status == 200
    assert ask(patient, "/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["nothing", "half a head"])
def test_a_head_that_never_comes_ends_the_connection(patient: RunningServer, sent: bytes) -> None:
    with connected(patient) as visitor:
        visitor.sendall(sent)
        assert until_the_end(visitor) == b""


def test_a_head_that_comes_byte_by_byte_ends_the_connection(patient: RunningServer) -> None:
    end = time.monotonic() + IN_TIME_S
    with connected(patient) as visitor:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while time.monotonic() < end:
                visitor.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() < end


@pytest.mark.parametrize("head", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
def test_a_body_that_never_comes_is_told_so_and_ended(patient: RunningServer, head: bytes) -> None:
    with connected(patient) as visitor:
        visitor.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        answer = until_the_end(visitor)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code": "REQUEST_TOO_SLOW"' in answer


def test_slow_bodies_take_no_thread_and_hold_nobody_up(patient: RunningServer) -> None:
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            visitor = stack.enter_context(connected(patient))
            visitor.sendall(b"POST /v1/characters HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")
        assert ask(patient, "/healthz").status == 200
        assert threading.active_count() <= before + 2
        # gRPC beside it lives too: it says that it is starting.
        with (
            CharacterClient(Connection(target=f"localhost:{patient.port}", retries=0)) as client,
            pytest.raises(errors.ServiceUnavailable, match="starting"),
        ):
            client.server_info()


def test_more_bodies_than_there_are_places_are_refused() -> None:
    with listening(ServerConfig()) as server, contextlib.ExitStack() as stack:
        for _ in range(80):
            visitor = stack.enter_context(connected(server))
            visitor.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        refused = visitor.recv(65_536)
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"retry-after: 2" in refused
    assert b"f2p-reason: QUEUE_FULL" in refused


def test_a_huge_body_is_refused_before_it_is_there() -> None:
    with listening(ServerConfig()) as server:
        with connected(server) as visitor:
            visitor.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            assert visitor.recv(65_536).startswith(b"HTTP/1.1 413 ")
        with connected(server) as visitor:
            visitor.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(36):
                visitor.sendall(b"100000\r\n" + bytes(2**20) + b"\r\n")
            visitor.settimeout(60)
            answer = visitor.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"f2p-reason: PHOTO_TOO_LARGE" in answer


@pytest.mark.slow  # what waits in the buffers is read in small parts
def test_who_takes_no_answer_is_ended(patient: RunningServer) -> None:
    with connected(patient) as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asked = 400
        with contextlib.suppress(OSError):
            visitor.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * asked)
        time.sleep(2 * LIMIT_S)
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # what is left is read at once
        assert until_the_end(visitor).count(b"HTTP/1.1 200") < asked


def test_connections_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "_MAX_CONNECTIONS", 3)
    with listening(ServerConfig()) as server, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connected(server))
        time.sleep(0.2)
        with connected(server) as further:
            assert until_the_end(further) == b""


def test_tokens_are_those_of_grpc(tmp_path: Path) -> None:
    book = tmp_path / "tokens.toml"
    sha = hashlib.sha256(b"secret").hexdigest()
    book.write_text(f'[[token]]\nname = "game"\nsha256 = "{sha}"\nrequests_per_minute = 1\nburst = 1\n')
    with listening(ServerConfig(tokens=book)) as server:
        for headers in ({}, {"Authorization": "Bearer other"}):
            answer = ask(server, "/v1/characters", b"x", **headers)
            assert (answer.status, answer.json()["code"]) == (401, "TOKEN_INVALID")
            assert answer.headers["www-authenticate"] == "Bearer"
        assert ask(server, "/v1/schema", Authorization="Bearer secret").json()["code"] == "SERVICE_UNAVAILABLE"
        limited = ask(server, "/v1/schema", Authorization="Bearer secret")
        assert (limited.status, limited.json()["code"]) == (429, "RATE_LIMITED")
        assert 1 <= int(limited.headers["retry-after"]) <= 60
        assert ask(server, "/healthz").status == 200


def test_tls_is_that_of_grpc(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    pair = {"tls_certificate": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    with listening(ServerConfig(**pair)) as server:
        url = f"https://localhost:{server.web_port}/healthz"
        assert call(url, tls=trusting).status == 200
        with pytest.raises(ssl.SSLError):
            call(url, tls=ssl.create_default_context())
    with listening(ServerConfig(**pair, tls_client_ca=tmp_path / "ca.pem")) as server:
        url = f"https://localhost:{server.web_port}/healthz"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            call(url, tls=trusting)
        trusting.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        assert call(url, tls=trusting).status == 200


def test_pages_of_other_sites_are_let_in_where_the_operator_says_so() -> None:
    ours, theirs = "https://game.example", "https://evil.example"
    with listening(ServerConfig(web_origins=(ours,))) as server:
        asked = call(
            f"http://localhost:{server.web_port}/v1/refit",
            headers={"Origin": ours, "Access-Control-Request-Method": "POST"},
            method="OPTIONS",
        )
        assert (asked.status, asked.headers["access-control-allow-origin"]) == (200, ours)
        answer = ask(server, "/v1/schema", Origin=ours)
        assert answer.headers["access-control-allow-origin"] == ours
        assert "f2p-reason" in answer.headers["access-control-expose-headers"].lower()
        refused = ask(server, "/v1/schema", Origin=theirs)
        assert (refused.status, "access-control-allow-origin" in refused.headers) == (403, False)
        own = ask(server, "/v1/schema", Origin=f"http://localhost:{server.web_port}")
        assert own.json()["code"] == "SERVICE_UNAVAILABLE"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_hosts_are_named_as_people_do(host: str) -> None:
    with listening(ServerConfig(web_host=host)) as server:
        shown = f"[{host}]" if ":" in host else host
        assert call(f"http://{shown}:{server.web_port}/healthz").status == 200


def test_the_studios_pages_come_with_a_strict_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>" + "studio " * 400)
    (tmp_path / "assets" / "app-1a2b.js").write_text("export {}")
    monkeypatch.setattr(studio, "STUDIO", tmp_path)
    with listening(ServerConfig()) as server:
        page = ask(server, "/", Accept_Encoding="gzip")
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert gzip.decompress(page.body).startswith(b"<!doctype html>")
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert (page.headers["cache-control"], page.headers["x-content-type-options"]) == ("no-cache", "nosniff")
        assert "immutable" in ask(server, "/assets/app-1a2b.js").headers["cache-control"]
        assert ask(server, "/../config.py").status == 404
        assert ask(server, "/v1/bundles").json()["code"] == "SERVICE_UNAVAILABLE"
        missing = ask(server, "/nowhere")
        assert (missing.status, missing.json()["code"]) == (404, "REQUEST_INVALID")


def test_without_pages_there_is_a_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "STUDIO", tmp_path)
    with listening(ServerConfig()) as server:
        answer = ask(server, "/")
    assert answer.status == 404
    assert "/openapi.json" in answer.json()["remedy"]
