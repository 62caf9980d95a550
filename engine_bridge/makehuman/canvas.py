"""The picture while it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Canvas:
    """W = 2 S cells a side for a picture of S pixels: ``rgb`` (W, W, 3) linear light, ``depth`` (W, W) nearness (1/dm,
    0 where nothing is), ``labels`` (W, W) regions, ``cover`` (W, W) how much of a cell hair covers, ``through`` (W, W)
    how much of the backdrop a cell shows."""

    rgb: NDArray[np.float32]
    depth: NDArray[np.float32]
    labels: NDArray[np.uint8]
    cover: NDArray[np.float32]
    through: NDArray[np.float32]

    @property
    def width(self) -> int:
        return self.rgb.shape[0]


def blank(size: int) -> Canvas:
    """An empty canvas for a picture of ``size`` pixels a side."""
    width = 2 * size
    return Canvas(
        np.empty((width, width, 3), np.float32),
        np.zeros((width, width), np.float32),
        np.zeros((width, width), np.uint8),
        np.zeros((width, width), np.float32),
        np.zeros((width, width), np.float32),
    )
