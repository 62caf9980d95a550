"""Loss terms by the networks of others: landmarks, blendshapes, irises, sex and age of drawing and photo.

Each network looks at the photo once, and at the drawing in the steps that ask for it, see `Preset.perceive_every`. The
choice of options and confidence do without them.

Shapes: B batch, L landmarks, E blendshapes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy.typing as npt
import torch
from torch import Tensor

from f2p.networks.imitator.base import ImitatorOutput
from f2p.networks.landmarks.blendshapes import BLENDSHAPES
from f2p.networks.perception import Perception
from f2p.targets.target import Target

__all__ = [
    "PERCEIVED",
    "PerceivedTerms",
    "age_loss",
    "blendshape_loss",
    "iris_loss",
    "landmark_loss",
    "sex_loss",
]

PERCEIVED: Final = ("landmarks", "blendshapes", "irises", "sex", "age")
"""Names of the terms."""

# Groups of landmarks that count alike: outer and inner lips, brows, lids, wings and tip of the nose, irises. The
# outline of the face is the label maps' matter: the mesh smooths it.
# fmt: off
LIPS: Final = (
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146,
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)
BROWS: Final = (46, 53, 52, 65, 55, 70, 63, 105, 66, 107, 276, 283, 282, 295, 285, 300, 293, 334, 296, 336)
LIDS: Final = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
)
NOSE: Final = (1, 2, 4, 98, 327, 48, 278, 64, 294, 129, 358)
IRISES: Final = tuple(range(468, 478))
# fmt: on
_GROUPS: Final = (LIPS, BROWS, LIDS, NOSE, IRISES)
_LANDMARK_UNIT: Final = 0.03  # of the distance of the eyes' outer corners: a difference that people see
_BLENDSHAPE_UNIT: Final = 0.25
_IRIS_UNIT: Final = 15.0  # CIELAB: plainly another colour
_DARK: Final = 0.5  # weight of lightness beside hue and chroma: lids and lashes darken irises
_SEX_MARGIN: Final = 2.0  # log-odds from which on a face is plainly of a sex
_AGE_UNIT: Final = 8.0  # years
# Where the eyes look is no matter of the character's.
_SEEN: Final = tuple(
    place for place, name in enumerate(BLENDSHAPES) if not name.startswith(("eyeLook", "_neutral", "tongue"))
)


def landmark_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Mean over the groups of the pseudo-Huber distance of landmarks (B, L, 2), in units of `_LANDMARK_UNIT`: (B,)."""
    distance = (drawn - wanted) / _LANDMARK_UNIT
    each = (1 + distance.square().sum(-1)).sqrt() - 1
    return torch.stack([each[:, list(group)].mean(1) for group in _GROUPS]).mean(0)


def blendshape_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Mean pseudo-Huber difference of blendshapes (B, E), in units of `_BLENDSHAPE_UNIT`: (B,)."""
    difference = (drawn - wanted)[:, list(_SEEN)] / _BLENDSHAPE_UNIT
    return ((1 + difference.square()).sqrt() - 1).mean(1)


def iris_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Pseudo-Huber distance of the irises' colours, CIELAB (B, 3), in units of `_IRIS_UNIT`: (B,)."""
    difference = (drawn - wanted) / _IRIS_UNIT * drawn.new_tensor((_DARK, 1.0, 1.0))
    return (1 + difference.square().sum(-1)).sqrt() - 1


def sex_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """How far log-odds (B,) miss the photo's sex by a margin, as far as the photo is sure of it: (B,)."""
    sure = wanted.abs().clamp(max=_SEX_MARGIN) / _SEX_MARGIN
    return sure * (_SEX_MARGIN - wanted.sign() * drawn).clamp(min=0) / _SEX_MARGIN


def age_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Pseudo-Huber difference of ages (B,), in units of `_AGE_UNIT`: (B,)."""
    return (1 + ((drawn - wanted) / _AGE_UNIT).square()).sqrt() - 1


class PerceivedTerms:
    """The terms of one target.

    Args:
        networks: look at the drawings, and, in the engine's frame, at photos that were measured without them.
        target: the photos.
        frame_landmarks5: of the engine's frame, (5, 2) fractions.
        weights: names of the terms that have one.
    """

    def __init__(
        self, networks: Perception, target: Target, frame_landmarks5: npt.ArrayLike, weights: Collection[str]
    ) -> None:
        self._networks, self._target, self._frame = networks, target, frame_landmarks5
        self._names = [name for name in PERCEIVED if name in weights]
        self._greys = [photo.grey for photo in target.photos]
        with torch.no_grad():
            self._shapes_wanted = [
                networks.shape(photo.image, frame_landmarks5) if photo.shape is None else photo.shape
                for photo in target.photos
            ]
            self._attributes_wanted = [
                networks.attributes(photo.image, frame_landmarks5) if photo.attributes is None else photo.attributes
                for photo in target.photos
            ]

    def terms(self, drawings: Sequence[ImitatorOutput], without: Collection[str] = ()) -> dict[str, Tensor]:
        """The terms of the drawings of the photos, one each, (B,) each."""
        names = [name for name in self._names if name not in without]
        found: dict[str, Tensor] = {}
        if {"landmarks", "blendshapes", "irises"} & set(names):
            found |= self._shapes(drawings, names)
        if {"sex", "age"} & set(names):
            found |= self._attributes(drawings[self._target.leading].image, names)
        return found

    def _shapes(self, drawings: Sequence[ImitatorOutput], names: Sequence[str]) -> dict[str, Tensor]:
        drawn = [self._networks.shape(drawing.image, self._frame) for drawing in drawings]
        pairs = list(zip(drawn, self._shapes_wanted, strict=True))
        found = {}
        if "landmarks" in names:
            found["landmarks"] = self._target.mean([landmark_loss(a.landmarks, b.landmarks) for a, b in pairs])
        if "blendshapes" in names:
            found["blendshapes"] = self._target.mean([blendshape_loss(a.blendshapes, b.blendshapes) for a, b in pairs])
        if "irises" in names:
            # Grey photos have no colour to say.
            each = [iris_loss(a.irises, b.irises) * (not grey) for (a, b), grey in zip(pairs, self._greys, strict=True)]
            found["irises"] = self._target.mean(each)
        return found

    def _attributes(self, image: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
        female = self._target.mean([each.female for each in self._attributes_wanted])
        age = self._target.mean([each.age for each in self._attributes_wanted])
        found = {}
        if "sex" in names:
            found["sex"] = sex_loss(self._networks.female(image, self._frame), female)
        if "age" in names:
            found["age"] = age_loss(self._networks.years(image, self._frame), age)
        return found
