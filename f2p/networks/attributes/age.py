"""Age of a face: dlib's age predictor, a ResNet of ten layers, rebuilt in torch. CC0 1.0 (Cydral Technology).

Shapes: B batch.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.networks.published_weights import load_published

__all__ = ["AGE_SIDE", "AgeNet", "age_net"]

AGE_SIDE: Final = 64
_CLASSES: Final = 81
_FIRST_CLASS: Final = 0.25  # years; the others are the years that they say
_MEAN: Final = (122.782, 117.001, 104.298)
# Channels in and out of each block; where they differ, it halves the picture.
_BLOCKS: Final = ((64, 64), (64, 128), (128, 128), (128, 256), (256, 256))


class _Block(nn.Module):
    """Two convolutions and a way around them; the smaller of the two is zero-padded at its end, as in dlib."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.halve = inputs != outputs
        stride, padding = (2, 0) if self.halve else (1, 1)
        self.first = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=padding)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        branch = self.second(F.relu(self.first(x)))
        skip = F.avg_pool2d(x, 2) if self.halve else x
        sizes = [max(a, b) for a, b in zip(branch.shape[1:], skip.shape[1:], strict=True)]
        return F.relu(_padded(branch, sizes) + _padded(skip, sizes))


def _padded(x: Tensor, sizes: list[int]) -> Tensor:
    channels, rows, columns = (want - have for want, have in zip(sizes, x.shape[1:], strict=True))
    return F.pad(x, (0, columns, 0, rows, 0, channels))


class AgeNet(nn.Module):
    """Age in years. Parity with the published network: below .05 years (a test; the weights ship in half precision).

    Shape:
        input: (B, 3, 64, 64) RGB in [0, 1], framed as dlib's chip with a padding of .2.
        output: (B, 81) logits of the years 0 to 80; `years` gives (B,) their mean.
    """

    mean: Tensor
    classes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        years = torch.arange(_CLASSES, dtype=torch.float32)
        years[0] = _FIRST_CLASS
        self.register_buffer("classes", years, persistent=False)
        self.stem = nn.Conv2d(3, 64, 7, stride=2)
        self.blocks = nn.Sequential(*(_Block(*pair) for pair in _BLOCKS))
        self.head = nn.Linear(256, _CLASSES)

    def forward(self, chips: Tensor) -> Tensor:
        x = F.relu(self.stem((chips * 255.0 - self.mean) / 256.0))
        x = F.max_pool2d(x, 3, stride=2)
        logits: Tensor = self.head(self.blocks(x).mean((2, 3)))
        return logits

    def years(self, chips: Tensor) -> Tensor:
        """(B,) mean age of the distribution."""
        return self(chips).softmax(1) @ self.classes


@cache
def age_net() -> AgeNet:
    """The network with its published weights, on the CPU. It is shared: to move it, copy it first.

    Raises:
        WeightsError: the weights are missing or wrong.
    """
    return load_published(AgeNet(), "age").to(memory_format=torch.channels_last)
