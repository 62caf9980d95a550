"""The imitator G: a differentiable stand-in for the engine, from slider values to a picture and its region labels.

Shapes: B batch, P parameters, K regions, S picture side, C channels, H W pixels.

An imitator may also draw expressions and turned heads. Its config then names the expression units that it knows, each
with a spread, and how far it turns the head; other units, and the pose for an imitator that knows none, do nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from f2p.errors import WeightsError
from f2p.schema import Schema

__all__ = ["SIZES", "Imitator", "ImitatorOutput", "standardisation"]

SIZES = (64, 128, 256, 512)


@dataclass(frozen=True)
class ImitatorOutput:
    """A drawing of G: `image` (B, 3, S, S) RGB in [0, 1] and `labels` (B, K, S, S) logits (None where G draws none)."""

    image: Tensor
    labels: Tensor | None


class Imitator(nn.Module):
    """Base of all imitators. `forward(x, pose)` takes x (B, P) in [0, 1] and pose (1 or B, 3): yaw, pitch and roll in
    degrees, None for a face from the front; it returns an `ImitatorOutput` of side `size`.

    Attributes:
        expressions: the expression units that it draws, and the spread of each.
        pose: the largest yaw, pitch and roll that it draws, degrees; () where it draws faces from the front only.
        inputs: length of the vector that `standardise` returns.
    """

    arch: str
    config: Any
    mean: Tensor
    inv_spread: Tensor
    inv_pose: Tensor

    def __init__(
        self, schema: Schema, size: int, expressions: Mapping[str, float] | None = None, pose: tuple[float, ...] = ()
    ) -> None:
        super().__init__()
        if size not in SIZES:
            raise WeightsError(
                f"An imitator cannot draw {size} px pictures.", f"Choose a size of {', '.join(map(str, SIZES))}."
            )
        if len(pose) not in (0, 3) or any(reach < 0 for reach in pose):
            raise WeightsError(f"An imitator cannot have the pose {pose}.", "Give no angles, or yaw, pitch and roll.")
        self.size = size
        self.expressions = dict(expressions or {})
        self.pose = tuple(pose)
        self.inputs = schema.size + len(pose)
        mean, inv_spread = standardisation(schema, self.expressions)
        # Derived from the schema (whose hash is checked on loading), hence no part of the weights.
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("inv_spread", inv_spread, persistent=False)
        # An even spread of angles to either side has its standard deviation near half of its reach.
        inv_pose = torch.tensor([2 / reach if reach else 0.0 for reach in pose])
        self.register_buffer("inv_pose", inv_pose, persistent=False)

    def standardise(self, x: Tensor, pose: Tensor | None = None) -> Tensor:
        """x (B, P) in [0, 1] and pose -> (B, inputs) of about unit variance; exactly 0 for those never sampled."""
        z = (x - self.mean) * self.inv_spread
        if not self.pose:
            return z
        turned = z.new_zeros(len(z), 3) if pose is None else (pose.to(z) * self.inv_pose).expand(len(z), -1)
        return torch.cat((z, turned), 1)

    def forward(self, x: Tensor, pose: Tensor | None = None) -> ImitatorOutput:
        raise NotImplementedError

    def forward_subsampled(self, x: Tensor, offset: tuple[int, int], pose: Tensor | None = None) -> ImitatorOutput:
        """Like `forward`, but with labels at every other pixel only, `[:, :, dy::2, dx::2]` for offset (dy, dx).

        Training looks at one phase per step, drawn at random: the same gradient on average at a quarter of the cost.
        """
        drawing = self(x, pose)
        labels = drawing.labels
        return ImitatorOutput(drawing.image, None if labels is None else labels[:, :, offset[0] :: 2, offset[1] :: 2])


def standardisation(schema: Schema, expressions: Mapping[str, float] | None = None) -> tuple[Tensor, Tensor]:
    """Mean (P,) and inverse spread (P,) of `Imitator.standardise`; an inverse spread of 0 for those that never vary.

    `expressions`: units that the imitator draws although the schema never samples them, with their spreads. Raises
    WeightsError for one that the schema does not have.
    """
    mean = torch.from_numpy(schema.average().copy())
    spread = torch.from_numpy(schema.spread().copy())
    units = {slider.name for slider in schema.continuous if slider.role == "expression"}
    for name, value in (expressions or {}).items():
        if name not in units or value <= 0:
            raise WeightsError(
                f"The imitator draws the expression '{name}' with a spread of {value}; the schema has no such unit.",
                "Name expression sliders of the schema, each with a spread above 0.",
            )
        spread[schema.slices[name]] = value
    inv_spread = torch.where(spread > 0, 1 / spread.clamp_min(1e-6), torch.zeros_like(spread))
    for discrete in schema.discrete:
        mean[schema.slices[discrete.name]] = torch.tensor(discrete.weights, dtype=mean.dtype)
        inv_spread[schema.slices[discrete.name]] = 1.0
    return mean, inv_spread
