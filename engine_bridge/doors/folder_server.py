"""The other side of `engine_bridge.doors.folder`: an engine that is one of ours, put behind a folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine_bridge.doors.failures import sent_error
from engine_bridge.doors.folder import POLL, SETTINGS
from engine_bridge.doors.jobs import view_of
from engine_bridge.doors.pictures import write_png
from f2p.engines.abilities import five_points, has_labels
from f2p.engines.protocol import Engine
from f2p.schema import dump_schema

__all__ = ["answer_folder", "write_settings"]


def write_settings(folder: Path, engine: Engine) -> None:
    """Write ``engine.toml`` and ``schema.yaml``, unless the folder has a schema of its own already."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs").mkdir(exist_ok=True)
    (folder / "done").mkdir(exist_ok=True)
    if (folder / SETTINGS).exists():
        return
    labels = "palette" if has_labels(engine) else "none"
    (folder / "schema.yaml").write_text(dump_schema(engine.schema), "utf-8")
    # A string of JSON is one of TOML.
    lines = [f"name = {json.dumps(engine.name)}", 'schema = "schema.yaml"', f'labels = "{labels}"']
    if hasattr(engine, "sample"):
        lines.append("sample = true")
    points = five_points(engine)
    if points is not None:
        lines.append(f"five_points = {json.dumps(points.tolist())}")
    (folder / SETTINGS).write_text("\n".join(lines) + "\n", "utf-8")


def answer_folder(engine: Engine, folder: Path, stopped: Callable[[], bool]) -> None:
    """Draw the jobs of a folder as they come, until `stopped`. Several may answer one folder."""
    for name in ("jobs", "done"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    while not stopped():
        jobs = sorted((folder / "jobs").glob("*.json"))
        for job in jobs:
            _answer(engine, job, folder / "done")
        if not jobs:
            time.sleep(POLL)


def _answer(engine: Engine, job: Path, done: Path) -> None:
    taken = job.with_suffix(".taken")
    try:
        job.rename(taken)
        content = json.loads(taken.read_text("utf-8"))
        taken.unlink()
    except FileNotFoundError:
        return  # another took it
    try:
        said = _drawn(engine, content, done, job.stem)
    except Exception as error:
        said = json.dumps(sent_error(error))
    # Under another name first: whoever waits for the file must not see it half written.
    unfinished = done / f"{job.stem}.part"
    unfinished.write_text(said, "utf-8")
    unfinished.rename(done / f"{job.stem}.done")


def _drawn(engine: Engine, job: dict[str, Any], done: Path, name: str) -> str:
    """Write the pictures of a job; what its last file is to say."""
    if job["op"] == "sample":
        return json.dumps({"values": dict(engine.sample(int(job["seed"])))})
    frame = engine.render(job["values"], int(job["size"]), view_of(job))
    (done / f"{name}.png").write_bytes(write_png(frame.image))
    if job["labels"]:
        (done / f"{name}.labels.png").write_bytes(write_png(frame.labels))
    return ""
