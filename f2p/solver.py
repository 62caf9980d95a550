"""The search: values of x whose drawing by the imitator looks like the photo. A generator that yields its steps.

Shapes: P parameters.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.objective import Objective, Target
from f2p.presets import Preset
from f2p.search import Search, Start


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the search, before its update.

    Attributes:
        iteration: from 0.
        total: the weighted sum of the terms at x.
        losses: each term, unweighted.
        x: (P,) what was drawn; its one-hots are soft where the preset relaxes them.
    """

    iteration: int
    total: float
    losses: dict[str, float]
    x: Tensor


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What the search found.

    Attributes:
        x: (P,) in [0, 1], with hard one-hots.
        losses: each term at x, unweighted, without crop jitter, and their weighted sum as "total".
        history: the same for each step as it was taken (with jitter, and soft one-hots where relaxed).
        seconds: time the search took.
    """

    x: Tensor
    losses: dict[str, float]
    history: list[dict[str, float]]
    seconds: float


def _numbers(objective: Objective, terms: dict[str, Tensor]) -> tuple[float, dict[str, float]]:
    return objective.total(terms).item(), {name: value.item() for name, value in terms.items()}


def solve(
    bundle: Bundle, target: Target, preset: Preset, seed: int = 0, start: Start | None = None
) -> Generator[Step, None, Solution]:
    """Searches x for one target; on a CPU the same arguments give the same bits.

    The generator may be closed between any two steps. The caller's gradient mode does not matter.

    Args:
        bundle: the networks.
        target: from `f2p.target.make_target`, with the same bundle.
        preset: the recipe.
        seed: of the crop jitter.
        start: where to begin in place of the preset's start, and what to leave alone.
    """
    began = time.perf_counter()
    search = Search(bundle, target, preset, seed, start)
    objective = search.objective
    step_of = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[preset.optimiser]
    optimiser = step_of([search.free], lr=preset.learning_rate)
    checks = {round(share * preset.steps) for share in preset.check_at} if not search.relaxed else set()
    history: list[dict[str, float]] = []
    identity: tuple[Tensor, Tensor] | None = None
    for iteration in range(preset.steps):
        if iteration in checks:
            search.settle_discretes()
        with torch.enable_grad():
            x = search.x()
            drawing = bundle.imitator(x)
            if iteration % preset.identity_every == 0 or iteration in checks:
                identity = objective.pull(drawing.image, search.jitter()) if "identity" in objective.weights else None
            terms = objective.terms(drawing, search.z(), without=("identity",))
            if identity is not None:
                value, pull = identity
                # Between its turns the recogniser's last gradient goes on pulling at the picture.
                along = ((drawing.image - drawing.image.detach()) * pull).sum((1, 2, 3))
                terms = {"identity": value + along, **terms}
            (gradient,) = torch.autograd.grad(objective.total(terms).sum(), search.free)
        search.free.grad = gradient * search.open
        total, losses = _numbers(objective, terms)
        history.append({"total": total, **losses})
        yield Step(iteration=iteration, total=total, losses=losses, x=x.detach()[0])
        optimiser.param_groups[0]["lr"] = preset.learning_rate * preset.decay ** (iteration // preset.decay_every)
        optimiser.step()
        search.clamp()
    x = search.hard()
    with torch.no_grad():
        total, losses = _numbers(objective, objective.terms(bundle.imitator(x), search.z()))
    return Solution(x=x[0], losses={"total": total, **losses}, history=history, seconds=time.perf_counter() - began)
