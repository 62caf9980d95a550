"""The door of child processes: a program that answers JSON lines on its standard streams. Address: ``exec:COMMAND``.

The program first writes a line that says what it is, then answers each line that it reads. Lines are JSON, in UTF-8.

    program   {"ready": "my-head", "schema": "TEXT OF schema.yaml"}   and "labels", "sample", "five_points": true or not
    f2p       {"op": "render", ...}                                             a job, see `engine_bridge.doors.jobs`
    program   {"image": [H, W, 3], "labels": [H, W]}   and then the bytes of both, rows from the top
          or  {"png": [N, M]}                          and then two PNG files of N and M bytes
          or  {"error": "what went wrong"}
    f2p       {"op": "sample", "seed": 7}              only where "sample": true
    program   {"values": {...}}
    f2p       {"op": "five_points", "yaw": 0.0, ...}   only where "five_points": true
    program   {"points": [[x, y], ...]}
    f2p       {"op": "export", "values": {...}, "format": "glb", "size": 1024}   only of "formats": ["glb", ...]
    program   {"bytes": N}                             and then the N bytes of the file

At the end of its input the program ends. What it prints for people goes to standard error.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine_bridge.doors.child import Child, ChildEnded, ChildSilent
from engine_bridge.doors.failures import compare_schemas, received_error
from engine_bridge.doors.jobs import Values, plain_values, render_job
from engine_bridge.doors.pictures import checked_frame, read_labels_png, read_picture_png
from f2p.engines.abilities import sample_values
from f2p.engines.protocol import FRONTAL, SIZES, Frame, View, check_size
from f2p.engines.time_limits import time_limits
from f2p.errors import EngineFailed, EngineMissing, EngineTimeout, ParameterError, SchemaError
from f2p.schema import Schema, parse_schema

__all__ = ["PipedEngine", "open_engine"]


def open_engine(command: str) -> PipedEngine:
    """Start the engine that a command line is; words are split as a shell does, but none runs.

    Raises:
        ParameterError: the command line is empty or has an open quote.
        EngineMissing: there is no such program.
        EngineFailed, EngineTimeout: it does not start as an engine.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ParameterError(f"The command {command!r} cannot be read: {error}.", "Close its quotes.") from None
    if not words:
        raise ParameterError("An engine's address 'exec:' needs a command.", "Write exec:PROGRAM ARGUMENTS.")
    if shutil.which(words[0]) is None:
        raise EngineMissing(f"There is no program '{words[0]}'.", "Correct the command, or install it.", engine=command)
    return PipedEngine(Path(words[0]).name, words)


