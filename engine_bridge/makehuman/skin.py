"""Skin: tone, lips, brows, beard and make-up, all painted as functions of the neutral surface point (x, y, z in dm)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import bump, linear, mix, noise, palette, ramp
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
LIPSTICKS = {"none": None, "nude": (176, 104, 92), "red": (176, 24, 36), "berry": (112, 22, 52), "pink": (214, 92, 116)}


@dataclass(frozen=True)
class Brow:
    """Shape of a brow in the neutral face: arch and taper relative to the natural one, thickness in dm."""

    arch: float
    peak: float
    thickness: float
    inner: float
    tail: float
    soft: float


BROWS = {
    "natural": Brow(0.045, 0.62, 0.034, 0.85, 0.35, 0.013),
    "straight": Brow(0.012, 0.55, 0.034, 0.95, 0.55, 0.012),
    "arched": Brow(0.080, 0.66, 0.028, 0.90, 0.22, 0.010),
    "rounded": Brow(0.062, 0.50, 0.030, 0.75, 0.40, 0.012),
    "thin": Brow(0.055, 0.60, 0.016, 0.90, 0.40, 0.008),
    "bushy": Brow(0.035, 0.60, 0.050, 1.00, 0.60, 0.020),
}
BEARDS = ("none", "stubble", "moustache", "goatee", "short", "full", "chinstrap")


def nose_half_width(y: Floats) -> Floats:
    """Half the width (dm) of what people call the nose at height y of the neutral face; negative above and below it."""
    knots = [-0.475, -0.445, -0.425, -0.39, -0.355, -0.30, -0.22, -0.12, -0.02, 0.03, 0.05]
    widths = [-0.05, 0.075, 0.13, 0.160, 0.155, 0.130, 0.105, 0.085, 0.065, 0.035, -0.05]
    return np.interp(y, knots, widths).astype(np.float32)


def brow_cover(p: Floats, look: dict[str, float | str]) -> Floats:
    """How much of the skin (N,) brow hair covers at neutral points p (N, 3)."""
    brow = BROWS[str(look["brow_style"])]
    x, y = np.abs(p[:, 0]), p[:, 1]
    inner = 0.135 - 0.07 * (float(look["brow_reach"]) - 0.5) * 2
    outer = 0.520 + 0.10 * (float(look["brow_length"]) - 0.5) * 2
    s = np.clip((x - inner) / (outer - inner), 0, 1)
    hump = np.where(
        s < brow.peak, 1 - 0.6 * ((brow.peak - s) / brow.peak) ** 2, 1 - ((s - brow.peak) / (1 - brow.peak)) ** 2
    )
    arch = brow.arch + 0.07 * (float(look["brow_arch"]) - 0.5) * 2
    slant = 0.012 + 0.09 * (float(look["brow_slant"]) - 0.5) * 2
    centre = 0.168 + 0.11 * (float(look["brow_height"]) - 0.5) * 2 + arch * hump + slant * (s - 0.5) * 2
    thick = brow.thickness * 2.0 ** (2.4 * (float(look["brow_thickness"]) - 0.5))
    profile = thick * np.where(
        s < 0.35,
        brow.inner + (1 - brow.inner) * s / 0.35,
        1 - (1 - brow.tail) * (np.maximum(s - 0.35, 0) / 0.65) ** 1.5,
    )
    across = (y - centre) / profile
    strokes = noise(x * 90 + across * 2.5, y * 40, seed=3)
    edge = brow.soft / thick
    body = ramp(np.abs(across) + 0.14 * strokes, 1 + 1.6 * edge, 1 - 1.6 * edge)
    ends = ramp(x, inner - 0.035, inner + 0.035) * ramp(x, outer + 0.02, outer - 0.05)
    density = 0.50 + 0.48 * float(look["brow_density"])
    return body * ends * density * (1 - 0.18 * ramp(s, 0.35, 0.0)) * (p[:, 2] > -0.3)


def beard_cover(p: Floats, lip: Floats, mouth: Floats, look: dict[str, float | str]) -> Floats:
    """How much of the skin (N,) beard hair covers."""
    style = str(look["beard_style"])
    if style == "none":
        return np.zeros(len(p), np.float32)
    x, y = np.abs(p[:, 0]), p[:, 1]
    jaw_line = ramp(y, -0.40 - 0.30 * bump(x, 0.30, 0.16), -0.58 - 0.34 * bump(x, 0.30, 0.16)) * ramp(x, 0.74, 0.62)
    sideburn = ramp(x, 0.53, 0.60) * ramp(y, 0.02, -0.12) * ramp(y, -0.62, -0.5) * bump(p[:, 2], -0.42, 0.09)
    cheeks = np.maximum(jaw_line * ramp(p[:, 2], -0.62, -0.50), sideburn)
    under = ramp(y, -1.30, -1.12)
    above_lip = bump(y, -0.545, 0.042) * ramp(x, 0.31 + 0.05, 0.20) * ramp(y, -0.47, -0.50)
    sides = bump(x, 0.285, 0.05) * ramp(y, -0.52, -0.60) * ramp(y, -1.1, -1.0)
    chin = ramp(x, 0.31, 0.18) * ramp(y, -0.80, -0.90)
    soul = ramp(x, 0.10, 0.04) * ramp(y, -0.76, -0.80)
    full = np.maximum.reduce([cheeks, above_lip, sides, chin, soul]) * under
    cover = {
        "stubble": 0.50 * full,
        "moustache": above_lip,
        "goatee": np.maximum.reduce([above_lip, sides, chin, soul]) * under,
        "short": 0.85 * full,
        "full": full,
        "chinstrap": np.maximum(cheeks * ramp(x, 0.30, 0.42), chin * ramp(y, -0.90, -0.98)) * under,
    }[style]
    grain = noise(p[:, 0] * 230 + p[:, 2] * 160, p[:, 1] * 150, seed=5, grain=1)
    strength = 0.35 + 0.65 * float(look["beard_density"])
    open_skin = ramp(lip, 0.012, -0.012) * ramp(mouth, 0.0, 0.02)
    return np.clip(cover * strength * (1 + 0.11 * grain), 0, 0.97) * open_skin


def jaw_line(z: Floats) -> Floats:
    """Height (dm) of the lower jaw's edge at depth z of the neutral head: where the face ends and the neck begins."""
    return (-1.075 + 0.80 * np.clip(0.27 - z, 0, 1) ** 1.15).astype(np.float32)


