"""Rendering a data set: seeded samples through an engine, in parallel, into shards; a stopped run goes on."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from f2p.command_line import shielded
from f2p.engines.protocol import SIZES, Engine
from f2p.engines.registry import open_engine
from f2p.errors import EngineFailed, TrainingError
from f2p.schema import Schema
from imitator_training.data.frame import Turns, measure_frame, measure_turns, render_recentred
from imitator_training.data.sampling import SampleConfig, draw
from imitator_training.data.shards import (
    Manifest,
    Shard,
    read_manifest,
    read_schema,
    sha256,
    write_manifest,
    write_shard,
)

__all__ = ["RenderConfig", "render"]


@dataclass(frozen=True, kw_only=True)
class RenderConfig:
    """Render seeded samples of an engine into a data folder."""

    out: Path
    """Data folder; is continued when it already holds a part of the same set."""
    engine: str = "makehuman"
    """Name of an installed engine."""
    count: int = 30_000
    """Samples in all. A finished set can be enlarged later: the first samples stay the same."""
    size: int = 128
    """Side of the pictures in pixels."""
    seed: int = 0
    workers: int = 2
    """Processes, each with an engine of its own."""
    per_shard: int = 1000
    expressions: float = 0.0
    """Probability that a sample wears an expression."""
    yaw: float = 0.0
    """Largest turn to either side, degrees."""
    pitch: float = 0.0
    """Largest nod, degrees."""
    roll: float = 0.0
    """Largest tilt, degrees (parser data)."""
    lights: float = 0.0
    """Probability that a sample stands in a random light instead of the engine's neutral one (parser data)."""
    photo_like: bool = False
    """Expressions that photos show, and turned heads brought into the frame by their five points, as photos are: what
    an imitator needs that draws both. Parser data does without: any unit, and heads where the engine puts them."""

    def __post_init__(self) -> None:
        if self.count < 1 or self.workers < 1 or self.per_shard < 1:
            raise TrainingError("count, workers and per-shard must be at least 1.", "Correct the option.")
        if not SIZES[0] <= self.size <= SIZES[1]:
            raise TrainingError(f"A size of {self.size} px is not possible.", f"Use {SIZES[0]} to {SIZES[1]}.")
        if not (0 <= self.expressions <= 1 and 0 <= self.lights <= 1):
            raise TrainingError("expressions and lights are probabilities.", "Give numbers from 0 to 1.")
        if self.photo_like and (self.roll or self.lights):
            raise TrainingError(
                "Photo-like renders have neither roll, which the alignment of photos takes out, nor lights.",
                "Leave out --roll and --lights, or --photo-like.",
            )

    @property
    def sampling(self) -> SampleConfig:
        return SampleConfig(
            expressions=self.expressions,
            yaw=self.yaw,
            pitch=self.pitch,
            roll=self.roll,
            lights=self.lights,
            photo_like=self.photo_like,
        )


def render(config: RenderConfig, open_named: Callable[[str], Engine] = open_engine) -> Manifest:
    """Render the set and return its manifest; shards that are there and intact are kept.

    Raises TrainingError when the folder holds another set, EngineError when the engine cannot run.
    """
    config.out.mkdir(parents=True, exist_ok=True)
    # Spawned, not forked: an engine and torch both hold threads, which a fork would copy in any state.
    context = multiprocessing.get_context("spawn")
    opener = partial(open_named, config.engine)
    try:
        with _ended_with_us(ProcessPoolExecutor(config.workers, context, _start, (opener,))) as pool:
            with shielded():
                description = pool.submit(_describe, config)
            schema, landmarks5, turns = description.result()
            manifest, done = _begun(config, schema, landmarks5, turns)
            todo = [index for index in range(_shards(config)) if index not in done]
            with shielded():
                jobs = {pool.submit(_render_shard, config, index, manifest.turns): index for index in todo}
            with _bar() as bar:
                task = bar.add_task("rendering", total=config.count, completed=sum(s.count for s in done.values()))
                for job in as_completed(jobs):
                    shard = done[jobs[job]] = job.result()
                    manifest = _with(manifest, done)
                    write_manifest(config.out, manifest, schema)
                    bar.advance(task, shard.count)
    except BrokenProcessPool as error:
        raise EngineFailed("A rendering process died.", "Run the command again; finished shards are kept.") from error
    manifest = replace(_with(manifest, done), count=config.count)
    write_manifest(config.out, manifest, schema)
    return manifest


