"""The translator T: a first guess of the sliders in one forward pass, from what is known about the photo.

Shapes: B batch, C continuous parameters, K regions, F features, S picture side.

z are continuous sliders in units of their sampling spread about the average face: z = (value - average) / spread.
Discrete parameters are classified, not relaxed: solving them by gradient recovers far fewer of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.regions import index
from f2p.schema import Schema

__all__ = [
    "PICTURE_FEATURES",
    "PICTURE_SIDE",
    "Translator",
    "TranslatorConfig",
    "TranslatorOutput",
    "build_translator",
    "translator_features",
]

MAP_SIDE = 16
PICTURE_SIDE = 64
PICTURES = 2
"""The whole frame, and the inner face at the frame's own resolution."""
PICTURE_FEATURES = PICTURES * 3 * PICTURE_SIDE**2
LOOK_WIDTH = 256
INNER_FACE = (0.25, 0.42)
"""Left and top of the inner face, as fractions of the frame, in translators whose config does not say; it is half as
wide and high."""
SMALLEST_AREA = 1e-4
COLOURS = 4
"""Number of regions whose colours it reads: skin, hair, lips, brows. The search alone uses the others."""


@dataclass(frozen=True, kw_only=True)
class TranslatorConfig:
    """Size of the translator."""

    features: int
    """Length of the feature vector (see `translator_features`) without the pictures at its end."""
    pictures: int = 0
    """Width of the stages that look at the pictures; 0: it does not."""
    hidden: int = 512
    dropout: float = 0.1
    expressions: Mapping[str, float] = field(default_factory=dict)
    """Expression units that it guesses too, and the spread of each; as in an imitator's config."""
    pose: tuple[float, ...] = ()
    """Largest yaw, pitch and roll that it guesses, degrees; empty: none."""
    inner_face: tuple[float, float] = INNER_FACE
    """Left and top corner of the inner face in the engine's frame, as fractions: what its second picture shows."""
    attributes: bool = False
    """Whether it reads age and sex as the networks of `f2p.networks.perception` see them."""


@dataclass(frozen=True)
class TranslatorOutput:
    """Everything that the translator guesses: `z` (B, C), `logits` (B, options) per discrete parameter, `units` (B, C)
    weights of the expression sliders, 0 for all others, and `pose` (B, 3) in degrees; neither is clamped."""

    z: Tensor
    logits: dict[str, Tensor]
    units: Tensor
    pose: Tensor


