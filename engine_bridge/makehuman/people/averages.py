"""Where the sliders of shape stand on average, by sex and age, and how far people spread about that.

Offsets are in shares of a slider's range, added to the schema's average.  They were set by eye, by faces that are
pleasant to look at, three times as much being caricature; then proportions were brought near to people's, as the face
mesh (`f2p.networks.landmarks`) measures them in photos and in renders alike: chins and noses shorter, mouths narrower.
"""

from __future__ import annotations

from engine_bridge.makehuman.people.who import Who
from f2p.schema import Continuous

# Of both sexes: the mesh is wider, and its ears larger, than people are (`benchmarks.networks.span` measures it).
BOTH = {
    "brow_height": -0.06,
    "ear_size": -0.16,
    "eye_bag": -0.24,
    "eye_open_middle": -0.11,
    "eye_size": 0.15,
    "forehead_height": -0.2,
    "head_fat": -0.14,
    "head_width": -0.33,
    "mouth_width": -0.26,
    "nose_length": -0.06,
    "nose_volume": -0.06,
    "eye_inner_width": 0.06,
    "eye_outer_width": 0.1,
    "head_round": -0.08,
    "eye_spacing": -0.04,
    "head_height": -0.18,
    "eye_open_inner": -0.03,
    "nose_width_middle": 0.04,
    "mouth_corners": 0.05,
    "chin_height": -0.12,
    "head_rectangular": -0.03,
    "head_square": -0.06,
    "head_triangular": -0.07,
    "jaw_drop": -0.05,
    "mouth_lower_height": 0.09,
    "mouth_thickness": 0.06,
    "mouth_upper_height": 0.09,
    "mouth_upper_width": -0.08,
    "nose_height": 0.05,
}
# What makes a face feminine or masculine beyond the slider of sex.
WOMEN = {
    "brow_angle": -0.07,
    "brow_slant": 0.17,
    "brow_arch": -0.04,
    "brow_height": 0.04,
    "brow_ridge": -0.2,
    "brow_thickness": -0.14,
    "cheek_bones": 0.08,
    "chin_triangle": 0.08,
    "chin_width": -0.26,
    "eye_inner_corner": -0.03,
    "eye_outer_corner": 0.1,
    "chin_height": 0.03,
    "ear_size": -0.14,
    "ear_wing": -0.1,
    "eye_size": 0.16,
    "head_fat": -0.17,
    "head_square": -0.1,
    "head_triangular": -0.04,
    "iris_size": 0.14,
    "jaw_bones": -0.33,
    "jaw_drop": -0.08,
    "forehead_height": -0.07,
    "lip_redness": 0.22,
    "mouth_lower_volume": 0.12,
    "mouth_cupid": 0.16,
    "mouth_thickness": 0.26,
    "mouth_upper_height": 0.14,
    "mouth_upper_volume": 0.09,
    "head_width": -0.08,
    "muscle": -0.14,
    "neck_girth": -0.34,
    "neck_width": -0.3,
    "nose_depth": -0.08,
    "nose_hump": -0.15,
    "nose_tip_height": 0.05,
    "nose_tip_width": -0.12,
    "nose_length": -0.1,
    "nose_volume": -0.12,
    "nose_width": -0.1,
    "nose_width_lower": -0.08,
    "weight": -0.06,
    "eye_open_middle": 0.06,
    "mouth_width": -0.04,
    "head_diamond": 0.15,
    "forehead_temples": -0.01,
    "nose_nostril_angle": -0.08,
    "cheek_height": 0.04,
    "cheek_volume": -0.02,
    "eye_epicanthus": -0.07,
    "eye_inner_width": -0.06,
    "eye_open_inner": -0.13,
    "eye_open_outer": 0.08,
    "eye_outer_width": -0.12,
    "forehead_bulge": 0.04,
    "head_depth": -0.02,
    "head_oval": -0.03,
    "head_round": -0.09,
    "mouth_height": 0.17,
    "mouth_lower_width": -0.07,
    "nose_nostril_width": 0.0,
    "nose_septum": 0.01,
    "nose_width_upper": -0.05,
    "cheek_inner": -0.03,
    "chin_prominence": -0.02,
    "eye_bag_width": -0.02,
    "eye_fold_angle": 0.02,
    "mouth_dimples": -0.02,
    "mouth_lower_height": 0.07,
    "mouth_philtrum": -0.02,
    "nose_base": 0.08,
    "nose_forward": 0.02,
    "nose_greek": -0.02,
}
MEN = {
    "brow_density": 0.12,
    "brow_arch": -0.07,
    "brow_height": -0.01,
    "brow_ridge": 0.28,
    "brow_thickness": 0.2,
    "cheek_volume": -0.08,
    "chin_prominence": 0.08,
    "chin_width": 0.09,
    "brow_slant": 0.2,
    "eye_open_middle": -0.02,
    "eye_outer_corner": 0.08,
    "eye_size": 0.0,
    "head_fat": -0.1,
    "head_square": 0.08,
    "jaw_bones": 0.26,
    "mouth_thickness": 0.03,
    "muscle": 0.06,
    "neck_girth": -0.30,
    "neck_width": -0.28,
    "nose_width_lower": -0.05,
    "head_triangular": -0.02,
    "chin_triangle": -0.02,
    "cheek_bones": 0.04,
    "head_diamond": 0.02,
    "nose_tip_width": -0.05,
    "nose_width_upper": 0.06,
    "head_round": 0.08,
    "head_height": -0.02,
}
# What softens MakeHuman's directions of ancestry, which exaggerate; at a whole share.
ANCESTRY: dict[str, dict[str, float]] = {
    "african": {
        "eye_open_middle": -0.05,
        "mouth_thickness": -0.06,
        "mouth_lower_height": -0.06,
        "eye_size": 0.02,
        "nose_width": -0.04,
        "mouth_forward": -0.04,
    },
    "asian": {
        "brow_arch": -0.1,
        "brow_height": 0.02,
        "eye_spacing": -0.08,
        "eye_outer_width": 0.16,
        "eye_inner_width": 0.04,
        "eye_outer_corner": 0.06,
        "eye_open_middle": -0.17,
        "eye_open_inner": -0.1,
        "eye_fold_height": -0.08,
        "head_round": -0.06,
        "mouth_thickness": -0.16,
        "mouth_upper_height": -0.1,
        "mouth_lower_height": -0.1,
        "mouth_width": 0.06,
        "mouth_forward": -0.06,
        "nose_width": 0.06,
        "nose_width_upper": 0.12,
        "nose_width_middle": 0.14,
        "nose_nostril_width": -0.06,
        "nose_depth": 0.04,
        "nose_nostril_angle": -0.1,
        "nose_tip_height": -0.12,
        "chin_height": 0.06,
        "chin_triangle": -0.12,
        "chin_prominence": 0.08,
        "head_angle": 0.05,
    },
    "caucasian": {
        "nose_width": 0.04,
    },
}
# What sixty years more do beside what the engine makes of the slider of age: women stay soft and rounded.
OLD_WOMEN = {
    "brow_density": -0.22,
    "brow_ridge": -0.10,
    "brow_thickness": -0.06,
    "chin_width": -0.03,
    "head_fat": 0.03,
    "eye_open_middle": 0.10,
    "mouth_corners": 0.12,
    "mouth_lower_middle": 0.08,
    "mouth_upper_height": 0.08,
    "neck_girth": -0.10,
    "nose_tip_width": -0.10,
    "nose_width_lower": -0.06,
}
OLD_MEN = {
    "brow_arch": -0.16,
    "brow_density": -0.10,
    "brow_height": -0.10,
    "mouth_corners": 0.10,
    "mouth_lower_middle": 0.08,
    "nose_length": 0.02,
    "nose_tip_width": -0.06,
}
# What makes eyes, noses and mouths pleasant makes them young, too: with age half of it goes.
FADING = ("eye_", "mouth_", "nose_")
# Shares of the schema's spread that a usual draw takes.  What makes a face look angry, sad or startled varies less.
USUAL, PAINTED, CALM = 0.52, 0.80, 0.36
CALMER = frozenset(
    {
        "brow_angle",
        "brow_arch",
        "brow_height",
        "brow_reach",
        "brow_ridge",
        "brow_slant",
        "chin_triangle",
        "eye_bag",
        "eye_fold_angle",
        "eye_fold_height",
        "eye_height",
        "eye_inner_corner",
        "eye_open_inner",
        "eye_open_middle",
        "eye_open_outer",
        "eye_outer_corner",
        "eye_spacing",
        "jaw_prognathism",
        "mouth_corners",
        "mouth_cupid",
        "mouth_forward",
        "mouth_lower_height",
        "mouth_lower_middle",
        "mouth_lower_outer",
        "mouth_lower_volume",
        "mouth_philtrum",
        "mouth_thickness",
        "mouth_upper_height",
        "mouth_upper_middle",
        "mouth_upper_outer",
        "mouth_upper_volume",
        "mouth_width",
        "neck_girth",
        "neck_width",
        "nose_compression",
        "nose_nostril_angle",
        "nose_septum",
        "nose_tip_height",
    }
)


def average(slider: Continuous, who: Who) -> float:
    """Normalised average of a slider among people like ``who``; may leave 0..1."""
    side, old = (MEN, OLD_MEN) if who.man else (WOMEN, OLD_WOMEN)
    by_sex = side.get(slider.name, 0.0) * abs(who.sex)
    if slider.name.startswith(FADING):
        by_sex *= 1 - 0.5 * who.since(45, 75)
    by_ancestry = sum(share * ANCESTRY[name].get(slider.name, 0.0) for name, share in who.ancestry.items())
    by_age = old.get(slider.name, 0.0) * who.since(25, 85)
    return slider.average + BOTH.get(slider.name, 0.0) + by_sex + by_ancestry + by_age


def spread(slider: Continuous) -> float:
    """Normalised spread of a slider among usual people of one sex and age."""
    share = CALM if slider.name in CALMER else USUAL if slider.unit == "weight" else PAINTED
    return slider.spread * share
