"""Selection of discrete options: those that are likely are drawn, and the one whose drawing fits the photo best stays.

Shapes: B candidates, P parameters, O options.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import ODDS_AGES
from f2p.fitting.parallel import map_parts
from f2p.fitting.parameterisation import BoundedSliders
from f2p.fitting.presets import Preset
from f2p.schema import Discrete, Schema
from f2p.schema.tags import blunders
from f2p.targets.target import TranslatorEstimate

__all__ = ["OptionPrior", "OptionSelection", "age_shares", "discretise", "person_odds"]

RIVAL = 0.15
"""Loss above the best by which an option stays in the running: what the rest of the search changes between two."""

HEARSAY = 0.3
"""Weight of the prior's odds of glasses or a beard beside what the photo's pixels say: of 137 men the translator told
beards with an area under the curve of .73, the pixels with .99."""


@dataclass(frozen=True, kw_only=True)
class OptionPrior:
    """Prior of the options: the translator's, or the schema's sampling weights.

    Attributes:
        log_probs: (O,) of each discrete.
        presence_penalty: subtracted for each option but the discrete's `none`.
        candidates: largest number of options that are worth trying.
        top_p: probability after which no further option is (nucleus).
        blunder_weight: weight of the gravity of the blunder that an option is expected to be, see `f2p.schema.tags`.
    """

    log_probs: dict[str, Tensor]
    presence_penalty: float
    candidates: int
    top_p: float
    blunder_weight: float = 0.0

    @classmethod
    def of(
        cls,
        schema: Schema,
        preset: Preset,
        estimate: TranslatorEstimate | None,
        device: torch.device,
        odds: Mapping[str, Tensor] | None = None,
        worn: Mapping[str, Tensor] | None = None,
    ) -> OptionPrior:
        """The translator's, narrowed as the preset says; without an estimate the schema's, and every option counts.

        odds: (O,) of each discrete, see `person_odds`, by which the probabilities are multiplied; None to leave them.
        worn: (O,) of some discretes, see `f2p.fitting.worn.worn_likelihoods`; None to leave the probabilities.
        """
        if estimate is not None:
            log_probs, candidates, top_p = estimate.option_log_probs, preset.candidates, preset.top_p
        else:
            log_probs = {
                choice.name: torch.tensor(choice.weights, device=device).clamp(min=1e-4).log()
                for choice in schema.discrete
            }
            candidates, top_p = max((len(choice.options) for choice in schema.discrete), default=0), 1.0
        if odds is not None:
            log_probs = {name: (each + odds[name]).log_softmax(0) for name, each in log_probs.items()}
        if worn:
            seen = {choice.name: choice.none_index for choice in schema.discrete if choice.name in worn}
            log_probs = dict(log_probs) | {
                name: (_hearsay(log_probs[name], none) + worn[name]).log_softmax(0)
                for name, none in seen.items()
                if none is not None
            }
        return cls(
            log_probs=dict(log_probs),
            presence_penalty=preset.presence_penalty,
            candidates=candidates,
            top_p=top_p,
            blunder_weight=preset.blunder_weight,
        )

    def log_prior(self, choice: Discrete) -> Tensor:
        """(O,) log-probabilities, less the penalty of options that add something to the face."""
        log_probs, none = self.log_probs[choice.name], choice.none_index
        if none is None:
            return log_probs
        adds = torch.arange(len(choice.options), device=log_probs.device) != none
        return log_probs - self.presence_penalty * adds

    def expected_blunder(self, choice: Discrete) -> Tensor:
        """(O,) weighted mean gravity of giving a person each option, over the options that the person may have."""
        log_probs = self.log_prior(choice)
        if not self.blunder_weight:
            return torch.zeros_like(log_probs)
        return self.blunder_weight * (log_probs.softmax(0) @ torch.from_numpy(blunders(choice)).to(log_probs))

    def likely(self, choice: Discrete) -> list[int]:
        """The likeliest options, until together they have the probability `top_p`."""
        shares, options = self.log_probs[choice.name].softmax(0).sort(descending=True)
        before = shares.cumsum(0) - shares
        return options[: self.candidates][before[: self.candidates] < self.top_p].tolist()


@dataclass
class OptionSelection:
    """Options of one search that are still in the running.

    Attributes:
        prior: of the options.
        locked: names of discretes that must stay.
        option_prior_weight: weight of -log(probability) against the objective.
        optional_prior_weight: the same for discretes that have a `none`.
        costs: of options by discrete, beside the objective, see `f2p.bundle.Calibration`.
        rivals: options of each discrete that came near to the best at the last selection.
    """

    prior: OptionPrior
    locked: Collection[str]
    option_prior_weight: float
    optional_prior_weight: float
    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rivals: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        preset: Preset,
        prior: OptionPrior,
        locked: Collection[str],
        costs: Mapping[str, Mapping[str, float]],
    ) -> OptionSelection:
        """Selection by a recipe."""
        return cls(
            prior=prior,
            locked=frozenset(locked),
            option_prior_weight=preset.option_prior_weight,
            optional_prior_weight=preset.optional_prior_weight,
            costs=costs,
        )

    def prior_cost(self, choice: Discrete) -> Tensor:
        """(O,) what each option costs beside the objective."""
        weight = self.option_prior_weight if choice.none_index is None else self.optional_prior_weight
        log_prior, own = self.prior.log_prior(choice), self.costs.get(choice.name, {})
        dear = log_prior.new_tensor([own.get(option, 0.0) for option in choice.options])
        return self.prior.expected_blunder(choice) + dear - weight * log_prior

    @torch.no_grad()
    def select_options(
        self,
        schema: Schema,
        sliders: BoundedSliders,
        option_loss: Callable[[Tensor], Tensor],
        executor: Executor | None,
    ) -> None:
        """For each discrete in turn, draw its likeliest options with all else as it stands, and keep the best.

        From the second time on only options are drawn that came near to the best before.

        Args:
            schema, sliders: of the search; the sliders' one-hots are set.
            option_loss: the objective (B,) of candidates x (B, P).
            executor: computes two halves of the candidates at once; None, one after the other.
        """
        for choice in schema.discrete:
            if choice.name in self.locked:
                continue
            x, where, none = sliders.x(), schema.slices[choice.name], choice.none_index
            tried = self.rivals.get(choice.name) or {*self.prior.likely(choice), *([] if none is None else [none])}
            options = sorted(tried | {int(x[0, where].argmax())})
            if len(options) == 1:
                continue
            candidates = x.repeat(len(options), 1)
            candidates[:, where] = torch.eye(len(choice.options), dtype=x.dtype, device=x.device)[options]
            halves = candidates.split(-(-len(options) // 2))
            costs = torch.cat(map_parts(option_loss, halves, executor)) + self.prior_cost(choice)[options]
            best = int(costs.argmin())
            self.rivals[choice.name] = {o for o, c in zip(options, costs, strict=True) if c < costs[best] + RIVAL}
            sliders.choose(choice.name, options[best])


def _hearsay(log_probs: Tensor, none: int) -> Tensor:
    """(O,) of which only `HEARSAY` of the odds is left that there is anything at all."""
    log_probs = log_probs.log_softmax(0)
    some = torch.arange(len(log_probs), device=log_probs.device) != none
    present = log_probs[some].logsumexp(0)
    odds = HEARSAY * (present - log_probs[none])
    return torch.where(some, log_probs - present + F.logsigmoid(odds), F.logsigmoid(-odds))


def person_odds(
    schema: Schema, option_odds: Tensor, female: float, weight: float, age: float | None = None
) -> dict[str, Tensor]:
    """(O,) of each discrete: log of how much likelier each option is for a person of a photo than for anybody.

    Of discretes with a `none` the odds only ever take away: nobody is given a beard for being a man.

    Args:
        schema: of the options.
        option_odds: over all discretes, the bundle's statistic of that name: (2, A, O) of women and of men about each
            of the `ODDS_AGES`, or (2, O) of women and of men.
        female: log-odds that the photo shows a woman.
        weight: exponent; 1 is Bayes' rule for a translator that cannot tell people, more undoes what wide draws
            among the renders, women with beards, have diluted.
        age: years that the photo shows; None where it is not known: all ages alike.
    """
    if option_odds.dim() == 2:
        option_odds = option_odds[:, None]
    ages = option_odds.shape[1]
    near = option_odds.new_full((ages,), 1 / ages)
    if age is not None and ages > 1:
        near = age_shares(option_odds.new_tensor([age]))[0]
    woman = torch.tensor(female).sigmoid()
    shares = torch.stack((woman, 1 - woman)).to(option_odds)[:, None, None] * near[:, None]
    every = weight * (shares * option_odds.exp()).sum((0, 1)).log()
    odds = {}
    for choice in schema.discrete:
        own, every = every.tensor_split([len(choice.options)])
        odds[choice.name] = own if choice.none_index is None else (own - own[choice.none_index]).clamp(max=0)
    return odds


def age_shares(years: Tensor) -> Tensor:
    """(N, A) how near each of ``years`` (N,) is to each of the `ODDS_AGES`: linear between two of them, 1 in sum."""
    ages = years.new_tensor(ODDS_AGES)
    held = years.clamp(ages[0], ages[-1])[:, None]
    step = (ages[-1] - ages[0]) / (len(ODDS_AGES) - 1)
    return (1 - (held - ages).abs() / step).clamp(min=0)


@torch.no_grad()
def discretise(schema: Schema, x: Tensor) -> Tensor:
    """x (1, P) with hard one-hots, in [0, 1]."""
    x = x.clone()
    for choice in schema.discrete:
        where = schema.slices[choice.name]
        hot = int(x[0, where].argmax())
        x[:, where] = 0.0
        x[0, where.start + hot] = 1.0
    return x.clamp(0, 1)
