"""Time of a solve: our presets against the published recipe with the published networks, in one run.

    python -m benchmarks.speed.solve PHOTO... [--bundle DIR] [--paper-photos 1] [--threads 1]
        [--group nose] [--out FILE]

The paper's networks (DCGAN of 512 px, ResNet-50 parser with stride 8) are untrained here: time does not depend on
weights. Their search runs in full, all 50 iterations. Alignment counts on both sides. `refit` solves one group again
after an edit, everything else locked: from the photo's bytes, and from what had been measured of it before. Seconds of
the wall clock stand beside seconds of processor time, which other work on the machine lengthens less.
"""

from __future__ import annotations

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import tyro

from benchmarks.command_line import run_command
from f2p.bundle import Bundle, load_bundle, save_bundle
from f2p.creator import CharacterCreator
from f2p.networks.face_parser import build_parser
from f2p.networks.imitator.registry import build_imitator


def paper_bundle(like: Bundle, folder: Path) -> Bundle:
    """The published architectures for the same engine."""
    torch.manual_seed(0)
    return load_bundle(
        save_bundle(
            folder,
            name="paper",
            version="untrained",
            engine=like.engine,
            schema=like.schema,
            frame_landmarks5=like.frame_landmarks5,
            imitator=build_imitator("dcgan", {"size": 512}, like.schema),
            parser=build_parser("resnet50_os8", {}),
            translator=None,
            statistics=like.statistics,
            metrics={},
            provenance={"licence": "untrained"},
        )
    )


Times = list[tuple[float, float]]
"""Of each photo: seconds of the wall clock, and of processor time."""


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the wall clock and of processor time that an action takes."""
    began, busy = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - busy


def seconds_of(bundle: Bundle, preset: str, photos: list[bytes]) -> Times:
    """From bytes to values, for each photo, after one that does not count."""
    with CharacterCreator(bundle, preset=preset, render=False) as creator:
        return [timed(lambda data=data: creator.create(data)) for data in photos]


def refit_seconds(bundle: Bundle, group: str, photos: list[bytes]) -> tuple[Times, Times]:
    """Refits of one group, all others locked: from the photos' bytes, and from what was measured of them."""
    others = [name for name in bundle.schema.groups if name != group]
    fresh: Times = []
    known: Times = []
    with CharacterCreator(bundle, render=False, confidence=True) as creator:
        for data in photos:
            photo_set = creator.measure(data)
            character = creator.create(photo_set)
            fresh.append(timed(lambda c=character, d=data: creator.refit(c, d, others)))
            known.append(timed(lambda c=character, p=photo_set: creator.refit(c, p, others)))
    return fresh, known


def main(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    bundle: Path | None = None,
    paper_photos: int = 1,
    threads: int = 1,
    group: str = "nose",
    out: Path = Path("out/solve.json"),
) -> int:
    """Time the recipes.

    Args:
        photos: photos of one face each.
        bundle: the bundle's folder; the shipped one by default.
        paper_photos: how many of the photos the published recipe solves; 0 leaves it out.
        threads: of torch within one operation; a search keeps a second core busy besides.
        group: what is refitted.
        out: where the figures go, as JSON.
    """
    torch.set_num_threads(threads)
    ours = load_bundle(bundle)
    data = [path.read_bytes() for path in photos]
    # The first solve of a process also loads the detector and lets torch choose its kernels.
    times = {
        "default": seconds_of(ours, "default", [data[0], *data])[1:],
        "instant": seconds_of(ours, "instant", [data[0], *data])[1:],
    }
    times["refit"], times["refit, measured before"] = refit_seconds(ours, group, data)
    if paper_photos:
        with tempfile.TemporaryDirectory() as folder:
            times["paper"] = seconds_of(paper_bundle(ours, Path(folder)), "paper", data[:paper_photos])
    figures: dict[str, object] = {"threads": threads, "machine": platform.processor() or platform.machine()}
    medians = {}
    for name, each in times.items():
        wall, busy = zip(*each, strict=True)
        medians[name] = statistics.median(wall)
        figures[name] = {
            "median": medians[name],
            "largest": max(wall),
            "processor": statistics.median(busy),
            "share_of_default": statistics.median(busy) / statistics.median(b for _, b in times["default"]),
            "seconds": wall,
        }
        line = f"{name:22} median {medians[name]:6.2f} s, largest {max(wall):6.2f} s"
        print(f"{line}, processor {statistics.median(busy):6.2f} s, {len(each)} photos")
    if "paper" in times:
        figures["faster"] = medians["paper"] / medians["default"]
        print(f"the default is {figures['faster']:.1f} times faster")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_command(main)
