"""Candidates: other characters that the photo may mean as well, for a player to choose from.

They share the answer's sliders and differ in what is chosen: hair, beard, glasses. Each is drawn by the imitator,
priced by the objective and the prior of its options, and taken where it looks different from those before it.

Shapes: N candidates, P parameters, S side.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.errors import ParameterError
from f2p.fitting.initialisation import WarmStart
from f2p.fitting.options import OptionSelection
from f2p.fitting.parallel import map_parts
from f2p.fitting.presets import Preset
from f2p.fitting.state import FitState
from f2p.schema import Discrete
from f2p.targets.target import Target

__all__ = ["MAX_CANDIDATES", "Rival", "check_count", "find_candidates"]

MAX_CANDIDATES: Final = 4
"""The answer and three more."""

_TRIED: Final = 5  # options of one choice that are drawn, the likeliest first
_DIFFERENT: Final = 0.012  # mean difference of two drawings, of 1, from which on people tell them apart at a glance
_BATCH: Final = 6  # drawings at once: more of them leave the processor's cache
_GROUPS: Final = ("hair", "beard", "glasses")  # what people see first; of an engine without these, every choice
_PAIRS: Final = 2  # of each choice, options that are also tried together with another choice's


@dataclass(frozen=True, eq=False)
class Rival:
    """Another character that the photo may mean.

    Attributes:
        x: (P,) in [0, 1], one-hots hard.
        changed: names of the choices in which it differs from the answer.
        cost: objective and prior above the answer's; below 0 where it fits even better.
    """

    x: Tensor
    changed: tuple[str, ...]
    cost: float


def check_count(count: int) -> None:
    """Refuse a number of candidates, the answer among them, but 1 to `MAX_CANDIDATES`. Raises ParameterError."""
    if not 1 <= count <= MAX_CANDIDATES:
        raise ParameterError(f"{count} candidates were asked for.", f"Ask for 1 to {MAX_CANDIDATES}.")


@torch.no_grad()
def find_candidates(
    bundle: Bundle,
    target: Target,
    preset: Preset,
    x: Tensor,
    count: int,
    locked: Collection[str] = (),
    seed: int = 0,
    expressions: Sequence[FaceExpression] = (),
    executor: Executor | None = None,
) -> tuple[Rival, ...]:
    """At most `count` rivals of a solution x (P,), the likeliest first; each looks different from x and the others.

    Args:
        bundle, target, preset, seed: of the search.
        x: its answer.
        count: 1 to `MAX_CANDIDATES` - 1.
        locked: names of parameters that are the same in all.
        expressions: of the solution.
        executor: draws two parts at once; None, one after the other.
    """
    start = WarmStart(x=x, locked=frozenset(locked), expressions=tuple(expressions))
    state = FitState(bundle, target, preset, seed, start)
    selection = OptionSelection.of(preset, state.option_prior, locked, bundle.calibration.option_costs)
    choices = [choice for choice in bundle.schema.discrete if choice.group in _GROUPS] or bundle.schema.discrete
    singles = [
        {choice.name: option}
        for choice in choices
        if choice.frontal and choice.name not in locked
        for option in _options(selection, choice, _chosen(bundle, choice, x))
    ]
    if not singles:
        return ()
    priced = list(zip(singles, _costs(state, selection, x, singles, executor), strict=True))
    pairs = _pairs(priced)
    if pairs:
        priced += zip(pairs, _costs(state, selection, x, pairs, executor), strict=True)
    priced.sort(key=lambda each: each[1])
    return _different(bundle, x, priced, count)


def _options(selection: OptionSelection, choice: Discrete, chosen: int) -> list[int]:
    """The likeliest options but the chosen one."""
    order: list[int] = selection.prior.log_prior(choice).argsort(descending=True).tolist()
    return [option for option in order[: _TRIED + 1] if option != chosen][:_TRIED]


def _chosen(bundle: Bundle, choice: Discrete, x: Tensor) -> int:
    return int(x[bundle.schema.slices[choice.name]].argmax())


def _changed(bundle: Bundle, x: Tensor, changes: Sequence[dict[str, int]]) -> Tensor:
    """(N, P): x with each of the changes made."""
    candidates = x.repeat(len(changes), 1)
    for row, change in zip(candidates, changes, strict=True):
        for name, option in change.items():
            where = bundle.schema.slices[name]
            row[where] = 0.0
            row[where.start + option] = 1.0
    return candidates


def _costs(
    state: FitState,
    selection: OptionSelection,
    x: Tensor,
    changes: Sequence[dict[str, int]],
    executor: Executor | None,
) -> list[float]:
    """Objective and prior of each change, above those of x itself."""
    choices = {choice.name: choice for choice in state.bundle.schema.discrete}
    candidates = torch.cat((x[None], _changed(state.bundle, x, changes))).to(state.bundle.device)
    losses = torch.cat(map_parts(state.option_loss, candidates.split(_BATCH), executor))
    costs = []
    for change, loss in zip(changes, losses[1:].tolist(), strict=True):
        prior = 0.0
        for name, option in change.items():
            cost = selection.prior_cost(choices[name])
            prior += float(cost[option] - cost[_chosen(state.bundle, choices[name], x)])
        costs.append(loss - float(losses[0]) + prior)
    return costs


def _pairs(priced: Sequence[tuple[dict[str, int], float]]) -> list[dict[str, int]]:
    """Changes of two choices at once, from the best of each."""
    best: dict[str, list[dict[str, int]]] = {}
    for change, _ in sorted(priced, key=lambda each: each[1]):
        (name,) = change
        if len(best.setdefault(name, [])) < _PAIRS:
            best[name].append(change)
    # The three choices with the cheapest changes are enough: more pairs would only cost time.
    names = list(best)[:3]
    return [
        first | second
        for place, name in enumerate(names)
        for other in names[place + 1 :]
        for first in best[name]
        for second in best[other]
    ]


def _different(
    bundle: Bundle, x: Tensor, priced: Sequence[tuple[dict[str, int], float]], count: int
) -> tuple[Rival, ...]:
    """The cheapest changes, of those that look alike only the first."""
    taken = [bundle.imitator(x[None].to(bundle.device)).image]
    rivals: list[Rival] = []
    for change, cost in priced:
        if len(rivals) == count:
            break
        candidate = _changed(bundle, x, [change])
        drawing = bundle.imitator(candidate.to(bundle.device)).image
        if min(float((drawing - other).abs().mean()) for other in taken) < _DIFFERENT:
            continue
        taken.append(drawing)
        rivals.append(Rival(x=candidate[0], changed=tuple(change), cost=cost))
    return tuple(rivals)
