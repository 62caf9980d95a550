"""The search: values of x whose drawing by the imitator looks like the photo. A generator that yields its steps.

Shapes: B batch (1 here, or the candidates of one discrete), P parameters, C continuous sliders.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.identity import Jitter, random_jitter
from f2p.objective import Objective, Target
from f2p.presets import Preset


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


NOTHING = "none"
"""The option of a discrete that adds nothing to the face, where it has one."""


class _Search:
    """The state of one search: its free variables, and the one-hots that are not free."""

    def __init__(self, bundle: Bundle, target: Target, preset: Preset, seed: int) -> None:
        schema, statistics = bundle.schema, bundle.statistics
        self.bundle, self.preset, self.schema = bundle, preset, schema
        self.generator = torch.Generator().manual_seed(seed)
        self.average = torch.from_numpy(schema.average()).to(target.image)[None]
        spread = torch.from_numpy(schema.spread()).to(target.image)
        self.spread = spread[: schema.continuous_size]
        self.solved = (self.spread > 0).nonzero()[:, 0]
        self.prior_mean = torch.where(self.spread > 0, statistics["prior_mean"].to(target.image), 0.0)
        self.relaxed = preset.discretes == "relaxed"
        centre = statistics["identity_centre_grey" if target.grey else "identity_centre_colour"].to(target.image)
        self.objective = Objective(
            weights=preset.weights,
            target=target,
            frame_five=bundle.frame_five,
            identity=bundle.identity,
            centre=centre if preset.centred else torch.zeros_like(centre),
            prior=(self.prior_mean[self.solved], statistics["prior_scale"].to(target.image)[self.solved]),
            parser=bundle.parser,
        )
        self.log_weights = {
            choice.name: torch.tensor(choice.weights, dtype=spread.dtype).clamp(min=1e-4).log()
            for choice in schema.discrete
        }
        self.candidates = max((len(choice.options) for choice in schema.discrete), default=0)
        self._start(target)

    @torch.no_grad()
    def _start(self, target: Target) -> None:
        size = self.schema.continuous_size
        self.one_hots = self.average[:, size:].clone()
        if self.relaxed:
            # The published start: the average face, and 0 for every option of the discretes.
            self.free = torch.cat((self.average[:, :size], torch.zeros_like(self.one_hots)), 1).requires_grad_()
            return
        z = torch.zeros_like(self.spread)[None]
        if self.preset.start == "translator":
            z = self.prior_mean[None].clone()
            translator = self.bundle.translator
            if translator is not None and target.features is not None:
                guess, logits = translator(target.features)
                z = z + self.preset.shrink * (guess - z)
                self.candidates = self.preset.candidates
                self.log_weights = {name: values[0].log_softmax(0) for name, values in logits.items()}
                for name, scores in self.log_weights.items():
                    self.choose(name, int(scores.argmax()))
        self.free = z.requires_grad_()
        self.clamp()

    def choose(self, name: str, option: int) -> None:
        """Sets a discrete's one-hot."""
        where = self.schema.slices[name]
        hot = self.one_hots[:, where.start - self.schema.continuous_size : where.stop - self.schema.continuous_size]
        hot.zero_()[:, option] = 1.0

    def x(self) -> Tensor:
        """(1, P) as G is to draw it, differentiable in the free variables."""
        size = self.schema.continuous_size
        if not self.relaxed:
            return torch.cat((self.average[:, :size] + self.spread * self.free, self.one_hots), 1)
        soft = [
            (self.preset.softness * self.free[:, self.schema.slices[c.name]]).softmax(1) for c in self.schema.discrete
        ]
        return torch.cat((self.free[:, :size], *soft), 1)

    def z(self) -> Tensor | None:
        """(1, solved sliders) in sampling spreads, for the prior."""
        return None if self.relaxed else self.free[:, self.solved]

    @torch.no_grad()
    def clamp(self) -> None:
        """Brings x back into [0, 1]."""
        if self.relaxed:
            self.free.clamp_(0, 1)
            return
        average = self.average[0, : self.schema.continuous_size]
        # A slider that is never sampled has no z: it stays where the schema put it.
        unit = torch.where(self.spread > 0, self.spread, torch.inf)
        self.free.copy_(self.free.clamp(-average / unit, (1 - average) / unit))

    def jitter(self) -> Jitter | None:
        """A random crop for the identity term."""
        if self.preset.jitter is None:
            return None
        shift, log_scale, rotation = self.preset.jitter
        return random_jitter(1, self.generator, shift=shift, log_scale=log_scale, rotation=rotation)

    @torch.no_grad()
    def settle_discretes(self) -> None:
        """For each discrete in turn, draws its likeliest options with all else as it stands, and keeps the best."""
        for choice in self.schema.discrete:
            scores = self.log_weights[choice.name]
            where = self.schema.slices[choice.name]
            now = int(self.x()[0, where].argmax())
            likely = scores.topk(min(self.candidates, len(choice.options))).indices.tolist()
            # An option a hundred times less likely than the best is not worth its drawing.
            tried = {now, *(i for i in likely if scores[i] > scores.max() - math.log(100))}
            nothing = choice.options.index(NOTHING) if NOTHING in choice.options else -1
            options = sorted(tried | ({nothing} if nothing >= 0 else set()))
            if len(options) == 1:
                continue
            candidates = self.x().repeat(len(options), 1)
            candidates[:, where] = torch.eye(len(choice.options), dtype=candidates.dtype)[options]
            # Without identity: a recogniser's taste in hair says little, and less than the label maps.
            terms = self.objective.terms(self.bundle.imitator(candidates), without=("identity",))
            cost = self.objective.total(terms) - self.preset.option_weight * scores[options]
            if nothing >= 0:
                cost = cost + self.preset.caution * torch.tensor([option != nothing for option in options])
            self.choose(choice.name, options[int(cost.argmin())])

    @torch.no_grad()
    def hard(self) -> Tensor:
        """(1, P) with hard one-hots."""
        x = self.x().clone()
        for choice in self.schema.discrete:
            where = self.schema.slices[choice.name]
            hot = int(x[0, where].argmax())
            x[:, where] = 0.0
            x[0, where.start + hot] = 1.0
        return x.clamp(0, 1)


def _numbers(objective: Objective, terms: dict[str, Tensor]) -> tuple[float, dict[str, float]]:
    return objective.total(terms).item(), {name: value.item() for name, value in terms.items()}


def solve(bundle: Bundle, target: Target, preset: Preset, seed: int = 0) -> Generator[Step, None, Solution]:
    """Searches x for one target; on a CPU the same arguments give the same bits.

    The generator may be closed between any two steps. The caller's gradient mode does not matter.

    Args:
        bundle: the networks.
        target: from `f2p.target.make_target`, with the same bundle.
        preset: the recipe.
        seed: of the crop jitter.
    """
    began = time.perf_counter()
    search = _Search(bundle, target, preset, seed)
    objective = search.objective
    step_of = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[preset.optimiser]
    optimiser = step_of([search.free], lr=preset.learning_rate)
    checks = {round(share * preset.steps) for share in preset.check_at} if not search.relaxed else set()
    history: list[dict[str, float]] = []
    for iteration in range(preset.steps):
        if iteration in checks:
            search.settle_discretes()
        with torch.enable_grad():
            x = search.x()
            terms = objective.terms(bundle.imitator(x), search.z(), search.jitter())
            (search.free.grad,) = torch.autograd.grad(objective.total(terms).sum(), search.free)
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
