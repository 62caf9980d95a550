"""Rendering a data set: seeded samples through an engine, in parallel, into shards; a stopped run goes on."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from engine_bridge.base import SIZES, Engine
from engine_bridge.registry import open_engine
from f2p.errors import EngineFailed, TrainingError
from f2p.schema import Schema
from imitator_training.frame import measure_frame
from imitator_training.sampling import SampleConfig, draw
from imitator_training.shards import (
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
    """What to render, and where to."""

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
    """Probability that a sample wears an expression (parser data; the imitator's stays neutral)."""
    yaw: float = 0.0
    """Largest turn to either side, degrees (parser data)."""
    pitch: float = 0.0
    """Largest nod, degrees (parser data)."""
    roll: float = 0.0
    """Largest tilt, degrees (parser data)."""
    lights: float = 0.0
    """Probability that a sample stands in a random light instead of the engine's neutral one (parser data)."""

    def __post_init__(self) -> None:
        if self.count < 1 or self.workers < 1 or self.per_shard < 1:
            raise TrainingError("count, workers and per-shard must be at least 1.", "Correct the option.")
        if not SIZES[0] <= self.size <= SIZES[1]:
            raise TrainingError(f"A size of {self.size} px is not possible.", f"Use {SIZES[0]} to {SIZES[1]}.")
        if not (0 <= self.expressions <= 1 and 0 <= self.lights <= 1):
            raise TrainingError("expressions and lights are probabilities.", "Give numbers from 0 to 1.")

    @property
    def sampling(self) -> SampleConfig:
        return SampleConfig(
            expressions=self.expressions, yaw=self.yaw, pitch=self.pitch, roll=self.roll, lights=self.lights
        )


def render(config: RenderConfig, open_named: Callable[[str], Engine] = open_engine) -> Manifest:
    """Renders the set and returns its manifest; shards that are there and intact are kept.

    Raises TrainingError when the folder holds another set, EngineError when the engine cannot run.
    """
    config.out.mkdir(parents=True, exist_ok=True)
    # Spawned, not forked: an engine and torch both hold threads, which a fork would copy in any state.
    context = multiprocessing.get_context("spawn")
    opener = partial(open_named, config.engine)
    try:
        with ProcessPoolExecutor(config.workers, context, _start, (opener,)) as pool:
            schema, five = pool.submit(_describe, config.seed).result()
            manifest, done = _begun(config, schema, five)
            todo = [index for index in range(_shards(config)) if index not in done]
            jobs = {pool.submit(_render_shard, config, index): index for index in todo}
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


def _begun(config: RenderConfig, schema: Schema, five: npt.NDArray[np.float64]) -> tuple[Manifest, dict[int, Shard]]:
    """The manifest to go on with, and the shards of it that need no rendering."""
    manifest = Manifest(
        engine=config.engine,
        schema_hash=schema.hash,
        seed=config.seed,
        size=config.size,
        count=0,
        per_shard=config.per_shard,
        sampling=asdict(config.sampling),
        frame_five=tuple((round(float(px), 6), round(float(py), 6)) for px, py in five),
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
    return replace(manifest, frame_five=before.frame_five), kept


def _with(manifest: Manifest, done: dict[int, Shard]) -> Manifest:
    shards = tuple(done[index] for index in sorted(done))
    return replace(manifest, shards=shards, count=sum(shard.count for shard in shards))


_engine: Engine | None = None


def _start(opener: Callable[[], Engine]) -> None:
    """First thing in every worker: its own engine, closed when the process ends."""
    global _engine
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _engine = opener()
    Finalize(None, _engine.close, exitpriority=100)


def _end_with_parent() -> None:
    """A killed command must not leave workers behind that go on rendering; the engine ends when its pipe closes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _describe(seed: int) -> tuple[Schema, npt.NDArray[np.float64]]:
    assert _engine is not None
    return _engine.schema, measure_frame(_engine, seed)


def _render_shard(config: RenderConfig, index: int) -> Shard:
    assert _engine is not None
    first = index * config.per_shard
    samples = list(_samples(_engine, config, range(first, min(first + config.per_shard, config.count))))
    arrays = dict(zip(("images", "labels", "x", "view"), map(np.stack, zip(*samples, strict=True)), strict=True))
    name = f"{index:06d}.tar"
    return Shard(name, len(samples), write_shard(config.out / name, arrays))


def _samples(engine: Engine, config: RenderConfig, indices: range) -> Iterator[tuple[npt.NDArray[np.generic], ...]]:
    for i in indices:
        sample = draw(engine, config.seed, i, config.sampling)
        frame = engine.render(sample.values, config.size, sample.view)
        view = np.array([sample.view.yaw, sample.view.pitch, sample.view.roll], np.float32)
        yield frame.image, frame.labels, engine.schema.encode(sample.values), view


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )
