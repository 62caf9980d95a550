"""The baseline without an imitator: CMA-ES straight through the engine's render, on the same objective, in given time.

It starts at the human mean, with half a human standard deviation a slider, and learns a diagonal covariance, as a
search of a hundred variables in a few dozen renders must. A discrete is as many variables as it has options, of which
the largest wins.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.character import rounded
from f2p.engines.protocol import Engine
from f2p.fitting.objective import Objective
from f2p.fitting.presets import Preset
from f2p.fitting.scale import expected_zoom
from f2p.networks.imitator.base import ImitatorOutput
from f2p.regions import REGIONS
from f2p.targets.target import Target

SIGMA = 0.5
_CERTAIN = 30.0  # logit of the engine's label: its softmax is 1 to float's precision


class EngineObjective:
    """The preset's objective as a function of CMA's variables (V,), on the engine's render at the imitator's size."""

    def __init__(self, bundle: Bundle, engine: Engine, target: Target, preset: Preset) -> None:
        self._bundle, self._engine = bundle, engine
        schema, statistics = bundle.schema, bundle.statistics
        self._average = torch.from_numpy(schema.average())
        self._spread = torch.from_numpy(schema.spread())[: schema.continuous_size]
        self._solved = (self._spread > 0).nonzero()[:, 0]
        self._mean = statistics["prior_mean"][self._solved]
        self._scale = statistics["prior_scale"][self._solved]
        centre = statistics["identity_centre_grey" if target.grey else "identity_centre_colour"]
        self._objective = Objective(
            weights=preset.weights,
            target=target,
            frame_landmarks5=bundle.frame_landmarks5,
            identity=bundle.identity,
            centre=centre if preset.centred else torch.zeros_like(centre),
            prior=(self._mean, self._scale),
            parser=bundle.parser,
            midline=bundle.midline,
        )
        self._zoom = preset.zoom
        self.renders = 0

    @property
    def size(self) -> int:
        """V: one variable a solved slider, one an option."""
        return len(self._solved) + self._bundle.schema.size - self._bundle.schema.continuous_size

    def x(self, variables: npt.ArrayLike) -> Tensor:
        """(P,) in [0, 1], with hard one-hots."""
        v = torch.as_tensor(np.asarray(variables), dtype=torch.float32)
        x = self._average.clone()
        z = self._mean + self._scale * v[: len(self._solved)]
        x[self._solved] = (x[self._solved] + self._spread[self._solved] * z).clamp(0, 1)
        start = len(self._solved) - self._bundle.schema.continuous_size
        for choice in self._bundle.schema.discrete:
            where = self._bundle.schema.slices[choice.name]
            # The average face's own option wins where nothing speaks for another.
            scores = v[start + where.start : start + where.stop] + 1e-3 * self._average[where]
            x[where] = F.one_hot(scores.argmax(), len(choice.options)).to(x)
        return x

    @torch.no_grad()
    def __call__(self, x: Tensor) -> tuple[float, dict[str, float]]:
        """The weighted sum and its terms, at x (P,)."""
        values = rounded(self._bundle.schema.decode(x.numpy()))
        frame = self._engine.render(values, size=self._bundle.size)
        self.renders += 1
        image = torch.from_numpy(frame.image.copy()).permute(2, 0, 1)[None].float() / 255
        labels = F.one_hot(torch.from_numpy(frame.labels.astype(np.int64)), len(REGIONS)).permute(2, 0, 1)[None]
        z = (x[self._solved] - self._average[self._solved]) / self._spread[self._solved]
        zoom = expected_zoom(self._bundle.statistics, x[None]) if self._zoom else None
        terms = self._objective.terms(ImitatorOutput(image, labels.float() * _CERTAIN), z[None], zoom=zoom)
        return float(self._objective.total(terms)), {name: float(value) for name, value in terms.items()}


def search_engine(
    bundle: Bundle, engine: Engine, target: Target, preset: Preset, seconds: float, seed: int = 0
) -> tuple[Tensor, float, dict[str, float]]:
    """The best x (P,) that CMA-ES sees within `seconds`, the seconds it took, its terms; "renders" says how many.

    The render that is under way when time is up is the last; there is always one, of the start.
    """
    cma = _cma()
    began = time.perf_counter()
    objective = EngineObjective(bundle, engine, target, preset)
    start = np.zeros(objective.size)
    best = objective.x(start)
    least, losses = objective(best)
    strategy = cma.CMAEvolutionStrategy(
        start, SIGMA, {"seed": seed + 1, "verbose": -9, "CMA_diagonal": True, "maxiter": np.inf}
    )
    while not strategy.stop():
        asked, costs = strategy.ask(), []
        for variables in asked:
            if time.perf_counter() - began >= seconds:
                return best, time.perf_counter() - began, {"total": least, **losses, "renders": objective.renders}
            x = objective.x(variables)
            cost, terms = objective(x)
            costs.append(cost)
            if cost < least:
                best, least, losses = x, cost, terms
        strategy.tell(asked, costs)
    return best, time.perf_counter() - began, {"total": least, **losses, "renders": objective.renders}


def _cma() -> Any:
    with warnings.catch_warnings():
        # It misses matplotlib, which nothing here needs.
        warnings.simplefilter("ignore")
        import cma
    return cma
