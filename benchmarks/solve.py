"""How long a character takes: the default preset against the published recipe with the published networks, in one run.

    python benchmarks/solve.py PHOTO... [--bundle DIR] [--paper-photos 1] [--threads 2] [--out FILE]

The paper's networks (DCGAN of 512 px, ResNet-50 parser with stride 8) are untrained here: time does not depend on
weights. Their search runs in full, all 50 iterations. Alignment counts on both sides.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import torch
import tyro

from f2p.bundle import Bundle, load_bundle, save_bundle
from f2p.creator import CharacterCreator
from f2p.imitator import build_imitator
from f2p.parsing import build_parser


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
            frame_five=like.frame_five,
            imitator=build_imitator("dcgan", {"size": 512}, like.schema),
            parser=build_parser("resnet50_os8", {}),
            translator=None,
            statistics=like.statistics,
            metrics={},
            provenance={"licence": "untrained"},
        )
    )


def seconds_of(bundle: Bundle, preset: str, photos: list[bytes]) -> list[float]:
    """From bytes to values, for each photo, after one that does not count."""
    with CharacterCreator(bundle, preset=preset, render=False) as creator:
        times = []
        for data in photos:
            began = time.perf_counter()
            creator.create(data)
            times.append(time.perf_counter() - began)
    return times


def main(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    bundle: Path | None = None,
    paper_photos: int = 1,
    threads: int = 2,
    out: Path = Path("out/solve.json"),
) -> int:
    """Time both recipes.

    Args:
        photos: photos of one face each.
        bundle: the bundle's folder; the shipped one by default.
        paper_photos: how many of the photos the published recipe solves; 0 leaves it out.
        threads: of torch.
        out: where the figures go, as JSON.
    """
    torch.set_num_threads(threads)
    ours = load_bundle(bundle)
    data = [path.read_bytes() for path in photos]
    # The first solve of a process also loads the detector and lets torch choose its kernels.
    times = {"default": seconds_of(ours, "default", [data[0], *data])[1:]}
    if paper_photos:
        with tempfile.TemporaryDirectory() as folder:
            times["paper"] = seconds_of(paper_bundle(ours, Path(folder)), "paper", data[:paper_photos])
    figures: dict[str, object] = {"threads": threads, "machine": platform.processor() or platform.machine()}
    for name, seconds in times.items():
        figures[name] = {"median": statistics.median(seconds), "largest": max(seconds), "seconds": seconds}
        print(
            f"{name:8} median {statistics.median(seconds):6.2f} s, largest {max(seconds):6.2f} s, {len(seconds)} photos"
        )
    if "paper" in times:
        figures["faster"] = statistics.median(times["paper"]) / statistics.median(times["default"])
        print(f"the default is {figures['faster']:.1f} times faster")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(tyro.cli(main))
