"""`imitator-training fit`: the steps of a fit, each in a process of its own, as many at once as there are cores."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from f2p.bundle import DEFAULT_BUNDLE, load_bundle
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from f2p.errors import TrainingError
from imitator_training.data.folder_lock import folder_lock
from imitator_training.data.labelling import ParsedEngine, open_parsed
from imitator_training.fit.budget import Plan, make_plan, read_minutes, share_training
from imitator_training.fit.page import write_page
from imitator_training.fit.progress import State, open_state
from imitator_training.fit.stages import Folders, Stage, stages_of
from imitator_training.fit.verdict import Verdict, judge

__all__ = ["FitConfig", "fit"]

TIMED = 4  # pictures by which the engine's speed is measured, after one that is not
SIZE = 128
MOST_CHARACTERS, TRIED_SECONDS = 2, 180.0  # of the evaluation: at so many, if that takes no longer than this
LOOK = 2.0  # seconds between looks at what runs
REDRAW = 10.0  # seconds between two pages


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """Make a bundle for an engine: render, train, evaluate and export within a budget of time. The same command goes
    on where it was stopped; index.html in the folder shows how far it is."""

    engine: str
    """Name of an installed engine, or its address: exec:COMMAND, folder:DIR, grpc://HOST:PORT, gltf:HEAD.glb, ..."""
    out: Path
    """Folder of the fit; the bundle lies in its sub-folder bundle."""
    budget: str = "2h"
    """Time in all: 2h, 90m, 1h30m."""
    photos: Path | None = None
    """Folder of photos of many people, for the statistics of faces; without, those of the shipped bundle serve."""
    warm_start: Path | None = None
    """Bundle that the networks begin with; the shipped one by default."""
    scratch: bool = False
    """Begin with no earlier network."""
    name: str | None = None
    """The bundle's name; that of the engine by default."""
    renders: int | None = None
    """Pictures to draw, in all; as many as a quarter of the budget holds by default."""
    seed: int = 1
    workers: int = 2
    """Processes that render, each with an engine of its own."""
    cores: int = os.cpu_count() or 1
    """Trainings that run side by side need one each."""


def fit(config: FitConfig, open_named: Callable[[str], Engine] = open_engine) -> Verdict:
    """Make the bundle, print how it went, and return the verdict.

    Raises:
        TrainingError: the budget is no time or too short for the engine, the folder holds another fit, a step failed.
        EngineError: the engine cannot run.
    """
    minutes = read_minutes(config.budget)
    folders = Folders(config.out)
    with folder_lock(config.out):
        asked: dict[str, Any] = {
            "engine": config.engine,
            "minutes": minutes,
            "seed": config.seed,
            "scratch": config.scratch,
            "renders": config.renders,
        }

        def begin() -> tuple[dict[str, Any], dict[str, Any]]:
            measured = _measured(config, open_named)
            plan = make_plan(minutes, measured.seconds, config.workers, config.cores, config.renders)
            return measured._asdict(), asdict(plan)

        state = open_state(folders, asked, begin)
        engine = _Measured(**state.engine)
        staged = partial(
            stages_of,
            folders=folders,
            engine=config.engine,
            seed=config.seed,
            workers=config.workers,
            expressive=engine.expressive,
            warm_start=None if config.scratch else (config.warm_start or DEFAULT_BUNDLE),
            statistics=(config.warm_start or DEFAULT_BUNDLE) / "statistics.safetensors",
            photos=config.photos,
            name=config.name,
            characters=MOST_CHARACTERS if engine.each * MOST_CHARACTERS < TRIED_SECONDS else 1,
        )
        stages = staged(Plan(**state.plan))
        print(f"Progress: {write_page(folders, state, stages).resolve()}")
        try:
            _run_all([stage for stage in stages if stage.data is not None], stages, folders, state, config.cores)
            if not state.shared:
                rendered = sum(state.done[stage.name] for stage in stages if stage.data is not None) / 60
                load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows does not say
                busy = max(load / config.cores, 1.0)
                again = share_training(Plan(**state.plan), minutes, rendered, config.cores, busy)
                state.share_again(asdict(again))
                stages = staged(Plan(**state.plan))
            _run_all(stages, stages, folders, state, config.cores)
        except TrainingError as error:
            write_page(folders, state, stages, failed=f"{error.message} {error.remedy}")
            raise
        verdict = _verdict(folders, minutes)
        write_page(folders, state, stages, verdict)
    print("\n".join([f"Verdict: {verdict.grade}.", *verdict.words, *(f"- {line}" for line in verdict.advice)]))
    print(f"The bundle: {folders.bundle}")
    return verdict


