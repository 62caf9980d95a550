"""Glasses: the bands of a frame, how frame and lenses look, and the shadow below the rims (lengths in dm)."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.camera import AIM, DISTANCE
from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import PI, bump, cosine, lerp, noise, power, ramp, sine
from engine_bridge.makehuman.core.raster import SAMPLE
from engine_bridge.makehuman.core.reflect import cross, dot, fifth, highlight, unit

ROUND, SIDES = 48, 8  # points round a rim, and about a band
WRAP, TILT = 0.22, 0.10  # how the front bends back to the sides (1/dm) and leans in towards the cheeks
GLASSES = 12  # the label
MAP = 64  # cells a side of the shadow's map
MAP_LEFT, MAP_TOP, MAP_SIDE = 0.0, 0.30, 0.75  # what it covers of the neutral face, both halves alike
# Numbers of a style, in the order in which the kernels read them.
HALF_WIDTH, HALF_HEIGHT, POWER, DROP, LIFT, TOP, BOTTOM, DEPTH = range(8)


@inline
def reach(style, c, s):  # type: ignore[no-untyped-def]
    """Distance of the lens's edge from its middle in the direction of cosine ``c`` outwards and sine ``s`` up: a
    superellipse."""
    c, s = abs(c) / style[HALF_WIDTH], abs(s) / style[HALF_HEIGHT]
    return power(power(c, style[POWER]) + power(s, style[POWER]), -1.0 / style[POWER])


@kernel
def outline(style, size):  # type: ignore[no-untyped-def]
    """Edge (ROUND, 3) of a lens about its middle: u outwards, v up, and the rim's width there."""
    out = np.empty((ROUND, 3))
    for k in range(ROUND):
        a = 2.0 * PI * k / ROUND
        c, n = cosine(a), sine(a)
        r = reach(style, c, n) * size
        u, v = r * c, r * n
        high = v / (style[HALF_HEIGHT] * size)
        out[k, 0] = u * (1.0 + style[DROP] * high)
        out[k, 1] = v + style[LIFT] * size * ramp(u / style[HALF_WIDTH], 0.2, 1.0) * ramp(high, -0.2, 0.9)
        out[k, 2] = lerp(style[BOTTOM], style[TOP], ramp(n, -0.25, 0.35)) * size
    return out


@kernel
def band(path, up, out, height, depth, points, normals):  # type: ignore[no-untyped-def]
    """A rounded band along ``path`` (N, 3) into ``points`` and ``normals`` (N * SIDES, 3): ``up`` and ``out`` (N, 3)
    span its section, ``height`` (N,) along ``up``, ``depth`` along ``out``."""
    for i in range(len(path)):
        for j in range(SIDES):
            a = (j + 0.5) * 2.0 * PI / SIDES
            c, s = cosine(a), sine(a)
            c = math.copysign(power(abs(c), 0.7), c)
            s = math.copysign(power(abs(s), 0.7), s)
            n = unit(up[i, 0] * c + out[i, 0] * s, up[i, 1] * c + out[i, 1] * s, up[i, 2] * c + out[i, 2] * s)
            for k in range(3):
                points[i * SIDES + j, k] = path[i, k] + up[i, k] * c * height[i] * 0.5 + out[i, k] * s * depth * 0.5
                normals[i * SIDES + j, k] = n[k]


@kernel
def shadow_map(style, size, middle):  # type: ignore[no-untyped-def]
    """Share (MAP, MAP) of the light that the rim leaves on the neutral face, a soft line below it; see `MAP_SIDE`."""
    out = np.empty((MAP, MAP), np.float32)
    for j in range(MAP):
        for i in range(MAP):
            x = MAP_LEFT + (i + 0.5) / MAP * MAP_SIDE - middle[0]
            y = MAP_TOP - (j + 0.5) / MAP * MAP_SIDE - middle[1] + 0.045
            far = max(math.sqrt(x * x + y * y), 1e-9)
            off = far - reach(style, x / far, y / far) * size
            width = lerp(style[BOTTOM], style[TOP], ramp(y, -0.05, 0.08))
            out[j, i] = 1.0 - (0.16 + 3.5 * min(width, 0.06)) * bump(off, 0.0, 0.020 + 0.35 * width)
    return out