def _shards(config: RenderConfig) -> int:
    return -(-config.count // config.per_shard)


def _begun(
    config: RenderConfig, schema: Schema, landmarks5: npt.NDArray[np.float64], turns: Turns | None
) -> tuple[Manifest, dict[int, Shard]]:
    """The manifest to go on with, and the shards of it that need no rendering."""
    sampling = asdict(config.sampling)
    if not sampling["photo_like"]:
        del sampling["photo_like"]  # folders from before there was a choice can be continued
    manifest = Manifest(
        engine=config.engine,
        schema_hash=schema.hash,
        seed=config.seed,
        size=config.size,
        count=0,
        per_shard=config.per_shard,
        sampling=sampling,
        frame_landmarks5=_rounded(landmarks5),
        turns=None if turns is None else tuple(_rounded(term) for term in turns),
    )
    if not (config.out / "manifest.json").exists():
        return manifest, {}
    before = read_manifest(config.out)
    if before.identity() != manifest.identity() or read_schema(config.out).hash != schema.hash:
        differing = [key for key, value in manifest.identity().items() if before.identity()[key] != value]
        raise TrainingError(
            f"{config.out} holds another data set (different {', '.join(differing) or 'schema'}).",
            "Render into another folder, or remove this one.",
        )
    whole = {index: min(config.per_shard, config.count - index * config.per_shard) for index in range(_shards(config))}
    kept = {}
    for shard in before.shards:
        index, path = int(shard.name.split(".")[0]), config.out / shard.name
        if whole.get(index) == shard.count and path.exists() and sha256(path) == shard.sha256:
            kept[index] = shard
    return replace(manifest, frame_landmarks5=before.frame_landmarks5, turns=before.turns), kept


def _rounded(points: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(px), 6), round(float(py), 6)) for px, py in points)


def _with(manifest: Manifest, done: dict[int, Shard]) -> Manifest:
    shards = tuple(done[index] for index in sorted(done))
    return replace(manifest, shards=shards, count=sum(shard.count for shard in shards))


_engine: Engine | None = None
_trouble: Exception | None = None


@contextmanager
def _ended_with_us(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """The pool; where Ctrl-C or an error ends the work, what its processes have begun is not waited for."""
    with pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def _start(opener: Callable[[], Engine]) -> None:
    """First thing in every worker: its own engine, closed when the process ends."""
    global _engine, _trouble
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _engine = opener()
    except Exception as error:  # raised by the first job: out of here it would only break the pool, without a word
        _trouble = error
        return
    Finalize(None, _engine.close, exitpriority=100)


def _end_with_parent() -> None:
    """A killed command must not leave workers behind that go on rendering; the engine ends when its pipe closes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _describe(config: RenderConfig) -> tuple[Schema, npt.NDArray[np.float64], Turns | None]:
    if _trouble is not None:
        raise _trouble
    assert _engine is not None
    landmarks5 = measure_frame(_engine, config.seed)
    turning = config.photo_like and bool(config.yaw or config.pitch)
    return (
        _engine.schema,
        landmarks5,
        measure_turns(_engine, config.yaw, config.pitch, config.seed) if turning else None,
    )


def _render_shard(config: RenderConfig, index: int, turns: Any) -> Shard:
    if _trouble is not None:
        raise _trouble
    assert _engine is not None
    first = index * config.per_shard
    where = range(first, min(first + config.per_shard, config.count))
    samples = list(_samples(_engine, config, where, None if turns is None else np.array(turns)))
    arrays = dict(zip(("images", "labels", "x", "view"), map(np.stack, zip(*samples, strict=True)), strict=True))
    name = f"{index:06d}.tar"
    return Shard(name, len(samples), write_shard(config.out / name, arrays))


def _samples(
    engine: Engine, config: RenderConfig, indices: range, turns: Turns | None
) -> Iterator[tuple[npt.NDArray[np.generic], ...]]:
    for i in indices:
        sample = draw(engine, config.seed, i, config.sampling)
        if turns is None:
            frame = engine.render(sample.values, config.size, sample.view)
        else:
            frame = render_recentred(engine, sample.values, config.size, sample.view, turns)
        view = np.array([sample.view.yaw, sample.view.pitch, sample.view.roll], np.float32)
        yield frame.image, frame.labels, engine.schema.encode(sample.values), view


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )
