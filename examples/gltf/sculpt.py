"""The shape of a head out of a few solids: a signed distance that smooth unions build, met by rays from inside.

Lengths in dm, y up, the face looks to +z, the origin lies between the eyeballs. Every number that a character may vary
is a field of `Shape`; a morph target is the difference of two sculptures of one topology.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """Numbers of one head (dm, or shares); the defaults are the average one."""

    head_width: float = 0.0
    head_height: float = 0.0
    face_width: float = 0.0
    forehead: float = 0.0
    ridge: float = 0.0
    cheekbone: float = 0.0
    cheek_left: float = 0.0
    cheek_right: float = 0.0
    jaw_width: float = 0.0
    jaw_height: float = 0.0
    chin_length: float = 0.0
    chin_width: float = 0.0
    chin_depth: float = 0.0
    eye_space: float = 0.0
    eye_size: float = 0.0
    eye_tilt: float = 0.0
    eye_depth: float = 0.0
    blink_left: float = 0.0
    blink_right: float = 0.0
    nose_length: float = 0.0
    nose_width: float = 0.0
    nose_depth: float = 0.0
    nose_bridge: float = 0.0
    nose_hump: float = 0.0
    nose_tip: float = 0.0
    mouth_width: float = 0.0
    mouth_height: float = 0.0
    upper_lip: float = 0.0
    lower_lip: float = 0.0
    ear_size: float = 0.0
    neck_width: float = 0.0


EYE, BALL, MOUTH = 0.33, 0.150, -0.68


def blend(a: Array, b: Array, k: float) -> Array:
    """Smooth union of two distances (Quilez' polynomial minimum)."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def carve(a: Array, b: Array, k: float) -> Array:
    """``a`` less the solid ``b``, smoothly."""
    return -blend(-a, b, k)


def ellipsoid(p: Array, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Array:
    q = p - np.array(centre)
    r = np.array(radii)
    k0, k1 = np.linalg.norm(q / r, axis=-1), np.linalg.norm(q / (r * r), axis=-1)
    return k0 * (k0 - 1) / np.maximum(k1, 1e-9)


def capsule(p: Array, a: tuple[float, float, float], b: tuple[float, float, float], ra: float, rb: float) -> Array:
    """A rounded cone from ``a`` to ``b``."""
    pa, ba = p - np.array(a), np.array(b) - np.array(a)
    t = np.clip((pa @ ba) / (ba @ ba), 0, 1)
    return np.linalg.norm(pa - t[..., None] * ba, axis=-1) - (ra + (rb - ra) * t)


def distance(p: Array, s: Shape) -> Array:
    """Signed distance of points (.., 3) to the head, about: its zero is what counts."""
    side = np.abs(p[..., 0])
    left = p[..., 0] > 0  # the character's own left
    q = np.stack([side, p[..., 1], p[..., 2]], axis=-1)
    hw, hh = s.head_width, s.head_height
    d = ellipsoid(q, (0, 0.24 + 0.5 * hh, -0.78), (0.755 + hw, 0.86 + 0.5 * hh, 0.985))  # skull
    d = blend(d, ellipsoid(q, (0, 0.30, -0.36 + s.forehead), (0.62 + 0.6 * hw, 0.62 + 0.4 * hh, 0.57)), 0.16)
    d = blend(d, ellipsoid(q, (0, -0.30, -0.46), (0.66 + s.face_width, 0.70, 0.59)), 0.16)
    jaw = ellipsoid(q, (0, -0.66 + s.jaw_height, -0.42), (0.44 + s.jaw_width + 0.5 * s.face_width, 0.38, 0.52))
    d = blend(d, jaw, 0.18)
    d = blend(
        d,
        capsule(
            q, (0.0, -0.60, -0.55), (0.41 + s.jaw_width + 0.6 * s.face_width, -0.56 + s.jaw_height, -0.66), 0.18, 0.14
        ),
        0.14,
    )
    chin = (0.0, -0.925 - s.chin_length, 0.005 + s.chin_depth)
    d = blend(d, ellipsoid(q, chin, (0.175 + s.chin_width, 0.135, 0.145)), 0.17)
    d = blend(d, capsule(q, (0, -0.9, -0.92), (0, -2.0, -1.02), 0.42 + s.neck_width, 0.45 + s.neck_width), 0.12)
    d = blend(d, ellipsoid(q, (0, -2.62, -1.0), (1.75, 0.62, 0.62)), 0.45)
    d = blend(d, capsule(q, (0.40, -0.24, -0.02), (0.56, -0.14, -0.38), 0.10 + s.cheekbone, 0.12 + s.cheekbone), 0.20)
    cheek = np.where(left, s.cheek_left, s.cheek_right)
    d = blend(d, ellipsoid(q, (0.33, -0.46, -0.10), (0.19, 0.22, 0.17)) - cheek, 0.18)
    # Sockets, ridges, lids over the balls.
    ex = EYE + s.eye_space
    d = carve(d, ellipsoid(q, (ex - 0.01, -0.01, 0.22 - s.eye_depth), (0.20, 0.115, 0.13)), 0.15)
    d = blend(d, capsule(q, (0.10, 0.145, 0.115 + s.ridge), (0.46, 0.19, 0.005 + s.ridge), 0.055, 0.055), 0.13)
    lid = BALL * (1 + s.eye_size) + 0.024
    d = blend(d, np.linalg.norm(q - np.array([ex, 0, -0.035 - s.eye_depth]), axis=-1) - lid, 0.045)
    # Nose: bridge, tip, wings, nostrils.
    tip_y, tip_z = -0.375 - s.nose_length + s.nose_tip, 0.315 + s.nose_depth
    hump = 0.125 + s.nose_hump
    d = blend(
        d,
        capsule(
            q, (0, 0.09, 0.085), (0, -0.14 - 0.4 * s.nose_length, hump), 0.060 + s.nose_bridge, 0.066 + s.nose_bridge
        ),
        0.09,
    )
    d = blend(
        d, capsule(q, (0, -0.14 - 0.4 * s.nose_length, hump), (0, tip_y, tip_z), 0.066 + s.nose_bridge, 0.080), 0.07
    )
    wing = (0.098 + s.nose_width, -0.412 - s.nose_length, 0.195 + 0.5 * s.nose_depth)
    d = blend(d, ellipsoid(q, wing, (0.060, 0.062, 0.085)), 0.045)
    d = blend(d, ellipsoid(q, (0, tip_y - 0.015, tip_z - 0.02), (0.085, 0.07, 0.075)), 0.05)
    d = carve(
        d,
        ellipsoid(
            q, (0.058 + 0.7 * s.nose_width, -0.478 - s.nose_length, 0.235 + 0.6 * s.nose_depth), (0.032, 0.035, 0.05)
        ),
        0.02,
    )
    # Mouth: the mound of the teeth, two lips, the groove above and the dip below.
    my, mw = MOUTH + s.mouth_height, 0.235 + s.mouth_width
    d = blend(d, ellipsoid(q, (0, my, -0.02), (0.25 + 0.6 * s.mouth_width, 0.19, 0.15)), 0.12)
    up, low = 0.036 + s.upper_lip, 0.046 + s.lower_lip
    d = blend(d, capsule(q, (0.02, my + 0.036 + 0.5 * s.upper_lip, 0.176), (mw, my + 0.004, 0.095), up, 0.016), 0.022)
    d = blend(
        d, capsule(q, (0.00, my - 0.048 - 0.5 * s.lower_lip, 0.168), (mw * 0.98, my - 0.006, 0.090), low, 0.016), 0.022
    )
    return carve(d, capsule(q, (0, my + 0.105, 0.220), (0, my + 0.20, 0.222), 0.030, 0.022), 0.03)


@dataclass(frozen=True)
class Grid:
    """Rays of the sheet: ``azimuth`` (C,), ``height`` (R,) of the origins on the neck's axis and ``elevation`` (R,);
    ``eye_row`` and ``mouth_row``, whose rows stand twice, for the slits."""

    azimuth: Array
    height: Array
    elevation: Array
    eye_row: int
    mouth_row: int


AXIS = -0.62
LIKE = 0.16  # dm that a like head differs by, at most


def grid(step: float = 0.04) -> Grid:
    """The rays; ``step`` (dm) between those that meet the face."""
    near = np.arange(0, 0.80, step / 0.80)
    far = np.concatenate([near, np.linspace(0.80, 1.9, 18), np.linspace(1.9, np.pi, 12)[1:]])
    azimuth = np.concatenate([-far[:0:-1], far])
    rows: list[tuple[float, float]] = []

    def run(many: int, one: tuple[float, float], other: tuple[float, float]) -> None:
        rows.extend(
            (one[0] + (other[0] - one[0]) * k / many, one[1] + (other[1] - one[1]) * k / many) for k in range(many)
        )

    run(16, (0.30, 1.568), (0.30, 0.25))
    run(8, (0.30, 0.25), (0.28, 0.0))
    run(round(0.28 / step), (0.28, 0.0), (0.0, 0.0))
    eye = len(rows)
    rows.append((0.0, 0.0))
    run(round(0.68 / step), (0.0, 0.0), (MOUTH, 0.0))
    mouth = len(rows)
    rows.append((MOUTH, 0.0))
    run(round(0.20 / step), (MOUTH, 0.0), (-0.84, -0.06))
    run(16, (-0.84, -0.06), (-0.86, -0.62))
    run(6, (-0.86, -0.62), (-1.25, -0.42))
    run(14, (-1.25, -0.42), (-2.35, 0.0))
    rows.append((-2.35, 0.0))
    height, elevation = np.array(rows).T
    return Grid(azimuth, height, elevation, eye, mouth)


def _opening(x: Array, s: Shape) -> tuple[Array, Array]:
    """How far the upper and the lower lid stand above and below the eyes' level at x; 0 outside."""
    side = np.abs(x)
    blink = np.where(x > 0, s.blink_left, s.blink_right)
    half = 0.158 * (1 + 0.8 * s.eye_size)
    t = (side - (EYE + s.eye_space)) / half
    inside = np.clip(1 - t * t, 0, 1)
    tilt = s.eye_tilt * np.clip(t, -1, 1) * (np.abs(t) < 1.4)
    size = 1 + 1.5 * s.eye_size
    up = 0.066 * size * inside**0.75 * (1 + 0.10 * t) * (1 - 1.72 * blink)
    down = 0.046 * size * inside**0.9
    return up + tilt * (inside > 0), down - tilt * (inside > 0)


def sheet(g: Grid, s: Shape, about: Array | None = None) -> tuple[Array, Array]:
    """Points (R, C, 3) where the rays leave the head, rows moved apart at the slits of the eyes, and how far (R, C)
    along the rays they lie; the mouth is shut.  ``about``: how far they lie for a like head, which saves the search."""
    x_guess = np.sin(g.azimuth) * 0.86
    height = np.repeat(g.height[:, None], len(g.azimuth), axis=1)
    up, down = _opening(x_guess, s)
    above = np.arange(len(g.height)) <= g.eye_row
    fade_up = np.clip(1 - (g.height - 0.0) / 0.20, 0, 1) ** 1.5 * (g.elevation < 0.2)
    fade_down = np.clip(1 + g.height / 0.24, 0, 1) ** 1.5
    height += np.where(above[:, None], fade_up[:, None] * up, -fade_down[:, None] * down)
    # The rows about the mouth follow it up and down.
    height += s.mouth_height * np.exp(-(((g.height - MOUTH) / 0.16) ** 2))[:, None]
    ca, sa = np.cos(g.azimuth)[None], np.sin(g.azimuth)[None]
    ce, se = np.cos(g.elevation)[:, None], np.sin(g.elevation)[:, None]
    way = np.stack([sa * ce, np.broadcast_to(se, height.shape), ca * ce], axis=-1)
    origin = np.stack([np.zeros_like(height), height, np.full_like(height, AXIS)], axis=-1)
    if about is None:
        near, far = np.zeros_like(height), np.full_like(height, 2.6)
        # The furthest way out: march inwards until the solid is met, then halve.
        where = np.linspace(2.6, 0.05, 36)
        found = np.zeros(height.shape, bool)
        for t in where:
            inside = (distance(origin + t * way, s) < 0) & ~found
            near[inside], far[inside] = t, t + (where[0] - where[1])
            found |= inside
    else:
        near, far = about - LIKE, about + LIKE
    for _ in range(14):
        middle = 0.5 * (near + far)
        inside = distance(origin + middle[..., None] * way, s) < 0
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return origin + near[..., None] * way, near
