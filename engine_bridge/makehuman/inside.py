"""Eyeballs, teeth, tongue and the inside of the mouth."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.light import Light
from engine_bridge.makehuman.paint import bump, linear, mix, noise, palette, ramp

IRISES = [(38, 22, 14), (74, 44, 24), (112, 76, 40), (118, 112, 66), (104, 130, 128), (112, 148, 186)]
SHUT = np.array([0.14, 0.08, 0.07], np.float32)  # what is left of the light behind lips that hardly part
IRIS_RADIUS, PUPIL_RADIUS = 0.058, 0.022  # dm


def shade_eye(local: Floats, normals: Floats, lid_above: Floats, look: dict[str, float | str], light: Light) -> Floats:
    """Light (N, 3) of an eyeball; ``local`` (N, 3) neutral points about its centre, ``lid_above`` (N,) height
    over the lower lid in 0..1."""
    radius = IRIS_RADIUS * (1 + 0.16 * (float(look["iris_size"]) - 0.5) * 2)
    r = np.hypot(local[:, 0], local[:, 1])
    angle = np.arctan2(local[:, 1], local[:, 0])
    iris = palette(IRISES, float(look["iris_colour"])) * 2.0 ** (1.2 * (float(look["iris_brightness"]) - 0.5) * 2)
    white = linear((222, 214, 206)) * np.ones((len(r), 1), np.float32)
    veins = ramp(np.abs(local[:, 0]), 0.065, 0.125) * (1 + 0.35 * noise(local[:, 0] * 40, local[:, 1] * 110, seed=12))
    white = mix(white, linear((204, 140, 128)), np.clip(0.55 * veins, 0, 1))
    rays = 1 + 0.14 * noise(angle * 14, r * 30, seed=11) + 0.05 * noise(angle * 31, r * 60, seed=13)
    inner = iris * (0.60 + 0.70 * ramp(r, 0.25 * radius, 0.8 * radius))[:, None] * rays[:, None]
    # The light that comes in from above leaves through the lower half of the iris.
    inner = inner * (1 + 0.45 * ramp(local[:, 1], 0.02, -0.05))[:, None]
    colour = mix(white, inner, ramp(r, radius + 0.007, radius - 0.007))
    colour = colour * (1 - 0.58 * bump(r, radius, 0.010))[:, None]
    pupil = ramp(r, PUPIL_RADIUS + 0.005, PUPIL_RADIUS - 0.004)
    colour = mix(colour, np.array([0.006, 0.005, 0.005], np.float32), pupil)
    ball = 1 - 0.35 * ramp(np.abs(local[:, 0]), 0.05, 0.14)  # the ball turns away from the light towards its corners
    lit = colour * (light.diffuse(normals, ball) * 0.95)
    lit = lit * (1 - 0.62 * ramp(lid_above, 0.50, 1.0) - 0.18 * ramp(lid_above, 0.20, 0.0))[:, None]
    spark = bump(np.hypot(local[:, 0] + 0.020, local[:, 1] - 0.024), 0, 0.0105)
    spark = spark + 0.25 * bump(np.hypot(local[:, 0] - 0.026, local[:, 1] + 0.020), 0, 0.010)
    return lit + 0.85 * spark[:, None]


def shade_mouth(part_teeth: np.ndarray, part_tongue: np.ndarray, p: Floats, normals: Floats, light: Light) -> Floats:
    """Light (N, 3) of the mouth's inside: dark red, paler teeth and tongue, darker the deeper they lie."""
    deep = ramp(p[:, 2], 0.30, -0.15)
    colour = np.where(
        part_teeth[:, None],
        linear((232, 224, 210)),
        np.where(part_tongue[:, None], linear((186, 98, 92)), linear((96, 38, 36))),
    )
    gaps = 1 - 0.22 * ramp(np.abs(((p[:, 0] / 0.052) % 1.0) - 0.5), 0.40, 0.5) * part_teeth
    lit = colour * light.diffuse(normals, np.full(len(p), 0.8, np.float32)) * gaps[:, None]
    return (lit * (1 - 0.80 * deep)[:, None]).astype(np.float32)
