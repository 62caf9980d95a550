"""The objective: the weighted sum of the loss terms between drawings and the photos of one target.

Shapes: V photos, B batch, C sliders, D embedding, S side. Runs in float32 or float64, differentiable in the drawing;
nothing here knows how the drawing was made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy.typing as npt
import torch
from torch import Tensor, nn

from f2p.bundle import Bundle
from f2p.errors import BundleIncompatible
from f2p.face.crops import Jitter, crop_chips
from f2p.fitting.losses import Weights, colour_loss, content_loss, identity_loss, map_loss, moment_loss, prior_loss
from f2p.fitting.perceived import PERCEIVED, PerceivedTerms
from f2p.fitting.presets import Preset
from f2p.fitting.scale import SubsampleOffset, resample_target
from f2p.imaging.colour import to_grey
from f2p.imaging.region_statistics import colour_maps, presence_of, region_moments, region_pyramid, typical_colours
from f2p.networks.face_parser import FaceParser
from f2p.networks.imitator.base import ImitatorOutput
from f2p.networks.perception import Perception, perception
from f2p.targets.target import Target, TranslatorEstimate, translator_estimate

__all__ = ["Objective", "preset_objective"]

T = TypeVar("T")


class Objective:
    """The weighted sum of the terms, for one target.

    Args:
        weights: weight of each term; a term of weight 0 is not computed.
        target: measurements of the photos.
        frame_landmarks5: the five points of the engine frame, (5, 2) fractions.
        identity: the recogniser; RGB chips (B, 3, 150, 150) to (B, D).
        centre: (D,) subtracted from both embeddings.
        prior: mean and standard deviation of z, (C,) each; needed for `prior` only.
        parser: needed for `content` only.
        midline: where left meets right in the frame, as a fraction of its width.
        networks: needed for the terms `f2p.fitting.perceived.PERCEIVED` only.
    """

    def __init__(
        self,
        *,
        weights: Weights,
        target: Target,
        frame_landmarks5: npt.ArrayLike,
        identity: nn.Module,
        centre: Tensor,
        prior: tuple[Tensor, Tensor] | None = None,
        parser: FaceParser | None = None,
        midline: float = 0.5,
        networks: Perception | None = None,
    ) -> None:
        self.weights = {name: value for name, value in vars(weights).items() if value}
        self.target = target
        self.frame_landmarks5 = frame_landmarks5
        self.identity = identity
        self.centre = centre
        self.prior = prior
        self.parser = parser
        self.midline = midline
        self._perceived: PerceivedTerms | None = None
        if self.weights.keys() & set(PERCEIVED):
            assert networks is not None, "these terms need their networks"
            self._perceived = PerceivedTerms(networks, target, frame_landmarks5, self.weights)
        if "content" in self.weights:
            with torch.no_grad():
                self._contents = [self._parse(photo.image) for photo in target.photos]

    def _parse(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The deepest features of at least an eighth of the side, and class probabilities."""
        assert self.parser is not None, "the content term needs a parser"
        features, logits = self.parser.features_and_logits(images)
        return [f for f in features if f.shape[-1] * 8 >= images.shape[-1]][-1], logits.softmax(1)

    def embed(self, images: Tensor, jitter: Jitter | None = None, zoom: Tensor | None = None) -> Tensor:
        """Embeddings (B, D) of drawings (B, 3, S, S), zoomed; without colour if the photos have none."""
        chips = crop_chips(images, self.frame_landmarks5, jitter, zoom)
        embedding: Tensor = self.identity(to_grey(chips) if self.target.grey else chips)
        return embedding

    def identity_of(self, images: Tensor, jitter: Jitter | None = None, zoom: Tensor | None = None) -> Tensor:
        """The identity term of drawings (B, 3, S, S), (B,). zoom: (), of the photo with the largest share."""
        return identity_loss(self.embed(images, jitter, zoom), self.target.embedding, self.centre)

    def terms(
        self,
        drawing: ImitatorOutput | Sequence[ImitatorOutput],
        z: Tensor | None = None,
        jitter: Jitter | None = None,
        without: Collection[str] = (),
        zoom: Tensor | None = None,
        offset: SubsampleOffset | None = None,
    ) -> dict[str, Tensor]:
        """Every term that has a weight and can be told from the drawing, unweighted, (B,) each.

        Args:
            drawing: one for all photos, or one for each, with its expression and pose. Identity is compared on that of
                the photo with the largest share.
            z: (B, C) solved sliders in sampling spreads; without it the prior is left out.
            jitter: of the identity term's crop.
            without: terms to leave out.
            zoom: (V,) scale of the face in each photo relative to the drawing, as a logarithm.
            offset: pixels at which the drawings have labels; None for all.

        Raises:
            BundleIncompatible: a term needs labels and the imitator draws none.
        """
        drawings = [drawing] if isinstance(drawing, ImitatorOutput) else list(drawing)
        terms: dict[str, Tensor] = {}
        if "identity" in self.weights and "identity" not in without:
            leading = self.target.leading
            image = self._each(drawings)[leading].image
            terms["identity"] = self.identity_of(image, jitter, None if zoom is None else zoom[leading])
        if self.weights.keys() & {"maps", "moments", "colours"}:
            terms |= self._label_terms(drawings, zoom, offset)
        if self._perceived is not None:
            terms |= self._perceived.terms(self._each(drawings), without)
        if "prior" in self.weights and "prior" not in without and z is not None:
            assert self.prior is not None, "the prior term needs the bundle's prior"
            terms["prior"] = prior_loss(z, *self.prior)
        if "content" in self.weights:
            parsed = self._each([self._parse(drawn.image) for drawn in drawings])
            contents = zip(parsed, self._contents, strict=True)
            terms["content"] = self.target.mean(
                [content_loss(ours, theirs, shown, wanted) for (ours, shown), (theirs, wanted) in contents]
            )
        return terms

    def _label_terms(
        self, drawings: list[ImitatorOutput], zoom: Tensor | None, offset: SubsampleOffset | None
    ) -> dict[str, Tensor]:
        """Those of the terms maps, moments and colours that have a weight."""
        target, terms = self.target, {}
        logits = [drawn.labels for drawn in drawings if drawn.labels is not None]
        if not logits:
            raise BundleIncompatible(
                "This imitator draws no region labels, which the preset's maps, moments and colours need.",
                "Use the preset 'paper', or a bundle with a 'modulated' imitator.",
            )
        probs = [each.softmax(1) for each in logits]
        zooms = [None] * len(target.photos) if zoom is None else list(zoom)
        wanted = [
            resample_target(photo.probs, photo.valid_mask, each, offset)
            for photo, each in zip(target.photos, zooms, strict=True)
        ]
        # Drawn and wanted maps of each photo, both 0 outside of it.
        pairs = [(drawn * mask, maps) for drawn, (maps, mask) in zip(self._each(probs), wanted, strict=True)]
        if "maps" in self.weights:
            terms["maps"] = target.mean([map_loss(drawn, region_pyramid(maps)) for drawn, maps in pairs])
        if "moments" in self.weights:
            moments = [tuple(region_moments(maps, self.midline) for maps in pair) for pair in pairs]
            terms["moments"] = target.mean(
                [
                    moment_loss(drawn, theirs, photo.moments_presence)
                    for (drawn, theirs), photo in zip(moments, target.photos, strict=True)
                ]
            )
        if "colours" in self.weights:
            parts = [(drawn.image, colour_maps(maps)) for drawn, maps in zip(drawings, probs, strict=True)]
            colours = self._each([(typical_colours(image, maps), presence_of(maps)) for image, maps in parts])
            terms["colours"] = target.mean(
                [
                    colour_loss(colour, photo.colours, target.colours_presence(photo) * presence)
                    for (colour, presence), photo in zip(colours, target.photos, strict=True)
                ]
            )
        return terms

    def _each(self, shared: list[T]) -> list[T]:
        """One entry for each photo, of one for all or of as many."""
        return shared * len(self.target.photos) if len(shared) == 1 else shared

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The weighted sum, (B,)."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(0)


