"""Gradients of G: its derivative by each slider against the engine's finite differences.

A search follows dG/dx: where that is weak or wrong, a slider is set by chance, however good the pictures are.

Shapes: S picture side, P parameters.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.engines.protocol import Engine
from f2p.networks.imitator.base import Imitator
from f2p.schema import Continuous, Schema

__all__ = ["SliderFigures", "Sliders", "compare_sliders", "derivative", "difference", "drawn_sliders"]

STEP = 0.5
"""Of the finite differences, to either side, in sampling spreads."""
TINY = 1e-4
"""Half the step of dG/dx, in float64: PyTorch cannot differentiate the bending of decals forwards."""
INVISIBLE = 3.0
"""Grey levels: a slider that changes no pixel by more in any of the characters has no visible effect."""
DEAD = 0.1
"""Of the engine's effect: a slider that moves G by less is dead."""
WRONG = 0.2
"""Correlation below which G moves otherwise than the engine."""


@dataclass(frozen=True)
class SliderFigures:
    """One slider over the characters: means, those of the last four where the slider is visible.

    effect: grey levels that the engine's picture changes by per sampling spread, mean over pixels;
    peak: the largest change of any pixel between the two ends of the finite difference, grey levels;
    correlation: cosine of dG/dx and the engine's difference picture, in [-1, 1];
    agreement: share of the characters at which dG/dx points the engine's way (their product is positive);
    pixel_sign: share of the engine's change, over all pixels, that has the same sign in dG/dx (.5 is chance);
    strength: length of dG/dx over that of the engine's difference; 1 is right.
    """

    name: str
    effect: float
    peak: float
    correlation: float
    agreement: float
    pixel_sign: float
    strength: float

    @property
    def verdict(self) -> str:
        """invisible, dead, wrong or right."""
        if self.peak < INVISIBLE:
            return "invisible"
        if self.strength < DEAD:
            return "dead"
        return "wrong" if self.correlation < WRONG else "right"


@dataclass(frozen=True)
class Sliders:
    """All solved sliders."""

    rows: tuple[SliderFigures, ...]

    def of(self, verdict: str) -> list[SliderFigures]:
        """Those with that verdict, the worst first."""
        return sorted((row for row in self.rows if row.verdict == verdict), key=lambda row: row.correlation)

    def figures(self) -> dict[str, Any]:
        """For the JSON: means over the visible sliders, lists of names, and every slider's row."""
        visible = [row for row in self.rows if row.verdict != "invisible"]
        means = {
            key: float(np.mean([getattr(row, key) for row in visible])) if visible else float("nan")
            for key in ("correlation", "agreement", "pixel_sign", "strength")
        }
        names = {verdict: [row.name for row in self.of(verdict)] for verdict in ("invisible", "dead", "wrong")}
        weights = [row.effect for row in visible]
        weighted = float(np.average([row.correlation for row in visible], weights=weights)) if sum(weights) else None
        return {
            "visible": len(visible),
            **means,
            "correlation_by_effect": weighted,
            **names,
            "each": {row.name: {k: v for k, v in vars(row).items() if k != "name"} for row in self.rows},
        }


def compare_sliders(network: Imitator, engine: Engine, characters: Sequence[Mapping[str, float | str]]) -> Sliders:
    """Try every slider that is ever solved, and every expression unit that G draws, at every character; one render to
    either side each."""
    rows = []
    exact = copy.deepcopy(network).double()
    for slider in drawn_sliders(network, engine.schema):
        each = [_one(exact, engine, values, slider) for values in characters]
        # A beard's sliders say nothing on a face without one.
        telling = [row for row in each if row[1] >= INVISIBLE] or each
        effect, peak = np.mean([row[0] for row in each]), max(row[1] for row in each)
        rows.append(SliderFigures(slider.name, float(effect), peak, *(float(v) for v in np.mean(telling, 0)[2:])))
    return Sliders(tuple(rows))


def drawn_sliders(network: Imitator, schema: Schema) -> list[Continuous]:
    """The sliders that G draws: those ever sampled, and its expression units with the spreads it gives them."""
    spreads = ((slider, network.expressions.get(slider.name, slider.spread)) for slider in schema.continuous)
    return [replace(slider, spread=spread) for slider, spread in spreads if spread > 0]


def difference(
    engine: Engine, values: Mapping[str, float | str], slider: Continuous, size: int
) -> tuple[Tensor, float]:
    """(3, S, S) change of the engine's picture per unit of the slider, and the largest change in grey levels."""
    at = float(values.get(slider.name, slider.average))
    low, high = max(0.0, at - STEP * slider.spread), min(1.0, at + STEP * slider.spread)
    ends = [engine.render({**values, slider.name: place}, size).image.astype(np.float32) for place in (low, high)]
    change = torch.from_numpy(ends[1] - ends[0]).permute(2, 0, 1)
    return change / 255 / (high - low), float(change.abs().max())


def derivative(network: Imitator, schema: Schema, values: Mapping[str, float | str], slider: Continuous) -> Tensor:
    """(3, S, S) dG/dx by that slider, of a network in float64: what it draws a hair's breadth to either side."""
    x = torch.from_numpy(schema.encode(values)).double()[None]
    along = torch.zeros_like(x)
    along[:, schema.slices[slider.name]] = TINY
    return ((network(x + along).image - network(x - along).image) / (2 * TINY))[0].float()


def _one(network: Imitator, engine: Engine, values: Mapping[str, float | str], slider: Continuous) -> tuple[float, ...]:
    wanted, peak = difference(engine, values, slider, network.size)
    drawn = derivative(network, engine.schema, values, slider)
    total = float(wanted.abs().sum())
    agreeing = float(wanted.abs()[wanted.sign() == drawn.sign()].sum())
    return (
        float(wanted.abs().mean()) * slider.spread * 255,
        peak,
        float(F.cosine_similarity(wanted.flatten(), drawn.flatten(), dim=0)),
        float((wanted * drawn).sum() > 0),
        agreeing / total if total else 0.0,
        float(drawn.norm() / wanted.norm()) if total else 0.0,
    )