@inline
def _shade_frame(t, y, x, triangles, corners, points, normals, colour, spots, metal, light, out):  # type: ignore[no-untyped-def]
    """Add to ``out`` (3,) the light of triangle ``t`` of the frame at sample (y, x)."""
    i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    ax, ay = np.float64(corners[i, 0]), np.float64(corners[i, 1])
    bx, by = np.float64(corners[j, 0]), np.float64(corners[j, 1])
    cx, cy = np.float64(corners[k, 0]), np.float64(corners[k, 1])
    px = x + 0.5 + (SAMPLE if y & 1 == 0 else -SAMPLE)
    py = y + 0.5 + (-SAMPLE if x & 1 == 0 else SAMPLE)
    scale = 1.0 / ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
    w1 = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) * scale
    w2 = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) * scale
    w0 = 1.0 - w1 - w2
    n = unit(
        w0 * normals[i, 0] + w1 * normals[j, 0] + w2 * normals[k, 0],
        w0 * normals[i, 1] + w1 * normals[j, 1] + w2 * normals[k, 1],
        w0 * normals[i, 2] + w1 * normals[j, 2] + w2 * normals[k, 2],
    )
    p0 = w0 * points[i, 0] + w1 * points[j, 0] + w2 * points[k, 0]
    p1 = w0 * points[i, 1] + w1 * points[j, 1] + w2 * points[k, 1]
    p2 = w0 * points[i, 2] + w1 * points[j, 2] + w2 * points[k, 2]
    view = unit(-p0, AIM - p1, DISTANCE - p2)
    if dot(n, view) < 0.0:
        n = (-n[0], -n[1], -n[2])
    spot = spots * ramp(noise(p0 * 16.0, p1 * 16.0, p2 * 12.0), -0.15, 0.25)
    facing = max(dot(n, view), 0.0)
    mirrored_up = 2.0 * facing * n[1] - view[1]
    key = max(dot(n, light.key), 0.0)
    fill = max(dot(n, light.fill), 0.0)
    glint = highlight(n, view, light.key, 0.26, lerp(0.045, 0.8, metal)) + 0.25 * highlight(
        n, view, light.key, 0.5, 0.045
    )
    fresnel = lerp(0.04, 0.75, metal)
    fresnel += (1.0 - fresnel) * fifth(1.0 - facing)
    for c in range(3):
        own = lerp(colour[c], 0.015 if c == 0 else 0.008, spot * 0.85)
        around = lerp(light.ground[c], light.sky[c], ramp(mirrored_up, -0.6, 0.6))
        diffuse = own * (1.0 - 0.75 * metal)
        tint = lerp(1.0, own, metal)
        out[c] += diffuse * (key * light.key_colour[c] + fill * light.fill_colour[c] + around) + tint * (
            fresnel * around + 1.6 * glint * light.key_colour[c]
        )


@kernel
def paint_frame(ids, near, triangles, corners, points, normals, colour, spots, metal, light, rgb, depth, labels):  # type: ignore[no-untyped-def]
    """Lay the frame over ``rgb`` (W, W, 3), in place, where it is nearer than ``depth`` (W, W); what it covers by half
    gets its label and its depth.

    ``ids`` (N W, N W) shows which triangle each of the N x N samples of a cell sees, -1 for none, ``near`` (N W, N W)
    how near it is; ``triangles`` (T, 3), ``corners`` (V, 3) from `camera.project` for N W cells, ``points`` and
    ``normals`` (V, 3) in view space, ``colour`` (3,) with ``spots`` 0..1 of tortoise-shell, ``metal`` 0..1.
    A rim is about as thin as a cell: with one sample it would jump from cell to cell.
    """
    width, many = rgb.shape[0], ids.shape[0] // rgb.shape[0]
    own_light = np.empty(3)
    left, right, top, bottom = float(width), 0.0, float(width), 0.0  # where the frame is
    for n in range(len(corners)):
        left, right = min(left, corners[n, 0] / many), max(right, corners[n, 0] / many)
        top, bottom = min(top, corners[n, 1] / many), max(bottom, corners[n, 1] / many)
    for y in range(max(int(top) - 1, 0), min(int(bottom) + 2, width)):
        for x in range(max(int(left) - 1, 0), min(int(right) + 2, width)):
            covered, nearest = 0, np.float32(0)
            for c in range(3):
                own_light[c] = 0.0
            for step in range(many * many):
                row, column = y * many + step // many, x * many + step % many
                t = ids[row, column]
                if t < 0 or near[row, column] <= depth[y, x]:
                    continue
                covered += 1
                nearest = max(nearest, near[row, column])
                _shade_frame(
                    t, row, column, triangles, corners, points, normals, colour, spots, metal, light, own_light
                )
            if covered:
                share = covered / (many * many)
                for c in range(3):
                    # Mixed as the eye sees it, or a thin dark rim would vanish and then leap.
                    mixed = lerp(math.sqrt(max(rgb[y, x, c], 0.0)), math.sqrt(own_light[c] / covered), share)
                    rgb[y, x, c] = mixed * mixed
                if share >= 0.5:
                    labels[y, x] = GLASSES
                    depth[y, x] = nearest


