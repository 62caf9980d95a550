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
def _deepest(triangles, fx, fy, fz, column, row, depth, keep):  # type: ignore[no-untyped-def]
    """Depth map (MAP, MAP) of the triangles that face the light: height of the nearest one in each cell."""
    half, one, zero = np.float32(0.5), np.float32(1), np.float32(0)
    kept = 0
    for t in range(len(triangles)):  # no branch: which way it goes can't be foretold
        a, b, c = np.uintp(triangles[t, 0]), np.uintp(triangles[t, 1]), np.uintp(triangles[t, 2])
        ax, ay = fx[a], fy[a]
        area = (fx[b] - ax) * (fy[c] - ay) - (fx[c] - ax) * (fy[b] - ay)
        wide = ((column[a] ^ column[b]) | (column[a] ^ column[c])) != 0
        high = ((row[a] ^ row[b]) | (row[a] ^ row[c])) != 0
        keep[kept] = t
        kept += int((area <= np.float32(-1e-6)) & wide & high)
    for k in range(kept):
        t = keep[k]
        a, b, c = np.uintp(triangles[t, 0]), np.uintp(triangles[t, 1]), np.uintp(triangles[t, 2])
        left, right = min(column[a], min(column[b], column[c])), max(column[a], max(column[b], column[c]))
        top, bottom = min(row[a], min(row[b], row[c])), max(row[a], max(row[b], row[c]))
        ax, ay, az = fx[a], fy[a], fz[a]
        abx, aby, acx, acy = fx[b] - ax, fy[b] - ay, fx[c] - ax, fy[c] - ay
        scale = one / (abx * acy - acx * aby)
        sx, sy, tx, ty = acy * scale, -acx * scale, -aby * scale, abx * scale
        rise_x, rise_y = sx * (fz[b] - az) + tx * (fz[c] - az), sy * (fz[b] - az) + ty * (fz[c] - az)
        for y in range(top, bottom):
            py = np.float32(y) + half - ay
            for x in range(left, right):
                px = np.float32(x) + half - ax
                second, third = px * sx + py * sy, px * tx + py * ty
                z, held = az + px * rise_x + py * rise_y, depth[y, x]
                inside = min(second, min(third, one - second - third)) >= zero
                depth[y, x] = z if inside & (z > held) else held


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
def illuminate(points, normal, triangles, directions, colours, groups, away=AWAY, wanted=None):  # type: ignore[no-untyped-def]
    """Light at each vertex (V, 6) in view space: irradiance over pi (3), and the shares of key, sky and rims that the
    head lets through, 0..1; none at vertices that look away from the camera.

    ``points`` and ``normal`` (V, 3); ``triangles`` (T, 3) that cast shadows; ``directions`` (D, 3) to the lights,
    ``colours`` (D, 3), ``groups`` (D,); ``away`` z of the normals up to which a vertex looks away; ``wanted`` (V,)
    bool, where anybody asks for the light: the others get none.
    """
    count = len(points)
    scale, half, half_cell = np.float32(MAP / (2.0 * HALF)), np.float32(MAP * 0.5), np.float32(0.5)
    lift, low, soft = np.float32(BIAS * 0.6), np.float32(BIAS * 0.35), np.float32(1.0 / SOFT)
    one, none, last, edge = np.float32(1), np.float32(0), np.float32(MAP - 1), np.float32(MAP)
    # One array for each number of a vertex: the compiler works on eight vertices at a time.
    px, py, pz = np.empty(count, np.float32), np.empty(count, np.float32), np.empty(count, np.float32)
    fx, fy, fz = np.empty(count, np.float32), np.empty(count, np.float32), np.empty(count, np.float32)
    column, row = np.empty(count, np.int32), np.empty(count, np.int32)
    rows = np.empty(count + 1, np.int32)
    visible = 0
    for i in range(count):
        px[i] = points[i, 0] - np.float32(MIDDLE[0])
        py[i] = points[i, 1] - np.float32(MIDDLE[1])
        pz[i] = points[i, 2] - np.float32(MIDDLE[2])
        rows[visible] = i
        if wanted is None:
            visible += int(normal[i, 2] > np.float32(away))
        else:
            visible += int((normal[i, 2] > np.float32(away)) & wanted[i])
    nx, ny, nz = np.empty(visible, np.float32), np.empty(visible, np.float32), np.empty(visible, np.float32)
    qx, qy, qz = np.empty(visible, np.float32), np.empty(visible, np.float32), np.empty(visible, np.float32)
    for n in range(visible):  # seen from a little above the skin
        i = rows[n]
        nx[n], ny[n], nz[n] = normal[i, 0], normal[i, 1], normal[i, 2]
        qx[n], qy[n], qz[n] = px[i] + lift * nx[n], py[i] + lift * ny[n], pz[i] + lift * nz[n]
    light, seen, total = (
        np.zeros((3, visible), np.float32),
        np.zeros((4, visible), np.float32),
        np.zeros((4, visible), np.float32),
    )
    facing, free, height = np.empty(visible, np.float32), np.empty(visible, np.float32), np.empty(visible, np.float32)
    u, v = np.empty(visible, np.float32), np.empty(visible, np.float32)
    depth = np.empty((MAP, MAP), np.float32)
    keep = np.empty(len(triangles) + 1, np.int32)
    for d in range(len(directions)):
        axes = across(directions[d])
        x, y, z = np.float32(directions[d, 0]), np.float32(directions[d, 1]), np.float32(directions[d, 2])
        ux, uy, uz = np.float32(axes[0, 0]) * scale, np.float32(axes[0, 1]) * scale, np.float32(axes[0, 2]) * scale
        vx, vy, vz = np.float32(axes[1, 0]) * scale, np.float32(axes[1, 1]) * scale, np.float32(axes[1, 2]) * scale
        for i in range(count):
            fx[i] = px[i] * ux + py[i] * uy + pz[i] * uz + half
            fy[i] = px[i] * vx + py[i] * vy + pz[i] * vz + half
            fz[i] = px[i] * x + py[i] * y + pz[i] * z
        for i in range(count):  # the first cells whose middles lie to the right of it, and below it
            column[i] = np.int32(min(max(fx[i] + half_cell, none), edge))
            row[i] = np.int32(min(max(fy[i] + half_cell, none), edge))
        depth[:] = np.float32(-9.0)
        _deepest(triangles, fx, fy, fz, column, row, depth, keep)
        for n in range(visible):
            facing[n] = max(nx[n] * x + ny[n] * y + nz[n] * z, none)
            u[n] = qx[n] * ux + qy[n] * uy + qz[n] * uz + half - half_cell
            v[n] = qx[n] * vx + qy[n] * vy + qz[n] * vz + half - half_cell
            height[n] = qx[n] * x + qy[n] * y + qz[n] * z + low
        for n in range(visible):
            free[n] = facing[n]
            if (facing[n] > none) & (min(u[n], v[n]) >= none) & (max(u[n], v[n]) < last):
                left, top, above = int(u[n]), int(v[n]), height[n]
                h00, h01 = depth[top, left], depth[top, left + 1]
                h10, h11 = depth[top + 1, left], depth[top + 1, left + 1]
                if max(max(h00, h01), max(h10, h11)) > above:
                    fu, fv = u[n] - np.float32(left), v[n] - np.float32(top)
                    upper = _free(h00, above, soft) * (one - fu) + _free(h01, above, soft) * fu
                    lower = _free(h10, above, soft) * (one - fu) + _free(h11, above, soft) * fu
                    free[n] *= upper * (one - fv) + lower * fv
        group = groups[d]
        red, green, blue = np.float32(colours[d, 0]), np.float32(colours[d, 1]), np.float32(colours[d, 2])
        for n in range(visible):
            seen[group, n] += free[n]
            total[group, n] += facing[n]
            light[0, n] += free[n] * red
            light[1, n] += free[n] * green
            light[2, n] += free[n] * blue
    out = np.zeros((count, 6), np.float32)
    for n in range(visible):
        i = rows[n]
        out[i, 0], out[i, 1], out[i, 2] = light[0, n], light[1, n], light[2, n]
        for k, group in ((3, KEY), (4, SKY), (5, RIM)):
            if total[group, n] > np.float32(1e-6):
                out[i, k] = seen[group, n] / total[group, n]
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
