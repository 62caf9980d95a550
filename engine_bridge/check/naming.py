"""What the names of sliders and options say: a part of the face, a side, more or less hair, nothing at all."""

from __future__ import annotations

import re

from f2p.schema.parameters import Continuous, Discrete

__all__ = ["growth", "parts", "side"]

PARTS = {
    "nose": ("nose", "nostril", "nostrils"),
    "eyes": ("eye", "eyes", "iris", "pupil", "eyelid", "eyelids"),
    "brows": ("brow", "brows", "eyebrow", "eyebrows"),
    "lips": ("mouth", "lip", "lips"),
    "ears": ("ear", "ears"),
    "hair": ("hair", "haircut"),
}
REGIONS_OF = {
    "nose": ("nose",),
    "eyes": ("eyes",),
    "brows": ("brows",),
    "lips": ("upper_lip", "lower_lip", "teeth", "inner_mouth"),
    "ears": ("ears",),
    "hair": ("hair",),
}
LEFT, RIGHT = ("left", "l"), ("right", "r")
GROWTH = {
    0: ("none", "no", "off", "bald", "shaven", "shaved"),
    1: ("buzz", "cropped", "crop", "short"),
    3: ("long", "flowing"),
}


def words(name: str) -> list[str]:
    """Words of a name such as eyeBlinkLeft, Eye.Size or nose_width_l, in small letters."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def parts(slider: Continuous) -> tuple[str, ...]:
    """Regions that a slider's name says it changes; empty where it says none."""
    first = words(slider.name)[:1]
    for part, known in PARTS.items():
        if first and first[0] in known:
            return REGIONS_OF[part]
    return ()


def side(name: str) -> str:
    """ "left" or "right", of the character; empty where the name says neither."""
    last = words(name)
    if any(word in last for word in LEFT[:1]) or last[-1:] == [LEFT[1]]:
        return "left"
    return "right" if RIGHT[0] in last or last[-1:] == [RIGHT[1]] else ""


def growth(choice: Discrete) -> dict[str, int]:
    """How much an option adds, by the words in its name: 0 nothing, 1 little, 3 much; options whose
    names say nothing are left out."""
    found = {}
    for option in choice.options:
        for amount, known in GROWTH.items():
            if any(word in known for word in words(option)):
                found[option] = amount
    if choice.none_index is not None:
        found[choice.options[choice.none_index]] = 0
    return found