class Look(nn.Module):
    """Convolutions over the two pictures, each by its own: flat pictures (B, `PICTURES` * 3 * side²) -> (B, 256)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.eyes = nn.ModuleList(self._stages(width) for _ in range(PICTURES))

    @staticmethod
    def _stages(width: int) -> nn.Sequential:
        def half(before: int, after: int, kernel: int = 3) -> list[nn.Module]:
            convolution = nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2, bias=False)
            return [convolution, nn.BatchNorm2d(after), nn.SiLU()]

        return nn.Sequential(
            *half(3, width, 5),
            *half(width, 2 * width),
            *half(2 * width, 4 * width),
            nn.Flatten(),
            nn.Linear(4 * width * (PICTURE_SIDE // 8) ** 2, LOOK_WIDTH // PICTURES),
            nn.SiLU(),
        )

    def forward(self, flat: Tensor) -> Tensor:
        pictures = flat.view(len(flat), PICTURES, 3, PICTURE_SIDE, PICTURE_SIDE).unbind(1)
        return torch.cat([eye(picture) for eye, picture in zip(self.eyes, pictures, strict=True)], 1)


class Translator(nn.Module):
    """MLP: features (B, F) -> z of the continuous sliders (B, C) (0 for sliders that are never sampled), and logits
    (B, options) per discrete parameter. `face` guesses expression and pose, where its config has them, and `estimate`
    both."""

    feature_mean: Tensor
    feature_scale: Tensor
    solved: Tensor
    unit_spread: Tensor
    half_reach: Tensor

    def __init__(self, schema: Schema, config: TranslatorConfig) -> None:
        super().__init__()
        self.config = config
        self.sizes = {discrete.name: len(discrete.options) for discrete in schema.discrete}
        self.register_buffer("feature_mean", torch.zeros(config.features))
        self.register_buffer("feature_scale", torch.ones(config.features))
        spread = torch.from_numpy(schema.spread()[: schema.continuous_size].copy())
        self.register_buffer("solved", (spread > 0).to(torch.float32), persistent=False)
        units = [config.expressions.get(slider.name, 0.0) for slider in schema.continuous]
        self.register_buffer("unit_spread", torch.tensor(units), persistent=False)
        self.register_buffer("half_reach", torch.tensor(config.pose) / 2, persistent=False)
        self.look = Look(config.pictures) if config.pictures else None
        self.trunk = nn.Sequential(
            nn.Linear(config.features + (LOOK_WIDTH if config.pictures else 0), config.hidden),
            nn.SiLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.hidden),
            nn.SiLU(),
            nn.Dropout(config.dropout),
        )
        self.to_continuous = nn.Linear(config.hidden, schema.continuous_size)
        self.to_discrete = nn.Linear(config.hidden, sum(self.sizes.values()))
        self.to_pose = nn.Linear(config.hidden, 3) if config.pose else None

    def forward(self, features: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return self._person(self._hidden(features))

    def face(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Weights (B, C) of the expression sliders, 0 for all others, and pose (B, 3) in degrees; not clamped."""
        return self._face(self._hidden(features))

    def estimate(self, features: Tensor) -> TranslatorOutput:
        """Person and face from features (B, F), in one pass."""
        h = self._hidden(features)
        return TranslatorOutput(*self._person(h), *self._face(h))

    def _person(self, h: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        logits = self.to_discrete(h).split(list(self.sizes.values()), dim=1)
        return self.to_continuous(h) * self.solved, dict(zip(self.sizes, logits, strict=True))

    def _face(self, h: Tensor) -> tuple[Tensor, Tensor]:
        pose = h.new_zeros(len(h), 3) if self.to_pose is None else self.to_pose(h) * self.half_reach
        return self.to_continuous(h) * self.unit_spread, pose

    def _hidden(self, features: Tensor) -> Tensor:
        # A photo may lie outside what renders span; far out, an MLP extrapolates nonsense.
        count = self.config.features
        known = ((features[:, :count] - self.feature_mean) * self.feature_scale).clamp(-4, 4)
        if self.look is not None:
            known = torch.cat([known, self.look(features[:, count:])], 1)
        h: Tensor = self.trunk(known)
        return h


def build_translator(config: Mapping[str, Any], schema: Schema) -> Translator:
    """A fresh translator. Raises WeightsError for an unknown option or when `features` is missing."""
    unknown = config.keys() - asdict(TranslatorConfig(features=1)).keys()
    if unknown or "features" not in config:
        raise WeightsError(
            f"A translator cannot be built from the options {', '.join(sorted(config)) or '(none)'}.",
            "It needs `features`, and takes `pictures`, `hidden`, `dropout`, `expressions`, `pose`, `inner_face` and "
            "`attributes`.",
        )
    options: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    return Translator(schema, TranslatorConfig(**options))


def translator_features(
    embedding_centred: Tensor,
    image: Tensor,
    probs: Tensor,
    colours: Tensor,
    inner_face: tuple[float, float] = INNER_FACE,
    attributes: Tensor | None = None,
) -> Tensor:
    """The translator's input (B, F): direction of the embedding, region moments, region colours, coarse parse maps,
    attributes where they are given, and at the end two pictures.

    Args:
        embedding_centred: (B, 128) face embedding minus its domain's mean (people's for photos, renders' for renders).
        image: (B, 3, T, T) sRGB in [0, 1].
        probs: (B, K, S, S) region probabilities.
        colours: (B, R, 3) CIELAB colours of regions, of which the first `COLOURS` count.
        inner_face: of the translator's config.
        attributes: (B, 2) as `FaceAttributes.features`, for a translator whose config has them.
    """
    # Only the direction: faces of an engine lie closer together than people do, by a factor that means nothing here.
    direction = F.normalize(embedding_centred, dim=1)
    maps = F.adaptive_avg_pool2d(probs, MAP_SIDE)
    known = [direction, _moments(probs).flatten(1), colours[:, :COLOURS].flatten(1) / 100, maps.flatten(1)]
    known += [] if attributes is None else [attributes]
    return torch.cat([*known, _pictures(image, probs, inner_face).flatten(1)], dim=1)


def _pictures(image: Tensor, probs: Tensor, inner_face: tuple[float, float]) -> Tensor:
    """(B, `PICTURES`, 3, side, side) in [-1, 1]: brightness relative to the mean of the skin, less 1.

    The skin shares the illumination and its tint, so both cancel, and lips, stubble and irises stand out.
    """
    skin = F.interpolate(probs[:, index("skin"), None], image.shape[-2:], mode="bilinear", align_corners=False)
    usual = (image * skin).mean((2, 3), keepdim=True) / skin.mean((2, 3), keepdim=True).clamp_min(SMALLEST_AREA)
    relative = (image / usual.clamp_min(0.05) - 1).clamp(-1, 1)
    side = image.shape[-1]
    left, top = (round(share * side) for share in inner_face)
    inner = relative[..., top : top + side // 2, left : left + side // 2]
    sized = [F.interpolate(each, (PICTURE_SIDE,) * 2, mode="area") for each in (relative, inner)]
    return torch.stack(sized, 1)


def _moments(probs: Tensor) -> Tensor:
    """(B, K, S, S) -> (B, K, 6): root of the area, centre x, y, spread x, y, and slant, as fractions of the side."""
    side = probs.shape[-1]
    place = (torch.arange(side, dtype=probs.dtype, device=probs.device) + 0.5) / side
    area = probs.mean((2, 3))
    along_x, along_y = probs.mean(2), probs.mean(3)
    weight = 1 / (area * side).clamp_min(SMALLEST_AREA * side)
    x = (along_x * place).sum(2) * weight
    y = (along_y * place).sum(2) * weight
    xx = (along_x * place**2).sum(2) * weight - x**2
    yy = (along_y * place**2).sum(2) * weight - y**2
    xy = torch.einsum("bkhw,h,w->bk", probs, place, place) / (area * side**2).clamp_min(SMALLEST_AREA * side**2) - x * y
    spread = torch.stack([xx, yy], 2).clamp_min(1e-8).sqrt()
    slant = xy / spread.prod(2).clamp_min(1e-4)
    return torch.cat([torch.stack([area.clamp_min(0).sqrt(), x, y], 2), spread, slant[:, :, None].clamp(-1, 1)], dim=2)
