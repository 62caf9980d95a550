"""Other characters that a photo may mean: in order, different from the answer and each other, with locks kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from f2p.bundle import Bundle
from f2p.errors import ParameterError
from f2p.fitting import candidates
from f2p.fitting.candidates import check_count, find_candidates
from f2p.fitting.presets import get_preset
from f2p.targets.target import Target
from tests.helpers.targets import drawn_photo

DEFAULT = get_preset("default")


@pytest.fixture(scope="module")
def x(bundle: Bundle) -> torch.Tensor:
    return torch.from_numpy(bundle.schema.encode({"hair": "bald", "eye_size": 0.7}))


@pytest.fixture(scope="module")
def target(bundle: Bundle, x: torch.Tensor) -> Target:
    return Target.of(drawn_photo(bundle, x))


@pytest.fixture(autouse=True)
def sharp_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained imitator draws options much alike."""
    monkeypatch.setattr(candidates, "_DIFFERENT", 1e-5)


def test_rivals_differ_from_the_answer_and_come_in_order(bundle: Bundle, x: torch.Tensor, target: Target) -> None:
    rivals = find_candidates(bundle, target, DEFAULT, x, 3)
    assert len(rivals) == 2  # hair has three options
    assert [rival.changed for rival in rivals] == [("hair",), ("hair",)]
    assert rivals[0].cost <= rivals[1].cost
    options = {bundle.schema.decode(rival.x.numpy())["hair"] for rival in rivals}
    assert options == {"short", "long"}
    size = bundle.schema.continuous_size
    assert all(torch.equal(rival.x[:size], x[:size]) for rival in rivals)


def test_the_photos_own_option_is_the_cheapest(bundle: Bundle, x: torch.Tensor, target: Target) -> None:
    plain = replace(DEFAULT, option_prior_weight=0.0, optional_prior_weight=0.0)
    other = torch.from_numpy(bundle.schema.encode({"hair": "long", "eye_size": 0.7}))
    best = find_candidates(bundle, target, plain, other, 1)[0]
    assert bundle.schema.decode(best.x.numpy())["hair"] == "bald"
    assert best.cost < 0


def test_no_more_than_asked_for(bundle: Bundle, x: torch.Tensor, target: Target) -> None:
    assert len(find_candidates(bundle, target, DEFAULT, x, 1)) == 1


def test_locked_choices_stay(bundle: Bundle, x: torch.Tensor, target: Target) -> None:
    assert find_candidates(bundle, target, DEFAULT, x, 3, locked=("hair",)) == ()


def test_drawings_that_look_alike_are_left_out(
    bundle: Bundle, x: torch.Tensor, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_DIFFERENT", 1.0)
    assert find_candidates(bundle, target, DEFAULT, x, 3) == ()


@pytest.mark.parametrize("count", [0, 5, -1])
def test_other_numbers_are_refused(count: int) -> None:
    with pytest.raises(ParameterError, match="Ask for 1 to 4"):
        check_count(count)
