"""What the names of nodes, materials and morph targets tell: words, sides, opposites, regions, ARKit's units."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from engine_bridge.makehuman.sliders import ARKIT

__all__ = [
    "arkit_unit",
    "group_of",
    "is_expression",
    "kind_of",
    "opposite",
    "region_of",
    "shared_words",
    "side_of",
    "words",
]

_SPLIT: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[+-]")
_SIDES: Final = {"left": "left", "l": "left", "lt": "left", "right": "right", "r": "right", "rt": "right"}
# Words that pull a slider up, their opposites, which pull it down, and what both are about.
_OPPOSITES: Final = (
    ("wide", "narrow", "width"), ("wider", "narrower", "width"), ("up", "down", "height"),
    ("in", "out", "spacing"), ("inward", "outward", "spacing"), ("big", "small", "size"),
    ("bigger", "smaller", "size"), ("large", "small", "size"), ("larger", "smaller", "size"),
    ("long", "short", "length"), ("longer", "shorter", "length"), ("high", "low", "height"),
    ("higher", "lower", "height"), ("tall", "short", "height"), ("tall", "flat", "height"),
    ("thick", "thin", "thickness"), ("fat", "thin", "fullness"), ("thicker", "thinner", "thickness"),
    ("full", "thin", "fullness"), ("deep", "shallow", "depth"), ("deep", "flat", "depth"),
    ("forward", "back", "depth"), ("forward", "backward", "depth"), ("front", "back", "depth"),
    ("incr", "decr", ""), ("increase", "decrease", ""), ("plus", "minus", ""), ("pos", "neg", ""),
    ("positive", "negative", ""), ("max", "min", ""), ("more", "less", ""), ("open", "closed", "opening"),
    ("convex", "concave", "curve"), ("round", "square", "roundness"), ("round", "pointed", "roundness"),
    ("sharp", "soft", "sharpness"), ("strong", "weak", "strength"), ("heavy", "light", "weight"),
    ("male", "female", "sex"), ("masculine", "feminine", "sex"), ("old", "young", "age"),
    ("older", "younger", "age"), ("raised", "lowered", "height"), ("raise", "lower", "height"),
    ("expand", "shrink", "size"), ("bulge", "hollow", "bulge"), ("+", "-", ""),
)  # fmt: skip
_ABOUT: Final = {(up, down): about for up, down, about in _OPPOSITES}
_EXPRESSIONS: Final = frozenset(
    [
        "smile",
        "smiling",
        "frown",
        "blink",
        "squint",
        "sneer",
        "pucker",
        "funnel",
        "grimace",
        "kiss",
        "viseme",
        "vis",
        "phoneme",
        "expression",
        "emotion",
        "angry",
        "anger",
        "joy",
        "happy",
        "sad",
        "sorrow",
        "fun",
        "surprised",
        "surprise",
        "fear",
        "disgust",
        "scream",
        "talk",
        "speak",
        "wink",
    ]
)
# The group of an editor by a word of the name; the first one that is found.
_GROUPS: Final = (
    ("nose", "nose nostril nostrils nasal"),
    ("mouth", "mouth lip lips philtrum cupid teeth"),
    ("brow", "brow brows eyebrow eyebrows"),
    ("eye", "eye eyes eyelid eyelids lid lids lash lashes iris pupil"),
    ("cheek", "cheek cheeks cheekbone cheekbones zygomatic"),
    ("chin", "chin"),
    ("jaw", "jaw jawline"),
    ("ear", "ear ears earlobe"),
    ("forehead", "forehead temple temples"),
    ("neck", "neck throat adam"),
)
# Regions by a word of a material's or a node's name; the first one that is found. Lashes belong to the eye, clothes to
# the neck, as in the reference engine's label maps.
_REGIONS: Final = (
    ("glasses", "glasses spectacles eyewear frame frames lens lenses goggles sunglasses"),
    ("brows", "brow brows eyebrow eyebrows"),
    ("eyes", "lash lashes eyelash eyelashes cornea iris pupil sclera eyeball eyeballs eyewhite"),
    ("teeth", "teeth tooth dental denture"),
    ("inner_mouth", "tongue gum gums mouthbag oral innermouth mouthinside cavity"),
    ("hair", "hair hairs hairstyle ponytail bun fringe bangs beard moustache mustache goatee stubble hat cap scalp"),
    ("upper_lip", "upperlip"),
    ("lower_lip", "lowerlip"),
    ("ears", "ear ears earring earrings"),
    ("eyes", "eye eyes"),
    ("neck", "neck cloth clothes clothing shirt tshirt jacket collar top outfit hoodie suit dress sweater"),
)
_KINDS: Final = (
    ("glasses", "glasses spectacles eyewear sunglasses goggles"),
    ("beard", "beard moustache mustache goatee stubble sideburns"),
    ("hat", "hat cap helmet headwear hood"),
    ("brow_style", "brow brows eyebrow eyebrows"),
    ("hair", "hair hairs hairstyle"),
)  # fmt: skip
_UNITS: Final = {unit.lower(): unit for unit in ARKIT}


def words(name: str) -> tuple[str, ...]:
    """The words of a name in any style, in lower case: "NoseWide_L" -> nose, wide, l."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


