"""The door of folders: jobs go in as files, PNGs come out, for an engine or editor that can do only that. Address:
``folder:DIR``.

DIR holds ``engine.toml`` and the schema that it names:

    name = "my-head"
    schema = "schema.yaml"
    labels = "palette"     # colours of f2p.regions.PALETTE; "none" for an engine that draws no label maps
    command = ["godot3", "--path", ".", "--jobs={folder}"]     # optional: what starts the engine, run in DIR
    five_points = [[0.68, 0.42], ...]     # optional: of the average face from the front, where no detector finds them
    sample = true          # optional: the engine has people of its own, see below

With a command each opened engine starts a program of its own, with a folder of its own in place of ``{folder}``; it is
started anew after a crash, and ended with us. Without one, the folder is DIR itself and the program is started by
hand; several may work on one folder.

The engine looks for ``jobs/*.json`` (see `engine_bridge.doors.jobs`), takes a job by deleting or renaming its file,
writes ``done/NAME.png`` and ``done/NAME.labels.png``, and last ``done/NAME.done``, empty, or with what went wrong. With
``sample = true`` a job may be ``{"op": "sample", "seed": 7}``, and its ``.done`` file then holds ``{"values": {...}}``.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from engine_bridge.doors.child import Child
from engine_bridge.doors.failures import received_error
from engine_bridge.doors.jobs import Values, plain_values, render_job
from engine_bridge.doors.pictures import checked_frame, read_labels_png, read_picture_png
from f2p.engines.abilities import sample_values
from f2p.engines.protocol import FRONTAL, Frame, View, check_size
from f2p.engines.time_limits import time_limits
from f2p.errors import EngineFailed, EngineMissing, EngineTimeout
from f2p.schema import Schema, load_schema

__all__ = ["SETTINGS", "FolderEngine", "FolderSettings", "open_engine", "read_settings"]

SETTINGS = "engine.toml"
POLL, MOMENT = 0.001, 0.2
"""Seconds between two looks into the folder, and that a program may take to write a sentence."""
LABELS = ("palette", "none")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class FolderSettings:
    """Content of ``engine.toml``: `command` is empty where the engine is started by hand."""

    name: str
    schema: Schema
    labels: str
    command: tuple[str, ...]
    five_points: npt.NDArray[np.float64] | None
    sample: bool


def open_engine(folder: str) -> FolderEngine:
    """Open the engine of a folder.

    Raises:
        EngineMissing: the folder has no engine.toml, or the program that it names is not there.
        EngineFailed: the file is wrong.
        SchemaError: the schema is wrong.
    """
    return FolderEngine(Path(folder).expanduser().resolve())


def read_settings(folder: Path) -> FolderSettings:
    """Read ``engine.toml``. Raises as `open_engine`."""
    path = folder / SETTINGS
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise EngineMissing(
            f"{folder} holds no {SETTINGS}.", "Write one: docs/engines.md shows it.", engine=f"folder:{folder}"
        ) from None
    except (OSError, ValueError) as error:
        raise EngineFailed(f"{path} cannot be read: {error}.", "Correct the file.") from None
    kinds: dict[str, type] = {
        "name": str,
        "schema": str,
        "labels": str,
        "command": list,
        "five_points": list,
        "sample": bool,
    }
    unknown = [key for key in content if key not in kinds]
    wrong = [key for key, kind in kinds.items() if not isinstance(content.get(key, kind()), kind)]
    labels = content.get("labels", LABELS[0])
    if unknown or wrong or not content.get("name") or not content.get("schema") or labels not in LABELS:
        what = ", ".join(unknown + wrong) or "name, schema or labels"
        raise _wrong(path, what)
    points = content.get("five_points")
    try:
        five = None if points is None else np.array(points, np.float64).reshape(5, 2)
    except (TypeError, ValueError):
        raise _wrong(path, "five_points") from None
    schema = load_schema(folder / content["schema"])
    command = tuple(map(str, content.get("command", ())))
    return FolderSettings(content["name"], schema, labels, command, five, content.get("sample", False))


def _wrong(path: Path, what: str) -> EngineFailed:
    return EngineFailed(
        f"{path} is wrong: {what}.",
        f"It has name, schema, labels ({' or '.join(LABELS)}), and may have command, five_points and sample.",
    )


class FolderEngine:
    """An engine behind a folder. Thread-safe, and several may be open on one folder: jobs have names of their own.

    Raises:
        EngineFailed: the engine says what went wrong, dies twice on one picture, or draws something else than was
        asked for. EngineTimeout: a picture is not there within `f2p.engines.time_limits`.
    """

    def __init__(self, folder: Path) -> None:
        settings = read_settings(folder)
        self.name, self.schema = settings.name, settings.schema
        self.has_labels = settings.labels != "none"
        self._five_points, self._samples = settings.five_points, settings.sample
        self.crashes: list[str] = []
        """A sentence for each time that the engine's program ended by itself."""
        self._limits = time_limits()
        self._limit = self._limits.frame
        self._lock = threading.Lock()
        self._home, self._command = folder, settings.command
        self._owned = bool(self._command)
        self._folder = Path(tempfile.mkdtemp(prefix="f2p-engine-")) if self._owned else folder
        self._child: Child | None = None
        self._count, self._own = 0, secrets.token_hex(4)
        for name in ("jobs", "done"):
            (self._folder / name).mkdir(exist_ok=True)
        if self._command and _program(folder, self._command[0]) is None:
            self.close()
            raise EngineMissing(
                f"There is no program '{self._command[0]}', which {folder / SETTINGS} names.",
                "Install it.",
                engine=self.name,
            )
        if self._owned:
            self._start()

    @property
    def pid(self) -> int | None:
        """Number of the process whose descendants are the engine's; None where it was started by hand."""
        return None if self._child is None else self._child.pid

    def render(self, values: Values, size: int = 512, view: View = FRONTAL) -> Frame:
        check_size(size)
        job = render_job(self.schema, values, size, view, self.has_labels)
        with self._lock:
            return self._answer(job, lambda name: self._read(name, size))

    def sample(self, seed: int) -> dict[str, float | str]:
        if not self._samples:
            return sample_values(self.schema, np.random.default_rng(seed))
        with self._lock:
            return self._answer({"op": "sample", "seed": seed}, self._read_values)

    def five_points(self, view: View = FRONTAL) -> npt.NDArray[np.float64] | None:
        """(5, 2) of engine.toml for the view from the front; None where they are not known."""
        return self._five_points if (view.yaw, view.pitch, view.roll) == (0, 0, 0) else None

    def close(self) -> None:
        """End the program that was started; closing twice does no harm."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
        if self._owned:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> FolderEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_child"):
            self.close()

    def _start(self) -> None:
        words = [word.replace("{folder}", str(self._folder)) for word in self._command]
        self._child = Child(words, piped=False, folder=self._home)
        self._limit = self._limits.start

    def _answer(self, job: Mapping[str, Any], read: Callable[[str], Answer], attempts: int = 2) -> Answer:
        """What `read` makes of the files that answer a job, given their common name."""
        if self._owned and self._child is None:
            self._start()
        limit, self._limit = self._limit, self._limits.frame
        self._count += 1
        name = f"{self._own}-{self._count:06d}"
        given, done = self._folder / "jobs" / f"{name}.json", self._folder / "done"
        _write(given, json.dumps(job))
        try:
            ended = self._wait(done / f"{name}.done", limit)
            if ended:
                self.crashes.append(f"ended: {ended}, on picture {self._count}")
                if attempts > 1:
                    return self._answer(job, read, attempts - 1)
                raise EngineFailed(
                    f"The program of the engine '{self.name}' ended ({ended}) before it drew the picture.",
                    "Its own output is above: mend what it says there.",
                )
            if not (done / f"{name}.done").exists():
                self.crashes.append(f"hung for {limit:g} s, on picture {self._count}")
                raise self._late(given.exists(), limit)
            return read(name)
        finally:
            for path in (given, *(done / f"{name}{end}" for end in (".png", ".labels.png", ".done"))):
                path.unlink(missing_ok=True)

    def _wait(self, marker: Path, limit: float) -> str:
        """Wait for the marker, at most so many seconds; how the engine's program ended meanwhile, or nothing."""
        until = time.monotonic() + limit
        while not marker.exists():
            ended = "" if self._child is None else self._child.ended()
            if ended and not marker.exists():
                self._stop()
                return ended
            if time.monotonic() > until:
                self._stop()
                return ""
            time.sleep(POLL)
        return ""

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _late(self, untouched: bool, limit: float) -> EngineTimeout:
        if untouched and not self._owned:
            return EngineTimeout(
                f"Nobody took the job from {self._folder / 'jobs'} within {limit:g} s.",
                "Start the engine on this folder, or name what starts it as `command` in engine.toml.",
            )
        return EngineTimeout(
            f"The engine '{self.name}' {'did not take a job' if untouched else 'took a job and did not finish it'} "
            f"within {limit:g} s.",
            "Its own output may say why: an error in a script often leaves a program idle. Or raise "
            "F2P_ENGINE_FRAME_SECONDS.",
        )

    def _said(self, name: str, expected: bool = False) -> str:
        """Words of the last file; where some are expected, a program that is still writing them is given a moment."""
        path = self._folder / "done" / f"{name}.done"
        text = path.read_text("utf-8", "replace").strip()
        if expected and not text:
            time.sleep(MOMENT)
            text = path.read_text("utf-8", "replace").strip()
        return text

    def _read_values(self, name: str) -> dict[str, float | str]:
        content = _document(self._said(name, expected=True))
        if not isinstance(content, dict) or not isinstance(content.get("values"), dict):
            raise received_error(content)
        return plain_values(content["values"])

    def _read(self, name: str, size: int) -> Frame:
        done = self._folder / "done"
        ends = (".png", ".labels.png") if self.has_labels else (".png",)
        said = self._said(name, expected=not all((done / f"{name}{end}").exists() for end in ends))
        if said:
            raise received_error(_document(said))
        files: dict[str, bytes] = {}
        for end in ends:
            try:
                files[end] = (done / f"{name}{end}").read_bytes()
            except OSError:
                raise EngineFailed(
                    f"The engine '{self.name}' wrote {name}.done, and no {name}{end}.",
                    'Write both pictures before the .done file, or say `labels = "none"` in engine.toml.',
                ) from None
        image = read_picture_png(files[".png"])
        labels: npt.NDArray[np.uint8] | None = read_labels_png(files[".labels.png"]) if self.has_labels else None
        return checked_frame(image, labels, size)


def _document(text: str) -> Any:
    """JSON where it is some, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _program(folder: Path, name: str) -> str | None:
    """Where a program is: ./NAME beside engine.toml, NAME on the search path; None where it is not."""
    return shutil.which(str(folder / name) if "/" in name else name)


def _write(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_text(text, "utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        raise EngineFailed(f"{path.parent} cannot be written: {error.strerror}.", "Give a folder that can.") from None
