"""Parameterisations: free parameters that an optimiser moves, and the x that they make.

Shapes: P parameters of the schema, C continuous sliders, N free parameters; the batch is 1.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import torch
from torch import Tensor

from f2p.schema import Schema

__all__ = ["BoundedSliders", "Parameterisation", "RelaxedVector", "slider_sampling"]


class Parameterisation(Protocol):
    """Free parameters of one search.

    Attributes:
        params: (1, N) leaf that is optimised.
        trainable_mask: (1, N) 0 for what must stay, 1 elsewhere; the gradient's factor.
    """

    params: Tensor
    trainable_mask: Tensor

    def x(self) -> Tensor:
        """(1, P), differentiable in `params`."""

    def z(self) -> Tensor | None:
        """(1, sliders that are solved) in sampling spreads, for the prior; None where it has no such form."""

    def project(self) -> None:
        """Bring x back into [0, 1]."""


def slider_sampling(schema: Schema, device: torch.device) -> tuple[Tensor, Tensor]:
    """Average and sampling spread (C,) of the sliders, normalised."""
    size = schema.continuous_size
    average, spread = (torch.from_numpy(v[:size].copy()).to(device) for v in (schema.average(), schema.spread()))
    return average, spread


class BoundedSliders:
    """Sliders x = offset + scale * params within [0, 1], and fixed one-hots for the discretes.

    Where the scale is 0 a slider stays at its offset, to the bit.

    Attributes:
        one_hots: (1, P - C), what `choose` sets.
    """

    def __init__(self, schema: Schema, params: Tensor, one_hots: Tensor) -> None:
        """params: (1, C) in sampling spreads about the average face."""
        self._schema = schema
        average, spread = slider_sampling(schema, params.device)
        self.offset, self.scale = average[None], spread
        self.one_hots = one_hots
        self._solved = (spread > 0).nonzero()[:, 0]
        # A slider that is never sampled has no z: it stays where the schema put it.
        unit = torch.where(spread > 0, spread, torch.inf)
        self._low, self._high = -average / unit, (1 - average) / unit
        self.params = params.detach().clone().requires_grad_()
        self.trainable_mask = torch.ones_like(params)

    @classmethod
    def at_x(cls, schema: Schema, x: Tensor, locked: Collection[str]) -> BoundedSliders:
        """Parameters that make x (1, P); locked sliders, and those that are never sampled, stay there."""
        size = schema.continuous_size
        average, spread = slider_sampling(schema, x.device)
        sliders = x[:, :size]
        made = cls(schema, torch.where(spread > 0, (sliders - average) / spread, 0.0), x[:, size:].clone())
        for name in locked:
            made.trainable_mask[:, schema.slices[name]] = 0.0  # empty for a choice
        held = (spread == 0) | (made.trainable_mask == 0)[0]
        made.offset = torch.where(held, sliders, average)
        made.scale = torch.where(held, 0.0, spread)
        return made

    def x(self) -> Tensor:
        """(1, P), differentiable in `params`."""
        return torch.cat((self.offset + self.scale * self.params, self.one_hots), 1)

    def z(self) -> Tensor:
        """(1, sliders that are solved) in sampling spreads."""
        return self.params[:, self._solved]

    @torch.no_grad()
    def project(self) -> None:
        """Bring x back into [0, 1]."""
        self.params.copy_(self.params.clamp(self._low, self._high))

    @torch.no_grad()
    def settle(self, name: str, value: float) -> None:
        """Set a slider, normalised, and leave it there for the rest of the search."""
        place = self._schema.slices[name].start
        if self.scale[place] > 0:
            self.params[:, place] = (value - self.offset[0, place]) / self.scale[place]
        self.trainable_mask[:, place] = 0.0

    def choose(self, name: str, option: int) -> None:
        """Set a discrete's one-hot."""
        where, size = self._schema.slices[name], self._schema.continuous_size
        self.one_hots[:, where.start - size : where.stop - size].zero_()[:, option] = 1.0


class RelaxedVector:
    """The published parameterisation: params are x itself, where each discrete is softmax(softness * params).

    Face-to-Parameter Translation for Game Character Auto-Creation (Shi et al., ICCV 2019), section 3.4.
    """

    def __init__(self, schema: Schema, params: Tensor, softness: float, locked: Collection[str] = ()) -> None:
        """params: (1, P)."""
        self._schema, self._softness = schema, softness
        self.params = params.detach().clone().requires_grad_()
        self.trainable_mask = torch.ones_like(params)
        for name in locked:
            self.trainable_mask[:, schema.slices[name]] = 0.0

    @classmethod
    def at_average(cls, schema: Schema, softness: float, device: torch.device) -> RelaxedVector:
        """The published start: the average face, and 0 for every option of the discretes."""
        params = torch.from_numpy(schema.average().copy())[None].to(device)
        params[:, schema.continuous_size :] = 0.0
        return cls(schema, params, softness)

    def x(self) -> Tensor:
        """(1, P), differentiable in `params`."""
        soft = [
            (self._softness * self.params[:, self._schema.slices[c.name]]).softmax(1) for c in self._schema.discrete
        ]
        return torch.cat((self.params[:, : self._schema.continuous_size], *soft), 1)

    def z(self) -> None:
        """None: the published recipe has no prior."""
        return

    @torch.no_grad()
    def project(self) -> None:
        """Bring x back into [0, 1]."""
        self.params.clamp_(0, 1)
