"""Kernels that fill textures: what colour, relief and shine the engine's own shaders give each point of the skin.

The shaders answer with light, and an albedo is what they answer in even light without gloss; the relief is read off how
that answer changes when light comes from the side.  So a texture has everything that a picture has, and nothing twice.
"""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.eye import shade_eye
from engine_bridge.makehuman.core.garment import collar
from engine_bridge.makehuman.core.inside import shade_mouth
from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import clamp, cosine, lerp, ramp, sine
from engine_bridge.makehuman.core.reflect import cross, unit
from engine_bridge.makehuman.core.scene import (
    BEARD,
    COLUMNS,
    HOLLOW,
    KEY_SEEN,
    LIGHT,
    LIP,
    NEUTRAL,
    NORMAL,
    OIL,
    POSITION,
    SCALP,
    SKY_SEEN,
)
from engine_bridge.makehuman.core.skin import lip_edge, shade_skin

SKIN, LEFT_EYE, RIGHT_EYE, MOUTH, UPPER_TEETH, LOWER_TEETH, TONGUE = range(7)
ROOT2 = 1.4142135623730951
RED_SHARP, GREEN_SHARP = 0.40, 0.70  # how much of a change of relief each channel of the skin's shader shows
WEAKEST = 1e-6
CAVITIES, UNDER_HAIR = 0.25, 0.90  # how much of the occlusion goes into the colour, of bare skin and of the scalp


@inline
def _weights(triangle, corners, x, y):  # type: ignore[no-untyped-def]
    """Shares of the corners of ``triangle`` (3,) at the map's place (x, y)."""
    i, j, k = triangle[0], triangle[1], triangle[2]
    ax, ay, bx, by = corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1]
    cx, cy = corners[k, 0], corners[k, 1]
    scale = 1.0 / ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
    second = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) * scale
    third = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) * scale
    return 1.0 - second - third, second, third


@inline
def _along_map(triangle, corners, at, table, normal):  # type: ignore[no-untyped-def]
    """Unit vectors along the skin that point right and up on the map at a place with ``normal``."""
    i, j, k = triangle[0], triangle[1], triangle[2]
    e1, f1 = np.float64(corners[j, 0]) - corners[i, 0], np.float64(corners[j, 1]) - corners[i, 1]
    e2, f2 = np.float64(corners[k, 0]) - corners[i, 0], np.float64(corners[k, 1]) - corners[i, 1]
    turned = 1.0 if e1 * f2 - e2 * f1 > 0.0 else -1.0
    p, q, r = at[i], at[j], at[k]
    dx = (table[q, POSITION] - table[p, POSITION]) * f2 - (table[r, POSITION] - table[p, POSITION]) * f1
    dy = (table[q, POSITION + 1] - table[p, POSITION + 1]) * f2 - (table[r, POSITION + 1] - table[p, POSITION + 1]) * f1
    dz = (table[q, POSITION + 2] - table[p, POSITION + 2]) * f2 - (table[r, POSITION + 2] - table[p, POSITION + 2]) * f1
    dx, dy, dz = dx * turned, dy * turned, dz * turned
    lean = dx * normal[0] + dy * normal[1] + dz * normal[2]
    right = unit(dx - lean * normal[0], dy - lean * normal[1], dz - lean * normal[2])
    up = cross(normal, right)
    # The map's v runs down: seen from outside, right and up form a right-handed pair unless the map is mirrored.
    return right, (up[0] * -turned, up[1] * -turned, up[2] * -turned)


@inline
def _aim(probe, normal, right, up):  # type: ignore[no-untyped-def]
    """Point the probe's key half to the right and its fill half upwards."""
    key = unit(normal[0] + right[0], normal[1] + right[1], normal[2] + right[2])
    fill = unit(normal[0] + up[0], normal[1] + up[1], normal[2] + up[2])
    for c in range(3):
        probe.key[c], probe.fill[c] = key[c], fill[c]


@inline
def _relief(first, second):  # type: ignore[no-untyped-def]
    """The relief's normal (right, up, out), unit, of its sums out + right and out + up."""
    total = first + second
    inside = total * total - 3.0 * (first * first + second * second - 1.0)
    out = (total + math.sqrt(max(inside, 0.0))) / 3.0
    return unit(first - out, second - out, max(out, 0.2))


@kernel
def _skin(face, light, row, normal, out):  # type: ignore[no-untyped-def]
    """`shade_skin` seen head-on; a function of its own, as it is long and would be compiled twice into `paint`."""
    shade_skin(face, light, row, normal, normal, out)


