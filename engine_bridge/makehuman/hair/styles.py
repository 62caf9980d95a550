"""What each hair style is made of.  Lengths in dm; azimuth 0 at the front, 180 at the back, degrees, sides alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine_bridge.makehuman.arrays import Floats
from engine_bridge.makehuman.paint import ramp

Knots = tuple[list[float], list[float]]
# Height of the hairline by azimuth: forehead, temple, sideburn, over the ear, nape.
HAIRLINES: dict[str, Knots] = {
    "natural": (
        [0, 18, 34, 46, 54, 62, 69, 75, 82, 88, 115, 133, 150, 180],
        [0.71, 0.73, 0.72, 0.60, 0.43, 0.24, 0.02, -0.14, -0.06, 0.11, 0.14, -0.08, -0.50, -0.66],
    ),
    "round": (
        [0, 20, 38, 50, 60, 68, 75, 82, 88, 115, 133, 150, 180],
        [0.66, 0.64, 0.57, 0.47, 0.30, 0.08, -0.04, 0.02, 0.12, 0.14, -0.08, -0.52, -0.70],
    ),
    "receding": (
        [0, 14, 28, 40, 52, 62, 69, 75, 82, 88, 115, 133, 150, 180],
        [0.84, 0.89, 0.95, 0.86, 0.55, 0.26, 0.02, -0.12, -0.06, 0.11, 0.14, -0.08, -0.52, -0.70],
    ),
}


@dataclass(frozen=True)
class Cap:
    """Hair that lies round the skull.

    ``heights`` over the scalp: front, top, sides, back.  ``flow``: where the strands run: ``crown`` out from the
    whorl, ``back`` and ``up`` towards a point at the back or the top, ``side`` away from where a parting starts.
    ``ragged`` and ``soft``: how irregular and how wide its edge is; ``lift``: how far the front stands up;
    ``locks``: depth of the tufts, as a share of the height.
    """

    heights: tuple[float, float, float, float]
    flow: str = "crown"
    ragged: float = 0.05
    soft: float = 0.09
    lift: float = 0.0
    locks: float = 0.25
    parting: float = 0.0  # x
    low: float = 0.0  # how far the front hangs below the hairline
    steep: float = 0.6  # 1: rises evenly from the edge; near 0: like a wall


@dataclass(frozen=True)
class Curtain:
    """Hair that falls from a parting over the sides and the back."""

    height: float
    tip: float  # the height y at which it ends
    parting: float = 0.0  # x
    face: float = 55.0  # azimuth of the foremost strand
    wave: float = 0.0  # swing of the locks
    pitch: float = 0.6  # length of a swing
    turn_in: float = 0.0  # how far the tips turn to the neck
    spread: float = 0.0  # how far the hair stands off below the ears
    back: bool = False  # drawn back over the front hairline, without a parting


@dataclass(frozen=True)
class Style:
    """A hair style; a part that it lacks is None.  ``cover``: paint on the scalp below the hair."""

    cap: Cap | None = None
    curtain: Curtain | None = None
    fringe: tuple[float, float] | None = None  # the height y at which it ends, and its sweep to one side in degrees
    knot: tuple[float, float, float, float] | None = None  # y, z of its middle, half width, half height
    tail: tuple[float, float, float] | None = None  # x to which it swings, length, half width
    line: str = "natural"
    cover: float = 0.95
    curl: float = 0.0  # swing of the single strands
    coil: float = 0.0  # strands a dm
    coils: float = 0.0  # size of tight coils
    bumps: float = 0.0  # depth of curls on the outline
    fuzz: float = 0.0  # how frayed the outline is
    shine: float = 1.0
    hides_ears: bool = False


TIGHT = (0.035, 0.05, 0.04, 0.06)
STYLES: dict[str, Style | None] = {
    "bald": None,
    "receding": Style(Cap((0.05, 0.07, 0.045, 0.06), "crown", 0.10, 0.14), line="receding", cover=0.72),
    "buzz": Style(cover=0.74),
    "short": Style(Cap((0.12, 0.15, 0.045, 0.07), "crown", 0.08, 0.12, 0.05, 0.40), fuzz=0.2),
    "side_part": Style(Cap((0.17, 0.18, 0.06, 0.08), "side", 0.06, 0.07, 0.05, 0.25, 0.42, 0.0, 0.35), shine=1.2),
    "quiff": Style(Cap((0.24, 0.24, 0.05, 0.08), "back", 0.04, 0.12, 0.20, 0.25, 0.0, 0.0, 0.30)),
    "slicked_back": Style(Cap((0.08, 0.11, 0.06, 0.08), "back", 0.03, 0.15, 0.02, 0.20), shine=1.6),
    "textured": Style(Cap((0.20, 0.22, 0.08, 0.11), "crown", 0.09, 0.12, 0.10, 0.60, 0.0, 0.05, 0.4), fuzz=0.5),
    "curly": Style(
        Cap((0.20, 0.24, 0.13, 0.17), "crown", 0.10, 0.06, 0.05, 0.3, 0.0, 0.03, 0.4),
        curl=0.030,
        coil=26.0,
        bumps=0.055,
        fuzz=0.8,
        shine=0.8,
    ),
    "afro": Style(
        Cap((0.36, 0.40, 0.36, 0.40), "crown", 0.05, 0.07, 0.0, 0.1, 0.0, 0.0, 0.45),
        curl=0.010,
        coil=55.0,
        coils=0.035,
        bumps=0.035,
        fuzz=0.9,
        shine=0.35,
        line="round",
    ),
    "pixie": Style(
        Cap((0.10, 0.16, 0.08, 0.09), "crown", 0.08, 0.07, 0.0, 0.35), fringe=(0.40, 26.0), line="round", fuzz=0.3
    ),
    "bob": Style(
        curtain=Curtain(0.13, -0.80, 0.18, 57, turn_in=0.16, spread=0.06),
        hides_ears=True,
        line="round",
    ),
    "fringe": Style(
        curtain=Curtain(0.12, -1.45, 0.0, 56, spread=0.02),
        fringe=(0.27, 0.0),
        hides_ears=True,
        line="round",
    ),
    "long": Style(curtain=Curtain(0.09, -1.95, 0.0, 55, spread=0.03), hides_ears=True, line="round", shine=1.2),
    "long_wavy": Style(
        curtain=Curtain(0.14, -1.85, 0.20, 57, wave=0.055, pitch=0.75, spread=0.10),
        hides_ears=True,
        line="round",
    ),
    "long_curly": Style(
        curtain=Curtain(0.20, -1.60, 0.12, 58, wave=0.07, pitch=0.36, spread=0.24),
        curl=0.022,
        coil=19.0,
        bumps=0.05,
        hides_ears=True,
        line="round",
        fuzz=0.5,
        shine=0.8,
    ),
    "swept_back": Style(
        Cap((0.13, 0.15, 0.08, 0.10), "back", 0.04, 0.14, 0.04, 0.25),
        Curtain(0.10, -1.60, 0.0, 92, wave=0.02, pitch=0.9, spread=0.03, back=True),
        line="round",
    ),
    "ponytail": Style(Cap(TIGHT, "back", 0.03, 0.16, 0.0, 0.12), tail=(0.70, 2.2, 0.23), line="round", shine=1.5),
    "bun": Style(Cap(TIGHT, "up", 0.03, 0.16, 0.0, 0.12), knot=(1.17, -0.82, 0.33, 0.25), line="round", shine=1.4),
    "updo": Style(
        Cap((0.12, 0.20, 0.09, 0.14), "up", 0.04, 0.15, 0.03, 0.35),
        knot=(1.08, -1.00, 0.55, 0.30),
        line="round",
    ),
}


def hairline(azimuth: Floats, style: Style, rise: float) -> Floats:
    """Height (dm) of the hairline; ``rise`` (-1..1) moves its front part by 0.1 dm."""
    a = np.abs(azimuth)
    return (np.interp(a, *HAIRLINES[style.line]) + 0.10 * rise * ramp(a, 66.0, 46.0)).astype(np.float32)
