"""Kernels of a head from a file, beside those of the reference engine's core: normals of triangles, cut-outs, and the
shading of glTF's metallic-roughness materials with base colour textures."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_bridge.gltf.textures import LabelPool, Pool
from engine_bridge.makehuman.core.camera import AIM, DISTANCE
from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import clamp, lerp, log2
from engine_bridge.makehuman.core.raster import SAMPLE
from engine_bridge.makehuman.core.reflect import dot, highlight, unit

# Columns of the table of vertex attributes.
POSITION, NORMAL, LIGHT, KEY_SEEN, SKY_SEEN, RIM_SEEN, UV, COLOUR = 0, 3, 6, 9, 10, 11, 12, 14
COLUMNS = 17
BLENDED = -1.0  # the cut-off of materials that blend: opacity is dithered over the cells of a pixel


class Surfaces(NamedTuple):
    """Of material m: ``albedo`` (M, 3) linear, times its ``texture`` (M,) of ``pool`` if that is not -1; ``opacity``
    (M,), ``cutoff`` (M,), ``metallic`` (M,), ``rough`` (M,).  Of part p: ``material`` (P,), ``region`` (P,) its label,
    or -1 where it is read from picture ``labels`` (P,) of ``label_pool``."""

    albedo: NDArray[np.float64]
    texture: NDArray[np.int32]
    opacity: NDArray[np.float64]
    cutoff: NDArray[np.float64]
    metallic: NDArray[np.float64]
    rough: NDArray[np.float64]
    pool: Pool
    material: NDArray[np.int32]
    region: NDArray[np.int32]
    labels: NDArray[np.int32]
    label_pool: LabelPool


@kernel
def triangle_normals(points, triangles, corner, groups):  # type: ignore[no-untyped-def]
    """Unit normals (V, 3): means over the triangles (T, 3) round each corner, weighted by area; vertices of one
    ``corner`` (V,) in 0..``groups`` share theirs, so that seams of a texture do not show."""
    total = np.zeros((groups, 3))
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in range(3):
            g = corner[triangles[t, k]]
            total[g, 0] += x
            total[g, 1] += y
            total[g, 2] += z
    out = np.empty((len(points), 3), np.float32)
    for v in range(len(points)):
        g = corner[v]
        n = unit(total[g, 0], total[g, 1], total[g, 2])
        out[v, 0], out[v, 1], out[v, 2] = n[0], n[1], n[2]
    return out


@inline
def _wrapped(i, n):  # type: ignore[no-untyped-def]
    i = i % n
    return i + n if i < 0 else i


@inline
def _texel(pool, picture, level, u, v, c):  # type: ignore[no-untyped-def]
    """Channel ``c`` of a picture at (u, v), linear between four texels: light for colours, 0..1 for opacity."""
    width, height, start = pool.widths[picture, level], pool.heights[picture, level], pool.starts[picture, level]
    x, y = u * width - 0.5, v * height - 0.5
    fx, fy = math.floor(x), math.floor(y)
    i0, j0 = _wrapped(int(fx), width), _wrapped(int(fy), height)
    i1, j1 = _wrapped(i0 + 1, width), _wrapped(j0 + 1, height)
    p, q = pool.texels[start + j0 * width + i0, c], pool.texels[start + j0 * width + i1, c]
    r, s = pool.texels[start + j1 * width + i0, c], pool.texels[start + j1 * width + i1, c]
    if c == 3:
        return lerp(lerp(p, q, x - fx), lerp(r, s, x - fx), y - fy) / 255.0
    a, b = pool.linear[p], pool.linear[q]
    return lerp(lerp(a, b, x - fx), lerp(pool.linear[r], pool.linear[s], x - fx), y - fy)


@inline
def _level(pool, picture, uv, i, j, k, area):  # type: ignore[no-untyped-def]
    """The level whose texels are about as large as cells, for a triangle that covers ``area`` cells (doubled)."""
    ux, uy = uv[j, 0] - uv[i, 0], uv[j, 1] - uv[i, 1]
    vx, vy = uv[k, 0] - uv[i, 0], uv[k, 1] - uv[i, 1]
    texels = abs(ux * vy - uy * vx) * pool.widths[picture, 0] * pool.heights[picture, 0]
    ratio = texels / max(abs(area), 1e-6)
    if ratio <= 1.0:
        return 0
    return min(int(0.5 * log2(ratio) + 0.5), pool.counts[picture] - 1)


@inline
def _share(corners, i, j, k, px, py):  # type: ignore[no-untyped-def]
    """Weights of the corners at a place on the screen, corrected for perspective, and the doubled area."""
    ax, ay = np.float64(corners[i, 0]), np.float64(corners[i, 1])
    bx, by = np.float64(corners[j, 0]), np.float64(corners[j, 1])
    cx, cy = np.float64(corners[k, 0]), np.float64(corners[k, 1])
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    second = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) / area
    third = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) / area
    w0, w1, w2 = (1.0 - second - third) * corners[i, 2], second * corners[j, 2], third * corners[k, 2]
    scale = 1.0 / (w0 + w1 + w2)
    return w0 * scale, w1 * scale, w2 * scale, area


@kernel
def rasterise_cutouts(triangles, part, corners, uv, surfaces, depth, ids, first):  # type: ignore[no-untyped-def]
    """As `raster.rasterise`, both sides, for triangles whose material is see-through in places: a cell that their
    opacity leaves free keeps what is behind."""
    height, width = depth.shape
    for t in range(len(triangles)):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = np.float64(corners[i, 0]), np.float64(corners[i, 1])
        bx, by = np.float64(corners[j, 0]), np.float64(corners[j, 1])
        cx, cy = np.float64(corners[k, 0]), np.float64(corners[k, 1])
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        m = surfaces.material[part[t]]
        picture, cutoff, opacity = surfaces.texture[m], surfaces.cutoff[m], surfaces.opacity[m]
        level = _level(surfaces.pool, picture, uv, i, j, k, area) if picture >= 0 else 0
        left, right = max(int(min(ax, min(bx, cx)) - 1.0), 0), min(int(max(ax, max(bx, cx)) + 1.0), width - 1)
        top, bottom = max(int(min(ay, min(by, cy)) - 1.0), 0), min(int(max(ay, max(by, cy)) + 1.0), height - 1)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                px = x + 0.5 + (SAMPLE if y & 1 == 0 else -SAMPLE)
                py = y + 0.5 + (-SAMPLE if x & 1 == 0 else SAMPLE)
                second = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) / area
                third = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) / area
                rest = 1.0 - second - third
                if second < -1e-5 or third < -1e-5 or rest < -1e-5:
                    continue
                z = np.float32(rest * corners[i, 2] + second * corners[j, 2] + third * corners[k, 2])
                if z <= depth[y, x]:
                    continue
                alpha = opacity
                if picture >= 0:
                    w0, w1, w2, _ = _share(corners, i, j, k, px, py)
                    u = w0 * uv[i, 0] + w1 * uv[j, 0] + w2 * uv[k, 0]
                    v = w0 * uv[i, 1] + w1 * uv[j, 1] + w2 * uv[k, 1]
                    alpha *= _texel(surfaces.pool, picture, level, u, v, 3)
                least = cutoff
                if cutoff == BLENDED:  # a turned grid again: each of a pixel's four cells has a threshold of its own
                    least = 0.125 + 0.25 * ((y & 1) * 2 + ((x ^ y) & 1))
                if alpha >= least:
                    depth[y, x] = z
                    ids[y, x] = first + t


@kernel
def paint(ids, triangles, part, corners, table, surfaces, light, rgb, labels):  # type: ignore[no-untyped-def]
    """Shade every cell of ``ids`` (W, W) that shows a triangle, into ``rgb`` (W, W, 3) and ``labels`` (W, W).

    ``triangles`` (T, 3), ``part`` (T,), ``corners`` (V, 3) from `camera.project`, ``table`` (V, COLUMNS).
    Lambert's law for what enters the surface, GGX microfacets for what it reflects (glTF 2.0, appendix B).
    """
    width = ids.shape[0]
    at = np.empty(COLUMNS)
    colour = np.empty(3)
    pool, regions = surfaces.pool, surfaces.label_pool
    uv = table[:, UV : UV + 2]
    for y in range(width):
        for x in range(width):
            t = ids[y, x]
            if t < 0:
                continue
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            px = x + 0.5 + (SAMPLE if y & 1 == 0 else -SAMPLE)
            py = y + 0.5 + (-SAMPLE if x & 1 == 0 else SAMPLE)
            w0, w1, w2, area = _share(corners, i, j, k, px, py)
            for n in range(COLUMNS):
                at[n] = w0 * table[i, n] + w1 * table[j, n] + w2 * table[k, n]
            p = part[t]
            m = surfaces.material[p]
            for c in range(3):
                colour[c] = surfaces.albedo[m, c] * at[COLOUR + c]
            picture = surfaces.texture[m]
            if picture >= 0:
                level = _level(pool, picture, uv, i, j, k, area)
                for c in range(3):
                    colour[c] *= _texel(pool, picture, level, at[UV], at[UV + 1], c)
            normal = unit(at[NORMAL], at[NORMAL + 1], at[NORMAL + 2])
            view = unit(-at[POSITION], AIM - at[POSITION + 1], DISTANCE - at[POSITION + 2])
            if dot(normal, view) < 0.0 and area > 0.0:
                normal = (-normal[0], -normal[1], -normal[2])  # the back of a sheet
            metal, rough = surfaces.metallic[m], clamp(surfaces.rough[m], 0.2, 1.0)
            key, sky = at[KEY_SEEN], at[SKY_SEEN]
            up = 0.5 + 0.5 * normal[1]
            for c in range(3):
                mirror = lerp(0.04, colour[c], metal)
                shine = 3.0 * key * highlight(normal, view, light.key, rough, mirror) * light.key_colour[c]
                shine += 2.0 * highlight(normal, view, light.fill, rough, mirror) * light.fill_colour[c]
                edge = highlight(normal, view, light.rims[0], rough, mirror)
                edge += highlight(normal, view, light.rims[1], rough, mirror)
                around = lerp(light.ground[c], light.sky[c], up) * sky * mirror
                rgb[y, x, c] = (
                    colour[c] * (1.0 - metal) * at[LIGHT + c]
                    + shine
                    + edge * at[RIM_SEEN] * light.rim_colour[c]
                    + around * (1.0 + 2.0 * metal)
                )
            region = surfaces.region[p]
            if region < 0:
                q = surfaces.labels[p]
                wide, high = regions.widths[q], regions.heights[q]
                column, row = (
                    _wrapped(math.floor(at[UV] * wide), wide),
                    _wrapped(math.floor(at[UV + 1] * high), high),
                )
                region = regions.texels[regions.starts[q] + row * wide + column]
            labels[y, x] = region
