"""Regions carried over from the fitted MakeHuman head, and label pictures: written, read, painted over."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt, uniform_filter
from scipy.spatial import cKDTree

from engine_bridge.gltf.registration import Fitted
from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.raster import rasterise
from engine_bridge.makehuman.core.scene import COLUMNS, EAR, LID, LIP, MOUTH, NEUTRAL
from engine_bridge.makehuman.core.skin import (
    BROWS,
    EYES,
    INNER_MOUTH,
    LOWER_LIP,
    SEAM,
    SKIN,
    TEETH,
    UPPER_LIP,
    skin_region,
)
from f2p.errors import ParameterError
from f2p.regions import PALETTE, index

__all__ = ["bake", "read_labels", "regions_of", "texels", "write_labels"]

Array = NDArray[np.float64]
NEIGHBOURS = 8
# The band in which brows are looked for, and where they are if nothing there is dark: dm on the neutral face.
BAND = (0.07, 0.60, 0.07, 0.36)
BROW = (0.110, 0.530, 0.205, 0.040)
LIP_BAND, LIP_CONTRAST = 0.065, 0.12  # dm about the lips' edge that colour may correct, and from what contrast on
SMOOTH = 7  # texels
DARKER = 0.80  # share of the skin's light below which a texel of the band is a hair
NEAREST = 90  # sum of the differences of three channels beyond which a colour is none of the palette's


@kernel
def _skin_regions(table):  # type: ignore[no-untyped-def]
    out = np.empty(len(table), np.uint8)
    for i in range(len(table)):
        out[i] = skin_region(table[i])
    return out


def regions_of(
    points: Array, normals: Array, fitted: Fitted, colours: Array | None, named: Collection[str]
) -> NDArray[np.uint8]:
    """The region (N,) of points (N, 3) with normals on another head's skin.

    ``colours`` (N, 3) linear of its texture, or None: lips end where their colour does, and brows are what is
    darker than skin where brows are.  ``named``: the regions of which the head has parts of their own; no skin is brow,
    eyeball, tooth or inside of the mouth where there are such parts.
    """
    there = np.flatnonzero(~np.isin(fitted.kind, [index(name) for name in named]))
    gaps, near = cKDTree(fitted.points[there]).query(points, NEIGHBOURS)
    near = there[near]
    agree = np.einsum("nkj,nj->nk", fitted.normals[near], normals)
    share = np.clip(agree - 0.1, 1e-3, 1) / np.maximum(gaps, 2e-3) ** 2
    share /= share.sum(axis=1, keepdims=True)
    table = np.zeros((len(points), COLUMNS), np.float32)
    table[:, NEUTRAL : NEUTRAL + 3] = (fitted.neutral[near] * share[..., None]).sum(axis=1)
    for k, column in enumerate((LIP, MOUTH, LID, EAR)):
        table[:, column] = (fitted.fields[near, k] * share).sum(axis=1)
    out: NDArray[np.uint8] = _skin_regions(table)
    for region in (EYES, INNER_MOUTH, TEETH):
        out[((fitted.kind[near] == region) * share).sum(axis=1) > 0.5] = region
    if colours is not None:
        _lips_by_colour(out, colours, table[:, LIP], table[:, NEUTRAL + 1])
    if "brows" not in named:
        out[_brows(out, colours, table)] = BROWS
    return out


def _lips_by_colour(
    out: NDArray[np.uint8], colours: Array, lip: NDArray[np.float32], height: NDArray[np.float32]
) -> None:
    """Correct ``out`` in place: within a band about the lips' edge a texel is what its colour is nearer to."""
    lips = np.isin(out, (UPPER_LIP, LOWER_LIP))
    around = (out == SKIN) & (lip < -2 * LIP_BAND) & (lip > -4 * LIP_BAND)
    if lips.sum() < 50 or around.sum() < 50:
        return
    own, other = np.median(colours[lips], axis=0), np.median(colours[around], axis=0)
    if np.abs(own - other).max() < LIP_CONTRAST * other.max():
        return
    nearer = np.linalg.norm(colours - own, axis=1) < np.linalg.norm(colours - other, axis=1)
    band = (np.abs(lip) < LIP_BAND) & np.isin(out, (SKIN, UPPER_LIP, LOWER_LIP))
    out[band & ~nearer] = SKIN
    red = band & nearer
    out[red] = np.where(height[red] > SEAM, UPPER_LIP, LOWER_LIP)


