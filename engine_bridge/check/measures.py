"""Measures of pictures and label maps; pure functions. Shapes: pictures (S, S, 3) uint8, label maps (S, S) uint8."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from f2p.engines.protocol import Frame
from f2p.regions import index

__all__ = [
    "alignment",
    "area",
    "best_shift",
    "centre",
    "change",
    "differ",
    "looks_antialiased",
    "marked",
    "seen_pixels",
]

SEEN = 6
"""Grey levels by which a pixel must change for it to count, and how many must: `FEWEST`."""
FEWEST = 12
REACH = 8
"""Pixels by which a label map is tried to be off."""
STRONG = 60
"""Levels above which a stronger edge counts no more: hair must not outweigh all else."""

Floats = npt.NDArray[np.float64]


def change(one: Frame, other: Frame) -> npt.NDArray[np.int16]:
    """(S, S) grey levels by which pixels differ, of the channel that differs most."""
    return np.abs(one.image.astype(np.int16) - other.image).max(axis=2)


def seen_pixels(one: Frame, other: Frame) -> int:
    """How many pixels visibly differ."""
    return int((change(one, other) > SEEN).sum())


def differ(one: Frame, other: Frame) -> bool:
    """Whether two pictures visibly differ."""
    return seen_pixels(one, other) >= FEWEST


def centre(weights: npt.ArrayLike) -> tuple[float, float]:
    """Centre of weights (S, S) as fractions of the side: x from the left, y from the top."""
    weight = np.asarray(weights, np.float64)
    total = weight.sum() or 1.0
    side = weight.shape[0]
    middle = np.arange(side) + 0.5
    return float((weight.sum(0) * middle).sum() / total / side), float((weight.sum(1) * middle).sum() / total / side)


def area(frame: Frame, region: str) -> float:
    """Share of the picture that is labelled so."""
    return float((frame.labels == index(region)).mean())


def alignment(frames: Sequence[Frame]) -> dict[str, Floats]:
    """How strong the picture's edges are along the label map's, for label maps moved by up to `REACH` pixels.

    Returns:
        (2 REACH + 1, 2 REACH + 1) by rows (down) and columns (right), for the label maps "as drawn", "mirrored" and
        "upside down".
    """
    flips: dict[str, tuple[int, ...]] = {"as drawn": (), "mirrored": (1,), "upside down": (0,)}
    scores = {}
    for name, axes in flips.items():
        total = np.zeros((2 * REACH + 1, 2 * REACH + 1))
        for frame in frames:
            total += _alignment(frame.image, np.flip(frame.labels, axes))
        scores[name] = total / len(frames)
    return scores


def best_shift(score: Floats) -> tuple[int, int, float]:
    """The shift (right, down) at which label edges meet the strongest edges of the picture, and how much stronger they
    are there than where the map is."""
    down, right = np.unravel_index(int(score.argmax()), score.shape)
    here = score[REACH, REACH]
    return int(right) - REACH, int(down) - REACH, float(score.max() / here - 1 if here else np.inf)


def _alignment(image: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Floats:
    total = np.zeros((2 * REACH + 1, 2 * REACH + 1))
    levels = image.astype(np.float64)
    for axis in (0, 1):
        edges = np.diff(labels.astype(np.int16), axis=axis) != 0
        strength = np.minimum(np.abs(np.diff(levels, axis=axis)).max(axis=2), STRONG)
        inner = edges[REACH:-REACH, REACH:-REACH]
        count = max(int(inner.sum()), 1)
        height, width = inner.shape
        for down in range(2 * REACH + 1):
            for right in range(2 * REACH + 1):
                moved = strength[down : down + height, right : right + width]
                total[down, right] += moved[inner].sum() / count
    return total


def looks_antialiased(labels: npt.NDArray[np.uint8]) -> float:
    """Share of the pixels along label edges that hold a number between their two neighbours', as mixed labels do."""
    mixed = edges = 0
    for a in (labels, labels.T):
        left, middle, right = (part.astype(np.int16) for part in (a[:, :-2], a[:, 1:-1], a[:, 2:]))
        border = (left != right) & ((left != middle) | (middle != right))
        between = border & (np.minimum(left, right) < middle) & (middle < np.maximum(left, right))
        edges, mixed = edges + int(border.sum()), mixed + int(between.sum())
    return mixed / max(edges, 1)


def marked(frame: Frame, scale: int = 1) -> npt.NDArray[np.uint8]:
    """The picture with the label map's edges drawn over it, enlarged."""
    edges = np.zeros(frame.labels.shape, bool)
    edges[:, 1:] |= frame.labels[:, 1:] != frame.labels[:, :-1]
    edges[1:] |= frame.labels[1:] != frame.labels[:-1]
    image = frame.image.copy()
    image[edges] = (255, 0, 200)
    return np.repeat(np.repeat(image, scale, 0), scale, 1)
