"""One engine through each door: are data sets the same byte for byte, and how many pictures a second come through?

    python -m benchmarks.engine_doors [--engine python:MODULE:CALLABLE] [--count 96] [--rounds 6] [--frames 12]
        [--out FILE]

Doors take turns in rounds, so that a busy machine slows all of them alike; the figures to compare are the ratios, the
median over rounds of a door's seconds by those of the engine alone in the same round.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np

from benchmarks.command_line import run_command
from f2p.engines.abilities import sample
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine
from imitator_training.data.render import RenderConfig, render
from imitator_training.data.shards import sha256

SIZE = 128


@contextmanager
def served(target: str, at: str) -> Iterator[str]:
    """The engine behind a door, in a process of its own; its address."""
    command = [sys.executable, "-m", "engine_bridge.cli", "serve", "--engine", target, "--at", at]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip().partition(" answers ")[2]
    finally:
        process.terminate()
        process.wait()


def main(
    engine: str = "python:engine_bridge.makehuman.engine:MakeHumanEngine",
    count: int = 96,
    rounds: int = 6,
    frames: int = 12,
    out: Path | None = None,
) -> int:
    """Compare the doors.

    Args:
        engine: address of an engine in plain Python: "alone" is that, without any door.
        count: samples of the data sets.
        rounds: of the measurement of speed.
        frames: pictures of each door in a round.
        out: JSON file for the figures.
    """
    pipe = f"exec:{sys.executable} -m engine_bridge.cli serve --at pipe: --engine {engine}"
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {
            "alone": engine,
            "exec": pipe,
            "folder": stack.enter_context(served(engine, f"folder:{scratch / 'door'}")),
            "grpc": stack.enter_context(served(engine, "grpc://127.0.0.1:0")),
        }
        digests = {}
        for door, address in addresses.items():
            render(
                RenderConfig(
                    out=scratch / door, engine=address, count=count, size=SIZE, seed=1, workers=1, yaw=10, lights=0.3
                )
            )
            digests[door] = sha256(scratch / door / "000000.tar")
            print(f"{door:7} sha256 {digests[door]}", flush=True)
        open_ones = {door: stack.enter_context(closing(open_engine(a))) for door, a in addresses.items()}
        seconds = measured(open_ones, rounds, frames)
    ratios = {door: float(np.median(np.array(taken) / seconds["alone"])) for door, taken in seconds.items()}
    figures = {
        "engine": engine,
        "equal": len(set(digests.values())) == 1,
        "count": count,
        "milliseconds": {door: 1000 * float(np.median(taken)) / frames for door, taken in seconds.items()},
        "seconds_by_alone": ratios,
    }
    for door, ratio in ratios.items():
        print(
            f"{door:7} {1000 * np.median(seconds[door]) / frames:6.1f} ms a picture, {ratio:.2f} times the engine alone"
        )
    print("data sets are equal, byte for byte" if figures["equal"] else "DATA SETS DIFFER")
    if out is not None:
        out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0 if figures["equal"] else 1


def measured(engines: dict[str, Engine], rounds: int, frames: int) -> dict[str, list[float]]:
    """Seconds of each door in each round, the same people for all."""
    taken: dict[str, list[float]] = {door: [] for door in engines}
    people = [sample(engines["alone"], seed) for seed in range(frames)]
    for engine in engines.values():
        engine.render(people[0], SIZE)
    for _ in range(rounds):
        for door, engine in engines.items():
            began = time.perf_counter()
            for values in people:
                engine.render(values, SIZE)
            taken[door].append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    run_command(main)
