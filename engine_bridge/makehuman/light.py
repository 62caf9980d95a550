"""Light set-ups: a key, a fill, a rim and the sky, on skin that lets some light bleed round its edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.paint import columns, shares

# Red light travels furthest through skin: it reaches round the terminator (a cheap stand-in for subsurface scattering).
SKIN_WRAP = np.array([0.46, 0.28, 0.20], np.float32)
BOUNCE = np.array([0.85, 1.1, 1.2], np.float32)
EYE = np.array([0, 0, 1], np.float32)  # the viewer is far away, in front


def _unit(*v: float) -> Floats:
    a = np.array(v, np.float32)
    return a / np.linalg.norm(a)


@dataclass(frozen=True)
class Light:
    """Directions (3,) to the lights, and their colours (3,) in linear light; about 1 in all on a surface that faces
    the viewer."""

    key: Floats
    fill: Floats
    rim: Floats
    key_colour: Floats
    fill_colour: Floats
    rim_colour: Floats
    sky_colour: Floats

    def diffuse(self, normals: Floats, sky: Floats, wrap: Floats = SKIN_WRAP) -> Floats:
        """Incoming light (N, 3); ``sky`` (N,) is the unoccluded share of the sky."""
        wrap = columns(wrap, len(normals))
        key = np.maximum((normals @ self.key)[:, None] + wrap, 0) * (self.key_colour / (1 + wrap[0]))
        fill = np.maximum((normals @ self.fill)[:, None] + wrap, 0) * (self.fill_colour / (1 + wrap[0]))
        key += fill
        key *= (0.42 + 0.58 * sky)[:, None]
        # Light that has bounced off skin comes out redder: the deeper the crease, the warmer.
        bounce = sky[:, None] ** columns(BOUNCE, len(sky))
        key += bounce * shares(0.76 + 0.24 * normals[:, 1], self.sky_colour)
        return key

    def gloss(self, normals: Floats, power: float) -> Floats:
        """Specular reflection (N,) of key and fill for a viewer at the camera (Blinn's half vectors)."""
        key = np.maximum(normals @ _unit(*(self.key + EYE)), 0)
        fill = np.maximum(normals @ _unit(*(self.fill + EYE)), 0)
        strength = float(self.key_colour.mean()), float(self.fill_colour.mean())
        return (strength[0] * key**power + strength[1] * fill**power).astype(np.float32) * np.float32(1.5)

    def edge(self, normals: Floats) -> Floats:
        """Light (N, 3) that grazes the outline from behind: Schlick's Fresnel term, on the rim light's side."""
        graze = (1 - np.clip(normals[:, 2], 0, 1)) ** 3
        return shares(graze * np.maximum(normals @ self.rim + 0.3, 0), self.rim_colour)

    @property
    def half(self) -> Floats:
        """Unit vector (3,) between the key light and the viewer."""
        return _unit(*(self.key + EYE))


def _grey(power: float) -> Floats:
    return np.full(3, power, np.float32)


STUDIO = Light(
    _unit(-0.45, 0.52, 0.75),
    _unit(0.75, 0.10, 0.70),
    _unit(0.8, 0.35, -0.5),
    _grey(0.70),
    _grey(0.24),
    _grey(0.30),
    _grey(0.30),
)


def light_setup(number: int) -> Light:
    """The studio for 0; otherwise a random set-up, the same for the same number: where the lights stand, how strong
    and how warm they are."""
    if number == 0:
        return STUDIO
    rng = np.random.default_rng([0x11647, number])

    def direction(spread: float, low: float, high: float) -> Floats:
        a, e = np.radians([rng.uniform(-spread, spread), rng.uniform(low, high)])
        return _unit(np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e))

    def tint(power: float) -> Floats:
        warm = float(rng.normal(0, 0.13))
        return (power * np.array([1 + warm, 1, 1 - warm], np.float32)).astype(np.float32)

    exposure = float(rng.uniform(0.65, 1.25))
    share = float(rng.uniform(0.25, 0.85))  # of the key in what falls on the face
    return Light(
        direction(80, -15, 65),
        direction(80, -25, 45),
        _unit(float(rng.choice([-1, 1])) * 0.8, 0.35, -0.5),
        tint(exposure * (0.15 + 0.85 * share)),
        tint(exposure * (1 - share) * 0.6),
        tint(float(rng.uniform(0, 0.6))),
        tint(exposure * float(rng.uniform(0.2, 0.45))),
    )
