"""`engine-bridge serve`: any engine behind one of the doors, for another program or machine."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path

from f2p.engines.registry import open_engine, read_address
from f2p.errors import ParameterError

__all__ = ["serve"]

_FORMS = "grpc://HOST:PORT, folder:DIR, or pipe:"


def serve(target: str, at: str, workers: int) -> None:
    """Open `workers` engines of a name or address and answer until SIGINT or SIGTERM; of a pipe, until its end.

    Raises:
        ParameterError: `at` is none of grpc://HOST:PORT, folder:DIR and pipe:.
        EngineError: the engine cannot start.
    """
    address = read_address(at)
    if address is None or address.scheme not in ("grpc", "folder", "pipe") or workers < 1:
        raise ParameterError(
            f"An engine cannot be served at '{at}' by {workers}.", f"Give --at {_FORMS}, --workers >= 1."
        )
    if address.scheme == "pipe":
        from engine_bridge.worker import answer_on_standard_streams

        answer_on_standard_streams("target", target)
    elif address.scheme == "folder":
        _serve_folder(target, Path(address.rest).expanduser(), workers)
    else:
        _serve_remote(target, address.rest.removeprefix("//"), workers)


def _serve_folder(target: str, folder: Path, workers: int) -> None:
    from engine_bridge.doors.folder_server import answer_folder, write_settings

    stop = _stop_event()
    with contextlib.ExitStack() as stack:
        engines = [stack.enter_context(contextlib.closing(open_engine(target))) for _ in range(workers)]
        write_settings(folder, engines[0])
        print(f"{engines[0].name} answers folder:{folder.resolve()}", flush=True)
        threads = [threading.Thread(target=answer_folder, args=(engine, folder, stop.is_set)) for engine in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _serve_remote(target: str, place: str, workers: int) -> None:
    from engine_bridge.doors.remote_server import serve_engines

    stop = _stop_event()
    with contextlib.ExitStack() as stack:
        engines = [stack.enter_context(contextlib.closing(open_engine(target))) for _ in range(workers)]
        server, port = serve_engines(engines, place)
        print(f"{engines[0].name} answers grpc://{place.rpartition(':')[0]}:{port}", flush=True)
        stop.wait()
        server.stop(5).wait()


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
