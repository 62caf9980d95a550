"""Fidelity of an imitator to its engine, on characters that it was not trained on.

- PSNR (dB, mean over pictures), SSIM, L1 in units of 1 / 255;
- label IoU per region: intersection over union summed over all pictures;
- identity cosine: between the recogniser's embeddings of G(x) and of the engine's render, both minus the mean embedding
  of the engine's renders (without that, any two renders agree to .95 and the figure says nothing);
- rank 1: share of characters whose G(x) is nearest to its own render among all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.regions import REGIONS
from imitator_training.data.embedding import Embedder
from imitator_training.metrics.pictures import psnr, region_overlap, ssim

__all__ = ["Faces", "Fidelity", "evaluate_imitator", "measure"]

CHUNK = 20


class Faces(Protocol):
    """Characters with the engine's pictures of them: `Renders` from disk, or `Rendered` in memory."""

    @property
    def frame_landmarks5(self) -> npt.NDArray[np.float64]: ...

    def x(self, indices: npt.ArrayLike) -> Tensor: ...

    def pose(self, indices: npt.ArrayLike) -> Tensor: ...

    def images(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor: ...

    def labels(self, indices: npt.ArrayLike, size: int | None = None) -> Tensor: ...


@dataclass(frozen=True)
class Fidelity:
    """`figures` over all pictures; `errors` (n,) the L1 of each in units of 1 / 255; `centre` (128,) of the renders'
    embeddings."""

    figures: dict[str, Any]
    errors: Tensor
    centre: Tensor


def evaluate_imitator(network: nn.Module, data: Faces, indices: Iterable[int], size: int) -> dict[str, Any]:
    """Figures named psnr, ssim, l1, label_iou (dict, absent without labels), label_iou_mean, identity_cosine, rank1."""
    return measure(network, data, indices, size).figures


@torch.no_grad()
def measure(
    network: nn.Module, data: Faces, indices: Iterable[int], size: int, centre: Tensor | None = None
) -> Fidelity:
    """All figures of `evaluate_imitator`. `centre` (128,): the engine's mean embedding, where these renders are too
    few or too alike to tell it."""
    device = next(iter(network.parameters()), torch.zeros(())).device
    embedder = Embedder(data.frame_landmarks5, device)
    network = network.eval()
    scores: dict[str, list[Tensor]] = {"psnr": [], "ssim": [], "l1": []}
    ours, theirs = [], []
    overlap = torch.zeros(2, len(REGIONS))
    count, labelled = 0, False
    for where in _chunks(indices):
        images = data.images(where, size).to(device)
        drawing = network(data.x(where).to(device), data.pose(where).to(device))
        drawn = drawing.image.clamp(0, 1)
        scores["psnr"].append(psnr(drawn, images).cpu())
        scores["ssim"].append(ssim(drawn, images).cpu())
        scores["l1"].append((drawn - images).abs().mean((1, 2, 3)).cpu() * 255)
        if drawing.labels is not None:
            labelled = True
            overlap += region_overlap(drawing.labels.argmax(1).cpu(), data.labels(where, size).long())
        ours.append(embedder.of_images(drawn).cpu())
        theirs.append(embedder.of_images(images).cpu())
        count += len(where)
    figures: dict[str, Any] = {"samples": count} | {name: float(torch.cat(v).mean()) for name, v in scores.items()}
    centre = torch.cat(theirs).mean(0) if centre is None else centre
    figures |= _identity(torch.cat(ours) - centre, torch.cat(theirs) - centre)
    if labelled:
        present = overlap[1] > 0
        iou = {name: float(overlap[0, k] / overlap[1, k]) for k, name in enumerate(REGIONS) if present[k]}
        figures |= {"label_iou_mean": float(np.mean(list(iou.values()))), "label_iou": iou}
    return Fidelity(figures, torch.cat(scores["l1"]), centre)


def _identity(ours: Tensor, theirs: Tensor) -> dict[str, float]:
    likeness = F.normalize(ours, dim=1) @ F.normalize(theirs, dim=1).T
    nearest = (likeness.argmax(1) == torch.arange(len(ours))).float().mean()
    return {"identity_cosine": float(likeness.diagonal().mean()), "rank1": float(nearest)}


def _chunks(indices: Iterable[int]) -> Iterator[np.ndarray[Any, Any]]:
    every = np.array(list(indices))
    yield from np.array_split(every, max(1, -(-len(every) // CHUNK)))
