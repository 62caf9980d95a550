"""Beards and moustaches: hair that grows down the neutral face, with soft edges, painted on the skin (lengths: dm)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.paint import bump, fine, mix, noise, ramp

FINEST = 0.011  # spacing of the strokes


@dataclass(frozen=True)
class _Place:
    """Where points lie on the neutral face: ``x`` from the middle, ``y``, ``z``, ``off`` the distance outside of the
    lips (negative on them), all (N,)."""

    x: Floats
    y: Floats
    z: Floats
    off: Floats


def _moustache(at: _Place, reach: float = 0.305) -> Floats:
    """From the nose down to the upper lip, thinner towards the mouth's corners and in the groove under the nose."""
    top = -0.492 - 0.075 * np.clip(at.x / 0.33, 0, 1) ** 1.5
    groove = 1 - 0.22 * bump(at.x, 0, 0.022) * ramp(at.y, -0.56, -0.51)
    return (
        ramp(at.y, top + 0.012, top - 0.034)
        * ramp(at.x, reach + 0.03, reach - 0.10)
        * ramp(at.y, -0.70, -0.63)
        * groove
    )


def _corners(at: _Place) -> Floats:
    """The links from the moustache past the mouth's corners to the chin."""
    return (
        bump(at.x, 0.318 - 0.05 * ramp(at.y, -0.72, -0.95), 0.042) * ramp(at.y, -0.53, -0.63) * ramp(at.y, -1.06, -0.92)
    )


def _chin(at: _Place, half: float = 0.25) -> Floats:
    line = -0.815 - 0.06 * bump(at.x, 0.12, 0.06)
    return ramp(at.x, half + 0.07, half - 0.09) * ramp(at.y, line + 0.03, line - 0.05) * ramp(at.y, -1.26, -1.10)


def _soul(at: _Place) -> Floats:
    return ramp(at.x, 0.085, 0.030) * ramp(at.y, -0.755, -0.785) * ramp(at.y, -0.90, -0.84)


def _sideburns(at: _Place) -> Floats:
    front = -0.33 - 0.10 * ramp(at.y, -0.15, -0.45)
    return (
        ramp(at.z, front + 0.05, front - 0.06)
        * ramp(at.z, -0.64, -0.52)
        * ramp(at.y, 0.10, -0.04)
        * ramp(at.y, -0.80, -0.62)
    )


def _jaw(at: _Place, line: float = 0.0) -> Floats:
    """The cheeks and the jaw below the cheek line, which falls from the sideburn to the mouth; ``line`` raises it."""
    back = np.clip((0.22 - at.z) / 0.62, 0, 1)
    cheek = -0.665 + 0.30 * back**1.4 + line
    soft = 0.045 + 0.035 * back
    return ramp(at.y, cheek + soft, cheek - soft) * ramp(at.z, -0.66, -0.54) * ramp(at.x, 0.16, 0.26)


def _under(at: _Place) -> Floats:
    """Where the beard ends on the throat."""
    edge = -1.17 + 0.62 * np.clip(0.20 - at.z, 0, 1)
    return ramp(at.y, edge - 0.09, edge + 0.05)


def _most(*parts: Floats) -> Floats:
    return np.maximum.reduce(parts)


def _full(at: _Place, line: float = 0.0) -> Floats:
    filled = 0.75 * ramp(at.off, 0.004, 0.030) * ramp(at.y, -0.70, -0.77) * ramp(at.x, 0.36, 0.26)
    return _most(
        _moustache(at), _corners(at), _chin(at, 0.34), _soul(at), filled, _sideburns(at), _jaw(at, line)
    ) * _under(at)


def _handlebar(at: _Place) -> Floats:
    tip = -0.625 + 0.95 * np.clip(at.x - 0.29, 0, 0.2) ** 1.3
    wing = (
        bump(at.y, tip, 0.024 * (1.15 - 1.6 * np.clip(at.x - 0.25, 0, 0.18)))
        * ramp(at.x, 0.22, 0.29)
        * ramp(at.x, 0.445, 0.40)
    )
    return _most(_moustache(at, 0.32), wing)


def _pencil(at: _Place) -> Floats:
    band = bump(at.y, -0.556 - 0.055 * np.clip(at.x / 0.28, 0, 1) ** 2, 0.017)
    return band * ramp(at.x, 0.30, 0.20) * (1 - 0.5 * bump(at.x, 0, 0.014))


