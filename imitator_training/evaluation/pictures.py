"""Pictures for the report: engine, imitator and their difference side by side, as files for a page."""

from __future__ import annotations

import base64
import io

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

__all__ = ["change_strip", "data_url", "face_strip"]

GAIN = 4.0
"""Of the difference pictures."""
GREY = 0.5


def face_strip(wanted: Tensor, drawn: Tensor) -> npt.NDArray[np.uint8]:
    """Engine | G | grey + 4 times their difference, (S, 3 S, 3), of pictures (3, S, S) in [0, 1]."""
    return _pixels(torch.cat([wanted, drawn, GREY + GAIN * (drawn - wanted)], 2))


def change_strip(wanted: Tensor, drawn: Tensor) -> npt.NDArray[np.uint8]:
    """Change by a slider: in the engine | in G, (S, 2 S, 3) uint8, on one scale about grey."""
    scale = float(wanted.abs().max().clamp_min(1e-6))
    return _pixels(GREY + torch.cat([wanted, drawn], 2) / scale)


def data_url(image: npt.NDArray[np.uint8]) -> str:
    """The picture as a JPEG inside a URL."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _pixels(image: Tensor) -> npt.NDArray[np.uint8]:
    pixels: npt.NDArray[np.uint8] = (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
    return pixels
