"""Face parsing (F2): photo -> a probability per region and pixel.

Shapes: B batch, K regions (`f2p.regions.REGIONS`), S picture side in pixels (a multiple of 32).

- ``fpn_mobilenet`` (default): MobileNetV3-small with a feature pyramid, about 2 M weights, made for one CPU core. The
  pyramid ends at S / 4, where an eye is one cell high: a fine stage at S / 2 corrects its borders.
- ``resnet50_os8``: the paper's parser, a ResNet-50 whose last two stages keep stride 1 (output at S / 8) and a final
  1x1 convolution; `features` gives the maps at S / 8 that the paper's facial content loss compares.

Both are trained from scratch on renders alone, so their weights carry no third-party data licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from segmentation_models_pytorch.encoders import get_encoder
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.regions import REGIONS

__all__ = ["FaceParser", "FpnConfig", "ResnetConfig", "build_parser", "fitted", "parse_photo", "parser_names"]

STRIDE = 32
PHOTO_SHIFTS = ((0, 0), (2, 2), (5, -5))
"""Pixels down and right: other phases of the strides 4, 8 and 16."""


class FaceParser(nn.Module):
    """Base of all parsers: `forward(images)` (B, 3, S, S) in [0, 1] -> logits (B, K, S, S)."""

    arch: str
    config: Any = None

    @property
    def size(self) -> int:
        """Side of the pictures that it was trained on; 0: not known."""
        return int(getattr(self.config, "size", 0))

    def normalise(self, images: Tensor) -> Tensor:
        return (images - 0.5) * 4.0

    def forward(self, images: Tensor) -> Tensor:
        raise NotImplementedError

    def features(self, images: Tensor) -> list[Tensor]:
        """Encoder features, coarsest last, for a content loss."""
        raise NotImplementedError

    def features_and_logits(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """`features` and `forward` in one pass through the encoder."""
        raise NotImplementedError


def _check_side(side: int) -> None:
    if side < 0 or side % STRIDE:
        raise WeightsError(f"Pictures of {side} px cannot be parsed.", f"Use a multiple of {STRIDE}, or 0.")


@dataclass(frozen=True, kw_only=True)
class FpnConfig:
    """Widths of the ``fpn_mobilenet`` decoder."""

    pyramid: int = 128
    segmentation: int = 96
    """A multiple of 32 (the groups of its normalisation)."""
    fine: int = 0
    """Width of the fine stage; 0, as in bundles of before, leaves it out."""
    size: int = 0
    """Side of the pictures that it was trained on, which photos are brought to; 0: whatever they have."""

    def __post_init__(self) -> None:
        if self.fine < 0:
            raise WeightsError(f"A fine stage cannot be {self.fine} channels wide.", "Use 32, or 0 to leave it out.")
        _check_side(self.size)
        if self.segmentation % 32:
            raise WeightsError(f"{self.segmentation} segmentation channels are no multiple of 32.", "Use 64 or 96.")


class FineStage(nn.Module):
    """A correction of logits at S, from the picture's own pixels and the pyramid's features.

    It works at S / 2 on all four pixels of a cell, and starts without effect.
    """

    def __init__(self, coarse: int, early: int, width: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(coarse, width, 1)
        self.blend = nn.Sequential(
            nn.Conv2d(width + early + 12, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        self.correction = nn.Conv2d(width, 4 * len(REGIONS), 1)
        for start in self.correction.parameters():
            nn.init.zeros_(start)

    def forward(self, images: Tensor, early: Tensor, coarse: Tensor) -> Tensor:
        """(B, 3, S, S) normalised, (B, E, S / 2, S / 2) and (B, C, S / 4, S / 4) -> (B, K, S, S)."""
        wide = F.interpolate(self.narrow(coarse), scale_factor=2, mode="bilinear", align_corners=False)
        cells = torch.cat([wide, early, F.pixel_unshuffle(images, 2)], 1)
        return F.pixel_shuffle(self.correction(self.blend(cells)), 2)


class FpnMobilenet(FaceParser):
    arch = "fpn_mobilenet"

    def __init__(self, config: FpnConfig) -> None:
        super().__init__()
        self.config = config
        self.net = smp.FPN(
            "timm-mobilenetv3_small_100",
            encoder_weights=None,
            classes=len(REGIONS),
            decoder_pyramid_channels=config.pyramid,
            decoder_segmentation_channels=config.segmentation,
        )
        early = self.net.encoder.out_channels[1]
        self.fine = FineStage(config.segmentation, early, config.fine) if config.fine else None

    def forward(self, images: Tensor) -> Tensor:
        return self.features_and_logits(images)[1]

    def features(self, images: Tensor) -> list[Tensor]:
        return list(self.net.encoder(self.normalise(images))[1:])

    def features_and_logits(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        pixels = self.normalise(images)
        features = self.net.encoder(pixels)
        coarse = self.net.decoder(features)
        logits = self.net.segmentation_head(coarse)
        if self.fine is not None:
            logits = logits + self.fine(pixels, features[1], coarse)
        return list(features[1:]), logits


@dataclass(frozen=True, kw_only=True)
class ResnetConfig:
    """The ``resnet50_os8`` parser has one thing to choose."""

    size: int = 0
    """As for ``fpn_mobilenet``."""

    def __post_init__(self) -> None:
        _check_side(self.size)


class ResnetOs8(FaceParser):
    arch = "resnet50_os8"

    def __init__(self, config: ResnetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = get_encoder("resnet50", weights=None, output_stride=8)
        self.head = nn.Conv2d(self.encoder.out_channels[-1], len(REGIONS), 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.features_and_logits(images)[1]

    def features(self, images: Tensor) -> list[Tensor]:
        return [self.encoder(self.normalise(images))[-1]]

    def features_and_logits(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        features = self.features(images)
        logits = F.interpolate(self.head(features[0]), images.shape[-2:], mode="bilinear", align_corners=False)
        return features, logits


_ARCHITECTURES: dict[str, tuple[type[Any], type[Any]]] = {
    "fpn_mobilenet": (FpnConfig, FpnMobilenet),
    "resnet50_os8": (ResnetConfig, ResnetOs8),
}


def parser_names() -> tuple[str, ...]:
    """Names that `build_parser` knows."""
    return tuple(_ARCHITECTURES)


def build_parser(arch: str, config: Mapping[str, Any]) -> FaceParser:
    """A fresh, untrained parser. Raises WeightsError for an unknown architecture or option."""
    if arch not in _ARCHITECTURES:
        raise WeightsError(f"There is no parser architecture {arch!r}.", f"Choose one of {', '.join(_ARCHITECTURES)}.")
    config_type, network = _ARCHITECTURES[arch]
    unknown = config.keys() - asdict(config_type()).keys()
    if unknown:
        raise WeightsError(f"The parser {arch!r} has no option {', '.join(sorted(unknown))}.", "Leave it out.")
    parser: FaceParser = network(config_type(**config))
    return parser


@torch.no_grad()
def parse_photo(parser: FaceParser, image: Tensor) -> Tensor:
    """Region probabilities (1, K, S, S) of one aligned picture (1, 3, S, S) or (3, S, S) in [0, 1].

    Averaged over the picture and its mirror image, each at a few places on the network's grid of strides, which
    steadies thin regions (eyes, lips). The parser sees pictures of the size that it was trained on, whatever S is.
    """
    image = image[None] if image.dim() == 3 else image
    side = image.shape[-1]
    image = fitted(parser, image)
    both = torch.cat([image, image.flip(-1)])
    total = torch.zeros(())
    for down, right in PHOTO_SHIFTS:
        probs = _shifted(parser(_shifted(both, down, right)).softmax(1), -down, -right)
        total = total + probs[:1] + probs[1:].flip(-1)
    mean = total / (2 * len(PHOTO_SHIFTS))
    return mean if mean.shape[-1] == side else F.interpolate(mean, (side, side), mode="bilinear", align_corners=False)


def fitted(parser: FaceParser, images: Tensor) -> Tensor:
    """Pictures (B, 3, S, S) in [0, 1] at the size that the parser knows, or else at the nearest that it can parse."""
    side = images.shape[-1]
    fitting = parser.size or max(1, round(side / STRIDE)) * STRIDE
    if fitting == side:
        return images
    return F.interpolate(images, (fitting, fitting), mode="bicubic", antialias=fitting < side).clamp(0, 1)


def _shifted(pictures: Tensor, down: int, right: int) -> Tensor:
    """Pictures (B, C, S, S) moved by whole pixels; what comes in is their border repeated."""
    reach = max(abs(down), abs(right))
    if not reach:
        return pictures
    side = pictures.shape[-1]
    wide = F.pad(pictures, (reach,) * 4, mode="replicate")
    return wide[..., reach - down : reach - down + side, reach - right : reach - right + side]
