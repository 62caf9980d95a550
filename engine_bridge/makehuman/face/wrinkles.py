"""Wrinkles: a height map of our own in front projection, and how deep each part of it is on a given face.

The map spans x from -1 to 1 dm and y from 0.9 down to -1.1 dm of the neutral head; heights in dm, grooves negative.
It is drawn once (`bake`) and ships beside the head in steps of 0.2 micrometres.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ASSET = Path(__file__).parents[1] / "wrinkles.npz"
SIDE = 1024
STEP = 2e-6  # dm of one step of the stored numbers

Floats = NDArray[np.float32]
Points = NDArray[np.float64]


def _smooth_path(knots: Points) -> Points:
    t = np.linspace(0, len(knots) - 1, 60)
    path = np.stack([np.interp(t, np.arange(len(knots)), knots[:, k]) for k in (0, 1)], axis=1)
    for _ in range(6):
        path[1:-1] = 0.25 * path[:-2] + 0.5 * path[1:-1] + 0.25 * path[2:]
    return path


class _Sheet:
    """The map while it is drawn."""

    def __init__(self, side: int) -> None:
        self.x = (np.arange(side) + 0.5) / side * 2 - 1
        self.y = 0.9 - (np.arange(side) + 0.5) / side * 2
        self.height = np.zeros((side, side))

    def line(self, points: list[tuple[float, float]], width: float, depth: float) -> None:
        """Add a groove along ``points``, ``width`` and ``depth`` dm, that tapers to its ends between low walls."""
        path = _smooth_path(np.asarray(points, float))
        low, high = path.min(axis=0) - 6 * width, path.max(axis=0) + 6 * width
        rows = slice(*np.searchsorted(-self.y, [-high[1], -low[1]]))
        columns = slice(*np.searchsorted(self.x, [low[0], high[0]]))
        xs, ys = np.meshgrid(self.x[columns], self.y[rows])
        gap, along = np.full(xs.shape, 9.0), np.zeros(xs.shape)
        for k in range(len(path) - 1):
            step = path[k + 1] - path[k]
            u = ((xs - path[k, 0]) * step[0] + (ys - path[k, 1]) * step[1]) / ((step**2).sum() + 1e-9)
            u = np.clip(u, 0, 1)
            here = np.hypot(xs - path[k, 0] - u * step[0], ys - path[k, 1] - u * step[1])
            nearer = here < gap
            gap = np.where(nearer, here, gap)
            along = np.where(nearer, (k + u) / (len(path) - 1), along)
        swell = np.sin(np.pi * np.clip(along, 0, 1))
        w, amount = width * (0.6 + 0.4 * swell), depth * np.maximum(swell, 0) ** 0.6
        self.height[rows, columns] += amount * (
            0.35 * np.exp(-0.5 * (gap / (2.6 * w)) ** 2) - np.exp(-0.5 * (gap / w) ** 2)
        )


def _draw(sheet: _Sheet) -> None:
    rng = np.random.default_rng(5)

    def jitter(spread: float) -> float:
        return float(rng.normal(0, spread))

    for s in (-1, 1):
        for degrees in (38, 20, 3, -16, -34):  # crow's feet
            c, n = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
            a = np.array([0.50 + 0.05 * c, 0.05 * n])
            b = a + (0.17 + jitter(0.02)) * np.array([c, n - 0.08])
            m = (a + b) / 2 + [jitter(0.006), 0.012 + jitter(0.006)]
            sheet.line([(s * p[0], p[1]) for p in (a, m, b)], 0.010, 0.0060)
        for k in range(3):  # below the eyes
            y = -0.115 - 0.035 * k
            bend = [(0.14 + 0.01 * k, y + 0.035), (0.22, y - 0.01), (0.32, y - 0.012), (0.42 + 0.01 * k, y + 0.02)]
            sheet.line([(s * px, py) for px, py in bend], 0.010 + 0.003 * k, 0.0045 + 0.001 * k)
        fold = [(0.165, -0.33), (0.225, -0.44), (0.285, -0.56), (0.325, -0.68), (0.335, -0.76)]  # nose to mouth
        sheet.line([(s * px, py) for px, py in fold], 0.022, 0.022)
        sheet.line([(s * (px + 0.02), py - 0.025) for px, py in fold[:4]], 0.045, 0.014)
        mouth = [(0.275, -0.71), (0.295, -0.80), (0.30, -0.90), (0.29, -0.97)]  # from the mouth's corners down
        sheet.line([(s * px, py) for px, py in mouth], 0.018, 0.0075)
        frown = [(0.055, 0.10), (0.068, 0.18), (0.062, 0.27)]
        sheet.line([(s * px, py) for px, py in frown], 0.012, 0.008)
        for k in range(5):  # above the upper lip
            x = s * (0.05 + 0.045 * k)
            sheet.line([(x, -0.60 + 0.006 * k), (x * 1.06 + jitter(0.004), -0.555), (x * 1.12, -0.515)], 0.006, 0.0022)
        for k in range(4):  # down the cheeks
            x = 0.40 + 0.045 * k
            ys = [-0.42 + jitter(0.02), -0.55 + jitter(0.02), -0.70 + jitter(0.02)]
            xs = [s * x, s * (x + 0.05), s * (x + 0.055)]
            sheet.line(list(zip(xs, ys, strict=True)), 0.011, 0.0028)
        sheet.line([(s * 0.33, -0.93), (s * 0.37, -0.99), (s * 0.44, -1.0)], 0.03, 0.008)  # jowl
        for k in range(2):  # wrinkled root of the nose
            sheet.line(
                [(s * 0.02, 0.03 - 0.05 * k), (s * 0.075, 0.0 - 0.06 * k), (s * 0.11, -0.06 - 0.06 * k)], 0.008, 0.003
            )
    rows: list[list[tuple[float, float]]] = []
    for k in range(5):  # forehead
        y = 0.36 + 0.078 * k
        across = np.linspace(-0.46 + 0.02 * k, 0.46 - 0.02 * k, 9).tolist()
        rows.append([(x, float(y + 0.025 * np.cos(x * 5.5) + jitter(0.006))) for x in across])
        sheet.line(rows[-1], 0.013, 0.0085 * (1 - 0.1 * k))
    for row in rows[1:]:
        sheet.line([(x * 0.6 + jitter(0.02), y - 0.040) for x, y in row[2:7]], 0.008, 0.003)


def bake(out: Path = ASSET, side: int = SIDE) -> None:
    """Draw the map and write it."""
    sheet = _Sheet(side)
    _draw(sheet)
    stored = np.clip(np.round(sheet.height / STEP / 8) * 8, -32000, 32000).astype(np.int16)
    np.savez_compressed(out, height=stored)


@cache
def relief(level: int) -> Floats:
    """The map at 1 / 2**level of its side: heights (N, N) in dm."""
    if level == 0:
        with np.load(ASSET) as data:
            return data["height"].astype(np.float32) * np.float32(STEP)
    a = relief(level - 1)
    return (a[::2, ::2] + a[1::2, ::2] + a[::2, 1::2] + a[1::2, 1::2]) * np.float32(0.25)


def level_for(cell: float) -> int:
    """The level whose texels are about as wide as a cell of ``cell`` dm."""
    level = 0
    while level < 6 and 2.0 / (SIDE >> level) < cell * 0.72:
        level += 1
    return level