def preset_objective(bundle: Bundle, target: Target, preset: Preset, *, perceive: bool = True) -> Objective:
    """The objective that a preset minimises for a target; perceive: with the terms of `f2p.fitting.perceived`."""
    weights = preset.weights if perceive else replace(preset.weights, **dict.fromkeys(PERCEIVED, 0.0))
    centre = bundle.statistics["identity_centre_grey" if target.grey else "identity_centre_colour"]
    mean, scale = _slider_prior(bundle, translator_estimate(target) if preset.start == "translator" else None)
    solved = torch.tensor([slider.spread > 0 for slider in bundle.schema.continuous], device=bundle.device)
    return Objective(
        weights=weights,
        target=target,
        frame_landmarks5=bundle.frame_landmarks5,
        identity=bundle.identity,
        centre=centre if preset.centred else torch.zeros_like(centre),
        prior=(mean[solved], scale[solved]),
        parser=bundle.parser,
        midline=bundle.midline,
        networks=perception(bundle.device) if perceive and preset.perceives else None,
    )


def _slider_prior(bundle: Bundle, estimate: TranslatorEstimate | None) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (C,) of the sliders in sampling spreads: people's, or, given an estimate, its z with
    the errors that the translator makes on renders.
    """
    mean, scale = bundle.statistics["prior_mean"], bundle.statistics["prior_scale"]
    if estimate is None:
        return mean, scale
    error = bundle.statistics.get("guess_error")
    return estimate.z[0], scale if error is None else scale * error