@kernel
def paint(ids, triangles, corners, at, part, table, face, even, probe, inside, colour, normals, surface):  # type: ignore[no-untyped-def]
    """Fill ``colour`` (N, N, 3), linear albedo, ``normals`` (N, N, 3), tangent space, and ``surface`` (N, N, 2),
    ambient occlusion and roughness, where ``ids`` (N, N) names one of the ``triangles`` (T, 3).

    ``corners`` (V, 2) on the map in texels, ``at`` (V,) rows of the ``table`` of attributes, ``part`` (T,).  ``even``,
    ``probe`` and ``inside`` are lights: none but what the table has; one from the right (red) and one from above
    (green); an even sky for the mouth.
    """
    row, plain, lit = np.empty(COLUMNS), np.empty(3), np.empty(3)
    for y in range(ids.shape[0]):
        for x in range(ids.shape[1]):
            t = ids[y, x]
            if t < 0:
                continue
            w = _weights(triangles[t], corners, x + 0.5, y + 0.5)
            i, j, k = at[triangles[t, 0]], at[triangles[t, 1]], at[triangles[t, 2]]
            for n in range(COLUMNS):
                row[n] = w[0] * table[i, n] + w[1] * table[j, n] + w[2] * table[k, n]
            normal = unit(row[NORMAL], row[NORMAL + 1], row[NORMAL + 2])
            sky = clamp(row[SKY_SEEN] * (1.0 - clamp(row[HOLLOW], 0.0, 0.3)), 0.0, 1.0)
            for c in range(3):
                row[LIGHT + c] = 1.0
            row[KEY_SEEN], row[SKY_SEEN] = 1.0, 0.0  # no gloss
            kind = part[t]
            detail = (0.0, 0.0, 1.0)
            if kind == SKIN:
                _skin(face, even, row, normal, plain)
                right, up = _along_map(triangles[t], corners, at, table, normal)
                _aim(probe, normal, right, up)
                _skin(face, probe, row, normal, lit)
                first = (lit[0] / max(plain[0], WEAKEST) - 1.0) / RED_SHARP * ROOT2 + 1.0
                second = (lit[1] / max(plain[1], WEAKEST) - 1.0) / GREEN_SHARP * ROOT2 + 1.0
                detail = _relief(first, second)
                edge = lip_edge(abs(row[NEUTRAL]), row[NEUTRAL + 1])
                lips = ramp(row[LIP], edge - face.lip_soft, edge + face.lip_soft)
                rough = lerp(0.66, 0.50, clamp(row[OIL] * face.oil, 0.0, 1.0))
                rough = lerp(rough, lerp(0.55, 0.32, face.lip_wet), lips)
                below = collar(row[NEUTRAL], row[NEUTRAL + 1], row[NEUTRAL + 2])
                rough = lerp(rough, 0.90, ramp(below, -0.006, 0.006))
                rough = lerp(rough, 0.85, clamp(row[SCALP] + 0.5 * row[BEARD], 0.0, 1.0))
                # Most viewers light cavities as brightly as cheeks, and cards of hair shade little.
                dim = 1.0 - (CAVITIES + (UNDER_HAIR - CAVITIES) * clamp(row[SCALP], 0.0, 1.0)) * (1.0 - sky)
                for c in range(3):
                    plain[c] *= dim
            else:
                row[SKY_SEEN], sky = 1.0, 1.0
                for c in range(3):
                    row[LIGHT + c] = 0.0
                upper, lower = kind == UPPER_TEETH, kind == LOWER_TEETH
                ahead = (0.0, 0.0, 1.0)
                shade_mouth(face, inside, row, ahead, ahead, upper, lower, kind == TONGUE, plain)
                rough = lerp(0.30, 0.9, clamp((abs(row[NEUTRAL]) - 0.13) / 0.12, 0.0, 1.0)) if upper or lower else 0.6
                if kind == MOUTH:
                    rough = 0.95
            for c in range(3):
                colour[y, x, c] = plain[c]
                normals[y, x, c] = detail[c]
            surface[y, x, 0], surface[y, x, 1] = sky, rough


@kernel
def paint_eyes(face, light, reach, colour):  # type: ignore[no-untyped-def]
    """Fill ``colour`` (N, 2 N, 3), linear albedo: the left eyeball, then the right one, each as far as ``reach``
    radians from the gaze."""
    side = colour.shape[0]
    row, out = np.zeros(COLUMNS), np.empty(3)
    row[SKY_SEEN], row[KEY_SEEN] = 1.0, 1.0
    for c in range(3):
        row[LIGHT + c] = 1.0
    for eye in range(2):
        for y in range(side):
            for x in range(side):
                u, v = (x + 0.5) / side * 2.0 - 1.0, 1.0 - (y + 0.5) / side * 2.0
                r = math.sqrt(u * u + v * v)
                angle = min(r, 1.0) * reach
                across = sine(angle) / max(r, 1e-6)
                for c, d in ((0, u * across), (1, v * across), (2, cosine(angle))):
                    row[POSITION + c] = d * face.eye_radius
                shade_eye(face, light, row, (0.0, 0.0, 1.0), eye, out)
                for c in range(3):
                    colour[y, eye * side + x, c] = out[c]


