"""Age and sex with the shipped bundle: the photo's, left alone where they are locked or not known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import get_preset, refit_preset
from f2p.fitting.solver import solve
from f2p.fitting.traits import AGE_SLIDER, SEX_SLIDER, age_by_drawing, sex_of_photos, unseen_places
from f2p.networks.perception import FaceAttributes, perception
from f2p.targets.target import PhotoTarget, Target, photo_age
from tests.helpers.targets import drawn_photo

SHORT = replace(get_preset("default"), steps=4, expressions=(), pose=False, zoom=False)


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle()


@pytest.fixture(scope="module")
def x(shipped: Bundle) -> torch.Tensor:
    """(P,) the average person, whose age slider is at .31."""
    return torch.from_numpy(shipped.schema.encode({}))


@pytest.fixture(scope="module")
def photo(shipped: Bundle, x: torch.Tensor) -> PhotoTarget:
    return drawn_photo(shipped, x)


def aged(photo: PhotoTarget, years: float, female: float = 0.0) -> Target:
    attributes = FaceAttributes(age=torch.tensor([years]), female=torch.tensor([female]))
    return Target.of(replace(photo, attributes=attributes))


def grey(photo: PhotoTarget) -> Target:
    return Target.of(replace(photo, grey=True))


def test_an_older_photo_makes_an_older_character(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    young, middle, old = (age_by_drawing(shipped, aged(photo, years), x[None]) for years in (22.0, 45.0, 75.0))
    assert young is not None
    assert middle is not None
    assert old is not None
    assert 0 <= young < middle < old
    assert 0.55 < old < 0.66  # farther out the engine's people are a caricature


def test_years_that_the_network_does_not_see_in_the_engines_people_are_not_asked_for(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    unseen = replace(shipped.calibration, years_unseen_women=15.0, years_unseen_men=0.0)
    lenient = replace(shipped, calibration=unseen)
    plain = replace(shipped, calibration=replace(unseen, years_unseen_women=0.0))
    woman, man = aged(photo, 50.0, 6.0), aged(photo, 50.0, -6.0)
    younger, older = (age_by_drawing(each, woman, x[None]) for each in (lenient, plain))
    assert younger is not None
    assert older is not None
    assert younger < older - 0.02
    assert age_by_drawing(lenient, man, x[None]) == pytest.approx(age_by_drawing(plain, man, x[None]), abs=0.005)


def test_without_a_measurement_nothing_is_sought(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    unknown = Target.of(replace(photo, attributes=None))
    assert age_by_drawing(shipped, unknown, x[None]) is None
    assert sex_of_photos(shipped, unknown, x[None]) is None


def test_a_search_ages_its_answer_and_leaves_a_locked_age_alone(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    where, target = shipped.schema.slices[AGE_SLIDER].start, aged(photo, 75.0)
    start = WarmStart(x=x)
    off, on = (solve(shipped, target, replace(SHORT, age_at=at), warm_start=start).x[where] for at in (None, 0.5))
    assert on > off + 0.15
    locked = replace(start, locked=frozenset({AGE_SLIDER}))
    assert solve(shipped, target, SHORT, warm_start=locked).x[where] == x[where]


def test_age_is_that_of_all_photos(photo: PhotoTarget) -> None:
    young, old = aged(photo, 20.0).photos[0], aged(photo, 50.0).photos[0]
    both = Target(photos=(young, old), shares=(0.75, 0.25), embedding=photo.embedding, grey=False)
    assert photo_age(both) == pytest.approx(27.5)
    assert photo_age(replace(both, photos=(young, replace(old, attributes=None)))) is None


def test_a_search_takes_the_sex_of_the_photos_as_far_as_it_is_plain(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    where, odds = shipped.schema.slices[SEX_SLIDER].start, (6.0, 1.0, 0.0, -1.0, -6.0)
    found = [sex_of_photos(shipped, aged(photo, 30.0, each), x[None]) for each in odds]
    places = [place for place in found if place is not None]
    # This engine's women are at the low end.
    assert all(earlier < later for earlier, later in pairwise(places))
    assert places[0] == pytest.approx(0.16, abs=0.02)
    assert places[2] == pytest.approx(0.5, abs=1e-4)
    assert places[-1] == pytest.approx(0.84, abs=0.02)
    for female, place in ((6.0, places[0]), (-6.0, places[-1])):
        solution = solve(shipped, aged(photo, 30.0, female), SHORT)
        assert float(solution.x[where]) == pytest.approx(place, abs=1e-4)
    ends = x.repeat(2, 1)
    ends[:, where] = torch.tensor([places[0], places[-1]])
    with torch.no_grad():
        woman, man = perception().female(shipped.imitator(ends).image, shipped.frame_landmarks5).tolist()
    assert woman > man + 1


@pytest.mark.parametrize(("name", "still"), [("default", {"age", "sex"}), ("instant", {"sex"}), ("paper", set())])
def test_a_refit_leaves_alone_what_no_gradient_moves(name: str, still: set[str]) -> None:
    assert get_preset(name).set_apart == still
    assert refit_preset(get_preset(name)).set_apart == still


def test_a_locked_sex_stays(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    where = shipped.schema.slices[SEX_SLIDER].start
    start = WarmStart(x=x, locked=frozenset({SEX_SLIDER}))
    assert solve(shipped, aged(photo, 30.0, 6.0), SHORT, warm_start=start).x[where] == x[where]


def test_a_photo_without_colour_gets_eyes_of_a_colour_that_people_have(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    bundle = replace(
        shipped,
        calibration=replace(
            shipped.calibration, unseen_in_grey={"iris_colour": (0.1, 0.9), "iris_brightness": (0.5,), "tail": (0.5,)}
        ),
    )
    slices = bundle.schema.slices
    for guess, place in ((0.05, 0.1), (0.4, 0.1), (0.6, 0.9)):
        x = x.clone()
        x[slices["iris_colour"]] = guess
        assert unseen_places(bundle, grey(photo), x[None]) == {"iris_colour": place, "iris_brightness": 0.5}
        assert unseen_places(bundle, Target.of(photo), x[None]) == {}
    answer = solve(bundle, grey(photo), SHORT).x
    assert float(answer[slices["iris_colour"]]) in (pytest.approx(0.1, abs=1e-4), pytest.approx(0.9, abs=1e-4))
    assert float(answer[slices["iris_brightness"]]) == pytest.approx(0.5, abs=1e-4)
