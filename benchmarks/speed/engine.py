"""Fitness of the reference engine for training: speed, faces found by a detector, label maps, determinism, and memory.

    python -m benchmarks.speed.engine [--people-count 1000] [--frames 2000] [--out FILE]

Every character is random in all sliders and options, so that nothing can be cached from frame to frame. Seconds are
processor time of the engine's own process.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dlib
import numpy as np
import psutil
from rich.progress import track

from benchmarks.command_line import run_command
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.paint import linear
from engine_bridge.makehuman.renderer import BACKDROP
from f2p.engines.protocol import Engine
from f2p.engines.registry import open_engine

DETECTION_SIZE, SPEED_SIZE = 256, 128  # px
WARM_FRAMES = 500  # before memory is first read
MEMORY_STEP = 2500  # frames between two lines of the memory test
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
MEGABYTE = 1024 * 1024


def people(count: int) -> dict[str, object]:
    """Faces that dlib's frontal detector finds, and whether label maps follow the silhouette.

    The silhouette comes from two pictures before different backdrops: what differs by their difference is backdrop.
    """
    engine = MakeHumanEngine()
    detector = dlib.get_frontal_face_detector()
    found: Counter[int] = Counter()
    missed, wrong = [], []
    for seed in track(range(count), "people"):
        values = engine.sample(seed)
        pictures = []
        for backdrop in (BLACK, WHITE, BACKDROP):
            engine.renderer.backdrop = backdrop
            frame = engine.render(values, DETECTION_SIZE)
            pictures.append(linear(frame.image.astype(np.float32)))
        faces = len(detector(frame.image, 0))
        found[faces] += 1
        if faces != 1:
            missed.append(seed)
        cover = 1 - (pictures[1] - pictures[0]).mean(axis=2)
        # A pixel has a label when most of its four samples are more than half covered.
        if (frame.labels[cover > 0.80] == 0).any() or (frame.labels[cover < 0.20] > 0).any():
            wrong.append(seed)
    engine.close()
    return {"people": count, "faces_found": dict(found), "not_one_face": missed, "labels_off_the_silhouette": wrong}


def speed(engine: Engine, count: int = 300) -> dict[str, float]:
    """Renders a second with labels at `SPEED_SIZE`, every slider changing."""
    values = [engine.sample(seed) for seed in range(count)]
    for v in values[:20]:
        engine.render(v, SPEED_SIZE)
    process = _child()
    began, wall = sum(process.cpu_times()[:2]), time.perf_counter()
    for v in values:
        engine.render(v, SPEED_SIZE)
    cpu, wall = sum(process.cpu_times()[:2]) - began, time.perf_counter() - wall
    return {"renders_per_cpu_second": count / cpu, "renders_per_second": count / wall}


def same_bytes(count: int = 40) -> bool:
    """True when two processes draw the same people with the same bytes."""

    def digest() -> str:
        engine = open_engine("makehuman")
        out = hashlib.sha256()
        for seed in range(count):
            frame = engine.render(engine.sample(seed), SPEED_SIZE)
            out.update(frame.image.tobytes() + frame.labels.tobytes())
        engine.close()
        return out.hexdigest()

    return digest() == digest()


def memory(engine: Engine, frames: int) -> Iterator[dict[str, object]]:
    """Growth of the engine's resident memory, in MB, over so many frames of random people: what is known every
    `MEMORY_STEP` frames, and at the end."""
    values = [engine.sample(seed) for seed in range(997)]
    process, first, peak = _child(), 0.0, 0.0
    growth: dict[int, float] = {}  # frames drawn -> MB since the first reading
    for n in range(1, frames + 1):
        engine.render(values[n % len(values)], 64 if n % 4 else SPEED_SIZE)
        if n == min(WARM_FRAMES, frames // 2):
            first = process.memory_info().rss / MEGABYTE
        if n % 500 == 0 or n == frames:
            now = process.memory_info().rss / MEGABYTE
            peak = max(peak, now)
            if n % MEMORY_STEP == 0 or n == frames:
                growth[n] = round(now - first, 1)
                yield {"frames": n, "first_mb": first, "peak_mb": peak, "growth_mb": now - first, "growth_at": growth}


def _child() -> psutil.Process:
    return psutil.Process().children()[-1]


def main(people_count: int = 1000, frames: int = 2000, out: Path = Path("out/engine.json")) -> int:
    """Measure the engine.

    Args:
        people_count: random characters for detector and label maps.
        frames: frames of the memory test; 100,000 take about three quarters of an hour.
        out: where the figures go, as JSON.
    """
    opened = open_engine("makehuman")
    report: dict[str, object] = {"speed": speed(opened)}
    if people_count:
        report |= people(people_count)
    out.parent.mkdir(parents=True, exist_ok=True)
    for known in memory(opened, frames):
        report["memory"] = known
        print(f"{known['frames']} frames: {known['growth_mb']:+.1f} MB", flush=True)
        out.write_text(json.dumps(report, indent=1), encoding="utf-8")  # so that a run that is cut short tells it
    opened.close()
    report["same_bytes_in_two_processes"] = same_bytes()
    out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    run_command(main)
