"""A set of strands, and its way onto the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HAIR, BROWS, BEARD, LASHES = 1, 2, 3, 4  # kinds


@dataclass(frozen=True)
class Strands:
    """K strands of M points each, in head space (dm).

    ``points`` and ``away`` (K, M, 3): where they run, and which way is out of the hair; ``tints``: three (K, 3), see
    `colour.tints`; ``alpha`` (K, M) opacity, ``width`` (K, M) dm; ``root_dark`` (M,) how bright along the strand;
    ``tilt`` (K,): how far (sine) the scales of a strand turn its shine towards the tip, no strand's if None;
    ``mass``: optical depth of a dm of it in a cell of the veil, 0 for hair that casts no shadow; ``depth``: the depth
    towards key and sky that such hair lies in; ``bias`` (nearness) lets hair that hugs the skin win against it.
    """

    kind: int
    points: Floats
    away: Floats
    tints: tuple[Floats, Floats, Floats]
    alpha: Floats
    width: Floats
    rough: float
    shine: float
    root_dark: Floats
    tilt: Floats | None = None
    mass: float = 0.0
    depth: tuple[float, float] = (0.0, 0.0)
    bias: float = 0.0
