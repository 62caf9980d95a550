"""The table of the reference engine's shape sliders: one source for the baked morph directions and for ``schema.yaml``.

A geometric slider's engine value is a weight on a linear displacement, half the difference of MakeHuman's two
opposite targets.
Weights beyond 1 extrapolate; nose and mouth have the wider ranges since MakeHuman's own are timid there.
"""

from __future__ import annotations

from dataclasses import dataclass

# Names of MakeHuman's opposite targets, as (positive, negative).
OPPOSITES = (
    ("incr", "decr"),
    ("up", "down"),
    ("out", "in"),
    ("in", "out"),
    ("forward", "backward"),
    ("convex", "concave"),
    ("uncompress", "compress"),
    ("pointed", "round"),
    ("square", "triangle"),
)


@dataclass(frozen=True)
class Morph:
    """A geometric slider: ``stem`` names MakeHuman's targets (``*`` stands for the side), ``ends`` the
    opposite pair or one target."""

    name: str
    label: str
    group: str
    stem: str
    ends: tuple[str, ...] = ("incr", "decr")
    sigma: float = 0.25  # sampling spread in weights, before it is evened out by the visible effect


def _morphs(group: str, folder: str, sigma: float, rows: str) -> list[Morph]:
    """Rows of ``name | label | stem | positive end``; without an end the target stands alone."""
    out = []
    for row in rows.strip().splitlines():
        name, label, stem, end = (cell.strip() for cell in row.split("|"))
        ends = next((pair for pair in OPPOSITES if pair[0] == end), (end,))
        out.append(Morph(name, label, group, f"{folder}/{stem}", ends, sigma))
    return out


