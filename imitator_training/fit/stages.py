"""The steps from an engine to a bundle: each is a command of `imitator-training` that could be typed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imitator_training.fit.budget import Plan

__all__ = ["Folders", "Stage", "stages_of"]

EXPRESSIONS, YAW, PITCH = "0.6", "15", "12"
SHARDS_EACH, LARGEST_SHARD = 4, 1000
"""Shards that each rendering process makes at the least, so that none waits long for another; most samples in one."""


@dataclass(frozen=True)
class Folders:
    """Where the parts of a fit lie below its folder."""

    out: Path

    @property
    def neutral(self) -> Path:
        return self.out / "data" / "neutral"

    @property
    def posed(self) -> Path:
        return self.out / "data" / "posed"

    @property
    def bundle(self) -> Path:
        return self.out / "bundle"

    @property
    def figures(self) -> Path:
        return self.out / "evaluation.json"

    @property
    def report(self) -> Path:
        return self.out / "evaluation.html"

    def run(self, name: str) -> Path:
        return self.out / "runs" / name

    def log(self, name: str) -> Path:
        return self.out / "logs" / f"{name.replace(' ', '-')}.log"


@dataclass(frozen=True)
class Stage:
    """One step.

    Attributes:
        name: as the page shows it.
        arguments: of `imitator-training`.
        after: names of the steps that must be done before.
        minutes: what it is expected to take.
        run: the run folder of a training, which can be resumed.
        data: the data folder of a rendering, with the number of samples that it shall hold.
    """

    name: str
    arguments: tuple[str, ...]
    after: tuple[str, ...]
    minutes: float
    run: Path | None = None
    data: tuple[Path, int] | None = None


def stages_of(
    plan: Plan,
    *,
    folders: Folders,
    engine: str,
    seed: int,
    workers: int,
    expressive: bool,
    warm_start: Path | None,
    statistics: Path,
    photos: Path | None,
    name: str | None,
    characters: int = 2,
) -> list[Stage]:
    """The steps of a fit, in an order in which they could be done one by one.

    Args:
        engine: its name or address.
        expressive: whether the engine has expression units.
        warm_start: bundle whose networks the trainings begin with.
        statistics: mean face embeddings, where no ``photos`` to measure them on are given.
        name: of the bundle; the engine's by default.
        characters: at which every slider and option is tried in the engine for the evaluation.
    """
    minutes = plan.minutes()
    neutral, posed = str(folders.neutral), str(folders.posed)
    begin = ("--warm-start", str(warm_start)) if warm_start is not None else ()
    held = ("--holdout", str(plan.held_out))
    common: tuple[str, ...] = ("--engine", engine, "--workers", str(workers))
    if warm_start is not None:
        common += ("--parser", str(warm_start))
    wear = ("--expressions", EXPRESSIONS) if expressive else ()

    def drawn(folder: str, count: int, seed: int) -> tuple[str, ...]:
        shard = max(1, min(-(-count // (SHARDS_EACH * workers)), LARGEST_SHARD))
        words = ("--count", str(count), "--per-shard", str(shard), "--seed", str(seed))
        return ("render", "--out", folder, *common, *words)

    def training(network: str, arguments: Sequence[str], after: tuple[str, ...], time: float) -> Stage:
        run = folders.run(network)
        words = ("train", network, "--out", str(run), "--minutes", f"{time:.2f}", "--seed", str(seed), *held)
        return Stage(network, (*words, *arguments), after, minutes[network], run=run)

    pictures = ("render", "render posed")
    out = [
        Stage(
            "render",
            drawn(neutral, plan.neutral, seed),
            (),
            minutes["render"],
            data=(folders.neutral, plan.neutral),
        ),
        Stage(
            "render posed",
            (
                *drawn(posed, plan.posed, seed + 1),
                *("--photo-like", *wear, "--yaw", YAW, "--pitch", PITCH),
            ),
            ("render",),
            minutes["render posed"],
            data=(folders.posed, plan.posed),
        ),
        training("imitator", ("--data", neutral, posed, "--posed", *begin), pictures, plan.imitator),
        training("parser", ("--data", posed, neutral, *begin), pictures, plan.parser),
        training(
            "translator",
            (
                *("--data", posed, neutral, "--posed", "--parser", str(folders.run("parser"))),
                *("--samples", str(plan.samples), "--steps", "100000", *begin),
            ),
            ("parser",),
            plan.translator,
        ),
    ]
    if photos is not None:
        statistics = folders.out / "statistics.safetensors"
        words = ("statistics", "--photos", str(photos), "--data", neutral, "--out", str(statistics))
        out.append(Stage("statistics", words, pictures, 2.0))
    parts = [word for part in ("imitator", "parser", "translator") for word in (f"--{part}", str(folders.run(part)))]
    out.append(
        Stage(
            "evaluate",
            (
                *("evaluate", "--model", str(folders.run("imitator")), "--data", neutral, "--engine", engine),
                *("--count", str(plan.held_out), "--characters", str(characters), "--subjects", "0"),
                *("--out", str(folders.figures), "--report", str(folders.report)),
            ),
            ("imitator",),
            2.0,
        )
    )
    out.append(
        Stage(
            "export",
            (
                *("export", *parts, "--data", neutral, "--statistics", str(statistics), "--out", str(folders.bundle)),
                *("--count", str(plan.held_out), *(("--name", name) if name else ())),
            ),
            ("imitator", "translator", *(("statistics",) if photos is not None else ())),
            1.5,
        )
    )
    return out
