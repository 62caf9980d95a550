"""Skin: relief, lips, make-up, subsurface light and two lobes of shine, at one point of the surface."""

from __future__ import annotations

import math

import numpy as np

from engine_bridge.makehuman.core.garment import blur_of, collar, weave_of
from engine_bridge.makehuman.core.jit import inline
from engine_bridge.makehuman.core.mathematics import (
    bump,
    clamp,
    hash_integer,
    interpolate,
    lerp,
    noise,
    power,
    ramp,
)
from engine_bridge.makehuman.core.reflect import dot, highlight, unit
from engine_bridge.makehuman.core.scene import (
    ALBEDO,
    BEARD,
    EAR,
    HOLLOW,
    KEY_SEEN,
    LID,
    LIGHT,
    LIP,
    MOUTH,
    NEUTRAL,
    OIL,
    RIM_SEEN,
    SCALP,
    SKY_SEEN,
    WRINKLE,
)
from engine_bridge.makehuman.core.spectacles import MAP_LEFT, MAP_SIDE, MAP_TOP

SEAM = -0.672  # height (dm) of the mouth's line in the neutral face
# The nose as people point at it: half its width at heights of the neutral face.
_NOSE_Y = np.array([-0.475, -0.445, -0.425, -0.39, -0.355, -0.30, -0.22, -0.12, -0.02, 0.03, 0.05])
_NOSE_X = np.array([-0.05, 0.075, 0.13, 0.160, 0.155, 0.130, 0.105, 0.085, 0.065, 0.035, -0.05])
# Moles: x, y of the neutral face and radius (dm), in the order in which a slider brings them.
_MOLES = np.array(
    [
        (-0.235, -0.545, 0.0115), (0.470, -0.430, 0.0100), (0.150, 0.470, 0.0090), (-0.520, -0.150, 0.0085),
        (0.300, -0.800, 0.0120), (-0.390, -0.640, 0.0080), (0.105, -0.520, 0.0085), (-0.330, 0.330, 0.0100),
        (0.560, -0.640, 0.0110), (-0.110, -0.930, 0.0090), (0.395, 0.520, 0.0080), (-0.600, -0.480, 0.0120),
    ]
)  # fmt: skip
BACKGROUND, SKIN, BROWS, EYES, NOSE, UPPER_LIP, LOWER_LIP, TEETH, INNER_MOUTH, HAIR, NECK, EARS, GLASSES = range(13)


@inline
def lip_edge(ax, y):  # type: ignore[no-untyped-def]
    """How far (dm) inside MakeHuman's mask the red of the lips ends, at ``ax`` from the midline: the mask takes in
    their rim of skin, and is narrow at the corners; the upper edge is a bow."""
    edge = 0.013 - 0.016 * ramp(ax, 0.08, 0.22)
    upper = ramp(y, SEAM, SEAM + 0.02)
    return edge + upper * (0.007 * bump(ax, 0.0, 0.026) - 0.004 * bump(ax, 0.075, 0.030))


@inline
def skin_region(table):  # type: ignore[no-untyped-def]
    """Label of a skin point."""
    x, y, z = abs(table[NEUTRAL]), table[NEUTRAL + 1], table[NEUTRAL + 2]
    label = SKIN
    jaw = -1.075 + 0.80 * power(clamp(0.27 - z, 0.0, 1.0), 1.15)
    if y < jaw and table[EAR] < 0.0:
        label = NECK
    if table[EAR] > 0.0 and x > 0.6:
        label = EARS
    if z > 0.1 and x < interpolate(_NOSE_Y, _NOSE_X, y):
        label = NOSE
    if table[LID] < 0.022 and table[LIP] < 0.0 and x < 0.6 and z > -0.1:
        label = EYES
    if table[SCALP] > 0.45:
        label = HAIR
    if table[LIP] > lip_edge(x, y) and x < 0.26:
        label = UPPER_LIP if y > SEAM else LOWER_LIP
    return label


