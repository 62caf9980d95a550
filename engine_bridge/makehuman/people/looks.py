"""What people wear: hair styles by sex, age and texture, beards of men, brows, make-up, glasses, covers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine_bridge.makehuman.people.tables import often
from engine_bridge.makehuman.people.who import Who, held

# Option -> how often, by sex and texture of the hair.  Long hair above all makes a face in a small picture a woman's:
# women's short styles are rarer among usual people than in the street, and as frequent as others in wide draws.
HAIR_OF_WOMEN = often(
    """
    bob 6, long_bob 9, layered 10, long 9, long_wavy 11, long_curly 6, side_swept 7, curtain_fringe 6, fringe 4,
    ponytail 2, bun 1.2, updo 1.2, pixie 1.5, swept_back 0.2, pigtails 0.25, curly 1, braids 0.15, short 0.1,
    undercut 0.1
    """
)
HAIR_OF_WOMEN_TEXTURED = often(
    """
    afro 3, braids 10, twists 2, locs 6, long_curly 13, curly 1.5, bun 1, ponytail 1, updo 0.8, bob 3, long_wavy 6,
    long 4, long_bob 4, fade 0.1, buzz 0.1, pixie 0.4, short 0.1
    """
)
HAIR_OF_MEN = often(
    """
    short 14, side_part 12, textured 12, quiff 9, undercut 6, buzz 6, slicked_back 4, curly 6, fade 3,
    man_bun 2.5, long 0.8, long_wavy 1, curtain_fringe 0.6, receding 0.7, bald 0.7
    """
)
HAIR_OF_MEN_TEXTURED = often(
    """
    fade 12, buzz 9, twists 5, locs 4, high_top 2.5, afro 5, braids 2, curly 4, bald 1.5, short 2, receding 1
    """
)
# How much more often when old (80) than when young: what the years take or give.
AGEING = often(
    """
    pigtails 0.0, undercut 0.02, fringe 0.005, curtain_fringe 0.02, long 0.05, long_wavy 0.12, long_curly 0.25,
    side_swept 0.3, braids 0.15, locs 0.15, twists 0.3, fade 0.3, ponytail 0.25, long_bob 0.7, bob 1.8, layered 1.6,
    bun 2.5, updo 2.0, curly 3.0, pixie 4.0, short 8.0, swept_back 6.0
    """
)
# The same, of men, where it is otherwise.
AGEING_OF_MEN = often(
    """
    high_top 0.02, man_bun 0.02, undercut 0.03, quiff 0.08, textured 0.12, curtain_fringe 0.02, long 0.1,
    long_wavy 0.1, braids 0.1, locs 0.25, twists 0.1, fade 0.25, afro 0.6, curly 0.6, buzz 0.3, slicked_back 1.2,
    short 1.2, side_part 1.3, receding 5.0, bald 2.5
    """
)
# Who wears these has an African parent, nearly always; the weights of all others are divided by this.
ROPES = ("braids", "locs", "twists", "high_top")
SELDOM = 12.0
BROWS_OF_WOMEN = often(
    """
    natural 9, soft_arched 8, rounded 1.5, thin 1.0, straight 5, tapered 2, high_arched 0.2, s_shaped 0.2
    """
)
BROWS_OF_MEN = often(
    """
    natural 9, straight 8, tapered 3, bushy 2, flat_thick 4
    """
)
BEARDS = often(
    """
    none 46, stubble 15, short 13, full 9, goatee 4, circle 6, moustache 3, chinstrap 1, pencil 0.7,
    handlebar 0.8, mutton_chops 0.5
    """
)
# Of those who paint their lips.
LIPSTICKS = often(
    """
    nude 12, rose 7, coral 0.8, red 1.4, berry 0.8
    """
)
# Of those among them with darker skin.
DEEPER_LIPSTICKS = often(
    """
    nude 11, rose 3, red 0.6, berry 3, plum 0.3
    """
)
GLASSES = often(
    """
    round_wire 4, rectangular 6, horn_rimmed 4, browline 3, aviator 2, thick_round 3, thick_square 3, rimless 3
    """
)


def pick(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """One option, as often as its weight says."""
    chances = np.array(list(weights.values()), float)
    return str(rng.choice(list(weights), p=chances / chances.sum()))


def hair_style(who: Who, rng: np.random.Generator) -> str:
    """A hair style that suits sex, texture and age."""
    if who.man:
        table = HAIR_OF_MEN_TEXTURED if who.textured else HAIR_OF_MEN
    else:
        table = HAIR_OF_WOMEN_TEXTURED if who.textured else HAIR_OF_WOMEN
    ageing = AGEING | AGEING_OF_MEN if who.man else AGEING
    old = who.since(30, 65 if who.man else 80)
    chances = {name: weight * ageing.get(name, 1.0) ** old for name, weight in table.items()}
    rare = 1 / SELDOM + (1 - 1 / SELDOM) * held((who.ancestry["african"] - 0.40) / 0.30)
    return pick(rng, {name: chance * (rare if name in ROPES else 1.0) for name, chance in chances.items()})


def _cut(who: Who, rng: np.random.Generator) -> dict[str, float]:
    """The sliders of the hair's shape; men's hair recedes and thins with age, women's thins a little."""
    lost = who.since(28, 75) * float(rng.beta(1.3, 1.6))
    return {
        "hair_volume": held(rng.normal(0.5, 0.11)),
        "hair_length": held(rng.normal(0.5, 0.13)),
        "hair_curl": held(rng.normal(0.46 - 0.06 * who.ancestry["asian"], 0.10)),
        "hair_parting": held(rng.normal(0.5, 0.2)),
        "hairline": held(rng.normal(0.39 + 0.10 * lost if who.man else 0.33, 0.13)),
        "hair_receding": held(rng.normal(0.08, 0.05) + 0.50 * lost) if who.man else 0.0,
        "hair_thinning": 0.42 * lost if who.man else 0.15 * lost,
    }


