"""Underexposed photos, brightened: the networks have hardly seen faces in a tenth of the light.

The brightest things of a photo say how far it is underexposed. A dark face in a photo that has bright things in it
(dark skin, a window behind) is left as it is.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from f2p.arrays import Pixels
from f2p.imaging.colour import LUMA_WEIGHTS

__all__ = ["brightened"]

_WHITE: Final = 0.92  # level that the brightest percent of a photo comes to
_LEAST: Final = 1.5  # gain below which nothing is changed


def brightened(pixels: Pixels) -> Pixels:
    """The photo (H, W, 3) with its levels multiplied so that its brightest parts are white; itself where they are."""
    white = float(np.percentile(pixels[::2, ::2] @ np.array(LUMA_WEIGHTS), 99)) / 255
    gain = _WHITE / max(white, 1 / 255)
    if gain < _LEAST:
        return pixels
    return (pixels * np.float32(gain)).clip(0, 255).round().astype(np.uint8)