@kernel
def paint_lenses(triangles, corners, places, points, depth, turn, light, tint, shade, rgb):  # type: ignore[no-untyped-def]
    """Lay the lenses over what is behind them, in place on ``rgb`` (W, W, 3), where they are nearer than ``depth``.

    ``places`` (V, 2): u, v in -1..1 of each corner on its lens; ``turn`` (3, 3) the head's rotation; ``tint`` 0..1 how
    much of the light they keep, ``shade`` (3,) its colour.
    """
    width = rgb.shape[0]
    side = cross((0.0, 1.0, 0.0), light.key)
    side = unit(side[0], side[1], side[2])
    above = cross(light.key, side)
    for t in range(len(triangles)):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = np.float64(corners[i, 0]), np.float64(corners[i, 1])
        bx, by = np.float64(corners[j, 0]), np.float64(corners[j, 1])
        cx, cy = np.float64(corners[k, 0]), np.float64(corners[k, 1])
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        scale = 1.0 / area
        for y in range(max(int(min(ay, min(by, cy))), 0), min(int(max(ay, max(by, cy))) + 1, width - 1) + 1):
            for x in range(max(int(min(ax, min(bx, cx))), 0), min(int(max(ax, max(bx, cx))) + 1, width - 1) + 1):
                px = x + 0.5 + (SAMPLE if y & 1 == 0 else -SAMPLE)
                py = y + 0.5 + (-SAMPLE if x & 1 == 0 else SAMPLE)
                w1 = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) * scale
                w2 = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) * scale
                w0 = 1.0 - w1 - w2
                # Half-open: a cell on the edge of two triangles belongs to one of them.
                if w0 <= 0.0 or w1 <= 0.0 or w2 < 0.0:
                    continue
                near = w0 * corners[i, 2] + w1 * corners[j, 2] + w2 * corners[k, 2]
                if near < depth[y, x]:
                    continue
                u = w0 * places[i, 0] + w1 * places[j, 0] + w2 * places[k, 0]
                v = w0 * places[i, 1] + w1 * places[j, 1] + w2 * places[k, 1]
                # A lens bulges like part of a sphere.
                m = unit(0.16 * u, 0.16 * v - TILT, 1.0)
                n = (
                    m[0] * turn[0, 0] + m[1] * turn[1, 0] + m[2] * turn[2, 0],
                    m[0] * turn[0, 1] + m[1] * turn[1, 1] + m[2] * turn[2, 1],
                    m[0] * turn[0, 2] + m[1] * turn[1, 2] + m[2] * turn[2, 2],
                )
                p0 = w0 * points[i, 0] + w1 * points[j, 0] + w2 * points[k, 0]
                p1 = w0 * points[i, 1] + w1 * points[j, 1] + w2 * points[k, 1]
                p2 = w0 * points[i, 2] + w1 * points[j, 2] + w2 * points[k, 2]
                view = unit(-p0, AIM - p1, DISTANCE - p2)
                facing = abs(dot(n, view))
                r = 2.0 * facing * n[0] - view[0], 2.0 * facing * n[1] - view[1], 2.0 * facing * n[2] - view[2]
                fresnel = 0.04 + 0.96 * fifth(1.0 - facing)
                a, b = dot(r, side), dot(r, above)
                window = 0.0
                if dot(r, light.key) > 0.0:
                    window = ramp(abs(a), 0.34, 0.22) * ramp(abs(b), 0.36, 0.24) * (1.0 - 0.6 * bump(a, 0.0, 0.02))
                second = 0.12 * ramp(dot(r, light.fill), 0.80, 0.98)
                streak = 0.25 * bump(v - 0.9 * u, 0.55, 0.14) + 0.15 * bump(v - 0.9 * u, 0.95, 0.05)
                keep = tint * lerp(0.75, 1.0, ramp(v, -1.0, 0.8))
                for c in range(3):
                    behind = rgb[y, x, c] * (0.975 - keep) + keep * rgb[y, x, c] * shade[c]
                    shine = window * 0.12 * light.key_colour[c] + second * light.fill_colour[c]
                    shine += lerp(light.ground[c], light.sky[c], ramp(r[1], -0.5, 0.5)) * (1.0 + 2.0 * streak)
                    rgb[y, x, c] = behind + (0.40 * fresnel + 0.003) * shine
