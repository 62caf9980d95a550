"""Age by drawing, with the shipped bundle: it is as old as the photo, stays where it is locked, and needs a slider."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from f2p.bundle import Bundle, load_bundle
from f2p.fitting.ageing import AGE_SLIDER, age_by_drawing
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.presets import get_preset
from f2p.fitting.solver import solve
from f2p.networks.perception import FaceAttributes
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


def aged(photo: PhotoTarget, years: float) -> Target:
    attributes = FaceAttributes(age=torch.tensor([years]), female=torch.zeros(1))
    return Target.of(replace(photo, attributes=attributes))


def test_an_older_photo_makes_an_older_character(shipped: Bundle, photo: PhotoTarget, x: torch.Tensor) -> None:
    young, middle, old = (age_by_drawing(shipped, aged(photo, years), x[None]) for years in (22.0, 45.0, 75.0))
    assert young is not None
    assert middle is not None
    assert old is not None
    assert 0 <= young < middle < old <= 1
    assert old > 0.55


def test_without_a_slider_or_a_measurement_nothing_is_sought(
    shipped: Bundle, bundle: Bundle, photo: PhotoTarget, x: torch.Tensor
) -> None:
    assert AGE_SLIDER not in bundle.schema.names
    assert age_by_drawing(bundle, aged(photo, 50.0), torch.from_numpy(bundle.schema.encode({}))[None]) is None
    assert age_by_drawing(shipped, Target.of(replace(photo, attributes=None)), x[None]) is None


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
