"""The mean of two trained networks' weights, of which one was trained on from the other.

What the last leg of a training forgot comes back at little cost to what it learnt: a parser that was trained on for
another engine is better on photos halfway back (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from f2p.bundle import MANIFEST, load_bundle
from f2p.errors import TrainingError
from f2p.schema import load_schema
from imitator_training.runtime.checkpointing import newest, read_run, write_run
from imitator_training.runtime.trained_networks import trained_imitator, trained_parser, trained_translator

__all__ = ["AverageConfig", "average"]


@dataclass(frozen=True, kw_only=True)
class AverageConfig:
    """Average a run's weights with those of what it began with."""

    run: Path
    """Run folder of the last leg."""
    other: Path
    """Run folder or bundle that the leg was trained on from."""
    out: Path
    """A new run folder, of which the mean is the only checkpoint; `export` and trainings take it as any other."""
    share: float = 0.5
    """Of the other's weights."""


def average(config: AverageConfig) -> Path:
    """Write the new run folder and return it. Raises TrainingError where the two are not built alike."""
    if not 0 < config.share < 1:
        raise TrainingError(f"The share {config.share} leaves nothing to average.", "Give one between 0 and 1.")
    content, schema = read_run(config.run), load_schema(config.run / "schema.yaml")
    networks: dict[str, Callable[[Path], nn.Module]] = {
        "imitator": lambda path: trained_imitator(path, schema),
        "parser": trained_parser,
        "translator": lambda path: trained_translator(path, schema),
    }
    load = networks[content["task"]]
    mean, theirs = load(config.run).state_dict(), load(config.other).state_dict()
    if {name: tensor.shape for name, tensor in mean.items()} != {name: t.shape for name, t in theirs.items()}:
        raise TrainingError("Two networks of different make have no mean.", "Give one that the other began with.")
    mixed = {
        name: tensor.lerp(theirs[name].to(tensor), config.share) if tensor.is_floating_point() else tensor
        for name, tensor in mean.items()
    }
    checkpoint = newest(config.run)
    write_run(config.out, content | {"averaged_with": _name(config.other), "share": config.share}, schema)
    folder = config.out / "checkpoints" / checkpoint.name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in mixed.items()}, folder / "average.safetensors")
    print(f"{config.run} and {config.share:g} of {config.other} -> {config.out}")
    return config.out


def _name(path: Path) -> str:
    """What provenance says of it: no path of a machine."""
    if (path / MANIFEST).exists():
        bundle = load_bundle(path)
        return f"bundle {bundle.name} {bundle.version}"
    steps: dict[str, Any] = json.loads((newest(path) / "progress.json").read_text())
    return f"{path.name}, {steps['step']} steps"
