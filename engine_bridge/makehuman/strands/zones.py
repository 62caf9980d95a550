"""Where a beard grows: soft zones of the neutral face. x is the distance from the middle, ``off`` that from the lips
(dm)."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import bump, clamp, power, ramp

ZONES = (
    "stubble",
    "moustache",
    "pencil",
    "handlebar",
    "goatee",
    "circle",
    "short",
    "full",
    "chinstrap",
    "mutton_chops",
)


@inline
def _moustache(x, y, reach):  # type: ignore[no-untyped-def]
    """From the nose down to the upper lip, thinner towards the mouth's corners and in the groove under the nose."""
    top = -0.492 - 0.075 * power(clamp(x / 0.33, 0.0, 1.0), 1.5)
    groove = 1.0 - 0.22 * bump(x, 0.0, 0.022) * ramp(y, -0.56, -0.51)
    return ramp(y, top + 0.012, top - 0.034) * ramp(x, reach + 0.03, reach - 0.10) * ramp(y, -0.70, -0.63) * groove


@inline
def _corners(x, y):  # type: ignore[no-untyped-def]
    """The links from the moustache past the mouth's corners to the chin."""
    middle = 0.318 - 0.05 * ramp(y, -0.72, -0.95)
    return bump(x, middle, 0.042) * ramp(y, -0.53, -0.63) * ramp(y, -1.06, -0.92)


@inline
def _chin(x, y, half):  # type: ignore[no-untyped-def]
    line = -0.815 - 0.06 * bump(x, 0.12, 0.06)
    return ramp(x, half + 0.07, half - 0.09) * ramp(y, line + 0.03, line - 0.05) * ramp(y, -1.26, -1.10)


@inline
def _soul(x, y):  # type: ignore[no-untyped-def]
    return ramp(x, 0.085, 0.030) * ramp(y, -0.755, -0.785) * ramp(y, -0.90, -0.84)


@inline
def _sideburns(y, z):  # type: ignore[no-untyped-def]
    front = -0.33 - 0.10 * ramp(y, -0.15, -0.45)
    return ramp(z, front + 0.05, front - 0.06) * ramp(z, -0.64, -0.52) * ramp(y, 0.10, -0.04) * ramp(y, -0.80, -0.62)


@inline
def _jaw(x, y, z, line):  # type: ignore[no-untyped-def]
    """The cheeks and the jaw below the cheek line, which falls from the sideburn to the mouth; ``line`` raises it."""
    back = clamp((0.22 - z) / 0.62, 0.0, 1.0)
    cheek = -0.665 + 0.30 * power(back, 1.4) + line
    soft = 0.070 + 0.050 * back
    return ramp(y, cheek + soft, cheek - soft) * ramp(z, -0.66, -0.54) * ramp(x, 0.16, 0.26)


@inline
def _under(y, z):  # type: ignore[no-untyped-def]
    """Where the beard ends on the throat."""
    edge = -1.17 + 0.62 * max(0.20 - z, 0.0)
    return ramp(y, edge - 0.09, edge + 0.05)


@inline
def _full(x, y, z, off, line):  # type: ignore[no-untyped-def]
    filled = 0.75 * ramp(off, 0.004, 0.030) * ramp(y, -0.70, -0.77) * ramp(x, 0.36, 0.26)
    upper = max(_moustache(x, y, 0.305), max(_corners(x, y), max(_chin(x, y, 0.34), _soul(x, y))))
    return max(max(upper, filled), max(_sideburns(y, z), _jaw(x, y, z, line))) * _under(y, z)


@inline
def _handlebar(x, y):  # type: ignore[no-untyped-def]
    tip = -0.625 + 0.95 * power(clamp(x - 0.29, 0.0, 0.2), 1.3)
    wing = bump(y, tip, 0.024 * (1.15 - 1.6 * clamp(x - 0.25, 0.0, 0.18))) * ramp(x, 0.22, 0.29) * ramp(x, 0.445, 0.40)
    return max(_moustache(x, y, 0.32), wing)


@inline
def _pencil(x, y):  # type: ignore[no-untyped-def]
    t = clamp(x / 0.28, 0.0, 1.0)
    return bump(y, -0.556 - 0.055 * t * t, 0.017) * ramp(x, 0.30, 0.20) * (1.0 - 0.5 * bump(x, 0.0, 0.014))


@inline
def _zone(kind, x, y, z, off):  # type: ignore[no-untyped-def]
    if kind == 0:
        return _full(x, y, z, off, 0.02)
    if kind == 1:
        return _moustache(x, y, 0.305)
    if kind == 2:
        return _pencil(x, y)
    if kind == 3:
        return _handlebar(x, y)
    if kind == 4:
        return max(_chin(x, y, 0.25), _soul(x, y)) * _under(y, z)
    if kind == 5:
        chin = max(_chin(x, y, 0.27), _soul(x, y))
        return max(_moustache(x, y, 0.305), max(_corners(x, y), chin)) * _under(y, z)
    if kind == 6:
        return _full(x, y, z, off, 0.0)
    if kind == 7:
        return _full(x, y, z, off, 0.05)
    if kind == 8:
        strap = _jaw(x, y, z, -0.02) * ramp(y + 0.55 * z, -0.78, -0.86)
        return max(_sideburns(y, z), max(strap, _chin(x, y, 0.30) * ramp(y, -0.88, -0.96))) * _under(y, z)
    chops = max(_sideburns(y, z), _jaw(x, y, z, 0.04) * ramp(x, 0.20, 0.38))
    return max(chops, _moustache(x, y, 0.305)) * _under(y, z)


@kernel
def grows(kind, points, lip):  # type: ignore[no-untyped-def]
    """How densely (N,) the beard `ZONES`[kind] grows at neutral points (N, 3); ``lip`` (N,) distance into the lips."""
    out = np.zeros(len(points), np.float32)
    for i in range(len(points)):
        x, y, z, off = abs(points[i, 0]), points[i, 1], points[i, 2], -lip[i]
        if y < 0.12 and y > -1.4 and z > -0.70 and off > -0.03:
            out[i] = _zone(kind, x, y, z, off) * ramp(off, -0.004, 0.020)
    return out
