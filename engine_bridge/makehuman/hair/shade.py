"""The colour and the light of hair."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.hair.skull import MIDDLE
from engine_bridge.makehuman.hair.strands import fading, locks, strands, tufts
from engine_bridge.makehuman.hair.styles import STYLES, Style, hairline
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import noise, palette, ramp

Look = dict[str, float | str]
# From light to dark: platinum, golden blond, dark blond, chestnut, dark brown, black.
COLOURS = [(250, 236, 208), (238, 186, 122), (184, 127, 82), (118, 73, 46), (66, 44, 33), (26, 21, 20)]
# The same, red: strawberry blond, copper, ginger, auburn, mahogany, black.
REDS = [(255, 205, 152), (238, 138, 66), (204, 90, 40), (146, 52, 30), (84, 28, 22), (34, 18, 17)]
GREYS = [(238, 237, 234), (222, 221, 219), (200, 199, 198), (180, 180, 181), (164, 165, 167), (150, 151, 154)]
NEUTRAL = 0.35  # redness at which hair is neither ashen nor red
FRAME = 2.70  # dm that a picture shows at the face's distance


def colour(look: Look) -> Floats:
    """The hair's own colour (3,), linear light."""
    dark, red = float(look["hair_darkness"]), float(look["hair_redness"])
    base = palette(COLOURS, dark)
    if red > NEUTRAL:
        base = base + (palette(REDS, dark) - base) * (0.85 * (red - NEUTRAL) / (1 - NEUTRAL))
    else:
        base = base * (1 + (NEUTRAL - red) * np.array([-0.35, 0.0, 0.45], np.float32))
    return np.asarray(base + (palette(GREYS, dark) - base) * float(look["hair_grey"]), np.float32)


def _style(look: Look) -> Style | None:
    return STYLES[str(look["hair_style"])]


def _from_hairline(p: Floats, style: Style, look: Look) -> Floats:
    """How far (dm, N) neutral skin points (N, 3) lie above the hairline."""
    d = p - MIDDLE
    azimuth = np.degrees(np.arctan2(np.abs(d[:, 0]), d[:, 2]))
    return p[:, 1] - hairline(azimuth, style, (float(look["hairline"]) - 0.5) * 2)


def on_skin(p: Floats, look: Look) -> tuple[Floats, Floats]:
    """What hair does to the skin at neutral points p (N, 3): how much paint of its colour lies there (N,), inside the
    hairline, and the share of the light (N,) that it leaves."""
    style = _style(look)
    if style is None:
        return np.zeros(len(p), np.float32), np.ones(len(p), np.float32)
    above = _from_hairline(p, style, look)
    return _scalp_cover(p, above, style), _shadow(p, above, style)


def _scalp_cover(p: Floats, above: Floats, style: Style) -> Floats:
    soft = noise(p[:, 0] * 34, p[:, 2] * 34 + p[:, 1] * 14, seed=31) * 0.022
    soft += noise(p[:, 0] * 9, p[:, 2] * 9, seed=32) * 0.016
    return ramp(above + soft, -0.025, 0.085) * style.cover


def _shadow(p: Floats, above: Floats, style: Style) -> Floats:
    below = -above
    depth = 0.22
    if style.cap is not None:
        below = below - style.cap.low
        depth = min(0.30, 0.10 + style.cap.heights[0] * 0.9)
    elif style.curtain is None:
        depth = 0.0
    dark = depth * ramp(below, 0.16, 0.0)
    if style.fringe is not None:
        dark = np.maximum(dark, 0.34 * ramp(p[:, 1], style.fringe[0] - 0.14, style.fringe[0] + 0.02) * (p[:, 2] > -0.4))
    if style.curtain is not None and not style.curtain.back:
        d = p - MIDDLE
        azimuth = np.degrees(np.arctan2(np.abs(d[:, 0]), d[:, 2]))
        dark = np.maximum(dark, 0.50 * ramp(azimuth, style.curtain.face - 20, style.curtain.face + 10))
    return np.asarray(1 - dark, np.float32)


