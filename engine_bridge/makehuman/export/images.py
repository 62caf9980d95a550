"""The textures of a character: colour, relief, and occlusion with roughness of the skin; colour of the eyes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_bridge.makehuman.core.raster import rasterise
from engine_bridge.makehuman.core.scene import Light
from engine_bridge.makehuman.export import texels
from engine_bridge.makehuman.export.sitter import Sitter
from engine_bridge.makehuman.export.surface import EYE_REACH, MAP, STEPS, patches
from engine_bridge.makehuman.face.head import SKIN, Floats, Head, Ints, load_head
from engine_bridge.makehuman.strands.strand import BEARD, BROWS, HAIR, Strands

MOUTHS = ("skin", "mouth", "teeth", "tongue")  # primitives that share the skin's textures
CELL = 0.0031  # dm of the face that a texel of 1,024 spans
ROOTS = 0.30  # dm of each hair of the head that is painted on the scalp
PADDING = 10  # texels round each island at 1,024
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Images:
    """Encoded pictures: JPEG of the skin's ``colour``, ``relief`` and ``surface`` (occlusion in red, roughness in
    green), and of the ``eyes``."""

    colour: bytes
    relief: bytes
    surface: bytes
    eyes: bytes


@cache
def _map(size: int) -> tuple[Ints, Ints, Floats, Ints, NDArray[np.uint8]]:
    """Of the skin's textures of ``size``: which triangle each texel shows (size, size), the triangles (T, 3), their
    corners (V, 2) in texels, the fine vertices (V,) and the parts (T,)."""
    parts = [patches()[name] for name in MOUTHS]
    first = np.cumsum([0, *(len(p.at) for p in parts)])
    triangles = np.concatenate([p.triangles + n for p, n in zip(parts, first, strict=False)]).astype(np.int32)
    corners = np.concatenate([p.uv for p in parts]) * np.float32(size)
    flat = np.concatenate([corners, np.ones((len(corners), 1), np.float32)], axis=1)
    ids = np.full((size, size), -1, np.int32)
    rasterise(triangles, flat, np.zeros((size, size), np.float32), ids, 0)
    return ids, triangles, corners, np.concatenate([p.at for p in parts]), np.concatenate([p.part for p in parts])


def _light(key: float = 0.0, fill: float = 0.0, sky: float = 0.0) -> Light:
    """A light that has nothing but a red key, a green fill and an even sky.  Lips let the fill and the ground's light
    through whatever their relief: the ground takes that back."""
    none = np.zeros(3)
    ground = np.array([sky, sky - fill, sky])
    return Light(
        np.zeros(3),
        np.array([key, 0.0, 0.0]),
        np.zeros(3),
        np.array([0.0, fill, 0.0]),
        np.zeros((2, 3)),
        none,
        np.full(3, sky),
        ground,
        np.zeros((1, 3)),
        np.zeros((1, 3)),
        np.zeros(1, np.int32),
    )


@cache
def _fine_places() -> tuple[Floats, Ints]:
    """Places (F, 2) on the map of the fine vertices of the head's own island, and its triangles (T, 3)."""
    head = load_head()
    with np.load(MAP) as data:
        uv, corners = data["uv"].astype(np.float64) / STEPS, data["corners"].astype(np.int64)
    main = uv[corners][:, :, 1].max(axis=1) < 0.795
    mine = main & (head.part[::4] == SKIN)
    quads, places = head.fine_quads.reshape(-1, 4, 4)[mine], uv[corners[mine]]
    out = np.zeros((len(head.fine), 2), np.float32)
    for k in range(4):
        out[quads[:, k, 0]] = places[:, k]
        out[quads[:, k, 1]] = (places[:, k] + places[:, (k + 1) % 4]) / 2
        out[quads[:, k, 2]] = places.mean(axis=1)
    flat = quads.reshape(-1, 4)
    triangles = np.ascontiguousarray(flat[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3), np.int32)
    wide = np.ptp(out[triangles], axis=1).max(axis=1)
    return out, np.ascontiguousarray(triangles[wide < 0.06])  # at the seam a vertex has two places


