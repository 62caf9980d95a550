"""The strips that hair is built of: grids of points round a shaped scalp, with what the shading needs to know there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine_bridge.makehuman.arrays import Floats, Ints
from engine_bridge.makehuman.hair.skull import Skull, angles, direction, scalp_at
from engine_bridge.makehuman.hair.strands import locks, tufts
from engine_bridge.makehuman.hair.styles import Cap, Style, hairline
from engine_bridge.makehuman.paint import bump, ramp

# Rows and points of each strip: the rasteriser is told the number of triangles once.
SIZES = {"cap": (81, 28), "left": (30, 52), "right": (30, 52), "fringe": (41, 16), "knot": (25, 13), "tail": (17, 26)}
POLES = {
    "crown": direction(np.array(178.0), np.array(24.0)),
    "back": direction(np.array(179.9), np.array(78.0)),
    "side": direction(np.array(30.0), np.array(31.0)),
    "up": direction(np.array(179.9), np.array(20.0)),
}


@dataclass(frozen=True)
class Strip:
    """``points`` (rows, along, 3) before the head is turned; ``across`` and ``along`` the strands, and ``rim``, how
    far from the edge of the hair, all (rows, along) in dm; ``open`` (rows, along): how much light gets there;
    ``tangent`` (rows, along, 3): where the strands run, None where they run along the rows."""

    points: Floats
    across: Floats
    along: Floats
    rim: Floats
    open: Floats
    tangent: Floats | None = None


@cache
def triangles(name: str) -> Ints:
    """Vertex numbers (T, 3) of a strip's triangles."""
    rows, points = SIZES[name]
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(points - 1), indexing="ij")
    a = (i * points + j).ravel()
    quads = np.stack([a, a + points, a + points + 1, a + 1], axis=1)
    return np.asarray(quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3).astype(np.int32))


def _flow(d: Floats, cap: Cap) -> tuple[Floats, Floats, Floats]:
    """Across, along (dm) and tangent of the strands at unit directions ``d`` (..., 3)."""
    pole = POLES[cap.flow]
    up = np.array([0, 1, 0], np.float32) - pole * pole[1]
    up /= np.linalg.norm(up)
    right = np.cross(pole, up)
    towards = d @ pole
    across = np.arctan2(d @ right, d @ up) * 0.62
    tangent = pole - d * towards[..., None]
    tangent /= np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-3)
    return across, np.arccos(np.clip(towards, -1, 1)) * 0.9, tangent


def cap(skull: Skull, scalp: Floats, style: Style, volume: float, rise: float) -> Strip:
    """Hair over the scalp down to the hairline."""
    form = style.cap
    assert form is not None
    rows, count = SIZES["cap"]
    azimuth = np.linspace(-179.9, 179.9, rows, dtype=np.float32)[:, None]
    t = (1 - (1 - np.linspace(0, 1, count, dtype=np.float32)) ** 1.5)[None]
    a = np.abs(azimuth)
    low = form.low * ramp(a, 60.0, 30.0)
    end = skull.polar_of_height(azimuth, hairline(azimuth, style, rise) - low) + 5.0 + 4.0 * ramp(a, 70.0, 40.0)
    polar = t * end
    rim = (end - polar) * np.float32(np.pi / 180 * 0.9)
    d = direction(azimuth, polar)
    across, along, tangent = _flow(d, form)
    front, top, side, back = (h * (0.40 + 1.2 * volume) for h in form.heights)
    around = np.interp(a, [0, 32, 64, 95, 140, 180], [front, front * 0.95, side, side, back, back])
    height = top + (around - top) * ramp(polar, 10.0, 62.0)
    wide = 0.06 + form.steep * height + 0.10 * form.steep
    # The frayed edge lies on the skin, so that nothing shows between the two; then the hair rises.
    flat = 0.05 + 0.04 * ramp(a, 70.0, 40.0)
    height = height * (1 - (1 - np.clip((rim - flat) / wide, 0, 1)) ** 2) + 0.012 + 0.25 * low * ramp(rim, 0.45, 0.0)
    tuft = locks(across, along)[..., 0] * 0.6 + tufts(across, along * 0.6)[..., 0] * 0.4
    height = height * (1 + form.locks * 0.45 * tuft * ramp(rim, 0.0, 0.15) * ramp(polar, 0.0, 14.0))
    if form.parting:
        aside = np.arcsin(np.clip(d[..., 0], -1, 1)) - form.parting
        groove = bump(aside, 0, 0.07) * ramp(d[..., 2], -0.4, 0.1)
        height = height * (1 - 0.25 * groove) * (1 + 0.35 * ramp(-aside, 0.0, 0.35) * ramp(-aside, 1.1, 0.7))
    if style.bumps:
        height = height + style.bumps * tufts(
            azimuth * 0.013 * np.sin(np.radians(polar)) + d[..., 0] * 0.3, polar * 0.016
        )[..., 1] * ramp(rim, 0.0, 0.12)
    at = scalp_at(scalp, azimuth, polar) + d * height[..., None]
    if form.lift:
        stand = form.lift * (0.5 + volume) * bump(a, 0, 36) * bump(rim, 0.20 + form.lift * 0.5, 0.16)
        at = at + stand[..., None] * np.array([0, 0.75, 0.45], np.float32)
    open_ = 0.62 + 0.38 * ramp(rim, 0.0, 0.22)
    if form.parting:
        open_ = open_ * (1 - 0.35 * groove)
    # Hair that stands off the skin is opaque: through it one would see past the head.
    edge = np.maximum(rim - 0.055 - 0.045 * ramp(a, 70.0, 40.0), 4 * (height - 0.035 - 0.5 * low))
    return Strip(at, across, along, edge, open_, tangent)