class _Measured(NamedTuple):
    """Of the engine: ``seconds`` a picture, whether it has expression units, and ``each``: seconds in which all its
    sliders and options are tried at one character."""

    seconds: float
    expressive: bool
    each: float


def _measured(config: FitConfig, open_named: Callable[[str], Engine]) -> _Measured:
    with closing(open_parsed(partial(open_named, config.engine), config.warm_start)) as engine:
        if isinstance(engine, ParsedEngine):
            print(f"The engine '{engine.name}' draws no label maps: the parser of a bundle labels its pictures.")
        engine.render(engine.sample(0), SIZE)
        began = time.monotonic()
        for seed in range(TIMED):
            engine.render(engine.sample(seed), SIZE)
        seconds = (time.monotonic() - began) / TIMED
        schema = engine.schema
        tried = 2 * len(schema.continuous) + sum(len(choice.options) for choice in schema.discrete)
        expressive = any(slider.role == "expression" for slider in schema.continuous)
        return _Measured(seconds, expressive, tried * seconds)


def _run_all(wanted: list[Stage], stages: list[Stage], folders: Folders, state: State, cores: int) -> None:
    """Run what is ``wanted`` of all ``stages`` and not done, each step when those before it are; a rendering, which
    uses all cores, alone."""
    drawn = time.monotonic()
    with _children() as running:
        while any(stage.name not in state.done for stage in wanted):
            for stage in wanted:
                waits = stage.name in state.done or stage.name in running
                ready = all(name in state.done for name in stage.after)
                room = not running if stage.data is not None else len(running) < cores
                if not waits and ready and room:
                    running[stage.name] = _started(stage, folders)
                    state.begin(stage)
                    print(f"{stage.name}: about {stage.minutes:.0f} min", flush=True)
                    if stage.data is not None:
                        break
            time.sleep(LOOK if len(running) else 0)
            for stage in [s for s in stages if s.name in running]:
                code = running[stage.name].poll()
                if code is None:
                    continue
                del running[stage.name]
                state.end(stage, finished=code == 0)
                if code:
                    raise _failure(stage, folders, code)
                write_page(folders, state, stages)
            if time.monotonic() - drawn > REDRAW:
                drawn = time.monotonic()
                state.save()
                write_page(folders, state, stages)


@contextmanager
def _children() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Running steps by name; what runs at the end is interrupted, so that it keeps what it has, and waited for."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        yield running
    finally:
        for child in running.values():
            child.send_signal(signal.SIGINT)
        for child in running.values():
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _started(stage: Stage, folders: Folders) -> subprocess.Popen[bytes]:
    """The step's process: one thread, its output in a file."""
    log = folders.log(stage.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    resumed = ["--resume"] if stage.run is not None and any((stage.run / "checkpoints").glob("*")) else []
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "imitator_training.cli", *stage.arguments, *resumed],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches it through us, once
        )


def _failure(stage: Stage, folders: Folders, code: int) -> TrainingError:
    log = folders.log(stage.name)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = next((line for line in reversed(lines) if line.startswith("error ")), f"it ended with code {code}")
    return TrainingError(
        f"The step '{stage.name}' failed: {said.removeprefix('error ')}",
        f"Mend it and give the same command again: what is finished is kept. Its output: {log}.",
    )


def _verdict(folders: Folders, minutes: float) -> Verdict:
    figures = json.loads(folders.figures.read_text(encoding="utf-8"))
    known = load_bundle(folders.bundle).statistics.get("guess_error")
    return judge(figures, None if known is None else known.numpy(), minutes)
