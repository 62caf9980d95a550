"""Lashes as a strip along each lid, and the shadow of the lids on the eyeballs as a thin shell before them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.eye import LID_REACH
from engine_bridge.makehuman.export.images import png
from engine_bridge.makehuman.export.sitter import FINE, Sitter
from engine_bridge.makehuman.face.features import EYE_RADIUS
from engine_bridge.makehuman.face.head import Floats, Head, Ints, mean_point
from engine_bridge.makehuman.face.lids import STEPS, margin
from engine_bridge.makehuman.strands.lashes import LOWER, UPPER, grow_lashes

COLUMNS = {UPPER: 14, LOWER: 10}  # of the strip along a lid
ROWS = (0, 3, 5)  # points of a lash that the strip keeps
LONGER = 1.3  # the strip reaches beyond a usual lash, for the long ones
WIDE, HIGH = 512, 64  # px of one lid's lashes
SHELL_COLUMNS, SHELL_ROWS = 13, 7
SHELL = EYE_RADIUS + 0.0022  # dm
SHELL_SIDE = 32  # px of its texture


@dataclass(frozen=True)
class Strip:
    """A mesh that goes with the cage: ``uv`` (N, 2), ``triangles`` (T, 3), and the ``picture``, a PNG with opacity."""

    uv: Floats
    triangles: Ints
    picture: bytes


def grid(rows: int, columns: int, first: int = 0) -> Ints:
    """Triangles (T, 3) of a grid of points, row by row."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (first + i * columns + j).ravel()
    quads = np.stack([a, a + 1, a + columns + 1, a + columns], axis=1)
    return np.ascontiguousarray(quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3), np.int32)


def lash_points(sitter: Sitter, head: Head, cage: Floats) -> Floats:
    """Points (N, 3) of the strips on a head of ``cage`` (V, 3): lid by lid, from the margin outwards."""
    eyes = mean_point(cage, head.eyes[0]), mean_point(cage, head.eyes[1])
    hairs = grow_lashes(sitter.look, cage, eyes, head.lid_rims, FINE, 2 * sitter.who.male - 1, sitter.who.years).points
    out, first = [], 0
    for _ in range(2):
        for count in (UPPER, LOWER):
            columns = COLUMNS[count]
            edges = np.linspace(0, count, columns + 1).astype(int)
            mean = np.stack([hairs[first + a : first + b].mean(axis=0) for a, b in pairwise(edges.tolist())])
            kept = mean[:, ROWS]
            kept[:, 1:] = kept[:, :1] + (kept[:, 1:] - kept[:, :1]) * LONGER
            out.append(kept.transpose(1, 0, 2).reshape(-1, 3))
            first += count
    return np.concatenate(out).astype(np.float32)


def lash_strip(sitter: Sitter) -> Strip:
    """Map, triangles and picture of the strips of `lash_points`."""
    uv, triangles, first = [], [], 0
    for _ in range(2):
        for half, count in enumerate((UPPER, LOWER)):
            columns = COLUMNS[count]
            u = np.tile(np.linspace(0.01, 0.99, columns), len(ROWS))
            v = np.repeat([0.0, 0.6, 1.0], columns)  # 0 at the margin
            uv.append(np.stack([u, 0.5 * half + 0.5 * (0.98 - 0.96 * v)], axis=1))
            triangles.append(grid(len(ROWS), columns, first))
            first += columns * len(ROWS)
    old = min(max((sitter.who.years - 45) / 40, 0.0), 1.0)
    strong = (0.75 + 0.25 * float(sitter.look["eye_liner"])) * (1 - 0.35 * old)
    picture = np.zeros((2 * HIGH, WIDE, 4), np.uint8)
    picture[:, :, :3] = (28, 24, 24)
    for half, (count, share, wide) in enumerate(((UPPER, 1.0, 1.9), (LOWER, 0.6, 1.3))):
        picture[half * HIGH : (half + 1) * HIGH, :, 3] = np.round(255 * _drawn(count, wide) * strong * share)
    return Strip(np.concatenate(uv).astype(np.float32), np.concatenate(triangles), png(picture))


