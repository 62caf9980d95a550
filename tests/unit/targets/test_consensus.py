"""Votes about who is on the photos, and what a photo's faults cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from f2p.face.quality import Quality, photo_quality
from f2p.targets.consensus import find_consensus

GOOD = Quality(face_px=200, score=2.0, blur=0.4, brightness=0.5, roll_deg=0.0, yaw_hint=0.0)


def people(*who: int, scatter: float = 0.6) -> Tensor:
    """(K, 128) embeddings of photos: of person who[k], each photo a little different (cosines of one person: .7)."""
    generator = torch.Generator().manual_seed(3)
    persons = torch.randn(9, 128, generator=generator)
    return torch.stack([persons[w] + scatter * torch.randn(128, generator=generator) for w in who])


@pytest.mark.parametrize(
    ("who", "kept"),
    [
        ((0, 0, 0), [0, 1, 2]),
        ((0, 0, 1), [0, 1]),
        ((1, 0, 0), [1, 2]),
        ((0, 1, 0, 2, 0), [0, 2, 4]),
        ((0, 1, 1, 1, 0), [1, 2, 3]),
    ],
)
def test_the_person_on_most_photos_wins(who: tuple[int, ...], kept: list[int]) -> None:
    found = find_consensus(people(*who), torch.ones(len(who)))
    assert found.weight.nonzero()[:, 0].tolist() == kept
    assert found.likeness[kept].min() > 0.6
    strangers = [k for k in range(len(who)) if k not in kept]
    assert not strangers or found.likeness[strangers].max() < 0.3


@pytest.mark.parametrize("better", [0, 1])
def test_of_two_photos_that_disagree_the_better_is_kept(better: int) -> None:
    qualities = torch.tensor([0.5, 0.5])
    qualities[better] = 0.9
    assert find_consensus(people(0, 1), qualities).weight.tolist() == [float(better == 0), float(better == 1)]


def test_somebody_alike_is_out_where_the_others_are_closer() -> None:
    embeddings = people(0, 0, 0, 0, scatter=0.2)
    alike = 0.8 * embeddings[:3].mean(0) + 0.8 * people(5)[0]
    found = find_consensus(torch.cat((embeddings, alike[None])), torch.ones(5))
    assert 0.6 < found.likeness[4] < 0.73
    assert found.weight.tolist() == [1, 1, 1, 1, 0]
    # Beside photos that are no closer to one another it stays.
    assert find_consensus(people(0, 0, 0, 0, scatter=0.7), torch.ones(4)).weight.min() > 0.5


def test_one_photo_is_like_itself() -> None:
    assert find_consensus(people(0), torch.ones(1)).weight.tolist() == [1.0]


def test_a_doubtful_photo_counts_less() -> None:
    embeddings = people(0, 0, 0, 0, scatter=0.3)
    embeddings[3] = embeddings[:3].mean(0) + people(5)[0] * 0.75
    found = find_consensus(embeddings, torch.ones(4))
    assert found.weight[:3].tolist() == [1, 1, 1]
    assert 0 < found.weight[3] < 1


def test_every_fault_costs_and_none_costs_all() -> None:
    assert photo_quality(GOOD, 1.0) == 1.0
    faults = (
        photo_quality(replace(GOOD, face_px=60), 1.0),
        photo_quality(replace(GOOD, blur=0.7), 1.0),
        photo_quality(replace(GOOD, brightness=0.15), 1.0),
        photo_quality(replace(GOOD, brightness=0.9), 1.0),
        photo_quality(replace(GOOD, yaw_hint=-28), 1.0),
        photo_quality(replace(GOOD, mouth=0.01), 1.0),
        photo_quality(GOOD, 0.5),
    )
    assert all(0.2 <= quality < 0.7 for quality in faults)
    worst = replace(GOOD, face_px=1, blur=1, brightness=0, yaw_hint=90, mouth=0)
    assert photo_quality(worst, 0.0) > 0
