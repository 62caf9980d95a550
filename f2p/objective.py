"""What makes a drawing look like the photo: loss terms as pure functions, each (B,) and unreduced; their weighted sum.

Shapes: B batch, K regions, G region groups, C colour regions, M moments, H W pixels, D embedding. Everything runs in
float32 or float64 and is differentiable in the drawing; nothing here knows how the drawing was made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.colour import luminance, srgb_to_lab, to_grey
from f2p.errors import BundleIncompatible
from f2p.identity import Jitter, centred_cosine, crop_chips
from f2p.imitator import Drawing
from f2p.parsing import FaceParser
from f2p.regions import REGIONS
from f2p.zoom import Phase, sight

T = TypeVar("T")

_MOUTH = ("upper_lip", "lower_lip", "teeth", "inner_mouth")
_FACE = ("skin", "brows", "eyes", "nose", *_MOUTH, "glasses")

# Compared as maps. The mouth counts as a whole and its two lips once more, at half weight: a neutral character cannot
# show the teeth of a smiling photo, and should not be pulled apart for it. Hair counts twice: a haircut of the wrong
# length is the first thing that people see, and without it an option is judged by what it does to the face.
MAP_GROUPS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("background",), 1.0),
    (("skin",), 1.0),
    (("brows",), 1.0),
    (("eyes",), 1.0),
    (("nose",), 1.0),
    (_MOUTH, 1.0),
    (("upper_lip",), 0.5),
    (("lower_lip",), 0.5),
    (("glasses",), 0.5),
    (("hair",), 2.0),
    (("neck",), 0.5),
    (("ears",), 0.5),
)
MAP_SIDES = (128, 16)
"""Finest and coarsest side of the pyramid: fine levels place edges, coarse ones find what does not overlap yet."""

MOMENT_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("brows",), "left"),
    (("brows",), "right"),
    (("eyes",), "left"),
    (("eyes",), "right"),
    (("nose",), "both"),
    (_MOUTH, "both"),
    (_FACE, "both"),
)
MOMENTS = ("x", "y", "width", "height", "slant")
# How large a difference counts as one: 2 % of the frame for a place or a size, .25 of a correlation for a slant.
_MOMENT_UNITS = (0.02, 0.02, 0.02, 0.02, 0.25)

# Regions compared by colour, with the band of luminance quantiles that is averaged. Skin: its lit part, since the
# mean of a photo mixes shadow and stubble in and comes out dull. Brows: the darker half, since a parser's brow takes
# in skin between the hairs. Irises: the darker part of the eyes. The translator knows the first four only.
COLOUR_REGIONS: tuple[tuple[str, tuple[str, ...], tuple[float, float]], ...] = (
    ("skin", ("skin",), (0.55, 0.75)),
    ("hair", ("hair",), (0.20, 0.80)),
    ("lips", ("upper_lip", "lower_lip"), (0.20, 0.80)),
    ("brows", ("brows",), (0.05, 0.50)),
    ("irises", ("eyes",), (0.05, 0.40)),
)
# Irises are small, blurred by the parser's rim, and next to what the recogniser looks at: they have a smaller say.
_COLOUR_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 0.25)
_COLOUR_SIDE = 64
_COLOUR_UNIT = 20.0  # CIELAB distance that counts as one: plainly another colour
_ENOUGH = 0.002  # share of the frame (33 px of 128 x 128) from which on a region's colour or moments are fully trusted


def _select(groups: Sequence[Sequence[str]], like: Tensor) -> Tensor:
    """(G, K) matrix of zeros and ones that sums regions into groups."""
    return like.new_tensor([[float(name in group) for name in REGIONS] for group in groups])


def _shrink(maps: Tensor, side: int) -> Tensor:
    """Average-pools (B, N, S, S) until a side is at most `side`."""
    factor = -(-maps.shape[-1] // side)
    return F.avg_pool2d(maps, factor) if factor > 1 else maps


def region_pyramid(probs: Tensor) -> list[Tensor]:
    """Maps of the groups at S (at most `MAP_SIDES[0]`) and its halves: a list of (B, G, s, s), from (B, K, S, S)."""
    maps = torch.einsum("gk,bkhw->bghw", _select([group for group, _ in MAP_GROUPS], probs), probs)
    levels = [_shrink(maps, MAP_SIDES[0])]
    while levels[-1].shape[-1] > MAP_SIDES[1]:
        # Windows overlap by half: a region that moves by less than a window still changes the coarse maps.
        levels.append(F.avg_pool2d(levels[-1], 4, stride=2, padding=1, count_include_pad=False))
    return levels


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


def _moment_maps(probs: Tensor) -> Tensor:
    """(B, R, S, S) weights of the parts."""
    # Squared, so that a softmax's floor of a percent over the whole frame does not outweigh an eye.
    side = probs.shape[-1]
    maps = torch.einsum("gk,bkhw->bghw", _select([group for group, _ in MOMENT_PARTS], probs), probs) ** 2
    left = (torch.arange(side, device=probs.device) < side / 2).to(probs)
    halves = {"left": left, "right": 1 - left, "both": torch.ones_like(left)}
    return maps * torch.stack([halves[half] for _, half in MOMENT_PARTS])[None, :, None, :]


def region_moments(probs: Tensor) -> Tensor:
    """Where each part of the face lies and how it is shaped.

    probs: (B, K, S, S).
    Returns (B, R, M): R parts of `MOMENT_PARTS` (left and right are the image's), M of `MOMENTS` (centre and standard
    deviation as fractions of the frame, slant as the correlation of x and y). Those of an absent part mean nothing.
    """
    maps = _moment_maps(probs)
    side = probs.shape[-1]
    axis = (torch.arange(side, device=probs.device, dtype=probs.dtype) + 0.5) / side
    mass = maps.mean((2, 3)) + 1e-5
    columns, rows = maps.mean(2), maps.mean(3)
    x, y = (columns * axis).mean(-1) / mass, (rows * axis).mean(-1) / mass
    from_x, from_y = axis - x[..., None], axis - y[..., None]
    width = ((columns * from_x**2).mean(-1) / mass + 1e-6).sqrt()
    height = ((rows * from_y**2).mean(-1) / mass + 1e-6).sqrt()
    across = torch.einsum("bgh,bghw,bgw->bg", from_y, maps, from_x) / side**2 / mass
    return torch.stack((x, y, width, height, across / (width * height)), -1)


def moment_presence(probs: Tensor) -> Tensor:
    """(B, R) in [0, 1]: how far each part of `MOMENT_PARTS` is there at all."""
    return _presence(_moment_maps(probs))


def moment_loss(drawn: Tensor, wanted: Tensor, presence: Tensor) -> Tensor:
    """Mean difference of the moments (B, R, M), in units of `_MOMENT_UNITS`, over the parts present (B, R): (B,)."""
    difference = (drawn - wanted) / drawn.new_tensor(_MOMENT_UNITS)
    # Pseudo-Huber: straight from about one unit on, so that one mis-parsed brow does not rule the sum.
    each = ((1 + difference**2).sqrt() - 1).mean(-1)
    return (each * presence).sum(1) / (presence.sum(1) + 1e-6)


def _colour_maps(probs: Tensor) -> Tensor:
    """(B, C, s, s) weights of the colour regions."""
    groups = _select([group for _, group, _ in COLOUR_REGIONS], probs)
    return torch.einsum("gk,bkhw->bghw", groups, _shrink(probs, _COLOUR_SIDE)) ** 2


def region_colours(image: Tensor, probs: Tensor) -> Tensor:
    """The typical colour of each of `COLOUR_REGIONS`, from a band of its luminance quantiles.

    image: (B, 3, S, S) sRGB in [0, 1]; probs: (B, K, S, S).
    Returns CIELAB (B, C, 3); that of an absent region means nothing.
    """
    return _typical_colours(image, _colour_maps(probs))


def _typical_colours(image: Tensor, maps: Tensor) -> Tensor:
    weights = maps.flatten(2)
    pixels = _shrink(image, maps.shape[-1]).flatten(2)
    order = luminance(pixels, dim=1).detach().argsort(2)
    pixels = pixels.gather(2, order.expand_as(pixels))
    weights = weights.gather(2, order.expand_as(weights))
    # Each pixel fills the interval [below, above] of its region's quantiles; what falls in the band is what it weighs.
    weights = weights / (weights.sum(2, keepdim=True) + 1e-9)
    above = weights.cumsum(2)
    low = image.new_tensor([band[0] for _, _, band in COLOUR_REGIONS])[None, :, None]
    high = image.new_tensor([band[1] for _, _, band in COLOUR_REGIONS])[None, :, None]
    share = (torch.minimum(above, high) - torch.maximum(above - weights, low)).clamp(min=0)
    share = share / (share.sum(2, keepdim=True) + 1e-9)
    return srgb_to_lab(torch.einsum("bcn,brn->bcr", share, pixels))


def colour_presence(probs: Tensor) -> Tensor:
    """(B, C) in [0, 1]: how far each of `COLOUR_REGIONS` is there at all."""
    return _presence(_colour_maps(probs))


def _presence(maps: Tensor) -> Tensor:
    return (maps.mean((2, 3)) / _ENOUGH).clamp(max=1)


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
        parts = torch.einsum("gk,bkhw->bghw", _select([("brows", "eyes", "nose", *_MOUTH)], maps), maps)
        return F.interpolate(parts, like.shape[-2:], mode="bilinear", align_corners=False)

    return (attention(drawn_maps, drawn) * drawn - attention(wanted_maps, wanted) * wanted).abs().mean((1, 2, 3))


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each term counts; a term of weight 0 is not computed."""

    identity: float = 0.0
    maps: float = 0.0
    moments: float = 0.0
    colours: float = 0.0
    prior: float = 0.0
    content: float = 0.0
    expression: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the photo asks for. Everything has a batch axis of 1."""

    image: Tensor
    """(1, 3, S, S) the aligned photo."""
    embedding: Tensor
    """(1, D) of the bundle's identity network, not centred."""
    probs: Tensor
    """(1, K, S, S) the parser's probabilities; all 0 where the frame reaches beyond the photo."""
    covered: Tensor
    """(1, 1, S, S) 0 where the frame reaches beyond the photo, 1 elsewhere: label maps are compared within."""
    moments_presence: Tensor
    colours: Tensor
    """(1, C, 3) CIELAB; for a grey photo its lightness with the prior's hue."""
    colours_presence: Tensor
    features: Tensor | None
    """(1, F) the translator's input; None where none takes part."""
    grey: bool
    quality: float = 1.0
    """How good the photo is as a source, in (0, 1]; of several, that with the largest share."""
    roll: float = 0.0
    """Degrees clockwise by which the head was tilted in the photo, before it was aligned."""
    views: tuple[tuple[Target, float], ...] = ()
    """With several photos of one person: each one's own target and its share, the shares summing to 1. Label maps,
    moments, colours and content are compared with each of them; `embedding` and `grey` are those of all.
    """


