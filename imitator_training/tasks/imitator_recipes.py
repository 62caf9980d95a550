"""Training recipe of each imitator architecture: optimiser, learning-rate schedule, loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from f2p.errors import TrainingError
from imitator_training.tasks.config import ImitatorTraining
from imitator_training.training.muon import MuonAdamW
from imitator_training.training.schedule import learning_rate_factor

__all__ = ["Recipe", "recipe_of"]

PAPER_EPOCHS = 50
PAPER_DECAY = 0.9
MUON_RATIO = 10 / 3
"""Learning rate of Muon over that of AdamW; 10 is worse."""


@dataclass(frozen=True)
class Recipe:
    """Optimiser (network, options), learning-rate factor (step, progress, steps an epoch), and whether
    pixels alone are compared."""

    optimiser: Callable[[nn.Module, ImitatorTraining], torch.optim.Optimizer]
    rate: Callable[[int, float, int], float]
    pixels_only: bool


def _muon_adamw(network: nn.Module, config: ImitatorTraining) -> torch.optim.Optimizer:
    stages = network.get_submodule("stages").modules() if config.muon else []
    kernels = [module.weight for module in stages if isinstance(module, nn.Conv2d)]
    chosen = {id(kernel) for kernel in kernels}
    return MuonAdamW(
        [parameter for parameter in network.parameters() if id(parameter) not in chosen],
        kernels,
        lr=config.learning_rate or 1.5e-3,
        ratio=MUON_RATIO,
        betas=(0.9, 0.99),
        weight_decay=1e-4,
        fused=True,
    )


def _paper_sgd(network: nn.Module, config: ImitatorTraining) -> torch.optim.Optimizer:
    return torch.optim.SGD(network.parameters(), config.learning_rate or 0.01, momentum=0.9)


_RECIPES = {
    "modulated": Recipe(_muon_adamw, lambda step, progress, _: learning_rate_factor(step, progress), pixels_only=False),
    # Shi et al., ICCV 2019, section 4.1: pixel L1, SGD with momentum, 10 % off every 50 epochs, batch 16.
    "dcgan": Recipe(
        _paper_sgd, lambda step, _, per_epoch: PAPER_DECAY ** (step // per_epoch // PAPER_EPOCHS), pixels_only=True
    ),
}


def recipe_of(arch: str) -> Recipe:
    """The recipe of an architecture. Raises TrainingError when there is none."""
    if arch not in _RECIPES:
        raise TrainingError(f"There is no training recipe for {arch!r}.", f"Choose one of {', '.join(_RECIPES)}.")
    return _RECIPES[arch]
