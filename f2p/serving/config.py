"""Settings of the server: one dataclass, filled from a TOML file, the environment and flags; later ones win."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from f2p.errors import ParameterError
from f2p.files import read_bounded
from f2p.limits import MAX_SETTINGS_BYTES

__all__ = ["ServerConfig", "load_config", "read_settings"]

_PREFIX = "F2P_"


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """Settings of the server. Their docstrings are the help of `f2p serve` and the table of docs/operations.md."""

    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 or :: for all of the machine; or a socket: unix:/f2p.sock, without a port."""
    port: int = 50051
    """The port to listen on; 0 takes a free one and prints it."""
    bundle: tuple[Path, ...] = ()
    """The bundles' folders, the default first; the shipped one if none. In the environment separated by `:`."""
    preset: str = "default"
    """The preset for requests that name none."""
    device: str = "cpu"
    """The device on which characters are solved: cpu, cuda, cuda:1 or another of torch's."""
    workers: int = 0
    """Processes that make characters; 0: cores / threads on the CPU, one on another device."""
    quick_workers: int = 1
    """Processes for CheckPhoto, previews and comparisons; they always use the CPU."""
    threads: int = 1
    """Cores for each worker: 1 makes most characters an hour, 2 each of them sooner. From 4 on last digits differ."""
    queue_capacity: int = 8
    """Requests that may wait besides those that are worked on."""
    time_limit_s: float = 300.0
    """Longest time for one call, whatever the caller's deadline."""
    message_limit_s: float = 60.0
    """Longest time for a request to come in, and for one message of an answer to be read; then the call ends."""
    hang_limit_s: float = 30.0
    """A worker that is silent for so long is killed and replaced."""
    start_limit_s: float = 180.0
    """Longest time for workers to load the bundles and warm up."""
    photo_limit_s: float = 5.0
    """Processor time for decoding one photo; a worker that takes more is killed. 48 megapixels take less than 1 s."""
    photo_memory_mib: int = 450
    """Memory in MiB that decoding one photo may take, enough for 48 megapixels of a phone; 0: no limit."""
    grace_s: float = 10.0
    """Time that calls in flight have to end once the server is told to stop."""
    reflection: bool = True
    """Let clients ask for the protocol; switch it off on the open internet."""
    tls_certificate: Path | None = None
    """PEM file of the server's certificate; without it there is no encryption."""
    tls_key: Path | None = None
    """PEM file of the certificate's private key."""
    tls_client_ca: Path | None = None
    """PEM file of an authority; clients must then show a certificate signed by it (mTLS)."""
    tokens: Path | None = None
    """TOML file of the tokens that may call; without it everyone may."""
    web_host: str = "127.0.0.1"
    """The address to listen on for HTTP; TLS, tokens and limits are those of gRPC."""
    web_port: int = 8080
    """The port of HTTP: the same calls as JSON, /openapi.json and the studio; 0: none, -1: a free one."""
    web_origins: tuple[str, ...] = ()
    """Origins of web pages elsewhere that may call over HTTP (https://game.example); * for all."""
    http_port: int = 0
    """Port of /metrics, /healthz and /readyz; 0: none, -1: a free one."""
    http_host: str = "127.0.0.1"
    """Address of /metrics, /healthz and /readyz."""
    log_format: Literal["text", "json"] = "text"
    """Lines of the log as text, or as one JSON object each."""
    tracing: bool = False
    """Send spans to OpenTelemetry, as its own environment variables say (needs the extra `tracing`)."""

    def validated(self) -> Self:
        """The settings themselves. Raises ParameterError where a value is out of range, or two do not fit together."""
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ParameterError(f"{name} is {getattr(self, name)}.", f"It must lie in {low} … {high}.", name=name)
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ParameterError("A TLS certificate and its key belong together.", "Give both or neither.")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ParameterError("Clients' certificates need TLS.", "Give tls_certificate and tls_key too.")
        return self

    @property
    def worker_count(self) -> int:
        """Processes that make characters."""
        # A GPU is shared by its workers, each of which needs memory of its own there.
        return self.workers or (max(1, core_count() // self.threads) if self.device == "cpu" else 1)


_RANGES: dict[str, tuple[float, float]] = {
    "port": (0, 65535),
    "web_port": (-1, 65535),
    "http_port": (-1, 65535),
    "workers": (0, 256),
    "quick_workers": (1, 64),
    "threads": (1, 256),
    "queue_capacity": (0, 10_000),
    "photo_memory_mib": (0, 1_000_000),
    "time_limit_s": (0.01, 86_400),
    "message_limit_s": (0.1, 3600),
    "photo_limit_s": (0.1, 3600),
    "hang_limit_s": (0.1, 3600),
    "start_limit_s": (1, 3600),
    "grace_s": (0, 3600),
}


def core_count() -> int:
    """Cores that this process may use: the affinity, and the quota of its control group where there is one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores


def load_config(file: Path | None = None, environment: Mapping[str, str] | None = None) -> ServerConfig:
    """Read and validate the settings of a file and the environment.

    Args:
        file: a TOML file; none where None.
        environment: variables; those of this process where None. They win over the file.

    Raises:
        ParameterError: an unknown name, or a value that does not fit; the message says where it stands.
    """
    return read_settings(file, environment).validated()


def read_settings(
    file: Path | None = None, environment: Mapping[str, str] | None = None, base: ServerConfig | None = None
) -> ServerConfig:
    """Read settings as `load_config`, not yet validated together: flags may complete them. Raises as it does.

    Args:
        file, environment: as for `load_config`.
        base: has the values of the settings that neither names; the defaults where None.
    """
    values = {} if file is None else _from_file(file)
    values |= _from_environment(os.environ if environment is None else environment)
    return replace(base or ServerConfig(), **values)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(read_bounded(file, MAX_SETTINGS_BYTES).decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(f"The configuration {file} cannot be read: {error}.", "Give a TOML file.") from None
    return {name: _checked_type(name, value, f"in {file}") for name, value in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    # Other F2P_ variables may be anyone's (Kubernetes sets F2P_SERVICE_HOST for a Service named f2p).
    found = {name: _PREFIX + name.upper() for name in get_type_hints(ServerConfig)}
    return {
        name: _checked_type(name, _parse(name, environment[key], key), f"in the environment ({key})")
        for name, key in found.items()
        if key in environment
    }


def _parse(name: str, text: str, key: str) -> Any:
    """The value that a variable's text stands for."""
    kind = get_type_hints(ServerConfig)[name]
    try:
        if kind is bool:
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        if kind in (int, float):
            return kind(text)
    except (KeyError, ValueError):
        raise ParameterError(f"{key} is {text!r}.", f"It must be of type {kind.__name__}.") from None
    if get_origin(kind) is tuple:
        return text.split(os.pathsep if Path in get_args(kind) else None)
    return text


def _checked_type(name: str, value: Any, where: str) -> Any:
    """A value of the setting's type. Raises ParameterError for an unknown setting or another type."""
    kinds = get_type_hints(ServerConfig)
    if name not in kinds:
        raise ParameterError(f"There is no setting '{name}' ({where}).", f"There are: {', '.join(sorted(kinds))}.")
    kind = kinds[name]
    if get_origin(kind) is tuple:
        texts = [value] if isinstance(value, str) else value
        of = get_args(kind)[0]
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
            return tuple(of(text) for text in texts)
        what = "path" if of is Path else "text"
        raise ParameterError(
            f"The setting '{name}' {where} is {value!r}.", f"It must be a {what}, or a list of {what}s."
        )
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        raise ParameterError(f"{name} {where} is {value!r}.", f"Choose one of: {', '.join(get_args(kind))}.", name=name)
    if Path in get_args(kind):
        if isinstance(value, str):
            return Path(value)
        raise ParameterError(f"The setting '{name}' {where} is {value!r}.", "It must be a path.")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise ParameterError(f"The setting '{name}' {where} is {value!r}.", f"It must be of type {kind.__name__}.")
