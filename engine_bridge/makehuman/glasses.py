"""Glasses: thin frames of rounded bands, fitted to the shaped head (lengths in dm)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Flags, Floats, Ints
from engine_bridge.makehuman.head import SKIN, Head
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import bump, linear, mix, noise, palette, ramp


@dataclass(frozen=True)
class Style:
    """``half`` width and height of a lens; ``power`` of its superellipse (2 is round); ``drop`` how much wider it is at
    the top than below; ``top`` and ``bottom`` the widths of the rim; ``arm`` the height of an arm, ``bridge`` of the
    bridge; ``metal`` frames shine."""

    half: tuple[float, float]
    power: float
    drop: float
    top: float
    bottom: float
    arm: float
    bridge: float
    metal: bool = False


STYLES: dict[str, Style | None] = {
    "none": None,
    "round_wire": Style((0.205, 0.198), 2.0, 0.00, 0.019, 0.019, 0.022, 0.018, True),
    "rectangular": Style((0.252, 0.150), 4.5, 0.03, 0.026, 0.022, 0.040, 0.026),
    "horn_rimmed": Style((0.246, 0.185), 3.4, 0.08, 0.058, 0.042, 0.062, 0.052),
    "browline": Style((0.238, 0.182), 2.8, 0.08, 0.058, 0.016, 0.048, 0.022),
    "aviator": Style((0.268, 0.212), 2.5, 0.22, 0.020, 0.018, 0.022, 0.018, True),
}
# Black, tortoise, burgundy, blue-grey, gold, silver.
COLOURS = [(22, 21, 22), (92, 56, 30), (104, 26, 34), (70, 86, 106), (188, 148, 78), (186, 190, 196)]
ROUND, ALONG, BRIDGE, SIDES = 48, 12, 8, 8  # points round a rim, along an arm and the bridge, and about a band
TRIANGLES = 2 * SIDES * (2 * ROUND + 2 * (ALONG - 1) + (BRIDGE - 1))
CENTRE = (0.330, -0.030)  # of a lens, in the mean face
WRAP, TILT = 0.22, 0.10  # how the front bends back to the sides (1/dm) and leans in towards the cheeks


@cache
def _triangles() -> Ints:
    parts, first = [], 0
    for count, closed in ((ROUND, True), (ROUND, True), (ALONG, False), (ALONG, False), (BRIDGE, False)):
        i, j = np.meshgrid(np.arange(count if closed else count - 1), np.arange(SIDES), indexing="ij")
        n, m = (i + 1) % count, (j + 1) % SIDES
        quads = np.stack([i * SIDES + j, n * SIDES + j, n * SIDES + m, i * SIDES + m], axis=-1).reshape(-1, 4)
        parts.append(first + quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3))
        first += count * SIDES
    return np.concatenate(parts).astype(np.int32)


def outline(style: Style, angle: Floats) -> Floats:
    """Distance (N,) of the lens's edge from its middle at ``angle`` (0 outwards, pi/2 up), before its drop."""
    c, s = np.abs(np.cos(angle)) / style.half[0], np.abs(np.sin(angle)) / style.half[1]
    return np.asarray((c**style.power + s**style.power) ** (-1 / style.power), np.float32)


def _band(path: Floats, up: Floats, out: Floats, height: Floats, depth: float) -> tuple[Floats, Floats]:
    """A rounded band along ``path`` (N, 3): points and normals (N * SIDES, 3); ``up`` and ``out`` (N, 3) span its
    section, ``height`` (N,) along ``up`` and ``depth`` along ``out``."""
    a = (np.arange(SIDES) + 0.5) * (2 * np.pi / SIDES)
    c, s = (np.sign(w) * np.abs(w) ** 0.7 for w in (np.cos(a), np.sin(a)))
    offset = (
        up[:, None] * (height / 2)[:, None, None] * c[None, :, None] + out[:, None] * (depth / 2) * s[None, :, None]
    )
    normal = up[:, None] * c[None, :, None] + out[:, None] * s[None, :, None]
    return (path[:, None] + offset).reshape(-1, 3), normal.reshape(-1, 3)


@dataclass(frozen=True)
class Worn:
    """Fitted glasses: ``points`` and ``normals`` (V, 3), ``triangles`` (T, 3), and the outlines (2, ROUND, 3) of the
    two lenses."""

    style: Style
    points: Floats
    normals: Floats
    triangles: Ints
    lenses: Floats


