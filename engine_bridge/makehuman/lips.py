"""Lips: their natural colour, lipstick, the seam between them, fine lines, and how wet they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine_bridge.makehuman.arrays import Flags, Floats
from engine_bridge.makehuman.paint import bump, fine, linear, mix, noise, ramp, shares

# The red of the lips ends this far (dm) inside the lip zone of MakeHuman's mask, which takes in their rim of skin.
EDGE = 0.016
SEAM = -0.672  # height (dm) of the mouth's line in the neutral face
STICKS: dict[str, tuple[int, int, int] | None] = {
    "none": None,
    "nude": (184, 116, 100),
    "rose": (198, 88, 104),
    "coral": (218, 92, 76),
    "red": (172, 24, 34),
    "berry": (122, 26, 58),
    "plum": (84, 26, 50),
}


def within(lip: Floats) -> Flags:
    """Which points (N,) belong to the lips; ``lip`` (N,) is the distance into the mask's lip zone."""
    return lip > EDGE


def paint(
    colour: Floats,
    p: Floats,
    fields: Mapping[str, Floats],
    base: Floats,
    look: Mapping[str, float | str],
    footprint: float,
) -> tuple[Floats, Floats]:
    """Skin colours (N, 3) with the lips painted in, and how wet each point is (N,).

    ``p`` (N, 3) neutral points, ``fields`` with "lip" and "mouth" (N,), ``base`` (3,) the skin's colour, ``footprint``
    the width of a sample (dm).
    """
    wet = np.zeros(len(p), np.float32)
    near = np.flatnonzero((fields["lip"] > -0.06) & (p[:, 2] > 0.0))
    if not len(near):
        return colour, wet
    x, y = p[near, 0], p[near, 1]
    lip, mouth, skin = fields["lip"][near], fields["mouth"][near], colour[near]
    lower = ramp(y, SEAM + 0.006, SEAM - 0.006)
    stick = STICKS[str(look["lipstick"])]
    made_up = stick is not None
    red, dark = ((float(look[name]) - 0.5) * 2 for name in ("lip_redness", "lip_darkness"))

    # Dark skin has browner lips, the lower one lighter and pinker than the upper one.
    deep = float(np.clip(1.15 - 1.9 * float(base.mean()), 0, 1))
    tint = np.array([0.80 + 0.05 * red, 0.52 - 0.12 * red, 0.52 - 0.10 * red], np.float32)
    tint = tint * (1 - 0.22 * deep) + np.array([0.02, 0.06, 0.05], np.float32) * deep
    own = base * tint * np.float32(2.0 ** (-0.8 * dark))
    upper_own = own * np.array([0.90, 0.84, 0.86], np.float32)
    lower_own = own * (1 + deep * np.array([0.35, 0.16, 0.20], np.float32))
    lips = mix(np.broadcast_to(upper_own, skin.shape), lower_own, lower)
    if stick is not None:
        lips = lips + (linear(stick) - lips) * np.float32(0.80)
    lines = noise(x / 0.013, y / 0.16, seed=71, grain=1) * fine(0.013, footprint)
    lines += 0.7 * noise(x / 0.034, y / 0.20, seed=72, grain=1) * fine(0.034, footprint)
    lips = lips * (1 - 0.055 * lines)[:, None]
    # The fullest part of the lower lip is a little paler, the corners and the inner edge darker.
    full = bump(x, 0, 0.13) * bump(y, SEAM - 0.055, 0.030)
    inward = ramp(mouth, 0.055, 0.0)
    lips = lips * (1 + 0.10 * full - 0.20 * inward - 0.12 * ramp(np.abs(x), 0.14, 0.25))[:, None]

    soft = 0.010 if made_up else 0.018
    inside = ramp(lip, EDGE - soft, EDGE + soft)
    # A faint pale rim above the border, and the shadow below the lower lip.
    rim = bump(lip, EDGE - 0.030, 0.012) * (1 - lower) * ramp(np.abs(x), 0.24, 0.12)
    skin = skin * (1 + 0.05 * rim - 0.07 * ramp(lip, -0.06, -0.005) * lower * bump(x, 0, 0.12))[:, None]
    painted = mix(skin, lips, inside)
    seam = ramp(mouth, 0.020, 0.002) * ramp(lip, -0.03, 0.01)
    shade = np.array([0.66, 0.80, 0.80], np.float32)
    painted = painted * (1 - shares(seam, shade))
    out = colour.copy(order="K")
    out[near] = painted
    wet[near] = inside * (1 - seam) * ((0.24 if made_up else 0.10) + 0.16 * full) * (1 - 0.12 * np.clip(lines, -1, 2))
    return out, wet
