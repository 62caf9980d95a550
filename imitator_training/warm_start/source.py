"""The network that a training starts from: a weight file, a bundle's network, or another run's averaged weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from f2p.bundle import MANIFEST
from f2p.errors import TrainingError
from f2p.schema import Schema, load_schema
from imitator_training.runtime.checkpointing import newest, read_run

__all__ = ["Source", "open_source"]

SCHEMA = "schema.yaml"


@dataclass(frozen=True, kw_only=True)
class Source:
    """An earlier network: its weights (float32), how it was built, and the names that its rows and columns had."""

    path: Path
    arch: str
    config: dict[str, Any]
    tensors: dict[str, Tensor]
    schema: Schema
    regions: tuple[str, ...]


def open_source(path: Path, task: str, arch: str) -> Source:
    """Read the network of kind `task` (imitator, parser or translator) from a .safetensors file, a bundle or a run.

    A weight file outside of a bundle needs its bundle's schema.yaml beside it. The bundle may be of an older release:
    regions and parameters need not be today's. Raises TrainingError when it is no such network.
    """
    if path.is_dir() and not (path / MANIFEST).exists():
        source = _of_run(path, task)
    else:
        source = _of_file(path / f"{task}.safetensors" if path.is_dir() else path)
    if source.arch != arch:
        raise TrainingError(
            f"{source.path} is a network of the kind '{source.arch}'; this run trains '{arch}'.",
            "Give the weights of the same kind, or --arch where the command has it.",
        )
    return source


def _of_file(path: Path) -> Source:
    tensors, header = _read(path)
    schema = _schema(path.with_name(SCHEMA), header.get("schema_hash"))
    try:
        return Source(
            path=path,
            arch=header["arch"],
            config=json.loads(header["config"]),
            tensors=tensors,
            schema=schema,
            regions=tuple(header["regions"].split(",")),
        )
    except (KeyError, ValueError) as error:
        raise TrainingError(
            f"The header of {path} does not say what network it is.", "Give a file that `export` wrote."
        ) from error


def _of_run(path: Path, task: str) -> Source:
    content = read_run(path)
    if content.get("task") != task:
        raise TrainingError(f"{path} is the run of a {content.get('task')}, not of a {task}.", "Give the other folder.")
    if "regions" not in content:
        raise TrainingError(
            f"The run {path} is too old to be started from: it does not name its regions.", "Give the exported bundle."
        )
    weights = newest(path) / "average.safetensors"
    return Source(
        path=path,
        arch=content["arch"],
        config=content["options"],
        tensors=_read(weights)[0],
        schema=_schema(path / SCHEMA, content["schema_hash"]),
        regions=tuple(content["regions"]),
    )


def _schema(path: Path, expected: str | None) -> Schema:
    if not path.is_file():
        raise TrainingError(
            f"The weights' schema is not there: {path}.", "Put the schema.yaml of their bundle beside them."
        )
    schema = load_schema(path)
    if schema.hash != expected:
        raise TrainingError(f"{path} is not the schema of the weights beside it.", "Put that of their bundle there.")
    return schema


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as handle:
            header = handle.metadata() or {}
            # A handle is no mapping: it cannot be iterated itself.
            tensors = {name: handle.get_tensor(name) for name in handle.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{path} cannot be read as weights ({error}).", "Give a .safetensors file.") from error
    # Exported matrices have 16 bits; training has 32.
    return {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}, header
