"""`f2p studio`: its flags, and what it says where there are no pages."""

from pathlib import Path

import pytest

from f2p.cli.serve import read_studio, run_studio
from f2p.errors import PackageMissing, ParameterError
from f2p.serving.web import studio


def test_it_serves_as_serve_does_with_grpc_on_a_free_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("F2P_WEB_PORT", raising=False)
    file = tmp_path / "f2p.toml"
    file.write_text("threads = 2")
    given, read_config = read_studio(["--config", str(file), "--queue-capacity", "3", "--no-browser"])
    config = read_config()
    assert (config.port, config.web_port, config.threads, config.queue_capacity) == (0, 8080, 2, 3)
    assert not given.browser
    assert read_studio(["--port", "50052"])[1]().port == 50052


def test_a_studio_without_http_is_refused() -> None:
    with pytest.raises(ParameterError, match="web_port"):
        read_studio(["--web-port", "0"])


def test_missing_pages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "STUDIO", tmp_path)
    with pytest.raises(PackageMissing, match="pages"):
        run_studio(read_studio(["--web-port", "8080"]))
