"""Cloth onto the picture: grids of points as two-sided surfaces, lit softly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.camera import AIM, DISTANCE, project
from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import clamp, noise, power
from engine_bridge.makehuman.core.raster import rasterise
from engine_bridge.makehuman.palette import RGB, along, linear

Floats = NDArray[np.float32]
# Colours of cloth: black, navy, wine, dusty rose, sand, olive, white.
COLOURS: list[RGB] = [
    (30, 30, 34),
    (38, 50, 84),
    (104, 34, 48),
    (176, 126, 124),
    (196, 172, 140),
    (104, 112, 78),
    (226, 224, 218),
]
FOLDED = np.float32(150.0)  # optical depth of a dm that cloth lies in its own folds
_COLOURS = [linear(c) for c in COLOURS]


def cloth_colour(t: float) -> NDArray[np.float64]:
    """Albedo (3,) at t in 0..1."""
    return along(_COLOURS, t) * 0.85


@kernel
def _sheet(rows, columns):  # type: ignore[no-untyped-def]
    """Triangles (2 (rows - 1) (columns - 1), 3) of a grid."""
    out = np.empty((2 * (rows - 1) * (columns - 1), 3), np.int32)
    n = 0
    for i in range(rows - 1):
        for j in range(columns - 1):
            a = i * columns + j
            b, c, d = a + 1, a + columns, a + columns + 1
            out[n, 0], out[n, 1], out[n, 2] = a, b, d
            out[n + 1, 0], out[n + 1, 1], out[n + 1, 2] = a, d, c
            n += 2
    return out


@kernel
def _normals(points):  # type: ignore[no-untyped-def]
    """Unit normals (R, C, 3) of a grid of points (R, C, 3)."""
    rows, columns, _ = points.shape
    out = np.empty((rows, columns, 3), np.float32)
    for i in range(rows):
        for j in range(columns):
            a, b = points[max(i - 1, 0), j], points[min(i + 1, rows - 1), j]
            c, d = points[i, max(j - 1, 0)], points[i, min(j + 1, columns - 1)]
            ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            vx, vy, vz = d[0] - c[0], d[1] - c[1], d[2] - c[2]
            x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            s = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-12)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = x * s, y * s, z * s
    for c in range(3):  # where all columns meet there is no surface to measure
        if rows > 1 and abs(points[0, 0, c] - points[0, columns // 2, c]) < 0.02:
            total = np.float32(0)
            for j in range(columns):
                total += out[1, j, c]
            for j in range(columns):
                out[0, j, c] = total / columns
    return out


@kernel
def _creases(points, normals, middle):  # type: ignore[no-untyped-def]
    """How deep (R C,) a grid of points (R, C, 3) lies in its own folds, dm; ``middle`` (3,) is inside of the cloth."""
    rows, columns, _ = points.shape
    out = np.zeros(rows * columns, np.float32)
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            total, out_of = 0.0, 0.0
            for c in range(3):
                mean = np.float32(0)
                for d in (1, 2):
                    mean += points[max(i - d, 0), j, c] + points[min(i + d, rows - 1), j, c]
                    mean += points[i, max(j - d, 0), c] + points[i, min(j + d, columns - 1), c]
                total += (mean * 0.125 - points[i, j, c]) * normals[i, j, c]
                out_of += (points[i, j, c] - middle[c]) * normals[i, j, c]
            out[i * columns + j] = max(total if out_of > 0.0 else -total, 0.0)
    return out


@kernel
def _paint(ids, triangles, corners, points, normals, neutral, tau, colour, weave, lights, ambient, rgb, cover):  # type: ignore[no-untyped-def]
    """Shade the cells of ``ids`` (W, W) that show cloth; ``tau`` (2, N) optical depth at its points."""
    height, width = ids.shape
    for y in range(height):
        for x in range(width):
            t = ids[y, x]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ax, ay = corners[a, 0], corners[a, 1]
            ux, uy = corners[b, 0] - ax, corners[b, 1] - ay
            vx, vy = corners[c, 0] - ax, corners[c, 1] - ay
            area = ux * vy - vx * uy
            dx, dy = x + 0.5 - ax, y + 0.5 - ay
            q, r = (dx * vy - vx * dy) / area, (ux * dy - dx * uy) / area
            p = 1.0 - q - r
            nx = normals[a, 0] * p + normals[b, 0] * q + normals[c, 0] * r
            ny = normals[a, 1] * p + normals[b, 1] * q + normals[c, 1] * r
            nz = normals[a, 2] * p + normals[b, 2] * q + normals[c, 2] * r
            px = points[a, 0] * p + points[b, 0] * q + points[c, 0] * r
            py = points[a, 1] * p + points[b, 1] * q + points[c, 1] * r
            pz = points[a, 2] * p + points[b, 2] * q + points[c, 2] * r
            ox = neutral[a, 0] * p + neutral[b, 0] * q + neutral[c, 0] * r
            oy = neutral[a, 1] * p + neutral[b, 1] * q + neutral[c, 1] * r
            oz = neutral[a, 2] * p + neutral[b, 2] * q + neutral[c, 2] * r
            ex, ey, ez = -px, AIM - py, DISTANCE - pz
            s = 1.0 / math.sqrt(ex * ex + ey * ey + ez * ez)
            ex, ey, ez = ex * s, ey * s, ez * s
            facing = nx * ex + ny * ey + nz * ez
            s = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-9)
            # The side that is seen is the triangle's: at the rim a mixed normal may turn away from who looks at it.
            fx, fy, fz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
            gx, gy, gz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
            hx, hy, hz = fy * gz - fz * gy, fz * gx - fx * gz, fx * gy - fy * gx
            if (nx * hx + ny * hy + nz * hz) * (ex * hx + ey * hy + ez * hz) < 0.0:
                s = -s
            nx, ny, nz = nx * s, ny * s, nz * s
            facing = abs(facing)
            key = tau[0, a] * p + tau[0, b] * q + tau[0, c] * r
            sky = tau[1, a] * p + tau[1, b] * q + tau[1, c] * r
            grain = 1.0 + weave * (
                noise(ox * 60.0, oy * 60.0, oz * 60.0) * 0.5 + noise(ox * 9.0, oy * 9.0, oz * 9.0) * 0.25
            )
            sheen = power(1.0 - min(facing, 1.0), 3.0)
            up = 0.5 + 0.5 * ny
            for k in range(3):
                own = colour[k] * grain
                out = (0.45 + 0.55 / (1.0 + 0.5 * sky)) * (ambient[1, k] + (ambient[0, k] - ambient[1, k]) * up) * own
                for n in range(len(lights)):
                    nl = nx * lights[n, 0] + ny * lights[n, 1] + nz * lights[n, 2]
                    wrapped = clamp((nl + 0.15) / 1.15, 0.0, 1.0)
                    seen = 1.0 / (1.0 + (lights[n, 6] * key + lights[n, 7] * sky) * 0.6)
                    power_k = lights[n, 3 + k] / 3.141592653589793
                    out += power_k * seen * wrapped * (own + 0.05 * sheen)
                rgb[y, x, k] = out
            cover[y, x] = 1.0


def draw(
    canvas: Any,
    sheets: list[tuple[Floats, Floats, Floats]],
    colour: NDArray[np.float64],
    lights: Floats,
    ambient: Floats,
) -> None:
    """Draw ``sheets`` of cloth: each the grid of points in view space (R, C, 3), the same in head space, and the
    optical depth (2, R C) at them; rgb, depth and cover of the canvas in place."""
    for points, neutral, tau in sheets:
        rows, columns, _ = points.shape
        flat = np.ascontiguousarray(points.reshape(-1, 3))
        corners = project(flat, canvas.width)
        triangles = _sheet(rows, columns)
        ids = np.full(canvas.depth.shape, -1, np.int32)
        normals = _normals(points)
        middle = (flat.min(axis=0) + flat.max(axis=0)) * np.float32(0.5)
        folded = tau + FOLDED * _creases(points, normals, middle)
        rasterise(triangles, corners, canvas.depth, ids, 0)
        _paint(
            ids,
            triangles,
            corners,
            flat,
            normals.reshape(-1, 3),
            np.ascontiguousarray(neutral.reshape(-1, 3)),
            folded,
            colour,
            0.10,
            lights,
            ambient,
            canvas.rgb,
            canvas.cover,
        )
