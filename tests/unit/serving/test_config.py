"""Settings from file, environment and flags, and what is said of wrong ones."""

from dataclasses import fields
from pathlib import Path

import pytest

from f2p.errors import ParameterError
from f2p.serving.config import ServerConfig, load_config


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "f2p.toml"
    file.write_text(
        'host = "0.0.0.0"\nport = 1\nworkers = 1\ntime_limit_s = 5\nbundle = ["a", "b"]\nreflection = false\n'
    )
    environment = {"F2P_PORT": "2", "F2P_WORKERS": "2", "F2P_LOG_FORMAT": "json", "F2P_SERVICE_HOST": "10.0.0.1"}
    config = load_config(file, environment, {"port": 3, "host": None})
    assert (config.host, config.port, config.workers, config.log_format) == ("0.0.0.0", 3, 2, "json")
    assert (config.time_limit_s, config.bundle, config.reflection) == (5.0, (Path("a"), Path("b")), False)
    assert load_config(None, {}) == ServerConfig()
    assert load_config(None, {"F2P_BUNDLE": "a:b", "F2P_TRACING": "true"}).bundle == (Path("a"), Path("b"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "prot"),
        ("port = 70000", "port"),
        ("port = true", "port"),
        ('port = "1"', "port"),
        ("time_limit_s = 0", "time_limit_s"),
        ('log_format = "xml"', "log_format"),
        ('tls_key = "a.pem"', "certificate"),
        ('tls_client_ca = "a.pem"', "tls_certificate"),
        ("port = ", "f2p.toml"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "f2p.toml"
    file.write_text(text)
    with pytest.raises(ParameterError, match=said):
        load_config(file, {})


@pytest.mark.parametrize("environment", [{"F2P_PORT": "x"}, {"F2P_REFLECTION": "maybe"}, {"F2P_WORKERS": "-1"}])
def test_a_wrong_environment_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match=r"PORT|REFLECTION|workers"):
        load_config(None, environment)


def test_the_example_is_a_configuration_and_every_setting_is_explained() -> None:
    root = Path(__file__).resolve().parents[3]
    assert load_config(root / "examples" / "f2p.toml", {}).log_format == "json"
    page = (root / "docs" / "operations.md").read_text("utf-8")
    missing = [field.name for field in fields(ServerConfig) if f"`{field.name}`" not in page]
    assert missing == []
