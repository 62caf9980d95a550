"""Hair: strips of strands laid round the skull of the mean head, bound to it, and shaded along the strand.

A style is up to three strips, each a grid of points: ``cap`` covers the scalp down to the hairline,
``curtain`` falls from the
parting over the sides and the back, ``fringe`` over the forehead.  Directions from the middle of the skull are
given by azimuth (0 at the front, 180 at the back, degrees, both sides alike) and the polar angle from the crown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Floats, Ints
from engine_bridge.makehuman.head import SKIN, Head
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import bump, linear, noise, palette, ramp

MIDDLE = np.array([0.0, 0.12, -0.62], np.float32)
COLOURS = [(240, 218, 172), (206, 164, 104), (156, 112, 68), (100, 68, 44), (58, 40, 30), (26, 21, 20)]
GREY = (196, 194, 190)
# Height (dm) of the hairline by azimuth (degrees): forehead, temple, sideburn, over the ear, nape.
HAIRLINE = (
    [0, 25, 40, 52, 62, 69, 75, 82, 88, 115, 133, 150, 180],
    [0.67, 0.65, 0.57, 0.48, 0.26, 0.02, -0.12, -0.06, 0.11, 0.14, -0.08, -0.52, -0.70],
)
RECEDING = (
    [0, 14, 30, 42, 54, 62, 69, 75, 82, 88, 115, 133, 150, 180],
    [0.96, 0.98, 1.00, 0.84, 0.52, 0.26, 0.02, -0.10, -0.06, 0.11, 0.14, -0.08, -0.52, -0.70],
)


@dataclass(frozen=True)
class Style:
    """How a style is built; lengths in dm.  ``cap``: (front, top, side, back) height of the hair over the scalp."""

    cap: tuple[float, float, float, float] | None = None
    curtain: tuple[float, float] | None = None  # height over the scalp, and the height y at which the tips end
    fringe: float | None = None  # the height y at which it ends
    parting: float = 0.0  # x of the parting
    curl: float = 0.0  # depth of bumps
    wave: float = 0.0  # sideways swing of the hanging hair
    open_face: float = 52.0  # azimuth of the foremost hanging strand
    receding: bool = False
    hides_ears: bool = False
    cover: float = 0.97  # of the scalp's paint below the hair


STYLES: dict[str, Style | None] = {
    "bald": None,
    "buzz": Style(cover=0.80),
    "receding": Style(cap=(0.03, 0.05, 0.05, 0.05), receding=True, cover=0.90),
    "short": Style(cap=(0.07, 0.12, 0.06, 0.07)),
    "side_part": Style(cap=(0.12, 0.16, 0.09, 0.10), parting=0.28),
    "quiff": Style(cap=(0.26, 0.24, 0.07, 0.10)),
    "curly": Style(cap=(0.16, 0.20, 0.13, 0.16), curl=0.035),
    "afro": Style(cap=(0.26, 0.28, 0.30, 0.34), curl=0.025),
    "updo": Style(cap=(0.05, 0.08, 0.05, 0.06)),
    "bob": Style(cap=(0.01, 0.03, 0.02, 0.03), curtain=(0.13, -0.92), parting=0.16, hides_ears=True, open_face=56),
    "fringe": Style(cap=(0.01, 0.03, 0.02, 0.03), curtain=(0.14, -1.25), fringe=0.27, hides_ears=True, open_face=57),
    "long": Style(cap=(0.01, 0.03, 0.02, 0.03), curtain=(0.11, -1.75), hides_ears=True, open_face=53),
    "long_wavy": Style(
        cap=(0.01, 0.03, 0.02, 0.03), curtain=(0.19, -1.75), parting=0.22, wave=0.05, hides_ears=True, open_face=55
    ),
    "swept_back": Style(cap=(0.12, 0.15, 0.10, 0.12), curtain=(0.12, -1.55), open_face=84),
}


@dataclass(frozen=True)
class Strip:
    """One built strip: ``points`` (V, 3) round the mean head, ``anchor`` (V, 3) the scalp it hangs on,
    ``strand`` (V, 3): across
    (in strand widths), along (0 root .. 1 tip), and shade of the roots; ``triangles`` (T, 3); ``shape`` (rows
    across, points along)."""

    points: Floats
    anchor: Floats
    strand: Floats
    triangles: Ints
    shape: tuple[int, int]


class Skull:
    """The scalp's distance from its middle, in every direction."""

    AZIMUTHS, POLARS = np.linspace(0, 180, 61), np.linspace(0, 150, 61)

    def __init__(self, head: Head) -> None:
        keep = (head.part == SKIN) & (head.fields["ear"][head.triangles].max(axis=1) < -0.005)
        a, b, c = (head.vertices[head.triangles[keep][:, k]] - MIDDLE for k in range(3))
        az, po = np.meshgrid(self.AZIMUTHS, self.POLARS, indexing="ij")
        rays = self.direction(az.ravel(), po.ravel())
        radius = np.zeros(len(rays), np.float32)
        normal, across, along = np.cross(b - a, c - a), b - a, c - a
        for k, ray in enumerate(rays):  # Moeller-Trumbore, against all triangles at once
            h = np.cross(ray, along)
            det = np.einsum("ij,ij->i", across, h)
            det = np.where(np.abs(det) < 1e-9, 1e-9, det)
            s = -a
            u = np.einsum("ij,ij->i", s, h) / det
            q = np.cross(s, across)
            v = q @ ray / det
            t = np.einsum("ij,ij->i", along, q) / det
            hit = (u >= -1e-4) & (v >= -1e-4) & (u + v <= 1 + 1e-4) & (t > 0.1) & (normal @ ray != 0)
            radius[k] = t[hit].max(initial=0)
        grid = radius.reshape(az.shape)
        for row in grid:  # where the ears were cut away: bridge
            good = row > 0
            row[~good] = np.interp(self.POLARS[~good], self.POLARS[good], row[good])
        bridge = grid.copy()
        for k in range(1, len(grid) - 1):
            bridge[k] = (grid[k - 1] + 2 * grid[k] + grid[k + 1]) / 4
        self.grid = bridge

    @staticmethod
    def direction(azimuth: Floats, polar: Floats) -> Floats:
        az, po = np.radians(azimuth), np.radians(polar)
        return np.stack([np.sin(po) * np.sin(az), np.cos(po), np.sin(po) * np.cos(az)], axis=-1).astype(np.float32)

    def radius(self, azimuth: Floats, polar: Floats) -> Floats:
        i, j = np.clip(np.abs(azimuth) / 3, 0, 59.999), np.clip(polar / 2.5, 0, 59.999)
        i0, j0 = i.astype(int), j.astype(int)
        a, b, g = i - i0, j - j0, self.grid
        return (
            (g[i0, j0] * (1 - b) + g[i0, j0 + 1] * b) * (1 - a) + (g[i0 + 1, j0] * (1 - b) + g[i0 + 1, j0 + 1] * b) * a
        ).astype(np.float32)

    def polar_of_height(self, azimuth: Floats, y: Floats) -> Floats:
        """Polar angle (degrees) at which the scalp has height y (dm), on each azimuth."""
        flat_az, flat_y = np.broadcast_arrays(np.abs(azimuth), y)
        heights = MIDDLE[1] + self.radius(flat_az.ravel()[:, None], self.POLARS[None]) * np.cos(np.radians(self.POLARS))
        out = [
            np.interp(-h, -np.maximum.accumulate(row[::-1])[::-1], self.POLARS)
            for h, row in zip(flat_y.ravel(), heights, strict=True)
        ]
        return np.array(out, np.float32).reshape(flat_az.shape)

    def at(self, azimuth: Floats, polar: Floats, over: Floats | float = 0.0) -> Floats:
        return MIDDLE + self.direction(azimuth, polar) * (self.radius(azimuth, polar) + over)[..., None]


