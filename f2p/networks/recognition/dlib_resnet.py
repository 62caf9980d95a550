"""The identity network F1: dlib's face recogniser rebuilt in torch, so that gradients reach the picture.

Architecture: dlib's `anet_type` (examples/dnn_face_recognition_ex.cpp), a ResNet of 29 convolutions after He et al.,
"Deep Residual Learning", CVPR 2016. B batch.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.face.crops import CHIP_SIZE, Jitter, chip_grid, chip_transform, crop_chips, photo_chips, random_jitter
from f2p.networks.recognition.dlib_reader import Convolution, DlibWeights, read_face_recogniser
from f2p.networks.recognition.light_cnn import LightCNN29v2, load_lightcnn

__all__ = [
    "CHIP_SIZE",
    "DlibFaceNet",
    "Jitter",
    "LightCNN29v2",
    "centred_cosine",
    "chip_grid",
    "chip_transform",
    "crop_chips",
    "dlib_face_net",
    "load_lightcnn",
    "photo_chips",
    "random_jitter",
]

# Of the 14 blocks from input to output, these halve the picture.
_BLOCKS: Final = 14
_DOWN: Final = frozenset({3, 7, 10, 13})


class DlibFaceNet(nn.Module):
    """dlib's face recogniser. Parity with dlib: below 1e-5 (a test).

    Shape:
        input: (B, 3, 150, 150) RGB in [0, 1], framed by `chip_transform`.
        output: (B, 128), not normalised; the norm is about 1.3 to 1.6, Euclidean distance below 0.6 means one person.
    """

    mean: Tensor

    def __init__(self, weights: DlibWeights) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(weights.mean).view(1, 3, 1, 1))
        self.stem = _convolution(weights.convolutions[0])
        pairs = zip(weights.convolutions[1::2], weights.convolutions[2::2], strict=True)
        self.blocks = nn.Sequential(*(_Block(*pair, down=n in _DOWN) for n, pair in enumerate(pairs)))
        self.fc = nn.Linear(256, 128, bias=False)
        self.fc.weight = nn.Parameter(torch.from_numpy(weights.fc))
        self.requires_grad_(False).eval()

    def forward(self, chips: Tensor) -> Tensor:
        x = (chips * 255.0 - self.mean) / 256.0
        x = F.max_pool2d(F.relu(self.stem(x)), 3, stride=2)
        embedding: Tensor = self.fc(self.blocks(x).mean(dim=(2, 3)))
        return embedding


class _Block(nn.Module):
    """Two convolutions and a way around them; where sizes differ, the smaller is zero-padded at its end as in dlib."""

    def __init__(self, first: Convolution, second: Convolution, down: bool) -> None:
        super().__init__()
        self.first, self.second = _convolution(first), _convolution(second)
        self.down = down

    def forward(self, x: Tensor) -> Tensor:
        branch = self.second(F.relu(self.first(x)))
        skip = F.avg_pool2d(x, 2) if self.down else x
        sizes = [max(a, b) for a, b in zip(branch.shape[1:], skip.shape[1:], strict=True)]
        return F.relu(_pad(branch, sizes) + _pad(skip, sizes))


def _pad(x: Tensor, sizes: list[int]) -> Tensor:
    channels, rows, columns = (want - have for want, have in zip(sizes, x.shape[1:], strict=True))
    return F.pad(x, (0, columns, 0, rows, 0, channels)) if channels or rows or columns else x


def _convolution(source: Convolution) -> nn.Conv2d:
    out_channels, in_channels, rows, columns = source.weight.shape
    layer = nn.Conv2d(in_channels, out_channels, (rows, columns), stride=source.stride, padding=source.padding)
    layer.weight = nn.Parameter(torch.from_numpy(source.weight))
    layer.bias = nn.Parameter(torch.from_numpy(source.bias))
    return layer


@cache
def dlib_face_net() -> DlibFaceNet:
    """The recogniser with dlib's weights from the `face_recognition_models` package; made once, frozen, on the CPU.

    It is shared: to move or convert it, copy it first.

    Raises:
        WeightsError: the file is missing, or is not the expected one.
    """
    return DlibFaceNet(read_face_recogniser()).to(memory_format=torch.channels_last)


def centred_cosine(a: Tensor, b: Tensor, centre: Tensor | float = 0.0) -> Tensor:
    """Cosine of embeddings (B, D) after the common offset (D,) is taken off: (B,).

    Nearly all of every dlib embedding is one common offset; without it strangers are at 0 and one person near 1.
    """
    return F.cosine_similarity(a - centre, b - centre, dim=1)
