"""Training an imitator: pixels, picture gradients, region labels, and the identity that a face recogniser reads.

Shapes: B batch, K regions, S picture side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.face.crops import Jitter, crop_chips, random_jitter
from f2p.networks.imitator.registry import build_imitator
from f2p.regions import REGIONS
from f2p.schema import Schema
from imitator_training.data.dataset import Renders, batch_indices
from imitator_training.data.embedding import Embedder, EmbeddingCache
from imitator_training.data.posed import posed_options
from imitator_training.metrics import evaluate_imitator
from imitator_training.runtime.batch_rng import step_generator
from imitator_training.runtime.distributed import SINGLE, DistributedContext
from imitator_training.tasks.config import ImitatorTraining
from imitator_training.tasks.imitator_recipes import recipe_of
from imitator_training.training.losses import weighted_cross_entropy
from imitator_training.warm_start import open_source, warm_imitator

__all__ = ["ImitatorTask", "kept_options", "region_weights"]

FACE_PARTS = ("brows", "eyes", "nose", "upper_lip", "lower_lip", "teeth", "inner_mouth")
QUICK_CHECK = 96
"""Held-out pictures of the validations during training; the full set is `imitator-training evaluate`'s."""


class ImitatorTask:
    """The task of `train imitator`."""

    def __init__(self, config: ImitatorTraining, context: DistributedContext = SINGLE) -> None:
        self.config, self.context = config, context
        self.recipe = recipe_of(config.arch)
        self.data = Renders(config.data)
        self.schema = self.data.schema
        source = open_source(config.warm_start, "imitator", config.arch) if config.warm_start else None
        options = (kept_options(source.config, self.schema) if source else {}) | {"size": config.size}
        chosen = {
            "channels": config.channels,
            "shuffle": config.shuffle,
            "fields": config.fields,
            "decals": config.decals,
        }
        options |= {name: value for name, value in chosen.items() if value}
        if config.posed:
            options |= posed_options(self.data) | {"turning": True}
        torch.manual_seed(config.seed)
        network = build_imitator(config.arch, options, self.schema)
        if source and not config.resume:
            summary = warm_imitator(network, source, self.schema)
            if context.is_rank0:
                print(summary)
        # In full, so that a later change of a default leaves old runs what they are.
        self.options = asdict(network.config)
        layout = torch.channels_last if config.channels_last else torch.contiguous_format
        self.network: nn.Module = network.to(context.device).to(memory_format=layout)
        self.optimiser = self.recipe.optimiser(network, config)
        self.weights = region_weights(config.face).to(context.device)
        self.embedder = Embedder(self.data.frame_landmarks5, context.device)
        self.targets: EmbeddingCache | None = None

    def describe(self) -> dict[str, Any]:
        return {
            "task": "imitator",
            "arch": self.config.arch,
            "options": self.options,
            "schema_hash": self.schema.hash,
            "data_seeds": [manifest.seed for manifest in self.data.manifests],
        }

    def rate(self, step: int, progress: float) -> float:
        per_epoch = max(1, (len(self.data) - self.config.holdout) // self.config.batch)
        return self.recipe.rate(step, progress, per_epoch)

    def loss(self, step: int, progress: float, bf16: bool) -> dict[str, Tensor]:
        config, device = self.config, self.context.device
        whole = batch_indices(config.seed, step, config.batch, config.holdout, len(self.data))
        where = whole[self.context.rows(config.batch)]
        x, pose = self.data.x(where).to(device), self.data.pose(where).to(device)
        images = self.data.images(where, config.size).to(device)
        if self.recipe.pixels_only:
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                drawn = self.network(x, pose).image
            pixels = F.l1_loss(drawn.float(), images)
            return {"total": pixels, "pixels": pixels}
        labels = self.data.labels(where, config.size).to(device)
        rng = step_generator(config.seed, step)
        dy, dx = (int(value) for value in torch.randint(2, (2,), generator=rng))
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            subsampled = self.network.forward_subsampled(x, (dy, dx), pose)  # type: ignore[operator]
        drawn = subsampled.image.float()
        weights = self.weights[labels.int()][:, None]
        error = (drawn - images) * weights
        terms = {
            "pixels": error.abs().mean(),
            "gradient": _gradient_error(error),
            "labels": weighted_cross_entropy(subsampled.labels, labels[:, dy::2, dx::2], self.weights, self.context),
        }
        total = terms["pixels"] + config.gradient * terms["gradient"] + config.labels * terms["labels"]
        if config.identity > 0 and progress >= config.identity_from:
            terms["identity"] = self._identity(drawn, where, rng, bf16)
            total = total + config.identity * terms["identity"]
        return {"total": total, **terms}

    def _identity(self, drawn: Tensor, where: np.ndarray[Any, Any], rng: torch.Generator, bf16: bool) -> Tensor:
        if self.targets is None:
            with self.context.rank0_first():
                self.targets = EmbeddingCache(self.config.out / "embeddings.npy", self.data, self.embedder, bf16)
        # A part of the global batch, spread evenly over it, so that every process has its share.
        batch, rows = self.config.batch, self.context.rows(self.config.batch)
        few = min(self.config.identity_batch, batch)
        picks = np.arange(few) * batch // few
        mine = (picks >= rows.start) & (picks < rows.stop)
        jitter = random_jitter(few, rng, flip=0.0, shift=0.005, log_scale=0.01, rotation=0.01)
        if not mine.any():
            return drawn.sum() * 0
        local = picks[mine] - rows.start
        jitter = Jitter(jitter.moves[mine], jitter.flip[mine])
        wanted = self.targets.of(where[local]).to(drawn.device)
        centre = self.targets.centre.to(drawn.device)
        found = self.embedder.of_chips(crop_chips(drawn[local], self.data.frame_landmarks5, jitter), bf16)
        away = 1 - F.cosine_similarity(found - centre, wanted - centre, dim=1)
        return away.sum() * self.context.world_size / few

    def validate(self, network: nn.Module) -> dict[str, float]:
        figures = evaluate_imitator(network, self.data, range(min(QUICK_CHECK, self.config.holdout)), self.config.size)
        return {name: figures[name] for name in ("psnr", "identity_cosine") if name in figures}


def kept_options(options: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Those of an earlier imitator without the decals and expressions that the schema no longer has."""
    kept = dict(options)
    kept["decals"] = tuple(name for name in kept.get("decals", ()) if name in schema.names)
    kept["expressions"] = {name: by for name, by in kept.get("expressions", {}).items() if name in schema.names}
    return {name: value for name, value in kept.items() if name in options}


def region_weights(face: float) -> Tensor:
    """(K,) weight of the pixel error per region: 1, and 1 + face in the parts of the face."""
    return torch.tensor([1.0 + face * (name in FACE_PARTS) for name in REGIONS])


def _gradient_error(error: Tensor) -> Tensor:
    """L1 of the differences between neighbouring pixels: sharpens what a plain L1 leaves soft."""
    return (error[..., 1:, :] - error[..., :-1, :]).abs().mean() + (error[..., 1:] - error[..., :-1]).abs().mean()
