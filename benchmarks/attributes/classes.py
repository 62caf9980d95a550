"""Classes of a character: what people would say of it, from its options and its render."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from f2p.arrays import Pixels
from f2p.imaging.colour import srgb_to_lab
from f2p.regions import index
from f2p.schema import Schema

__all__ = ["beard_class", "expression_class", "hair_classes", "hair_colour", "parting", "skin_class", "wears_glasses"]

# Length classes that would be fair for each style of the MakeHuman engines.
_HAIR: Final[Mapping[str, tuple[str, ...]]] = {
    "bald": ("bald",),
    "receding": ("receding",),
    "buzz": ("buzz",),
    "fade": ("buzz", "short"),
    "short": ("short",),
    "side_part": ("short",),
    "quiff": ("short",),
    "slicked_back": ("short",),
    "textured": ("short",),
    "undercut": ("short",),
    "side_swept": ("medium", "long"),
    "pixie": ("short",),
    "curly": ("short", "curly"),
    "afro": ("curly",),
    "high_top": ("curly", "short"),
    "twists": ("curly", "short"),
    "bob": ("medium",),
    "fringe": ("medium", "long"),
    "long_bob": ("medium",),
    "layered": ("medium", "long"),
    "curtain_fringe": ("medium", "long"),
    "swept_back": ("medium", "long"),
    "long": ("long",),
    "long_wavy": ("long",),
    "long_curly": ("long", "curly"),
    "locs": ("long", "curly"),
    "braids": ("tied", "long"),
    "ponytail": ("tied",),
    "pigtails": ("tied",),
    "man_bun": ("tied",),
    "bun": ("tied",),
    "updo": ("tied",),
}
_SIDE: Final = ("side_part", "side_swept", "undercut")
_BEARDS: Final[Mapping[str, str]] = {
    "none": "none",
    "stubble": "stubble",
    "moustache": "moustache",
    "pencil": "moustache",
    "handlebar": "moustache",
}
_FEWEST: Final = 60  # pixels of the hair, of 256 x 256
_SMILE: Final = 0.2
_TEETH: Final = 0.25

Values = Mapping[str, float | str]


def hair_classes(values: Values) -> tuple[str, ...]:
    """Fair length classes of the style. Raises KeyError for a style that no class is known of."""
    return _HAIR[str(values["hair_style"])]


def parting(values: Values) -> str:
    """ "side", "middle" or "" of the style, or of the slider where the engine has one."""
    if "hair_parting" in values and str(values["hair_style"]) in ("bob", "long", "long_bob", "layered", "long_wavy"):
        return "middle" if abs(float(values["hair_parting"]) - 0.5) < 0.15 else "side"
    return "side" if str(values["hair_style"]) in _SIDE else ""


def beard_class(values: Values) -> str:
    """none, stubble, moustache or beard."""
    return _BEARDS.get(str(values["beard_style"]), "beard")


def wears_glasses(values: Values) -> bool:
    """Whether it wears glasses."""
    return values["glasses"] != "none"


def hair_colour(image: Pixels, labels: Pixels) -> str:
    """dark, light, grey or white, of the render's (S, S, 3) hair as its labels (S, S) have it; "" where there is none.

    By the hair's upper quartile of lightness, since shadows between locks say nothing, and its median chroma.
    """
    hair = image[labels == index("hair")]
    if len(hair) < _FEWEST:
        return ""
    lab = srgb_to_lab(torch.from_numpy(hair.astype(np.float32) / 255)).numpy()
    lightness, chroma = float(np.quantile(lab[:, 0], 0.75)), float(np.median(np.hypot(lab[:, 1], lab[:, 2])))
    if lightness < 42:
        return "dark"
    if chroma > 9:
        return "light"
    return "white" if lightness > 66 else "grey"


def expression_class(units: Mapping[str, float]) -> str:
    """neutral, smile or teeth, of expression units by ARKit's names."""

    def both(name: str) -> float:
        return (units.get(f"{name}Left", 0.0) + units.get(f"{name}Right", 0.0)) / 2

    smile = both("mouthSmile")
    bare = units.get("jawOpen", 0.0) + (both("mouthUpperUp") + both("mouthLowerDown")) / 2
    if smile < _SMILE:
        return "neutral"
    return "teeth" if bare > _TEETH else "smile"


def skin_class(image: Pixels, labels: Pixels) -> str:
    """light, medium or dark by the median lightness L* of a render's skin; "" where there is none."""
    skin = image[labels == index("skin")]
    if len(skin) < _FEWEST:
        return ""
    lab = srgb_to_lab(torch.from_numpy(skin.astype(np.float32) / 255)).numpy()
    lightness = float(np.median(lab[:, 0]))
    return "dark" if lightness < 45 else "medium" if lightness < 62 else "light"


def known_schema(schema: Schema) -> None:
    """Refuse an engine whose styles have no classes here. Raises SystemExit."""
    for choice in schema.discrete:
        unknown = [option for option in choice.options if option not in _HAIR]
        if choice.name == "hair_style" and not unknown:
            return
        if choice.name == "hair_style":
            raise SystemExit(f"No length class is known of the styles {', '.join(unknown)}.")
    raise SystemExit("The engine has no choice 'hair_style'.")