@kernel
def spread(ids, image, rounds):  # type: ignore[no-untyped-def]
    """Grow what ``ids`` (N, N) >= 0 covers of ``image`` (N, N, C), in place, by ``rounds`` texels, so that filters find
    nothing foreign beyond a seam; what lies further gets the mean."""
    height, width, channels = image.shape
    known = ids >= 0
    total, count = np.zeros(channels), 0
    for y in range(height):
        for x in range(width):
            if known[y, x]:
                count += 1
                for c in range(channels):
                    total[c] += image[y, x, c]
    for _ in range(rounds):
        before = known.copy()
        for y in range(height):
            for x in range(width):
                if before[y, x]:
                    continue
                n = 0
                for c in range(channels):
                    image[y, x, c] = 0.0
                for b in range(max(y - 1, 0), min(y + 2, height)):
                    for a in range(max(x - 1, 0), min(x + 2, width)):
                        if before[b, a]:
                            n += 1
                            for c in range(channels):
                                image[y, x, c] += image[b, a, c]
                if n:
                    known[y, x] = True
                    for c in range(channels):
                        image[y, x, c] /= n
    for y in range(height):
        for x in range(width):
            if not known[y, x]:
                for c in range(channels):
                    image[y, x, c] = total[c] / max(count, 1)


@kernel
def stroke(image, places, colours, alpha, width):  # type: ignore[no-untyped-def]
    """Draw hairs over ``image`` (N, N, 3), in place: ``places`` (K, M, 2) in texels, ``colours`` (K, 3), ``alpha``
    (K, M), ``width`` (K, M) in texels; a hair thinner than a texel covers less of it instead."""
    height, wide, _ = image.shape
    for k in range(len(places)):
        for m in range(places.shape[1] - 1):
            ax, ay, bx, by = places[k, m, 0], places[k, m, 1], places[k, m + 1, 0], places[k, m + 1, 1]
            dx, dy = bx - ax, by - ay
            long = dx * dx + dy * dy
            if not long < 2500.0:
                continue
            thick = 0.5 * (width[k, m] + width[k, m + 1])
            half = 0.5 * max(thick, 1.0)
            strong = alpha[k, m] * min(thick, 1.0)
            for y in range(max(int(min(ay, by) - half - 1.0), 0), min(int(max(ay, by) + half + 1.0), height - 1) + 1):
                for x in range(max(int(min(ax, bx) - half - 1.0), 0), min(int(max(ax, bx) + half + 1.0), wide - 1) + 1):
                    px, py = x + 0.5 - ax, y + 0.5 - ay
                    t = (px * dx + py * dy) / max(long, 1e-9)
                    if t < 0.0 or t >= 1.0:
                        continue  # the next piece's
                    off = math.sqrt((px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy))
                    share = strong * clamp(half + 0.5 - off, 0.0, 1.0)
                    for c in range(3):
                        image[y, x, c] += (colours[k, c] - image[y, x, c]) * share


@kernel
def settle(points, roots, triangles, vertices, places):  # type: ignore[no-untyped-def]
    """Places (K, M, 2) on the map of strands ``points`` (K, M, 3) that lie on the neutral skin: those of the triangle
    nearest to each root (K, 3), continued along the skin; ``places`` (F, 2) of the ``vertices`` (F, 3)."""
    out = np.empty((len(points), points.shape[1], 2), np.float32)
    middle = np.empty((len(triangles), 3))
    for t in range(len(triangles)):
        for c in range(3):
            middle[t, c] = (
                vertices[triangles[t, 0], c] + vertices[triangles[t, 1], c] + vertices[triangles[t, 2], c]
            ) / 3.0
    for n in range(len(points)):
        best, least = 0, 1e9
        for t in range(len(triangles)):
            x, y, z = roots[n, 0] - middle[t, 0], roots[n, 1] - middle[t, 1], roots[n, 2] - middle[t, 2]
            gap = x * x + y * y + z * z
            if gap < least:
                best, least = t, gap
        i, j, k = triangles[best, 0], triangles[best, 1], triangles[best, 2]
        ux, uy, uz = (
            np.float64(vertices[j, 0]) - vertices[i, 0],
            np.float64(vertices[j, 1]) - vertices[i, 1],
            np.float64(vertices[j, 2]) - vertices[i, 2],
        )
        vx, vy, vz = (
            np.float64(vertices[k, 0]) - vertices[i, 0],
            np.float64(vertices[k, 1]) - vertices[i, 1],
            np.float64(vertices[k, 2]) - vertices[i, 2],
        )
        uu, uv, vv = ux * ux + uy * uy + uz * uz, ux * vx + uy * vy + uz * vz, vx * vx + vy * vy + vz * vz
        scale = 1.0 / max(uu * vv - uv * uv, 1e-15)
        for m in range(points.shape[1]):
            x, y, z = (
                points[n, m, 0] - vertices[i, 0],
                points[n, m, 1] - vertices[i, 1],
                points[n, m, 2] - vertices[i, 2],
            )
            a, b = x * ux + y * uy + z * uz, x * vx + y * vy + z * vz
            p, q = (a * vv - b * uv) * scale, (b * uu - a * uv) * scale
            for c in range(2):
                out[n, m, c] = places[i, c] + (places[j, c] - places[i, c]) * p + (places[k, c] - places[i, c]) * q
    return out
