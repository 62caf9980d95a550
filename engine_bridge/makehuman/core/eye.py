"""Eyeballs: a white with veins, an iris behind a cornea that refracts, the lids' shadow, a tear line, reflections."""

from __future__ import annotations

import math

from engine_bridge.makehuman.core.jit import inline
from engine_bridge.makehuman.core.mathematics import arcsine, arctangent2, bump, clamp, lerp, noise, ramp
from engine_bridge.makehuman.core.reflect import cross, dot, fifth, unit
from engine_bridge.makehuman.core.scene import KEY_SEEN, LIGHT, POSITION, SKY_SEEN

LID_REACH = 1.1  # radians to either side at which the lids' margins are known


@inline
def _local(axes, v):  # type: ignore[no-untyped-def]
    return dot(axes[0], v), dot(axes[1], v), dot(axes[2], v)


@inline
def _iris(face, light, axes, at, radius, seed, soft):  # type: ignore[no-untyped-def]
    """Colour of the iris's disc at ``at`` (x, y), dm from its middle: fibres, collarette, ring, pupil, caustic."""
    x, y = at
    r = math.sqrt(x * x + y * y)
    q = r / radius
    c, s = x / (r + 1e-6), y / (r + 1e-6)
    coarse = noise(c * 9.0 + 5.0, s * 9.0 + 5.0, q * 2.2 + seed * 3.0)
    fine = noise(c * 22.0 + 40.0, s * 22.0, q * 3.5 + 9.0 + seed)
    blotch = noise(c * 3.1, s * 3.1 + 20.0, q * 6.0 + 20.0)
    fibres = 0.5 + 0.5 * (0.55 * coarse + 0.45 * fine)
    key = _local(axes, light.key)
    across = -(key[0] * x + key[1] * y) / (radius * math.sqrt(key[0] * key[0] + key[1] * key[1] + 1e-4))
    bright = 0.60 + 0.72 * fibres * ramp(q, 0.25, 0.8) + 0.28 * bump(q, 0.52 + 0.04 * coarse, 0.07) + 0.16 * blotch
    bright *= 0.74 + 0.70 * ramp(across, -0.5, 0.9) * ramp(q, 0.25, 0.75)  # light leaves opposite to where it came in
    bright *= 1.0 - 0.74 * ramp(q, 0.76, 1.0)
    dark = ramp(r, face.pupil * radius + soft, face.pupil * radius - soft)
    warm = ramp(q, 0.62, 0.36) * 0.5
    red = face.iris[0] * lerp(1.0, 1.30, warm) * bright
    green = face.iris[1] * bright
    blue = face.iris[2] * lerp(1.0, 0.70, warm) * bright
    return lerp(red, 0.004, dark), lerp(green, 0.004, dark), lerp(blue, 0.004, dark)


