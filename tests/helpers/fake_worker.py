"""A worker that speaks the wire and does as its request says, without torch: starts in a tenth of a second.

Its own arguments come first (`broken`: it cannot start; `name=X`: what it says of itself), the descriptor last.
Requests: b"echo", b"steps N", b"fail", b"sleep SECONDS" (silent, until cancelled), and STAGE:FATE, where FATE is the
number of a signal, `hang`, or `spin` (busy for ever).
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from f2p.errors import BundleCorrupt, Cancelled, NoFace, to_dict
from f2p.serving import contract
from f2p.serving.ipc import receive, send
from f2p.serving.pool.process import WorkerProcess


def fake_worker(*arguments: str, name: str = "fake") -> WorkerProcess:
    """A started one."""
    root = Path(__file__).resolve().parents[2]
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), *arguments, str(theirs.fileno())],
        pass_fds=(theirs.fileno(),),
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    theirs.close()
    return WorkerProcess(process, Connection(ours.detach()), name)


class FakeForkServer:
    """In the place of `f2p.serving.server.ForkServer`."""

    def __init__(self, program: Sequence[str], environment: Mapping[str, str], start_limit_s: float) -> None: ...

    def worker(self, name: str, *, engine: bool) -> WorkerProcess:
        return fake_worker(name=name)

    def close(self) -> None: ...


def _work(channel: Connection, request: str, cancelled: threading.Event) -> None:
    if request == "fail":
        send(channel, {"type": "failed", "error": to_dict(NoFace("No face.", "Show one.", faces=0))})
        return
    if ":" in request:
        stage, fate = request.split(":")
        send(channel, {"type": "stage", "stage": stage})
        if fate == "hang":
            time.sleep(600)
        while fate == "spin":
            pass
        os.kill(os.getpid(), int(fate))
        time.sleep(600)
    if request.startswith("sleep"):
        cancelled.wait(float(request.split()[1]))
        send(channel, {"type": "failed", "error": to_dict(Cancelled("Cancelled."))})
        return
    if request.startswith("steps"):
        for number in range(int(request.split()[1])):
            if cancelled.wait(0.01):
                send(channel, {"type": "failed", "error": to_dict(Cancelled("Cancelled."))})
                return
            send(channel, {"type": "progress"}, str(number).encode())
    send(channel, {"type": "done", "notes": {"pid": os.getpid(), "name": NAME}}, request.encode())


def main(channel: Connection) -> None:
    if "broken" in sys.argv:
        send(
            channel, {"type": "start_failed", "error": to_dict(BundleCorrupt("The file is damaged.", "Copy it anew."))}
        )
        return
    bundle = {"name": "fake", "version": "1", "schema_hash": "", "engine_name": "", "engine_available": False}
    served = {"bundles": [{**bundle, "drawing_size_px": 64}], "schemas": {"fake": ""}, "presets": ["default"]}
    send(channel, {"type": "ready", "facts": {"name": NAME, **served}})
    cancelled = threading.Event()
    while True:
        try:
            head, body = receive(channel)
        except (EOFError, OSError):
            os._exit(0)
        if head["command"] == "cancel":
            cancelled.set()
            continue
        cancelled.clear()
        # In a test of the whole server, the photo says what to do.
        said = contract.METHODS[head["method"]].FromString(body).photo if head["method"] in PHOTOS else body
        threading.Thread(target=_work, args=(channel, said.decode(), cancelled), daemon=True).start()


PHOTOS = (*contract.CREATING, "CheckPhoto")
NAME = next((text[5:] for text in sys.argv if text.startswith("name=")), "")

if __name__ == "__main__":
    main(Connection(int(sys.argv[-1])))