def _brows(out: NDArray[np.uint8], colours: Array | None, table: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where (N,) brows are: what is darker than the forehead in a band over the eyes, else an average."""
    x, y = np.abs(table[:, NEUTRAL]), table[:, NEUTRAL + 1]
    front = (table[:, NEUTRAL + 2] > -0.25) & (out == SKIN)
    if colours is not None:
        bright = colours @ np.array([0.21, 0.72, 0.07])
        band = front & (x > BAND[0]) & (x < BAND[1]) & (y > BAND[2]) & (y < BAND[3])
        forehead = front & (x < 0.3) & (y > 0.38) & (y < 0.6)
        if band.any() and forehead.any():
            dark = band & (bright < DARKER * float(np.median(bright[forehead])))
            if 0.04 < dark.sum() / band.sum() < 0.6:
                return np.asarray(dark)
    middle = BROW[2] + 0.035 * np.sin(np.pi * np.clip((x - BROW[0]) / (BROW[1] - BROW[0]), 0, 1))
    return np.asarray(front & (x > BROW[0]) & (x < BROW[1]) & (np.abs(y - middle) < BROW[3]))


def texels(
    uv: NDArray[np.float32], triangles: NDArray[np.int32], values: Array, side: int
) -> tuple[NDArray[np.bool_], Array]:
    """Where (side, side) a texture is used, and ``values`` (V, C) of the vertices, points and normals first, at its
    texels (side, side, C). Where parts of the mesh share texels, as in a texture projected from the front, that part is
    taken which lies in front and faces it."""
    here = uv.astype(np.float64)[triangles]
    here -= np.floor(here.mean(axis=1, keepdims=True))  # tiled coordinates fall on the one picture there is
    corners = np.ones((3 * len(triangles), 3), np.float32)
    corners[:, :2] = (here * side).reshape(-1, 2)
    corners[:, 2] = 10 + (values[:, 2] + values[:, 5])[triangles].ravel()
    ids = np.full((side, side), -1, np.int32)
    rasterise(
        np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3),
        corners,
        np.zeros((side, side), np.float32),
        ids,
        0,
    )
    rows, columns = np.nonzero(ids >= 0)
    t = ids[rows, columns]
    a, b, c = (corners.reshape(-1, 3, 3)[t, k, :2].astype(np.float64) for k in range(3))
    p = np.stack([columns + 0.5, rows + 0.5], axis=1)
    area = _cross(b - a, c - a)
    second, third = _cross(p - a, c - a) / area, _cross(b - a, p - a) / area
    v = values[triangles[t]]
    out = np.zeros((side, side, values.shape[1]))
    out[rows, columns] = v[:, 0] * (1 - second - third)[:, None] + v[:, 1] * second[:, None] + v[:, 2] * third[:, None]
    return ids >= 0, out


def bake(used: NDArray[np.bool_], regions: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A label picture (side, side) of ``regions`` (N,) at its used texels; the rest shows what is nearest."""
    out = np.zeros(used.shape, np.uint8)
    most = np.zeros(used.shape, np.float32)
    # A texel takes the region that most of its neighbours have, so that no specks stay.
    for region in np.unique(regions):
        mine = np.zeros(used.shape, np.float32)
        mine[used] = regions == region
        share = uniform_filter(mine, SMOOTH)
        out[share > most] = region
        most = np.maximum(most, share)
    if used.any() and not used.all():
        rows, columns = distance_transform_edt(~used, return_distances=False, return_indices=True)
        out = out[rows, columns]
    return out


def write_labels(path: Path, labels: NDArray[np.uint8]) -> None:
    """Write a label picture as PNG in the palette's colours."""
    Image.fromarray(PALETTE[labels]).save(path, "PNG")


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Regions (H, W) of a picture painted in the palette's colours; soft edges of a brush go to the nearest colour.

    Raises:
        ParameterError: it cannot be read, or has a colour that is far from all of the palette's.
    """
    try:
        with Image.open(path) as opened:
            pixels = np.asarray(opened.convert("RGB")).astype(np.int16)
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"The label picture {path.name} can't be read: {error}.", "Draft it again: engine-bridge new HEAD --labels"
        ) from None
    colours, inverse = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    gaps = np.abs(colours[:, None].astype(int) - PALETTE[None].astype(int)).sum(axis=2)
    nearest = gaps.argmin(axis=1).astype(np.uint8)
    counts = np.bincount(inverse.reshape(-1), minlength=len(colours))
    strange = (gaps.min(axis=1) > NEAREST) & (counts > 0.01 * inverse.size)
    if strange.any():
        worst = colours[strange][0]
        raise ParameterError(
            f"{path.name} has the colour #{worst[0]:02x}{worst[1]:02x}{worst[2]:02x}, which is no region's.",
            "Paint with the colours of the drafted picture alone (docs/gltf.md lists them).",
        )
    return nearest[inverse.reshape(-1)].reshape(pixels.shape[:2])


def _cross(a: Array, b: Array) -> Array:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
