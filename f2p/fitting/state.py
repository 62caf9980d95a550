"""The state of one search: what it may change, what it may not, and how the two make x.

Shapes: B batch (1 here, or the candidates of one discrete), P parameters, C continuous sliders.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.face.crops import Jitter, random_jitter
from f2p.fitting.expression import ExpressionPose
from f2p.fitting.objective import Objective
from f2p.fitting.parallel import map_parts
from f2p.fitting.presets import Preset
from f2p.fitting.scale import Zoom
from f2p.networks.imitator.base import ImitatorOutput
from f2p.schema import Discrete
from f2p.targets.target import Target

__all__ = ["NOTHING", "Search", "Start", "first_guess", "objective_of"]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a search begins in place of its preset's start, and what it must leave as it is there.

    Attributes:
        x: (P,) in [0, 1].
        locked: names of sliders and choices.
        expressions: what the faces in the photos were found to do; () to begin neutral and frontal.
    """

    x: Tensor
    locked: frozenset[str] = frozenset()
    expressions: tuple[FaceExpression, ...] = ()


def objective_of(bundle: Bundle, target: Target, preset: Preset) -> Objective:
    """What a preset minimises for a target."""
    statistics = bundle.statistics
    spread = torch.from_numpy(bundle.schema.spread()[: bundle.schema.continuous_size]).to(target.image)
    solved = (spread > 0).nonzero()[:, 0]
    centre = statistics["identity_centre_grey" if target.grey else "identity_centre_colour"].to(target.image)
    mean, scale = _prior(bundle, target, preset)
    return Objective(
        weights=preset.weights,
        target=target,
        frame_landmarks5=bundle.frame_landmarks5,
        identity=bundle.identity,
        centre=centre if preset.centred else torch.zeros_like(centre),
        prior=(mean[solved], scale[solved]),
        parser=bundle.parser,
    )


