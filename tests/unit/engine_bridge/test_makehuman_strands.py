"""Strands of the reference engine: where they grow, how they run, and that sliders move them smoothly."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine_bridge.makehuman.engine import reference_schema
from engine_bridge.makehuman.face.head import load_head
from engine_bridge.makehuman.face.shape import Shaped, shaped
from engine_bridge.makehuman.strands import Groom, Hairdresser
from engine_bridge.makehuman.strands.roots import sow
from engine_bridge.makehuman.strands.strand import BEARD, BROWS, HAIR, LASHES, Strands
from engine_bridge.makehuman.strands.styles import STYLES
from f2p.engines.protocol import View

# Compiling the kernels takes minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

MIDDLE = np.array([0.0, 0.12, -0.62])


@cache
def hairdresser() -> Hairdresser:
    return Hairdresser(load_head())


@cache
def head(**weights: float) -> Shaped:
    return shaped(load_head(), weights, View())


def average(**own: float | str) -> dict[str, float | str]:
    schema = reference_schema()
    look: dict[str, float | str] = {p.name: p.average for p in schema.continuous} | {
        p.name: p.default for p in schema.discrete
    }
    return look | {"hair_grey": 0.0, "beard_style": "none", "head_cover": "none"} | own


def groom(size: int = 128, on: Shaped | None = None, **own: float | str) -> Groom:
    return hairdresser().groom(on or head(), average(**own), size, 0.0, 30.0)


def of_kind(groomed: Groom, kind: int) -> list[Strands]:
    return [s for s in groomed.sets if s.kind == kind]


def scalp_hair(**own: float | str) -> Strands:
    return of_kind(groom(**own), HAIR)[0]


def test_the_schema_offers_every_style_that_can_be_drawn() -> None:
    options = next(p.options for p in reference_schema().discrete if p.name == "hair_style")
    assert set(options) == set(STYLES)


def test_any_first_part_of_the_roots_is_spread_evenly() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9), indexing="ij"), axis=-1).reshape(-1, 2)
    square = np.concatenate([grid, np.zeros((81, 1))], axis=1).astype(np.float32)
    a = (np.arange(8)[:, None] * 9 + np.arange(8)).ravel()
    triangles = np.concatenate([np.stack([a, a + 1, a + 10], 1), np.stack([a, a + 10, a + 9], 1)]).astype(np.int32)
    roots = sow(square, triangles, 400, 5)
    assert len(roots.points) == 400
    for count in (25, 100, 400):
        some = roots.points[:count, :2].astype(float)
        gap = np.linalg.norm(some[:, None] - some[None], axis=2) + 9 * np.eye(count)
        assert gap.min() > 0.5 / np.sqrt(count)  # random points come as near as 1 / (2 count)
        assert np.histogram2d(*some.T, bins=3, range=[[0, 1], [0, 1]])[0].min() > 0.25 * count / 9


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style is not None])
def test_every_style_grows_outside_of_the_head_and_leaves_the_eyes_free(style: str) -> None:
    sets = of_kind(groom(hair_style=style), HAIR)
    hair = sets[0]
    assert hair.points.shape[0] > 500
    for s in sets:
        for values in (s.points, s.away, s.alpha, s.width, *s.tints):
            assert np.isfinite(values).all()
        assert s.alpha.min() >= 0
        assert s.alpha.max() <= 1
        assert s.width.min() > 0
    radius = hairdresser()._skull.radius(head().cage)
    at = hair.points.reshape(-1, 3)[(hair.alpha > 0.3).ravel()]
    far = at - MIDDLE
    low = far[:, 1] > 0  # the upper half, where the skull is a ball
    assert np.linalg.norm(far[low], axis=1).min() > 0.95 * radius.min()
    before_the_eyes = (np.abs(at[:, 0]) < 0.42) & (np.abs(at[:, 1]) < 0.07) & (at[:, 2] > 0)
    assert before_the_eyes.mean() < 0.002


def test_the_same_values_give_the_same_strands_whoever_is_asked() -> None:
    again = Hairdresser(load_head()).groom(head(), average(hair_style="curly", beard_style="full"), 128, 0.0, 30.0)
    for a, b in zip(groom(hair_style="curly", beard_style="full").sets, again.sets, strict=True):
        assert a.points.tobytes() == b.points.tobytes()
        assert a.alpha.tobytes() == b.alpha.tobytes()


@pytest.mark.parametrize("style", ["short", "long", "curly", "afro", "twists"])
@pytest.mark.parametrize("slider", ["hair_volume", "hair_length", "hair_curl"])
def test_a_small_move_of_a_slider_moves_strands_a_little(style: str, slider: str) -> None:
    before, after = (scalp_hair(hair_style=style, **{slider: v}) for v in (0.50, 0.52))
    moved = np.linalg.norm(after.points - before.points, axis=2)
    assert np.quantile(moved, 0.98) < 0.04  # dm; a pixel of 128 is 0.021


def test_hair_follows_the_head() -> None:
    wide = head(head_square=1.0)
    before, after = scalp_hair(hair_style="short"), of_kind(groom(on=wide, hair_style="short"), HAIR)[0]
    skin = np.abs(wide.fine - head().fine).max()
    moved = np.linalg.norm(after.points - before.points, axis=2)
    assert 0.2 * skin < np.quantile(moved, 0.95) < 3 * skin


def test_length_and_volume_do_what_they_say() -> None:
    def reach(**own: float) -> float:
        s = scalp_hair(hair_style="textured", **own)
        return float(np.linalg.norm(s.points[:, -1] - s.points[:, 0], axis=1).mean())

    def height(**own: float) -> float:
        return float(np.quantile(scalp_hair(hair_style="textured", **own).points[..., 1], 0.99))

    assert reach(hair_length=0.1) < 0.8 * reach(hair_length=0.9)
    assert height(hair_volume=0.1) + 0.05 < height(hair_volume=0.9)


def test_the_parting_moves_to_the_side_that_is_asked_for() -> None:
    def middle(value: float) -> float:
        """Where, on top of the head, strands that fall to the left part from those that fall to the right."""
        s = scalp_hair(hair_style="long", hair_parting=value)
        root, tip = s.points[:, 0], s.points[:, -1]
        top = (root[:, 1] > 0.85) & (s.alpha[:, 1] > 0.5)
        left = tip[:, 0] > 0
        return float(root[top & left, 0].min() + root[top & ~left, 0].max()) / 2

    assert middle(0.2) < middle(0.5) - 0.05 < middle(0.8) - 0.10


@pytest.mark.parametrize("style", ["long", "bob"])
def test_hair_rises_on_neither_side_of_its_parting(style: str) -> None:
    s = scalp_hair(hair_style=style)
    at = s.points[s.alpha > 0.3]
    at = at[at[:, 2] > -0.9]
    middle = 0.55 * float(STYLES[style].part)  # type: ignore[union-attr]

    def height(x: float) -> float:
        return float(np.quantile(at[np.abs(at[:, 0] - middle - x) < 0.05, 1], 0.98))

    assert max(height(-0.3), height(0.3)) < height(0.0) + 0.03


@pytest.mark.parametrize("style", ["short", "side_part", "textured", "quiff", "buzz", "fade", "undercut"])
def test_a_short_cut_leaves_the_ears_free(style: str) -> None:
    mesh = load_head()
    ear = mesh.fine[mesh.fields["ear"] > 0.01]
    low, high = ear.min(axis=0), ear.max(axis=0)
    s = scalp_hair(hair_style=style)
    at = s.points[s.alpha > 0.3]
    below = (at[:, 1] < 0.5 * (low[1] + high[1])) & (at[:, 2] > low[2]) & (at[:, 2] < high[2])
    assert below.mean() < 0.01


def test_receding_and_thinning_take_hair_from_where_people_lose_it() -> None:
    def visible(where: str, **own: float) -> float:
        s = scalp_hair(hair_style="short", **own)
        x, y, z = s.points[:, 0].T
        place = {
            "temples": (np.abs(x) > 0.3) & (y > 0.45) & (z > -0.3),
            "top": (y > 0.9) & (z < -0.6),
            "back": (z < -1.2) & (y < 0.3),
        }[where]
        return float(s.alpha[place, 1].sum())

    assert visible("temples", hair_receding=1.0) < 0.5 * visible("temples", hair_receding=0.0)
    assert visible("top", hair_thinning=1.0) < 0.5 * visible("top", hair_thinning=0.0)
    assert visible("back", hair_receding=1.0, hair_thinning=1.0) > 0.8 * visible(
        "back", hair_receding=0.0, hair_thinning=0.0
    )


def test_grey_comes_hair_by_hair() -> None:
    def white(value: float) -> float:
        tint = scalp_hair(hair_style="short", hair_grey=value, hair_darkness=0.9).tints[0]
        return float((tint.mean(axis=1) > 0.20).mean())

    shares = [white(v) for v in (0.0, 0.3, 0.6, 1.0)]
    assert shares[0] == 0
    assert shares[3] > 0.97
    assert 0.05 < shares[1] < 0.45 < shares[2] < 0.85


def test_a_dye_colours_the_hair_and_not_the_brows() -> None:
    plain, blue = groom(hair_style="bob"), groom(hair_style="bob", hair_dye=1.0, hair_dye_hue=0.6)
    hair = of_kind(blue, HAIR)[0].tints[0].mean(axis=0)
    assert hair[2] > 2 * hair[0]
    assert np.array_equal(of_kind(plain, BROWS)[0].tints[0], of_kind(blue, BROWS)[0].tints[0])


@pytest.mark.parametrize("style", ["stubble", "full", "moustache"])
def test_a_beard_grows_from_the_skin_and_its_density_changes_opacity_alone(style: str) -> None:
    thin, thick = (of_kind(groom(beard_style=style, beard_density=d), BEARD)[0] for d in (0.2, 0.9))
    assert np.array_equal(thin.points, thick.points)
    assert thick.alpha.mean() > 1.2 * thin.alpha.mean()
    outwards = ((thick.points[:, 1:] - thick.points[:, :1]) * thick.away[:, 1:]).sum(axis=2)
    assert outwards.min() > -0.03
    assert (outwards > 0).mean() > 0.9


def test_lashes_go_with_the_lid() -> None:
    shut = head(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    opened, closed = (of_kind(groom(on=on), LASHES)[0].points for on in (head(), shut))
    upper = opened[:, -1, 1] > opened[:, 0, 1]
    assert closed[upper, 0, 1].mean() < opened[upper, 0, 1].mean() - 0.03
    assert closed[upper, -1, 1].mean() < opened[upper, -1, 1].mean() - 0.05


def test_brows_thicken_with_their_slider() -> None:
    def tall(value: float) -> float:
        return float(np.std(of_kind(groom(brow_thickness=value), BROWS)[0].points[..., 1]))

    assert tall(0.9) > 1.15 * tall(0.1)


def test_a_bald_head_has_brows_and_lashes_only() -> None:
    assert {s.kind for s in groom(hair_style="bald").sets} == {BROWS, LASHES}
    assert groom(hair_style="bald").scalp.max() == 0


def test_a_hijab_hides_hair_and_ears_and_a_cap_keeps_the_hair_below_it() -> None:
    veiled, capped, free = (groom(hair_style="afro", head_cover=c) for c in ("hijab", "cap", "none"))
    assert not of_kind(veiled, HAIR)
    assert veiled.hides_ears
    assert len(veiled.cloth) == 2  # the scarf, and its end
    assert veiled.scalp.max() == 0

    def above(g: Groom) -> float:
        s = of_kind(g, HAIR)[0]
        return float(s.alpha[s.points[:, 0, 1] > 0.6].sum())

    assert above(capped) < 0.02 * above(free)
    crown = np.concatenate([sheet.reshape(-1, 3) for sheet in capped.cloth])
    assert crown[:, 1].max() > head().fine[:, 1].max() + 0.03
