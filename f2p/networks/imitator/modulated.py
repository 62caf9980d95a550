"""The default imitator: a linear field of x at 8 px, upsampled through convolutions that x modulates.

A learned constant plus a linear field of x at 8 px, then bilinear upsampling and 3x3 convolutions whose every layer is
scaled and shifted per channel by an MLP of x, the code; picture and region logits leave together through pixel
shuffles, so that no wide convolution ever runs at full size. Further linear fields may join at larger sides, and
choices may be laid over it all as decals (`f2p.networks.imitator.decals`).

Shapes: B batch, P parameters, K regions, S picture side, C channels, H W pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.networks.imitator.base import Imitator, ImitatorOutput
from f2p.networks.imitator.decals import Decals
from f2p.networks.imitator.pose_warp import PoseWarp
from f2p.regions import REGIONS
from f2p.schema import Schema

__all__ = ["Modulated", "ModulatedConfig"]

FIRST_SIDE = 8
LEAK = 0.2


@dataclass(frozen=True, kw_only=True)
class ModulatedConfig:
    """Widths of the ``modulated`` imitator."""

    size: int = 128
    """Side of the picture in pixels: 64, 128 or 256 (512 works but is slow)."""
    channels: tuple[int, ...] = (256, 128, 64, 32, 24, 16)
    """Channels at 8, 16, 32, ... px; entries beyond size / 2 are not used."""
    field: int = 64
    """Channels of the linear field of x at 8 px."""
    fields: tuple[int, ...] = ()
    """Channels of further linear fields of x, at 16, 32, ... px; 0 for none at that side."""
    decals: tuple[str, ...] = ()
    """Choices that are laid over the picture as one bent template per option, the lowest first."""
    hidden: int = 256
    """Width of the MLP that modulates the layers."""
    shuffle: int = 2
    """Factor of the last upsampling, a pixel shuffle."""
    expressions: Mapping[str, float] = dataclass_field(default_factory=dict)
    """Expression units that it draws, and the spread of each; none: neutral faces only."""
    pose: tuple[float, ...] = ()
    """Largest yaw, pitch and roll that it draws, degrees, 0 for one that never varies; empty: from the front only."""
    turning: bool = False
    """True: turned heads are warped into their pose too (`f2p.networks.imitator.pose_warp`), not only drawn in it."""


class _Stage(nn.Module):
    """[1x1, bilinear x2,] [linear field of z,] 3x3 convolution, scale and shift by the code w, a learned picture."""

    def __init__(
        self, before: int, channels: int, side: int, hidden: int, upsample: bool, inputs: int, field: int
    ) -> None:
        super().__init__()
        self.side = side
        self.field = nn.Linear(inputs, field * side**2) if field else None
        self.spread_field = nn.Conv2d(field, channels, 1, bias=False) if field else None
        # The 1x1 runs before the upsampling: the two commute, and it is four times cheaper there.
        self.narrow = nn.Conv2d(before, channels, 1) if upsample else None
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.modulation = nn.Linear(hidden, 2 * channels)
        self.constant = nn.Parameter(torch.zeros(1, channels, side, side))
        nn.init.kaiming_normal_(self.conv.weight, a=LEAK)
        nn.init.normal_(self.modulation.weight, std=0.3 * hidden**-0.5)
        nn.init.zeros_(self.modulation.bias)
        if self.field is not None and self.spread_field is not None:
            nn.init.normal_(self.field.weight, std=0.02)
            nn.init.zeros_(self.field.bias)
            nn.init.zeros_(self.spread_field.weight)  # so that it may join a trained network

    def forward(self, h: Tensor, w: Tensor, z: Tensor) -> Tensor:
        if self.narrow is not None:
            h = F.interpolate(self.narrow(h), scale_factor=2, mode="bilinear", align_corners=False)
        if self.field is not None and self.spread_field is not None:
            h = h + self.spread_field(_as_picture(self.field(z), self.side))
        scale, shift = self.modulation(w)[:, :, None, None].chunk(2, 1)
        h = self.conv(h)
        return F.leaky_relu(torch.addcmul(self.constant.to(h.dtype) + shift, h, 1 + scale), LEAK)


class Modulated(Imitator):
    arch = "modulated"

    def __init__(self, schema: Schema, config: ModulatedConfig) -> None:
        super().__init__(schema, config.size, config.expressions, config.pose)
        self.config = config
        sides = [side for side in (8, 16, 32, 64, 128, 256) if side <= config.size // config.shuffle]
        channels = config.channels[: len(sides)]
        if len(channels) < len(sides):
            raise WeightsError(f"{len(sides)} channel counts are needed for {config.size} px.", "Add to `channels`.")
        # The one at 8 px is there always, and comes before the first stage.
        fields = (0, *config.fields, *(0,) * len(sides))[: len(sides)]
        self.first = nn.Parameter(torch.randn(1, channels[0], FIRST_SIDE, FIRST_SIDE) * 0.5)
        self.field = nn.Linear(self.inputs, config.field * FIRST_SIDE**2, bias=False)
        self.spread_field = nn.Conv2d(config.field, channels[0], 1, bias=False)
        self.code = nn.Sequential(
            nn.Linear(self.inputs, config.hidden), nn.SiLU(), nn.Linear(config.hidden, config.hidden), nn.SiLU()
        )
        self.stages = nn.ModuleList(
            _Stage(channels[max(i - 1, 0)], channels[i], side, config.hidden, i > 0, self.inputs, field)
            for i, (side, field) in enumerate(zip(sides, fields, strict=True))
        )
        self.to_image = nn.Conv2d(channels[-1], 3 * config.shuffle**2, 3, padding=1)
        # Labels need no wider view than the features already have: 1x1 saves a fifth of all the work.
        self.to_labels = nn.Conv2d(channels[-1], len(REGIONS) * config.shuffle**2, 1)
        self.decals = Decals(schema, config.decals, config.size, config.hidden) if config.decals else None
        self.turning = PoseWarp(config.hidden) if config.turning and config.pose else None

    def forward(self, x: Tensor, pose: Tensor | None = None) -> ImitatorOutput:
        h, w = self._features(x, pose)
        labels = F.pixel_shuffle(self.to_labels(h), self.config.shuffle)
        return self._finish(x, w, self._image(h), labels, (slice(None), slice(None)), pose)

    def forward_subsampled(self, x: Tensor, offset: tuple[int, int], pose: Tensor | None = None) -> ImitatorOutput:
        h, w = self._features(x, pose)
        # A pixel shuffle by r takes pixel (dy, dx) of region k's r x r block from channel r r k + r dy + dx.
        r = self.config.shuffle
        part = torch.arange(len(REGIONS) * r * r).view(-1, r, r)[:, offset[0] :: 2, offset[1] :: 2].flatten()
        assert self.to_labels.bias is not None
        labels = F.conv2d(h, self.to_labels.weight[part], self.to_labels.bias[part])
        phase = slice(offset[0], None, 2), slice(offset[1], None, 2)
        return self._finish(x, w, self._image(h), F.pixel_shuffle(labels, r // 2), phase, pose)

    def _finish(
        self, x: Tensor, w: Tensor, image: Tensor, labels: Tensor, phase: tuple[slice, slice], pose: Tensor | None
    ) -> ImitatorOutput:
        """Lays the decals on, and bends it all into the pose."""
        if self.decals is not None:
            layers = self.decals(x, w)
            image, labels = self.decals.over(image, layers), self.decals.label(labels, layers[..., phase[0], phase[1]])
        if self.turning is None or pose is None:
            return ImitatorOutput(image, labels)
        flows = self.turning.flows(self.standardise(x, pose)[:, -3:], w)
        return ImitatorOutput(self.turning.bend(image, flows), self.turning.bend(labels, flows))

    def _image(self, h: Tensor) -> Tensor:
        return F.pixel_shuffle(self.to_image(h), self.config.shuffle).sigmoid()

    def _features(self, x: Tensor, pose: Tensor | None) -> tuple[Tensor, Tensor]:
        z = self.standardise(x, pose)
        w = self.code(z)
        h = self.spread_field(_as_picture(self.field(z), FIRST_SIDE))
        h = h + self.first.to(h.dtype)
        for stage in self.stages:
            h = stage(h, w, z)
        return h, w


def _as_picture(flat: Tensor, side: int) -> Tensor:
    """(B, side side C) -> (B, C, side, side), channels last in memory."""
    return flat.unflatten(1, (side, side, -1)).permute(0, 3, 1, 2)