class Objective:
    """The weighted sum of the terms, for one target.

    Args:
        weights: which terms count, and how much.
        target: what the photo asks for.
        frame_five: the five points of the engine frame, (5, 2) fractions.
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
        frame_five: npt.ArrayLike,
        identity: nn.Module,
        centre: Tensor,
        prior: tuple[Tensor, Tensor] | None = None,
        parser: FaceParser | None = None,
    ) -> None:
        self.weights = {name: value for name, value in vars(weights).items() if value}
        self.target = target
        self.frame_five = frame_five
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
        chips = crop_chips(images, self.frame_five, jitter, zoom)
        embedding: Tensor = self.identity(to_grey(chips) if self.target.grey else chips)
        return embedding

    def identity_of(self, images: Tensor, jitter: Jitter | None = None, zoom: Tensor | None = None) -> Tensor:
        """The identity term of drawings (B, 3, S, S), (B,). zoom: (), that of the photo with the largest share."""
        return identity_loss(self.embed(images, jitter, zoom), self.target.embedding, self.centre)

    def terms(
        self,
        drawing: Drawing | Sequence[Drawing],
        z: Tensor | None = None,
        jitter: Jitter | None = None,
        without: Collection[str] = (),
        zoom: Tensor | None = None,
        phase: Phase | None = None,
    ) -> dict[str, Tensor]:
        """Every term that has a weight and can be told from the drawing, unweighted, (B,) each.

        drawing: one for all photos, or one for each, as its face is in it. z: (B, C) solved sliders in sampling
        spreads; without it the prior is left out. without: terms to leave out. zoom: (V,) how much larger the photos
        show the face than the drawings do. phase: which pixels the drawings' labels are, of all. Identity looks at the
        drawing for the photo with the largest share.

        Raises:
            BundleIncompatible: a term needs labels and the imitator draws none.
        """
        drawings = [drawing] if isinstance(drawing, Drawing) else list(drawing)
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
            sights = [sight(view.probs, view.covered, z, phase) for view, z in zip(views, zooms, strict=True)]
            shown = [(drawn * cover, wanted) for drawn, (wanted, cover) in zip(by_view(probs), sights, strict=True)]
            if "maps" in self.weights:
                terms["maps"] = self._mean([map_loss(drawn, region_pyramid(wanted)) for drawn, wanted in shown])
            if "moments" in self.weights:
                moments = [(region_moments(drawn), region_moments(wanted)) for drawn, wanted in shown]
                terms["moments"] = self._mean(
                    [moment_loss(*pair, view.moments_presence) for pair, view in zip(moments, views, strict=True)]
                )
            if "colours" in self.weights:
                parts = [(d.image, _colour_maps(p)) for d, p in zip(drawings, probs, strict=True)]
                colours = by_view([(_typical_colours(image, maps), _presence(maps)) for image, maps in parts])
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
