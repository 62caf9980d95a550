"""Hair for games: some strands of the engine's, each widened to a card that shows a lock of hairs.

A card runs as its strand does, flush with the hair; its picture, hairs with gaps between them, is cut out (not blended:
cut-outs need no sorting).  The colours of the strands are gathered in a few tones side by side in one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.export.images import encode, png
from engine_bridge.makehuman.face.head import Floats, Ints
from engine_bridge.makehuman.strands.strand import Strands

TONES, TONE_WIDE, HIGH = 8, 64, 256  # px: tones side by side, and how long a card's picture is
FAINT = 0.30  # strands of a smaller mean opacity get no card
BEND = 0.30  # radians that a strand turns from row to row of its card
LIFT = 0.008  # dm that cards lie above their strands, so that no edge sinks into the skin
BEHIND = 0.05  # dm that cards begin behind their strands' roots
FULL = 0.07  # dm: a card of this width shows all hairs of the picture
BLENDED = 0.5  # how far a lock has the mean colour of all hairs: it is many of them
CUT = 0.40  # opacity below which a card is cut out


@dataclass(frozen=True)
class Budget:
    """How much hair may be: ``vertices`` in all, ``rows`` of a card at most, ``width`` of a card in dm at most,
    ``overlap``: how many times over the cards cover what the strands do."""

    vertices: int
    rows: int
    width: float
    overlap: float


@dataclass(frozen=True)
class Cards:
    """N vertices: ``points``, ``normals`` (N, 3), ``uv`` (N, 2), ``triangles`` (T, 3), ``roots`` (N, 3) where each
    vertex's strand grows, and the ``picture``, a PNG with opacity."""

    points: Floats
    normals: Floats
    uv: Floats
    triangles: Ints
    roots: Floats
    picture: bytes


class Laid(NamedTuple):
    """``number`` cards of ``rows`` pairs of vertices: points, normals, map and roots of N = 2 number rows."""

    points: Floats
    normals: Floats
    uv: Floats
    roots: Floats
    number: int
    rows: int


def _unit(v: Floats) -> Floats:
    return v / np.maximum(np.sqrt((v * v).sum(axis=-1, keepdims=True)), 1e-9)