def hairline(azimuth: Floats, style: Style, rise: float) -> Floats:
    """Height (dm) of the hairline; ``rise`` (-1..1) moves its front part by 0.1 dm."""
    knots = RECEDING if style.receding else HAIRLINE
    a = np.abs(azimuth)
    return (np.interp(a, *knots) + 0.10 * rise * ramp(a, 66.0, 46.0)).astype(np.float32)


def _grid_triangles(rows: int, points: int) -> Ints:
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(points - 1), indexing="ij")
    a = (i * points + j).ravel()
    quads = np.stack([a, a + points, a + points + 1, a + 1], axis=1)
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3).astype(np.int32)


def _strip(points: Floats, anchor: Floats, across: Floats, along: Floats, root: Floats) -> Strip:
    rows, count = points.shape[:2]
    strand = np.stack(np.broadcast_arrays(across, along, root), axis=-1).reshape(-1, 3).astype(np.float32)
    return Strip(
        points.reshape(-1, 3).astype(np.float32),
        anchor.reshape(-1, 3).astype(np.float32),
        strand,
        _grid_triangles(rows, count),
        (rows, count),
    )


def cap(skull: Skull, style: Style, volume: float, rise: float) -> Strip:
    """Strands from the crown to the hairline on every azimuth."""
    assert style.cap is not None
    azimuth = np.linspace(-180, 180, 73)[:, None]
    t = np.linspace(0, 1, 22)[None]
    end = skull.polar_of_height(azimuth, hairline(azimuth, style, rise))
    polar = t * (end + 1.5)
    front, top, side, back = (h * (0.45 + 1.1 * volume) + 0.012 for h in style.cap)
    a = np.abs(azimuth)
    around = np.interp(a, [0, 35, 62, 95, 140, 180], [front, front * 0.92, side, side, back, back])
    blend = ramp(polar, 8.0, 55.0)
    height = top + (around - top) * blend
    edge = np.sqrt(np.clip(1 - t**5, 0, 1)) * ramp(1 - t, -0.02, 0.20)
    height = height * (0.10 + 0.90 * edge)
    if style.parting:
        x = skull.at(azimuth, polar)[..., 0] - style.parting
        height = (
            height * (1 - 0.42 * bump(x, 0, 0.07) * (a < 75) * ramp(polar, 2.0, 10.0))
            + 0.05 * ramp(-x, 0.0, 0.45) * (a < 80) * edge
        )
    if style.curl:
        n = noise(azimuth / 6.0, polar / 5.0, seed=21, grain=1)
        n[-1] = n[0]
        height = height + style.curl * n * (0.25 + 0.75 * edge) * ramp(polar, 3.0, 15.0)
    at = skull.at(azimuth, polar, height)
    lift = 0.55 * np.maximum(front - 0.16, 0) * bump(a, 0, 34) * bump(t, 0.80, 0.22)
    at[..., 1] += lift
    return _strip(at, skull.at(azimuth, polar), azimuth / 2.2, t, ramp(t, 0.0, 0.05))


