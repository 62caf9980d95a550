"""The mathematics of the studio that Blender draws in: turns, colours, lights, the five points. Needs numpy alone:
it runs inside Blender; the camera's numbers are the reference engine's (`engine_bridge.makehuman.core.camera`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Vector = tuple[float, float, float]
DISTANCE, AIM, FIELD = 14.0, 0.07, math.radians(11.0)  # dm before the eyes, dm above them, angle of view
PIVOT = np.array([0.0, -0.35, -0.70])  # dm: where a head turns
KEY, FILL, RIMS = (-0.50, 0.48, 0.72), (0.80, 0.05, 0.62), ((0.85, 0.45, -0.45), (-0.9, 0.30, -0.40))


def turning(yaw: float, pitch: float, roll: float) -> Array:
    """The matrix (3, 3), for row vectors, by which a view turns a head: pitch, yaw, then roll; degrees."""
    y, p, r = math.radians(yaw), math.radians(-pitch), math.radians(-roll)
    rows = []
    for i in range(3):
        x = (math.cos(y), math.sin(p) * math.sin(y), math.cos(p) * math.sin(y))[i]
        up = (0.0, math.cos(p), -math.sin(p))[i]
        out = (-math.sin(y), math.sin(p) * math.cos(y), math.cos(p) * math.cos(y))[i]
        rows.append([x * math.cos(-r) + up * math.sin(-r), -x * math.sin(-r) + up * math.cos(-r), out])
    return np.array(rows)


def linear(byte: float) -> float:
    """Linear light of an sRGB byte (IEC 61966-2-1)."""
    c = byte / 255.0
    return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)


def tinted(now: Array, stops: Sequence[Sequence[int]], towards: Sequence[int] | None, value: float) -> Array:
    """The colour (3,), linear, that a slider at ``value`` makes of ``now``."""
    if towards is not None:
        return np.asarray(now + (np.array([linear(c) for c in towards]) - now) * value)
    colours = [np.array([linear(c) for c in stop]) for stop in stops]
    at = min(max(value, 0.0), 1.0) * (len(colours) - 1)
    k = min(int(at), len(colours) - 2)
    return np.asarray(colours[k] + (colours[k + 1] - colours[k]) * (at - k))


def light_setup(number: int) -> tuple[list[tuple[Vector, float, Vector]], Vector]:
    """Suns (direction to it, power, colour) and the colour from all round: the studio for 0, else a random one, the
    same for the same number."""
    if number == 0:
        suns = [
            (KEY, 4.2, (1.0, 0.96, 0.91)),
            (FILL, 0.9, (0.9, 0.95, 1.0)),
            *((rim, 1.2, (0.96, 0.98, 1.0)) for rim in RIMS),
        ]
        return suns, (0.28, 0.28, 0.29)
    rng = np.random.default_rng([0xB1E, number])

    def polar(across: float, low: float, high: float) -> Vector:
        a, e = math.radians(rng.uniform(-across, across)), math.radians(rng.uniform(low, high))
        return math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)

    def tint() -> Vector:
        warm = float(np.clip(rng.normal(0, 0.13), -0.35, 0.35))
        return (min(1 + warm, 1.3), 1.0, 1 - warm)

    strength, share = float(rng.uniform(0.65, 1.25)), float(rng.uniform(0.3, 0.9))
    suns = [
        (polar(80, -15, 65), 5.0 * strength * share, tint()),
        (polar(80, -25, 45), 3.4 * strength * (1 - share), tint()),
    ]
    power = float(rng.uniform(0, 2.0))
    suns += [(rim, power, (1.0, 1.0, 1.0)) for rim in RIMS]
    sky = strength * float(rng.uniform(0.16, 0.46))
    red, green, blue = tint()
    return suns, (sky * red, sky * green, sky * blue)


def five_points(rig: Mapping[str, Any], job: Mapping[str, Any]) -> list[list[float]]:
    """The five points (5, 2), fractions of the picture, of the average head in the view that a job asks for."""
    origin, scale, turn = rig["placement"]
    head = (np.array(rig["five_points"]) - np.array(origin)) @ turning(turn, 0, 0) * scale
    view = (head - PIVOT) @ turning(job["yaw"], job["pitch"], job["roll"]) + PIVOT
    focal = 0.5 / math.tan(FIELD / 2)
    near = 1 / (DISTANCE - view[:, 2])
    points: list[list[float]] = np.stack(
        [0.5 + focal * view[:, 0] * near, 0.5 - focal * (view[:, 1] - AIM) * near], axis=1
    ).tolist()
    return points
