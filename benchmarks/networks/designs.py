"""Imitator designs at equal training time: the published recipe, ours, and ours with one idea more or less, each
trained from scratch for the same processor time on one core.

    python -m benchmarks.networks.designs --data data/neutral [--minutes 6] [--only paper shipped] [--out FOLDER]

Time is processor time, so that other jobs on the machine change nothing: the seconds of one step are measured first,
and a design gets as many steps as fit.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.command_line import run_command
from imitator_training.data.dataset import Renders
from imitator_training.metrics import evaluate_imitator
from imitator_training.runtime.trained_networks import trained_imitator
from imitator_training.tasks.config import ImitatorTraining
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.training.trainer import train

FIELDS, DECALS = (32, 8), ("glasses",)
FEW = 3000
"""Renders of the design with little data, the held-out ones among them."""
WARM, TIMED = 3, 12
"""Steps before the clock is looked at, and those that are measured."""
PLAIN: dict[str, Any] = {"muon": False}
SHIPPED: dict[str, Any] = {"fields": FIELDS, "decals": DECALS}


@dataclass(frozen=True)
class Design:
    """Options that differ from the trainer's defaults, and their description."""

    words: str
    options: dict[str, Any]


DESIGNS = {
    "paper": Design("the paper's DCGAN and recipe", {"arch": "dcgan"}),
    "plain": Design("one linear field at 8 px, AdamW", PLAIN),
    "muon": Design("plain, Muon for the convolutions", {}),
    "fields": Design("plain, linear fields of x at 16 and 32 px too", PLAIN | {"fields": FIELDS}),
    "decals": Design("plain, glasses as a decal", PLAIN | {"decals": DECALS}),
    "shipped": Design("all three", SHIPPED),
    "early": Design("all three, identity from the start", SHIPPED | {"identity_from": 0.0}),
    "pixels": Design("all three, no identity term", SHIPPED | {"identity": 0.0}),
    "few": Design(f"all three, {FEW:,} renders instead of all", SHIPPED),
}


@dataclass(frozen=True)
class Setting:
    """Conditions that all designs share: see `main`."""

    data: Path
    minutes: float
    count: int
    out: Path


def seconds_a_step(config: ImitatorTraining) -> float:
    """Processor seconds of one step, with the identity term."""
    task = ImitatorTask(config)
    began = 0.0
    for step in range(WARM + TIMED):
        if step == WARM:
            began = time.process_time()
        task.optimiser.zero_grad(set_to_none=True)
        task.loss(step, (step - WARM + 0.5) / TIMED, bf16=False)["total"].backward()
        task.optimiser.step()
    return (time.process_time() - began) / TIMED


def measure(name: str, setting: Setting) -> dict[str, Any]:
    """Train one design and measure it on held-out characters."""
    run = setting.out / name
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    config = ImitatorTraining(
        out=run, data=(setting.data,), steps=1, checkpoint_minutes=60.0, validate_minutes=600.0, bf16="off",
        **DESIGNS[name].options,
    )  # fmt: skip
    if name == "few":
        config = replace(config, data=(_few(setting),))
    each = seconds_a_step(config)
    config = replace(config, steps=max(int(setting.minutes * 60 / each), 1))
    began = time.process_time()
    task = ImitatorTask(config)
    train(task, config)
    minutes = (time.process_time() - began) / 60
    data = Renders((setting.data,))
    figures = evaluate_imitator(trained_imitator(run, data.schema), data, range(setting.count), config.size)
    return {"steps": config.steps, "minutes": minutes, **figures}


def _few(setting: Setting) -> Path:
    """A folder with the first shards of the data."""
    folder: Path = setting.out / "few-data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    manifest = json.loads((setting.data / "manifest.json").read_text())
    kept = manifest["shards"][: FEW // manifest["per_shard"]]
    for name in ("schema.yaml", *(shard["name"] for shard in kept)):
        (folder / name).symlink_to((setting.data / name).resolve())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"count": FEW, "shards": kept}))
    return folder


def row(name: str, figures: dict[str, Any]) -> str:
    """Line of the Markdown table."""
    iou = figures.get("label_iou_mean")
    shown = [
        f"{figures['steps']:,}",
        f"{figures['minutes']:.1f}",
        f"{figures['psnr']:.2f}",
        f"{figures['ssim']:.3f}",
        f"{figures['identity_cosine']:.3f}",
        "" if iou is None else f"{iou:.3f}",
    ]
    return f"| {name}: {DESIGNS[name].words} | " + " | ".join(shown) + " |"


def main(
    data: Path,
    minutes: float = 6.0,
    only: tuple[str, ...] = (),
    count: int = 200,
    out: Path = Path("out/designs"),
) -> int:
    """Train each design for the same processor time, and print a table.

    Args:
        data: folder of neutral renders, the first 500 of which are held out.
        minutes: of processor time for each design.
        only: designs to train; all by default.
        count: held-out characters that are measured.
        out: runs and figures; a design whose figures are there is not trained again.
    """
    unknown = [name for name in only if name not in DESIGNS]
    if unknown:
        raise SystemExit(f"There is no design {', '.join(unknown)}. Choose from {', '.join(DESIGNS)}.")
    setting = Setting(data, minutes, count, out)
    out.mkdir(parents=True, exist_ok=True)
    table = [
        "| design | steps | processor minutes | PSNR, dB | SSIM | identity | label IoU |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in only or DESIGNS:
        known = out / f"{name}.json"
        if not known.exists():
            known.write_text(json.dumps(measure(name, setting)))
        table.append(row(name, json.loads(known.read_text())))
    print("\n".join(table))
    return 0


if __name__ == "__main__":
    run_command(main)
