"""The regions of a head that an engine labels, a parser predicts and the objective compares.

A label map holds the index of a region in `REGIONS` at each pixel. Order and count are part of every bundle's weights.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.errors import ParameterError

__all__ = ["PALETTE", "REGIONS", "index"]

REGIONS: Final[tuple[str, ...]] = (
    "background",
    "skin",
    "brows",
    "eyes",
    "nose",
    "upper_lip",
    "lower_lip",
    "teeth",
    "inner_mouth",
    "hair",
    "neck",
    "ears",
    "glasses",
)

# One colour a region (13, 3), RGB, for pictures of label maps: far apart from one another, none of them black or white
# so that a missing pixel shows.
PALETTE: Final[npt.NDArray[np.uint8]] = np.array(
    [
        (64, 64, 72),
        (232, 190, 172),
        (92, 56, 28),
        (64, 128, 240),
        (250, 214, 60),
        (214, 40, 57),
        (244, 114, 128),
        (226, 244, 240),
        (104, 8, 44),
        (140, 90, 170),
        (176, 132, 104),
        (72, 176, 112),
        (40, 208, 216),
    ],
    dtype=np.uint8,
)
PALETTE.setflags(write=False)

_INDEX: Final[dict[str, int]] = {name: number for number, name in enumerate(REGIONS)}


def index(name: str) -> int:
    """The index of a region in label maps and along the K axis.

    Raises:
        ParameterError: there is no such region.
    """
    try:
        return _INDEX[name]
    except KeyError:
        raise ParameterError(f"There is no region '{name}'.", f"Use one of: {', '.join(REGIONS)}.", name=name) from None