def curtain(skull: Skull, style: Style, volume: float, rise: float, side: int, length: float) -> Strip:
    """Strands of one side (+1 left, -1 right): from the parting over the skull to ear height, then straight
    down to the tips."""
    assert style.curtain is not None
    height, tip = style.curtain
    height = height * (0.5 + volume)
    tip = tip + (0.5 - length) * 0.5
    u, v = np.linspace(0, 1, 26)[:, None], np.linspace(0, 1, 30)[None]
    # Roots: along the parting from the front hairline over the crown to the back.
    part_y = hairline(np.zeros(1, np.float32), style, rise)[0] + 0.02
    root_polar = np.linspace(float(skull.polar_of_height(np.zeros(1, np.float32), np.array([part_y]))[0]), -62, 26)[
        :, None
    ]
    root = skull.direction(np.zeros_like(root_polar), root_polar)
    root = root + np.array([1, 0, 0], np.float32) * style.parting * (1 - 0.7 * u)[..., None] * 1.1
    goal_azimuth = style.open_face + (180 - style.open_face) * u**0.85
    goal_polar = skull.polar_of_height(goal_azimuth, np.full_like(goal_azimuth, 0.02))
    goal = skull.direction(goal_azimuth * side, goal_polar)
    split = 0.5
    f = np.clip(v / split, 0, 1)
    way = _slerp(root, goal, f)
    azimuth = np.degrees(np.arctan2(way[..., 0], way[..., 2]))
    polar = np.degrees(np.arccos(np.clip(way[..., 1], -1, 1)))
    over = height * (0.35 + 0.65 * ramp(f, 0.0, 0.5)) * ramp(u, -0.25, 0.22) + 0.02
    scalp = skull.at(azimuth, polar)
    points = skull.at(azimuth, polar, over)
    g = np.clip((v - split) / (1 - split), 0, 1)
    start = points[:, np.argmin(np.abs(v[0] - split))][:, None]
    fall = np.broadcast_to(start, points.shape).copy()
    fall[..., 1] = start[..., 1] + (tip - start[..., 1]) * g
    out = np.sign(side) * (0.05 * np.sin(g * np.pi * 0.8) + 0.03 * g)
    fall[..., 0] += out * (1 - u)
    back = ramp(u, 0.3, 0.9)
    fall[..., 2] += (0.22 * g * back) + 0.10 * g * (1 - u)
    if style.wave:
        fall[..., 0] += style.wave * np.sin(g * 13 + u * 9) * ramp(g, 0.0, 0.3) * (1.2 - u)
        fall[..., 2] += style.wave * np.cos(g * 13 + u * 14) * ramp(g, 0.0, 0.3)
    hanging = (v > split)[..., None]
    points = np.where(hanging, fall, points)
    anchor = np.where(hanging, scalp[:, np.argmin(np.abs(v[0] - split))][:, None], scalp)
    root_shade = ramp(v, 0.0, 0.10)
    return _strip(
        points,
        anchor,
        u * 62 + 7 * side,
        np.broadcast_to(v, points.shape[:2]),
        np.broadcast_to(root_shade, points.shape[:2]),
    )


