"""The tables of what is painted on the reference engine's head: sliders of colour and style, and the options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tone:
    """A painted slider: it has no shape, its engine value is its normalised value."""

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
        skin_redness | Redness | 0.50 | 0.12
        skin_lines | Lines | 0.14 | 0.14
        freckles | Freckles | 0.08 | 0.12
        eye_circles | Dark circles | 0.25 | 0.15
        """,
    ),
    *_tones(
        "brow",
        """
        brow_height | Brow height | 0.42 | 0.14
        brow_arch | Brow arch | 0.46 | 0.11
        brow_slant | Brow slant | 0.48 | 0.10
        brow_thickness | Brow thickness | 0.50 | 0.16
        brow_reach | Brows reach inwards | 0.45 | 0.15
        brow_length | Brow length | 0.50 | 0.15
        brow_density | Brow density | 0.60 | 0.18
        brow_darkness | Brow darkness | 0.50 | 0.18
        """,
    ),
    *_tones(
        "eye",
        """
        iris_colour | Iris, brown to blue | 0.30 | 0.24
        iris_brightness | Iris brightness | 0.50 | 0.15
        iris_size | Iris size | 0.50 | 0.12
        """,
    ),
    *_tones(
        "mouth",
        """
        lip_redness | Lip redness | 0.50 | 0.16
        lip_darkness | Lip darkness | 0.50 | 0.14
        """,
    ),
    *_tones(
        "hair",
        """
        hair_darkness | Hair, light to dark | 0.66 | 0.22
        hair_redness | Hair redness | 0.35 | 0.15
        hair_grey | Grey hair | 0.08 | 0.14
        hair_volume | Hair volume | 0.50 | 0.17
        hairline | Hairline height | 0.50 | 0.16
        hair_length | Hair length | 0.50 | 0.18
        """,
    ),
    *_tones("beard", "beard_density | Beard density | 0.62 | 0.18"),
    *_tones(
        "glasses",
        """
        glasses_colour | Glasses, black to silver | 0.30 | 0.30
        glasses_size | Size of the glasses | 0.50 | 0.18
        """,
    ),
    *_tones(
        "make-up",
        """
        blush | Blush | 0.12 | 0.14
        eye_shadow | Eye shadow | 0.10 | 0.14
        eye_liner | Eye liner | 0.22 | 0.16
        """,
    ),
]

# Option -> how often it is drawn.
CHOICES: dict[str, tuple[str, str, dict[str, float]]] = {
    "hair_style": (
        "Hair style",
        "hair",
        {
            "bald": 4,
            "receding": 4,
            "buzz": 5,
            "short": 10,
            "side_part": 9,
            "quiff": 6,
            "slicked_back": 4,
            "textured": 7,
            "curly": 5,
            "afro": 4,
            "pixie": 4,
            "bob": 6,
            "fringe": 5,
            "long": 6,
            "long_wavy": 6,
            "long_curly": 4,
            "swept_back": 4,
            "ponytail": 5,
            "bun": 4,
            "updo": 4,
        },
    ),
    "brow_style": (
        "Brow shape",
        "brow",
        {
            "natural": 18,
            "straight": 11,
            "soft_arched": 14,
            "high_arched": 9,
            "rounded": 9,
            "s_shaped": 7,
            "thin": 9,
            "tapered": 9,
            "bushy": 7,
            "flat_thick": 7,
        },
    ),
    "beard_style": (
        "Beard",
        "beard",
        {
            "none": 58,
            "stubble": 9,
            "moustache": 4,
            "pencil": 3,
            "handlebar": 3,
            "goatee": 4,
            "circle": 5,
            "short": 6,
            "full": 4,
            "chinstrap": 2,
            "mutton_chops": 2,
        },
    ),
    "lipstick": (
        "Lipstick",
        "make-up",
        {"none": 70, "nude": 6, "rose": 6, "coral": 4, "red": 6, "berry": 5, "plum": 3},
    ),
    "glasses": (
        "Glasses",
        "glasses",
        {"none": 76, "round_wire": 5, "rectangular": 6, "horn_rimmed": 5, "browline": 4, "aviator": 4},
    ),
}