def _circle(at: _Place) -> Floats:
    return _most(_moustache(at), _corners(at), _chin(at, 0.27), _soul(at)) * _under(at)


@dataclass(frozen=True)
class Beard:
    """A style: where it grows, how much of the skin it covers, how much it darkens what lies in its shadow, and how
    plainly single hairs show."""

    where: Callable[[_Place], Floats]
    cover: float
    depth: float = 0.15
    strokes: float = 1.0


STYLES: dict[str, Beard | None] = {
    "none": None,
    "stubble": Beard(lambda at: _full(at, 0.02), 0.50, 0.0, 0.55),
    "moustache": Beard(_moustache, 0.92),
    "pencil": Beard(_pencil, 0.85, 0.05, 0.7),
    "handlebar": Beard(_handlebar, 0.95),
    "goatee": Beard(lambda at: _most(_chin(at), _soul(at)) * _under(at), 0.90),
    "circle": Beard(_circle, 0.90),
    "short": Beard(_full, 0.78, 0.10),
    "full": Beard(lambda at: _full(at, 0.05), 0.96, 0.30),
    "chinstrap": Beard(
        lambda at: (
            _most(
                _sideburns(at),
                _jaw(at, -0.02) * ramp(at.y + 0.55 * at.z, -0.78, -0.86),
                _chin(at, 0.30) * ramp(at.y, -0.88, -0.96),
            )
            * _under(at)
        ),
        0.88,
    ),
    "mutton_chops": Beard(
        lambda at: _most(_sideburns(at), _jaw(at, 0.04) * ramp(at.x, 0.20, 0.38), _moustache(at)) * _under(at),
        0.92,
        0.20,
    ),
}


def cover(p: Floats, lip: Floats, look: Mapping[str, float | str], footprint: float) -> Floats:
    """How much of the skin (N,) beard hair covers at neutral points p (N, 3); ``lip`` (N,) is the distance into the
    lips, ``footprint`` the width of a sample (dm)."""
    out = np.zeros(len(p), np.float32)
    beard = STYLES[str(look["beard_style"])]
    if beard is None:
        return out
    near = np.flatnonzero((p[:, 1] < 0.12) & (p[:, 1] > -1.4) & (p[:, 2] > -0.70) & (lip < 0.03))
    x, y, z = p[near].T
    off = -lip[near]
    at = _Place(np.abs(x), y, z, off)
    where = beard.where(at) * ramp(off, -0.004, 0.020)
    grown = where > 0.01
    near, x, y, z, where = near[grown], x[grown], y[grown], z[grown], where[grown]
    strength = 0.48 + 0.52 * float(look["beard_density"])
    # Strokes run down; those of the cheeks lean to the chin.
    side = x - np.sign(x) * (0.55 * z + 0.16 * y * ramp(np.abs(x), 0.15, 0.40))
    hairs = np.zeros(len(near), np.float32)
    detail = fine(FINEST, footprint)
    if detail:
        hairs += noise(side / FINEST, y / 0.060, seed=5, grain=1) * (0.6 * detail)
        hairs += noise((side + 0.35 * y) / (1.3 * FINEST), y / 0.075, seed=8, grain=1) * (0.5 * detail)
    tufts = noise(side / 0.045, y / 0.11, seed=9, grain=1) * fine(0.045, footprint)
    # Thin at its edge: there the strokes decide.
    body = ramp(where + (0.11 * hairs + 0.07 * tufts) * beard.strokes, 0.06, 0.90)
    gaps = 1 - (0.16 * ramp(hairs, 0.2, -1.2) + 0.05 * tufts) * beard.strokes * (1.4 - strength)
    out[near] = np.clip(body * beard.cover * strength * gaps, 0, 0.97)
    return out


def paint(colour: Floats, cover: Floats, hair: Floats, look: Mapping[str, float | str]) -> Floats:
    """Skin colours (N, 3) with a beard of ``cover`` (N,) on them; ``hair`` (3,) is the colour of the head's hair."""
    beard = STYLES[str(look["beard_style"])]
    if beard is None:
        return colour
    bright = float(hair.mean())
    warm = np.array([1.10, 0.98, 0.84], np.float32)
    own = hair * (warm + (1 - warm) * float(look["hair_grey"])) * (0.58 / (1 + 0.9 * bright)) * (1 - beard.depth)
    # Between the hairs the skin lies in their shadow.
    return mix(colour * (1 - 0.20 * cover * (1 - cover))[:, None], own.astype(np.float32), cover)