def curtain(skull: Skull, scalp: Floats, style: Style, side: int, sliders: tuple[float, float, float]) -> Strip:
    """Hair of one side (+1 left, -1 right): from the parting over the skull, then down; ``sliders``: volume, rise of
    the hairline (-1..1) and length."""
    form = style.curtain
    assert form is not None
    volume, rise, length = sliders
    rows, count = SIZES["left"]
    u, v = np.linspace(0, 1, rows, dtype=np.float32)[:, None], np.linspace(0, 1, count, dtype=np.float32)[None]
    zero = np.zeros(1, np.float32)
    first = float(skull.polar_of_height(zero, hairline(zero, style, rise) + 0.01)[0])
    if form.back:
        first = 10.0
    root_polar = first + (-70 - first) * u
    root = direction(np.zeros_like(root_polar), root_polar)
    root = root + np.array([1, 0, 0], np.float32) * (form.parting * 1.1 * (1 - 0.8 * u))[..., None]
    root /= np.linalg.norm(root, axis=-1, keepdims=True)
    goal_azimuth = form.face + (180 - form.face) * u**0.9
    goal_polar = skull.polar_of_height(goal_azimuth, np.full_like(goal_azimuth, 0.05))
    way_length = 1.15
    tip = form.tip + (0.5 - length) * 0.55
    fall_length = 0.05 - tip
    split = way_length / (way_length + fall_length)
    f, g = np.clip(v / split, 0, 1), np.clip((v - split) / (1 - split), 0, 1)
    d = _slerp(root, direction(goal_azimuth * side, goal_polar), f)
    along = np.broadcast_to(v * (way_length + fall_length), (rows, count))
    across = np.broadcast_to(u * 1.9 + 4.1 * side + 8, (rows, count))
    over = form.height * (0.5 + volume) * (0.30 + 0.70 * ramp(f, 0.0, 0.45)) * ramp(u, -0.30, 0.25) + 0.03
    lock = locks(across, along)
    over = over * (1 + 0.16 * lock[..., 0] * ramp(v, 0.05, 0.3))
    at = scalp_at(scalp, *angles(d)) + d * over[..., None]
    down = g * fall_length
    out = direction(goal_azimuth * side, np.full_like(goal_azimuth, 90.0))
    level = 0.10 * np.sin(np.clip(g * 1.6, 0, np.pi / 2)) * form.spread / 0.1 * (0.5 + volume)
    level = level - form.turn_in * ramp(g, 0.45, 1.0)
    level = level - (0.08 - 0.03 * g) * ramp(v, split * 0.9, split * 1.5) * ramp(u, 0.16, 0.0)  # tucked to the cheek
    level = level + 0.05 * lock[..., 1] * ramp(g, 0.0, 0.6)
    at = at + out * level[..., None]
    at[..., 1] -= down
    at[..., 2] += 0.16 * g * ramp(u, 0.3, 0.9) + 0.05 * lock[..., 2] * ramp(g, 0.0, 0.3) * ramp(u, 0.25, 0.0)
    if form.wave:
        phase = 2.2 * lock[..., 2] + u * 9
        swing = form.wave * (0.6 + 0.8 * volume) * ramp(v, split * 0.45, split * 1.3)
        turn = 2 * np.pi * along / form.pitch + phase
        sideways = np.stack([out[..., 2], np.zeros_like(out[..., 0]), -out[..., 0]], axis=-1)
        at = at + out * (swing * np.sin(turn))[..., None] + sideways * (swing * 0.8 * np.cos(turn))[..., None]
    if style.bumps:
        at = at + out * (style.bumps * tufts(across, along)[..., 1] * ramp(v, 0.2, 0.5))[..., None]
    for _ in range(5):
        at[:, 1:-1] = (at[:, :-2] + 2 * at[:, 1:-1] + at[:, 2:]) / 4
    short = 0.10 * lock[..., 1] + 0.02
    edge = u * 1.2 + 0.01 + 0.02 * lock[..., 1] + 0.10 * ramp(f, 0.6, 1.0)  # where it hangs its edge is opaque
    rim = np.minimum(along[:, -1:] - along - 0.06 + short, edge)
    open_ = (0.58 + 0.42 * ramp(v, 0.0, 0.10)) * (0.70 + 0.30 * ramp(u, 0.0, 0.10))
    open_ = open_ * (1 - 0.55 * ramp(u, 0.35, 0.75) * ramp(g, 0.0, 0.35))
    return Strip(at, across, along, rim, open_)