class Fitter:
    """Places glasses on a shaped head: before the skin round the eyes, on the bridge of the nose, over the ears."""

    def __init__(self, head: Head) -> None:
        v = head.vertices
        skin = np.zeros(len(v), bool)
        skin[head.triangles[head.part == SKIN]] = True
        bare = skin & (head.fields["ear"] < -0.01)
        x, y, z = np.abs(v[:, 0]), v[:, 1], v[:, 2]
        self._front = np.flatnonzero(skin & (x < 0.72) & (y > -0.42) & (y < 0.36) & (z > -0.15))
        self._ridge = np.flatnonzero(skin & (x < 0.06) & (y > -0.10) & (y < 0.14) & (z > 0.1))
        depths = np.linspace(0.05, -0.66, ALONG - 2)
        self._temples = [
            np.flatnonzero(bare & (np.abs(y - 0.03) < 0.16) & (np.abs(z - d) < 0.09) & (x > 0.3)) for d in depths
        ]
        ear = np.flatnonzero(head.fields["ear"] > -0.02)
        self._ear_top = ear[(y[ear] > -0.06) & (z[ear] > -0.68)]
        self._eyes = head.eyes

    def fit(self, raw: Floats, look: Mapping[str, float | str], tucked: bool) -> Worn | None:
        """The glasses of ``look`` on the shaped head's vertices ``raw`` (V, 3); None for none.

        ``tucked``: the arms run under hair that covers the ears.
        """
        style = STYLES[str(look["glasses"])]
        if style is None:
            return None
        size = 1 + 0.24 * (float(look["glasses_size"]) - 0.5)
        pupils = [raw[e].mean(axis=0) for e in self._eyes]
        apart = float(pupils[0][0] - pupils[1][0]) / 2
        a = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)
        r = outline(style, a) * size
        u, v = r * np.cos(a), r * np.sin(a)
        u = u * (1 + style.drop * v / (style.half[1] * size))
        cx = max(CENTRE[0] + 0.7 * (apart - 0.289), style.half[0] * size + 0.07)
        cy = CENTRE[1] - (0.03 if style.drop > 0.1 else 0.0)
        thick = style.bottom + (style.top - style.bottom) * ramp(np.sin(a).astype(np.float32), -0.25, 0.35)
        thick = (thick * size).astype(np.float32)
        # The front lies as far back as the skin lets it.
        x, y, z = raw[self._front].T
        du, dv = (np.abs(x) - cx) / (style.half[0] * size), (y - cy) / (style.half[1] * size)
        under = (np.abs(du) < 1.2) & (np.abs(dv) < 1.25) & (du * du + dv * dv < 2.0) & (np.abs(x) > 0.085)
        front = float((z + WRAP * x * x - TILT * (y - cy))[under].max(initial=0.16)) + 0.022

        def plane(px: Floats, py: Floats) -> Floats:
            return np.stack([px, py, front - WRAP * px * px + TILT * (py - cy)], axis=-1).astype(np.float32)

        parts: list[tuple[Floats, Floats]] = []
        lenses: list[Floats] = []
        ahead = np.broadcast_to(np.array([0, -TILT, 1], np.float32), (ROUND, 3))
        for side in (1, -1):
            path = plane(side * (cx + u), cy + v)
            along = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
            parts.append(_band(path, _unit(np.cross(along, ahead)), ahead, thick, 0.026))
            lenses.append(path)
        # Arms: from the rim's outer upper edge past the temples to where the ear meets the head.
        ear_y = float(raw[self._ear_top, 1].max()) if len(self._ear_top) else 0.03
        hinge_y = cy + 0.42 * style.half[1] * size
        t = np.linspace(0, 1, ALONG)
        rim_x = cx + float(np.interp(0.42, np.sin(a[: ROUND // 4]), u[: ROUND // 4]))
        hinge_z = front - WRAP * rim_x**2 - 0.005
        for side in (1, -1):
            depth = np.concatenate([[hinge_z, hinge_z - 0.035], np.linspace(0.05, -0.66, ALONG - 2)])
            depth = np.minimum(depth, hinge_z - 0.06 * np.arange(ALONG) / 2)
            skull = np.array([(side * raw[i, 0]).max(initial=0.3) for i in self._temples])
            if tucked:
                skull = skull + 0.018 - 0.12 * ramp(depth[2:].astype(np.float32), -0.05, -0.25)
            reach = np.concatenate(
                [[rim_x, rim_x + 0.035], skull if tucked else np.maximum(skull + 0.028, rim_x + 0.03)]
            )
            if not tucked:
                reach[1:] = np.maximum(reach[1:], np.minimum(np.maximum.accumulate(reach[1:]), reach[1:] + 0.05))
            path = np.stack([side * reach, hinge_y + (ear_y - hinge_y) * t, depth], axis=1).astype(np.float32)
            along = np.diff(path, axis=0, append=2 * path[-1:] - path[-2:-1])
            up = np.broadcast_to(np.array([0, 1, 0], np.float32), path.shape)
            out = _unit(np.cross(up, along)) * -side
            parts.append(_band(path, up, out, np.full(ALONG, style.arm * size, np.float32), 0.022))
        # The bridge rests over the ridge of the nose.
        inner = cx - style.half[0] * size * 0.97
        s = np.linspace(-1, 1, BRIDGE)
        lift = cy + (0.30 + 0.16 * (1 - s * s)) * style.half[1] * size
        path = plane(inner * s, lift)
        nose = float(raw[self._ridge, 2].max(initial=0.2))
        path[:, 2] = np.maximum(path[:, 2], nose + 0.018 - 0.6 * np.abs(path[:, 0]))
        up = np.broadcast_to(np.array([0, 1, 0], np.float32), path.shape)
        parts.append(_band(path, up, ahead[:BRIDGE], np.full(BRIDGE, style.bridge * size, np.float32), 0.024))
        points, normals = (np.concatenate([part[k] for part in parts]).astype(np.float32) for k in (0, 1))
        return Worn(style, points, _unit(normals), _triangles(), np.stack(lenses))


def shade(p: Floats, normals: Floats, style: Style, look: Mapping[str, float | str], light: Light) -> Floats:
    """Light (N, 3) from the frame at points p (N, 3) of the worn glasses, ``normals`` (N, 3) towards the viewer."""
    t = float(look["glasses_colour"])
    colour = np.broadcast_to(palette(COLOURS, t), p.shape)
    blotched = float(bump(np.array([t], np.float32), 0.2, 0.07)[0])
    if blotched > 0.05:
        spots = ramp(noise(p[:, 0] * 22 + p[:, 2] * 15, p[:, 1] * 22, seed=81), -0.2, 0.9)
        colour = mix(colour, linear((32, 20, 14)), 0.8 * blotched * spots)
    shine = max(float(style.metal), float(np.clip((t - 0.62) / 0.15, 0, 1)))
    sky = np.ones(len(p), np.float32)
    out = colour * light.diffuse(normals, sky, np.full(3, 0.2, np.float32)) * (1 - 0.25 * shine)
    out = out + (light.gloss(normals, 26.0) * 0.20)[:, None]
    return np.asarray(out + colour * (light.gloss(normals, 9.0) * 1.3 * shine)[:, None], np.float32)


def glaze(canvas: Floats, seen: Flags, lenses: Floats) -> None:
    """Tint what lies behind the lenses a little and lay a faint reflection over it: in place on ``canvas``
    (W * W, 3), where ``seen`` (W, W) is not frame and not backdrop; ``lenses`` (2, ROUND, 2) in picture coordinates."""
    width = seen.shape[0]
    for lens in lenses:
        middle = lens.mean(axis=0)
        quarter = ROUND // 4
        axes = np.stack([lens[0] - lens[2 * quarter], lens[quarter] - lens[3 * quarter]], axis=1) / 2
        if abs(float(np.linalg.det(axes))) < 2e-4:
            continue  # seen from its edge
        low = np.clip(np.floor(lens.min(axis=0) * width).astype(int), 0, width)
        high = np.clip(np.ceil(lens.max(axis=0) * width).astype(int), 0, width)
        rows, columns = np.mgrid[low[1] : high[1], low[0] : high[0]]
        at = np.stack([(columns + 0.5) / width, (rows + 0.5) / width], axis=-1) - middle
        back = np.linalg.inv(axes).T
        local = at @ back
        edge = (lens - middle) @ back
        turn = np.arctan2(edge[:, 1], edge[:, 0])
        order = np.argsort(turn)
        reach = np.interp(
            np.arctan2(local[..., 1], local[..., 0]), turn[order], np.hypot(*edge.T)[order], period=2 * np.pi
        )
        inside = (np.hypot(local[..., 0], local[..., 1]) < reach) & seen[low[1] : high[1], low[0] : high[0]]
        cells = (rows * width + columns)[inside]
        across = (local[..., 1] - 0.9 * (at @ np.array([1.0, 0.0])) / max(float(np.abs(axes[0]).max()), 1e-3))[inside]
        streak = bump(across.astype(np.float32), 0.55, 0.16) + 0.6 * bump(across.astype(np.float32), 0.95, 0.06)
        canvas[cells] = canvas[cells] * np.float32(0.965) + (0.020 * streak)[:, None]


def shadow(p: Floats, look: Mapping[str, float | str]) -> Floats:
    """The share of light (N,) that the frame leaves on the skin at neutral points p (N, 3): a soft line below it."""
    out = np.ones(len(p), np.float32)
    style = STYLES[str(look["glasses"])]
    if style is None:
        return out
    near = np.flatnonzero((np.abs(p[:, 0]) < 0.75) & (p[:, 1] > -0.45) & (p[:, 1] < 0.3) & (p[:, 2] > -0.1))
    x, y = np.abs(p[near, 0]) - CENTRE[0], p[near, 1] - CENTRE[1] + 0.035
    size = 1 + 0.24 * (float(look["glasses_size"]) - 0.5)
    off = np.hypot(x, y) - outline(style, np.arctan2(y, x)) * size
    out[near] = 1 - 0.20 * bump(off, 0, 0.022 + 0.3 * style.bottom)
    return out


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.maximum(np.sqrt((v * v).sum(axis=-1, keepdims=True)), 1e-6), np.float32)