class PipedEngine:
    """An engine in a child process. One that dies is started anew, and the picture drawn again, once; one that hangs is
    killed, and started anew for the next picture. Thread-safe: one picture at a time.

    Args:
        name: for messages, until the engine has said its own.
        command: program and arguments.
        schema: the sliders that it must have; None takes those that it says.
        environment: added to ours.

    Raises:
        EngineFailed: the child dies, speaks another language, or has other sliders.
        EngineTimeout: it takes longer than `f2p.engines.time_limits`.
        F2PError: of the engine itself, where it is one of ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        schema: Schema | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.crashes: list[str] = []
        """A sentence for each time that the child died or hung."""
        self._command, self._environment = tuple(command), dict(environment or {})
        self._expected = schema
        self._limits = time_limits()
        self._lock = threading.Lock()
        self._drawn = 0
        self._child: Child | None = None
        self._ready: dict[str, Any] = {}
        self.schema = self._start()

    @property
    def has_labels(self) -> bool:
        """Whether it draws label maps."""
        return bool(self._ready.get("labels", True))

    @property
    def pid(self) -> int | None:
        """Number of the process whose descendants are the engine's; None while there is none."""
        return None if self._child is None else self._child.pid

    def render(self, values: Values, size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        image, labels = self._ask(render_job(self.schema, values, size, view, self.has_labels))
        return checked_frame(image, labels, size)

    def sample(self, seed: int) -> dict[str, float | str]:
        if not self._ready.get("sample"):
            return sample_values(self.schema, np.random.default_rng(seed))
        values = self._ask({"op": "sample", "seed": seed}).get("values")
        if not isinstance(values, dict):
            raise self._nonsense("a sample without values")
        return plain_values(values)

    def five_points(self, view: View = FRONTAL) -> npt.NDArray[np.float64] | None:
        """(5, 2), or None where the engine does not know them."""
        if not self._ready.get("five_points"):
            return None
        where = {"yaw": view.yaw, "pitch": view.pitch, "roll": view.roll, "light": view.light}
        points = self._ask({"op": "five_points", **where}).get("points")
        return None if points is None else np.asarray(points, np.float64)

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the formats that it exports characters to."""
        return tuple(str(name) for name in self._ready.get("formats", ()))

    def export(self, values: Values, format: str = "glb", size: int = 1024) -> bytes:
        job = {"op": "export", "values": plain_values(values), "format": format, "size": size}
        return bytes(self._ask(job))

    def close(self) -> None:
        """End the child; closing twice does no harm."""
        with self._lock:
            self._stop()

    def __enter__(self) -> PipedEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_child", None) is not None:
            self._stop()

    def _ask(self, request: dict[str, Any]) -> Any:
        """What the child answers: (image, labels) for a picture, else the document."""
        with self._lock:
            self._drawn += request["op"] == "render"
            for attempt in (1, 2):
                try:
                    return self._exchange(request)
                except ChildEnded as error:
                    self._note(f"died: {error}", request)
                    if attempt == 2:
                        raise EngineFailed(
                            f"The engine's process for '{self.name}' died twice ({error}) on {_what(request)}.",
                            "Its own output is above: mend what it says there.",
                        ) from None
                except ChildSilent:
                    limit = self._limit(request)
                    self._note(f"hung for {limit:g} s", request)
                    raise EngineTimeout(
                        f"The engine '{self.name}' did not answer within {limit:g} s on {_what(request)}.",
                        "Mend what hangs, or raise F2P_ENGINE_FRAME_SECONDS.",
                    ) from None
                except EngineFailed:
                    raise
                except (ValueError, TypeError, KeyError) as error:
                    # What follows on the pipe cannot be told apart any more.
                    self._stop()
                    raise self._nonsense(str(error)) from error
            raise AssertionError("unreachable")

    def _exchange(self, request: dict[str, Any]) -> Any:
        if self._child is None:
            self._start()
        assert self._child is not None
        until = time.monotonic() + self._limit(request)
        self._child.send(json.dumps(request).encode() + b"\n", until)
        head = self._read_head(self._child, until)
        if request["op"] == "export":
            return self._child.read(int(head["bytes"]), until)
        if request["op"] != "render":
            return head
        if "png" in head:
            parts = [self._child.read(_count([n]), until) for n in head["png"]]
            return read_picture_png(parts[0]), read_labels_png(parts[1]) if len(parts) > 1 else None
        image = self._array(self._child, head["image"], until)
        shape = head.get("labels")
        return image, None if shape is None else self._array(self._child, shape, until)

    def _limit(self, request: Mapping[str, Any]) -> float:
        """Seconds for an answer. With the first picture many an engine loads shaders, or compiles."""
        first = request["op"] == "render" and self._drawn == 1
        return max(self._limits.start, self._limits.frame) if first else self._limits.frame

    @staticmethod
    def _array(child: Child, shape: Any, until: float) -> npt.NDArray[np.uint8]:
        return np.frombuffer(child.read(_count(shape), until), np.uint8).reshape(shape)

    def _read_head(self, child: Child, until: float) -> dict[str, Any]:
        head = json.loads(child.read_line(until))
        if not isinstance(head, dict):
            raise ValueError(f"the line {head!r:.80}")
        self.crashes += head.get("crashes", [])
        if "error" in head:
            raise received_error(head["error"])
        return head

    def _start(self) -> Schema:
        """Start the child; the schema that it draws by."""
        child = Child(self._command, environment=self._environment)
        try:
            head = self._read_head(child, time.monotonic() + self._limits.start)
            self.name = str(head["ready"])
            schema = parse_schema(str(head["schema"]), f"schema of '{self.name}'")
        except BaseException as error:
            child.kill()
            raise self._not_started(error) from error
        try:
            compare_schemas(self.name, self._expected, schema)
        except EngineFailed:
            child.kill()
            raise
        self._child, self._ready = child, head
        self._expected = self._expected or schema
        return self._expected

    def _not_started(self, error: BaseException) -> BaseException:
        if isinstance(error, ChildEnded):
            return EngineFailed(
                f"The engine's process for '{self.name}' ended before it was ready: {error}.",
                "Its own output is above; start it by hand to see more.",
            )
        if isinstance(error, ChildSilent):
            return EngineTimeout(
                f"The engine's process for '{self.name}' was not ready within {self._limits.start:g} s.",
                "It must first write a line {'ready': ..., 'schema': ...}; or raise F2P_ENGINE_START_SECONDS.",
            )
        if isinstance(error, SchemaError):
            return EngineFailed(f"The schema of '{self.name}' is wrong: {error}", "Correct its schema.yaml.")
        if isinstance(error, (ValueError, KeyError)):
            return self._nonsense(f"{error} in place of a line {{'ready': ..., 'schema': ...}}")
        return error

    def _nonsense(self, what: str) -> EngineFailed:
        return EngineFailed(
            f"The answer of the engine '{self.name}' makes no sense: {what}.",
            "See docs/engines.md; what the program prints for people must go to standard error.",
        )

    def _note(self, how: str, request: dict[str, Any]) -> None:
        self.crashes.append(f"{how}, on picture {self._drawn}: {_what(request)}")
        self._stop(kill=True)

    def _stop(self, kill: bool = False) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill() if kill else child.close()


def _what(request: Mapping[str, Any]) -> str:
    if request["op"] != "render":
        return f"{request['op']} {request.get('seed', '')}".strip()
    values = ", ".join(f"{k}={v if isinstance(v, str) else round(v, 4)}" for k, v in request["values"].items())
    values = values if len(values) < 160 else f"{len(request['values'])} values"
    turned = "".join(f", {key} {request[key]:g}" for key in ("yaw", "pitch", "roll", "light") if request[key])
    return f"{request['size']} px of {values or 'the average face'}{turned}"


def _count(shape: Any) -> int:
    sides = [int(side) for side in shape]
    count = int(np.prod(sides))
    if not 1 <= len(sides) <= 3 or min(sides) < 1 or count > 16 * SIZES[1] ** 2:
        raise ValueError(f"a picture of shape {shape}")
    return count


def python_command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment that run `engine_bridge.worker` with these arguments.

    The child finds the packages where the parent found them, installed or not.
    """
    paths = ":".join(dict.fromkeys(str(Path(p).resolve()) for p in sys.path if p))
    return [sys.executable, "-m", "engine_bridge.worker", *arguments], {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
