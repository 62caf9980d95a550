"""Light that reaches each vertex, with soft shadows: one small depth map for each of some twenty directions."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import exp

MAP = 80  # cells a side of a depth map
HALF = 2.1  # dm: half of the side of what a depth map covers
MIDDLE = (0.0, -0.1, -0.55)  # its middle
BIAS, SOFT = 0.055, 0.05  # dm: how far above a point a blocker must be to shade it, and until it shades it wholly
KEY, FILL, SKY, RIM = range(4)  # groups of directions
AWAY = -0.6  # z of the normals that look away from the camera: nobody sees what light is there


@inline
def _free(blocker, height, soft):  # type: ignore[no-untyped-def]
    """Share of light that passes below a ``blocker``, at a ``height`` towards the light; all float32."""
    t = (blocker - height) * soft
    t = np.float32(0) if t < np.float32(0) else (np.float32(1) if t > np.float32(1) else t)
    return np.float32(1) - t * t * (np.float32(3) - np.float32(2) * t)


@inline
def _deepest(triangles, flat, depth):  # type: ignore[no-untyped-def]
    """Depth map (MAP, MAP) of the triangles that face the light: height of the nearest one in each cell."""
    half, one, zero = np.float32(0.5), np.float32(1), np.float32(0)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by = flat[a, 0], flat[a, 1], flat[b, 0], flat[b, 1]
        cx, cy = flat[c, 0], flat[c, 1]
        abx, aby, acx, acy = bx - ax, by - ay, cx - ax, cy - ay
        area = abx * acy - acx * aby
        if area > np.float32(-1e-6):
            continue
        left = max(math.ceil(min(ax, min(bx, cx)) - half), 0)
        right = min(math.floor(max(ax, max(bx, cx)) - half), MAP - 1)
        top = max(math.ceil(min(ay, min(by, cy)) - half), 0)
        bottom = min(math.floor(max(ay, max(by, cy)) - half), MAP - 1)
        if left > right or top > bottom:
            continue
        az, bz, cz = flat[a, 2], flat[b, 2], flat[c, 2]
        scale = one / area
        sx, sy, tx, ty = acy * scale, -acx * scale, -aby * scale, abx * scale
        for y in range(top, bottom + 1):
            py = np.float32(y) + half - ay
            for x in range(left, right + 1):
                px = np.float32(x) + half - ax
                second, third = px * sx + py * sy, px * tx + py * ty
                z, held = az + second * (bz - az) + third * (cz - az), depth[y, x]
                inside = min(second, min(third, one - second - third)) >= zero
                depth[y, x] = z if inside & (z > held) else held  # no branch: which way it goes can't be foretold


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
def illuminate(points, normal, triangles, directions, colours, groups, away=AWAY):  # type: ignore[no-untyped-def]
    """Light at each vertex (V, 6) in view space: irradiance over pi (3), and the shares of key, sky and rims that the
    head lets through, 0..1; none at vertices that look away from the camera.

    ``points`` and ``normal`` (V, 3); ``triangles`` (T, 3) that cast shadows; ``directions`` (D, 3) to the lights,
    ``colours`` (D, 3), ``groups`` (D,); ``away`` z of the normals up to which a vertex looks away.
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
    seen_from_here = np.empty(count, np.int32)
    visible = 0
    for i in range(count):
        if normal[i, 2] > np.float32(away):
            seen_from_here[visible] = i
            visible += 1
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
        for n in range(visible):
            i = seen_from_here[n]
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
                h00, h01 = depth[row, col], depth[row, col + 1]
                h10, h11 = depth[row + 1, col], depth[row + 1, col + 1]
                if max(max(h00, h01), max(h10, h11)) > height:
                    upper = _free(h00, height, soft) * (one - fu) + _free(h01, height, soft) * fu
                    lower = _free(h10, height, soft) * (one - fu) + _free(h11, height, soft) * fu
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
    weights = np.empty(len(edges), np.float32)
    total = np.zeros(count, np.float32)
    small, one = np.float32(4e-5), np.float32(1)
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        x, y, z = points[a, 0] - points[b, 0], points[a, 1] - points[b, 1], points[a, 2] - points[b, 2]
        weights[e] = one / (x * x + y * y + z * z + small)
        total[a] += weights[e]
        total[b] += weights[e]
    pull = np.zeros((count, 3), np.float32)
    for i in range(count):
        for c in range(3):
            k = np.float32(radii[c] * radii[c]) * total[i]
            if k > np.float32(0):
                pull[i, c] = k / (one + k)
    gathered = np.empty((count, 3), np.float32)
    for _ in range(rounds):
        for i in range(count):
            for c in range(3):
                gathered[i, c] = np.float32(0)
        for e in range(len(edges)):
            a, b, w = edges[e, 0], edges[e, 1], weights[e]
            for c in range(3):
                gathered[a, c] += w * light[b, c]
                gathered[b, c] += w * light[a, c]
        for i in range(count):
            if total[i] > np.float32(0):
                inverse = one / total[i]
                for c in range(3):
                    light[i, c] += pull[i, c] * (gathered[i, c] * inverse - light[i, c])


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
