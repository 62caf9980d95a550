"""Skin: tone, lips, brows, beard and make-up, all painted as functions of the neutral surface point (x, y, z in dm)."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman import beards, brows, glasses, lips
from engine_bridge.makehuman.arrays import Flags, Floats
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import bump, columns, mix, noise, palette, ramp, shares
from f2p.regions import index

TONES = [
    (252, 226, 211),
    (243, 207, 185),
    (227, 183, 155),
    (201, 151, 119),
    (157, 109, 81),
    (111, 74, 54),
    (70, 46, 36),
]


def nose_half_width(y: Floats) -> Floats:
    """Half the width (dm) of what people call the nose at height y of the neutral face; negative above and below it."""
    knots = [-0.475, -0.445, -0.425, -0.39, -0.355, -0.30, -0.22, -0.12, -0.02, 0.03, 0.05]
    widths = [-0.05, 0.075, 0.13, 0.160, 0.155, 0.130, 0.105, 0.085, 0.065, 0.035, -0.05]
    return np.interp(y, knots, widths).astype(np.float32)


def jaw_line(z: Floats) -> Floats:
    """Height (dm) of the lower jaw's edge at depth z of the neutral head: where the face ends and the neck begins."""
    return (-1.075 + 0.80 * np.clip(0.27 - z, 0, 1) ** 1.15).astype(np.float32)


