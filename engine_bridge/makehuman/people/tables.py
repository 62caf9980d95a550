"""The table of the sliders and options of appearance: one source for ``schema.yaml``.

Averages are those of a pleasant neutral adult; spreads those of a wide draw.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tone:
    """A slider without shape: its engine value is its normalised value."""

    name: str
    label: str
    group: str
    average: float
    spread: float


def _tones(group: str, rows: str) -> list[Tone]:
    cells = [[c.strip() for c in row.split("|")] for row in rows.strip().splitlines()]
    return [Tone(name, label, group, float(average), float(spread)) for name, label, average, spread in cells]


TONES: list[Tone] = [
    *_tones(
        "skin",
        """
        skin_tone | Skin, light to dark | 0.28 | 0.18
        skin_undertone | Undertone, cool to warm | 0.50 | 0.12
        skin_redness | Redness | 0.48 | 0.12
        skin_lines | Lines | 0.14 | 0.14
        freckles | Freckles | 0.04 | 0.14
        moles | Moles | 0.00 | 0.18
        eye_circles | Dark circles | 0.18 | 0.15
        """,
    ),
    *_tones(
        "brow",
        """
        brow_height | Brow height | 0.42 | 0.14
        brow_arch | Brow arch | 0.44 | 0.11
        brow_slant | Brow slant | 0.44 | 0.10
        brow_thickness | Brow thickness | 0.50 | 0.16
        brow_reach | Brows reach inwards | 0.56 | 0.14
        brow_length | Brow length | 0.44 | 0.15
        brow_density | Brow density | 0.60 | 0.18
        brow_darkness | Brow darkness | 0.46 | 0.18
        """,
    ),
    *_tones(
        "eye",
        """
        iris_colour | Iris, brown to blue | 0.30 | 0.24
        iris_brightness | Iris brightness | 0.50 | 0.15
        iris_size | Iris size | 0.54 | 0.12
        """,
    ),
    *_tones(
        "mouth",
        """
        lip_redness | Lip redness | 0.52 | 0.16
        lip_darkness | Lip darkness | 0.50 | 0.14
        """,
    ),
    *_tones(
        "hair",
        """
        hair_darkness | Hair, light to dark | 0.66 | 0.22
        hair_redness | Hair redness | 0.28 | 0.15
        hair_grey | Grey hair | 0.06 | 0.16
        hair_volume | Hair volume | 0.50 | 0.17
        hairline | Hairline height | 0.45 | 0.15
        hair_length | Hair length | 0.50 | 0.18
        hair_curl | Curl, straighter to curlier | 0.48 | 0.15
        hair_parting | Parting, right to left | 0.50 | 0.20
        hair_receding | Receding temples | 0.06 | 0.14
        hair_thinning | Thinning on top | 0.02 | 0.12
        hair_dye | Dye | 0.00 | 0.00
        hair_dye_hue | Dye hue, red to green | 0.50 | 0.00
        cover_colour | Colour of the head cover | 0.50 | 0.25
        """,
    ),
    *_tones("beard", "beard_density | Beard density | 0.62 | 0.18"),
    *_tones(
        "glasses",
        """
        glasses_colour | Glasses, black to silver | 0.30 | 0.30
        glasses_size | Size of the glasses | 0.50 | 0.18
        lens_tint | Tint of the lenses | 0.04 | 0.10
        """,
    ),
    *_tones(
        "make-up",
        """
        blush | Blush | 0.06 | 0.14
        eye_shadow | Eye shadow | 0.04 | 0.16
        eye_shadow_colour | Eye shadow, brown to blue | 0.20 | 0.20
        eye_liner | Eye liner | 0.08 | 0.16
        """,
    ),
    *_tones("clothes", "cloth_colour | Colour of the collar | 0.50 | 0.25"),
]


def often(text: str) -> dict[str, float]:
    """How often each option is taken, from ``name number, name number, ...``."""
    pairs = (entry.split() for entry in text.split(","))
    return {name: float(number) for name, number in pairs}


@dataclass(frozen=True)
class Choice:
    """A choice: ``weights`` how often a wide draw takes each option; the average face's is ``default``."""

    name: str
    label: str
    group: str
    default: str
    weights: dict[str, float]


CHOICES: list[Choice] = [
    Choice(
        "hair_style",
        "Hair style",
        "hair",
        "short",
        often(
            """
            bald 4, receding 4, buzz 5, short 8, side_part 7, quiff 6, slicked_back 4, textured 6, curly 5,
            afro 4, pixie 4, bob 5, fringe 5, long 6, long_wavy 6, long_curly 5, swept_back 4, ponytail 5,
            bun 4, updo 4, fade 5, high_top 3, undercut 4, man_bun 3, long_bob 5, layered 5, side_swept 5,
            curtain_fringe 5, pigtails 3, twists 4, braids 4, locs 4
            """
        ),
    ),
    Choice(
        "head_cover",
        "Head cover",
        "hair",
        "none",
        often(
            """
            none 92, cap 4, hijab 4
            """
        ),
    ),
    Choice(
        "brow_style",
        "Brow shape",
        "brow",
        "natural",
        often(
            """
            natural 18, straight 12, soft_arched 14, high_arched 7, rounded 9, s_shaped 7, thin 9, tapered 9,
            bushy 8, flat_thick 7
            """
        ),
    ),
    Choice(
        "beard_style",
        "Beard",
        "beard",
        "none",
        often(
            """
            none 64, stubble 7, moustache 4, pencil 3, handlebar 3, goatee 4, circle 4, short 4, full 4,
            chinstrap 2, mutton_chops 2
            """
        ),
    ),
    Choice(
        "lipstick",
        "Lipstick",
        "make-up",
        "none",
        often(
            """
            none 70, nude 6, rose 6, coral 4, red 6, berry 5, plum 3
            """
        ),
    ),
    Choice(
        "glasses",
        "Glasses",
        "glasses",
        "none",
        often(
            """
            none 70, round_wire 4, rectangular 4, horn_rimmed 4, browline 3, aviator 3, thick_round 3,
            thick_square 3, cat_eye 3, rimless 3
            """
        ),
    ),
]
