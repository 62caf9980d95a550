"""Decals: a learned template per option of a choice, warped to fit the face and alpha-blended over the drawing.

Thin things (the rims of glasses, hairs of a brow, the edge of a beard) move with the face under them by whole pixels.
To redraw them at every place is what convolutions do worst; to bend one picture of them is easy.

Shapes: B batch, P parameters, W width of the code, N choices, K regions, S picture side.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.regions import REGIONS
from f2p.schema import Discrete, Schema

__all__ = ["Decals"]

CHANNELS = 5
"""Of a template: opacity, three of colour, and how much of a region of the label map lies there."""
GRID = 8
"""Control points of the bending, on each side."""
REACH = 0.1
"""Of half the picture, that a control point moves by for each unit that the code asks for."""
TEMPLATE_GAIN = 30.0
"""Templates are learnt at the networks' learning rate and must become opaque within some hundred steps."""
FAINT = -4.0
"""Opacity logit of a fresh decal: it hardly shows."""


class Decals(nn.Module):
    """One layer per choice, laid over picture and label logits in the order of `choices`."""

    grid: Tensor

    def __init__(self, schema: Schema, choices: Sequence[str], size: int, width: int) -> None:
        """Raises WeightsError when the schema has no such choice."""
        super().__init__()
        known = {parameter.name for parameter in schema.discrete}
        missing = [name for name in choices if name not in known]
        if missing:
            raise WeightsError(
                f"The schema has no choice {missing[0]!r} to make a decal of.", f"It has {', '.join(sorted(known))}."
            )
        self.choices, self.size = tuple(choices), size
        self.places = {name: schema.slices[name] for name in choices}
        self.templates = nn.ModuleDict(
            {name: nn.Linear(_options(schema, name), CHANNELS * size**2, bias=False) for name in choices}
        )
        self.bend = nn.Linear(width, len(choices) * 2 * GRID**2)
        self.tint = nn.Linear(width, len(choices) * 7)
        self.regions = nn.Parameter(torch.randn(len(choices), len(REGIONS)) * 0.5)
        for weight in self.templates.parameters():
            nn.init.normal_(weight, std=0.02)
        for layer in (self.bend, self.tint):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        along = (torch.arange(size) + 0.5) * (2 / size) - 1
        grid = torch.stack(torch.meshgrid(along, along, indexing="xy"), -1)[None]
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x (B, P), code w (B, W) -> layers (B, N, 5, S, S): opacity and colour in [0, 1], then a weight of labels."""
        # In float32 under autocast too: sixteen bits cannot say where in the picture a pixel comes from.
        with torch.autocast(x.device.type, enabled=False):
            w = _precise(w)
            count, s = len(self.choices), self.size
            flat = torch.cat([layer(x[:, self.places[name]]) for name, layer in self.templates.items()], 1)
            templates = flat.view(-1, CHANNELS, s, s) * TEMPLATE_GAIN
            bend = F.interpolate(
                self.bend(w).view(-1, 2, GRID, GRID) * REACH, size=(s, s), mode="bilinear", align_corners=False
            )
            bent = F.grid_sample(
                templates, self.grid + bend.permute(0, 2, 3, 1), align_corners=False, padding_mode="border"
            ).view(-1, count, CHANNELS, s, s)
            tint = self.tint(w).view(-1, count, 7, 1, 1)
            opacity = (bent[:, :, :1] + FAINT + tint[:, :, :1]).sigmoid()
            colour = (bent[:, :, 1:4] * (1 + tint[:, :, 1:4]) / 2 + tint[:, :, 4:]).sigmoid()
            return torch.cat([opacity, colour, bent[:, :, 4:]], 2)

    def over(self, image: Tensor, layers: Tensor) -> Tensor:
        """Blends `layers` of `forward` over the picture (B, 3, S, S), the first choice lowest."""
        image = _precise(image)
        for layer in layers.unbind(1):
            image = torch.lerp(image, layer[:, 1:4], layer[:, :1])
        return image

    def label(self, logits: Tensor, layers: Tensor) -> Tensor:
        """Adds to region logits (B, K, h, w) what the layers (B, N, 5, h, w) say of the same pixels."""
        return logits + torch.einsum("bnyx,nk->bkyx", layers[:, :, 4], self.regions).to(logits.dtype)


def _precise(values: Tensor) -> Tensor:
    return values.float() if values.dtype in (torch.bfloat16, torch.float16) else values


def _options(schema: Schema, name: str) -> int:
    choice = schema.parameter(name)
    assert isinstance(choice, Discrete)
    return len(choice.options)
