"""Parts of a shard that is being rendered: a process that is killed loses at most one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from f2p.errors import TrainingError
from imitator_training.data.shards import MEMBERS, map_shard, read_layout, write_shard

__all__ = ["PART", "count_parts", "is_whole", "join_parts", "part_path", "remove_parts", "samples_in_parts"]

PART = 64
"""Samples in one part."""


def part_path(folder: Path, where: range) -> Path:
    """File of the part that holds these samples of the set."""
    return folder / f"{where.start:09d}-{where.stop:09d}.begun"


def count_parts(folder: Path) -> int:
    """Parts and shards that a folder holds: a number that grows while the set does."""
    return sum(1 for path in folder.glob("*.begun")) + 10_000 * sum(1 for path in folder.glob("*.tar"))


def samples_in_parts(folder: Path) -> int:
    """Samples that are in parts, and in no shard yet."""
    ranges = [path.stem.split("-") for path in folder.glob("*.begun")]
    return sum(int(stop) - int(start) for start, stop in ranges)


def is_whole(path: Path, count: int) -> bool:
    """Whether the part is there: files appear complete or not at all."""
    try:
        return path.exists() and read_layout(path).count == count
    except TrainingError:
        return False


def join_parts(path: Path, parts: Sequence[Path]) -> str:
    """Write the shard of these parts; its sha256."""
    mapped = [map_shard(read_layout(part)) for part in parts]
    return write_shard(path, {name: np.concatenate([arrays[name] for arrays in mapped]) for name in MEMBERS})


def remove_parts(folder: Path) -> None:
    """Delete what no shard needs any more."""
    for path in folder.glob("*.begun"):
        path.unlink()