def _lay(s: Strands, tone: NDArray[np.int64], budget: Budget, share: float, number: int) -> Laid:
    """The cards of one set of strands; ``share`` of the budget is its."""
    solid = np.flatnonzero(s.alpha.mean(axis=1) > FAINT)
    steps = s.points.shape[1]
    rows = int(np.clip(_turning(s) / BEND + 3, 3, min(budget.rows, steps)))
    count = min(int(budget.vertices * share / (2 * rows)), len(solid))
    kept = solid[:count]
    at = np.round(np.linspace(0, steps - 1, rows)).astype(int)
    path, away = s.points[kept], _unit(s.away[kept])
    for _ in range(min(steps // max(rows, 1), 3)):  # a lock bends less than its hairs
        path[:, 1:-1] = 0.25 * path[:, :-2] + 0.5 * path[:, 1:-1] + 0.25 * path[:, 2:]
    along = _unit(np.gradient(path, axis=1).astype(np.float32))
    rng = np.random.default_rng([0xCA2D, number])
    rise = np.minimum(np.linspace(0, 3, steps, dtype=np.float32), 1.0)[None, :, None]  # flat on the skin at its root
    lean = rng.uniform(-0.45, 0.45, (count, 1, 1)).astype(np.float32) * rise
    side = _unit(np.cross(along, away))
    flat = _unit(np.cross(side, along))  # outwards, across the card
    side = _unit(side * np.cos(lean) + flat * np.sin(lean))
    area = float((s.width[solid] * s.alpha[solid]).mean()) * len(solid) / max(count, 1)
    wide = min(area * budget.overlap, budget.width)
    # The frayed roots begin behind the strand's, so that a parting closes.
    back = along[:, 0] - away[:, 0] * (along[:, 0] * away[:, 0]).sum(axis=1, keepdims=True)
    path[:, 0] -= _unit(back) * np.float32(BEHIND)
    t = np.linspace(0, 1, rows, dtype=np.float32)
    profile = np.minimum(0.92 + 1.5 * t, 1.0) * np.clip(1.12 - 0.92 * t**2.2, 0, 1)
    reach = (0.5 * wide * profile * rng.uniform(0.75, 1.25, (count, 1)))[:, :, None].astype(np.float32)
    middle, side, out = path[:, at], side[:, at], _unit(away[:, at] + 0.35 * flat[:, at])
    middle = middle + out * (LIFT + 0.12 * wide * np.abs(lean).max(axis=1, keepdims=True))
    points = np.stack([middle - side * reach, middle + side * reach], axis=2)
    normals = np.repeat(out[:, :, None], 2, axis=2)
    part = min(wide / FULL, 1.0) * 0.92  # narrow cards show a part of the lock
    begin = 0.04 + rng.random((count, 1)) * (0.92 - part)
    u = np.concatenate([begin, begin + part], axis=1)
    mirrored = rng.random(count) < 0.5
    u[mirrored] = u[mirrored][:, ::-1]
    u = ((tone[kept][:, None] + u) / TONES)[:, None]
    uv = np.stack(np.broadcast_arrays(u, t[None, :, None] * 0.98 + 0.01), axis=-1)
    roots = np.broadcast_to(path[:, :1, None], points.shape)
    flat_points, flat_normals, flat_uv, flat_roots = (
        a.reshape(-1, a.shape[-1]).astype(np.float32) for a in (points, normals, uv, roots)
    )
    return Laid(flat_points, flat_normals, flat_uv, flat_roots, count, rows)


def cards(sets: Sequence[Strands], budget: Budget) -> Cards | None:
    """Cards of some sets of strands that share colours; None where there is no hair to speak of."""
    sets = [s for s in sets if len(s.points) and (s.alpha.mean(axis=1) > FAINT).any()]
    if not sets:
        return None
    colours = np.concatenate([s.tints[0] for s in sets])
    bright = colours @ np.array([0.30, 0.55, 0.15], np.float32)
    edges = np.quantile(bright, np.linspace(0, 1, TONES + 1)[1:-1])
    tone = np.searchsorted(edges, bright)
    mean = colours.mean(axis=0)
    palette = np.stack([colours[tone == k].mean(axis=0) if (tone == k).any() else mean for k in range(TONES)])
    palette += (mean - palette) * np.float32(BLENDED)
    sizes = np.array([float((s.width * s.alpha).sum()) * _length(s) for s in sets])
    laid, first = [], 0
    for number, (s, share) in enumerate(zip(sets, sizes / sizes.sum(), strict=True)):
        laid.append(_lay(s, tone[first : first + len(s.points)], budget, float(share), number))
        first += len(s.points)
    points, normals, uv, roots = (np.concatenate([c[k] for c in laid]) for k in range(4))
    triangles = _strips([(c.number, c.rows) for c in laid])
    dark = np.interp(np.linspace(0, 1, HIGH), np.linspace(0, 1, len(sets[0].root_dark)), sets[0].root_dark)
    return Cards(points, normals, uv, triangles, roots, _picture(palette, dark))


def _turning(s: Strands) -> float:
    """How far (radians) a strand turns from root to tip, in the mean."""
    along = _unit(np.diff(s.points[:2000], axis=1))
    cosine = np.clip((along[:, 1:] * along[:, :-1]).sum(axis=2), -1, 1)
    return float(np.arccos(cosine).sum(axis=1).mean())


def _length(s: Strands) -> float:
    step = np.diff(s.points, axis=1)
    return float(np.sqrt((step * step).sum(axis=2)).mean())


def _strips(sizes: Sequence[tuple[int, int]]) -> Ints:
    """Triangles (T, 3) of cards, so many of so many rows of two vertices each."""
    out, first = [], 0
    for count, rows in sizes:
        a = (first + 2 * rows * np.arange(count)[:, None] + 2 * np.arange(rows - 1)).ravel()
        out.append(np.stack([a, a + 1, a + 3, a, a + 3, a + 2], axis=1).reshape(-1, 3))
        first += 2 * rows * count
    return np.concatenate(out).astype(np.int32)


def _picture(palette: Floats, dark: NDArray[np.float64]) -> bytes:
    """Hairs of each colour of the ``palette`` (TONES, 3), as bright along their way as ``dark`` (HIGH,) says."""
    rng = np.random.default_rng(0xCA2D)
    out = np.zeros((HIGH, TONES * TONE_WIDE, 4), np.uint8)
    t = (np.arange(HIGH) + 0.5) / HIGH
    x = np.arange(TONE_WIDE) + 0.5
    for k, colour in enumerate(palette):
        shade, cover = np.ones((HIGH, TONE_WIDE)), np.zeros((HIGH, TONE_WIDE))
        for hair in range(90):
            core = hair < 60  # these fill the lock; the others fray it
            root = rng.uniform(8, TONE_WIDE - 8) if core else rng.uniform(2, TONE_WIDE - 2)
            bend = rng.normal(0, 1.8)
            middle = root + bend * np.sin(np.pi * t * rng.uniform(0.6, 1.4) + rng.uniform(0, 6))
            middle += (TONE_WIDE / 2 - root) * 0.35 * t**2
            half = rng.uniform(0.8, 1.9) * np.clip(1.25 - t**2, 0.35, 1)
            begin, end = (
                rng.uniform(-0.03, 0.12 if core else 0.2),
                1.1 if core and hair % 3 else rng.uniform(0.60, 1.02),
            )
            here = np.clip(half[:, None] + 0.5 - np.abs(x[None] - middle[:, None]), 0, 1)
            here *= (np.clip((t - begin) / 0.03, 0, 1) * np.clip((end - t) / 0.06, 0, 1))[:, None]
            tone = 2 ** rng.normal(0, 0.40)
            shade += (tone - shade) * here
            cover = np.maximum(cover, here)
        linear = colour[None, None] * (shade * dark[:, None])[:, :, None]
        columns = slice(k * TONE_WIDE, (k + 1) * TONE_WIDE)
        out[:, columns, :3] = encode(linear.astype(np.float32))
        out[:, columns, 3] = np.round(255 * np.clip(cover, 0, 1))
    return png(out)