def _hairs(sitter: Sitter, head: Head, colour: Floats, size: int) -> None:
    """Draw brows, beards and the roots of the hair into ``colour``."""
    places, triangles = _fine_places()
    front = np.ascontiguousarray(triangles[head.fine[triangles][:, :, 2].max(axis=1) > -0.8])
    scale = size / (1024 * CELL)  # texels of a dm of the face
    for s in sitter.resting.sets:
        if s.kind in (BROWS, BEARD):
            dark, wide = (0.65, 1.6) if s.kind == BROWS else (0.75, 1.6)  # deeper among other hairs
            _draw(s, front, head.fine, places * np.float32(size), colour, dark, wide * scale)
    hair = [s for s in sitter.groom.sets if s.kind == HAIR][:1]  # the second set, if any, is a tail or a bun
    for s in hair:
        step = np.diff(s.points, axis=1)
        near = int(ROOTS / max(float(np.sqrt((step * step).sum(axis=2)).mean()), 1e-3)) + 2
        _draw(s, triangles, sitter.shaped.fine, places * np.float32(size), colour, 0.6, 0.8 * scale, near)


def _draw(
    s: Strands,
    triangles: Ints,
    fine: Floats,
    places: Floats,
    colour: Floats,
    dark: float,
    wide: float,
    steps: int | None = None,
) -> None:
    """Draw the first ``steps`` points of strands over a head ``fine`` (F, 3) at ``places`` (F, 2) in texels."""
    points = np.ascontiguousarray(s.points[:, :steps])
    at = texels.settle(points, np.ascontiguousarray(points[:, 0]), triangles, fine, places)
    texels.stroke(
        colour,
        at,
        s.tints[0] * np.float32(dark),
        np.ascontiguousarray(s.alpha[:, :steps]),
        np.ascontiguousarray(s.width[:, :steps]) * np.float32(wide),
    )


def encode(linear: Floats) -> Pixels:
    """sRGB bytes of linear light in 0..1 (IEC 61966-2-1)."""
    v = np.clip(linear, 0, 1)
    return np.round(255 * np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)).astype(np.uint8)


def jpeg(pixels: Pixels, quality: int, *, full: bool = False) -> bytes:
    """A JPEG; ``full``: with colour as fine as brightness."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, optimize=True, subsampling=0 if full else 2)
    return out.getvalue()


def png(pixels: Pixels) -> bytes:
    """A PNG."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", optimize=True)
    return out.getvalue()


def images(sitter: Sitter, head: Head, size: int) -> Images:
    """Textures of ``size`` px a side."""
    ids, triangles, corners, at, part = _map(size)
    colour, relief = np.zeros((size, size, 3), np.float32), np.zeros((size, size, 3), np.float32)
    relief[:, :, 2] = 1
    surface = np.ones((size, size, 2), np.float32)
    face = sitter.face._replace(open=1.0)
    texels.paint(
        ids,
        triangles,
        corners,
        at,
        part,
        sitter.table,
        face,
        _light(),
        _light(1.0, 1.0),
        _light(sky=1 / 0.9),
        colour,
        relief,
        surface,
    )
    _hairs(sitter, head, colour, size)
    rounds = max(PADDING * size // 1024, 2)
    for image in (colour, relief, surface):
        texels.spread(ids, image, rounds)
    half = surface.reshape(size // 2, 2, size // 2, 2, 2).mean(axis=(1, 3))
    packed = np.zeros((size // 2, size // 2, 3), np.uint8)
    packed[:, :, :2] = np.round(255 * np.clip(half, 0, 1))
    bumps = np.round(127.5 + 127.5 * relief).astype(np.uint8)
    return Images(
        jpeg(encode(colour), 90), jpeg(bumps, 88, full=True), jpeg(packed, 88, full=True), _eyes(sitter, size)
    )


def _eyes(sitter: Sitter, size: int) -> bytes:
    side = max(size // 4, 64)
    colour = np.zeros((side, 2 * side, 3), np.float32)
    straight = np.tile(np.eye(3), (2, 1, 1))
    lids = np.full_like(sitter.face.lids, 3.0)
    lids[:, 1] = -3.0
    face = sitter.face._replace(
        eye_axes=straight, eye_centres=np.zeros((2, 3)), head_axes=np.eye(3), lids=lids, cell=EYE_REACH * 0.3 / side
    )
    texels.paint_eyes(face, _light(), EYE_REACH, colour)
    return jpeg(encode(colour), 92, full=True)
