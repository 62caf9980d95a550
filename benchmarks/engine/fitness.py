"""Fitness of the reference engine for training: speed, faces found by a detector, label maps, and memory.

    python -m benchmarks.engine.fitness [--speed-count 100] [--people-count 1000] [--frames 2000] [--out FILE]

Every character is random in all sliders and options, so that nothing can be cached from frame to frame.  Seconds are
processor time of this very process, which other work on the machine hardly changes.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import dlib
import numpy as np
import psutil
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.command_line import run_command
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.renderer import Renderer

DETECTION_SIZE, SPEED_SIZE, MEMORY_SIZE = 256, 128, 64  # px
WARM_FRAMES = 300  # before memory is first read
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
SOFT = 1  # px: how far from the border of the labels a pixel may mix figure and backdrop
HAZE = 0.2  # of the backdrop that thin hair may let through more, or less, than its label says
MEGABYTE = 1024 * 1024


def seconds(draw: Callable[[], object]) -> float:
    """Processor seconds of a call."""
    began = time.process_time()
    draw()
    return time.process_time() - began


def speed(engine: MakeHumanEngine, count: int) -> dict[str, object]:
    """Milliseconds of processor time of a render with labels: random people, each hair style, and a portrait."""
    people = [engine.sample(seed) for seed in range(count)]
    for values in people[:10]:
        engine.render(values, SPEED_SIZE)
    usual = [1000 * seconds(lambda v=values: engine.render(v, SPEED_SIZE)) for values in people]  # type: ignore[misc]
    (styles,) = (d.options for d in engine.schema.discrete if d.name == "hair_style")
    by_style: dict[str, float] = {}
    for style in styles:
        values = {**people[0], "hair_style": style, "head_cover": "none"}
        by_style[style] = round(1000 * min(seconds(lambda: engine.render(values, SPEED_SIZE)) for _ in range(3)), 1)  # noqa: B023
    portrait = [1000 * seconds(lambda v=values: engine.render(v, 512)) for values in people[:8]]  # type: ignore[misc]
    slowest = max(by_style, key=lambda style: by_style[style])
    return {
        "ms_mean": round(float(np.mean(usual)), 1),
        "renders_per_second": round(1000 / float(np.mean(usual)), 1),
        "ms_by_style": by_style,
        "slowest_style": slowest,
        "slowest_per_second": round(1000 / by_style[slowest], 1),
        "portrait_512_ms": round(float(np.mean(portrait)), 1),
    }


def _near(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask, grown by `SOFT` pixels."""
    grown = mask.copy()
    for dy in range(-SOFT, SOFT + 1):
        for dx in range(-SOFT, SOFT + 1):
            grown |= np.roll(mask, (dy, dx), (0, 1))
    return grown


def people(engine: MakeHumanEngine, count: int, first: int = 0) -> dict[str, object]:
    """Faces that dlib's frontal detector finds, and whether label maps follow the silhouette: before a black and before
    a white backdrop, what is labelled background differs by more than half and the rest by less, but for thin hair
    (`HAZE`) and along their border."""
    detector = dlib.get_frontal_face_detector()
    black, white, usual = Renderer((BLACK, BLACK)), Renderer((WHITE, WHITE)), engine.renderer
    found: Counter[int] = Counter()
    missed, wrong = [], []
    for seed in track(range(first, first + count), "people"):
        values = engine.sample(seed)
        faces = len(detector(engine.render(values, DETECTION_SIZE).image, 0))
        found[faces] += 1
        if faces != 1:
            missed.append(seed)
        pictures = []
        for renderer in (black, white):
            engine.renderer = renderer
            frame = engine.render(values, SPEED_SIZE)
            pictures.append(frame.image.astype(np.int16))
        engine.renderer = usual
        seen = (pictures[1] - pictures[0]).mean(axis=2)
        seen /= seen.max()  # the tone curve bends even a white backdrop
        behind = frame.labels == 0
        if (seen[behind & ~_near(~behind)] < 0.5 - HAZE).any() or (seen[~behind & ~_near(behind)] > 0.5 + HAZE).any():
            wrong.append(seed)
    return {"people": count, "faces_found": dict(found), "not_one_face": missed, "labels_off_the_silhouette": wrong}


def memory(engine: MakeHumanEngine, frames: int) -> dict[str, object]:
    """Growth of this process's resident memory, in MB, over so many small frames of random people."""
    values = [engine.sample(seed) for seed in range(997)]
    process, first, peak = psutil.Process(), 0.0, 0.0
    for n in range(1, frames + 1):
        engine.render(values[n % len(values)], MEMORY_SIZE)
        if n == min(WARM_FRAMES, frames // 2):
            first = process.memory_info().rss / MEGABYTE
        if n % 250 == 0 or n == frames:
            peak = max(peak, process.memory_info().rss / MEGABYTE)
            if n % 2500 == 0:
                print(f"{n} frames: {peak - first:+.1f} MB at most", flush=True)
    return {"frames": frames, "first_mb": round(first, 1), "growth_mb": round(peak - first, 1)}


def main(
    speed_count: int = 100, people_count: int = 1000, frames: int = 2000, out: Path = Path("out/fitness.json")
) -> int:
    """Measure the engine.

    Args:
        speed_count: random characters of the speed test; 0 leaves it out.
        people_count: random characters for detector and label maps; 0 leaves them out.
        frames: frames of the memory test; 0 leaves it out.
        out: where the figures go, as JSON.
    """
    engine = MakeHumanEngine()
    report: dict[str, object] = {}
    out.parent.mkdir(parents=True, exist_ok=True)
    parts: list[tuple[str, int, Callable[[MakeHumanEngine, int], dict[str, object]]]] = [
        ("speed", speed_count, speed),
        ("people", people_count, people),
        ("memory", frames, memory),
    ]
    for name, count, measure in parts:
        if count:
            report[name] = measure(engine, count)
            out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    run_command(main)
