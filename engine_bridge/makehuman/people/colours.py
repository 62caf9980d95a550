"""Colours of skin, hair and eyes: by ancestry, and changed by age."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.people.who import Who, held

SKIN = {"african": 0.72, "asian": 0.32, "caucasian": 0.24}
HAIR = {"african": 0.95, "asian": 0.93, "caucasian": 0.48}
IRIS = {"african": 0.06, "asian": 0.09, "caucasian": 0.58}
# Years at which hair begins to turn grey, and how many years it takes.
GREYING = {"african": 44.0, "asian": 46.0, "caucasian": 40.0}
TAKES = 40.0
# How white the hair of women gets that is not coloured: round faces under white hair look like fair children's.
WOMEN_GREY = 0.62
RED_HEADS, UNNATURAL = 0.07, 0.04
HIDDEN_GREY = 0.25  # share of women, and a fifth of that of men, whose hair is coloured when it turns grey


def _near(rng: np.random.Generator, middle: float, spread: float) -> float:
    return held(rng.normal(middle, spread))


def colours(who: Who, rng: np.random.Generator) -> dict[str, float]:
    """Normalised values of the sliders of skin, hair and iris."""
    fair = who.ancestry["caucasian"]
    red_head = rng.random() < RED_HEADS * fair**2
    tone = _near(rng, who.mixed(SKIN), 0.05 + 0.05 * who.ancestry["african"])
    darkness = _near(rng, who.mixed(HAIR), 0.02 + 0.20 * fair**2)
    darkness = max(darkness, min(2.4 * tone - 0.24, 0.9))  # fair hair needs fair skin
    onset = rng.normal(who.mixed(GREYING), 5.0)
    grey = held((who.years - onset) / TAKES) * (1.0 if who.man else WOMEN_GREY)
    if rng.random() < (HIDDEN_GREY / 5 if who.man else HIDDEN_GREY) * (1 - who.since(65, 85)):
        grey *= float(rng.uniform(0, 0.4))
    dyed = rng.random() < UNNATURAL * (0.4 if who.man else 1.0) * (1 - who.since(26, 40))
    freckled = rng.random() < (0.7 if red_head else 0.16 * fair)
    return {
        "skin_tone": tone * (0.6 if red_head else 1.0),
        "skin_undertone": _near(rng, 0.49 + 0.02 * who.ancestry["asian"], 0.07),
        "skin_redness": _near(rng, 0.48 + 0.06 * fair + 0.06 * who.since(50, 80), 0.09),
        "skin_lines": _near(rng, 0.08 + 0.10 * who.since(30, 70), 0.05),
        "eye_circles": _near(rng, 0.10 + 0.20 * who.since(25, 75), 0.07),
        "freckles": float(rng.uniform(0.2, 0.8)) if freckled else 0.0,
        "moles": float(rng.uniform(0.05, 0.35)) if rng.random() < 0.13 else 0.0,
        "hair_darkness": float(rng.uniform(0.1, 0.6)) if red_head else darkness,
        "hair_redness": float(rng.uniform(0.65, 1.0)) if red_head else _near(rng, 0.20, 0.08),
        "hair_grey": grey,
        "hair_dye": float(rng.uniform(0.5, 1.0)) if dyed else 0.0,
        "hair_dye_hue": float(rng.random()),
        "iris_colour": _near(rng, who.mixed(IRIS), 0.03 + 0.24 * fair**2),
        "iris_brightness": _near(rng, 0.5 + 0.08 * fair, 0.12),
        "brow_darkness": _near(rng, 0.40 + 0.25 * (1 - darkness), 0.10),
        "lip_darkness": _near(rng, 0.46, 0.10),
        "beard_density": _near(rng, 0.64 - 0.16 * who.ancestry["asian"], 0.14),
        "cloth_colour": float(rng.random()),
        "cover_colour": float(rng.random()),
    }
