"""Random people of the reference engine: looks that go together, adults only, wide draws, and their schema."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.makehuman import make_schema, sampling, sliders
from engine_bridge.makehuman.face.glasses import STYLES as GLASSES
from engine_bridge.makehuman.face.head import SKIN, load_head
from engine_bridge.makehuman.palette import LIPSTICKS
from engine_bridge.makehuman.people import averages, looks
from engine_bridge.makehuman.people.tables import CHOICES, TONES
from engine_bridge.makehuman.sampling import Bounds, Character, draw
from engine_bridge.makehuman.strands.beards import STYLES as BEARDS
from engine_bridge.makehuman.strands.brows import STYLES as BROWS
from engine_bridge.makehuman.strands.styles import STYLES as HAIR
from f2p.schema import Discrete, Schema, load_schema

# Compiling the kernels takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

COUNT = 300


@cache
def schema() -> Schema:
    return load_schema(make_schema.PATH)


@cache
def people(wide: bool | None) -> list[Character]:
    bounds = Bounds(schema(), load_head())
    return [draw(schema(), bounds, seed, wide) for seed in range(COUNT)]


def mean(name: str, who: list[Character]) -> float:
    return float(np.mean([float(c.values[name]) for c in who]))


def share(name: str, option: str, who: list[Character]) -> float:
    return sum(c.values[name] == option for c in who) / len(who)


def test_every_draw_is_a_whole_valid_character() -> None:
    names = {p.name for p in (*schema().continuous, *schema().discrete)}
    for character in people(None):
        assert set(character.values) == names
        again = schema().decode(schema().encode(character.values))
        assert all(again[d.name] == character.values[d.name] for d in schema().discrete)


def test_same_seed_same_character() -> None:
    bounds = Bounds(schema(), load_head())
    first, second = (sampling.sample(schema(), bounds, 7) for _ in range(2))
    assert first == second
    assert sampling.sample(schema(), bounds, 8) != first


def test_expressions_are_at_rest() -> None:
    units = [p.name for p in schema().continuous if p.role == "expression"]
    assert len(units) == 52
    assert all(c.values[u] == 0 for c in people(None)[:50] for u in units)


def test_adults_of_all_ages_and_no_children() -> None:
    years = [c.who.years for c in people(None)]
    assert min(years) >= 18
    assert max(years) <= 85
    assert all(sum(low <= y < low + 15 for y in years) > 15 for low in (18, 33, 48, 63))


def test_one_in_six_is_wide() -> None:
    flags = [c.wide for c in people(None)]
    assert 0.12 < np.mean(flags) < 0.22
    assert all(c.wide for c in people(True)[:20])
    assert not any(c.wide for c in people(False)[:20])


def test_wide_draws_spread_further() -> None:
    shapes = [p for p in schema().continuous if p.group in sampling.REACHES and p.spread]
    wide, usual = (np.array([[c.values[p.name] for p in shapes] for c in people(w)], float) for w in (True, False))
    ratio = wide.std(axis=0) / usual.std(axis=0)
    assert np.median(ratio) > 1.2
    assert (ratio > 1).mean() > 0.85


def test_wide_draws_take_every_option() -> None:
    for d in schema().discrete:
        taken = {c.values[d.name] for c in people(True)}
        assert len(taken) >= 0.9 * len(d.options), d.name


def test_usual_people_have_looks_that_go_together() -> None:
    usual = people(False)
    women, men = ([c for c in usual if c.who.man == man] for man in (False, True))
    assert abs(len(women) - len(men)) < 0.2 * COUNT
    assert all(c.values["beard_style"] == "none" for c in women)
    assert 0.3 < share("beard_style", "none", men) < 0.7
    assert all(c.values["lipstick"] == "none" and c.values["blush"] == 0 for c in men)
    assert 0.3 < share("lipstick", "none", women) < 0.8
    assert not {c.values["hair_style"] for c in women} & {"bald", "receding"}
    assert not {c.values["hair_style"] for c in men} & {"pixie", "bob", "updo", "bun", "pigtails"}
    assert all(c.values["head_cover"] != "hijab" for c in men)
    assert mean("eye_liner", women) > mean("eye_liner", men) + 0.15
    assert mean("jaw_bones", women) < mean("jaw_bones", men) - 0.2
    assert mean("brow_thickness", women) < mean("brow_thickness", men) - 0.1


def test_age_shows_in_hair_lines_and_glasses() -> None:
    young, old = ([c for c in people(False) if low <= c.who.years < high] for low, high in ((18, 32), (60, 86)))
    assert mean("hair_grey", young) < 0.05
    assert mean("hair_grey", old) > 0.35
    assert mean("skin_lines", old) > mean("skin_lines", young)
    men = [[c for c in group if c.who.man] for group in (young, old)]
    assert mean("hair_thinning", men[1]) > mean("hair_thinning", men[0]) + 0.15
    assert share("glasses", "none", young) > share("glasses", "none", old)
    assert "pigtails" not in {c.values["hair_style"] for c in old}


def test_colours_follow_ancestry() -> None:
    def of(name: str) -> list[Character]:
        return [c for c in people(False) if c.who.ancestry[name] > 0.7]

    assert mean("skin_tone", of("african")) > mean("skin_tone", of("asian")) + 0.2
    assert mean("skin_tone", of("asian")) > mean("skin_tone", of("caucasian"))
    assert mean("hair_darkness", of("asian")) > 0.85
    assert mean("hair_darkness", of("caucasian")) < 0.7
    assert mean("iris_colour", of("caucasian")) > mean("iris_colour", of("african")) + 0.2


def test_no_group_of_sliders_moves_the_face_too_far() -> None:
    head = load_head()
    skin = np.unique(head.cage_triangles[head.cage_part == SKIN])
    face = skin[head.cage[skin, 2] > 0]
    for character in people(True)[:10]:
        for group, reach in sampling.REACHES.items():
            weights = {}
            for p in schema().continuous:
                if p.group == group and p.unit == "weight":
                    weights[p.name] = p.to_engine(float(character.values[p.name])) - p.to_engine(p.average)
            moved = head.shape(weights)[face] - head.shape({})[face]
            assert np.linalg.norm(moved, axis=1).max() < 1.5 * reach + 0.01, group


def test_averages_name_sliders_that_exist() -> None:
    names = {p.name for p in schema().continuous}
    assert (
        set(averages.WOMEN) | set(averages.MEN) | set(averages.OLD_WOMEN) | set(averages.OLD_MEN) | averages.CALMER
        <= names
    )
    assert set(make_schema.RESTING) <= {m.name for m in sliders.MORPHS}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("hair_style", HAIR),
        ("brow_style", BROWS),
        ("beard_style", BEARDS),
        ("lipstick", LIPSTICKS),
        ("glasses", GLASSES),
    ],
)
def test_options_are_those_that_can_be_drawn(name: str, known: dict[str, object]) -> None:
    options = schema().parameter(name)
    assert isinstance(options, Discrete)
    assert set(options.options) | {"none"} == set(known) | {"none"}
    assert set(options.options) == set(next(c for c in CHOICES if c.name == name).weights)


def test_tables_of_looks_name_options_of_the_schema() -> None:
    options = {d.name: set(d.options) for d in schema().discrete}
    hair = (looks.HAIR_OF_WOMEN, looks.HAIR_OF_WOMEN_TEXTURED, looks.HAIR_OF_MEN, looks.HAIR_OF_MEN_TEXTURED)
    assert all(set(table) <= options["hair_style"] for table in (*hair, looks.AGEING))
    assert set().union(*hair) == options["hair_style"]
    assert set(looks.BROWS_OF_MEN) | set(looks.BROWS_OF_WOMEN) <= options["brow_style"]
    assert set(looks.BEARDS) == options["beard_style"]
    assert set(looks.LIPSTICKS) <= options["lipstick"]
    assert set(looks.GLASSES) <= options["glasses"]


def test_schema_is_the_tables() -> None:
    sliders_of = {p.name: p for p in schema().continuous}
    for tone in TONES:
        p = sliders_of[tone.name]
        assert (p.average, p.spread, p.group, p.unit) == (tone.average, tone.spread, tone.group, "share")
    shapes = [p.name for p in schema().continuous if p.role == "identity"]
    assert shapes == [m.name for m in (*sliders.MACROS, *sliders.MORPHS)]
    assert schema().version == "2"


def test_names_of_the_first_schema_are_kept() -> None:
    """Characters that people have saved keep their meaning."""
    old = load_schema(Path(__file__).parents[2] / "contract" / "saved" / "0.1-schema.yaml")
    assert {p.name for p in old.continuous} <= {p.name for p in schema().continuous}
    for d in old.discrete:
        new = schema().parameter(d.name)
        assert isinstance(new, Discrete)
        assert set(d.options) <= set(new.options)


def test_hair_is_varied() -> None:
    styles = Counter(c.values["hair_style"] for c in people(False))
    assert len(styles) >= 26
    assert max(styles.values()) < 0.12 * COUNT