@inline
def _height(relief, u, v):  # type: ignore[no-untyped-def]
    """Height and its slopes along u and v at the place (u, v) in 0..1 of a height map (N, N): three numbers."""
    n = relief.shape[0]
    x, y = clamp(u * n - 0.5, 0.0, n - 1.001), clamp(v * n - 0.5, 0.0, n - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    h00, h10, h01, h11 = relief[j, i], relief[j, i + 1], relief[j + 1, i], relief[j + 1, i + 1]
    return (
        lerp(lerp(h00, h10, a), lerp(h01, h11, a), b),
        lerp(h10 - h00, h11 - h01, b) * n,
        lerp(h01 - h00, h11 - h10, a) * n,
    )


@inline
def _spots(x, y, size, share, seed):  # type: ignore[no-untyped-def]
    """Darkness 0..1 of round spots strewn in cells of ``size`` dm; ``share`` of the cells has one."""
    fx, fy = math.floor(x / size), math.floor(y / size)
    h = hash_integer(int(fx) * 73856093 ^ int(fy) * 19349663 ^ seed)
    a = (h & np.uint32(1023)) / 1023.0
    b = ((h >> np.uint32(10)) & np.uint32(1023)) / 1023.0
    c = ((h >> np.uint32(20)) & np.uint32(1023)) / 1023.0
    radius = 0.10 + 0.18 * a * b
    px, py = x / size - fx - radius - (1.0 - 2.0 * radius) * a, y / size - fy - radius - (1.0 - 2.0 * radius) * b
    there = ramp(share, c * 0.9, c * 0.9 + 0.25)
    return there * (0.45 + 0.55 * c) * ramp(math.sqrt(px * px + py * py), radius, radius * 0.3)


@inline
def _pit(x, y, z):  # type: ignore[no-untyped-def]
    return ramp(noise(x, y, z), 0.05, 0.60)


@inline
def shade_skin(face, light, table, view, normal, out):  # type: ignore[no-untyped-def]
    """Light (3,) into ``out`` of the skin at the point that ``table`` (COLUMNS,) describes."""
    nx, ny, nz = table[NEUTRAL], table[NEUTRAL + 1], table[NEUTRAL + 2]
    ax, below = abs(nx), collar(nx, ny, nz)
    lip, mouth, lid = table[LIP], table[MOUTH], table[LID]
    sky_seen, key_seen, oil = table[SKY_SEEN], table[KEY_SEEN], table[OIL] * face.oil
    front = 1.0 if nz > -0.1 and ax < 0.6 else 0.0
    edge_of_lips = lip_edge(ax, ny)
    on_lips = ramp(lip, edge_of_lips - face.lip_soft, edge_of_lips + face.lip_soft) * ramp(ax, 0.275, 0.245)
    red = on_lips
    if lid > 0.1 and nz > 0.1:
        red = max(red, 0.85 * ramp(mouth, 0.034, 0.010) * ramp(ax, 0.36, 0.28))
    # Relief: wrinkles from the map, pores and fine relief from noise where cells are small enough.
    gx, gy, gz, groove = 0.0, 0.0, 0.0, 0.0
    wrinkle = table[WRINKLE] * ramp(nz, -0.30, 0.0)
    if wrinkle > 0.004:
        height, sx, sy = _height(face.relief, (nx + 1.0) * 0.5, (0.9 - ny) * 0.5)
        gx, gy = sx * 0.5 * wrinkle, -sy * 0.5 * wrinkle
        groove = clamp(-height * 26.0, 0.0, 1.0) * min(wrinkle, 1.3)
    coarse = clamp((0.055 / face.cell - 5.2) * 0.25, 0.0, 1.0) * face.pores
    fine = clamp((0.020 / face.cell - 2.0) * 0.35, 0.0, 1.0) * face.pores
    mottled = 0.0
    bx, by, bz = 0.0, 0.0, 0.0
    if coarse > 0.0:
        q = 1.0 / 0.055
        n0 = noise(nx * q, ny * q, nz * q)
        mottled = n0
        k = 0.022 * coarse
        bx = k * (noise(nx * q + 0.35, ny * q, nz * q) - n0)
        by = k * (noise(nx * q, ny * q + 0.35, nz * q) - n0)
        bz = k * (noise(nx * q, ny * q, nz * q + 0.35) - n0)
    if fine > 0.0:
        # Pores: where a noise is high the skin dips.
        q = 1.0 / 0.017
        here = _pit(nx * q, ny * q, nz * q)
        k = 0.050 * fine * (0.5 + 1.1 * oil)
        bx -= k * (_pit(nx * q + 0.3, ny * q, nz * q) - here)
        by -= k * (_pit(nx * q, ny * q + 0.3, nz * q) - here)
        bz -= k * (_pit(nx * q, ny * q, nz * q + 0.3) - here)
        mottled -= 0.9 * here * fine * (0.4 + oil)
    line = 0.0
    if red > 0.0:
        shown = clamp(0.016 / face.cell - 0.4, 0.0, 1.0) * red
        line = noise(nx / 0.014, ny / 0.10, 1.5)
        slope = (noise(nx / 0.014 + 0.4, ny / 0.10, 1.5) - line) * 0.22 * shown
        bx, by = bx * (1.0 - red) + slope, by * (1.0 - red)
        mottled = mottled * (1.0 - red) + 0.8 * line * shown
    gx, gy, gz = gx + bx, gy + by, bz
    lean = gx * normal[0] + gy * normal[1] + gz * normal[2]
    detail = unit(
        normal[0] - gx + normal[0] * lean, normal[1] - gy + normal[1] * lean, normal[2] - gz + normal[2] * lean
    )
    facing = dot(detail, view)
    if facing < 0.02:
        k = 0.02 - facing
        detail = unit(detail[0] + view[0] * k, detail[1] + view[1] * k, detail[2] + view[2] * k)
    # Colour.
    r0, g0, b0 = table[ALBEDO], table[ALBEDO + 1], table[ALBEDO + 2]
    m = 0.075 * mottled * (1.0 - red) * (0.4 + 0.6 * face.pores)
    r0, g0, b0 = r0 * (1.0 + 0.35 * m), g0 * (1.0 + m), b0 * (1.0 + 1.1 * m)
    if face.freckles > 0.0 and nz > -0.5 and ny < 0.75:
        where = bump(ny, -0.24, 0.24) * ramp(ax, 0.75, 0.35) + 0.25 * bump(ny, 0.35, 0.3)
        u, v = nx * 0.83 + ny * 0.56, ny * 0.83 - nx * 0.56
        w, q = nx * 0.42 - ny * 0.91, ny * 0.42 + nx * 0.91
        f = _spots(u, v, 0.052, face.freckles, 7) + _spots(w, q, 0.041, face.freckles * 0.9, 8)
        f += 0.8 * _spots(u + 0.3, q, 0.029, face.freckles * 0.8, 9)
        f = clamp(f, 0.0, 1.0) * clamp(where, 0.0, 1.0) * (1.0 - red) * ramp(lid, 0.01, 0.05)
        f *= 0.45 + 0.55 * clamp(0.0055 / face.cell, 0.0, 1.0)
        r0, g0, b0 = r0 * (1.0 - 0.30 * f), g0 * (1.0 - 0.50 * f), b0 * (1.0 - 0.60 * f)
    if face.moles > 0.0 and nz > -0.6 and red <= 0.0:
        f = 0.0
        for k in range(len(_MOLES)):
            px, py = nx - _MOLES[k, 0], ny - _MOLES[k, 1]
            gap = px * px + py * py
            size = max(_MOLES[k, 2], 1.8 * face.cell)
            if gap < size * size * 2.0:
                share = _MOLES[k, 2] / size  # smaller than a pixel it is paler, not smaller
                shown = ramp(face.moles, 0.9 * k / len(_MOLES), 0.9 * k / len(_MOLES) + 0.14)
                f = max(f, shown * share * share * ramp(math.sqrt(gap), size * 1.25, size * 0.55))
        r0, g0, b0 = r0 * (1.0 - 0.64 * f), g0 * (1.0 - 0.74 * f), b0 * (1.0 - 0.76 * f)
    if red > 0.0:
        upper = ramp(ny, SEAM - 0.006, SEAM + 0.006)
        tone = lerp(0.98, 1.08, upper) * (1.0 + 0.10 * bump(nx, 0.0, 0.13) * bump(ny, -0.727, 0.030))
        tone *= (1.0 - 0.10 * ramp(ax, 0.14, 0.25)) * (1.0 - 0.06 * mottled)
        r0, g0, b0 = (
            lerp(r0, face.lips[0] * tone, red),
            lerp(g0, face.lips[1] * tone, red),
            lerp(b0, face.lips[2] * tone, red),
        )
    # Towards where the lips meet both grow equally dark: which of them is in front there must not matter.
    seam = ramp(mouth, 0.030, 0.003) * ramp(lip, -0.035, 0.012) * ramp(nz, 0.0, 0.1)
    seam *= 1.0 - 0.40 * ramp(ax, 0.17, 0.24)
    r0, g0, b0 = r0 * (1.0 - 0.74 * seam), g0 * (1.0 - 0.85 * seam), b0 * (1.0 - 0.85 * seam)
    r0, g0, b0 = r0 * (1.0 - 0.17 * groove), g0 * (1.0 - 0.20 * groove), b0 * (1.0 - 0.19 * groove)
    # The corners of the mouth lie in shade; their walls would catch the light.
    corner = bump(ax, 0.262, 0.026) * bump(ny, SEAM - 0.004, 0.026) * front
    r0, g0, b0 = r0 * (1.0 - 0.16 * corner), g0 * (1.0 - 0.26 * corner), b0 * (1.0 - 0.26 * corner)
    # The lids' margins: pink rim, roots of the lashes, liner.
    lined = 0.0
    if front > 0.0 and lid < 0.09:
        rim = ramp(lid, 0.014, 0.004)
        r0 = lerp(r0, 0.30 * r0 + 0.10, rim * 0.25)
        wing = 0.6 + 0.8 * ramp(ax, 0.22, 0.50)
        upper_line = ramp(lid, 0.012 + 0.050 * face.liner * wing, 0.003 + 0.034 * face.liner * wing)
        upper_line *= ramp(ny, -0.035, 0.01)
        lower_line = ramp(lid, 0.010 + 0.016 * face.liner, 0.001 + 0.006 * face.liner) * (0.15 + 0.65 * face.liner)
        lined = clamp(upper_line * (0.40 + 0.55 * face.liner) + lower_line, 0.0, 0.94)
        r0, g0, b0 = lerp(r0, 0.015, lined), lerp(g0, 0.012, lined), lerp(b0, 0.012, lined)
    cloth = ramp(below, -blur_of(face.cell), blur_of(face.cell))
    if cloth > 0.0:
        weave = weave_of(below, nx, ny, nz, face.cell)
        r0 = lerp(r0, face.cloth[0] * (1.0 + weave), cloth)
        g0 = lerp(g0, face.cloth[1] * (1.0 + weave), cloth)
        b0 = lerp(b0, face.cloth[2] * (1.0 + weave), cloth)
    # Diffuse light: what has spread through the skin, plus what the relief changes, sharper in blue.
    more_key = max(dot(detail, light.key), 0.0) - max(dot(normal, light.key), 0.0)
    more_fill = max(dot(detail, light.fill), 0.0) - max(dot(normal, light.fill), 0.0)
    # Shine: two lobes of the key, one of the fill, the rims at grazing angles.
    wet = on_lips * face.lip_wet
    rough = clamp(lerp(0.64, 0.49, clamp(oil, 0.0, 1.0)) + 0.09 * mottled, 0.25, 0.8)
    rough = lerp(rough, lerp(0.54, 0.32, face.lip_wet), on_lips)
    second = lerp(rough * 0.66, 0.20, wet)
    mirror = 0.028
    shine = 0.70 * (1.0 - 0.60 * on_lips) * highlight(detail, view, light.key, rough, mirror) + 0.30 * (
        0.4 + 0.6 * oil + wet
    ) * highlight(detail, view, light.key, second, mirror)
    shine *= 2.3 * key_seen * (0.70 + 0.45 * oil)
    shine_fill = 2.0 * highlight(detail, view, light.fill, lerp(rough, 0.6, 0.4), mirror)
    grazing = 1.0 - clamp(dot(normal, view), 0.0, 1.0)
    edge = 1.4 * clamp(grazing * grazing * 1.9, 0.0, 1.0) * sky_seen * table[RIM_SEEN]
    edge *= highlight(detail, view, light.rims[0], 0.45, 0.03) + highlight(detail, view, light.rims[1], 0.45, 0.03)
    bare = (1.0 - 0.6 * table[BEARD]) * (1.0 - 0.8 * table[SCALP]) * (1.0 - lined) * (1.0 - cloth)
    bare *= (1.0 - 0.9 * seam) * (1.0 - 0.85 * corner)
    occluded = clamp(sky_seen * 1.1, 0.0, 1.0) * (1.0 - clamp(table[HOLLOW] * 3.0, 0.0, 0.6)) * bare
    ambient = (0.030 * sky_seen + 0.16 * grazing * grazing * grazing * grazing * sky_seen * sky_seen) * 0.6 * bare
    up = 0.5 + 0.5 * detail[1]
    dimmed = 1.0
    if len(face.rims) > 1 and nz > -0.1:
        u, v = (ax - MAP_LEFT) / MAP_SIDE, (MAP_TOP - ny) / MAP_SIDE
        if u < 1.0 and v > 0.0 and v < 1.0:
            shade = _height(face.rims, u, v)
            dimmed = lerp(1.0, shade[0], ramp(max(u, v), 1.0, 0.9) * ramp(v, 0.0, 0.1) * ramp(nz, -0.1, 0.05))
    for c in range(3):
        albedo = r0 if c == 0 else (g0 if c == 1 else b0)
        sharp = 0.40 if c == 0 else (0.70 if c == 1 else 0.90)
        lit = table[LIGHT + c] + sharp * (more_key * light.key_colour[c] * key_seen + more_fill * light.fill_colour[c])
        lit = max(lit, 0.0) * (1.0 - 0.20 * groove) * dimmed
        lit += 0.20 * red * (light.ground[c] + light.fill_colour[c]) * (1.0 - seam)  # lips let light through
        out[c] = (
            albedo * lit
            + occluded * (shine * light.key_colour[c] + shine_fill * light.fill_colour[c] + edge * light.rim_colour[c])
            + ambient * lerp(light.ground[c], light.sky[c], up)
        )
