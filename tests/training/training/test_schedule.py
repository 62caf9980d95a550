"""Learning-rate schedule."""

from __future__ import annotations

import pytest

from imitator_training.training.schedule import learning_rate_factor


def test_the_learning_rate_ends_with_the_budget() -> None:
    assert learning_rate_factor(0, 0.0) < 0.01
    assert learning_rate_factor(1000, 0.0) == 1.0
    assert learning_rate_factor(1000, 1.0) == pytest.approx(0.01)
