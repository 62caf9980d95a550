"""Rendering a data set: seeded samples through an engine, in parallel, into shards; a stopped run goes on."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from f2p.command_line import shielded
from f2p.engines.protocol import SIZES, Engine
from f2p.engines.registry import open_engine
from f2p.engines.time_limits import set_time_limits
from f2p.errors import EngineFailed, TrainingError
from f2p.schema import Schema
from imitator_training.data.fingerprint import Fingerprint, difference, take_fingerprint
from imitator_training.data.folder_lock import folder_lock
from imitator_training.data.frame import Turns, measure_frame, measure_turns, render_recentred
from imitator_training.data.labelling import open_parsed
from imitator_training.data.parts import PART, count_parts, is_whole, join_parts, part_path, remove_parts
from imitator_training.data.sampling import SampleConfig, draw
from imitator_training.data.shards import (
    MEMBERS,
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
    """Name of an installed engine, or its address: exec:COMMAND, folder:DIR, grpc://HOST:PORT,
    python:MODULE:CALLABLE."""
    count: int = 30_000
    """Samples in all. A finished set can be enlarged later: the first samples stay the same."""
    size: int = 128
    """Side of the pictures in pixels."""
    seed: int = 0
    workers: int = 2
    """Processes, each with an engine of its own."""
    per_shard: int = 1000
    frame_seconds: float | None = None
    """Time limit of one picture, after which the engine counts as hung; 60 by default."""
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
    parser: Path | None = None
    """Bundle whose parser labels the pictures of an engine that draws no label maps; the shipped one by default."""
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
    """Render the set and return its manifest; shards that are there and intact are kept, and so are parts of others.

    Raises TrainingError when the folder holds another set or another process writes to it, EngineError when the engine
    cannot run.
    """
    set_time_limits(frame=config.frame_seconds)
    with folder_lock(config.out):
        return _render(config, partial(open_parsed, partial(open_named, config.engine), config.parser))


def _render(config: RenderConfig, opener: Callable[[], Engine]) -> Manifest:
    """A process that dies is replaced, as long as the set grows meanwhile."""
    done: dict[int, Shard] | None = None
    while True:
        before, parts = len(done or {}), count_parts(config.out)
        try:
            with _pool(config, opener) as pool:
                with shielded():
                    description = pool.submit(_describe, config)
                drawn = description.result()
                if done is None:
                    manifest, done = _begun(config, *drawn)
                    write_manifest(config.out, _with(manifest, done), drawn.schema)
                _fill(config, pool, manifest, drawn.schema, done)
        except BrokenProcessPool as error:
            if len(done or {}) <= before and count_parts(config.out) <= parts:
                raise EngineFailed(
                    "A rendering process died.", "Run the command again; what is finished is kept."
                ) from error
            continue
        manifest = replace(_with(manifest, done), count=config.count)
        write_manifest(config.out, manifest, drawn.schema)
        remove_parts(config.out)
        return manifest


def _pool(config: RenderConfig, opener: Callable[[], Engine]) -> AbstractContextManager[ProcessPoolExecutor]:
    # Spawned, not forked: an engine and torch both hold threads, which a fork would copy in any state.
    context = multiprocessing.get_context("spawn")
    return _ended_with_us(ProcessPoolExecutor(config.workers, context, _start, (opener,)))


def _fill(
    config: RenderConfig, pool: ProcessPoolExecutor, manifest: Manifest, schema: Schema, done: dict[int, Shard]
) -> None:
    """Render the shards that are missing, and add them to `done` and the manifest on disk as they come."""
    todo = [index for index in range(_shards(config)) if index not in done]
    with shielded():
        jobs = {pool.submit(_render_shard, config, index, manifest.turns): index for index in todo}
    with _bar() as bar:
        task = bar.add_task("rendering", total=config.count, completed=sum(s.count for s in done.values()))
        for job in as_completed(jobs):
            shard = done[jobs[job]] = job.result()
            write_manifest(config.out, _with(manifest, done), schema)
            bar.advance(task, shard.count)


def _shards(config: RenderConfig) -> int:
    return -(-config.count // config.per_shard)


class _Described(NamedTuple):
    """What is asked of the engine before the first sample."""

    name: str
    schema: Schema
    landmarks5: npt.NDArray[np.float64]
    turns: Turns | None
    fingerprint: Fingerprint


def _begun(
    config: RenderConfig,
    name: str,
    schema: Schema,
    landmarks5: npt.NDArray[np.float64],
    turns: Turns | None,
    fingerprint: Fingerprint,
) -> tuple[Manifest, dict[int, Shard]]:
    """The manifest to go on with, and the shards of it that need no rendering."""
    sampling = asdict(config.sampling)
    if not sampling["photo_like"]:
        del sampling["photo_like"]  # folders from before there was a choice can be continued
    manifest = Manifest(
        engine=name,
        target="" if config.engine == name else config.engine,
        schema_hash=schema.hash,
        seed=config.seed,
        size=config.size,
        count=0,
        per_shard=config.per_shard,
        sampling=sampling,
        frame_landmarks5=_rounded(landmarks5),
        turns=None if turns is None else tuple(_rounded(term) for term in turns),
        fingerprint=fingerprint,
    )
    if not (config.out / "manifest.json").exists():
        remove_parts(config.out)  # whatever set they are of
        return manifest, {}
    before = read_manifest(config.out)
    if before.identity() != manifest.identity() or read_schema(config.out).hash != schema.hash:
        differing = [key for key, value in manifest.identity().items() if before.identity()[key] != value]
        raise TrainingError(
            f"{config.out} holds another data set (different {', '.join(differing) or 'schema'}).",
            "Render into another folder, or remove this one.",
        )
    if before.fingerprint is not None and (changed := difference(before.fingerprint, fingerprint)):
        raise TrainingError(
            f"{config.out} was rendered by another engine: {changed}.",
            "Give the engine its former light, camera and looks again, or render into another folder.",
        )
    whole = {index: min(config.per_shard, config.count - index * config.per_shard) for index in range(_shards(config))}
    kept = {}
    for shard in before.shards:
        index, path = int(shard.name.split(".")[0]), config.out / shard.name
        if whole.get(index) == shard.count and path.exists() and sha256(path) == shard.sha256:
            kept[index] = shard
    known = before.fingerprint or fingerprint
    manifest = replace(manifest, frame_landmarks5=before.frame_landmarks5, turns=before.turns, fingerprint=known)
    return manifest, kept


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


def _describe(config: RenderConfig) -> _Described:
    if _trouble is not None:
        raise _trouble
    assert _engine is not None
    if ":" in _engine.name:
        raise TrainingError(f"The engine's name '{_engine.name}' has a ':', as addresses have.", "Rename it.")
    landmarks5 = measure_frame(_engine, config.seed)
    turning = config.photo_like and bool(config.yaw or config.pitch)
    turns = measure_turns(_engine, config.yaw, config.pitch, config.seed) if turning else None
    return _Described(_engine.name, _engine.schema, landmarks5, turns, take_fingerprint(_engine))


def _render_shard(config: RenderConfig, index: int, turns: Any) -> Shard:
    if _trouble is not None:
        raise _trouble
    assert _engine is not None
    first = index * config.per_shard
    last = min(first + config.per_shard, config.count)
    parts = []
    for start in range(first, last, PART):
        where = range(start, min(start + PART, last))
        parts.append(part_path(config.out, where))
        if not is_whole(parts[-1], len(where)):
            samples = list(_samples(_engine, config, where, None if turns is None else np.array(turns)))
            arrays = dict(zip(MEMBERS, map(np.stack, zip(*samples, strict=True)), strict=True))
            write_shard(parts[-1], arrays)
    name = f"{index:06d}.tar"
    shard = Shard(name, last - first, join_parts(config.out / name, parts))
    for part in parts:
        part.unlink()
    return shard


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
