"""LightCNN-29 v2, an identity network for those who have its checkpoint.

Wu, He, Sun, Tan, "A Light CNN for Deep Face Representation with Noisy Labels", IEEE TIFS 13(11), 2018; layer names are
those of the authors' PyTorch release, so that its checkpoint loads as it is.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.imaging.colour import LUMA_WEIGHTS

__all__ = ["LightCNN29v2", "load_lightcnn"]

SIZE: Final = 128
_PREFIX: Final = "module."  # left by DataParallel
_HEAD: Final = "fc2.weight"  # the classifier of the training identities, which an embedding has no use for


class _Mfm(nn.Module):
    """Max-feature-map: twice the channels, and of each pair the larger (equation 3)."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, padding: int = 1) -> None:
        super().__init__()
        self.filter = nn.Conv2d(inputs, 2 * outputs, kernel, stride=1, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.filter(x).chunk(2, dim=1)
        return torch.maximum(first, second)


class _Group(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv_a = _Mfm(inputs, inputs, kernel=1, padding=0)
        self.conv = _Mfm(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(self.conv_a(x))
        return result


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = _Mfm(channels, channels), _Mfm(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv2(self.conv1(x)) + x
        return result


def _stage(count: int, channels: int) -> nn.Sequential:
    return nn.Sequential(*(_Residual(channels) for _ in range(count)))


class LightCNN29v2(nn.Module):
    """LightCNN with 29 layers, second version.

    Shape:
        input: (B, 3, h, w) RGB chips in [0, 1]; it makes them grey and 128 px itself.
        output: (B, 256), not normalised.
    """

    luma: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _Mfm(1, 48, kernel=5, padding=2)
        self.block1, self.group1 = _stage(1, 48), _Group(48, 96)
        self.block2, self.group2 = _stage(2, 96), _Group(96, 192)
        self.block3, self.group3 = _stage(3, 192), _Group(192, 128)
        self.block4, self.group4 = _stage(4, 128), _Group(128, 128)
        self.fc = nn.Linear(8 * 8 * 128, 256)
        self.register_buffer("luma", torch.tensor(LUMA_WEIGHTS).view(1, 3, 1, 1), persistent=False)

    def forward(self, chips: Tensor) -> Tensor:
        grey = (chips * self.luma).sum(dim=1, keepdim=True)
        if grey.shape[-2:] != (SIZE, SIZE):
            grey = F.interpolate(grey, size=(SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False)
        x = _pool(self.conv1(grey))
        x = _pool(self.group1(self.block1(x)))
        x = _pool(self.group2(self.block2(x)))
        x = self.group3(self.block3(x))
        x = _pool(self.group4(self.block4(x)))
        embedding: Tensor = self.fc(x.flatten(1))
        return embedding


def _pool(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2) + F.avg_pool2d(x, 2)


def load_lightcnn(path: str | Path) -> LightCNN29v2:
    """LightCNN-29 v2 with the weights of a checkpoint: .safetensors, or the authors' .pth.

    Loading is strict: every weight must be there with its shape, and only the classifier `fc2.weight` may be besides.
    Neither form may hold anything but tensors and plain values; nothing in a checkpoint is ever executed.

    Returns:
        The network, frozen, in eval mode, on the CPU.

    Raises:
        WeightsError: the file is missing, unreadable, or not a checkpoint of this network.
    """
    file = Path(path)
    state = {name.removeprefix(_PREFIX): tensor for name, tensor in _read(file).items()}
    state.pop(_HEAD, None)
    net = LightCNN29v2()
    wanted = net.state_dict()
    faults = [f"lacks {name}" for name in wanted if name not in state]
    faults += [f"has an unknown {name}" for name in state if name not in wanted]
    faults += [
        f"has {name} as {tuple(tensor.shape)}, not {tuple(wanted[name].shape)}"
        for name, tensor in state.items()
        if name in wanted and tensor.shape != wanted[name].shape
    ]
    faults += [f"has {name} not finite" for name, tensor in state.items() if not torch.isfinite(tensor).all()]
    if faults:
        shown = "; ".join(faults[:3]) + (f"; and {len(faults) - 3} more" if len(faults) > 3 else "")
        raise WeightsError(
            f"'{file.name}' is not a checkpoint of LightCNN-29 v2: it {shown}.",
            "Give the authors' LightCNN_29Layers_V2 checkpoint.",
            file=file.name,
        )
    net.load_state_dict(state, strict=True)
    return net.requires_grad_(False).eval()


def _read(file: Path) -> dict[str, Tensor]:
    if not file.is_file():
        raise WeightsError(f"There is no checkpoint '{file}'.", "Give the path of a .pth or .safetensors file.")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        content: Any = torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise WeightsError(f"The checkpoint '{file.name}' cannot be read: {reason[0]}", file=file.name) from None
    state = content.get("state_dict", content) if isinstance(content, dict) else content
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in state.items()
    ):
        raise WeightsError(f"The checkpoint '{file.name}' holds no 'state_dict' of tensors.", file=file.name)
    return state
