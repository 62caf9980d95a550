"""An engine in a process of its own: crashes, leaks and global state there do not touch the caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

import numpy as np

from f2p.engines.protocol import FRONTAL, Frame, View, check_size
from f2p.errors import EngineFailed, F2PError
from f2p.errors.transport import from_dict
from f2p.schema import Schema


class EngineProcess:
    """An engine that ``factory`` ("module:callable", giving an `Engine`) makes in a child process.  Thread-safe.

    Raises the engine's own errors; `EngineFailed` when the child dies.
    """

    def __init__(self, name: str, factory: str, schema: Schema) -> None:
        self.name = name
        self.schema = schema
        self._lock = threading.Lock()
        # The child finds the packages where the parent found them, installed or not.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "OMP_NUM_THREADS": "1"}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "engine_bridge.worker", factory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        try:
            self._receive()
        except F2PError:
            self.close()
            raise

    def render(self, values: Mapping[str, float | str], size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        plain = {k: v if isinstance(v, str) else float(v) for k, v in values.items()}
        with self._lock:
            head = self._ask({"op": "render", "values": plain, "size": size, "view": astuple(view)})
            side = int(head["size"])
            body = self._read(side * side * 4)
        image = np.frombuffer(body, np.uint8, side * side * 3).reshape(side, side, 3)
        return Frame(image, np.frombuffer(body, np.uint8, side * side, side * side * 3).reshape(side, side))

    def sample(self, seed: int) -> dict[str, float | str]:
        with self._lock:
            return dict(self._ask({"op": "sample", "seed": seed})["values"])

    @property
    def formats(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._ask({"op": "formats"})["formats"])

    def export(self, values: Mapping[str, float | str], format: str = "glb", size: int = 1024) -> bytes:
        plain = {k: v if isinstance(v, str) else float(v) for k, v in values.items()}
        with self._lock:
            head = self._ask({"op": "export", "values": plain, "format": format, "size": size})
            return self._read(int(head["bytes"]))

    def close(self) -> None:
        """End the child; closing twice does no harm."""
        if self._child.poll() is None:
            assert self._child.stdin is not None
            self._child.stdin.close()
            try:
                self._child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_child"):
            self.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self._dead() from error
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise self._dead()
        head: dict[str, Any] = json.loads(line)
        if "error" in head:
            known = from_dict(head["error"])
            raise known or EngineFailed(head["error"]["message"], head["error"]["remedy"])
        return head

    def _read(self, count: int) -> bytes:
        assert self._child.stdout is not None
        body = self._child.stdout.read(count)
        if len(body) < count:
            raise self._dead()
        return body

    def _dead(self) -> EngineFailed:
        code = self._child.poll()
        return EngineFailed(
            f"The engine's process for '{self.name}' ended (exit status {code}).",
            "Its own output is above; start it again.",
        )
