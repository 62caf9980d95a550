"""Age and sex by drawing, with the shipped bundle: the photo's, left alone where they are locked, and of sliders."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import solve
from f2p.fitting.traits import AGE_SLIDER, SEX_SLIDER, age_by_drawing, sex_by_drawing
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


def test_an_older_photo_makes_an_older_character(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    young, middle, old = (age_by_drawing(shipped, aged(photo, years), x[None]) for years in (22.0, 45.0, 75.0))
    assert young is not None
    assert middle is not None
    assert old is not None
    assert 0 <= young < middle < old
    assert 0.55 < old < 0.66  # farther out the engine's people are a caricature


def test_without_a_measurement_nothing_is_sought(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    unknown = Target.of(replace(photo, attributes=None))
    assert age_by_drawing(shipped, unknown, x[None]) is None
    assert sex_by_drawing(shipped, unknown, x[None]) is None


def test_a_search_ages_its_answer_and_leaves_a_locked_age_alone(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    where, target = shipped.schema.slices[AGE_SLIDER].start, aged(photo, 75.0)
    start = WarmStart(x=x)
    off, on = (solve(shipped, target, replace(SHORT, traits_at=at), warm_start=start).x[where] for at in (None, 0.5))
    assert on > off + 0.15
    locked = replace(start, locked=frozenset({AGE_SLIDER}))
    assert solve(shipped, target, SHORT, warm_start=locked).x[where] == x[where]


def test_age_is_that_of_all_photos(photo: PhotoTarget) -> None:
    young, old = aged(photo, 20.0).photos[0], aged(photo, 50.0).photos[0]
    both = Target(photos=(young, old), shares=(0.75, 0.25), embedding=photo.embedding, grey=False)
    assert photo_age(both) == pytest.approx(27.5)
    assert photo_age(replace(both, photos=(young, replace(old, attributes=None)))) is None


def test_a_face_in_between_becomes_plainly_what_the_photo_shows(
    shipped: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    where = shipped.schema.slices[SEX_SLIDER].start
    between = x[None].clone()
    between[:, where] = 0.5
    woman, man = (sex_by_drawing(shipped, aged(photo, 30.0, odds), between) for odds in (6.0, -6.0))
    drawn = {}
    for name, value in (("woman", woman), ("man", man)):
        moved = between.clone()
        moved[:, where] = 0.5 if value is None else value
        with torch.no_grad():
            image = shipped.imitator(moved).image
        drawn[name] = float(perception().female(image, shipped.frame_landmarks5))
    assert drawn["woman"] > 0.5
    assert drawn["man"] < -0.5
    # Who is drawn plainly so already, and whose photo says nothing, stay as they are.
    plain = between.clone()
    plain[:, where] = 1.0
    assert sex_by_drawing(shipped, aged(photo, 30.0, -6.0), plain) is None
    assert sex_by_drawing(shipped, aged(photo, 30.0, 0.0), between) is None
