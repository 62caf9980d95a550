"""Wiring of the server: workers, gRPC options, TLS, health, reflection, the port, the swap of bundles."""

import threading
import time
from collections.abc import Sequence
from concurrent import futures
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from f2p.errors import ServiceUnavailable
from f2p.limits import MAX_MESSAGE_BYTES
from f2p.serving.address import address, is_unix, taken
from f2p.serving.calls import CharacterCalls
from f2p.serving.config import ServerConfig
from f2p.serving.contract import QUEUED, QUICK, SERVICE_NAME
from f2p.serving.meshes import MAX_WAITING
from f2p.serving.observability.gauges import gauges
from f2p.serving.observability.http_probes import ProbeServer
from f2p.serving.observability.metrics import Metrics
from f2p.serving.observability.tracing import open_tracing
from f2p.serving.pool.fork_server import ForkServer, command, environment
from f2p.serving.pool.pool import Lane, Pool
from f2p.serving.pool.process import Limits
from f2p.serving.pool.served_bundles import ServedBundles
from f2p.serving.pool.worker_settings import WorkerSettings
from f2p.serving.rpc.auth import TokenBook
from f2p.serving.rpc.interceptors import CallInterceptor
from f2p.serving.rpc.servicer import character_handler
from f2p.serving.rpc.slow_clients import SlowClientGuard
from f2p.serving.rpc.tls import credentials
from f2p.serving.web.app import make_app
from f2p.serving.web.bodies import BodyReader
from f2p.serving.web.endpoint import Door
from f2p.serving.web.server import WebServer

__all__ = ["RunningServer"]

# Threads for the quick calls beside those that wait for a worker: health checks must never queue behind them.
_QUICK_THREADS = 8
# Calls whose messages may be on their way at once, beyond those that there is work for: players on slow lines.
_RECEIVING = 32
_HEALTH_WATCHERS = 8
# Photos to check, previews: each takes a tenth of a second, so that this many wait a few seconds at most.
_QUICK_CAPACITY = 32
_HEALTH_INTERVAL_S = 0.2
_DRAIN_POLL_S = 0.05

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # Without it a second server on the same port starts and silently takes half of the calls.
    ("grpc.so_reuseport", 0),
    # Game clients ping every 45 s, without calls too; the default answers them with GOAWAY "too_many_pings".
    ("grpc.keepalive_permit_without_calls", 1),
    # Some clients ping every second; a ping costs less than the connection that its refusal would end.
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    # A connection that has silently gone is noticed after 45 s, and its calls are cancelled.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 15_000),
    # A connection must finish its handshake in this time.
    ("grpc.server_handshake_timeout_ms", 20_000),
    # One connection cannot open more calls than this at once; a game has a few, a proxy some hundred.
    ("grpc.max_concurrent_streams", 512),
]


