"""The published imitator: eight 4x4 transposed convolutions with batch norm and ReLU, 512 px, picture only.

A smaller `size` leaves out the last layers.

Shi et al., "Face-to-Parameter Translation for Game Character Auto-Creation", ICCV 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from f2p.networks.imitator.base import Imitator, ImitatorOutput
from f2p.schema import Schema

__all__ = ["Dcgan", "DcganConfig"]


@dataclass(frozen=True, kw_only=True)
class DcganConfig:
    """The published network; `size` 512 is the paper's, smaller sizes leave out the last layers."""

    size: int = 512
    channels: tuple[int, ...] = (512, 512, 512, 256, 128, 64, 64)
    """Output channels of all layers but the last (which makes RGB)."""


class Dcgan(Imitator):
    arch = "dcgan"

    def __init__(self, schema: Schema, config: DcganConfig) -> None:
        super().__init__(schema, config.size)
        self.config = config
        hidden = config.channels[: config.size.bit_length() - 3]
        layers: list[nn.Module] = []
        before = schema.size
        for i, channels in enumerate(hidden):
            stride, padding = (1, 0) if i == 0 else (2, 1)
            layers += [
                nn.ConvTranspose2d(before, channels, 4, stride, padding, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
            before = channels
        layers.append(nn.ConvTranspose2d(before, 3, 4, 2, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor, pose: Tensor | None = None) -> ImitatorOutput:
        return ImitatorOutput(self.layers(self.standardise(x)[:, :, None, None]).sigmoid(), None)
