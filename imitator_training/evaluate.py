"""How faithful an imitator is to its engine, on characters it never saw.

- PSNR (dB, mean over pictures), SSIM (11 px Gaussian window, Wang et al. 2004), L1 in units of 1 / 255;
- label IoU per region: intersection over union summed over all pictures;
- identity cosine: between the recogniser's embeddings of G(x) and of the engine's render, both minus the mean embedding
  of the engine's renders (without that, any two renders agree to .95 and the figure says nothing);
- rank 1: share of characters whose G(x) is nearest to its own render among all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from f2p.bundle import MANIFEST, load_bundle
from f2p.errors import TrainingError
from f2p.imitator import Imitator
from f2p.regions import REGIONS
from imitator_training.checkpointing import read_run
from imitator_training.dataset import Renders
from imitator_training.embedding import Embedder
from imitator_training.networks import trained_imitator

__all__ = ["EvaluateConfig", "evaluate", "evaluate_imitator", "print_figures", "psnr", "region_overlap", "ssim"]

CHUNK = 20


@torch.no_grad()
def evaluate_imitator(network: nn.Module, data: Renders, indices: Iterable[int], size: int) -> dict[str, Any]:
    """Figures named psnr, ssim, l1, label_iou (dict, absent without labels), label_iou_mean, identity_cosine, rank1."""
    embedder = Embedder(data.frame_five)
    network = network.eval()
    scores: dict[str, list[Tensor]] = {"psnr": [], "ssim": [], "l1": []}
    ours, theirs = [], []
    overlap = torch.zeros(2, len(REGIONS))
    count, labelled = 0, False
    for where in _chunks(indices):
        images = data.images(where, size)
        drawing = network(data.x(where))
        drawn = drawing.image.clamp(0, 1)
        scores["psnr"].append(psnr(drawn, images))
        scores["ssim"].append(ssim(drawn, images))
        scores["l1"].append((drawn - images).abs().mean((1, 2, 3)) * 255)
        if drawing.labels is not None:
            labelled = True
            overlap += region_overlap(drawing.labels.argmax(1), data.labels(where, size).long())
        ours.append(embedder.of_images(drawn))
        theirs.append(embedder.of_images(images))
        count += len(where)
    figures: dict[str, Any] = {"samples": count} | {name: float(torch.cat(v).mean()) for name, v in scores.items()}
    figures |= _identity(torch.cat(ours), torch.cat(theirs))
    if labelled:
        seen = overlap[1] > 0
        iou = {name: float(overlap[0, k] / overlap[1, k]) for k, name in enumerate(REGIONS) if seen[k]}
        figures |= {"label_iou_mean": float(np.mean(list(iou.values()))), "label_iou": iou}
    return figures


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio (B,) in dB of pictures (B, 3, S, S) in [0, 1]."""
    return -10 * (a - b).square().mean((1, 2, 3)).clamp_min(1e-10).log10()


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity (B,) of pictures (B, 3, S, S) in [0, 1], over all places where the window fits."""
    line = torch.exp(-((torch.arange(11, dtype=a.dtype) - 5) ** 2) / (2 * 1.5**2))
    window = (line[:, None] * line / line.sum() ** 2).expand(3, 1, 11, 11)

    def blur(x: Tensor) -> Tensor:
        return F.conv2d(x.contiguous(), window, groups=3)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return (value / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean((1, 2, 3))


def print_figures(figures: dict[str, Any], title: str) -> None:
    """The figures as a table."""
    table = Table("figure", "value", title=title)
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, number in value.items():
                table.add_row(f"{name}: {part}", f"{number:.3f}")
        else:
            table.add_row(name, value if isinstance(value, str) else f"{value:.4g}")
    Console().print(table)


def region_overlap(drawn: Tensor, wanted: Tensor) -> Tensor:
    """(2, K): pixels in the intersection and in the union of each region."""
    hit = torch.bincount(drawn[drawn == wanted], minlength=len(REGIONS))
    sizes = torch.bincount(drawn.flatten(), minlength=len(REGIONS)) + torch.bincount(
        wanted.flatten(), minlength=len(REGIONS)
    )
    return torch.stack([hit, sizes - hit]).float()


def _identity(ours: Tensor, theirs: Tensor) -> dict[str, float]:
    centre = theirs.mean(0)
    a, b = F.normalize(ours - centre, dim=1), F.normalize(theirs - centre, dim=1)
    likeness = a @ b.T
    nearest = (likeness.argmax(1) == torch.arange(len(a))).float().mean()
    return {"identity_cosine": float(likeness.diagonal().mean()), "rank1": float(nearest)}


def _chunks(indices: Iterable[int]) -> Iterator[np.ndarray[Any, Any]]:
    every = np.array(list(indices))
    yield from np.array_split(every, max(1, -(-len(every) // CHUNK)))


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """Measure an imitator on characters it never saw."""

    model: Path
    """A training run's folder, or a bundle's."""
    data: tuple[Path, ...]
    """Data folders; the first `count` samples are taken."""
    count: int = 500
    out: Path | None = None
    """JSON file for the figures."""
    threads: int = 1


def evaluate(config: EvaluateConfig) -> dict[str, Any]:
    """Prints the figures, writes them when asked to, and returns them.

    Raises TrainingError when the imitator was trained on some of these samples.
    """
    torch.set_num_threads(config.threads)
    data = Renders(config.data)
    network, made_from = _subject(config.model, data)
    _refuse_seen(data, made_from, config.count)
    figures = evaluate_imitator(network, data, range(min(config.count, len(data))), network.size)
    figures = {"arch": network.arch, "parameters": sum(p.numel() for p in network.parameters())} | figures
    print_figures(figures, f"{config.model.name} on {figures['samples']} held-out characters")
    if config.out is not None:
        config.out.parent.mkdir(parents=True, exist_ok=True)
        config.out.write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _subject(path: Path, data: Renders) -> tuple[Imitator, dict[str, Any]]:
    """The imitator to measure, and what is known of its training data."""
    if (path / MANIFEST).exists():
        bundle = load_bundle(path)
        if bundle.schema.hash != data.schema.hash:
            raise TrainingError(f"{path} and the data have different schemas.", "Render data with the bundle's engine.")
        return bundle.imitator, dict(bundle.provenance.get("imitator", {}))
    content = read_run(path)
    made_from = {"data_seeds": content.get("data_seeds", []), "holdout": content.get("config", {}).get("holdout", 0)}
    return trained_imitator(path, data.schema), made_from


def _refuse_seen(data: Renders, made_from: dict[str, Any], count: int) -> None:
    seen = data.manifests[0].seed in made_from.get("data_seeds", [])
    if seen and count > made_from.get("holdout", 0):
        raise TrainingError(
            f"Only the first {made_from.get('holdout', 0)} samples of this data were held out from training.",
            "Ask for fewer with --count, or render others with another --seed.",
        )
