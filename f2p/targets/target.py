"""Measurements of photos: what a search has to meet.

Shapes: V photos, K regions, R parts, C sliders or colour regions, O options, S side, D embedding, F features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.character.records import FaceExpression
from f2p.face.worn import Worn
from f2p.networks.perception import FaceAttributes, Shape

__all__ = ["PhotoTarget", "Target", "TranslatorEstimate", "female_odds", "photo_age", "translator_estimate", "worn"]


@dataclass(frozen=True, kw_only=True)
class TranslatorEstimate:
    """First guess of a person, in one forward pass of the translator.

    Attributes:
        z: (1, C) sliders, in sampling spreads about the average face.
        option_log_probs: log-probabilities (O,) of each discrete's options.
        face: expression and pose in the photo; None where the translator knows neutral frontal faces only.
    """

    z: Tensor
    option_log_probs: Mapping[str, Tensor]
    face: FaceExpression | None = None


@dataclass(frozen=True, kw_only=True)
class PhotoTarget:
    """Measurements of one photo. Tensors have a batch axis of 1 and lie on the bundle's device."""

    image: Tensor
    """(1, 3, S, S) the aligned photo, sRGB in [0, 1]."""
    embedding: Tensor
    """(1, D) of the bundle's identity network, not centred."""
    probs: Tensor
    """(1, K, S, S) region probabilities; all 0 where the frame reaches beyond the photo."""
    valid_mask: Tensor
    """(1, 1, S, S) 1 where the aligned frame lies inside the photo, 0 elsewhere: label maps are compared within."""
    moments_presence: Tensor
    """(1, R) in [0, 1]: how far each part of the face is there."""
    colours: Tensor
    """(1, C, 3) CIELAB of the colour regions, illumination normalised; of a grey photo the hue is the prior's."""
    colours_presence: Tensor
    """(1, C) in [0, 1]: how far each colour region is there."""
    features: Tensor | None = None
    """(1, F) the translator's input; None in a bundle without one."""
    estimate: TranslatorEstimate | None = None
    """The translator's guess from `features`; None in a bundle without one."""
    grey: bool = False
    """True for a photo without colour."""
    quality: float = 1.0
    """Quality of the photo as a source, in (0, 1]."""
    roll: float = 0.0
    """Degrees clockwise by which the head was tilted in the photo, before it was aligned."""
    shape: Shape | None = None
    """Landmarks, blendshapes and irises, batch 1; None where the photo was measured without them. The irises' colour is
    illumination normalised; of a grey photo it means nothing."""
    attributes: FaceAttributes | None = None
    """Age and sex, batch 1; None where the photo was measured without them."""
    worn: Worn | None = None
    """Glasses and beard, as the photo's own pixels show them; None where the photo was measured without them."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Photos of one person, and how much each of them counts.

    Label maps, moments, colours and content are compared with each photo; identity with `embedding`.

    Attributes:
        photos: at least one.
        shares: of each photo, in (0, 1]; they sum to 1.
        embedding: (1, D) of the person, not centred.
        grey: whether no photo has colour.

    Raises:
        ValueError: there is no photo, or not one share for each.
    """

    photos: tuple[PhotoTarget, ...]
    shares: tuple[float, ...]
    embedding: Tensor
    grey: bool

    def __post_init__(self) -> None:
        if not self.photos or len(self.photos) != len(self.shares):
            raise ValueError(f"{len(self.photos)} photos with {len(self.shares)} shares: one each, and at least one.")

    @classmethod
    def of(cls, photo: PhotoTarget) -> Target:
        """Target of a single photo."""
        return cls(photos=(photo,), shares=(1.0,), embedding=photo.embedding, grey=photo.grey)

    @property
    def leading(self) -> int:
        """Index of the photo with the largest share, the first of equals."""
        return self.shares.index(max(self.shares))

    @property
    def main(self) -> PhotoTarget:
        """The photo with the largest share."""
        return self.photos[self.leading]

    def colours_presence(self, photo: PhotoTarget) -> Tensor:
        """(1, C) of one of the photos: beside a photo in colour, a grey one says nothing about colours."""
        return torch.zeros_like(photo.colours_presence) if photo.grey and not self.grey else photo.colours_presence

    def mean(self, losses: Sequence[Tensor]) -> Tensor:
        """(B,) mean of one loss (B,) a photo, weighted by their shares."""
        if len(losses) == 1:
            return losses[0]
        return torch.stack([share * loss for share, loss in zip(self.shares, losses, strict=True)]).sum(0)


def translator_estimate(target: Target) -> TranslatorEstimate | None:
    """Estimate from all photos: means of z and of log-probabilities by the photos' shares, without a face.

    None unless each photo has an estimate.
    """
    estimates = [photo.estimate for photo in target.photos if photo.estimate is not None]
    if len(estimates) < len(target.photos):
        return None
    z = torch.cat([estimate.z for estimate in estimates])
    shares = z.new_tensor(target.shares)
    log_probs = {
        name: (shares @ torch.stack([estimate.option_log_probs[name] for estimate in estimates])).log_softmax(0)
        for name in estimates[0].option_log_probs
    }
    return TranslatorEstimate(z=(shares @ z)[None], option_log_probs=log_probs)


def female_odds(target: Target) -> float | None:
    """Log-odds that the photos show a woman: their mean by the photos' shares; None unless each was measured for it."""
    known = _attributes(target)
    return None if known is None else float(target.mean([each.female for each in known]))


def photo_age(target: Target) -> float | None:
    """Age in years that the photos show: their mean by the photos' shares; None unless each was measured for it."""
    known = _attributes(target)
    return None if known is None else float(target.mean([each.age for each in known]))


def worn(target: Target) -> Worn | None:
    """What the photos show of glasses and beards: the means by the photos' shares; None unless each was measured."""
    known = [photo.worn for photo in target.photos if photo.worn is not None]
    if len(known) < len(target.photos):
        return None
    pairs = list(zip(target.shares, known, strict=True))
    return Worn(
        glasses=sum(share * each.glasses for share, each in pairs),
        lip_hair=sum(share * each.lip_hair for share, each in pairs),
        chin_hair=sum(share * each.chin_hair for share, each in pairs),
    )


def _attributes(target: Target) -> list[FaceAttributes] | None:
    known = [photo.attributes for photo in target.photos if photo.attributes is not None]
    return known if len(known) == len(target.photos) else None
