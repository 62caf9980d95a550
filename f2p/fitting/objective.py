"""What makes a drawing look like the photo: loss terms as pure functions, each (B,) and unreduced; their weighted sum.

Shapes: B batch, K regions, G region groups, C colour regions, M moments, H W pixels, D embedding. Everything runs in
float32 or float64 and is differentiable in the drawing; nothing here knows how the drawing was made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy.typing as npt
import torch
from torch import Tensor, nn

from f2p.errors import BundleIncompatible
from f2p.face.crops import Jitter, crop_chips
from f2p.fitting.losses import Weights, colour_loss, content_loss, identity_loss, map_loss, moment_loss, prior_loss
from f2p.fitting.scale import SubsampleOffset, resample_target
from f2p.imaging.colour import to_grey
from f2p.imaging.region_statistics import colour_maps, presence_of, region_moments, region_pyramid, typical_colours
from f2p.networks.face_parser import FaceParser
from f2p.networks.imitator.base import ImitatorOutput
from f2p.targets.target import Target

T = TypeVar("T")


class Objective:
    """The weighted sum of the terms, for one target.

    Args:
        weights: which terms count, and how much.
        target: what the photo asks for.
        frame_landmarks5: the five points of the engine frame, (5, 2) fractions.
        identity: the recogniser; RGB chips (B, 3, 150, 150) to (B, D).
        centre: (D,) subtracted from both embeddings.
        prior: human mean and scale of z, (C,) each; needed for `prior` only.
        parser: needed for `content` only.
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
    ) -> None:
        self.weights = {name: value for name, value in vars(weights).items() if value}
        self.target = target
        self.frame_landmarks5 = frame_landmarks5
        self.identity = identity
        self.centre = centre
        self.prior = prior
        self.parser = parser
        self._views = target.views or ((target, 1.0),)
        self._leading = max(range(len(self._views)), key=lambda i: self._views[i][1])
        if "content" in self.weights:
            with torch.no_grad():
                self._contents = [self._parse(view.image) for view, _ in self._views]

    def _parse(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The deepest features of at least an eighth of the side, and class probabilities."""
        assert self.parser is not None, "the content term needs a parser"
        features, logits = self.parser.features_and_logits(images)
        return [f for f in features if f.shape[-1] * 8 >= images.shape[-1]][-1], logits.softmax(1)

    def embed(self, images: Tensor, jitter: Jitter | None = None, zoom: Tensor | None = None) -> Tensor:
        """Embeddings (B, D) of drawings (B, 3, S, S), zoomed; without colour if the photo has none."""
        chips = crop_chips(images, self.frame_landmarks5, jitter, zoom)
        embedding: Tensor = self.identity(to_grey(chips) if self.target.grey else chips)
        return embedding

    def identity_of(self, images: Tensor, jitter: Jitter | None = None, zoom: Tensor | None = None) -> Tensor:
        """The identity term of drawings (B, 3, S, S), (B,). zoom: (), that of the photo with the largest share."""
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

        drawing: one for all photos, or one for each, as its face is in it. z: (B, C) solved sliders in sampling
        spreads; without it the prior is left out. without: terms to leave out. zoom: (V,) how much larger the photos
        show the face than the drawings do. phase: which pixels the drawings' labels are, of all. Identity looks at the
        drawing for the photo with the largest share.

        Raises:
            BundleIncompatible: a term needs labels and the imitator draws none.
        """
        drawings = [drawing] if isinstance(drawing, ImitatorOutput) else list(drawing)
        shared = len(drawings) == 1

        def by_view(each: list[T]) -> list[T]:
            return each * len(self._views) if shared else each

        terms: dict[str, Tensor] = {}
        if "identity" in self.weights and "identity" not in without:
            image = by_view(drawings)[self._leading].image
            terms["identity"] = self.identity_of(image, jitter, None if zoom is None else zoom[self._leading])
        if self.weights.keys() & {"maps", "moments", "colours"}:
            logits = [drawn.labels for drawn in drawings if drawn.labels is not None]
            if not logits:
                raise BundleIncompatible(
                    "This imitator draws no region labels, which the preset's maps, moments and colours need.",
                    "Use the preset 'paper', or a bundle with a 'modulated' imitator.",
                )
            probs = [each.softmax(1) for each in logits]
            views = [view for view, _ in self._views]
            zooms = [None] * len(views) if zoom is None else list(zoom)
            sights = [
                resample_target(view.probs, view.valid_mask, z, offset) for view, z in zip(views, zooms, strict=True)
            ]
            shown = [(drawn * cover, wanted) for drawn, (wanted, cover) in zip(by_view(probs), sights, strict=True)]
            if "maps" in self.weights:
                terms["maps"] = self._mean([map_loss(drawn, region_pyramid(wanted)) for drawn, wanted in shown])
            if "moments" in self.weights:
                moments = [(region_moments(drawn), region_moments(wanted)) for drawn, wanted in shown]
                terms["moments"] = self._mean(
                    [moment_loss(*pair, view.moments_presence) for pair, view in zip(moments, views, strict=True)]
                )
            if "colours" in self.weights:
                parts = [(d.image, colour_maps(p)) for d, p in zip(drawings, probs, strict=True)]
                colours = by_view([(typical_colours(image, maps), presence_of(maps)) for image, maps in parts])
                terms["colours"] = self._mean(
                    [
                        colour_loss(colour, view.colours, view.colours_presence * presence)
                        for (colour, presence), view in zip(colours, views, strict=True)
                    ]
                )
        if "prior" in self.weights and "prior" not in without and z is not None:
            assert self.prior is not None, "the prior term needs the bundle's prior"
            terms["prior"] = prior_loss(z, *self.prior)
        if "content" in self.weights:
            parsed = by_view([self._parse(drawn.image) for drawn in drawings])
            contents = zip(parsed, self._contents, strict=True)
            terms["content"] = self._mean(
                [content_loss(ours, theirs, shown, w) for (ours, shown), (theirs, w) in contents]
            )
        return terms

    def _mean(self, each: Sequence[Tensor]) -> Tensor:
        """(B,) of the views' losses, by their shares."""
        if len(each) == 1:
            return each[0]
        return torch.stack([share * loss for (_, share), loss in zip(self._views, each, strict=True)]).sum(0)

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The weighted sum, (B,)."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(0)
