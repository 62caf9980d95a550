"""The picture while it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KEPT = (1 << 24) + 8192


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


def keep_memory() -> None:
    """Let the process keep the memory of a frame for the next one.

    A frame needs about 4 MB at 128 px.  The C library would hand them back to the system after each frame, and every
    page of them (a thousand) would be fetched and cleared anew: a tenth of the time.  Once a block of ``KEPT`` bytes
    was freed, glibc keeps up to twice as much (mallopt(3), M_MMAP_THRESHOLD: dynamic adjustment); others do not care.
    """
    np.empty(KEPT, np.uint8)


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
