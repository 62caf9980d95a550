"""Domain randomisation."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from f2p.regions import REGIONS
from imitator_training.augment import degrade, randomise
from imitator_training.dataset import Renders
from imitator_training.draws import step_draws


@pytest.fixture(scope="module")
def pair(toy_data: Path) -> tuple[torch.Tensor, torch.Tensor]:
    data = Renders([toy_data])
    return data.images(range(12)), data.labels(range(12))


def test_the_same_seed_gives_the_same_pictures(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    first, again = (randomise(*pair, step_draws(1, 2)) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], randomise(*pair, step_draws(1, 3))[0])


def test_pictures_stay_pictures_and_labels_stay_labels(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = randomise(*pair, step_draws(0, 0))
    assert images.shape == pair[0].shape
    assert images.isfinite().all()
    assert images.min() >= 0
    assert images.max() <= 1
    assert labels.shape == pair[1].shape
    assert int(labels.max()) < len(REGIONS)


def test_labels_move_with_the_picture(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images = pair[1][:, None].expand(-1, 3, -1, -1).float() / (len(REGIONS) - 1)
    from imitator_training.augment import _warp

    moved, labels = _warp(images, pair[1], step_draws(4, 0), 1.0)
    assert not torch.equal(labels, pair[1])
    # Edges are blended in the picture and not in the labels; everywhere else they agree.
    off = (moved[:, 0] * (len(REGIONS) - 1) - labels).abs() > 0.01
    assert off.float().mean() < 0.35
    inside = -torch.nn.functional.max_pool2d(-labels[:, None].float(), 3, 1, 1) == torch.nn.functional.max_pool2d(
        labels[:, None].float(), 3, 1, 1
    )
    assert off[inside[:, 0]].float().mean() < 0.01


def test_grey_pictures_have_no_colour(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    images = degrade(pair[0], step_draws(0, 0), 0.01, grey=1.0)
    assert (images.amax(1) - images.amin(1)).mean() < 0.02