def fringe(skull: Skull, scalp: Floats, style: Style, volume: float) -> Strip:
    """Hair from over the crown down the forehead."""
    assert style.fringe is not None
    low, sweep = style.fringe
    rows, count = SIZES["fringe"]
    azimuth = np.linspace(-58, 58, rows, dtype=np.float32)[:, None]
    t = np.linspace(0, 1, count, dtype=np.float32)[None]
    end = skull.polar_of_height(azimuth, low - 0.16 * ramp(np.abs(azimuth), 26.0, 62.0)) + 6
    polar = 14 + t * (end - 14)
    bent = np.clip(azimuth + sweep * t**1.5, -80, 80)
    along = np.broadcast_to(t * 1.1, polar.shape)
    across = np.broadcast_to(azimuth * 0.0125 + 3.0, polar.shape)
    lock = locks(across, along)
    over = (0.10 + 0.12 * volume) * ramp(t, -0.1, 0.4) * (1 - 0.60 * ramp(t, 0.45, 1.0)) + 0.035
    over = over * (1 + 0.22 * lock[..., 0]) * (0.35 + 0.65 * ramp(np.abs(azimuth), 58.0, 22.0))
    at = scalp_at(scalp, bent, polar) + direction(bent, polar) * over[..., None]
    rim = np.minimum(1.1 - along - 0.08 + 0.05 * lock[..., 1], (58 - np.abs(azimuth)) * 0.012 + 0.02 * lock[..., 1])
    open_ = 0.70 + 0.30 * ramp(t, 0.05, 0.35) * np.ones_like(azimuth)
    return Strip(at, across, along, rim, open_ * (0.85 + 0.15 * ramp(1.1 - along, 0.0, 0.2)))


def knot(scalp: Floats, style: Style, volume: float) -> Strip:
    """Hair wound up on the head."""
    assert style.knot is not None
    y, z, wide, high = style.knot
    rows, count = SIZES["knot"]
    turn = np.linspace(0, 2 * np.pi, rows, dtype=np.float32)[:, None]
    lat = np.linspace(-np.pi / 2, np.pi / 2, count, dtype=np.float32)[None]
    grow = 0.7 + 0.6 * volume
    twist = 1 + 0.07 * np.sin(5 * turn + 4.0 * lat)
    shape = np.stack(
        np.broadcast_arrays(np.cos(lat) * np.sin(turn), np.sin(lat), np.cos(lat) * np.cos(turn)), axis=-1
    ) * (np.array([wide, high, wide * 0.85], np.float32) * grow)
    shift = scalp_at(scalp, np.array(179.0), np.array(25.0))[None, None] - _MEAN_TOP
    at = shape * twist[..., None] + np.array([0, y, z], np.float32) + shift
    across = lat * 0.30 + turn * 0.10 + 20
    along = turn * 0.28 + lat * 0.0
    far = np.ones_like(twist)
    open_ = (0.55 + 0.45 * ramp(lat + 0 * turn, -1.1, 0.2)) * (0.86 + 0.14 * np.sin(5 * turn + 4.0 * lat))
    return Strip(at, across, along, far, open_)


def tail(scalp: Floats, style: Style, volume: float, length: float) -> Strip:
    """A tail of hair from the back of the head that falls over one shoulder."""
    assert style.tail is not None
    aside, long, wide = style.tail
    rows, count = SIZES["tail"]
    turn = np.linspace(0, 2 * np.pi, rows, dtype=np.float32)[:, None]
    v = np.linspace(0, 1, count, dtype=np.float32)[None]
    root = scalp_at(scalp, np.array(179.0), np.array(62.0)) + np.array([0, 0.02, -0.05], np.float32)
    reach = long * (0.7 + 0.6 * length)
    middle = np.stack(
        [
            aside * ramp(v, 0.05, 0.60),
            0.10 * np.sin(np.clip(v * 6, 0, np.pi)) - reach * np.maximum(v - 0.08, 0),
            -0.22 * np.sin(np.clip(v * 4, 0, np.pi)) + 1.15 * ramp(v, 0.15, 0.75),
        ],
        axis=-1,
    )
    thick = wide * (0.75 + 0.5 * volume) * (0.45 + 0.55 * ramp(v, 0.0, 0.25)) * (1 - 0.60 * ramp(v, 0.6, 1.0))
    across = turn * 0.16 + 30 + 0 * v
    along = v * reach + 0 * turn
    lock = locks(across, along)
    thick = thick * (1 + 0.10 * lock[..., 0])
    at = root + middle + np.stack([np.cos(turn) * thick, 0 * thick, np.sin(turn) * thick], axis=-1)
    rim = reach - along - 0.10 + 0.10 * lock[..., 1]
    return Strip(at, across, along, rim, 0.80 + 0.20 * ramp(v, 0.1, 0.4) * np.ones_like(turn))


_MEAN_TOP = np.array([0.0, 0.99, -1.02], np.float32)


def _slerp(a: Floats, b: Floats, t: Floats) -> Floats:
    angle = np.arccos(np.clip((a * b).sum(axis=-1, keepdims=True), -0.9999, 0.9999))
    t = t[..., None]
    return np.asarray((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle), np.float32)
