"""Degradations of the robustness table, as functions of pixels."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageFilter

from f2p.arrays import Pixels
from f2p.imaging.colour import linear_to_srgb, srgb_to_linear, to_grey
from f2p.imaging.decode import Photo, read_photo

BLUR = 0.02  # standard deviation as a share of the face's width
QUALITY = 30
WARM = (1.25, 1.0, 0.6)  # gains on linear light: a bulb where the camera expects the day


def _blur(pixels: Pixels, face_px: float) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * face_px)))


def _jpeg(pixels: Pixels, face_px: float) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=QUALITY)
    return np.asarray(Image.open(buffer).convert("RGB"))


def _brightness(factor: float) -> Callable[[Pixels, float], Pixels]:
    return lambda pixels, face_px: (pixels * factor).round().clip(0, 255).astype(np.uint8)


def _warm(pixels: Pixels, face_px: float) -> Pixels:
    light = srgb_to_linear(torch.from_numpy(pixels.copy()).float() / 255) * torch.tensor(WARM)
    return (linear_to_srgb(light).clamp(0, 1) * 255).round().byte().numpy()


def _grey(pixels: Pixels, face_px: float) -> Pixels:
    return to_grey(torch.from_numpy(pixels.copy()).float(), dim=-1).round().clamp(0, 255).byte().numpy()


DEGRADATIONS: dict[str, Callable[[Pixels, float], Pixels]] = {
    "blur": _blur,
    "jpeg": _jpeg,
    "dark": _brightness(0.5),
    "bright": _brightness(2.0),
    "warm": _warm,
    "grey": _grey,
}
"""By name: pixels (H, W, 3) and the face's width in px to the same pixels, degraded. Brightness is of encoded values,
so that a bright photo is burnt out at 255.
"""

TITLES = {
    "blur": f"blur, {BLUR:.0%} of the face's width",
    "jpeg": f"JPEG, quality {QUALITY}",
    "dark": "half the brightness",
    "bright": "double the brightness",
    "warm": "warm light",
    "grey": "grey",
}


def degrade(name: str, pixels: Pixels, face_px: float) -> Photo:
    """A photo (H, W, 3) as it is after `name` of DEGRADATIONS, read afresh like any file."""
    buffer = io.BytesIO()
    Image.fromarray(DEGRADATIONS[name](pixels, face_px)).save(buffer, format="PNG")
    return read_photo(buffer.getvalue())