MORPHS: list[Morph] = [
    *_morphs(
        "face_shape",
        "head",
        0.16,
        """
        head_age | Aged head | head-age | incr
        head_angle | Face slant | head-angle | out
        head_fat | Fullness of the face | head-fat | incr
        head_depth | Head depth | head-scale-depth | incr
        head_width | Head width | head-scale-horiz | incr
        head_height | Head height | head-scale-vert | incr
        head_oval | Oval face | head-oval |
        head_round | Round face | head-round |
        head_square | Square face | head-square |
        head_rectangular | Rectangular face | head-rectangular |
        head_diamond | Diamond face | head-diamond |
        head_triangular | Pear-shaped face | head-triangular |
        head_inverted | Heart-shaped face | head-invertedtriangular |
        """,
    ),
    *_morphs(
        "forehead",
        "forehead",
        0.25,
        """
        forehead_bulge | Forehead bulge | forehead-nubian | incr
        forehead_height | Forehead height | forehead-scale-vert | incr
        forehead_temples | Temple width | forehead-temple | incr
        forehead_depth | Forehead depth | forehead-trans | forward
        """,
    ),
    *_morphs(
        "brow",
        "eyebrows",
        0.28,
        """
        brow_angle | Brow ridge angle | eyebrows-angle | up
        brow_ridge | Brow ridge depth | eyebrows-trans | forward
        brow_ridge_height | Brow ridge height | eyebrows-trans | up
        """,
    ),
    *_morphs(
        "eye",
        "eyes",
        0.26,
        """
        eye_bag | Eye bags | *-eye-bag | incr
        eye_bag_height | Eye bag height | *-eye-bag-height | incr
        eye_bag_width | Eye bag side | *-eye-bag | out
        eye_inner_corner | Inner eye corner height | *-eye-corner1 | up
        eye_outer_corner | Outer eye corner height | *-eye-corner2 | up
        eye_epicanthus | Epicanthic fold | *-eye-epicanthus | in
        eye_fold_angle | Eyelid fold angle | *-eye-eyefold-angle | up
        eye_fold_bulge | Eyelid fold bulge | *-eye-eyefold | convex
        eye_fold_height | Eyelid fold height | *-eye-eyefold | up
        eye_open_inner | Eye opening, inner | *-eye-height1 | incr
        eye_open_middle | Eye opening, middle | *-eye-height2 | incr
        eye_open_outer | Eye opening, outer | *-eye-height3 | incr
        eye_inner_width | Inner eye corner reach | *-eye-push1 | out
        eye_outer_width | Outer eye corner reach | *-eye-push2 | out
        eye_size | Eye size | *-eye-scale | incr
        eye_spacing | Eye spacing | *-eye-trans | out
        eye_height | Eye height | *-eye-trans | up
        """,
    ),
    *_morphs(
        "nose",
        "nose",
        0.30,
        """
        nose_base | Nose base height | nose-base | up
        nose_compression | Nose compression | nose-compression | uncompress
        nose_curve | Nose bridge curve | nose-curve | convex
        nose_flaring | Nostril flare | nose-flaring | incr
        nose_greek | Greek bridge | nose-greek | incr
        nose_hump | Nose hump | nose-hump | incr
        nose_nostril_angle | Nostril angle | nose-nostrils-angle | up
        nose_nostril_width | Nostril width | nose-nostrils-width | incr
        nose_tip_height | Nose tip height | nose-point | up
        nose_tip_width | Nose tip width | nose-point-width | incr
        nose_depth | Nose projection | nose-scale-depth | incr
        nose_width | Nose width | nose-scale-horiz | incr
        nose_length | Nose length | nose-scale-vert | incr
        nose_septum | Septum angle | nose-septumangle | incr
        nose_forward | Nose depth | nose-trans | forward
        nose_height | Nose height | nose-trans | up
        nose_volume | Nose volume | nose-volume | incr
        nose_width_upper | Bridge width, upper | nose-width1 | incr
        nose_width_middle | Bridge width, middle | nose-width2 | incr
        nose_width_lower | Wing width | nose-width3 | incr
        """,
    ),
    *_morphs(
        "mouth",
        "mouth",
        0.25,
        """
        mouth_corners | Mouth corners | mouth-angles | up
        mouth_cupid | Cupid's bow | mouth-cupidsbow | incr
        mouth_cupid_width | Cupid's bow width | mouth-cupidsbow-width | incr
        mouth_dimples | Dimples | mouth-dimples | in
        mouth_laugh_lines | Laugh lines | mouth-laugh-lines | in
        mouth_lower_outer | Lower lip, outer height | mouth-lowerlip-ext | up
        mouth_lower_height | Lower lip height | mouth-lowerlip-height | incr
        mouth_lower_middle | Lower lip, middle | mouth-lowerlip-middle | up
        mouth_lower_volume | Lower lip volume | mouth-lowerlip-volume | incr
        mouth_lower_width | Lower lip width | mouth-lowerlip-width | incr
        mouth_philtrum | Philtrum depth | mouth-philtrum-volume | incr
        mouth_depth | Mouth projection | mouth-scale-depth | incr
        mouth_width | Mouth width | mouth-scale-horiz | incr
        mouth_thickness | Lip thickness | mouth-scale-vert | incr
        mouth_forward | Mouth depth | mouth-trans | forward
        mouth_height | Mouth height | mouth-trans | up
        mouth_upper_outer | Upper lip, outer height | mouth-upperlip-ext | up
        mouth_upper_height | Upper lip height | mouth-upperlip-height | incr
        mouth_upper_middle | Upper lip, middle | mouth-upperlip-middle | up
        mouth_upper_volume | Upper lip volume | mouth-upperlip-volume | incr
        mouth_upper_width | Upper lip width | mouth-upperlip-width | incr
        """,
    ),
    *_morphs(
        "cheek",
        "cheek",
        0.26,
        """
        cheek_bones | Cheekbones | *-cheek-bones | incr
        cheek_inner | Inner cheek | *-cheek-inner | incr
        cheek_height | Cheek height | *-cheek-trans | up
        cheek_volume | Cheek volume | *-cheek-volume | incr
        """,
    ),
    *_morphs(
        "chin",
        "chin",
        0.24,
        """
        jaw_bones | Jaw bones | chin-bones | incr
        chin_cleft | Chin cleft | chin-cleft | incr
        chin_height | Chin height | chin-height | incr
        jaw_drop | Jaw length | chin-jaw-drop | incr
        jaw_prognathism | Jaw projection | chin-prognathism | incr
        chin_prominence | Chin prominence | chin-prominent | incr
        chin_triangle | Pointed chin | chin-triangle |
        chin_width | Chin width | chin-width | incr
        """,
    ),
    *_morphs(
        "ears",
        "ears",
        0.28,
        """
        ear_flap | Ear flap | *-ear-flap | incr
        ear_lobe | Ear lobes | *-ear-lobe | incr
        ear_rotation | Ear rotation | *-ear-rot | forward
        ear_size | Ear size | *-ear-scale | incr
        ear_depth | Ear depth | *-ear-scale-depth | incr
        ear_length | Ear length | *-ear-scale-vert | incr
        ear_pointed | Pointed ears | *-ear-shape | pointed
        ear_square | Square ears | *-ear-shape | square
        ear_forward | Ear position | *-ear-trans | forward
        ear_height | Ear height | *-ear-trans | up
        ear_wing | Ears that stand out | *-ear-wing | incr
        """,
    ),
    *_morphs(
        "neck",
        "neck",
        0.16,
        """
        neck_girth | Neck girth | measure-neck-circ | incr
        neck_double_chin | Double chin | neck-double | incr
        neck_width | Neck width | neck-scale-horiz | incr
        """,
    ),
]

MACROS: list[Morph] = [
    Morph("sex", "Female to male", "body", "macro/sex", ("",), 0.6),
    Morph("age", "Age", "body", "macro/age", ("",), 0.35),
    Morph("weight", "Weight", "body", "macro/weight", ("",), 0.4),
    Morph("muscle", "Muscle", "body", "macro/muscle", ("",), 0.5),
    Morph("african", "African features", "body", "macro/african", ("",), 0.35),
    Morph("asian", "Asian features", "body", "macro/asian", ("",), 0.35),
    Morph("caucasian", "European features", "body", "macro/caucasian", ("",), 0.35),
]

# fmt: off
ARKIT = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft",
    "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft",
    "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft",
    "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)
# fmt: on
