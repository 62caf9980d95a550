"""Colours: sRGB to linear light, and the stops that the colour sliders run along."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman_v2.core.jit import kernel
from engine_bridge.makehuman_v2.core.mathematics import exp2, power

Colour = NDArray[np.float64]
RGB = tuple[float, float, float]

# What the skin of the average face shows under the studio light, from light to dark (sRGB bytes).
SKINS: list[RGB] = [
    (252, 226, 211),
    (243, 207, 185),
    (227, 183, 155),
    (201, 151, 119),
    (157, 109, 81),
    (111, 74, 54),
    (70, 46, 36),
]
IRISES: list[RGB] = [(38, 22, 14), (74, 44, 24), (112, 76, 40), (118, 112, 66), (104, 130, 128), (112, 148, 186)]
LIPSTICKS: dict[str, RGB | None] = {
    "none": None,
    "nude": (184, 116, 100),
    "rose": (198, 88, 104),
    "coral": (218, 92, 76),
    "red": (172, 24, 34),
    "berry": (122, 26, 58),
    "plum": (84, 26, 50),
}
TEETH: RGB = (236, 228, 212)
CLOTH: RGB = (70, 78, 92)


@kernel
def _linear(srgb):  # type: ignore[no-untyped-def]
    out = np.empty(len(srgb))
    for k in range(len(srgb)):
        c = srgb[k] / 255.0
        out[k] = c / 12.92 if c <= 0.04045 else power((c + 0.055) / 1.055, 2.4)
    return out


def linear(srgb: RGB) -> Colour:
    """sRGB bytes to linear light in 0..1 (IEC 61966-2-1)."""
    out: Colour = _linear(np.array(srgb, np.float64))
    return out


def along(stops: Sequence[Colour], t: float) -> Colour:
    """The colour at t in 0..1 along evenly spaced stops."""
    at = min(max(t, 0.0), 1.0) * (len(stops) - 1)
    k = min(int(at), len(stops) - 2)
    return stops[k] + (stops[k + 1] - stops[k]) * (at - k)


@kernel
def _doubled(times):  # type: ignore[no-untyped-def]
    return exp2(times)


def doubled(times: float) -> float:
    """1 doubled so many ``times``."""
    return float(_doubled(float(times)))


@cache
def skin_albedos() -> tuple[Colour, ...]:
    """Albedos (3,) that show as `SKINS`."""
    return tuple(linear(stop) for stop in SKINS)


def lip_albedo(stick: RGB) -> Colour:
    """The albedo (3,) of lips that show as ``stick``."""
    return linear(stick)
