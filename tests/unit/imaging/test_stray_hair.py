"""Hair hangs together: what a parser half takes for hair beside the neck is none."""

from __future__ import annotations

import torch
from torch import Tensor

from f2p.imaging.stray_hair import without_stray_hair
from f2p.regions import REGIONS, index

SIDE, EYES = 64, 0.45
HAIR, BACKGROUND = index("hair"), index("background")


def maps(*blobs: tuple[slice, slice, float]) -> Tensor:
    """(1, K, S, S): background, and hair of a probability in each of the blobs (rows, columns)."""
    probs = torch.zeros(1, len(REGIONS), SIDE, SIDE)
    probs[:, BACKGROUND] = 1
    for rows, columns, share in blobs:
        probs[:, HAIR, rows, columns] = share
        probs[:, BACKGROUND, rows, columns] = 1 - share
    return probs


CAP = (slice(8, 24), slice(16, 48), 0.97)
COLLAR = (slice(50, 62), slice(4, 14), 0.5)


def test_a_collar_half_taken_for_hair_becomes_background() -> None:
    found = without_stray_hair(maps(CAP, COLLAR), EYES)
    assert torch.equal(found, maps(CAP))


def test_hair_that_reaches_down_from_the_head_stays() -> None:
    lock = (slice(20, 62), slice(12, 18), 0.6)
    probs = maps(CAP, lock)
    assert torch.equal(without_stray_hair(probs, EYES), probs)


def test_a_ponytail_of_which_the_parser_is_sure_stays() -> None:
    probs = maps(CAP, (slice(46, 62), slice(44, 52), 0.95))
    assert torch.equal(without_stray_hair(probs, EYES), probs)


def test_hair_below_the_eyes_alone_is_left_as_it_is() -> None:
    probs = maps(COLLAR)
    assert torch.equal(without_stray_hair(probs, EYES), probs)


def test_probabilities_still_sum_to_one_and_the_argument_is_not_changed() -> None:
    probs = maps(CAP, COLLAR, (slice(30, 40), slice(2, 6), 0.2))
    before = probs.clone()
    found = without_stray_hair(probs, EYES)
    torch.testing.assert_close(found.sum(1), torch.ones(1, SIDE, SIDE))
    assert torch.equal(probs, before)
    assert float(found[:, HAIR, 30:40, 2:6].max()) == 0
