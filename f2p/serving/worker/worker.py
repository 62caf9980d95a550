"""A worker process: what the fork server loads before it forks one, and what the worker then does until its end.

It reads the photos, in a process of its own so that a photo that breaks it harms no other request. The main thread
works; another listens to the server, so that a cancelled job ends and the worker leaves when the server does.
"""

import base64
import contextlib
import ctypes
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from f2p.errors import Cancelled, DeadlineExceeded, EngineError, F2PError, InternalError, ParameterError
from f2p.errors.transport import to_dict
from f2p.serving.ipc import receive, send
from f2p.serving.pool.worker_settings import WorkerSettings

__all__ = ["Loaded", "load", "name_process", "run_worker"]

_LOG = logging.getLogger("f2p.serving.worker.worker")
_PR_SET_NAME = 15


class _ChannelReporter:
    """A Reporter that writes to the server's channel."""

    def __init__(self, channel: Connection, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self.cancelled = threading.Event()

    def check(self) -> None:
        if time.monotonic() > self._deadline:
            raise DeadlineExceeded("The work was not done in time.", "Allow more time, or choose a faster preset.")
        if self.cancelled.is_set():
            raise Cancelled("The caller cancelled the work.")

    def stage(self, name: str) -> None:
        send(self._channel, {"type": "stage", "stage": name})

    def progress(self, message: bytes) -> None:
        send(self._channel, {"type": "progress"}, message)


class _ControlListener:
    """The listening thread. Jobs come one at a time, so that a cancel is always for the present one."""

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self.jobs: queue.SimpleQueue[tuple[dict[str, Any], bytes, _ChannelReporter]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        reporter: _ChannelReporter | None = None
        while True:
            try:
                head, body = receive(self._channel)
            except (EOFError, OSError):
                # The server has closed the channel or has ended: nobody wants the answer to what is being worked on.
                os._exit(0)
            if head["command"] == "cancel":
                if reporter is not None:
                    reporter.cancelled.set()
                continue
            reporter = _ChannelReporter(self._channel, head["deadline"])
            self.jobs.put((head, body, reporter))
            # It holds a photo, and the next message may be long in coming.
            del body


@dataclass(frozen=True)
class Loaded:
    """What workers share: the bundles on the CPU, by name, the default first, and the engines that allow it."""

    bundles: Mapping[str, Any]
    engines: Mapping[str, Any]


def run_worker(loaded: Loaded, settings: WorkerSettings, channel: Connection, engine: bool) -> None:
    """Open the engines (where `engine`), tell the server what is served, and work until it closes the channel.

    Args:
        loaded: as `load` returned it.
        settings: the service's.
        channel: to the server.
        engine: whether this worker makes characters; it then solves on the configured device.
    """
    try:
        handlers, facts = _open(loaded, settings, engine)
    except F2PError as error:
        send(channel, {"type": "start_failed", "error": to_dict(error)})
        return
    send(channel, {"type": "ready", "facts": facts})
    listener = _ControlListener(channel)
    while True:
        # One expression: no name of this frame keeps a photo until the next job comes.
        _answer(handlers, channel, *listener.jobs.get())


def _answer(handlers: Any, channel: Connection, head: dict[str, Any], body: bytes, reporter: _ChannelReporter) -> None:
    try:
        answer, notes = handlers.answer(head["method"], body, reporter, head["deadline"])
    except F2PError as error:
        send(channel, {"type": "failed", "error": to_dict(error)})
    except Exception:
        _LOG.exception("a %s failed", head["method"])
        send(channel, {"type": "failed", "error": to_dict(InternalError())})
    else:
        send(channel, {"type": "done", "notes": notes}, answer)


def load(settings: WorkerSettings) -> Loaded:
    """Load the bundles on the CPU, and open the engines that a forked process can go on with.

    Each is run once where it is to be used there, so that no caller pays for what the first run costs. A GPU is not
    touched: once its driver has started, a process cannot be forked. The workers load it after the fork.

    Raises:
        F2PError: a bundle or the preset cannot be used.
    """
    import torch

    from f2p.bundle import load_bundle
    from f2p.fitting.presets import get_preset
    from f2p.serving.worker import handlers  # noqa: F401 - loaded once, for all workers
    from f2p.serving.worker.warmup import warm_up

    # Before anything slow: a mistake in the settings is told at once.
    get_preset(settings.preset)
    # More would start threads, which a fork does not copy.
    torch.set_num_threads(1)
    bundles: dict[str, Any] = {}
    for path in settings.bundles or (None,):
        bundle = load_bundle(None if path is None else Path(path))
        if bundle.name in bundles:
            raise ParameterError(f"Two bundles are named '{bundle.name}'.", "Serve one of them, or export it anew.")
        bundles[bundle.name] = bundle
    for bundle in bundles.values() if settings.on_cpu else ():
        warm_up(bundle, settings.preset)
    return Loaded(bundles, {name: engine for name, bundle in bundles.items() if (engine := _shared(bundle.engine))})


def _shared(name: str) -> Any:
    """The engine, which has drawn once, or None where a forked process can't go on with it, or it does not start: the
    workers open theirs, and tell why they can't."""
    from f2p.engines.registry import is_forkable, open_engine

    try:
        if not is_forkable(name):
            return None
        engine = open_engine(name)
        engine.render({})
    except EngineError:
        return None
    return engine


def _on_device(bundles: Mapping[str, Any], settings: WorkerSettings) -> dict[str, Any]:
    """The bundles on the configured device, warmed up. Raises DeviceUnavailable."""
    from f2p.bundle import load_bundle
    from f2p.serving.worker.warmup import warm_up

    moved = {name: load_bundle(bundle.path, device=settings.device) for name, bundle in bundles.items()}
    for bundle in moved.values():
        warm_up(bundle, settings.preset)
    return moved


def _open(loaded: Loaded, settings: WorkerSettings, engine: bool) -> tuple[Any, dict[str, Any]]:
    import torch

    from f2p.engines.registry import open_engine
    from f2p.fitting.presets import preset_names
    from f2p.serving.memory import forget_freed_memory
    from f2p.serving.worker.handlers import Handlers
    from f2p.serving.worker.responses import schema_response

    # A search keeps a second core busy by itself: with one or two the bits are the same.
    torch.set_num_threads(max(1, settings.threads // 2))
    bundles = loaded.bundles
    if engine and not settings.on_cpu:
        bundles = _on_device(bundles, settings)
    if not forget_freed_memory():
        _LOG.warning("this C library cannot overwrite freed memory: photos may linger in it until it is used again")
    engines = {}
    for name, bundle in bundles.items() if engine else ():
        try:
            engines[name] = loaded.engines.get(name) or open_engine(bundle.engine)
        except EngineError as error:
            # Not silent: GetServerInfo says so too, and so does every character's list of warnings.
            _LOG.warning("no engine for '%s', characters come without its render: %s", name, error)
    handlers = Handlers(bundles, engines, settings.preset, settings.photo_memory_mib, settings.threads)
    schemas = {
        name: base64.b64encode(schema_response(bundle.schema).SerializeToString()).decode()
        for name, bundle in bundles.items()
    }
    return handlers, {"bundles": handlers.facts(), "schemas": schemas, "presets": list(preset_names())}


def name_process(name: str) -> None:
    """Set the name that `ps` and `top` show, of which Linux keeps 15 characters."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)
