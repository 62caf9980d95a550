"""The picture: each cell's point on the surface, handed to the shader of what it shows; then cells to pixels."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.camera import AIM, DISTANCE
from engine_bridge.makehuman.core.eye import shade_eye
from engine_bridge.makehuman.core.garment import blur_of, collar, shade_garment
from engine_bridge.makehuman.core.inside import shade_mouth
from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import clamp, exp, lerp, power, ramp
from engine_bridge.makehuman.core.raster import SAMPLE
from engine_bridge.makehuman.core.reflect import unit
from engine_bridge.makehuman.core.scene import COLUMNS, NEUTRAL, NORMAL, POSITION
from engine_bridge.makehuman.core.skin import (
    BACKGROUND,
    EYES,
    HAIR,
    INNER_MOUTH,
    NECK,
    TEETH,
    shade_skin,
    skin_region,
)

SKIN, LEFT_EYE, RIGHT_EYE, MOUTH, UPPER_TEETH, LOWER_TEETH, TONGUE = range(7)
BRIGHTEST = 4.0  # light beyond which the picture is white
FLAT = 5.0  # cells: what differs more in depth within a pixel is painted cell by cell
SHOULDER = 0.60  # linear light above which the tone curve bends


@kernel
def backdrop(rgb, middle, rim):  # type: ignore[no-untyped-def]
    """Fill ``rgb`` (W, W, 3) with ``middle`` that falls off to ``rim`` (3,)."""
    width = rgb.shape[0]
    for y in range(width):
        dy = y / width - 0.45
        for x in range(width):
            dx = x / width - 0.5
            t = ramp(math.sqrt(dx * dx + dy * dy), 0.05, 0.85)
            for c in range(3):
                rgb[y, x, c] = lerp(middle[c], rim[c], t)


@kernel
def paint(ids, depth, triangles, part, fine, corners, table, face, light, rgb, labels):  # type: ignore[no-untyped-def]
    """Shade every cell of ``ids`` (W, W) that shows a triangle, into ``rgb`` (W, W, 3) and ``labels`` (W, W).

    ``depth`` (W, W) nearness; ``triangles`` (T, 3), ``part`` (T,), ``fine`` (T,) whether it is painted cell by cell: a
    block of 2 x 2 cells of plain skin of one depth is painted once, at its middle.  ``corners`` (V, 3) from
    `camera.project`, ``table`` (V, COLUMNS).
    """
    width = ids.shape[0]
    at = np.empty(COLUMNS)
    flat = FLAT * face.cell / (DISTANCE * DISTANCE)
    out = np.empty(3)
    for top in range(0, width, 2):
        for left in range(0, width, 2):
            a, b, c, d = ids[top, left], ids[top, left + 1], ids[top + 1, left], ids[top + 1, left + 1]
            whole = a >= 0 and b >= 0 and c >= 0 and d >= 0
            whole = whole and not (fine[a] or fine[b] or fine[c] or fine[d])
            if whole:
                p, q, r, s = depth[top, left], depth[top, left + 1], depth[top + 1, left], depth[top + 1, left + 1]
                whole = max(max(p, q), max(r, s)) - min(min(p, q), min(r, s)) < flat
            for step in range(4):
                y, x = top + (step >> 1), left + (step & 1)
                t = ids[y, x]
                if t < 0:
                    continue
                if whole:
                    px, py = x + 1.0, y + 1.0
                else:
                    px = x + 0.5 + (SAMPLE if y & 1 == 0 else -SAMPLE)
                    py = y + 0.5 + (-SAMPLE if x & 1 == 0 else SAMPLE)
                i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                ax, ay = np.float64(corners[i, 0]), np.float64(corners[i, 1])
                bx, by = np.float64(corners[j, 0]), np.float64(corners[j, 1])
                cx, cy = np.float64(corners[k, 0]), np.float64(corners[k, 1])
                scale = 1.0 / ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
                second = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) * scale
                third = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) * scale
                if whole:
                    second, third = clamp(second, -0.5, 1.5), clamp(third, -0.5, 1.5)
                # Weights on the screen, corrected for perspective.
                w0, w1, w2 = (1.0 - second - third) * corners[i, 2], second * corners[j, 2], third * corners[k, 2]
                scale = 1.0 / (w0 + w1 + w2)
                w0, w1, w2 = w0 * scale, w1 * scale, w2 * scale
                for n in range(COLUMNS):
                    at[n] = w0 * table[i, n] + w1 * table[j, n] + w2 * table[k, n]
                normal = unit(at[NORMAL], at[NORMAL + 1], at[NORMAL + 2])
                view = unit(-at[POSITION], AIM - at[POSITION + 1], DISTANCE - at[POSITION + 2])
                kind = part[t]
                if kind == SKIN:
                    x0, y0, z0 = at[NEUTRAL], at[NEUTRAL + 1], at[NEUTRAL + 2]
                    below = collar(x0, y0, z0)
                    if below > blur_of(face.cell):
                        shade_garment(face, at, below, x0, y0, z0, out)
                        label = NECK
                    else:
                        shade_skin(face, light, at, view, normal, out)
                        label = skin_region(at)
                elif kind in (LEFT_EYE, RIGHT_EYE):
                    shade_eye(face, light, at, view, kind - LEFT_EYE, out)
                    label = EYES
                else:
                    upper, lower = kind == UPPER_TEETH, kind == LOWER_TEETH
                    shade_mouth(face, light, at, view, normal, upper, lower, kind == TONGUE, out)
                    label = TEETH if upper or lower else INNER_MOUTH
                cells = 2 if whole else 1
                for row in range(y, y + cells):
                    for column in range(x, x + cells):
                        rgb[row, column, 0], rgb[row, column, 1], rgb[row, column, 2] = out[0], out[1], out[2]
                        labels[row, column] = label
                if whole:
                    break


@kernel
def tone_curve(light):  # type: ignore[no-untyped-def]
    """What the picture shows (linear, 0..1) of a light: a slight toe, a line, a soft shoulder; like film."""
    v = light if light < SHOULDER else SHOULDER + (1.0 - SHOULDER) * (1.0 - exp((SHOULDER - light) / (1.0 - SHOULDER)))
    return v * (0.84 + 0.16 * ramp(v, 0.0, 0.30))


@kernel
def encoding(steps):  # type: ignore[no-untyped-def]
    """Grey levels (steps + 1,), 0..255, of light in ``steps`` equal steps from 0 to BRIGHTEST: the tone curve, then
    sRGB (IEC 61966-2-1)."""
    out = np.empty(steps + 1, np.float32)
    for k in range(steps + 1):
        c = tone_curve(BRIGHTEST * k / steps)
        out[k] = 255.0 * clamp(12.92 * c if c <= 0.0031308 else 1.055 * power(c, 1.0 / 2.4) - 0.055, 0.0, 1.0)
    return out


@inline
def _tone(light, scale, curve, top):  # type: ignore[no-untyped-def]
    """Grey level of a light by the table ``curve``."""
    v = light * scale
    return curve[int(np.float32(0) if v < np.float32(0) else (top if v > top else v))]


@inline
def _exact_tone(light, scale, curve, top):  # type: ignore[no-untyped-def]
    """`_tone` without its steps, which would let rounding decide a label."""
    v = light * scale
    v = np.float32(0) if v < np.float32(0) else (top if v > top else v)
    k = min(int(v), len(curve) - 2)
    return curve[k] + (curve[k + 1] - curve[k]) * (v - np.float32(k))


@inline
def _most(p, q, r, s):  # type: ignore[no-untyped-def]
    """The label that most of four cells have, the first one in a tie; the backdrop's only if all have it."""
    best = p
    if p != q and p != r and p != s:
        if q in (r, s):
            best = q
        elif r == s:
            best = r
    if best == BACKGROUND:
        best = max(max(p, q), max(r, s))
    return best


@kernel
def resolve(rgb, labels, cover, through, behind, exposure, curve):  # type: ignore[no-untyped-def]
    """Picture (S, S, 3) and labels (S, S) of the cells (W, W) of a canvas, W = 2 S.

    Each cell goes through the tone ``curve`` of `encoding` first, and a pixel is the weighted mean of 4 x 4 cells: a
    cell that turns from dark to bright then moves no pixel by more than a seventh of that at 128 px (light averaged
    first would move it by a half).

    Labels are read off the same weighted means.  The backdrop's is where more than half of a white one would be seen:
    a cell shows the share ``through`` (W, W) of the light ``behind`` (W, W, 3) it.  Elsewhere it is hair's where
    ``cover`` (W, W) is over a half, or else the region that most of the pixel's four cells show.
    """
    width = rgb.shape[0]
    size = width // 2
    steps = len(curve) - 1
    outer = np.float32(clamp(18.0 / size, 0.0625, 0.14))
    inner = np.float32(0.5) - outer
    scale = np.float32(exposure * steps / BRIGHTEST)
    across = np.empty((width, size, 5), np.float32)
    line = np.empty((width, 5), np.float32)
    top, none, one = np.float32(steps), np.float32(0), np.float32(1)
    white = _tone(one, scale, curve, top)
    for y in range(width):
        for x in range(width):
            for c in range(3):
                line[x, c] = _tone(rgb[y, x, c], scale, curve, top)
            share = through[y, x]
            seen = share
            if share > none and share < one:
                seen = none
                for c in range(3):
                    own = rgb[y, x, c] - share * behind[y, x, c]
                    seen += _exact_tone(own + share, scale, curve, top) - _exact_tone(own, scale, curve, top)
                seen /= np.float32(3) * white
            line[x, 3], line[x, 4] = seen, cover[y, x]
        for x in range(size):
            before, after = max(2 * x - 1, 0), min(2 * x + 2, width - 1)
            for c in range(5):
                across[y, x, c] = outer * (line[before, c] + line[after, c]) + inner * (
                    line[2 * x, c] + line[2 * x + 1, c]
                )
    image = np.empty((size, size, 3), np.uint8)
    regions = np.empty((size, size), np.uint8)
    mean = np.empty(5, np.float32)
    half = np.float32(0.5)
    for y in range(size):
        before, after = max(2 * y - 1, 0), min(2 * y + 2, width - 1)
        for x in range(size):
            for c in range(5):
                mean[c] = outer * (across[before, x, c] + across[after, x, c]) + inner * (
                    across[2 * y, x, c] + across[2 * y + 1, x, c]
                )
            for c in range(3):
                image[y, x, c] = int(mean[c] + half)
            label = BACKGROUND
            if mean[3] <= half:
                label = HAIR
                if mean[4] <= half:
                    label = _most(
                        labels[2 * y, 2 * x], labels[2 * y, 2 * x + 1],
                        labels[2 * y + 1, 2 * x], labels[2 * y + 1, 2 * x + 1],
                    )  # fmt: skip
                    if label == BACKGROUND:
                        label = HAIR
            regions[y, x] = label
    return image, regions
