"""A shaped head in a pose: what one picture draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.camera import PIVOT
from engine_bridge.makehuman.core.pose import turning
from engine_bridge.makehuman.face.head import Floats, Head
from f2p.engines.protocol import View

_PIVOT, _NOWHERE = np.array(PIVOT), np.zeros(3)


@dataclass(frozen=True)
class Shaped:
    """``cage`` (V, 3), ``fine`` (F, 3) and ``normals`` (F, 3) of the fine mesh in head space, and ``turn`` (3, 3), the
    head's rotation."""

    cage: Floats
    fine: Floats
    normals: Floats
    turn: NDArray[np.float64]

    def view(self, points: Floats) -> Floats:
        """Points (N, 3) of the head in view space."""
        out: Floats = mesh.turned(points, self.turn, _PIVOT)
        return out

    def turn_vectors(self, vectors: Floats) -> Floats:
        """Directions (N, 3) of the head in view space."""
        out: Floats = mesh.turned(vectors, self.turn, _NOWHERE)
        return out


def shaped(head: Head, weights: Mapping[str, float], view: View) -> Shaped:
    """The head with morph weights by name, turned as ``view`` says."""
    weights = dict(weights)
    # Alone it tears the mouth.
    weights["mouthClose"] = min(weights.get("mouthClose", 0.0), weights.get("jawOpen", 0.0))
    cage = head.shape(weights)
    fine = head.refine(cage)
    return Shaped(cage, fine, mesh.normals(fine, head.fine_quads), turning(view.yaw, view.pitch, view.roll))
