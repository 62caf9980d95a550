"""How to serve: one dataclass, filled from a TOML file, the environment (F2P_PORT=...) and flags; later ones win."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from f2p.errors import ParameterError

__all__ = ["ServerConfig", "load_config"]

_PREFIX = "F2P_"
# Of the command line and the trainer, not of the server.
_FOREIGN = {"F2P_TRACEBACK"}


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """How to serve.

    Attributes:
        host, port: where to listen; port 0 takes a free one.
        bundle: the bundles' folders, the default first; the shipped one where empty.
        preset: for requests that name none.
        workers: processes that make characters; 0: one for each `threads` cores.
        quick_workers: processes for CheckPhoto, previews and comparisons.
        threads: cores that each worker uses: 1 makes most characters an hour, 2 each of them sooner.
            From 4 on the numbers of a character differ in their last digits.
        queue_capacity: jobs that may wait besides those that run.
        time_limit_s: longest time for one call, whatever the caller's deadline.
        message_limit_s: longest time for a request's message to come in, and for a message of an answer to be taken.
        hang_limit_s: a worker silent for so long is killed and replaced.
        start_limit_s: longest time for a worker to load its bundles and warm up.
        photo_limit_s: processor time for decoding one photo; a worker that takes more is killed.
        photo_memory_mib: what reading one photo may take besides; 0: no limit.
        grace_s: how long calls in flight may go on once the server is told to stop.
        reflection: whether clients may ask for the protocol.
        tls_certificate, tls_key: PEM files; both or neither.
        tls_client_ca: PEM file; clients must then show a certificate signed by it.
        tokens: TOML file of the tokens that may call; anyone may where None.
        http_port: where /metrics, /healthz and /readyz are served; 0: nowhere, -1: on a free port.
        http_host: the address for these.
        log_format: "text", or "json" for one object a line.
        tracing: whether spans go to OpenTelemetry, as its own environment variables say (extra `tracing`).
    """

    host: str = "127.0.0.1"
    port: int = 50051
    bundle: tuple[Path, ...] = ()
    preset: str = "default"
    workers: int = 0
    quick_workers: int = 1
    threads: int = 1
    queue_capacity: int = 8
    time_limit_s: float = 300.0
    message_limit_s: float = 60.0
    hang_limit_s: float = 30.0
    start_limit_s: float = 180.0
    photo_limit_s: float = 5.0
    photo_memory_mib: int = 450
    grace_s: float = 10.0
    reflection: bool = True
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    tokens: Path | None = None
    http_port: int = 0
    http_host: str = "127.0.0.1"
    log_format: str = "text"
    tracing: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("port", 0, 65535),
            ("http_port", -1, 65535),
            ("workers", 0, 256),
            ("quick_workers", 1, 64),
            ("threads", 1, 256),
            ("queue_capacity", 0, 10_000),
            ("photo_memory_mib", 0, 1_000_000),
            ("time_limit_s", 0.01, 86_400),
            ("message_limit_s", 0.1, 3600),
            ("photo_limit_s", 0.1, 3600),
            ("hang_limit_s", 0.1, 3600),
            ("start_limit_s", 1, 3600),
            ("grace_s", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ParameterError(f"{name} is {getattr(self, name)}.", f"It must lie in {low} … {high}.", name=name)
        if self.log_format not in ("text", "json"):
            raise ParameterError(f"log_format is {self.log_format!r}.", "Choose text or json.", name="log_format")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ParameterError("A TLS certificate and its key belong together.", "Give both or neither.")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ParameterError("Clients' certificates need TLS.", "Give tls_certificate and tls_key too.")

    @property
    def worker_count(self) -> int:
        """Processes that make characters."""
        return self.workers or max(1, core_count() // self.threads)


def core_count() -> int:
    """Cores that this process may use: the affinity, and the quota of its control group where there is one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores


def load_config(
    file: Path | None = None, environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> ServerConfig:
    """The defaults, overridden by the file, then the environment, then the flags that are not None.

    Raises:
        ParameterError: an unknown name or a value that does not fit; the message says where it stands.
    """
    values = {} if file is None else _from_file(file)
    values |= _from_environment(os.environ if environment is None else environment)
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    return replace(ServerConfig(), **values)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(f"The configuration {file} cannot be read: {error}.", "Give a TOML file.") from None
    return {name: _fit(name, value, f"in {file}") for name, value in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {field.name for field in fields(ServerConfig)}
    # Unknown F2P_ variables may be anyone's (Kubernetes sets F2P_SERVICE_HOST for a Service named f2p).
    found = {key: key.removeprefix(_PREFIX).lower() for key in environment if key.startswith(_PREFIX)}
    return {
        name: _fit(name, _parsed(name, environment[key], key), f"in the environment ({key})")
        for key, name in found.items()
        if name in known and key not in _FOREIGN
    }


def _parsed(name: str, text: str, key: str) -> Any:
    kind = get_type_hints(ServerConfig)[name]
    try:
        if kind is bool:
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        if kind in (int, float):
            return kind(text)
    except (KeyError, ValueError):
        raise ParameterError(f"{key} is {text!r}.", f"It must be of type {kind.__name__}.") from None
    return text.split(os.pathsep) if name == "bundle" else text


def _fit(name: str, value: Any, where: str) -> Any:
    kinds = get_type_hints(ServerConfig)
    if name not in kinds:
        raise ParameterError(f"There is no setting '{name}' ({where}).", f"There are: {', '.join(sorted(kinds))}.")
    kind = kinds[name]
    if name == "bundle":
        paths = [value] if isinstance(value, str) else value
        if isinstance(paths, list) and all(isinstance(path, str) for path in paths):
            return tuple(Path(path) for path in paths)
    elif Path in get_args(kind):
        if isinstance(value, str):
            return Path(value)
    elif kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise ParameterError(f"The setting '{name}' {where} is {value!r}.", "It is of the wrong kind.")
