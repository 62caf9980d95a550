"""The hairdresser: knows the head, and grooms it as the sliders say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman_v2.strands import colour, skull
from engine_bridge.makehuman_v2.strands.groom import Groom
from engine_bridge.makehuman_v2.strands.hair import ROOTS, cut_of, grow_hair
from engine_bridge.makehuman_v2.strands.roots import sow
from engine_bridge.makehuman_v2.strands.scalp import known, paint, scalp_of
from engine_bridge.makehuman_v2.strands.strand import Strands
from engine_bridge.makehuman_v2.strands.styles import STYLES

Floats = NDArray[np.float32]
SKIN = 0
SEED = 77


class Hairdresser:
    """Roots and skull of the neutral head, made once; about half a second."""

    def __init__(self, head: Any) -> None:
        self._head = head
        skin = head.triangles[head.triangle_part == SKIN]
        middle = head.fine[skin].astype(np.float64)
        middle = (middle[:, 0] + middle[:, 1] + middle[:, 2]) / 3
        free = head.fields["ear"][skin].max(axis=1) < -0.03
        x, y, z = middle.T
        scalp = free & (y > -0.75) & ((y > 0.40) | (z < -0.30))
        self._scalp = scalp_of(sow(head.fine, np.ascontiguousarray(skin[scalp]), ROOTS, SEED))
        self._skull = skull.build(head.cage, head.cage_triangles[head.cage_part == SKIN], head.cage_fields["ear"])
        self._place = known(head.cage)

    def groom(self, shaped: Any, look: colour.Look, size: int, sex: float = 0.0, age: float = 30.0) -> Groom:
        """All hair of a ``shaped`` head with a ``look`` (slider or option by name), for a picture of ``size`` px;
        ``sex`` -1 (woman) to 1 (man), ``age`` in years."""
        sets: list[Strands] = []
        radius = self._skull.radius(shaped.cage)
        style = STYLES[str(look["hair_style"])]
        scalp = np.zeros(len(shaped.cage), np.float32)
        if style is not None:
            sets.append(grow_hair(style, look, self._scalp, radius, shaped.fine, shaped.normals, size))
            scalp = paint(cut_of(style, look), self._place, self._head.cage, self._head.cage_fields["ear"])
        hides = style is not None and style.hides_ears
        own = colour.mean(look)
        return Groom(sets, hides, scalp, np.zeros_like(scalp), own * 0.55, own * 0.45, shaped)