def paint(known: Floats, look: Look, own: Floats, light: Light, size: int) -> tuple[Floats, Floats]:
    """Light (N, 3) and opacity (N,) of hair.

    ``known`` (N, 11): across, along, rim, openness, normal (3), tangent (3), distance from the outline (0..1), as
    `Wig.lay` gives them, mixed to the samples; ``own`` the hair's colour (3,); ``size`` of the picture: strands that
    it can't show are left out.
    """
    style = _style(look)
    assert style is not None
    across, along, rim, openness = (np.ascontiguousarray(known[:, k]) for k in range(4))
    normals, tangents = _unit(known[:, 4:7]), _unit(known[:, 7:10])
    few, single = fading(FRAME / size)
    lock = locks(across, along)
    if style.curl:
        turn = along * style.coil + lock[:, 1] * 2.5 + across * 11
        swing = np.sin(turn)
        across = across + style.curl * swing
        bend = style.curl * style.coil * np.cos(turn) * few
        tangents = _unit(tangents + np.cross(normals, tangents) * bend[:, None])
        openness = openness * (1 + few * (0.22 * swing - 0.10))
    if style.coils:
        coil = tufts(across, along * 1.6, style.coils)[:, 0] * few
        openness = openness * (1 + 0.20 * coil)
        normals = normals + np.stack([0 * coil, 0.25 * coil, 0.10 * coil], axis=1)
    fine = strands(across, along)
    streak = 0.16 * lock[:, 0] + 0.13 * few * fine[:, 0] + 0.09 * single * fine[:, 1]
    tone = np.clip(1 + streak, 0.4, 1.7)
    inner = ramp(normals[:, 2], 0.05, -0.35)  # the inside of the hair, seen from the front
    openness = np.clip(openness, 0, 1) * (1 - 0.72 * inner)
    facing = np.where(normals[:, 2:] < 0, -normals, normals)
    out = light.diffuse(facing, openness, np.full(3, 0.35, np.float32)) * (own * 0.80)
    out *= (tone * (0.35 + 0.65 * openness))[:, None]
    # Kajiya and Kay's highlights (SIGGRAPH 1989), two of them as in Marschner's: a white one towards the root, a
    # coloured one towards the tip.
    shift = 0.10 * lock[:, 2] + 0.06 * few * fine[:, 0]
    lit = openness**2 * (0.25 + 0.75 * np.clip(normals @ light.half, 0, 1)) * style.shine
    first = _lobe(tangents, facing, light, shift - 0.06, 60) * (1 + 0.5 * few * fine[:, 0])
    second = _lobe(tangents, facing, light, shift + 0.10, 14)
    power = light.key_colour
    out += np.clip(lit * first, 0, None)[:, None] * ((0.035 + 0.10 * own) * power)
    out += np.clip(lit * second * tone, 0, None)[:, None] * (own * 0.38 * power)
    return out.astype(np.float32), _opacity(
        rim, lock, fine, np.maximum(np.abs(known[:, 6]), np.abs(known[:, 10])), style, (few, single)
    )


def _opacity(
    rim: Floats, lock: Floats, fine: Floats, facing: Floats, style: Style, shown: tuple[float, float]
) -> Floats:
    ragged, soft = (style.cap.ragged, style.cap.soft) if style.cap is not None else (0.05, 0.06)
    edge = rim + ragged * (0.18 * lock[:, 1] + 0.60 * shown[0] * fine[:, 0] + 0.35 * shown[1] * fine[:, 1])
    out = ramp(edge, -0.5 * soft, 0.5 * soft)
    if style.fuzz and style.curtain is None:
        thin = facing + 0.10 * shown[0] * fine[:, 0] + 0.06 * lock[:, 0]
        out *= 1 - style.fuzz * ramp(thin, 0.17, 0.0) * ramp(rim, 0.25, 0.40)
    return out


def _lobe(tangents: Floats, normals: Floats, light: Light, shift: Floats, power: int) -> Floats:
    t = tangents + normals * shift[:, None]
    cosine = (t @ light.half) / np.sqrt(1 + shift * shift)
    return np.asarray(np.clip(1 - cosine * cosine, 0, 1) ** (power / 2))


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.maximum(np.sqrt(np.einsum("ij,ij->i", v, v)), 1e-6)[:, None])
