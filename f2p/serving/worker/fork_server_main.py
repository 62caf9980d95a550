"""The fork server's program: loads the bundles once, warms them up, and forks a worker whenever the server asks.

python -m f2p.serving.worker.fork_server_main SETTINGS CONTROL_DESCRIPTOR STATUS_DESCRIPTOR
"""

import contextlib
import ctypes
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from f2p.errors import F2PError
from f2p.serving.ipc import LONGEST_ORDER, error_to, send
from f2p.serving.logs import set_up_logging
from f2p.serving.pool.worker_settings import WorkerSettings
from f2p.serving.worker.worker import load, name_process, work


def main(settings: WorkerSettings, control: socket.socket, told: Connection) -> None:
    """Load, warm up, and fork workers until the server closes the channel."""
    try:
        loaded = load(settings)
    except F2PError as error:
        send(told, {"is": "broken", "error": error_to(error)})
        return
    # What is here now stays: workers share it, and need not look through it for garbage.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    send(told, {"is": "ready", "facts": {}})
    told.close()
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, LONGEST_ORDER, 1)
        if not order:
            return
        pid = _fork_away()
        if pid == 0:
            control.close()
            _live(json.loads(order), Connection(descriptors[0]), lambda *said: work(loaded, settings, *said))
        os.close(descriptors[0])
        control.send(str(pid).encode())


def _fork_away() -> int:
    """A grandchild's number, or 0 in the grandchild; it is the server's to wait for once its parent has gone."""
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        pid = os.fork()
        if pid == 0:
            os.close(read)
            os.close(write)
            return 0
        os.write(write, str(pid).encode())
        os._exit(0)
    os.close(write)
    pid = int(os.read(read, 32))
    os.close(read)
    os.waitpid(middle, 0)
    return pid


def _live(order: dict[str, Any], channel: Connection, life: Callable[[Connection, bool], None]) -> None:
    """A worker's life, from the fork to its end: it never comes back into the nursery's code."""
    code = 1
    try:
        os.setsid()
        name_process(f"f2p-{order['name']}")
        life(channel, order["engine"])
        code = 0
    except OSError:
        # The server went away in the middle of a sentence.
        pass
    except BaseException:
        logging.getLogger("f2p.serving.worker.worker").exception("the worker %s failed", order["name"])
    finally:
        logging.shutdown()
        os._exit(code)


if __name__ == "__main__":
    # The server says when to leave: a signal to the whole group must not break its orderly end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _settings = WorkerSettings(**json.loads(sys.argv[1]))
    set_up_logging(_settings.log_format)
    name_process("f2p-nursery")
    with contextlib.suppress(OSError):
        main(_settings, socket.socket(fileno=int(sys.argv[2])), Connection(int(sys.argv[3])))
