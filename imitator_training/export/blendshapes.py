"""Blendshapes of an engine's people: at rest, and with each expression unit in full; statistics of a bundle.

The blendshape network has seen people. What it says of drawn ones at rest, and how far it follows their units, is
measured here once, so that `f2p.targets.expression_evidence` can turn what it says of a photo into units of the engine.
Shapes: E blendshapes, N people.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2p.engines.abilities import sample_values
from f2p.networks.imitator.base import Imitator
from f2p.networks.landmarks.blendshapes import BLENDSHAPES
from f2p.networks.perception import perception
from f2p.schema import Schema

__all__ = ["blendshape_line"]

_PEOPLE: Final = 24
_BATCH: Final = 8
_LEAST: Final = 0.5
"""Drawn faces move the network less than people do: a photo is not to be taken for more than twice what it seems."""


@torch.no_grad()
def blendshape_line(
    imitator: Imitator, schema: Schema, frame_landmarks5: npt.ArrayLike, people: int = _PEOPLE, seed: int = 0
) -> dict[str, Tensor]:
    """`blendshape_rest` and `blendshape_reach` (E,): medians over N random people, drawn by the imitator.

    The reach of blendshapes that the imitator does not draw is 1.
    """
    random = np.random.default_rng(seed)
    faces = [schema.encode(_at_rest(schema, sample_values(schema, random))) for _ in range(people)]
    x = torch.from_numpy(np.stack(faces))
    rest = _blendshapes(imitator, x, frame_landmarks5)
    reach = torch.ones(len(BLENDSHAPES))
    for place, name in enumerate(BLENDSHAPES):
        if name in imitator.expressions:
            moved = x.clone()
            moved[:, schema.slices[name]] = 1.0
            gained = (_blendshapes(imitator, moved, frame_landmarks5) - rest)[:, place]
            reach[place] = gained.median().clamp(_LEAST, 1.0)
    return {"blendshape_rest": rest.median(0).values, "blendshape_reach": reach}


def _at_rest(schema: Schema, values: dict[str, float | str]) -> dict[str, float | str]:
    return values | {slider.name: 0.0 for slider in schema.continuous if slider.role == "expression"}


def _blendshapes(imitator: Imitator, x: Tensor, frame_landmarks5: npt.ArrayLike) -> Tensor:
    """(N, E) of drawings of x (N, P)."""
    networks = perception()
    drawn = [networks.shape(imitator(part).image, frame_landmarks5).blendshapes for part in x.split(_BATCH)]
    return torch.cat(drawn)
