"""Training a face parser on renders alone, changed so much that photos come within their range."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from f2p.networks.face_parser import STRIDE, build_parser
from f2p.regions import REGIONS
from imitator_training.augmentation.randomise import randomise
from imitator_training.data.dataset import Renders, batch_indices
from imitator_training.metrics import region_overlap
from imitator_training.runtime.batch_rng import step_rng
from imitator_training.runtime.distributed import SINGLE, DistributedContext
from imitator_training.tasks.config import ParserTraining
from imitator_training.training.losses import weighted_cross_entropy
from imitator_training.training.schedule import learning_rate_factor
from imitator_training.warm_start import open_source, warm_parser

__all__ = ["ParserTask", "class_weights"]

EMPHASIS = {
    "background": 0.5,
    "brows": 2.0,
    "eyes": 3.5,
    "nose": 1.5,
    "ears": 1.5,
    "glasses": 1.5,
}
CHECKED = 96
CHECK_SEED = 2**31


class ParserTask:
    """The task of `train parser`."""

    def __init__(self, config: ParserTraining, context: DistributedContext = SINGLE) -> None:
        self.config, self.context = config, context
        self.data = Renders(config.data)
        self.schema = self.data.schema
        source = open_source(config.warm_start, "parser", config.arch) if config.warm_start else None
        torch.manual_seed(config.seed)
        options = (dict(source.config) if source else {}) | {"size": config.size}
        if config.arch == "fpn_mobilenet":
            options["fine"] = config.fine
        network = build_parser(config.arch, options)
        if source and not config.resume:
            summary = warm_parser(network, source)
            if context.is_rank0:
                print(summary)
        self.options = asdict(network.config)
        self.layout = torch.channels_last if config.channels_last else torch.contiguous_format
        self.network: nn.Module = network.to(context.device).to(memory_format=self.layout)
        self.optimiser = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=1e-3, fused=True)
        self.weights = class_weights().to(context.device)

    def describe(self) -> dict[str, Any]:
        return {
            "task": "parser",
            "arch": self.config.arch,
            "options": self.options,
            "schema_hash": self.schema.hash,
            "data_seeds": [manifest.seed for manifest in self.data.manifests],
        }

    def rate(self, step: int, progress: float) -> float:
        return learning_rate_factor(step, progress)

    def loss(self, step: int, progress: float, bf16: bool) -> dict[str, Tensor]:
        config, device = self.config, self.context.device
        whole = batch_indices(config.seed, step, config.batch, config.holdout, len(self.data))
        where = whole[self.context.rows(config.batch)]
        images, labels = randomise(
            self.data.images(where, config.size).to(device),
            self.data.labels(where, config.size).to(device),
            step_rng(config.seed, step, self.context),
            config.strength,
            window_of(config),
        )
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            logits = self.network(images.contiguous(memory_format=self.layout))
        return {"total": weighted_cross_entropy(logits, labels, self.weights, self.context)}

    @torch.no_grad()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """Mean IoU on held-out renders, plain and randomised."""
        overlap = torch.zeros(2, 2, len(REGIONS))
        for part in np.array_split(np.arange(min(CHECKED, self.config.holdout)), 6):
            if not len(part):
                continue
            images = self.data.images(part, self.config.size)
            labels = self.data.labels(part, self.config.size)
            changed = randomise(images, labels, step_rng(CHECK_SEED, int(part[0])), self.config.strength)
            for kind, (pictures, truth) in enumerate(((images, labels), changed)):
                logits = network(pictures.to(self.context.device))
                overlap[kind] += region_overlap(logits.argmax(1).cpu(), truth.long())
        iou = overlap[:, 0] / overlap[:, 1].clamp_min(1)
        present = overlap[0, 1] > 0
        return {"iou": float(iou[0][present].mean()), "iou_randomised": float(iou[1][present].mean())}


def window_of(config: ParserTraining) -> int:
    """Side in pixels of what training sees of a picture: whole cells of the coarsest features."""
    return min(config.size, max(1, round(config.size * config.window / STRIDE)) * STRIDE)


def class_weights() -> Tensor:
    """(K,) weights of the cross-entropy. A weight moves a region's border outwards, so they are small: with the usual
    inverse root of the area, lips came out twice and noses 1.4 times as large on photos as people draw them. Eyes and
    brows, which photos show darker and smaller than renders, need the emphasis all the same.
    """
    return torch.tensor([EMPHASIS.get(name, 1.0) for name in REGIONS])
