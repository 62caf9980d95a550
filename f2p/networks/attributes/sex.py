"""Sex of a face: dlib's gender classifier, four convolutions, rebuilt in torch. CC0 1.0 (Cydral Technology).

Shapes: B batch.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.networks.published_weights import load_published

__all__ = ["SEX_SIDE", "SexNet", "sex_net"]

SEX_SIDE: Final = 32
_MEAN: Final = (122.782, 117.001, 104.298)


class SexNet(nn.Module):
    """Logit that a face is a woman's. Parity with the published network: below 1e-3 (a test).

    Shape:
        input: (B, 3, 32, 32) RGB in [0, 1], framed as dlib's chip with a padding of .2.
        output: (B,) log-odds of female; above 0 means female.
    """

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.first, self.second = _pair(3, 32), _pair(32, 64)
        self.hidden = nn.Linear(4096, 16)
        self.head = nn.Linear(16, 2)

    def forward(self, chips: Tensor) -> Tensor:
        x = F.avg_pool2d(self.first((chips * 255.0 - self.mean) / 256.0), 2)
        x = F.avg_pool2d(self.second(x), 2)
        logits: Tensor = self.head(F.relu(self.hidden(x.flatten(1))))
        return logits[:, 0] - logits[:, 1]


def _pair(inputs: int, outputs: int) -> nn.Sequential:
    layers = (nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1))
    return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU())


@cache
def sex_net() -> SexNet:
    """The network with its published weights, on the CPU. It is shared: to move it, copy it first.

    Raises:
        WeightsError: the weights are missing or wrong.
    """
    return load_published(SexNet(), "sex").to(memory_format=torch.channels_last)
