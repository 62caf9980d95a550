"""The fork server's program: loads the bundles once, and forks a worker whenever the server asks.

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

from f2p.errors import F2PError, to_dict
from f2p.serving.ipc import MAX_ORDER_BYTES, send
from f2p.serving.logs import set_up_logging
from f2p.serving.pool.worker_settings import WorkerSettings
from f2p.serving.worker.worker import load, name_process, run_worker

__all__ = ["main"]


def main(settings: WorkerSettings, control: socket.socket, status: Connection) -> None:
    """Load, warm up, and fork workers until the server closes the channel.

    Args:
        settings: what to load.
        control: orders come here, each with the descriptor of a new worker's channel; its process id is the answer.
        status: told once whether loading succeeded.
    """
    try:
        loaded = load(settings)
    except F2PError as error:
        send(status, {"type": "start_failed", "error": to_dict(error)})
        return
    # All that exists now stays: workers share it, and their garbage collector need not look through it.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    send(status, {"type": "ready", "facts": {}})
    status.close()
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, MAX_ORDER_BYTES, 1)
        if not order:
            return
        pid = _fork_grandchild()
        if pid == 0:
            control.close()
            _run(json.loads(order), Connection(descriptors[0]), lambda *given: run_worker(loaded, settings, *given))
        os.close(descriptors[0])
        control.send(str(pid).encode())


def _fork_grandchild() -> int:
    """A grandchild's process id, or 0 in the grandchild. Its parent ends, so that the server can wait for it."""
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


def _run(order: dict[str, Any], channel: Connection, work: Callable[[Connection, bool], None]) -> None:
    """Be a worker from the fork to the end of the process; never returns into the fork server's code."""
    code = 1
    try:
        os.setsid()
        name_process(f"f2p-{order['name']}")
        work(channel, order["engine"])
        code = 0
    except OSError:
        # The server went away in the middle of a message.
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
    name_process("f2p-fork-server")
    with contextlib.suppress(OSError):
        main(_settings, socket.socket(fileno=int(sys.argv[2])), Connection(int(sys.argv[3])))
