"""Confidence intervals of paired means."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["paired_interval"]

_RESAMPLES: Final = 2000
_SEED: Final = 0
_LEVEL: Final = 0.95

Array = npt.NDArray[np.float64]


def paired_interval(differences: Array) -> tuple[Array, Array]:
    """Lower and upper end of the 95 % interval of each column's mean, by the percentile bootstrap over people.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. The same input gives the same interval.

    Args:
        differences: (N, K), second less first, a person a row. Of one person both ends are the difference itself.
    """
    people = len(differences)
    rng = np.random.default_rng(_SEED)
    # How often each person is drawn, so that all columns' means are one product.
    counts = rng.multinomial(people, np.full(people, 1 / people), size=_RESAMPLES)
    means = counts @ differences / people
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail], axis=0)
    return low, high
