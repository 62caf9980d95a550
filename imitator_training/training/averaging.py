"""Exponential moving average (EMA) of a network's weights, which is what is evaluated and exported."""

from __future__ import annotations

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

__all__ = ["average_of"]


def average_of(network: nn.Module, decay: float) -> AveragedModel:
    """EMA of weights and buffers; `update_parameters(network)` moves it, `.module` is the averaged network (frozen, in
    evaluation mode).

    decay: of the running mean, in [0, 1). Update n has min(decay, (1 + n) / (10 + n)), so that the first weights are
    soon forgotten (as `num_updates` of TensorFlow's ExponentialMovingAverage).
    """

    def update(averaged: list[Tensor], current: list[Tensor], updates: Tensor | int) -> None:
        n = int(updates)
        get_ema_multi_avg_fn(min(decay, (1 + n) / (10 + n)))(averaged, current, updates)

    average = AveragedModel(network, multi_avg_fn=update, use_buffers=True)  # type: ignore[arg-type]
    average.module.eval().requires_grad_(False)
    return average
