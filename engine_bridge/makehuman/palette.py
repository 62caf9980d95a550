"""Colours: sRGB to linear light, and the stops that the colour sliders run along."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core.jit import kernel
from engine_bridge.makehuman.core.mathematics import exp2, power

Colour = NDArray[np.float64]
RGB = tuple[float, float, float]

# What the skin of the average face shows under the studio light, from light to dark (sRGB bytes).
SKINS: list[RGB] = [
    (240, 210, 193),
    (230, 194, 172),
    (214, 172, 146),
    (190, 144, 115),
    (151, 107, 82),
    (109, 75, 58),
    (74, 51, 42),
]
# The albedos that show as these, and as the lipsticks (`calibrate`).
SKIN_ALBEDOS: list[RGB] = [
    (0.7545, 0.4951, 0.4138),
    (0.6137, 0.4070, 0.3150),
    (0.4819, 0.3046, 0.2127),
    (0.3603, 0.2006, 0.1281),
    (0.2098, 0.1061, 0.0622),
    (0.1058, 0.0483, 0.0270),
    (0.0448, 0.0181, 0.0099),
]
LIP_ALBEDOS: dict[str, RGB] = {
    "nude": (0.3530, 0.1384, 0.1107),
    "rose": (0.3520, 0.0806, 0.0931),
    "coral": (0.4208, 0.0806, 0.0677),
    "red": (0.2307, 0.0073, 0.0094),
    "berry": (0.1656, 0.0252, 0.0337),
    "plum": (0.0747, 0.0252, 0.0263),
}
IRISES: list[RGB] = [(38, 22, 14), (74, 44, 24), (112, 76, 40), (118, 112, 66), (104, 130, 128), (112, 148, 186)]
LIPSTICKS: dict[str, RGB | None] = {
    "none": None,
    "nude": (181, 119, 105),
    "rose": (181, 108, 101),
    "coral": (187, 108, 96),
    "red": (169, 91, 82),
    "berry": (161, 95, 88),
    "plum": (149, 95, 86),
}
TEETH: RGB = (236, 228, 212)


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
    return tuple(np.array(albedo) for albedo in SKIN_ALBEDOS)


def lip_albedo(name: str) -> Colour | None:
    """The albedo (3,) of lips that show as the lipstick of that name; None for none."""
    stick = LIPSTICKS[name]
    return None if stick is None else np.array(LIP_ALBEDOS.get(name, tuple(linear(stick))))
