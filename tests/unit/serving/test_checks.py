"""Findings of `f2p doctor --service`."""

import socket
from pathlib import Path

import pytest

from f2p.serving.checks import examine_service
from f2p.serving.config import ServerConfig


def faults(config: ServerConfig) -> dict[str, str]:
    return {check.subject: check.detail for check in examine_service(config) if not check.ok}


def test_a_machine_that_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("f2p.serving.checks._available_mib", lambda: 64_000)
    assert faults(ServerConfig(port=0, web_port=0)) == {}


def test_every_fault_is_found_and_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("f2p.serving.checks._available_mib", lambda: 500)
    tokens = tmp_path / "tokens.toml"
    tokens.write_text("nonsense")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = ServerConfig(port=port, web_port=port, http_port=port, workers=200, tokens=tokens)
        found = faults(config)
        assert all(check.remedy for check in examine_service(config) if not check.ok)
    assert set(found) == {
        "service: cores",
        "service: memory",
        "service: port",
        "service: web_port",
        "service: http_port",
        "service: access",
    }
    assert str(port) in found["service: port"]


def test_what_is_open_to_all_is_said() -> None:
    (access,) = [
        check
        for check in examine_service(ServerConfig(host="0.0.0.0", port=0, web_port=0))
        if "access" in check.subject
    ]
    assert "encrypt before it" in access.detail
