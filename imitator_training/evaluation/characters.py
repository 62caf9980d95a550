"""Characters from files and from the engine: solutions of earlier searches, rendered so that they can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2p.character.character import Character
from f2p.engines.protocol import Engine
from f2p.errors import F2PError, TrainingError
from f2p.schema import Schema

__all__ = ["Rendered", "read_characters"]

Values = Mapping[str, float | str]


class Rendered:
    """Characters rendered just now, in memory: what `Renders` is for those on disk."""

    def __init__(
        self, engine: Engine, characters: Sequence[Values], size: int, frame_landmarks5: npt.ArrayLike
    ) -> None:
        frames = [engine.render(values, size) for values in characters]
        self.frame_landmarks5 = np.asarray(frame_landmarks5, np.float64)
        self.size = size
        self._x = torch.stack([torch.from_numpy(engine.schema.encode(values)) for values in characters])
        pixels = torch.from_numpy(np.stack([frame.image for frame in frames])).permute(0, 3, 1, 2)
        self._images = pixels.float() / 255
        self._labels = torch.from_numpy(np.stack([frame.labels for frame in frames]))

    def __len__(self) -> int:
        return len(self._x)

    def x(self, indices: npt.ArrayLike) -> Tensor:
        """(n, P)."""
        return self._x[np.asarray(indices)]

    def pose(self, indices: npt.ArrayLike) -> Tensor:
        """(n, 3): all from the front."""
        return torch.zeros(len(np.asarray(indices)), 3)

    def images(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor:
        """(n, 3, S, S) in [0, 1], of the size that was rendered."""
        return self._images[np.asarray(indices)]

    def labels(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor:
        """(n, S, S) uint8."""
        return self._labels[np.asarray(indices)]


def read_characters(path: Path, schema: Schema) -> list[dict[str, float | str]]:
    """Values of all characters in a file, or in a folder with its sub-folders.

    Read are: character.json of `f2p create`, likeness.json of the benchmark, and .jsonl with one x vector or one
    character a line. Raises TrainingError when there is none, or when one is of another schema.
    """
    names = ("character.json", "likeness.json", "*.jsonl")
    files = sorted(file for name in names for file in path.rglob(name)) if path.is_dir() else [path]
    try:
        found = [schema.decode(schema.encode(values)) for file in files for values in _of_file(file, schema)]
    except (F2PError, OSError, ValueError, TypeError, KeyError) as error:
        reason = error.message if isinstance(error, F2PError) else str(error)
        raise TrainingError(f"A character in {path} cannot be read: {reason}", "Solve with this bundle.") from error
    if not found:
        raise TrainingError(
            f"There are no characters in {path}.", "Give what `f2p create` or `python -m benchmarks.likeness` wrote."
        )
    return found


def _of_file(path: Path, schema: Schema) -> Iterator[Values]:
    text = path.read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines() if line.strip()] if path.suffix == ".jsonl" else [text]
    for entry in entries:
        yield from _of_entry(json.loads(entry) if isinstance(entry, str) else entry, schema)


def _of_entry(entry: Any, schema: Schema) -> Iterator[Values]:
    if isinstance(entry, list):
        yield schema.decode(entry)
    elif "parameters" in entry:
        yield Character.from_json(json.dumps(entry), schema).values
    elif "photos" in entry:  # likeness.json: one list of answers per preset
        yield from (row["values"] for rows in entry["photos"].values() for row in rows)
    elif "x" in entry:
        yield schema.decode(entry["x"])
    else:
        yield entry.get("values", entry)
