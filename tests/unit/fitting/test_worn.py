"""What a photo's pixels show of glasses and beards decides whether there are any; drawings say where a beard grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.face.worn import Worn
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import solve
from f2p.fitting.worn import beard_cover, worn_likelihoods
from f2p.schema import Discrete
from f2p.targets.target import PhotoTarget, Target
from tests.helpers.targets import drawn_photo, of_photos

SHORT = replace(get_preset("default"), steps=4, expressions=(), pose=False, zoom=False, check_at=(0.5,))
BARE = Worn(glasses=-4.0, lip_hair=-4.0, chin_hair=-4.0)


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle()


@pytest.fixture(scope="module")
def photo(shipped: Bundle) -> PhotoTarget:
    return drawn_photo(shipped, torch.from_numpy(shipped.schema.encode({})))


def choice(bundle: Bundle, group: str) -> Discrete:
    return next(each for each in bundle.schema.discrete if each.group == group)


def test_drawings_say_where_a_beard_grows(shipped: Bundle) -> None:
    beard = choice(shipped, "beard")
    lip, chin = (dict(zip(beard.options, each.tolist(), strict=True)) for each in beard_cover(shipped, beard).T)
    assert lip["none"] == chin["none"] == 0
    assert lip["full"] == chin["full"] == 1
    assert lip["moustache"] == chin["goatee"] == 1
    assert chin["moustache"] < 0.2
    assert lip["goatee"] < 0.2
    assert 0.1 < lip["stubble"] < 0.8


def test_hair_on_the_lip_alone_is_a_moustache(shipped: Bundle, photo: PhotoTarget) -> None:
    beard = choice(shipped, "beard")

    def likeliest(worn: Worn) -> str:
        found = worn_likelihoods(shipped, Target.of(replace(photo, worn=worn)))
        assert set(found) == {beard.name, choice(shipped, "glasses").name}
        assert found[beard.name][beard.options.index("none")] == 0
        return beard.options[int(found[beard.name].argmax())]

    assert likeliest(BARE) == "none"
    assert likeliest(replace(BARE, lip_hair=4.0)) in {"moustache", "handlebar", "mutton_chops"}
    assert likeliest(replace(BARE, chin_hair=4.0)) == "goatee"
    assert likeliest(replace(BARE, lip_hair=3.0, chin_hair=3.0)) in {"circle", "short", "full"}


def test_several_photos_count_by_their_shares_and_only_if_each_was_measured(
    shipped: Bundle, photo: PhotoTarget
) -> None:
    seen, unseen = replace(photo, worn=replace(BARE, glasses=4.0)), replace(photo, worn=BARE)
    glasses = choice(shipped, "glasses")
    found = worn_likelihoods(shipped, of_photos((seen, 0.75), (unseen, 0.25)))[glasses.name]
    assert found.tolist() == [0.0] + [pytest.approx(2.0)] * (len(glasses.options) - 1)
    assert worn_likelihoods(shipped, of_photos((seen, 0.75), (photo, 0.25))) == {}


@pytest.mark.parametrize("group", ["glasses", "beard"])
def test_a_search_gives_what_the_pixels_show(shipped: Bundle, photo: PhotoTarget, group: str) -> None:
    """The drawing of the average face, and the translator that has no word on it, say neither."""
    found = choice(shipped, group)
    there = Worn(glasses=4.0, lip_hair=4.0, chin_hair=-4.0)
    start = replace(SHORT, start="average")
    for worn, given in ((there, True), (BARE, False)):
        x = solve(shipped, Target.of(replace(photo, worn=worn)), start).x[shipped.schema.slices[found.name]]
        assert (int(x.argmax()) != found.none_index) == given
