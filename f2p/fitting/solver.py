"""The search: values of x whose drawing by the imitator looks like the photo. A generator that yields its steps.

Shapes: P parameters.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.fitting.identity_gradient import AsyncIdentityGradient
from f2p.fitting.objective import Objective
from f2p.fitting.presets import Preset
from f2p.fitting.state import Search, Start
from f2p.targets.target import Target


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the search, before its update.

    Attributes:
        iteration: from 0.
        total: the weighted sum of the terms at x.
        losses: each term, unweighted.
        x: (P,) the character as it stands, neutral; its one-hots are soft where the preset relaxes them.
        expressions: what the face in each photo does; () where that is not solved.
    """

    iteration: int
    total: float
    losses: dict[str, float]
    x: Tensor
    expressions: tuple[FaceExpression, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What the search found.

    Attributes:
        x: (P,) in [0, 1], neutral, with hard one-hots.
        losses: each term at x, unweighted, without crop jitter, and their weighted sum as "total".
        history: the same for each step as it was taken (with jitter, and soft one-hots where relaxed).
        seconds: time the search took.
        expressions: what the face in each photo does, those with no share left out; () where that is not solved.
        zooms: how much larger each photo shows the face than the engine does, see `f2p.fitting.scale`; () likewise.
    """

    x: Tensor
    losses: dict[str, float]
    history: list[dict[str, float]]
    seconds: float
    expressions: tuple[FaceExpression, ...] = ()
    zooms: tuple[float, ...] = ()


def _numbers(objective: Objective, terms: dict[str, Tensor]) -> tuple[float, dict[str, float]]:
    return objective.total(terms).item(), {name: value.item() for name, value in terms.items()}


def solve(
    bundle: Bundle,
    target: Target,
    preset: Preset,
    seed: int = 0,
    start: Start | None = None,
    two_cores: bool = True,
) -> Generator[Step, None, Solution]:
    """Searches x for one target; on a CPU the same arguments give the same bits.

    The generator may be closed between any two steps. The caller's gradient mode does not matter.

    Args:
        bundle: the networks.
        target: from `f2p.targets.measurement.make_target`, with the same bundle.
        preset: the recipe.
        seed: of the crop jitter.
        start: where to begin in place of the preset's start, and what to leave alone.
        two_cores: ask the recogniser, and try options, in a second thread. The result is the same, and sooner where a
            core is free.
    """
    began = time.perf_counter()
    search = Search(bundle, target, preset, seed, start)
    objective = search.objective
    step_of = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[preset.optimiser]
    variables = search.variables()
    optimiser = step_of(variables, lr=preset.learning_rate)
    checks = {round(share * preset.steps) for share in preset.check_at} if not search.relaxed else set()
    history: list[dict[str, float]] = []
    apart = preset.identity_every > 1 and "identity" in objective.weights
    with AsyncIdentityGradient(search, two_cores) if apart else nullcontext() as beside:
        for iteration in range(preset.steps):
            # A changed choice changes the face: then the pull at hand is out of date.
            changed = iteration == 0 or iteration in checks
            if iteration in checks:
                search.settle_discretes(two_cores)
            # What is asked just before a check is out of date when it comes.
            asked = changed or (iteration % preset.identity_every == 0 and iteration + 1 not in checks)
            if beside is not None and asked:
                beside.ask(_neutral(preset, iteration // preset.identity_every))
            with torch.enable_grad():
                x = search.x()
                turn = iteration if preset.sparse else None
                if beside is None:
                    terms = search.terms(x, turn, search.jitter())
                else:
                    terms = search.terms(x, turn, without=("identity",))
                loss = objective.total(terms).sum() if terms else 0 * x.sum()
                gradients = torch.autograd.grad(loss, variables, materialize_grads=True)
            if beside is not None:
                value, pull = beside.take(changed or not (asked and preset.identity_late))
                terms = {"identity": value, **terms}
                gradients = tuple(own + more for own, more in zip(gradients, pull, strict=True))
            for variable, gradient in zip(variables, gradients, strict=True):
                variable.grad = gradient
            gradients[0].mul_(search.open)
            total, losses = _numbers(objective, terms)
            history.append({"total": total, **losses})
            faces = search.expressions()
            yield Step(iteration=iteration, total=total, losses=losses, x=x.detach()[0], expressions=faces)
            optimiser.param_groups[0]["lr"] = preset.learning_rate * preset.decay ** (iteration // preset.decay_every)
            optimiser.step()
            search.clamp()
    x = search.hard()
    with torch.no_grad():
        total, losses = _numbers(objective, search.terms(x))
    return Solution(
        x=x[0],
        losses={"total": total, **losses},
        history=history,
        seconds=time.perf_counter() - began,
        expressions=search.expressions(),
        zooms=() if (zooms := search.zooms()) is None else tuple(zooms.tolist()),
    )


def _neutral(preset: Preset, turn: int) -> bool:
    """Whether at this turn of the recogniser it looks at the neutral face: evenly spread over its turns."""
    share = preset.neutral_identity
    return int((turn + 1) * share) > int(turn * share)