class RunningServer:
    """A gRPC server, its workers and its probes.

    Attributes:
        port: the real one, where the configuration has 0.
        web_port: that of HTTP; 0 where there is none.
        http_port: that of the probes; 0 where there are none.

    Raises:
        ParameterError: the configuration is wrong.
        ServiceUnavailable: a port is taken.
    """

    def __init__(self, config: ServerConfig) -> None:
        self.config = config.validated()
        limits = Limits(config.hang_limit_s, config.photo_limit_s)
        create = Lane("create", config.worker_count, config.queue_capacity, limits, config.start_limit_s)
        quick = Lane("quick", config.quick_workers, _QUICK_CAPACITY, limits, config.start_limit_s)
        self._pool = Pool([create, quick], config.start_limit_s)
        self._metrics = Metrics()
        self._tokens = None if config.tokens is None else TokenBook(config.tokens)
        self._draining = False
        self._tracing = open_tracing(config.tracing)
        self._calls = CharacterCalls(
            create.queue,
            quick.queue,
            preset=config.preset,
            time_limit_s=config.time_limit_s,
            metrics=self._metrics,
        )
        self._metrics.add_gauges(lambda: gauges(self._pool, lambda: self.ready, lambda: self._calls.served))
        self._fork_server: ForkServer | None = None
        self._loaded: tuple[tuple[str, bytes], ...] = ()
        # Calls of Health.Watch wait for their message in threads of their own.
        self._health = health.HealthServicer(experimental_thread_pool=futures.ThreadPoolExecutor(_HEALTH_WATCHERS))
        self._reported_ready: bool | None = None
        self._ending = threading.Event()
        # Threads for calls that a worker has or may get, for those whose messages are on their way, and for all others.
        working = config.worker_count + config.queue_capacity + config.quick_workers + _QUICK_CAPACITY + MAX_WAITING
        slow_clients = SlowClientGuard(config.message_limit_s, places=working + _RECEIVING)
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=working + slow_clients.places + _QUICK_THREADS),
            options=_OPTIONS,
            interceptors=[CallInterceptor(SERVICE_NAME, self._gate, self._metrics, self._tracing, slow_clients)],
        )
        self._server.add_generic_rpc_handlers((character_handler(self._calls),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if config.reflection:
            names = (SERVICE_NAME, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        # Before anything slow: a second server that is started by mistake ends at once.
        self.port = _bind(self._server, config)
        self._probes: ProbeServer | None = None
        if config.http_port:
            port = max(0, config.http_port)
            self._probes = ProbeServer(config.http_host, port, self._metrics.text, lambda: self.ready)
        self.http_port = self._probes.port if self._probes else 0
        # Threads only for calls that a worker has or may get: bodies on their way need none.
        self._web_threads = futures.ThreadPoolExecutor(working + _QUICK_THREADS, thread_name_prefix="f2p-web")
        self._web = self._open_web(config, working + _RECEIVING) if config.web_port else None
        self.web_port = self._web.port if self._web else 0

    @property
    def ready(self) -> bool:
        """True while it can take work."""
        return self._pool.ready and not self._ending.is_set()

    def _open_web(self, config: ServerConfig, places: int) -> WebServer:
        door = Door(
            calls=self._calls,
            gate=self._gate,
            bodies=BodyReader(config.message_limit_s, places),
            threads=self._web_threads,
            metrics=self._metrics,
            tracing=self._tracing,
        )
        return WebServer(config, make_app(door, lambda: self.ready, config.web_origins))

    def listen(self) -> None:
        """Begin to answer: health with NOT_SERVING and calls with SERVICE_UNAVAILABLE, until `begin` has workers."""
        self._report_health()
        self._server.start()
        if self._web is not None:
            self._web.start()

    def begin(self) -> None:
        """Start the workers and say SERVING once they are ready. Raises F2PError where they cannot be."""
        self.load(self.config.bundle)
        self._report_health()
        threading.Thread(target=self._update_health, name="f2p-health", daemon=True).start()

    def load(self, bundles: Sequence[Path]) -> None:
        """Start workers with these bundles (the shipped one where none is given), and swap them in once all are warm.

        Raises:
            F2PError: one of them cannot be served; what is served now goes on being served.
        """
        settings = WorkerSettings(
            bundles=tuple(str(path.resolve()) for path in bundles),
            preset=self.config.preset,
            device=self.config.device,
            threads=self.config.threads,
            photo_memory_mib=self.config.photo_memory_mib,
            log_format=self.config.log_format,
        )
        named = {"relay": True} if self.config.log_format == "json" else {}
        fork_server = ForkServer(command(settings), environment(settings), self.config.start_limit_s, **named)
        try:
            lanes = [partial(fork_server.worker, engine=engine) for engine in (True, False)]
            self._pool.install(lanes, self._adopt)
        except BaseException:
            fork_server.close()
            raise
        old, self._fork_server = self._fork_server, fork_server
        if old is not None:
            old.close()
        self._loaded = _fingerprint(bundles)

    def reload(self, config: ServerConfig) -> bool:
        """Take over `tokens` and `bundle` of another configuration; True where bundles had changed and were swapped.

        Raises:
            F2PError: one of them cannot be used; it stays as it was.
        """
        self._tokens = None if config.tokens is None else TokenBook(config.tokens)
        if _fingerprint(config.bundle) == self._loaded:
            return False
        self.load(config.bundle)
        return True

    def stop(self, grace_s: float = 0.0) -> None:
        """Say NOT_SERVING, take no new calls, let those in flight go on for `grace_s`, then end them.

        While calls are in flight, others are told that the server is draining: a closed port would look like no server.
        """
        until = time.monotonic() + grace_s
        self._draining = True
        self._ending.set()
        self._health.enter_graceful_shutdown()
        while time.monotonic() < until and any(lane.queue.count for lane in self._pool.lanes):
            time.sleep(_DRAIN_POLL_S)
        # Answers that are on their way.
        self._server.stop(max(0.0, until - time.monotonic())).wait()
        if self._web is not None:
            self._web.close()
        self._pool.close()
        self._web_threads.shutdown(wait=False, cancel_futures=True)
        if self._fork_server is not None:
            self._fork_server.close()
        self._tracing.close()
        if self._probes is not None:
            self._probes.close()

    def _adopt(self, reported: Sequence[dict[str, Any]]) -> None:
        self._calls.served = ServedBundles.from_facts(reported)

    def _gate(self, method: str, metadata: Any) -> str:
        """Check the caller's token, then whether there is room, before the message is read."""
        caller = "" if self._tokens is None else self._tokens.admit(metadata)
        if self._draining:
            raise ServiceUnavailable(
                "The server is draining: it finishes its calls and ends.", "Try again in a moment.", retry_ms=1000
            )
        for lane, methods in zip(self._pool.lanes, (QUEUED, QUICK), strict=True):
            refusal = lane.queue.refusal() if method in methods else None
            if refusal is not None:
                raise refusal
        return caller

    def _update_health(self) -> None:
        while not self._ending.wait(_HEALTH_INTERVAL_S):
            self._report_health()

    def _report_health(self) -> None:
        ready = self.ready
        if ready != self._reported_ready:
            self._reported_ready = ready
            state = health_pb2.HealthCheckResponse
            for service in ("", SERVICE_NAME):
                self._health.set(service, state.SERVING if ready else state.NOT_SERVING)


def _fingerprint(bundles: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    """Paths and manifests of the bundles. A manifest holds the hashes of all files, and changes with each."""
    found = []
    for path in bundles:
        manifest = path / "bundle.json"
        found.append((str(path.resolve()), manifest.read_bytes() if manifest.is_file() else b""))
    return tuple(found)


def _bind(server: Any, config: ServerConfig) -> int:
    where = address(config.host, config.port)
    tls = credentials(config)
    reason = taken(config.host, config.port) if is_unix(config.host) else ""
    try:
        port = 0 if reason else server.add_secure_port(where, tls) if tls else server.add_insecure_port(where)
    except RuntimeError:
        port = 0
    if port == 0:
        reason = reason or taken(config.host, config.port) or "it is taken, or not an address of this machine"
        raise ServiceUnavailable(
            f"The server cannot listen on {where}: {reason}.", "Choose another --port or --host.", port=config.port
        )
    return int(port)
