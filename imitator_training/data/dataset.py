"""Rendered data in memory: shards mapped, gathered by index, and the order in which training sees them."""

from __future__ import annotations

import resource
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2p.errors import TrainingError
from f2p.schema import Schema
from imitator_training.data.fingerprint import difference
from imitator_training.data.shards import Manifest, map_shard, read_layout, read_manifest, read_schema

__all__ = ["Renders", "batch_indices"]

MOST_MAPPED = 512
"""Shards that are mapped at a time, where the process may open that many files: a quarter of its limit otherwise."""


class Renders:
    """One or more data folders as one list of samples; the first folder's come first.

    Nothing is loaded ahead: the operating system keeps what was read in memory as far as it can. Thread-safe.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        if not folders:
            raise TrainingError("No data folder was given.", "Give one made by `imitator-training render`.")
        self.manifests: list[Manifest] = [read_manifest(folder) for folder in folders]
        self.schema: Schema = read_schema(folders[0])
        first = self.manifests[0]
        self.size = first.size
        for folder, manifest in zip(folders, self.manifests, strict=True):
            if (manifest.schema_hash, manifest.size) != (self.schema.hash, first.size):
                raise TrainingError(
                    f"{folder} does not go with {folders[0]}: another schema or picture size.",
                    "Render both with the same engine version and size.",
                )
        self._refuse_other_engines(folders)
        self._layouts = [
            read_layout(folder / shard.name)
            for folder, manifest in zip(folders, self.manifests, strict=True)
            for shard in manifest.shards
        ]
        if not self._layouts:
            raise TrainingError(f"{folders[0]} holds no finished shard.", "Let `imitator-training render` run on.")
        self._starts = np.cumsum([0, *(layout.count for layout in self._layouts)])
        # Mapped shards hold an open file each: a set may have more of them than a process may open.
        self._mapped: OrderedDict[int, dict[str, npt.NDArray[Any]]] = OrderedDict()
        self._most = max(8, min(MOST_MAPPED, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4))
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def frame_landmarks5(self) -> npt.NDArray[np.float64]:
        """The engine frame, (5, 2) fractions of the side."""
        return np.array(self.manifests[0].frame_landmarks5)

    def gather(self, member: str, indices: npt.ArrayLike) -> npt.NDArray[Any]:
        """Rows of `images`, `labels`, `x` or `view` as one new array."""
        where = np.asarray(indices)
        shards = np.searchsorted(self._starts, where, "right") - 1
        rows = where - self._starts[shards]
        _, dtype, shape = self._layouts[0].members[member]
        found = np.empty((len(where), *shape[1:]), dtype)
        # Shard by shard, and copied at once, so that few are mapped at a time.
        for shard in np.unique(shards):
            here = shards == shard
            found[here] = self._shard(int(shard))[member][rows[here]]
        return found

    def _shard(self, index: int) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a shard; those of the least lately used ones are let go."""
        with self._lock:
            known = self._mapped.pop(index, None)
            while len(self._mapped) >= self._most:
                self._mapped.popitem(last=False)
            arrays = self._mapped[index] = map_shard(self._layouts[index]) if known is None else known
        return arrays

    def _refuse_other_engines(self, folders: Sequence[Path]) -> None:
        taken = [(f, m.fingerprint) for f, m in zip(folders, self.manifests, strict=True) if m.fingerprint is not None]
        for folder, fingerprint in taken[1:]:
            if differing := difference(taken[0][1], fingerprint):
                raise TrainingError(
                    f"{folder} was drawn by another engine than {taken[0][0]}: {differing}.",
                    "Render both with the same engine, light and camera.",
                )

    def x(self, indices: npt.ArrayLike) -> Tensor:
        """(n, P) float32."""
        return torch.from_numpy(self.gather("x", indices))

    def pose(self, indices: npt.ArrayLike) -> Tensor:
        """(n, 3) float32: yaw, pitch and roll in degrees."""
        return torch.from_numpy(self.gather("view", indices))

    def images(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor:
        """(n, 3, size, size) float32 in [0, 1], channels last in memory; averaged down when smaller than rendered."""
        pixels = torch.from_numpy(self.gather("images", indices)).permute(0, 3, 1, 2)
        factor = self._factor(size)
        images = pixels.to(torch.float32).mul_(1 / 255)
        return images if factor == 1 else torch.nn.functional.avg_pool2d(images, factor)

    def labels(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor:
        """(n, size, size) uint8."""
        factor = self._factor(size)
        return torch.from_numpy(self.gather("labels", indices))[:, factor // 2 :: factor, factor // 2 :: factor]

    def _factor(self, size: int | None) -> int:
        factor, rest = divmod(self.size, size or self.size)
        if rest or factor < 1:
            raise TrainingError(
                f"Renders of {self.size} px cannot serve for {size} px.", f"Render with --size {size} (or a multiple)."
            )
        return factor


def batch_indices(seed: int, step: int, batch: int, first: int, last: int) -> npt.NDArray[np.int64]:
    """Indices of training step `step`: every sample of [first, last) once per epoch, in an order of the epoch's own.

    A function of its arguments alone, so that a resumed run sees exactly what an unbroken one would have seen.
    """
    count = last - first
    if count < batch:
        raise TrainingError(
            f"Only {max(count, 0)} training samples for batches of {batch}.", "Render more, or hold out fewer."
        )
    per_epoch = count // batch
    epoch, at = divmod(step, per_epoch)
    return first + _order(seed, epoch, count)[at * batch : (at + 1) * batch]


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(epoch,)))
    return rng.permutation(count)
