"""Face embeddings of renders: the recogniser made fast for batches, and a cache of what it says about training data.

Shapes: B batch, S picture side.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2p.face.crops import crop_chips
from f2p.networks.recognition.dlib_resnet import dlib_face_net
from imitator_training.data.dataset import Renders

__all__ = ["Embedder", "EmbeddingCache"]

CENTRE_SAMPLES = 256
CHUNK = 16


class Embedder:
    """dlib's recogniser on pictures in the engine frame."""

    def __init__(self, frame_landmarks5: npt.ArrayLike, device: torch.device | None = None) -> None:
        self.frame_landmarks5 = np.asarray(frame_landmarks5)
        self.device = device or torch.device("cpu")
        self.net = copy.deepcopy(dlib_face_net()).to(self.device).to(memory_format=torch.channels_last)

    def of_chips(self, chips: Tensor, bf16: bool = False) -> Tensor:
        """(B, 3, 150, 150) in [0, 1] -> (B, 128) float32; gradients pass."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            embedding: Tensor = self.net(chips)
        return embedding.float()

    @torch.no_grad()
    def of_images(self, images: Tensor, bf16: bool = False) -> Tensor:
        """(B, 3, S, S) in the engine frame -> (B, 128), in small parts and without gradients."""
        images = images.to(self.device)
        parts = [self.of_chips(crop_chips(part, self.frame_landmarks5), bf16) for part in images.split(CHUNK)]
        return torch.cat(parts)


class EmbeddingCache:
    """Embeddings of the training renders, computed when first asked for and kept in a file of the run."""

    def __init__(self, path: Path, data: Renders, embedder: Embedder, bf16: bool) -> None:
        self.data, self.embedder, self.bf16 = data, embedder, bf16
        shape = (len(data), 128)
        known = path.exists() and np.load(path, mmap_mode="r").shape == shape
        self.rows: npt.NDArray[Any] = np.lib.format.open_memmap(
            path, "r+" if known else "w+", dtype=np.float32, shape=shape
        )
        if not known:
            self.rows[:] = np.nan
        self.centre = self.of(np.linspace(0, len(data) - 1, min(CENTRE_SAMPLES, len(data))).astype(int)).mean(0)

    def of(self, indices: npt.NDArray[np.integer[Any]]) -> Tensor:
        """(n, 128) embeddings of the renders themselves, on the CPU."""
        missing = indices[np.isnan(self.rows[indices, 0])]
        if len(missing):
            self.rows[missing] = self.embedder.of_images(self.data.images(missing), self.bf16).cpu().numpy()
        return torch.from_numpy(self.rows[indices])
