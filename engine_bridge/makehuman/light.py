"""Light set-ups: the neutral studio, and random ones by number."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import PI, cosine, sine
from engine_bridge.makehuman.core.scene import Light
from engine_bridge.makehuman.core.shadow import FILL, KEY, RIM, SKY

Vector = NDArray[np.float64]
SKY_DIRECTIONS = 18  # over the whole sphere; those from far behind are left out
BEHIND = -0.45


def _unit(x: float, y: float, z: float) -> Vector:
    return np.array([x, y, z]) / math.sqrt(x * x + y * y + z * z)


def _cross(a: Vector, b: Vector) -> Vector:
    x, y, z = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    return _unit(float(x), float(y), float(z))


@kernel
def _sphere(count):  # type: ignore[no-untyped-def]
    """Directions (N, 3) spread evenly over the sphere (a Fibonacci lattice)."""
    out = np.empty((count, 3))
    for k in range(count):
        y = 1.0 - 2.0 * (k + 0.5) / count
        a = PI * 3.23606797749979 * (k + 0.5)
        r = math.sqrt(1.0 - y * y)
        out[k, 0] = r * cosine(a)
        out[k, 1] = y
        out[k, 2] = r * sine(a)
    return out


@kernel
def _polar(azimuth, elevation):  # type: ignore[no-untyped-def]
    """Unit vector (3,) of angles in degrees; azimuth 0 is the viewer's side, positive to its right."""
    a, e = azimuth * PI / 180.0, elevation * PI / 180.0
    out = np.empty(3)
    out[0] = sine(a) * cosine(e)
    out[1] = sine(e)
    out[2] = cosine(a) * cosine(e)
    return out


def rig(
    key: Vector, fill: Vector, key_colour: Vector, fill_colour: Vector, rim_colour: Vector, sky: Vector, ground: Vector
) -> Light:
    """A set-up of a soft box of four directions, a fill of two, two rims from behind, and the sky all round."""
    directions, colours, groups = [], [], []
    side = _cross(key, np.array([0.0, 1.0, 0.0]))
    up = _cross(key, side)
    for i, j in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        d = key + 0.27 * (i * side + j * up)
        directions.append(_unit(*d.tolist()))
        colours.append(key_colour / 4)
        groups.append(KEY)
    side = _cross(fill, np.array([0.0, 1.0, 0.0]))
    for i in (-1, 1):
        d = fill + 0.25 * i * side
        directions.append(_unit(*d.tolist()))
        colours.append(fill_colour / 2)
        groups.append(FILL)
    for d in _sphere(SKY_DIRECTIONS):
        if d[2] > BEHIND:
            t = 0.5 + 0.5 * d[1]
            directions.append(d)
            colours.append((ground * (1 - t) + sky * t) * (4 / SKY_DIRECTIONS))
            groups.append(SKY)
    rims = np.stack([_unit(0.85, 0.45, -0.45), _unit(-0.9, 0.30, -0.40)])
    for d in rims:
        directions.append(d)
        colours.append(rim_colour * 0.55)
        groups.append(RIM)
    return Light(
        key,
        key_colour,
        fill,
        fill_colour,
        rims,
        rim_colour,
        sky,
        ground,
        np.ascontiguousarray(directions),
        np.ascontiguousarray(colours),
        np.array(groups, np.int32),
    )


POWER = 1.35  # of the studio: what makes the palette's lightest skin of albedos below 1
# A key from the side and above, four times as strong as the fill: cheeks, jaw and temples turn away into soft shade,
# but folds beside nose and mouth stay shallow, which a harder light makes years.
STUDIO = rig(
    _unit(-0.46, 0.54, 0.72),
    _unit(0.60, 0.06, 0.80),
    np.array([1.0, 0.96, 0.91]) * (1.08 * POWER),
    np.array([1.0, 0.95, 0.92]) * (0.26 * POWER),
    np.array([0.96, 0.98, 1.04]) * (0.85 * POWER),
    np.array([0.94, 0.98, 1.05]) * (0.20 * POWER),
    np.array([0.76, 0.58, 0.51]) * (0.18 * POWER),
)


@lru_cache(64)
def light_setup(number: int) -> Light:
    """The studio for 0; otherwise a random set-up, the same for the same number: where the lights stand, how strong
    and how warm they are."""
    if number == 0:
        return STUDIO
    rng = np.random.default_rng([0x11647, number])

    def tint(power: float) -> Vector:
        warm = float(rng.random() + rng.random() + rng.random() - 1.5) * 0.26  # about normal, deviation .13
        return power * np.array([1 + warm, 1.0, 1 - warm])

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(rng.random())

    exposure = POWER * uniform(0.65, 1.25)
    share = uniform(0.30, 0.90)  # of the key in what falls on the face
    key, fill = _polar(uniform(-80, 80), uniform(-15, 65)), _polar(uniform(-80, 80), uniform(-25, 45))
    sky = tint(exposure * uniform(0.16, 0.40))
    return rig(
        key,
        fill,
        tint(exposure * (0.20 + 1.05 * share)),
        tint(exposure * (1 - share) * 0.7),
        tint(uniform(0, 1.1)),
        sky,
        sky * uniform(0.35, 0.9),
    )
