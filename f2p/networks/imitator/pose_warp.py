"""Turning the head in a finished drawing: a warp of the picture that is the identity for a face from the front.

A network that only adds and scales draws a turned head as a blend of several; bent, an eye stays one eye. What the
bend cannot do (a cheek that comes into sight, shading) the network adds beforehand, for it knows the pose as well.

Shapes: B batch, C channels, S side, H width of the code, T terms of the pose.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["PoseWarp"]

GRID = 8
TERMS = 5
GENTLE = 0.1
"""Factor of the part of the flow that depends on the code: how a nose moves depends on the nose, but little."""


class PoseWarp(nn.Module):
    """Bends pictures (B, C, S, S) by a flow on a coarse grid: a polynomial in yaw and pitch without a constant, whose
    coefficients are learned and depend on the code. It starts without effect."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.flow = nn.Parameter(torch.zeros(TERMS, 2, GRID, GRID))
        self.own = nn.Linear(hidden, TERMS * 2 * GRID**2)
        nn.init.zeros_(self.own.weight)
        nn.init.zeros_(self.own.bias)

    def flows(self, turned: Tensor, code: Tensor) -> Tensor:
        """(B, 2, GRID, GRID) shifts in half sides, of standardised angles (B, 3) and the code (B, H)."""
        yaw, pitch = turned[:, 0], turned[:, 1]
        terms = torch.stack((yaw, pitch, yaw * yaw, yaw * pitch, pitch * pitch), 1)
        each = self.flow + GENTLE * self.own(code).view(-1, *self.flow.shape)
        return torch.einsum("bt,btcij->bcij", terms, each.to(terms.dtype))

    def bend(self, pictures: Tensor, flows: Tensor) -> Tensor:
        """Pictures bent by `flows`."""
        # Sampled in 16 bits, the picture would shake.
        wide = torch.promote_types(pictures.dtype, torch.float32)
        side = pictures.shape[-1]
        centres = (2 * torch.arange(side, device=flows.device) + 1) / side - 1
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        shift = F.interpolate(flows.to(wide), size=(side, side), mode="bicubic", align_corners=True)
        grid = torch.stack((x, y)) + shift
        return F.grid_sample(
            pictures.to(wide), grid.permute(0, 2, 3, 1), padding_mode="border", align_corners=False
        ).to(memory_format=torch.channels_last)
