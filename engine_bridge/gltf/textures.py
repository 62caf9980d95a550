"""Textures in one pool that kernels read: all levels of all pictures, end to end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_bridge.makehuman import palette

__all__ = ["LabelPool", "Pool", "label_pool", "linear_bytes", "pool"]

LEVELS = 12


@cache
def linear_bytes() -> NDArray[np.float32]:
    """Linear light (256,) of sRGB bytes, by our own power, which gives the same bits on every processor."""
    return np.array([palette.linear((c, c, c))[0] for c in range(256)], np.float32)


class Pool(NamedTuple):
    """``texels`` (N, 4) sRGB and opacity; of picture k and level n: ``starts``, ``widths``, ``heights`` (K, LEVELS);
    ``counts`` (K,) levels; ``linear`` (256,) light of a byte."""

    texels: NDArray[np.uint8]
    starts: NDArray[np.int64]
    widths: NDArray[np.int32]
    heights: NDArray[np.int32]
    counts: NDArray[np.int32]
    linear: NDArray[np.float32]


class LabelPool(NamedTuple):
    """``texels`` (N,) regions; of picture k: ``starts``, ``widths``, ``heights`` (K,)."""

    texels: NDArray[np.uint8]
    starts: NDArray[np.int64]
    widths: NDArray[np.int32]
    heights: NDArray[np.int32]


def pool(pictures: Sequence[NDArray[np.uint8]]) -> Pool:
    """The pool of pictures (H, W, 4), each halved until it is one texel wide or high."""
    count = max(len(pictures), 1)
    starts = np.zeros((count, LEVELS), np.int64)
    widths, heights = np.ones((count, LEVELS), np.int32), np.ones((count, LEVELS), np.int32)
    counts, texels, at = np.ones(count, np.int32), [], 0
    for k, picture in enumerate(pictures):
        for level in range(LEVELS):
            height, width = picture.shape[:2]
            starts[k, level], widths[k, level], heights[k, level], counts[k] = at, width, height, level + 1
            texels.append(picture.reshape(-1, 4))
            at += width * height
            if min(width, height) < 2:
                break
            picture = np.asarray(Image.fromarray(picture).resize((width // 2, height // 2), Image.Resampling.BOX))
    return Pool(
        np.concatenate(texels) if texels else np.full((1, 4), 255, np.uint8),
        starts,
        widths,
        heights,
        counts,
        linear_bytes(),
    )


def label_pool(pictures: Sequence[NDArray[np.uint8]]) -> LabelPool:
    """The pool of label pictures (H, W)."""
    sizes = [p.size for p in pictures]
    return LabelPool(
        np.concatenate([p.ravel() for p in pictures]) if pictures else np.ones(1, np.uint8),
        np.cumsum([0, *sizes[:-1]]).astype(np.int64) if sizes else np.zeros(1, np.int64),
        np.array([p.shape[1] for p in pictures] or [1], np.int32),
        np.array([p.shape[0] for p in pictures] or [1], np.int32),
    )
