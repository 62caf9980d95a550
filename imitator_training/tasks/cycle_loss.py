"""Cycle loss of a translator: the imitator's drawing of its estimate against the drawing of the truth.

The translator's own loss counts errors of all sliders alike, visible or not. This one counts what is visible: identity,
label maps and colours, with the losses of the search (the loop-back of Shi et al., Fast and robust face-to-parameter
translation, AAAI 2020, and of MeInGame, AAAI 2021; here without a photo).

Shapes: B batch, P parameters, C continuous sliders.
"""

from __future__ import annotations

import numpy.typing as npt
import torch
from torch import Tensor

from f2p.face.crops import crop_chips
from f2p.fitting.losses import colour_loss, map_loss
from f2p.imaging.region_statistics import colour_presence, region_colours, region_pyramid
from f2p.networks.imitator.base import Imitator
from f2p.networks.recognition.dlib_resnet import centred_cosine
from f2p.schema import Schema
from imitator_training.data.embedding import Embedder

__all__ = ["CycleLoss"]

CENTRE_SAMPLES = 64
CHUNK = 16


class CycleLoss:
    """Comparison of estimates with the truth through one imitator.

    Args:
        imitator: frozen, and one that draws labels.
        frame_landmarks5: the engine frame's five points, (5, 2) fractions.
        x: (N, P) characters of the data; the mean embedding of some of them is what identity is taken about.
    """

    def __init__(self, imitator: Imitator, schema: Schema, frame_landmarks5: npt.ArrayLike, x: Tensor) -> None:
        self.schema = schema
        self.imitator = imitator.to(x.device)
        self.frame_landmarks5 = frame_landmarks5
        self.embedder = Embedder(frame_landmarks5, x.device)
        with torch.no_grad():
            some = [self._embed(self.imitator(part).image) for part in x[:CENTRE_SAMPLES].split(CHUNK)]
        self.centre = torch.cat(some).mean(0)

    def terms(self, sliders: Tensor, logits: dict[str, Tensor], x: Tensor, pose: Tensor) -> dict[str, Tensor]:
        """Mean identity, label map and colour losses (scalars), differentiable in the estimate.

        sliders: (B, C) estimated values. logits: (B, options) of each choice, drawn as soft mixtures. x: (B, P) the
        truth. pose: (B, 3) of both.
        """
        hots = [logits[choice.name].softmax(1) for choice in self.schema.discrete]
        drawn = self.imitator(torch.cat((sliders.clamp(0, 1), *hots), 1), pose)
        with torch.no_grad():
            truth = self.imitator(x, pose)
            assert truth.labels is not None, "a cycle loss needs an imitator that draws labels"
            probs = truth.labels.softmax(1)
            wanted, who = region_pyramid(probs), self._embed(truth.image)
            colours, presence = region_colours(truth.image, probs), colour_presence(probs)
        assert drawn.labels is not None
        ours = drawn.labels.softmax(1)
        return {
            "cycle_identity": (1 - centred_cosine(self._embed(drawn.image), who, self.centre)).mean(),
            "cycle_maps": map_loss(ours, wanted).mean(),
            "cycle_colours": colour_loss(region_colours(drawn.image, ours), colours, presence).mean(),
        }

    def _embed(self, images: Tensor) -> Tensor:
        return self.embedder.of_chips(crop_chips(images, self.frame_landmarks5))
