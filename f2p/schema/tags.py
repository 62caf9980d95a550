"""Tags of options: what people would say of them, and how grave it is to take one option for another.

People agree on tags (long, curly, tied) where they do not agree on the names of styles, and an engine maps them to its
own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.schema.parameters import TAG_AXES, Discrete

__all__ = ["blunders"]

# Gravity of a step along an axis; along those that have no order, of any difference. 1: plainly another haircut.
_STEP: Final = {"length": 0.35, "curl": 0.25, "parting": 0.1, "tied": 0.5, "fringe": 0.2, "volume": 0.1}
_UNORDERED: Final = ("parting",)
_BALD: Final = 0.6  # on top of the steps, where one has hair and the other none
_UNTAGGED: Final = 0.3  # between options of which nothing is known
_PRESENT: Final = 1.0  # between an option that adds something to the face and one that adds nothing


def blunders(choice: Discrete) -> npt.NDArray[np.float32]:
    """Gravity (O, O) of giving a person the option of a column who has the option of a row; 0 on the diagonal."""
    count = len(choice.options)
    table = np.zeros((count, count), np.float32)
    for row, true in enumerate(choice.options):
        for column, given in enumerate(choice.options):
            if row != column:
                table[row, column] = _gravity(choice, true, given)
    return table


def _gravity(choice: Discrete, true: str, given: str) -> float:
    none = choice.none_index
    if none is not None and choice.options[none] in (true, given):
        return _PRESENT
    one, other = choice.tags.get(true), choice.tags.get(given)
    if one is None or other is None:
        return _UNTAGGED
    total = 0.0
    for axis in one.keys() & other.keys():
        places = TAG_AXES[axis].index(one[axis]), TAG_AXES[axis].index(other[axis])
        apart = abs(places[0] - places[1])
        total += _STEP[axis] * (min(apart, 1) if axis in _UNORDERED else apart)
    if (one.get("length") == "bald") != (other.get("length") == "bald"):
        total += _BALD
    return max(total, 0.05)  # another name is another name
