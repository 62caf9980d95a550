"""Hair laid on a shaped head: the strips of a style, ready to be rasterised and shaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Bytes, Floats, Ints
from engine_bridge.makehuman.hair import shapes
from engine_bridge.makehuman.hair.shade import Look
from engine_bridge.makehuman.hair.shapes import Strip
from engine_bridge.makehuman.hair.skull import MIDDLE, Skull
from engine_bridge.makehuman.hair.styles import STYLES
from engine_bridge.makehuman.head import Head
from engine_bridge.makehuman.paint import ramp

TRIANGLES = sum(2 * (rows - 1) * (points - 1) for rows, points in shapes.SIZES.values())  # at the most


@dataclass(frozen=True)
class Laid:
    """Hair on the turned head: ``points`` (V, 3), ``triangles`` (T, 3), the ``strip`` (T,) that each belongs to, and
    ``known`` (V, 11) for `shade.paint`."""

    points: Floats
    triangles: Ints
    strip: Bytes
    known: Floats


@cache
def _triangles(names: tuple[str, ...]) -> tuple[Ints, Bytes]:
    """Triangles of several strips whose points follow one another, and the strip of each, from 0."""
    parts, first = [], 0
    for name in names:
        parts.append(shapes.triangles(name) + first)
        rows, points = shapes.SIZES[name]
        first += rows * points
    strip = np.repeat(np.arange(len(parts), dtype=np.uint8), [len(p) for p in parts])
    return np.concatenate(parts), strip


class Wig:
    """All hair styles on a head of any shape."""

    def __init__(self, head: Head) -> None:
        self._skull = Skull(head)

    def lay(self, look: Look, raw: Floats, turn: Floats, pivot: Floats) -> Laid | None:
        """``look["hair_style"]`` on a head with vertices ``raw`` (V, 3) before it is turned by the matrix ``turn``
        (3, 3) about ``pivot`` (3,); None without hair, or with nothing more than its shade on the scalp."""
        strips = self._strips(look, raw)
        if not strips:
            return None
        middle = np.asarray((MIDDLE - pivot) @ turn + pivot)
        placed, known = [], []
        for name, strip in strips.items():
            points = np.asarray((strip.points - pivot) @ turn + pivot, np.float32)
            normals, tangents = _frames(points, middle, name)
            if strip.tangent is not None:
                tangents = strip.tangent @ turn
            marks = np.stack(np.broadcast_arrays(strip.across, strip.along, strip.rim, strip.open), axis=-1)
            outward = _unit(points - middle)
            if name in ("left", "right"):  # at the parting both sides share the scalp's normal
                normals = _unit(outward + (normals - outward) * ramp(strip.along, 0.0, 0.40)[..., None])
            # 0 on the outline of a smooth head of hair, 1 within it and where the hair turns under.
            under = 1 - ramp((normals * outward).sum(axis=-1), 0.60, 0.90)
            inner = np.maximum(np.abs(outward[..., 2]), under)[..., None]
            placed.append(points.reshape(-1, 3))
            known.append(np.concatenate([marks, normals, tangents, inner], axis=-1).astype(np.float32).reshape(-1, 11))
        triangles, number = _triangles(tuple(strips))
        return Laid(np.concatenate(placed), triangles, number, np.concatenate(known))

    def _strips(self, look: Look, raw: Floats) -> dict[str, Strip]:
        style = STYLES[str(look["hair_style"])]
        out: dict[str, Strip] = {}
        if style is None:
            return out
        scalp = self._skull.of(raw)
        volume, length = float(look["hair_volume"]), float(look["hair_length"])
        rise = (float(look["hairline"]) - 0.5) * 2
        if style.cap is not None:
            out["cap"] = shapes.cap(self._skull, scalp, style, volume, rise)
        if style.curtain is not None:
            out["left"] = shapes.curtain(self._skull, scalp, style, 1, (volume, rise, length))
            out["right"] = shapes.curtain(self._skull, scalp, style, -1, (volume, rise, length))
        if style.fringe is not None:
            out["fringe"] = shapes.fringe(self._skull, scalp, style, volume)
        if style.knot is not None:
            out["knot"] = shapes.knot(scalp, style, volume)
        if style.tail is not None:
            out["tail"] = shapes.tail(scalp, style, volume, length)
        return out


def _frames(grid: Floats, middle: Floats, name: str) -> tuple[Floats, Floats]:
    """Outward normals and along-strand tangents (rows, along, 3) of a strip's points."""
    along, across = np.gradient(grid, axis=1), np.gradient(grid, axis=0)
    normal = np.cross(along, across)
    inside = grid.mean(axis=0, keepdims=True) if name in ("knot", "tail") else middle
    if name == "knot":
        inside = grid.mean(axis=(0, 1), keepdims=True)
        along = across
    flip = np.where((normal * (grid - inside)).sum(axis=-1, keepdims=True) < 0, np.float32(-1), np.float32(1))
    return _unit(normal * flip), _unit(along)


def _unit(v: Floats) -> Floats:
    length = np.sqrt((v * v).sum(axis=-1, keepdims=True))
    return np.asarray(v / np.maximum(length, 1e-6), np.float32)
