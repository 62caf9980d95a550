"""Light that reaches each vertex, with soft shadows: one small depth map for each of some twenty directions."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman_v2.core.jit import inline, kernel
from engine_bridge.makehuman_v2.core.mathematics import exp

MAP = 80  # cells a side of a depth map
HALF = 2.1  # dm: half of the side of what a depth map covers
MIDDLE = (0.0, -0.1, -0.55)  # its middle
BIAS, SOFT = 0.055, 0.05  # dm: how far above a point a blocker must be to shade it, and until it shades it wholly
KEY, FILL, SKY, RIM = range(4)  # groups of directions


@inline
def _free(blocker, height, soft):  # type: ignore[no-untyped-def]
    """Share of light that passes below a ``blocker``, at a ``height`` towards the light; all float32."""
    t = (blocker - height) * soft
    t = np.float32(0) if t < np.float32(0) else (np.float32(1) if t > np.float32(1) else t)
    return np.float32(1) - t * t * (np.float32(3) - np.float32(2) * t)


@inline
def _deepest(triangles, flat, depth):  # type: ignore[no-untyped-def]
    """Depth map (MAP, MAP) of the triangles that face the light: height of the nearest one in each cell."""
    half = np.float32(0.5)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = flat[a, 0], flat[a, 1]
        bx, by = flat[b, 0], flat[b, 1]
        cx, cy = flat[c, 0], flat[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area > np.float32(-1e-6):
            continue
        left = max(math.ceil(min(ax, min(bx, cx)) - half), 0)
        right = min(math.floor(max(ax, max(bx, cx)) - half), MAP - 1)
        if left > right:
            continue
        top = max(math.ceil(min(ay, min(by, cy)) - half), 0)
        bottom = min(math.floor(max(ay, max(by, cy)) - half), MAP - 1)
        az, bz, cz = flat[a, 2], flat[b, 2], flat[c, 2]
        scale = np.float32(1) / area
        for y in range(top, bottom + 1):
            py = np.float32(y) + half
            for x in range(left, right + 1):
                px = np.float32(x) + half
                second = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) * scale
                third = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) * scale
                rest = np.float32(1) - second - third
                if second >= np.float32(0) and third >= np.float32(0) and rest >= np.float32(0):
                    z = rest * az + second * bz + third * cz
                    if z > depth[y, x]:
                        depth[y, x] = z


@kernel
def across(direction):  # type: ignore[no-untyped-def]
    """Two unit vectors (2, 3) that span the plane across ``direction`` (3,)."""
    out = np.empty((2, 3))
    x, y, z = direction[0], direction[1], direction[2]
    ux, uy, uz = y * 0.1 - z, z * 0.3 - x * 0.1, x - y * 0.3
    scale = 1.0 / math.sqrt(ux * ux + uy * uy + uz * uz)
    ux, uy, uz = ux * scale, uy * scale, uz * scale
    out[0, 0], out[0, 1], out[0, 2] = ux, uy, uz
    out[1, 0], out[1, 1], out[1, 2] = y * uz - z * uy, z * ux - x * uz, x * uy - y * ux
    return out


@kernel
def illuminate(points, normal, triangles, directions, colours, groups):  # type: ignore[no-untyped-def]
    """Light at each vertex (V, 6) in view space: irradiance over pi (3), and the shares of key, sky and rims that the
    head lets through, 0..1.

    ``points`` and ``normal`` (V, 3); ``triangles`` (T, 3) that cast shadows; ``directions`` (D, 3) to the lights,
    ``colours`` (D, 3), ``groups`` (D,).
    """
    count = len(points)
    light = np.zeros((count, 3), np.float32)
    seen = np.zeros((count, 4), np.float32)
    total = np.zeros((count, 4), np.float32)
    flat = np.empty((count, 3), np.float32)
    depth = np.empty((MAP, MAP), np.float32)
    scale = np.float32(MAP / (2.0 * HALF))
    half, lift, one = np.float32(MAP * 0.5), np.float32(BIAS * 0.6), np.float32(1)
    low, soft = np.float32(BIAS * 0.35), np.float32(1.0 / SOFT)
    mx, my, mz = np.float32(MIDDLE[0]), np.float32(MIDDLE[1]), np.float32(MIDDLE[2])
    for d in range(len(directions)):
        axes = across(directions[d])
        x, y, z = np.float32(directions[d, 0]), np.float32(directions[d, 1]), np.float32(directions[d, 2])
        ux, uy, uz = np.float32(axes[0, 0]), np.float32(axes[0, 1]), np.float32(axes[0, 2])
        vx, vy, vz = np.float32(axes[1, 0]), np.float32(axes[1, 1]), np.float32(axes[1, 2])
        red, green, blue = np.float32(colours[d, 0]), np.float32(colours[d, 1]), np.float32(colours[d, 2])
        for i in range(count):
            px, py, pz = points[i, 0] - mx, points[i, 1] - my, points[i, 2] - mz
            flat[i, 0] = (px * ux + py * uy + pz * uz) * scale + half
            flat[i, 1] = (px * vx + py * vy + pz * vz) * scale + half
            flat[i, 2] = px * x + py * y + pz * z
        for row in range(MAP):
            for col in range(MAP):
                depth[row, col] = np.float32(-9.0)
        _deepest(triangles, flat, depth)
        group = groups[d]
        for i in range(count):
            nx, ny, nz = normal[i, 0], normal[i, 1], normal[i, 2]
            facing = nx * x + ny * y + nz * z
            if facing <= np.float32(0):
                continue
            u = flat[i, 0] + (nx * ux + ny * uy + nz * uz) * lift * scale - np.float32(0.5)
            v = flat[i, 1] + (nx * vx + ny * vy + nz * vz) * lift * scale - np.float32(0.5)
            height = flat[i, 2] + facing * lift + low
            free = one
            if u >= np.float32(0) and v >= np.float32(0) and u < np.float32(MAP - 1) and v < np.float32(MAP - 1):
                col, row = int(u), int(v)
                fu, fv = u - np.float32(col), v - np.float32(row)
                upper = (
                    _free(depth[row, col], height, soft) * (one - fu) + _free(depth[row, col + 1], height, soft) * fu
                )
                lower = _free(depth[row + 1, col], height, soft) * (one - fu)
                lower += _free(depth[row + 1, col + 1], height, soft) * fu
                free = upper * (one - fv) + lower * fv
            free *= facing
            seen[i, group] += free
            total[i, group] += facing
            light[i, 0] += free * red
            light[i, 1] += free * green
            light[i, 2] += free * blue
    out = np.zeros((count, 6), np.float32)
    for i in range(count):
        out[i, 0], out[i, 1], out[i, 2] = light[i, 0], light[i, 1], light[i, 2]
        for k, group in ((3, KEY), (4, SKY), (5, RIM)):
            if total[i, group] > np.float32(1e-6):
                out[i, k] = seen[i, group] / total[i, group]
    return out


@kernel
def diffuse(light, points, edges, radii, rounds):  # type: ignore[no-untyped-def]
    """Spread ``light`` (V, 3), in place, through the skin: ``rounds`` of smoothing along ``edges`` (E, 2) of the mesh
    ``points`` (V, 3), each channel as far as ``radii`` (3,) dm: red travels furthest (Jensen et al. 2001)."""
    count = len(light)
    weights = np.empty(len(edges))
    total = np.zeros(count)
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        x = np.float64(points[a, 0]) - points[b, 0]
        y = np.float64(points[a, 1]) - points[b, 1]
        z = np.float64(points[a, 2]) - points[b, 2]
        weights[e] = 1.0 / (x * x + y * y + z * z + 4e-5)
        total[a] += weights[e]
        total[b] += weights[e]
    for _ in range(rounds):
        gathered = np.zeros((count, 3))
        for e in range(len(edges)):
            a, b, w = edges[e, 0], edges[e, 1], weights[e]
            for c in range(3):
                gathered[a, c] += w * light[b, c]
                gathered[b, c] += w * light[a, c]
        for i in range(count):
            if total[i] > 0.0:
                for c in range(3):
                    pull = radii[c] * radii[c] * total[i]
                    pull = pull / (1.0 + pull)
                    light[i, c] += pull * (gathered[i, c] / total[i] - light[i, c])


@kernel
def creased(hollow):  # type: ignore[no-untyped-def]
    """Share (V,) of the light that reaches into creases as deep as ``hollow`` (V,) from `mesh.hollows`."""
    out = np.empty(len(hollow), np.float32)
    for i in range(len(hollow)):
        k = 2.2 * hollow[i]
        out[i] = 1.0 - 0.45 * (0.0 if k < 0.0 else (0.6 if k > 0.6 else k))
    return out


@kernel
def veil(light, depth):  # type: ignore[no-untyped-def]
    """Dim ``light`` (V, 6) from `illuminate`, in place, by hair of optical ``depth`` (2, V) towards key and sky."""
    for i in range(len(light)):
        key = 0.34 + 0.66 * exp(-0.80 * depth[0, i])
        sky = 0.50 + 0.50 * exp(-0.65 * depth[1, i])
        for c in range(3):
            light[i, c] *= 0.62 * key + 0.38 * sky
        light[i, 3] *= key
        light[i, 4] *= 0.35 + 0.65 * sky


@kernel
def tinted(colours, share, tint):  # type: ignore[no-untyped-def]
    """Mix ``tint`` (3,) into the first three columns of ``colours`` (V, C), in place, by ``share`` (V,)."""
    for i in range(len(colours)):
        for c in range(3):
            colours[i, c] += (tint[c] - colours[i, c]) * share[i]
