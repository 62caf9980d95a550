"""The search: gradient descent to values of x whose drawing by the imitator looks like the photos.

Shapes: P parameters, V photos.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.fitting.identity_gradient import AsyncIdentityGradient
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.objective import Objective
from f2p.fitting.options import OptionSelection, discretise
from f2p.fitting.parameterisation import BoundedSliders
from f2p.fitting.perceived import PERCEIVED
from f2p.fitting.presets import Preset
from f2p.fitting.state import FitState, Snapshot
from f2p.fitting.traits import AGE_SLIDER, age_by_drawing
from f2p.targets.target import Target

__all__ = ["Solution", "Step", "solve"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the search, before its update. Tensors are on the CPU.

    Attributes:
        iteration: from 0.
        total: the weighted sum of the terms at x.
        losses: each term, unweighted.
        x: (P,) the character as it stands, neutral; its one-hots are soft where the preset relaxes them.
        expressions: expression and pose of each photo; () where they are not solved.
    """

    iteration: int
    total: float
    losses: dict[str, float]
    x: Tensor
    expressions: tuple[FaceExpression, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Outcome of a search. Tensors are on the CPU.

    Attributes:
        x: (P,) in [0, 1], neutral, with hard one-hots.
        losses: each term at x, unweighted, without crop jitter, and their weighted sum as "total".
        history: the same for each step as it was taken (with jitter, and soft one-hots where relaxed).
        seconds: time the search took.
        stopped_early: whether `should_stop` ended it before the preset's last step; x is then that of the best state so
            far, by the total of its losses.
        expressions: expression and pose of each photo; () where they are not solved.
        zooms: scale of the face in each photo, see `f2p.fitting.scale`; () where it is not solved.
    """

    x: Tensor
    losses: dict[str, float]
    history: list[dict[str, float]]
    seconds: float
    stopped_early: bool = False
    expressions: tuple[FaceExpression, ...] = ()
    zooms: tuple[float, ...] = ()


def solve(
    bundle: Bundle,
    target: Target,
    preset: Preset,
    seed: int = 0,
    warm_start: WarmStart | None = None,
    *,
    executor: Executor | None = None,
    progress: Callable[[Step], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """Search x for one target; on a CPU the same arguments give the same bits.

    However it ends, the search ends in order: one-hots are made hard and the losses of the answer are computed without
    jitter. The caller's gradient mode does not matter.

    Args:
        bundle: the networks.
        target: measured with the same bundle.
        preset: the recipe.
        seed: of the crop jitter.
        warm_start: start in place of the preset's, and what to leave alone.
        executor: computes the identity gradient, and tries options, beside the steps. The result is the same, bit for
            bit, and sooner where a core is free; None computes everything in this thread.
        progress: called at each step; what it raises ends the search and comes out here.
        should_stop: asked after each step but the last; True ends the search with the best state so far.
    """
    began = time.perf_counter()
    search = _Search(FitState(bundle, target, preset, seed, warm_start), warm_start, executor)
    stopped_early = False
    with search.identity or nullcontext():
        for iteration in range(preset.steps):
            step = search.step(iteration)
            if progress is not None:
                progress(step)
            if should_stop is not None and iteration < preset.steps - 1 and should_stop():
                stopped_early = True
                break
            search.update(iteration)
    return search.finish(time.perf_counter() - began, stopped_early)


class _Search:
    """Parts of one search: `step` measures the state, `update` moves it, `finish` makes the answer of it."""

    def __init__(self, state: FitState, warm_start: WarmStart | None, executor: Executor | None) -> None:
        self._state, self._executor = state, executor
        preset = self._preset = state.preset
        optimiser = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[preset.optimiser]
        self._optimiser = optimiser(state.variables(), lr=preset.learning_rate)
        self._sliders = state.sliders if isinstance(state.sliders, BoundedSliders) else None
        locked = frozenset() if warm_start is None else warm_start.locked
        self._selection = OptionSelection.of(preset, state.option_prior, locked, state.bundle.calibration.option_costs)
        # Relaxed options follow the gradient.
        self._checks = {round(share * preset.steps) for share in preset.check_at} if self._sliders else set()
        ages = AGE_SLIDER in state.bundle.schema.slices and AGE_SLIDER not in locked and self._sliders is not None
        self._age_at = round(preset.age_at * preset.steps) if ages and preset.age_at is not None else None
        self._turns = self._checks | ({self._age_at} if self._age_at is not None else set())
        apart = preset.identity_every > 1 and "identity" in state.objective.weights
        self.identity = AsyncIdentityGradient(state, executor) if apart else None
        self._history: list[dict[str, float]] = []
        self._perceived: dict[str, Tensor] = {}
        self._best: tuple[float, Snapshot] | None = None

    def step(self, iteration: int) -> Step:
        """Losses at the present state, and their gradients, left in the variables' `grad`."""
        state, preset, variables = self._state, self._preset, self._state.variables()
        # A changed option changes the face: then the identity gradient at hand is out of date.
        changed = iteration == 0 or iteration in self._turns
        if iteration in self._turns:
            self._turn(iteration)
        # A gradient that is submitted just before a turn is out of date when it comes.
        submitted = changed or (iteration % preset.identity_every == 0 and iteration + 1 not in self._turns)
        if self.identity is not None and submitted:
            self.identity.submit(_neutral(preset, iteration // preset.identity_every))
        with torch.enable_grad():
            x = state.x()
            turn = iteration if preset.sparse else None
            # Between two steps that ask the slower networks, their terms stand as they were, without a gradient.
            skipped = PERCEIVED if iteration % preset.perceive_every else ()
            if self.identity is None:
                terms = state.terms(x, turn, state.jitter(), without=skipped)
            else:
                terms = state.terms(x, turn, without=("identity", *skipped))
            loss = state.objective.total(terms).sum() if terms else 0 * x.sum()
            gradients = torch.autograd.grad(loss, variables, materialize_grads=True)
        if self.identity is not None:
            value, more = self.identity.result(changed or not (submitted and preset.identity_late))
            terms = {"identity": value, **terms}
            gradients = tuple(own + other for own, other in zip(gradients, more, strict=True))
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.grad = gradient
        gradients[0].mul_(state.sliders.trainable_mask)
        self._perceived |= {name: value.detach() for name, value in terms.items() if name in PERCEIVED}
        total, losses = _numbers(state.objective, {**terms, **self._perceived})
        self._history.append({"total": total, **losses})
        if self._best is None or total < self._best[0]:
            self._best = total, state.snapshot()
        return Step(
            iteration=iteration, total=total, losses=losses, x=x.detach()[0].cpu(), expressions=state.expressions()
        )

    def _turn(self, iteration: int) -> None:
        """What is chosen by drawing it, and not by descent: options and age."""
        state, sliders = self._state, self._sliders
        assert sliders is not None
        if iteration in self._checks:
            self._selection.select_options(state.bundle.schema, sliders, state.option_loss, self._executor)
        if iteration == self._age_at:
            age = age_by_drawing(state.bundle, state.target, state.x())
            if age is not None:
                sliders.settle(AGE_SLIDER, age)

    def update(self, iteration: int) -> None:
        """Move the state along its gradients."""
        preset = self._preset
        self._optimiser.param_groups[0]["lr"] = preset.learning_rate * preset.decay ** (iteration // preset.decay_every)
        self._optimiser.step()
        self._state.project()

    def finish(self, seconds: float, stopped_early: bool) -> Solution:
        """The answer: the present state; of a search that was stopped early the better one of that and the step with
        the lowest total. Both are measured again for it, since the totals of steps are noisy by jitter and subsamples.
        """
        began = time.perf_counter()
        answer = self._answer()
        if stopped_early and self._best is not None and self._best[0] < self._history[-1]["total"]:
            self._state.restore(self._best[1])
            answer = min(answer, self._answer(), key=lambda solution: solution.losses["total"])
        return replace(answer, seconds=seconds + time.perf_counter() - began, stopped_early=stopped_early)

    @torch.no_grad()
    def _answer(self) -> Solution:
        """The present state, discretised, with its losses."""
        state = self._state
        x, zooms = discretise(state.bundle.schema, state.x()), state.zooms()
        total, losses = _numbers(state.objective, state.terms(x))
        return Solution(
            x=x[0].cpu(),
            losses={"total": total, **losses},
            history=self._history,
            seconds=0.0,
            expressions=state.expressions(),
            zooms=() if zooms is None else tuple(zooms.tolist()),
        )


def _numbers(objective: Objective, terms: dict[str, Tensor]) -> tuple[float, dict[str, float]]:
    """Weighted sum, and each term."""
    return objective.total(terms).item(), {name: value.item() for name, value in terms.items()}


def _neutral(preset: Preset, turn: int) -> bool:
    """True where the identity term of this turn takes the neutral face: evenly spread over its turns."""
    share = preset.neutral_identity
    return int((turn + 1) * share) > int(turn * share)