def _drawn(count: int, wide: float) -> NDArray[np.float64]:
    """Opacity (HIGH, WIDE) of ``count`` lashes that stand on the lower edge, ``wide`` px at their roots."""
    rng = np.random.default_rng([0x1A54, count])
    v = (1 - (np.arange(HIGH) + 0.5) / HIGH) * LONGER  # 1 is a usual lash
    x = np.arange(WIDE) + 0.5
    out = np.zeros((HIGH, WIDE))
    roots = (np.arange(count) + 0.5 + rng.normal(0, 0.25, count)) / count * WIDE
    for k, root in enumerate(roots):
        long = 1 + 0.14 * float(np.clip(rng.normal(), -1.8, 1.8))
        t = np.clip(v / long, 0, 1.2)
        middle = root + rng.normal(0, 3.0) * t**1.5 + (roots[min(k // 3 * 3 + 1, count - 1)] - root) * 0.5 * t
        half = 0.5 * wide * np.clip(1.25 - 1.05 * t, 0, None)
        cover = (
            np.clip(half[:, None] + 0.5 - np.abs(x[None] - middle[:, None]), 0, 1) * np.minimum(2 * half, 1)[:, None]
        )
        out = out + (1 - out) * cover * (t[:, None] < 1.18)
    return np.clip(out, 0, 1)


def _lids(head: Head, cage: Floats, eye: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Middle (3,) of an eyeball, azimuths (SHELL_COLUMNS,) from corner to corner, and the elevations of the upper and
    the lower margin there (2, SHELL_COLUMNS)."""
    middle = mean_point(cage, head.eyes[eye])
    rim = cage[head.lid_rims[eye][0]].astype(np.float64) - middle
    ends = np.arctan2(rim[[0, -1], 0], rim[[0, -1], 2])
    azimuth = np.linspace(ends[0], ends[1], SHELL_COLUMNS)
    at = np.linspace(-LID_REACH, LID_REACH, STEPS)
    lids = np.stack([np.interp(azimuth, at, margin(cage[rim_rows], middle)) for rim_rows in head.lid_rims[eye]])
    return middle, azimuth, lids


def shell_points(head: Head, cage: Floats) -> Floats:
    """Points (2 SHELL_ROWS SHELL_COLUMNS, 3) of the shells before both eyes, from the upper lid down."""
    out = []
    for eye in range(2):
        middle, azimuth, (upper, lower) = _lids(head, cage, eye)
        t = np.linspace(0, 1, SHELL_ROWS)[:, None]
        elevation = (upper + 0.05) * (1 - t) + (lower - 0.05) * t
        c = np.cos(elevation)
        d = np.stack([np.sin(azimuth) * c, np.sin(elevation), np.cos(azimuth) * c], axis=-1)
        out.append((middle + SHELL * d).reshape(-1, 3))
    return np.concatenate(out).astype(np.float32)


def _soft(x: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def shell(head: Head, cage: Floats) -> Strip:
    """Map, triangles and picture of the shells: dark as `core.eye` has it in the lids' shade."""
    u, v = np.meshgrid(np.linspace(0, 1, SHELL_COLUMNS), np.linspace(0, 1, SHELL_ROWS))
    one = np.stack([u.ravel(), v.ravel()], axis=1)
    uv = np.concatenate([one * [0.5, 1.0], one * [0.5, 1.0] + [0.5, 0.0]])
    picture = np.zeros((SHELL_SIDE, 2 * SHELL_SIDE, 4), np.uint8)
    picture[:, :, :3] = (40, 22, 18)
    t = np.linspace(0, 1, SHELL_SIDE)[:, None]
    for eye in range(2):
        _, _, lids = _lids(head, cage, eye)
        at = np.linspace(0, 1, SHELL_SIDE)
        upper, lower = (np.interp(at, np.linspace(0, 1, SHELL_COLUMNS), lid) for lid in lids)
        elevation = (upper + 0.05) * (1 - t) + (lower - 0.05) * t
        lit = (0.26 + 0.74 * _soft(upper - elevation, -0.06, 0.36)) * (
            0.62 + 0.38 * _soft(elevation - lower, -0.08, 0.18)
        )
        picture[:, eye * SHELL_SIDE : (eye + 1) * SHELL_SIDE, 3] = np.round(255 * (1 - lit))
    count = SHELL_ROWS * SHELL_COLUMNS
    # From the upper lid down and from the corner at the left: seen from the front, clockwise; turn it.
    triangles = np.concatenate([grid(SHELL_ROWS, SHELL_COLUMNS), grid(SHELL_ROWS, SHELL_COLUMNS, count)])[:, ::-1]
    return Strip(uv.astype(np.float32), np.ascontiguousarray(triangles), png(picture))
