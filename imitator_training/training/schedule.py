"""Learning-rate schedule over a budget of steps or minutes."""

from __future__ import annotations

import math

__all__ = ["learning_rate_factor"]

WARM_UP_STEPS = 200
LAST_FACTOR = 0.01


def learning_rate_factor(step: int, progress: float) -> float:
    """Factor on the learning rate: a linear warm-up over 200 steps, then a cosine from 1 to 0.01.

    step: counts from 0. progress: share of the budget that is spent, in [0, 1]; the cosine ends exactly at 1.
    """
    cosine = LAST_FACTOR + (1 - LAST_FACTOR) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return cosine * min(1.0, (step + 1) / WARM_UP_STEPS)
