"""Landmarks of a face with its irises: MediaPipe's face landmark network, rebuilt in torch.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019; Grishchenko et al.,
"Attention Mesh", 2020. Weights: Google, Apache-2.0. Shapes: B batch, S side.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.networks.published_weights import load_published

__all__ = ["LANDMARKS", "MESH_SIDE", "FaceMesh", "face_mesh"]

MESH_SIDE: Final = 256
"""Side of the pictures that it looks at, in pixels."""
LANDMARKS: Final = 478
"""Points of the mesh. The last ten are the irises': middle and four of the rim, of the picture's left eye first."""

# Channels of each stage, and those that its blocks work in; each but the first halves the picture.
_STAGES: Final = ((16, 8), (32, 16), (64, 32), (128, 64), (128, 64), (128, 64), (128, 64))
_BLOCKS: Final = 4  # of a stage, besides the one that halves


class _Block(nn.Module):
    """A bottleneck with a depthwise convolution, and a way around it; where it halves, the way around is a max-pool."""

    def __init__(self, inputs: int, outputs: int, width: int, halve: bool) -> None:
        super().__init__()
        self.halve = halve
        self.squeeze = nn.Conv2d(inputs, width, 2 if halve else 1, stride=2 if halve else 1)
        self.squeeze_act = nn.PReLU(width)
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.expand = nn.Conv2d(width, outputs, 1)
        self.act = nn.PReLU(outputs)
        self.more = outputs - inputs

    def forward(self, x: Tensor) -> Tensor:
        branch = self.expand(self.depthwise(self.squeeze_act(self.squeeze(x))))
        skip = F.max_pool2d(x, 2) if self.halve else x
        if self.more:
            skip = F.pad(skip, (0, 0, 0, 0, 0, self.more))
        result: Tensor = self.act(branch + skip)
        return result


class FaceMesh(nn.Module):
    """478 landmarks of a face. Parity with the published network: below .01 px (a test).

    Shape:
        input: (B, 3, 256, 256) RGB in [0, 1], upright; the face takes about two thirds of the side.
        output: landmarks (B, 478, 3) in px of the input, depth with them, and (B,) the logit that there is a face.
    """

    def __init__(self) -> None:
        super().__init__()
        first = _STAGES[0][0]
        self.stem = nn.Conv2d(3, first, 3, stride=2)
        self.stem_act = nn.PReLU(first)
        blocks: list[nn.Module] = []
        inputs = first
        for number, (outputs, width) in enumerate(_STAGES):
            if number:
                blocks.append(_Block(inputs, outputs, width, halve=True))
            blocks += [_Block(outputs, outputs, width, halve=False) for _ in range(_BLOCKS)]
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.points = nn.Conv2d(inputs, 3 * LANDMARKS, 2)
        self.presence = nn.Conv2d(inputs, 1, 2)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        # TensorFlow's padding: of an even side nothing before and one after.
        x = self.stem_act(self.stem(F.pad(pictures, (0, 1, 0, 1))))
        features = self.blocks(x)
        points = self.points(features).view(len(pictures), LANDMARKS, 3)
        return points, self.presence(features).view(len(pictures))


@cache
def face_mesh() -> FaceMesh:
    """The network with its published weights, on the CPU. It is shared: to move it, copy it first.

    Raises:
        WeightsError: the weights are missing or wrong.
    """
    return load_published(FaceMesh(), "face_mesh").to(memory_format=torch.channels_last)
