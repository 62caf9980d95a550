"""Training the translator: from features of degraded renders back to the sliders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from f2p.errors import TrainingError
from f2p.networks.translator import INNER_FACE, PICTURE_FEATURES, PICTURE_SIDE, Translator, build_translator
from f2p.schema import Schema
from imitator_training.data.characters import characters, neutral_columns, next_render
from imitator_training.data.dataset import Renders
from imitator_training.data.posed import posed_options
from imitator_training.runtime.batch_rng import BatchRng, step_rng
from imitator_training.runtime.checkpointing import read_run
from imitator_training.runtime.distributed import SINGLE, DistributedContext
from imitator_training.runtime.trained_networks import trained_imitator
from imitator_training.tasks.config import TranslatorTraining
from imitator_training.tasks.cycle_loss import CycleLoss
from imitator_training.tasks.translator_features import FEATURE_FILE, kept_features
from imitator_training.training.schedule import learning_rate_factor
from imitator_training.warm_start import open_source, warm_translator

__all__ = ["TranslatorTask", "guess_error"]

SMOOTHING = 0.1
"""Label smoothing of the options: a translator that is never quite sure leaves the search something to decide."""
PICTURE_DROPOUT = 0.15
"""Share of the samples whose pictures are set to zero."""


class TranslatorTask:
    """The task of `train translator`."""

    def __init__(self, config: TranslatorTraining, context: DistributedContext = SINGLE) -> None:
        self.config, self.context = config, context
        self.data = Renders(config.data)
        self.schema = self.data.schema
        torch.set_num_threads(config.threads)
        with context.rank0_first():
            known = kept_features(config, self.data)
        self.features, self.x = known["features"], known["x"]
        held = min(config.holdout, len(self.x) // 5)
        character = characters(self.schema, self.x)
        # A character is held out in all of its renders.
        self.held, self.rest = slice(0, held), torch.isin(character, character[:held]).logical_not().nonzero()[:, 0]
        self.next_render = next_render(character)
        if config.consistency and (self.next_render == torch.arange(len(character))).all():
            raise TrainingError(
                "Estimates can only agree about characters that were rendered twice, and none was.",
                "Render twice with one seed, with other expressions, give both folders, and enough --samples for both.",
            )
        torch.manual_seed(config.seed)
        self.options: dict[str, Any] = {
            "features": self.features.shape[1] - PICTURE_FEATURES,
            "pictures": config.pictures,
            # Left out where it is the default, so that runs of before resume.
            **({} if config.inner_face == INNER_FACE else {"inner_face": list(config.inner_face)}),
            **({"attributes": True} if config.attributes else {}),
            "hidden": config.hidden,
            "dropout": config.dropout,
        }
        if config.posed:
            self.options |= posed_options(self.data)
        translator = build_translator(self.options, self.schema)
        plain = self.features[self.rest, :-PICTURE_FEATURES].float()
        translator.feature_mean.copy_(plain.mean(0))
        # A feature that hardly varies over renders must not explode on a photo.
        self.deviation = plain.std(0).clamp_min(0.02)
        translator.feature_scale.copy_(1 / self.deviation)
        if config.warm_start and not config.resume:
            summary = warm_translator(translator, open_source(config.warm_start, "translator", "mlp"), self.schema)
            if context.is_rank0:
                print(summary)
        device = context.device
        self.network: nn.Module = translator.to(device)
        self.optimiser = torch.optim.AdamW(translator.parameters(), config.learning_rate, weight_decay=0.05, fused=True)
        size = self.schema.continuous_size
        spread = torch.from_numpy(self.schema.spread()[:size].copy()) + translator.unit_spread.cpu()
        self.solved = (spread > 0).to(device)
        self.identity = self.solved & neutral_columns(self.schema).to(device)
        average = torch.from_numpy(self.schema.average()[:size].copy())
        z = torch.where(spread > 0, (self.x[:, :size] - average) / spread.clamp_min(1e-6), 0.0)
        self.z, self.x, self.features = z.to(device), self.x.to(device), self.features.to(device)
        self.deviation = self.deviation.to(device)
        # An older run's features have no pose beside them; there it is not asked for.
        self.pose = known.get("pose", torch.zeros(len(self.x), 3)).to(device)
        self.unit_spread, self.half_reach = translator.unit_spread, translator.half_reach
        self.units = self.unit_spread > 0
        self.average, self.spread = average.to(device), spread.to(device)
        self.cycle_loss = None
        if config.imitator is not None:
            imitator = trained_imitator(config.imitator, self.schema)
            self.cycle_loss = CycleLoss(imitator, self.schema, self.data.frame_landmarks5, self.x[self.rest])

    def describe(self) -> dict[str, Any]:
        return {
            "task": "translator",
            "arch": "mlp",
            "options": self.options,
            "schema_hash": self.schema.hash,
            "data_seeds": [manifest.seed for manifest in self.data.manifests],
        }

    def rate(self, step: int, progress: float) -> float:
        return learning_rate_factor(step, progress)

    def loss(self, step: int, progress: float, bf16: bool) -> dict[str, Tensor]:
        rng = step_rng(self.config.seed, step, self.context)
        where = self._sample_rows(rng).to(self.x.device)
        features = self._perturbed(self.features[where].float(), rng)
        z, logits = self.network(features)
        terms: dict[str, Tensor] = {}
        if self.config.posed:
            units, pose = self.network.face(features)  # type: ignore[operator]
            z = z + self._in_spreads(units)
            terms["pose"] = self._pose_error(pose, where).mean()
        terms["continuous"] = F.mse_loss(z[:, self.solved], self.z[where][:, self.solved])
        if self.config.consistency:
            one, other = z[:, self.identity].chunk(2)
            terms["consistency"] = self.config.consistency * F.mse_loss(one, other)
        choices = [
            F.cross_entropy(
                logits[choice.name], self.x[where, self.schema.slices[choice.name]], label_smoothing=SMOOTHING
            )
            for choice in self.schema.discrete
        ]
        if choices:
            terms["discrete"] = torch.stack(choices).mean()
        total = torch.stack(list(terms.values())).sum()
        if self.cycle_loss is not None:
            own = self.context.rows(self.config.drawn)
            few = slice(0, own.stop - own.start)
            sliders = self.average + self.spread * z[few]
            drawn = {name: values[few] for name, values in logits.items()}
            cycle = self.cycle_loss.terms(sliders, drawn, self.x[where[few]], self.pose[where[few]])
            total = total + self.config.cycle * torch.stack(list(cycle.values())).sum()
            terms |= cycle
        return {"total": total, **terms}

    def _sample_rows(self, rng: BatchRng) -> Tensor:
        """(batch,) rows; where estimates are to agree, the second half shows the characters of the first once more."""
        count = self.config.batch // 2 if self.config.consistency else self.config.batch
        picked = torch.randint(len(self.rest), (count,), generator=rng.generator)[self.context.rows(count)]
        rows = self.rest[picked]
        return torch.cat([rows, self.next_render[rows]]) if self.config.consistency else rows

    def _perturbed(self, features: Tensor, rng: BatchRng) -> Tensor:
        """Features (B, F) with noise, other colours of their pictures, and some pictures dropped.

        Photos lie beside the distribution of renders: the network must depend neither on a feature's exact value nor on
        the pictures alone, which differ most from a photo's.
        """
        plain, flat = features.tensor_split([-PICTURE_FEATURES], dim=1)
        plain = plain + self.config.noise * rng.randn(*plain.shape) * self.deviation
        pictures = flat.view(len(flat), -1, 3, PICTURE_SIDE, PICTURE_SIDE)
        gain, tint = 1 + 0.15 * rng.randn(len(flat), 1, 1, 1, 1), 0.05 * rng.randn(len(flat), 1, 3, 1, 1)
        pictures = pictures * gain + tint + 0.04 * rng.randn(*pictures.shape)
        kept = (rng.rand(len(flat)) > PICTURE_DROPOUT).view(-1, 1, 1, 1, 1)
        return torch.cat([plain, (pictures * kept).clamp(-1, 1).flatten(1)], 1)

    def _in_spreads(self, units: Tensor) -> Tensor:
        """Weights of units (B, C) in their spreads, 0 for all other sliders."""
        return torch.where(self.units, units / self.unit_spread.clamp_min(1e-6), 0.0)

    def _pose_error(self, pose: Tensor, where: Tensor) -> Tensor:
        """(B, 3) squares, in halves of the reach; 0 for an angle that never varies."""
        half = self.half_reach if len(self.half_reach) else pose.new_zeros(3)
        return torch.where(half > 0, (pose - self.pose[where]) / half.clamp_min(1e-6), 0.0).square()

    @torch.no_grad()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """Share of the sliders' variance explained, and share of right options per choice, on held-out renders; and how
        far estimates for one character lie apart, where the data shows each twice.
        """
        features = self.features[self.held].float()
        z, logits = network(features)
        figures: dict[str, float] = {}
        if self.config.posed:
            units, pose = network.face(features)  # type: ignore[operator]
            z = z + self._in_spreads(units)
            figures["pose_degrees"] = float((pose - self.pose[self.held])[:, :2].abs().mean())
            wanted = (self.z * self.unit_spread)[self.held]
            ours, theirs = (each[:, self.units] - each[:, self.units].mean(0) for each in (units, wanted))
            figures["expression_r"] = float(F.cosine_similarity(ours, theirs, dim=0).mean())
        again = self.next_render[self.held]
        if (again >= self.held.stop).all():
            others = network(self.features[again].float())[0]
            figures["within_between"] = within_between(z[:, self.identity], others[:, self.identity])
        truth = self.z[self.held]
        rest = (z - truth)[:, self.solved].square().sum()
        figures["r2"] = float(1 - rest / truth[:, self.solved].square().sum())
        for choice in self.schema.discrete:
            right = self.x[self.held, self.schema.slices[choice.name]].argmax(1)
            figures[choice.name] = float((logits[choice.name].argmax(1) == right).float().mean())
        return figures


def within_between(one: Tensor, other: Tensor) -> float:
    """Root mean square distance of estimates (N, C) for two renders of each character, over that for two characters."""
    within, between = ((one - each).square().sum(1).mean() for each in (other, other.roll(1, 0)))
    return float((within / between).sqrt())


@torch.no_grad()
def guess_error(run: Path, translator: Translator, schema: Schema) -> Tensor:
    """(C,) root mean square error of a run's translator on its held-out renders, in sampling spreads; at most 1, which
    guessing the average always gives, and 1 for sliders that are never sampled.
    """
    config, path = read_run(run)["config"], run / FEATURE_FILE
    if not path.exists():
        raise TrainingError(f"{path} is gone, on which the translator's errors are measured.", "Train it again.")
    with safe_open(path, framework="pt") as known:
        features, x = known.get_slice("features"), known.get_slice("x")
        held = min(config["holdout"], x.get_shape()[0] // 5)
        inputs, truth = features[:held].float(), x[:held, : schema.continuous_size]
    average, spread = (
        torch.from_numpy(v[: schema.continuous_size].copy()) for v in (schema.average(), schema.spread())
    )
    z, _ = translator(inputs)
    error = (z - (truth - average) / spread).square().mean(0).sqrt()
    return torch.where(spread > 0, error, 1.0).clamp(max=1)
