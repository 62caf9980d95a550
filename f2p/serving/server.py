"""Wiring: options, health, reflection, the port, and an orderly end."""

import logging
import signal
import threading
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from f2p.errors import EngineError, ParameterError, ServiceUnavailable
from f2p.serving.interceptors import ErrorInterceptor
from f2p.serving.jobs import JobQueue
from f2p.serving.servicer import CharacterServicer
from f2p.serving.translate import SERVICE_NAME, register

__all__ = ["RunningServer", "ServerConfig", "serve", "start"]

_LOG = logging.getLogger(__name__)
# The photo's own limit is checked, and refused by name, in translate.py; this one only keeps memory bounded.
_MAX_MESSAGE_BYTES = 32 * 1024 * 1024
# Threads for the quick calls beside those that wait for a solve: health checks must never queue behind solves.
_QUICK_THREADS = 8

_OPTIONS = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    # Without it a second server on the same port starts and silently takes half of the calls.
    ("grpc.so_reuseport", 0),
    # Game clients ping every 45 s, without calls too; the default answers them with GOAWAY "too_many_pings".
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_time_ms", 60_000),
]


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """How to serve.

    Attributes:
        host, port: where to listen; port 0 takes a free one.
        bundle: the bundle's folder; the shipped one where None.
        preset: for requests that name none.
        queue_capacity: jobs that may wait besides the one that runs.
        time_limit_s: longest time for one call, whatever the caller's deadline.
        grace_s: how long calls in flight may go on once the server is told to stop.
        reflection: whether clients may ask for the protocol.
    """

    host: str = "127.0.0.1"
    port: int = 50051
    bundle: Path | None = None
    preset: str = "default"
    queue_capacity: int = 8
    time_limit_s: float = 300.0
    grace_s: float = 10.0
    reflection: bool = True


class RunningServer:
    """A server that listens. `port` is the real one; `stop()` ends it in order."""

    def __init__(self, server: Any, port: int, jobs: JobQueue, servicer: CharacterServicer, ready: Any) -> None:
        self.port = port
        self._server = server
        self._jobs = jobs
        self._servicer = servicer
        self._health = ready

    def stop(self, grace_s: float = 0.0) -> None:
        """Say NOT_SERVING, take no new calls, let those in flight go on for `grace_s`, then end them."""
        self._health.enter_graceful_shutdown()
        self._server.stop(grace_s).wait()
        self._jobs.close()
        self._servicer.close()


def start(config: ServerConfig) -> RunningServer:
    """Load the bundle, open its engine and listen.

    Raises:
        ParameterError, PresetError: the configuration is wrong.
        BundleError, WeightsError: the bundle cannot be used.
        ServiceUnavailable: the port is taken.
    """
    from f2p.bundle import load_bundle
    from f2p.engines import open_engine

    _check(config)
    ready = health.HealthServicer()
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=1 + config.queue_capacity + _QUICK_THREADS),
        options=_OPTIONS,
        interceptors=[ErrorInterceptor(SERVICE_NAME)],
    )
    # Before anything slow: who starts a second server by mistake learns it at once.
    port = _bind(server, config)
    bundle = load_bundle(config.bundle)
    try:
        engine = open_engine(bundle.engine)
    except EngineError as error:
        # Not silent: GetServerInfo says so, and so does every character's list of warnings.
        _LOG.warning("no engine, characters come without its render: %s", error)
        engine = None
    jobs = JobQueue(config.queue_capacity)
    servicer = CharacterServicer(bundle, engine, jobs, preset=config.preset, time_limit_s=config.time_limit_s)
    register(servicer, server)
    health_pb2_grpc.add_HealthServicer_to_server(ready, server)
    if config.reflection:
        reflection.enable_server_reflection((SERVICE_NAME, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    server.start()
    for service in ("", SERVICE_NAME):
        ready.set(service, health_pb2.HealthCheckResponse.SERVING)
    return RunningServer(server, port, jobs, servicer, ready)


def serve(config: ServerConfig) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running = start(config)
    # One line on stdout, so that whoever started the server can wait for it and learn the port.
    print(f"f2p serves {SERVICE_NAME} on {config.host}:{running.port}", flush=True)
    stop.wait()
    running.stop(config.grace_s)


def _check(config: ServerConfig) -> None:
    from f2p.presets import preset

    preset(config.preset)
    if not 0 <= config.port <= 65535:
        raise ParameterError(f"Port {config.port} is outside 0 … 65535.", "Choose another --port.")
    if config.queue_capacity < 0 or config.time_limit_s <= 0 or config.grace_s < 0:
        raise ParameterError("A queue capacity, time limit or grace time is negative.", "Choose a positive number.")


def _bind(server: Any, config: ServerConfig) -> int:
    address = f"{config.host}:{config.port}"
    try:
        port = server.add_insecure_port(address)
    except RuntimeError:
        port = 0
    if port == 0:
        raise ServiceUnavailable(
            f"The server cannot listen on {address}: it is taken, or not an address of this machine.",
            "Choose another --port or --host.",
            port=config.port,
        )
    return int(port)
