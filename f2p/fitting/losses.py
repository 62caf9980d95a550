"""Loss terms as pure functions, each (B,) and unreduced, and their weights.

Shapes: B batch, K regions, G region groups, R parts, M moments, C colour regions, H W pixels, D embedding. All
in float32 or float64, differentiable in the drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.imaging.region_statistics import MAP_GROUPS, MOUTH, region_pyramid, select_regions
from f2p.networks.recognition.dlib_resnet import centred_cosine

# How large a difference counts as one: 2 % of the frame for a place or a size, .25 of a correlation for a slant.
_MOMENT_UNITS = (0.02, 0.02, 0.02, 0.02, 0.25)


# Irises are small, blurred by the parser's rim, and next to what the recogniser looks at: they have a smaller say.
_COLOUR_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 0.25)


_COLOUR_UNIT = 20.0  # CIELAB distance that counts as one: plainly another colour


def map_loss(drawn: Tensor, wanted: Sequence[Tensor]) -> Tensor:
    """Difference of label maps over a pyramid, relative to each region's size so that eyes weigh as much as skin.

    drawn: (B, K, S, S) probabilities; wanted: `region_pyramid` of the photo's, batch 1 or B.
    Returns (B,): 0 where all maps agree, about 2 where none overlaps.
    """
    weights = drawn.new_tensor([weight for _, weight in MAP_GROUPS])
    total = drawn.new_zeros(drawn.shape[0])
    for ours, theirs in zip(region_pyramid(drawn), wanted, strict=True):
        size = theirs.mean((2, 3)) + 0.01
        total = total + ((ours - theirs).abs().mean((2, 3)) / size * weights).sum(1)
    return total / (weights.sum() * len(wanted))


def moment_loss(drawn: Tensor, wanted: Tensor, presence: Tensor) -> Tensor:
    """Mean difference of the moments (B, R, M), in units of `_MOMENT_UNITS`, over the parts present (B, R): (B,)."""
    difference = (drawn - wanted) / drawn.new_tensor(_MOMENT_UNITS)
    # Pseudo-Huber: linear from about one unit on, so that one mis-parsed brow does not rule the sum.
    each = ((1 + difference**2).sqrt() - 1).mean(-1)
    return (each * presence).sum(1) / (presence.sum(1) + 1e-6)


def colour_loss(drawn: Tensor, wanted: Tensor, presence: Tensor) -> Tensor:
    """Mean CIELAB distance of the region colours (B, C, 3), in units of `_COLOUR_UNIT`, absent ones as 0: (B,)."""
    distance = (((drawn - wanted) ** 2).sum(-1) + 1).sqrt() - 1
    weights = distance.new_tensor(_COLOUR_WEIGHTS)
    return (distance * presence * weights).sum(1) / (_COLOUR_UNIT * weights.sum())


def identity_loss(drawn: Tensor, wanted: Tensor, centre: Tensor) -> Tensor:
    """1 - cosine of embeddings (B, D) less `centre` (D,); with a centre of zeros the paper's identity loss. (B,)."""
    return 1 - centred_cosine(drawn, wanted, centre)


def prior_loss(z: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    """Mean square of the sliders' distance (B, C) from the human mean, in human standard deviations. Returns (B,)."""
    return (((z - mean) / scale) ** 2).mean(1)


def content_loss(drawn: Tensor, wanted: Tensor, drawn_maps: Tensor, wanted_maps: Tensor) -> Tensor:
    """The paper's facial content loss || w(y) f(y) - w(r) f(r) ||_1, as a mean. Returns (B,).

    drawn, wanted: features (B, N, h, w); *_maps: class probabilities (B, K, S, S), of which w takes the facial parts.
    """

    def attention(maps: Tensor, like: Tensor) -> Tensor:
        parts = torch.einsum("gk,bkhw->bghw", select_regions([("brows", "eyes", "nose", *MOUTH)], maps), maps)
        return F.interpolate(parts, like.shape[-2:], mode="bilinear", align_corners=False)

    return (attention(drawn_maps, drawn) * drawn - attention(wanted_maps, wanted) * wanted).abs().mean((1, 2, 3))


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weight of each term; a term of weight 0 is not computed."""

    identity: float = 0.0
    maps: float = 0.0
    moments: float = 0.0
    colours: float = 0.0
    prior: float = 0.0
    content: float = 0.0
    expression: float = 0.0
    landmarks: float = 0.0
    blendshapes: float = 0.0
    irises: float = 0.0
    sex: float = 0.0
    age: float = 0.0