def labels(p: Floats, fields: dict[str, Floats], brow: Flags) -> np.ndarray:
    """Region of each skin point (N,) uint8; ``brow`` (N,) from `shade`."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    out = np.full(len(p), index("skin"), np.uint8)
    out[(y < jaw_line(z)) & (fields["ear"] < 0)] = index("neck")
    out[(fields["ear"] > 0) & (x > 0.6)] = index("ears")
    out[(x < nose_half_width(y)) & (z > 0.1)] = index("nose")
    out[brow] = index("brows")
    out[(fields["lid"] < 0.022) & (fields["lip"] < 0)] = index("eyes")
    upper, mouth = y > lips.SEAM, lips.within(fields["lip"])
    out[mouth & upper] = index("upper_lip")
    out[mouth & ~upper] = index("lower_lip")
    out[y < -1.62] = index("background")
    return out


def shade(
    p: Floats,
    normals: Floats,
    fields: dict[str, Floats],
    look: dict[str, float | str],
    hair: Floats,
    scalp: Floats,
    light: Light,
    footprint: float,
) -> tuple[Floats, Flags]:
    """Light (N, 3) that leaves the skin at neutral points ``p`` (N, 3), and where brows are (N,); ``hair`` (3,) is the
    hair's colour, ``scalp`` (N,) how much of the skin hair roots cover, ``footprint`` the width of a sample (dm)."""
    get = {k: float(v) for k, v in look.items() if not isinstance(v, str)}
    signed, y, z = np.ascontiguousarray(p.T)
    x = np.abs(signed)
    lip, lid = fields["lip"], fields["lid"]
    base = palette(TONES, get["skin_tone"])
    under = (get["skin_undertone"] - 0.5) * 2
    base = base * np.array([1 + 0.05 * under, 1.0, 1 - 0.32 * under], np.float32)
    red = (get["skin_redness"] - 0.5) * 2
    base = base * np.array([1 + 0.07 * red, 1 - 0.13 * red, 1 - 0.12 * red], np.float32)
    fair = float(np.clip(base.mean() * 2, 0.15, 1))

    flush = (
        0.9 * bump(x, 0.36, 0.14) * bump(y, -0.34, 0.16)
        + 0.8 * bump(x, 0, 0.12) * bump(y, -0.36, 0.10)
        + 0.5 * ramp(fields["ear"], -0.05, 0.05)
    )
    rosy = np.array([1.05, 0.78, 0.78], np.float32)
    sallow = ramp(y, 0.25, 0.5) * (z > 0)  # over the bone of the forehead skin looks yellower
    colour = mix(columns(base, len(p)), base * rosy, flush * (0.40 + 0.35 * (red + 1) / 2))
    colour = mix(colour, base * np.array([1.02, 1.01, 0.90], np.float32), 0.6 * sallow)
    mottle = noise(signed * 9 + z * 6, y * 9, seed=61) * 0.022 + noise(signed * 34 + z * 20, y * 34, seed=62) * 0.012
    colour = colour * (1 + shares(mottle, np.array([0.5, 1.0, 1.0], np.float32)))
    blush = bump(x, 0.42, 0.13) * bump(y, -0.30, 0.12)
    colour = mix(colour, base * np.array([1.05, 0.58, 0.62], np.float32), 0.75 * get["blush"] * blush)
    circles = bump(x, 0.27, 0.13) * bump(y, -0.13, 0.045)
    colour = colour * (1 - shares(circles, np.array([0.16, 0.24, 0.20], np.float32)) * get["eye_circles"] * 1.6)
    socket = ramp(lid, 0.10, 0.0) * (z > 0)
    crease = bump(lid, 0.062, 0.010) * ramp(y, 0.0, 0.04) * (x < 0.6) * (z > -0.05)
    colour = colour * (1 - shares(crease, np.array([0.22, 0.30, 0.30], np.float32)))
    colour = colour * (1 - shares(socket, np.array([0.08, 0.14, 0.13], np.float32)))
    shadow = ramp(lid, 0.13, 0.02) * ramp(y, -0.01, 0.03)
    colour = mix(colour, base * np.array([0.42, 0.28, 0.30], np.float32), 0.8 * get["eye_shadow"] * shadow)
    if get["freckles"] > 0.01:
        spots = ramp(noise(signed * 60, y * 60, seed=7), 0.9, 1.7) * bump(y, -0.25, 0.22) * ramp(x, 0.6, 0.4)
        colour = colour * (1 - shares(0.55 * get["freckles"] * spots, np.array([0.5, 0.8, 0.9], np.float32)) * fair)
    fold = np.abs(x - (0.175 + 0.17 * np.clip((-0.36 - y) / 0.36, 0, 1.0)))
    lines = bump(fold, 0, 0.014) * ramp(y, -0.36, -0.44) * ramp(y, -0.80, -0.66)
    lines = lines + 0.30 * bump(np.sin(y * 55 + 1.0), 1, 0.35) * ramp(y, 0.30, 0.42) * ramp(y, 0.72, 0.55) * ramp(
        x, 0.42, 0.25
    ) * (z > 0)
    colour = colour * (1 - 0.34 * get["skin_lines"] * np.clip(lines, 0, 1)[:, None])

    colour, wet = lips.paint(colour, p, fields, base, look, footprint)
    brow, brow_region = brows.cover(p, look, footprint)
    beard = beards.cover(p, lip, look, footprint * 2)  # no finer than a pixel: see `_detailed` of the renderer
    colour = mix(colour, brows.colour(hair, look), brow)
    colour = beards.paint(colour, beard, hair, look)
    colour = mix(colour, hair * 0.55 + base * 0.04, scalp)
    lash = ramp(lid, 0.012 + 0.020 * get["eye_liner"], 0.002) * ramp(y, -0.035, 0.0) + ramp(lid, 0.010, 0.001) * (
        0.25 + 0.5 * get["eye_liner"]
    )
    lash = lash * (x < 0.6) * (z > -0.1)
    colour = mix(colour, np.array([0.012, 0.009, 0.008], np.float32), np.clip(lash, 0, 1) * 0.88)

    # Creases catch less light and ridges more: the shape that the sliders give shows at any size.
    hollow = np.clip(fields["cavity"] * 2.2, -0.35, 0.55)
    below_jaw = jaw_line(z) - y
    sky = np.clip(1 - (1 - fields["sky"]) * 0.72 - 0.5 * hollow, 0.12, 1.08)
    sky = sky * (1 - 0.38 * ramp(below_jaw, -0.03, 0.12) * ramp(below_jaw, 0.75, 0.1) * (fields["ear"] < 0))
    out = colour * light.diffuse(normals, sky * glasses.shadow(p, look))
    oily = (
        0.035 + 0.05 * bump(x, 0, 0.16) * ramp(y, -0.5, -0.3) + 0.025 * ramp(y, 0.25, 0.5) + 0.02 * bump(x, 0.36, 0.12)
    )
    matte = (1 - np.clip(brow + beard + scalp, 0, 1)) * sky
    sheen = oily * (light.gloss(normals, 9.0) * 0.55 + light.gloss(normals, 30.0) * 0.75)
    out = out + ((sheen + wet * light.gloss(normals, 38.0)) * matte)[:, None]
    return out + light.edge(normals) * (0.25 + 0.4 * colour) * matte[:, None], brow_region