def _make_up(who: Who, rng: np.random.Generator) -> dict[str, float | str]:
    """Mostly women's; older women wear less, and one man in twenty a liner."""
    bare: dict[str, float | str] = {"lipstick": "none", "blush": 0.0, "eye_shadow": 0.0, "eye_liner": 0.0}
    bare["eye_shadow_colour"] = 0.2
    if who.man:
        return bare | ({"eye_liner": float(rng.uniform(0.2, 0.6))} if rng.random() < 0.05 else {})
    much = float(rng.beta(1.4, 2.0)) * (1 - 0.45 * who.since(35, 75))
    painted = rng.random() < 0.24 + 0.5 * much
    return {
        "lipstick": pick(rng, DEEPER_LIPSTICKS if who.ancestry["african"] > 0.45 else LIPSTICKS) if painted else "none",
        "blush": float(rng.uniform(0.1, 0.9)) * much,
        "eye_shadow": float(rng.uniform(0, 0.9)) * much if rng.random() < 0.7 else 0.0,
        "eye_shadow_colour": held(abs(rng.normal(0, 0.3))),
        "eye_liner": held(0.30 + 0.6 * much + rng.normal(0, 0.07)),
    }


def _beard(who: Who, style: str, rng: np.random.Generator) -> str:
    if not who.man:
        return "none"
    grown = 0.35 + 0.65 * who.since(18, 30)
    table = {name: weight * (grown if name not in ("none", "stubble") else 1.0) for name, weight in BEARDS.items()}
    if style == "bald":
        table["full"], table["short"] = 2 * table["full"], 2 * table["short"]
    return pick(rng, table)


def look(who: Who, rng: np.random.Generator) -> dict[str, float | str]:
    """Options and the sliders that go with them, normalised, by name."""
    style = hair_style(who, rng)
    cover = "none"
    if rng.random() < 0.035:
        cover = "cap" if who.man or rng.random() < 0.35 else "hijab"
    glasses = "none"
    if rng.random() < (0.09 + 0.20 * who.since(25, 65)) * (1.0 if who.man else 0.75):
        glasses = pick(rng, GLASSES | ({} if who.man else {"cat_eye": 4}))
    return {
        "hair_style": style,
        "head_cover": cover,
        "brow_style": pick(rng, BROWS_OF_MEN if who.man else BROWS_OF_WOMEN),
        "beard_style": _beard(who, style, rng),
        "glasses": glasses,
        "lens_tint": float(rng.uniform(0.2, 0.8)) if rng.random() < 0.08 else float(rng.uniform(0, 0.06)),
        **_cut(who, rng),
        **_make_up(who, rng),
    }
