"""Blendshapes of a face, from its landmarks: MediaPipe's blendshape network, an MLP-Mixer, rebuilt in torch.

Tolstikhin et al., "MLP-Mixer: An all-MLP Architecture for Vision", NeurIPS 2021. Weights: Google, Apache-2.0.
Shapes: B batch, T tokens, W width.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
from torch import Tensor, nn

from f2p.networks.published_weights import load_published

__all__ = ["BLENDSHAPES", "BLENDSHAPE_LANDMARKS", "Blendshapes", "blendshapes"]

# fmt: off
BLENDSHAPES: Final = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)
"""ARKit's names in the order of the output; left and right are the person's."""

BLENDSHAPE_LANDMARKS: Final = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)
"""The 146 landmarks of the mesh that it reads."""
# fmt: on

_TOKENS: Final = 96
_WIDTH: Final = 64
_HIDDEN_TOKENS: Final = 384
_HIDDEN_CHANNELS: Final = 256
_LAYERS: Final = 4
_EPSILON: Final = 1.0132789611816406e-06
_SCALE: Final = 0.5


class _Norm(nn.Module):
    """Layer normalisation without an offset, over the last axis."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(-1, keepdim=True)
        return centred * (centred.square().mean(-1, keepdim=True) + _EPSILON).rsqrt() * self.weight


class _Mixer(nn.Module):
    """One layer of an MLP-Mixer: across the tokens, then across the channels, (B, T, W)."""

    def __init__(self) -> None:
        super().__init__()
        tokens = _TOKENS + 1
        self.token_norm, self.channel_norm = _Norm(_WIDTH), _Norm(_WIDTH)
        self.token_in, self.token_out = nn.Linear(tokens, _HIDDEN_TOKENS), nn.Linear(_HIDDEN_TOKENS, tokens)
        self.channel_in, self.channel_out = nn.Linear(_WIDTH, _HIDDEN_CHANNELS), nn.Linear(_HIDDEN_CHANNELS, _WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        across = self.token_norm(x).transpose(1, 2)
        x = x + self.token_out(self.token_in(across).relu()).transpose(1, 2)
        result: Tensor = x + self.channel_out(self.channel_in(self.channel_norm(x)).relu())
        return result


class Blendshapes(nn.Module):
    """52 blendshape weights. Parity with the published network: below 1e-4 (a test).

    Shape:
        input: (B, 478, 2 or more) landmarks of an upright face, in any unit that is the same along both axes.
        output: (B, 52) weights in [0, 1], in the order of `BLENDSHAPES`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Linear(len(BLENDSHAPE_LANDMARKS), _TOKENS)
        self.channels = nn.Linear(2, _WIDTH)
        self.first = nn.Parameter(torch.zeros(_WIDTH))
        self.layers = nn.Sequential(*(_Mixer() for _ in range(_LAYERS)))
        self.head = nn.Linear(_WIDTH, len(BLENDSHAPES))

    def forward(self, landmarks: Tensor) -> Tensor:
        points = landmarks[:, list(BLENDSHAPE_LANDMARKS), :2]
        points = points - points.mean(1, keepdim=True)
        size = points.norm(dim=-1).mean(1)[:, None, None]
        tokens = self.tokens((points / size * _SCALE).transpose(1, 2)).transpose(1, 2)
        x = torch.cat((self.first.expand(len(points), 1, -1), self.channels(tokens)), 1)
        weights: Tensor = self.head(self.layers(x)[:, 0]).sigmoid()
        return weights


@cache
def blendshapes() -> Blendshapes:
    """The network with its published weights, on the CPU. It is shared: to move it, copy it first.

    Raises:
        WeightsError: the weights are missing or wrong.
    """
    return load_published(Blendshapes(), "blendshapes")
