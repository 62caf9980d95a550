"""The server's process from its start to its end: signals, reloading, and the line that says where it listens."""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from f2p.errors import F2PError
from f2p.serving.address import address
from f2p.serving.config import ServerConfig
from f2p.serving.contract import SERVICE_NAME
from f2p.serving.logs import set_up_logging
from f2p.serving.memory import forget_freed_memory
from f2p.serving.server import RunningServer

__all__ = ["serve", "start"]

_LOG = logging.getLogger(__name__)


def start(config: ServerConfig) -> RunningServer:
    """Listen, load the bundles in worker processes, and warm them up.

    Raises:
        ParameterError, PresetError: the configuration is wrong.
        BundleError, WeightsError: a bundle cannot be used.
        DeviceUnavailable: torch cannot compute on the configured device.
        ServiceUnavailable: the port is taken, or a worker did not start.
    """
    forget_freed_memory()
    running = RunningServer(config)
    try:
        running.listen()
        running.begin()
    except BaseException:
        running.stop()
        raise
    return running


def serve(read_config: Callable[[], ServerConfig], when_ready: Callable[[str], None] = lambda url: None) -> None:
    """Serve until SIGINT or SIGTERM. At SIGHUP the configuration is read again, for other tokens and bundles.

    Args:
        read_config: called at the start and at each SIGHUP; of later answers only `tokens` and `bundle` are used.
        when_ready: called with the address of HTTP once the server takes work; "" where there is no HTTP.
    """
    config = read_config()
    set_up_logging(config.log_format)
    stop, reload, wake = threading.Event(), threading.Event(), threading.Event()

    def on_signal(event: threading.Event) -> Callable[..., None]:
        def note(*_: Any) -> None:
            event.set()
            wake.set()

        return note

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal(stop))
    signal.signal(signal.SIGHUP, on_signal(reload))
    running = start(config)
    # One line on stdout, so that whoever started the server can wait for it and learn the port.
    print(f"f2p serves {SERVICE_NAME} on {address(config.host, running.port)}", flush=True)
    url = _web_address(config, running.web_port) if running.web_port else ""
    if url:
        print(f"f2p serves HTTP on {url}", flush=True)
    if running.http_port:
        _LOG.info("metrics and probes on %s", address(config.http_host, running.http_port))
    when_ready(url)
    reloading: threading.Thread | None = None
    while not stop.is_set():
        wake.wait()
        wake.clear()
        # In a thread of its own: loading takes its time, and a stop meanwhile must not wait for it.
        if reload.is_set() and not stop.is_set() and not (reloading and reloading.is_alive()):
            reload.clear()
            reloading = threading.Thread(target=_reload, args=(running, read_config, wake), daemon=True)
            reloading.start()
    running.stop(config.grace_s)


def _web_address(config: ServerConfig, port: int) -> str:
    return f"{'http' if config.tls_certificate is None else 'https'}://{address(config.web_host, port)}"


def _reload(running: RunningServer, read_config: Callable[[], ServerConfig], wake: threading.Event) -> None:
    """Reload and log the outcome; then wake `serve` for a signal that came meanwhile."""
    try:
        config = read_config()
        swapped = running.reload(config)
    except F2PError as error:
        _LOG.error("not reloaded: %s: %s", error.reason, error)
    else:
        names = ", ".join(map(str, config.bundle)) or "the shipped one"
        _LOG.info("reloaded; bundles %s: %s", "swapped" if swapped else "as before", names)
    finally:
        threading.Timer(0.1, wake.set).start()