def _slerp(a: Floats, b: Floats, t: Floats) -> Floats:
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    angle = np.arccos(np.clip((a * b).sum(axis=-1, keepdims=True), -0.9999, 0.9999))
    t = t[..., None]
    return ((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)).astype(np.float32)


def fringe(skull: Skull, style: Style, volume: float) -> Strip:
    """Strands from over the crown straight down the forehead."""
    assert style.fringe is not None
    azimuth = np.linspace(-60, 60, 41)[:, None]
    t = np.linspace(0, 1, 16)[None]
    low = style.fringe - 0.10 * ramp(np.abs(azimuth), 30.0, 60.0)
    end = skull.polar_of_height(azimuth, low)
    polar = 12 + t * (end - 12)
    over = (0.10 + 0.10 * volume) * ramp(t, -0.1, 0.35) * (1 - 0.45 * ramp(t, 0.5, 1.0)) + 0.02
    points = skull.at(azimuth, polar, over)
    return _strip(
        points,
        skull.at(azimuth, np.minimum(polar, 60)),
        azimuth / 2.2,
        t * np.ones_like(azimuth),
        np.ones((41, 16), np.float32),
    )


def strips(skull: Skull, name: str, volume: float, rise: float, length: float) -> dict[str, Strip]:
    """The strips of a style for given sliders (each 0..1 but ``rise`` -1..1), built round the mean head."""
    style = STYLES[name]
    out: dict[str, Strip] = {}
    if style is None:
        return out
    if style.cap:
        out["cap"] = cap(skull, style, volume, rise)
    if style.curtain:
        out["left"] = curtain(skull, style, volume, rise, 1, length)
        out["right"] = curtain(skull, style, volume, rise, -1, length)
    if style.fringe is not None:
        out["fringe"] = fringe(skull, style, volume)
    return out


def scalp_cover(p: Floats, look: dict[str, float | str]) -> Floats:
    """How much paint of the hair's colour lies on the skin (N,) at neutral points p (N, 3), inside the hairline."""
    style = STYLES[str(look["hair_style"])]
    if style is None:
        return np.zeros(len(p), np.float32)
    d = p - MIDDLE
    azimuth = np.degrees(np.arctan2(np.abs(d[:, 0]), d[:, 2]))
    line = hairline(azimuth, style, (float(look["hairline"]) - 0.5) * 2)
    soft = noise(p[:, 0] * 40, p[:, 2] * 40 + p[:, 1] * 20, seed=31) * 0.012
    return ramp(p[:, 1] + soft, line - 0.02, line + 0.045) * style.cover


def colour(look: dict[str, float | str]) -> Floats:
    """The hair's own colour (3,), linear light."""
    base = palette(COLOURS, float(look["hair_darkness"]))
    red = float(look["hair_redness"]) - 0.35
    base = base * np.array([1 + 0.55 * max(red, 0), 1 - 0.30 * red, 1 - 0.75 * red], np.float32)
    grey = linear(GREY) * (0.35 + 0.65 * (1 - float(look["hair_darkness"])))
    return (base + (grey - base) * float(look["hair_grey"])).astype(np.float32)


def shade(strand: Floats, normals: Floats, tangents: Floats, own: Floats, sky: Floats, light: Light) -> Floats:
    """Light (N, 3) from hair: Kajiya and Kay's strand highlight (SIGGRAPH 1989) over a soft diffuse term,
    streaked along the strands."""
    across, along, root = strand[:, 0], strand[:, 1], strand[:, 2]
    streak = noise(across * 3.1, along * 5, seed=41) * 0.6 + noise(across * 9.0, along * 7, seed=42) * 0.5
    tone = np.clip(1 + 0.17 * streak, 0.45, 1.6) * (0.72 + 0.28 * root)
    facing = np.where(normals[:, 2:] < -0.2, -normals, normals)
    base = own * tone[:, None] * light.diffuse(facing, sky, np.full(3, 0.5, np.float32))
    along_light = np.clip(tangents @ light.half + 0.10 * streak, -1, 1)
    shine = np.sqrt(1 - along_light**2)
    glow = own.mean() ** 0.5
    out = base + (own * 0.55 + 0.035 * (0.3 + glow)) * ((shine**22) * 0.55 * sky)[:, None]
    return out.astype(np.float32)


def cover(strand: Floats, name: str) -> Floats:
    """Opacity (N,) of hair: the tips thin out strand by strand."""
    style = STYLES[name]
    across, along = strand[:, 0], strand[:, 1]
    ragged = noise(across * 4.0, along * 2, seed=51) * 0.5 + noise(across * 11, along * 2, seed=52) * 0.5
    depth = 0.05 if style is not None and style.curtain is None else 0.035
    return ramp(along + depth * (0.45 * ragged + 0.4), 1.0, 1.0 - depth)
