"""Hair colours: natural ones from platinum to black and red, grey as single white hairs, and dyes beyond nature."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import clamp, lerp, power, ramp
from engine_bridge.makehuman.palette import along, linear

Floats = NDArray[np.float32]
Look = Mapping[str, float | str]

# sRGB, from light to dark: platinum, golden blond, dark blond, chestnut, dark brown, black.
NATURAL = [(246, 233, 206), (228, 184, 127), (170, 125, 84), (108, 73, 50), (63, 45, 36), (26, 22, 21)]
# The same, red: strawberry blond, copper, ginger, auburn, mahogany, black.
REDS = [(244, 204, 158), (218, 140, 84), (178, 92, 52), (124, 56, 36), (76, 33, 26), (32, 19, 18)]
# Dyes: red, pink, purple, blue, teal, green.
DYES = [(196, 22, 30), (236, 88, 150), (128, 54, 176), (36, 84, 206), (18, 150, 160), (54, 158, 62)]
WHITE = (207, 205, 202)
GLOSS = 0.005  # white light that comes off the surface of hair whatever its colour, on average
NEUTRAL = 0.35  # redness at which hair is neither ashen nor red


_NATURAL, _REDS, _DYES = ([linear(c) for c in stops] for stops in (NATURAL, REDS, DYES))


def pigment(look: Look) -> NDArray[np.float64]:
    """Colour (3,) of the hairs that are not white, linear light, as the sliders promise it."""
    dark, red = float(look["hair_darkness"]), float(look["hair_redness"])
    base = along(_NATURAL, dark)
    if red > NEUTRAL:
        base = base + (along(_REDS, dark) - base) * (0.85 * (red - NEUTRAL) / (1 - NEUTRAL))
    else:
        base = base * (1 + (NEUTRAL - red) * np.array([-0.35, 0.0, 0.45]))
    dye = float(look.get("hair_dye", 0.0))
    # A dye on dark hair stays darker, unless the hair is bleached first; half of that.
    shade = 1.0 - 0.45 * dark
    return np.asarray(base + (along(_DYES, float(look.get("hair_dye_hue", 0.5))) * shade - base) * dye)


def white_share(look: Look) -> float:
    """How many of the hairs are white, 0..1: none up to a tenth of the slider."""
    return max(float(look["hair_grey"]) - 0.10, 0.0) / 0.90


def mean(look: Look) -> NDArray[np.float64]:
    """Colour (3,) of the hair as a whole, the white ones among it."""
    base = pigment(look)
    return np.asarray(base + (white() - base) * white_share(look))


@kernel
def tints(pigment, white, grey, order, tone, damp, single):  # type: ignore[no-untyped-def]
    """Colours of single strands, three (K, 3): seen from outside, of light that passed a hair, and deep inside the
    hair.

    A strand is white as far as ``grey`` is above its own number ``order`` (K,); ``tone`` (K,) is the logarithm to
    base 2 of its brightness; ``damp`` takes saturation out of what multiple scattering would put in again; ``single``:
    1 where a strand is one hair, less where it stands for many, some of them white.
    """
    count = len(order)
    out, passed, deep = (
        np.empty((count, 3), np.float32),
        np.empty((count, 3), np.float32),
        np.empty((count, 3), np.float32),
    )
    lum = 0.30 * pigment[0] + 0.55 * pigment[1] + 0.15 * pigment[2]
    scale = 0.70 + 0.16 * min(lum * 2.0, 1.0)
    own = np.empty(3)
    faded = 0.5 * min(grey, 1.0)  # pigment goes before the last dark hairs do
    for i in range(count):
        u = ramp(order[i], grey * 1.3, grey * 1.3 - 0.30)
        u = min(grey, 1.0) * (1.0 - single) + u * single
        t = power(2.0, tone[i])
        for c in range(3):
            tame = (pigment[c] + (lum - pigment[c]) * damp) * scale
            tame = lerp(max(tame - GLOSS, 0.35 * tame), 0.10, faded)
            own[c] = clamp(lerp(tame, white[c] * 0.70, u) * t, 0.004, 0.93)
        m = max((own[0] + own[1] + own[2]) / 3.0, 1e-3)
        for c in range(3):
            out[i, c] = own[c]
            root = math.sqrt(own[c])
            passed[i, c] = root * math.sqrt(root)  # own ^ 3/4
            root = math.sqrt(math.sqrt(own[c] / m))
            deep[i, c] = own[c] * root * math.sqrt(root)  # own (own / m) ^ 3/8
    return out, passed, deep


def white() -> NDArray[np.float64]:
    """Albedo (3,) of a white hair, linear light."""
    return linear(WHITE)
