"""Settings from file, environment and flags, and what is said of wrong ones."""

from pathlib import Path

import pytest

from f2p.cli.serve import read_serve
from f2p.errors import ParameterError
from f2p.serving.config import ServerConfig, load_config
from scripts.generate_settings import settings, settings_table

ROOT = Path(__file__).resolve().parents[3]


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f2p.toml"
    file.write_text(
        'host = "0.0.0.0"\nport = 1\nworkers = 1\ntime_limit_s = 5\nbundle = ["a", "b"]\nreflection = false\n'
        'tls_certificate = "a.pem"\n'
    )
    environment = {"F2P_PORT": "2", "F2P_WORKERS": "2", "F2P_LOG_FORMAT": "json", "F2P_SERVICE_HOST": "10.0.0.1"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = read_serve(["--config", str(file), "--port", "3", "--tls-key", "a.key", "--device", "cuda:1"])()
    assert (config.host, config.port, config.workers, config.log_format) == ("0.0.0.0", 3, 2, "json")
    assert (config.time_limit_s, config.bundle, config.reflection) == (5.0, (Path("a"), Path("b")), False)
    assert (config.tls_certificate, config.tls_key, config.device) == (Path("a.pem"), Path("a.key"), "cuda:1")
    with pytest.raises(ParameterError, match="belong together"):
        load_config(file, environment)
    assert load_config(None, {}) == ServerConfig()
    assert load_config(None, {"F2P_BUNDLE": "a:b", "F2P_TRACING": "true"}).bundle == (Path("a"), Path("b"))
    assert load_config(None, {"F2P_DEVICE": "cuda"}).worker_count == 1, "on a GPU more must be asked for"


def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "f2p.toml"
    file.write_text('bundle = ["old"]\nport = 1\n')
    read_config = read_serve([f"--config={file}", "--port", "2"])
    file.write_text('bundle = ["new"]\nport = 1\n')
    assert (read_config().bundle, read_config().port) == ((Path("new"),), 2)
    file.write_text("port = \n")
    with pytest.raises(ParameterError, match=r"f2p\.toml"):
        read_config()


def test_every_setting_explains_itself_with_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("F2P_QUEUE_CAPACITY", "77")
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        read_serve(["--help"])
    assert end.value.code == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "(default: 77)" in said, "what the environment says is the default"
    for name, _, text in settings():
        assert f"--{name.replace('_', '-')}" in said
        assert text in said


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


def test_the_example_is_a_configuration_and_the_table_of_settings_is_current() -> None:
    assert load_config(ROOT / "examples" / "f2p.toml", {}).log_format == "json"
    assert settings_table() in (ROOT / "docs" / "operations.md").read_text("utf-8"), "run scripts/generate_settings.py"