def _prior(bundle: Bundle, target: Target, preset: Preset) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (C,) of the sliders in sampling spreads: people's, or, where the preset starts at the
    translator's guess, what is known of the person from that: the guess, with the errors that it makes on renders.
    """
    mean, scale = (bundle.statistics[name].to(target.image) for name in ("prior_mean", "prior_scale"))
    guess = first_guess(bundle, target) if preset.start == "translator" else None
    if guess is None:
        return mean, scale
    error = bundle.statistics.get("guess_error")
    return guess[0][0], scale if error is None else scale * error.to(scale)


@torch.no_grad()
def first_guess(bundle: Bundle, target: Target) -> tuple[Tensor, dict[str, Tensor]] | None:
    """The translator's sliders (1, C) in sampling spreads, and log-probabilities (options,) of each choice; of several
    photos their mean by their shares. None where no translator takes part.
    """
    views = target.views or ((target, 1.0),)
    seen = [view.features for view, _ in views if view.features is not None]
    if bundle.translator is None or not seen:
        return None
    z, logits = bundle.translator(torch.cat(seen))
    shares = z.new_tensor([share for _, share in views])
    believed = {name: (shares @ values.log_softmax(1)).log_softmax(0) for name, values in logits.items()}
    return (shares @ z)[None], believed


NOTHING = "none"
"""The option of a discrete that adds nothing to the face, where it has one."""
PHASES = ((0, 0), (1, 1), (0, 1), (1, 0))
"""Of the label maps' pixels that a search looks at, at each step every fourth: a quarter of their work, and the same
gradient on average."""
RIVAL = 0.15
"""How much worse an option may be to be tried once more: what the rest of the search changes between two options."""


class Search:
    """The state of one search: its free variables, and the one-hots that are not free."""

    def __init__(self, bundle: Bundle, target: Target, preset: Preset, seed: int, start: Start | None = None) -> None:
        schema, statistics = bundle.schema, bundle.statistics
        self.bundle, self.preset, self.schema = bundle, preset, schema
        self.generator = torch.Generator().manual_seed(seed)
        self.average = torch.from_numpy(schema.average()).to(target.image)[None]
        spread = torch.from_numpy(schema.spread()).to(target.image)
        self.spread = spread[: schema.continuous_size]
        self.solved = (self.spread > 0).nonzero()[:, 0]
        self.prior_mean = torch.where(self.spread > 0, statistics["prior_mean"].to(target.image), 0.0)
        self.relaxed = preset.discretes == "relaxed"
        self.objective = objective_of(bundle, target, preset)
        self.views = [view for view, _ in target.views] or [target]
        shares = [share for _, share in target.views] or [1.0]
        self.leading = shares.index(max(shares))
        mimic = ExpressionPose(schema, bundle.imitator, preset.expressions, preset.pose, len(self.views))
        self.zoom = Zoom(statistics, len(self.views)) if preset.zoom else None
        # None where the imitator draws neutral frontal faces only, or the recipe wants no more.
        self.mimic = mimic if mimic else None
        self.log_weights = {
            choice.name: torch.tensor(choice.weights, dtype=spread.dtype).clamp(min=1e-4).log()
            for choice in schema.discrete
        }
        self.candidates, self.mass = max((len(choice.options) for choice in schema.discrete), default=0), 1.0
        self.rivals: dict[str, set[int]] = {}
        # x of a slider is anchor + span * free; where the span is 0 it stays what the anchor says, to the bit.
        self.anchor, self.span = self.average[:, : schema.continuous_size], self.spread
        self.locked: frozenset[str] = frozenset()
        self._start(target)
        self.open = torch.ones_like(self.free)
        if self.mimic is not None and preset.start == "translator":
            self.mimic.expect(self._guessed_faces())
        if start is not None:
            self._stand(start)
            if self.mimic is not None:
                self.mimic.stand(start.expressions)

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
            guess = first_guess(self.bundle, target)
            if guess is not None:
                z, self.log_weights = guess
                self.candidates, self.mass = self.preset.candidates, self.preset.mass
                for choice in self.schema.discrete:
                    self.choose(choice.name, int(self._belief(choice).argmax()))
        self.free = z.requires_grad_()
        self.clamp()

    @torch.no_grad()
    def _guessed_faces(self) -> list[FaceExpression]:
        """What the translator takes the face in each photo to do; none where it knows neutral faces only."""
        translator = self.bundle.translator
        if translator is None or not (translator.config.expressions or translator.config.pose):
            return []
        names, faces = [slider.name for slider in self.schema.continuous], []
        for view in self.views:
            if view.features is None:
                return []
            units, (pose,) = translator.face(view.features)
            weights = dict(zip(names, units[0].tolist(), strict=True))
            faces.append(
                FaceExpression(units=weights, **dict(zip(("yaw", "pitch", "roll"), pose.tolist(), strict=True)))
            )
        return faces

    @torch.no_grad()
    def _stand(self, start: Start) -> None:
        """Begins at x instead, and locks."""
        size = self.schema.continuous_size
        x = start.x.to(self.average)[None]
        self.locked = start.locked
        for name in start.locked:
            # Empty for a choice, unless choices are free too.
            self.open[:, self.schema.slices[name]] = 0.0
        if self.relaxed:
            self.free = x.clone().requires_grad_()
            return
        self.one_hots = x[:, size:].clone()
        z = torch.where(self.spread > 0, (x[:, :size] - self.average[:, :size]) / self.spread, 0.0)
        held = (self.spread == 0) | (self.open == 0)[0]
        self.anchor = torch.where(held, x[:, :size], self.average[:, :size])
        self.span = torch.where(held, 0.0, self.spread)
        self.free = z.requires_grad_()

    def choose(self, name: str, option: int) -> None:
        """Sets a discrete's one-hot."""
        where = self.schema.slices[name]
        hot = self.one_hots[:, where.start - self.schema.continuous_size : where.stop - self.schema.continuous_size]
        hot.zero_()[:, option] = 1.0

    def x(self) -> Tensor:
        """(1, P) as G is to draw it, differentiable in the free variables."""
        size = self.schema.continuous_size
        if not self.relaxed:
            return torch.cat((self.anchor + self.span * self.free, self.one_hots), 1)
        soft = [
            (self.preset.softness * self.free[:, self.schema.slices[c.name]]).softmax(1) for c in self.schema.discrete
        ]
        return torch.cat((self.free[:, :size], *soft), 1)

    def variables(self) -> list[Tensor]:
        """What is optimised."""
        parts = [part.free for part in (self.mimic, self.zoom) if part is not None]
        return [self.free, *parts]

    def zooms(self) -> Tensor | None:
        """(V,) how much larger each photo shows the face than the imitator does, differentiable; None if not solved."""
        return None if self.zoom is None else self.zoom(self.x())

    def face(self, neutral: bool) -> tuple[Tensor, ...]:
        """What the imitator is to draw of x for the recogniser, differentiable: as the face in the photo with the
        largest share wears it, or neutral and from the front.
        """
        x = self.x()
        return (x,) if self.mimic is None else self.mimic.face(x, None if neutral else self.leading)

    def terms(
        self, x: Tensor, turn: int | None = None, jitter: Jitter | None = None, without: Collection[str] = ()
    ) -> dict[str, Tensor]:
        """The objective's terms of x (B, P) as the face in each photo wears it, (B,) each.

        turn: look at label maps as `PHASES` has it, not at all of their pixels. without: terms to leave out.
        """
        offset = None if turn is None else PHASES[turn % len(PHASES)]

        def draw(faces: Tensor, poses: Tensor | None = None) -> ImitatorOutput:
            imitator = self.bundle.imitator
            return imitator(faces, poses) if offset is None else imitator.forward_subsampled(faces, offset, poses)

        drawings = [draw(x)] if self.mimic is None else self.mimic.draw(draw, x)
        terms = self.objective.terms(drawings, self.z(), jitter, without, self.zooms(), offset)
        if self.zoom is not None and "prior" in terms:
            # It counts as one slider more.
            terms["prior"] = terms["prior"] + self.zoom.prior() / len(self.solved)
        if self.mimic is not None and "expression" in self.objective.weights.keys() - set(without):
            terms["expression"] = self.mimic.prior()
        return terms

    def expressions(self) -> tuple[FaceExpression, ...]:
        """What the face in each photo does; () where that is not solved."""
        return () if self.mimic is None else self.mimic.expressions([view.roll for view in self.views])

    def z(self) -> Tensor | None:
        """(1, solved sliders) in sampling spreads, for the prior."""
        return None if self.relaxed else self.free[:, self.solved]

    @torch.no_grad()
    def clamp(self) -> None:
        """Brings x back into [0, 1]."""
        if self.mimic is not None:
            self.mimic.clamp()
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
    def settle_discretes(self, two_cores: bool = True) -> None:
        """For each discrete in turn, draws its likeliest options with all else as it stands, and keeps the best.

        From the second time on only options are drawn that came near to the best before.
        """
        for choice in self.schema.discrete:
            if choice.name in self.locked:
                continue
            scores = self.log_weights[choice.name]
            where = self.schema.slices[choice.name]
            nothing = choice.options.index(NOTHING) if NOTHING in choice.options else -1
            tried = self.rivals.get(choice.name) or {*self._likely(scores), *([nothing] if nothing >= 0 else [])}
            options = sorted(tried | {int(self.x()[0, where].argmax())})
            if len(options) == 1:
                continue
            candidates = self.x().repeat(len(options), 1)
            candidates[:, where] = torch.eye(len(choice.options), dtype=candidates.dtype)[options]
            halves = candidates.split(-(-len(options) // 2))
            weight = self.preset.option_weight if nothing < 0 else self.preset.belief
            cost = torch.cat(map_parts(self._misfit, halves, two_cores)) - weight * self._belief(choice)[options]
            best = int(cost.argmin())
            self.rivals[choice.name] = {o for o, c in zip(options, cost, strict=True) if c < cost[best] + RIVAL}
            self.choose(choice.name, options[best])

    def _misfit(self, candidates: Tensor) -> Tensor:
        """(B,) of characters, without identity: a recogniser's taste in hair says little, and less than label maps."""
        turn = 0 if self.preset.sparse else None
        return self.objective.total(self.terms(candidates, turn, without=("identity", "prior", "expression")))

    def _belief(self, choice: Discrete) -> Tensor:
        """(options,) log-probabilities, less the doubt in anything but nothing."""
        doubtful = torch.tensor([option != NOTHING for option in choice.options])
        return self.log_weights[choice.name] - self.preset.doubt * doubtful * (NOTHING in choice.options)

    def _likely(self, scores: Tensor) -> list[int]:
        """The likeliest options, until together they are likely enough."""
        shares, options = scores.softmax(0).sort(descending=True)
        before = shares.cumsum(0) - shares
        return options[: self.candidates][before[: self.candidates] < self.mass].tolist()

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