@inline
def shade_eye(face, light, table, view, eye, out):  # type: ignore[no-untyped-def]
    """Light (3,) into ``out`` of eyeball number ``eye`` at the point that ``table`` (COLUMNS,) describes."""
    centre, axes, radius = face.eye_centres[eye], face.eye_axes[eye], face.iris_radius
    d = unit(table[POSITION] - centre[0], table[POSITION + 1] - centre[1], table[POSITION + 2] - centre[2])
    local = _local(axes, d)
    size = face.eye_radius
    r = math.sqrt(local[0] * local[0] + local[1] * local[1]) * size
    if local[2] < 0.0:
        r = size * 2.0 - r
    # Where the lids' margins lie above and below this point, in the head's own frame.
    head = dot(face.head_axes[0], d), dot(face.head_axes[1], d), dot(face.head_axes[2], d)
    azimuth, elevation = arctangent2(head[0], head[2]), arcsine(head[1])
    lids = face.lids
    steps = lids.shape[2] - 1
    t = clamp((azimuth + LID_REACH) / (2.0 * LID_REACH), 0.0, 0.9999) * steps
    k = int(t)
    above = lerp(lids[eye, 0, k], lids[eye, 0, k + 1], t - k) - elevation
    below = elevation - lerp(lids[eye, 1, k], lids[eye, 1, k + 1], t - k)
    shaded = (0.26 + 0.74 * ramp(above, -0.06, 0.36)) * (0.62 + 0.38 * ramp(below, -0.08, 0.18))
    side = abs(azimuth) * 57.3
    corner = ramp(side, 22.0, 46.0)
    vein = noise(azimuth * 40.0 + eye * 17.0, elevation * 90.0, 3.0) + noise(
        azimuth * 90.0, elevation * 150.0 + eye * 9.0, 7.0
    )
    red = clamp(0.05 + 0.46 * corner + 0.06 * corner * vein, 0.0, 1.0)
    white = face.white
    r0, g0, b0 = lerp(white[0], 0.52, red), lerp(white[1], 0.26, red), lerp(white[2], 0.23, red)
    soft = max(face.cell * 0.7, 0.0035)
    inside = ramp(r, radius + soft + 0.003, radius - soft - 0.003)
    if inside > 0.0:
        # The cornea bends the line of sight: the iris lies up to 2.6 mm behind it.
        sight = _local(axes, view)
        depth = 0.021 * ramp(r, radius * 1.05, 0.0) * 0.65 / max(sight[2], 0.3)
        at = local[0] * size - sight[0] * depth, local[1] * size - sight[1] * depth
        i0, i1, i2 = _iris(face, light, axes, at, radius, eye, soft)
        r0, g0, b0 = lerp(r0, i0, inside), lerp(g0, i1, inside), lerp(b0, i2, inside)
    ring = 1.0 - 0.30 * bump(r, radius + 0.004, 0.010)
    sky_seen, key_seen = table[SKY_SEEN], table[KEY_SEEN]
    lit = ring * shaded * (0.55 + 0.45 * sky_seen)
    # Reflections of the wet cornea: a soft box, the fill, the sky.
    bulge = lerp(1.0, 2.0, ramp(r, radius * 1.25, radius * 0.45))  # the cornea's radius is 7.8 mm
    n = unit(local[0] * bulge, local[1] * bulge, local[2])
    normal = (
        axes[0, 0] * n[0] + axes[1, 0] * n[1] + axes[2, 0] * n[2],
        axes[0, 1] * n[0] + axes[1, 1] * n[1] + axes[2, 1] * n[2],
        axes[0, 2] * n[0] + axes[1, 2] * n[1] + axes[2, 2] * n[2],
    )
    facing = max(dot(normal, view), 0.0)
    mirrored = (
        2.0 * facing * normal[0] - view[0],
        2.0 * facing * normal[1] - view[1],
        2.0 * facing * normal[2] - view[2],
    )
    u = cross((0.0, 1.0, 0.0), light.key)
    u = unit(u[0], u[1], u[2])
    w = cross(light.key, u)
    fresnel = 0.025 + 0.975 * fifth(1.0 - facing)
    edge = 0.07 + face.cell * 1.6
    box = 0.0
    if dot(mirrored, light.key) > 0.0:
        box = ramp(abs(dot(mirrored, u)), 0.13 + edge, 0.13 - edge) * ramp(
            abs(dot(mirrored, w)), 0.15 + edge, 0.15 - edge
        )
    box *= lerp(0.22, 1.0, ramp(r, radius * 1.12, radius * 0.80))  # the white is rough, and mirrors less
    second = ramp(dot(mirrored, light.fill), 0.955, 0.992)
    open_sky = ramp(above, -0.02, 0.10) * (0.4 + 0.6 * sky_seen)
    up = 0.5 + 0.5 * mirrored[1]
    tear = 0.10 * bump(below, 0.02, 0.022) * ramp(side, 45.0, 25.0) * (0.3 + 0.7 * key_seen)
    for c in range(3):
        colour = r0 if c == 0 else (g0 if c == 1 else b0)
        shine = (
            box * light.key_colour[c] * 1.8
            + second * light.fill_colour[c] * 0.75
            + fresnel * lerp(light.ground[c], light.sky[c], up) * 0.8
        )
        out[c] = colour * table[LIGHT + c] * lit + shine * open_sky + tear * light.key_colour[c]
