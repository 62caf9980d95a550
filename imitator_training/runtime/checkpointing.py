"""Checkpoints of a run: safetensors for weights, a weights-only torch file for the optimiser, JSON for the rest.

A checkpoint is a folder ``checkpoints/<step>`` that appears whole by a rename; the two newest are kept.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from f2p.errors import TrainingError
from f2p.schema import Schema, dump_schema

__all__ = ["Progress", "load_average", "newest", "read_run", "restore", "save", "write_run"]

KEPT = 2


@dataclass
class Progress:
    """Progress of a run: steps done, seconds spent over all its parts, and whether it computes in bfloat16."""

    step: int = 0
    seconds: float = 0.0
    bf16: bool = False


def save(run: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, at: Progress) -> Path:
    """Write a checkpoint and drop all but the newest two."""
    folder = run / "checkpoints" / f"{at.step:08d}"
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    save_file(_weights(network), unfinished / "network.safetensors")
    save_file(_weights(average), unfinished / "average.safetensors")
    torch.save(optimiser.state_dict(), unfinished / "optimiser.pt")
    (unfinished / "progress.json").write_text(json.dumps(vars(at)))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(unfinished, folder)
    for old in _all(run)[:-KEPT]:
        shutil.rmtree(old)
    return folder


def restore(run: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> Progress:
    """Load a run's newest checkpoint in place, strictly. Raises TrainingError when there is none or it differs."""
    folder = newest(run)
    _load(network, folder / "network.safetensors")
    _load(average, folder / "average.safetensors")
    try:
        optimiser.load_state_dict(torch.load(folder / "optimiser.pt", weights_only=True))
        return Progress(**json.loads((folder / "progress.json").read_text()))
    except (OSError, ValueError, TypeError, pickle.UnpicklingError, RuntimeError) as error:
        raise TrainingError(
            f"The checkpoint {folder} cannot be resumed ({error}).", "Remove it; the one before is then used."
        ) from error


def load_average(run: Path, network: nn.Module) -> int:
    """Load the averaged weights of a run's newest checkpoint, strictly; return its step."""
    folder = newest(run)
    _load(network, folder / "average.safetensors")
    return int(folder.name)


def newest(run: Path) -> Path:
    """Folder of the newest checkpoint. Raises TrainingError when there is none."""
    every = _all(run)
    if not every:
        raise TrainingError(f"{run} holds no checkpoint.", "Give the --out folder of a training run.")
    return every[-1]


def write_run(run: Path, content: dict[str, Any], schema: Schema) -> None:
    """Write run.json, which says what is trained, on what, with which options; and the schema beside it."""
    run.mkdir(parents=True, exist_ok=True)
    (run / "schema.yaml").write_text(dump_schema(schema))
    (run / "run.json").write_text(json.dumps(content, indent=1, default=str) + "\n")


def read_run(run: Path) -> dict[str, Any]:
    """run.json of a run. Raises TrainingError when the folder is no run."""
    try:
        content: dict[str, Any] = json.loads((run / "run.json").read_text())
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"{run} is no training run ({error}).", "Give the --out folder of `imitator-training train`."
        ) from error
    return content


def _all(run: Path) -> list[Path]:
    return sorted(path for path in (run / "checkpoints").glob("*") if path.is_dir() and path.name.isdigit())


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().contiguous() for name, value in network.state_dict().items()}


def _load(network: nn.Module, path: Path) -> None:
    try:
        network.load_state_dict(load_file(path), strict=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise TrainingError(
            f"The weights in {path} do not fit this network ({str(error).splitlines()[0]}).",
            "Use the options that the run was started with.",
        ) from error
