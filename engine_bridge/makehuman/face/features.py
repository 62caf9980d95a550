"""The constants of one face that the shading kernels read: colours of skin, lips and eyes, the eyeballs' pose."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.core.camera import DISTANCE, PICTURE
from engine_bridge.makehuman.core.pose import eye_axes
from engine_bridge.makehuman.core.scene import Face
from engine_bridge.makehuman.face.head import Floats, Head, mean_point
from engine_bridge.makehuman.face.lids import STEPS, margin
from engine_bridge.makehuman.face.shape import Shaped
from engine_bridge.makehuman.face.wrinkles import level_for, relief
from engine_bridge.makehuman.palette import Colour
from engine_bridge.makehuman.person import Person

EYE_RADIUS = 0.1544  # dm, of the baked eyeballs
IRIS_RADIUS, PUPIL = 0.060, 0.38
# Eye shadow from brown over plum, grey and green to blue, on light skin.
SHADOWS: list[palette.RGB] = [(126, 84, 64), (120, 70, 92), (104, 98, 110), (84, 112, 92), (74, 104, 148)]
# The collar, from black over red, olive, blue-grey and sand to white.
CLOTHS: list[palette.RGB] = [
    (38, 40, 46),
    (112, 44, 48),
    (92, 104, 84),
    (70, 78, 94),
    (118, 130, 148),
    (176, 164, 144),
    (228, 226, 220),
]


def skin_colour(person: Person) -> Colour:
    """Linear albedo (3,) of the skin."""
    base = palette.along(palette.skin_albedos(), person["skin_tone"])
    under, red = person.swing("skin_undertone"), person.swing("skin_redness")
    base = base * np.array([1 + 0.05 * under, 1.0, 1 - 0.28 * under])
    return base * np.array([1 + 0.05 * red, 1 - 0.11 * red, 1 - 0.10 * red])


def shadow_colour(person: Person, base: Colour) -> Colour:
    """Albedo (3,) of the eye shadow: darker on dark skin."""
    paint = palette.along([palette.linear(c) for c in SHADOWS], person["eye_shadow_colour"])
    return paint * (0.30 + 0.70 * min(1.6 * mean_of(base), 1.0))


def complexion_numbers(person: Person, base: Colour) -> dict[str, float]:
    """What `complexion.NUMBERS` lists, for a skin of colour ``base``."""
    fair = min(max(mean_of(base) * 2.6, 0.15), 1.0)
    female = 1 - person.male
    shaven = min(max(person.male - 0.6, 0.0) / 0.3, 1.0)
    shaven *= (0.105 + 0.085 * person["hair_darkness"]) * (0.35 + 0.65 * fair)
    return {
        "redness": person.swing("skin_redness"),
        "femininity": female,
        "stubble": shaven * (1 - 0.4 * person["hair_grey"]),
        "circles": 0.9 * person["eye_circles"] + 0.25 * person.aged,
        "blush": 0.55 * person["blush"] + 0.05 * female,
        "shadow": 0.92 * person["eye_shadow"],
        "fairness": fair,
        "spots": 0.7 * max(person.aged - 0.30, 0.0),
        "worn": 0.50 * person.aged * (1.8 - 0.8 * fair),  # shade shows less on dark skin
    }


def mean_of(colour: Colour) -> float:
    r, g, b = colour.tolist()
    return (r + g + b) / 3


def lip_colour(person: Person, base: Colour) -> tuple[Colour, float, float]:
    """Albedo (3,), gloss and softness of the border of the lips."""
    red, dark = person.swing("lip_redness"), person.swing("lip_darkness")
    deep = min(max(1.15 - 1.9 * mean_of(base) / 0.8, 0.0), 1.0)
    female = 1 - person.male
    # Lips are the skin's own colour with more blood in it: darker, rosier, hardly more orange.
    tint = np.array(
        [0.74 + 0.05 * red + 0.03 * female, 0.50 - 0.12 * red - 0.08 * female, 0.58 - 0.10 * red - 0.06 * female]
    )
    tint = tint * (1 - 0.16 * deep) + np.array([0.04, 0.08, 0.07]) * deep
    own = base * tint * palette.doubled(-0.7 * dark)
    pale = 0.35 * person.aged
    own = own + (base * np.array([0.90, 0.76, 0.76]) - own) * pale
    stick = palette.lip_albedo(str(person.look["lipstick"]))
    if stick is None:
        return own, 0.12 + 0.20 * female - 0.10 * person.aged, 0.021 - 0.004 * female
    # Paint lets the lips show through, and is darker on dark ones.
    return own + (stick * (0.52 + 0.48 * min(1.8 * mean_of(base), 1.0)) - own) * 0.58, 0.40, 0.019


def eye_pose(head: Head, shaped: Shaped, cage: Floats) -> tuple[Colour, Colour, Colour]:
    """Middles (2, 3), axes (2, 3, 3) and lids (2, 2, STEPS) of the eyeballs; ``cage`` (V, 3) in view space.

    The lids' margins are measured in the head's own frame.
    """
    centres, axes, lids = np.empty((2, 3)), np.empty((2, 3, 3)), np.empty((2, 2, STEPS))
    for k, eye in enumerate(head.eyes):
        neutral = head.cage[eye].astype(np.float64) - mean_point(head.cage, eye)
        middle = mean_point(shaped.cage, eye)
        moved = eye_axes(neutral, shaped.cage[eye].astype(np.float64) - middle)
        # Both eyes look at the camera, and not past it at its sides.
        lean = float(middle[0]) / DISTANCE
        moved[0], moved[2] = moved[0] + lean * moved[2], moved[2] - lean * moved[0]
        for i in range(3):
            for j in range(3):
                axes[k, i, j] = sum((moved[i] * shaped.turn[:, j]).tolist())
        centres[k] = mean_point(cage, eye)
        for side in range(2):
            lids[k, side] = margin(shaped.cage[head.lid_rims[k][side]], middle)
    return centres, axes, lids


def face_of(head: Head, shaped: Shaped, cage: Floats, person: Person, width: int, base: Colour, rims: Floats) -> Face:
    """The constants of the face of ``person`` in a picture ``width`` cells wide; ``base`` from `skin_colour`, ``rims``
    the shadow of the glasses, one cell if there are none."""
    cell = PICTURE / width
    lips, wet, soft = lip_colour(person, base)
    centres, axes, lids = eye_pose(head, shaped, cage)
    upper, lower = _lip_rims(head)
    gap = float(shaped.cage[upper, 1] - shaped.cage[lower, 1]) - float(head.cage[upper, 1] - head.cage[lower, 1])
    t = min(max((gap - 0.01) / 0.10, 0.0), 1.0)
    iris = palette.along([palette.linear(c) for c in palette.IRISES], person["iris_colour"])
    white = np.array([0.52, 0.485, 0.455]) * (1 - 0.10 * person.aged) * np.array([1.0, 1.0, 1.0 - 0.08 * person.aged])
    old = person.aged
    return Face(
        cell=cell,
        base=base,
        lips=lips,
        lip_wet=wet,
        lip_soft=soft,
        pores=0.95 + 0.25 * old,
        oil=0.54 - 0.08 * old,
        liner=person["eye_liner"],
        iris=iris * palette.doubled(1.2 * person.swing("iris_brightness")),
        iris_radius=IRIS_RADIUS * (1 + 0.14 * person.swing("iris_size")),
        pupil=PUPIL,
        white=white,
        eye_radius=EYE_RADIUS,
        eye_centres=centres,
        eye_axes=axes,
        head_axes=shaped.turn.copy(),
        lids=lids,
        teeth=palette.linear(palette.TEETH) * (1 - np.array([0.02, 0.10, 0.22]) * old),
        freckles=person["freckles"],
        moles=person["moles"],
        cloth=palette.along([palette.linear(c) for c in CLOTHS], person["cloth_colour"]),
        open=t * t * (3 - 2 * t),
        relief=relief(level_for(cell)),
        rims=rims,
    )


def _lip_rims(head: Head) -> tuple[int, int]:
    """The cage vertices in the middle of the upper and the lower lip's inner rim."""
    x, y, z = head.cage.T
    rim = np.flatnonzero(
        (head.cage_fields["mouth"] < 1e-3) & (np.abs(x) < 0.03) & (np.abs(y + 0.67) < 0.05) & (z > 0.2)
    )
    return int(rim[np.argmax(y[rim])]), int(rim[np.argmin(y[rim])])
