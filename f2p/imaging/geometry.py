"""Similarity transforms of point sets, and sampling of pictures through them.

Coordinates are continuous: the pixel in column i covers [i, i+1), so a side of n pixels runs from 0 to n, and a
fraction of a side is simply coordinate / n. dlib's landmarks number pixels, so half a pixel is added to them once,
where they come in (measured: with it, chips made here and dlib's own lie on one another; without, half a pixel apart).
A transform is a (2, 3) matrix [A | t] with q = A p + t.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.arrays import Pixels

__all__ = ["OVERSAMPLING", "apply", "compose", "coverage", "invert", "similarity", "warp"]

# How many source pixels a sample may step over. Bilinear sampling blurs by itself: shrinking to one pixel a sample
# blurs twice (dlib's embedding moves by 0.066 from that of its own chip), shrinking to two aliases (0.052); at 1.5 all
# scales tried stay below 0.05.
OVERSAMPLING: Final = 1.5
Array = npt.NDArray[np.float64]


def similarity(source: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Least-squares rotation, uniform scale and translation, without reflection, from points (N, 2) to points (N, 2).

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 13(4), 1991,
    equations 40 to 43.
    """
    a, b = np.asarray(source, np.float64), np.asarray(target, np.float64)
    mean_a, mean_b = a.mean(0), b.mean(0)
    u, singular, vt = np.linalg.svd((b - mean_b).T @ (a - mean_a) / len(a))
    signs = np.array([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * signs) @ vt
    scale = (singular * signs).sum() / ((a - mean_a) ** 2).sum(1).mean()
    return np.column_stack([scale * rotation, mean_b - scale * rotation @ mean_a])


def apply(transform: Array, points: npt.ArrayLike) -> Array:
    """Points (..., 2) through a transform (2, 3)."""
    return np.asarray(points, np.float64) @ transform[:, :2].T + transform[:, 2]


def compose(first: Array, then: Array) -> Array:
    """The transform that does `first`, `then` the other."""
    return np.column_stack([then[:, :2] @ first[:, :2], apply(then, first[:, 2])])


def invert(transform: Array) -> Array:
    """The transform back."""
    inverse = np.linalg.inv(transform[:, :2])
    return np.column_stack([inverse, -inverse @ transform[:, 2]])


def warp(pixels: Pixels, transform: Array, size: int) -> Tensor:
    """Resample a picture into a square frame, antialiased, with the borders replicated.

    Args:
        pixels: (H, W, 3) uint8.
        transform: similarity (2, 3) from picture coordinates (px) to fractions of the frame.
        size: S, the frame's side in px.

    Returns:
        float32 (3, S, S) in [0, 1].
    """
    back = invert(transform)
    step = math.sqrt(abs(np.linalg.det(back[:, :2]))) / size  # picture pixels per frame pixel
    corner, crop = _crop(pixels, back, margin=4.0 * max(step, 1.0))
    height, width = crop.shape[:2]
    source = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255.0
    if step > OVERSAMPLING:
        # Bilinear sampling alone would skip pixels; so the picture is shrunk first.
        shrink = OVERSAMPLING / step
        small = (max(1, round(height * shrink)), max(1, round(width * shrink)))
        source = F.interpolate(source, size=small, mode="bilinear", antialias=True, align_corners=False)
    # frame fraction -> picture px -> crop px -> grid_sample's [-1, 1]
    to_crop = compose(back, np.array([[1.0, 0.0, -corner[0]], [0.0, 1.0, -corner[1]]]))
    to_grid = compose(to_crop, np.array([[2.0 / width, 0.0, -1.0], [0.0, 2.0 / height, -1.0]]))
    grid = torch.from_numpy(apply(to_grid, _centres(size))).float()[None]
    return F.grid_sample(source, grid, mode="bilinear", padding_mode="border", align_corners=False)[0].clamp(0.0, 1.0)


def coverage(picture: tuple[int, int], transform: Array, size: int) -> Tensor:
    """Mask of the frame's pixels that lie inside a picture of (height, width) px: float32 (S, S), 1 inside, 0 outside.

    Outside, `warp` replicates the border, which shows nothing of the person.
    """
    place = apply(invert(transform), _centres(size))
    height, width = picture
    inside = (place >= 0).all(-1) & (place[..., 0] < width) & (place[..., 1] < height)
    return torch.from_numpy(inside).float()


def _centres(size: int) -> Array:
    """(S, S, 2) centres of a frame's pixels, as fractions of its side."""
    centres = (np.arange(size) + 0.5) / size
    return np.stack(np.meshgrid(centres, centres, indexing="xy"), axis=-1)


def _crop(pixels: Pixels, back: Array, margin: float) -> tuple[tuple[int, int], Pixels]:
    """The part of a picture that the frame sees, so that only that part is filtered; and where it begins (x, y)."""
    corners = apply(back, [(0, 0), (1, 0), (0, 1), (1, 1)])
    height, width = pixels.shape[:2]
    low = np.floor(corners.min(0) - margin)
    high = np.ceil(corners.max(0) + margin)
    # A frame wholly outside the picture still sees its replicated border: at least one pixel is kept.
    x0, y0 = (int(np.clip(low[i], 0, side - 1)) for i, side in enumerate((width, height)))
    x1, y1 = (int(np.clip(high[i], start + 1, side)) for i, start, side in ((0, x0, width), (1, y0, height)))
    return (x0, y0), np.array(pixels[y0:y1, x0:x1])  # a copy: torch wants memory it may write to