def arkit_unit(name: str) -> str | None:
    """ARKit's name of the expression unit that a target is: "mouthSmile_L" is "mouthSmileLeft"."""
    said = [_SIDES.get(word, word) if word in ("l", "r") else word for word in words(name.rpartition(".")[2] or name)]
    for start in range(len(said)):
        unit = _UNITS.get("".join(said[start:]))
        if unit is not None:
            return unit
    return None


def is_expression(name: str) -> bool:
    """Whether a name speaks of what a face does, and not of how it is built."""
    return arkit_unit(name) is not None or not _EXPRESSIONS.isdisjoint(words(name))


def side_of(name: str) -> tuple[str, tuple[str, ...]]:
    """ "left", "right" or "", and the other words. A letter alone is a side at an end of the name only."""
    said = words(name)
    for k, word in enumerate(said):
        if word in ("left", "right") or (word in _SIDES and k in (0, len(said) - 1) and len(said) > 1):
            return _SIDES[word], said[:k] + said[k + 1 :]
    return "", said


def opposite(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """1 where ``one`` is the way up and ``other`` the way down of one slider, -1 the other way round, 0 neither."""
    if len(one) == len(other):
        differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
        if len(differing) == 1:
            return 1 if differing[0] in _ABOUT else (-1 if differing[0][::-1] in _ABOUT else 0)
        return 0
    if len(one) == len(other) + 1 and one[-1] in ("+", "-") and one[:-1] == other:
        return 1 if one[-1] == "+" else -1
    if len(other) == len(one) + 1 and other[-1] in ("+", "-") and other[:-1] == one:
        return 1 if other[-1] == "-" else -1
    return 0


def shared_words(plus: tuple[str, ...], minus: tuple[str, ...]) -> tuple[str, ...]:
    """The name of a slider of two opposites: what they share, and what they are about (noseWide, noseNarrow: nose,
    width); all words of ``plus`` where they share nothing."""
    shared = tuple(a for a, b in zip(plus, minus, strict=False) if a == b)
    about = next((_ABOUT[pair] for pair in zip(plus, minus, strict=False) if pair in _ABOUT), "")
    if not shared:
        return plus
    return (*shared, about) if about and about != shared[-1] else shared


def group_of(name: str) -> str:
    """The group of a slider in an editor."""
    return _first(_GROUPS, words(name)) or "face_shape"


def region_of(*names: str) -> str | None:
    """The region that names tell, the first name that tells one; None where none does."""
    for name in names:
        said = words(name)
        joined = {a + b for a, b in pairwise(said)}
        region = _first(_REGIONS, (*said, *sorted(joined)))
        if region is None and "mouth" in said and not {"corner", "shape"} & set(said):
            region = "inner_mouth"
        if region is not None:
            return region
    return None


def kind_of(name: str) -> str | None:
    """The choice that a node is an option of: hair, beard, glasses, hat or brow_style; None where it is of none."""
    return _first(_KINDS, words(name))


def _first(table: tuple[tuple[str, str], ...], said: tuple[str, ...]) -> str | None:
    for result, known in table:
        if not set(known.split()).isdisjoint(said):
            return result
    return None