def labels(p: Floats, fields: dict[str, Floats], brow: Floats) -> np.ndarray:
    """Region of each skin point (N,) uint8."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    out = np.full(len(p), index("skin"), np.uint8)
    out[(y < jaw_line(z)) & (fields["ear"] < 0)] = index("neck")
    out[(fields["ear"] > 0) & (x > 0.6)] = index("ears")
    out[(x < nose_half_width(y)) & (z > 0.1)] = index("nose")
    out[brow > 0.35] = index("brows")
    out[(fields["lid"] < 0.022) & (fields["lip"] < 0)] = index("eyes")
    upper = y > -0.672
    out[(fields["lip"] > 0) & upper] = index("upper_lip")
    out[(fields["lip"] > 0) & ~upper] = index("lower_lip")
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
) -> tuple[Floats, Floats]:
    """Light (N, 3) that leaves the skin at neutral points ``p`` (N, 3), and the brow cover (N,); ``hair`` (3,)
    is the hair's colour, ``scalp`` (N,)
    how much of the skin hair roots cover."""
    get = {k: float(v) for k, v in look.items() if not isinstance(v, str)}
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
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
    colour = mix(np.broadcast_to(base, (len(p), 3)), base * rosy, flush * (0.40 + 0.35 * (red + 1) / 2))
    colour = mix(colour, base * np.array([1.02, 1.01, 0.90], np.float32), 0.6 * sallow)
    mottle = noise(p[:, 0] * 9 + z * 6, y * 9, seed=61) * 0.022 + noise(p[:, 0] * 34 + z * 20, y * 34, seed=62) * 0.012
    colour = colour * (1 + mottle[:, None] * np.array([0.5, 1.0, 1.0], np.float32))
    blush = bump(x, 0.42, 0.13) * bump(y, -0.30, 0.12)
    colour = mix(colour, base * np.array([1.05, 0.58, 0.62], np.float32), 0.75 * get["blush"] * blush)
    circles = bump(x, 0.27, 0.13) * bump(y, -0.13, 0.045)
    colour = colour * (1 - circles[:, None] * np.array([0.16, 0.24, 0.20], np.float32) * get["eye_circles"] * 1.6)
    socket = ramp(lid, 0.10, 0.0) * (z > 0)
    crease = bump(lid, 0.062, 0.010) * ramp(y, 0.0, 0.04) * (x < 0.6) * (z > -0.05)
    colour = colour * (1 - crease[:, None] * np.array([0.22, 0.30, 0.30], np.float32))
    colour = colour * (1 - socket[:, None] * np.array([0.08, 0.14, 0.13], np.float32))
    shadow = ramp(lid, 0.13, 0.02) * ramp(y, -0.01, 0.03)
    colour = mix(colour, base * np.array([0.42, 0.28, 0.30], np.float32), 0.8 * get["eye_shadow"] * shadow)
    if get["freckles"] > 0.01:
        spots = ramp(noise(p[:, 0] * 60, y * 60, seed=7), 0.9, 1.7) * bump(y, -0.25, 0.22) * ramp(x, 0.6, 0.4)
        colour = colour * (1 - 0.55 * get["freckles"] * spots[:, None] * np.array([0.5, 0.8, 0.9], np.float32) * fair)
    fold = np.abs(x - (0.175 + 0.17 * np.clip((-0.36 - y) / 0.36, 0, 1.0)))
    lines = bump(fold, 0, 0.014) * ramp(y, -0.36, -0.44) * ramp(y, -0.80, -0.66)
    lines = lines + 0.30 * bump(np.sin(y * 55 + 1.0), 1, 0.35) * ramp(y, 0.30, 0.42) * ramp(y, 0.72, 0.55) * ramp(
        x, 0.42, 0.25
    ) * (z > 0)
    colour = colour * (1 - 0.34 * get["skin_lines"] * np.clip(lines, 0, 1)[:, None])

    # Lips: the skin's own colour, redder and darker, then lipstick.
    inside = ramp(lip, -0.010, 0.014)
    pale = (get["lip_redness"] - 0.5) * 2
    own = (
        base
        * np.array([0.80 + 0.06 * pale, 0.50 - 0.14 * pale, 0.50 - 0.12 * pale], np.float32)
        * 2.0 ** (-0.9 * (get["lip_darkness"] - 0.5) * 2)
    )
    stick = LIPSTICKS[str(look["lipstick"])]
    if stick is not None:
        own = own + (linear(stick) - own) * 0.78
    colour = mix(colour, own, inside)
    seam = ramp(fields["mouth"], 0.022, 0.004) * ramp(lip, -0.03, 0.01)
    colour = colour * (1 - 0.60 * seam[:, None])

    brow = brow_cover(p, look)
    brow_hair = hair * 2.0 ** (-1.8 * (get["brow_darkness"] - 0.35)) * 0.75
    beard = beard_cover(p, lip, fields["mouth"], look)
    colour = mix(colour, brow_hair, brow)
    colour = mix(colour, hair * 0.55 + base * 0.03, beard)
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
    out = colour * light.diffuse(normals, sky)
    oily = 0.035 + 0.05 * bump(x, 0, 0.16) * ramp(y, -0.5, -0.3) + 0.025 * ramp(y, 0.25, 0.5) + 0.02 * bump(x, 0.36, 0.12)
    wet = inside * (1 - seam) * (0.10 + (0.16 if stick is not None else 0.0))
    matte = (1 - np.clip(brow + beard + scalp, 0, 1)) * sky
    sheen = oily * (light.gloss(normals, 9.0) * 0.55 + light.gloss(normals, 30.0) * 0.75)
    out = out + ((sheen + wet * light.gloss(normals, 38.0)) * matte)[:, None]
    return out + light.edge(normals) * (0.25 + 0.4 * colour) * matte[:, None], brow
