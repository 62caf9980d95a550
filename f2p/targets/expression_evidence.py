"""Expression units of a photo by its blendshapes: both have ARKit's names, and differ by what a face at rest has.

Shapes: E blendshapes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.networks.landmarks.blendshapes import BLENDSHAPES

# Of brows, lids and nose the blendshapes know more (on renders with known units, correlations of .57 to .90 for brows,
# where the translator has .12 to .61); of the mouth both know something, and neither all.
_TRUSTED: Final = ("brow", "eye", "nose")

__all__ = ["unit_weights", "with_blendshapes"]


def unit_weights(bundle: Bundle, blendshapes: Tensor) -> dict[str, float]:
    """Weights in [0, 1] of the schema's expression sliders, by name, from a face's blendshapes (E,).

    A blendshape of the engine's people at rest is taken off, and what is left is divided by what a unit in full shows
    (statistics `blendshape_rest` and `blendshape_reach` of the bundle; without them 0 and 1).
    """
    rest = bundle.statistics.get("blendshape_rest", torch.zeros_like(blendshapes))
    reach = bundle.statistics.get("blendshape_reach", torch.ones_like(blendshapes))
    weights = ((blendshapes - rest) / reach).clamp(0, 1).tolist()
    known = dict(zip(BLENDSHAPES, weights, strict=True))
    sliders = [slider.name for slider in bundle.schema.continuous if slider.role == "expression"]
    return {name: known.get(name, 0.0) for name in sliders}


def with_blendshapes(bundle: Bundle, face: FaceExpression | None, blendshapes: Tensor) -> FaceExpression:
    """A face with units by its blendshapes (E,): brows, lids and nose by them alone, the mouth by their mean with what
    the face has already. Its pose stays, or is frontal where there is no face yet."""
    seen = unit_weights(bundle, blendshapes)
    if face is None:
        return FaceExpression(units=seen, yaw=0.0, pitch=0.0, roll=0.0)
    units = {
        name: weight if name.startswith(_TRUSTED) else (weight + face.units.get(name, weight)) / 2
        for name, weight in seen.items()
    }
    return replace(face, units=units)
