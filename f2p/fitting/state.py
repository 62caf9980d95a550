"""State of one search: its free parameters, and the drawings and loss terms that they make.

Shapes: B batch (1 here, or the candidates of one discrete), V photos, P parameters.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.face.crops import Jitter, random_jitter
from f2p.fitting.initialisation import WarmStart, initial_expression, initial_parameters
from f2p.fitting.objective import preset_objective
from f2p.fitting.options import OptionPrior, person_odds
from f2p.fitting.parameterisation import BoundedSliders
from f2p.fitting.perceived import PERCEIVED
from f2p.fitting.presets import Preset
from f2p.fitting.scale import Zoom
from f2p.fitting.traits import SEX_SLIDER, sex_of_photos, unseen_places
from f2p.fitting.worn import worn_likelihoods
from f2p.networks.imitator.base import ImitatorOutput
from f2p.targets.target import Target, female_odds, photo_age, translator_estimate

__all__ = ["FitState", "Snapshot"]

OFFSETS = ((0, 0), (1, 1), (0, 1), (1, 0))
"""Subsamples of the label maps' pixels, one a step in turn: a quarter of the work, and the same gradient on average."""

Snapshot = tuple[Tensor, ...]


class FitState:
    """Free parameters of one search, and what follows from them.

    Attributes:
        bundle, target, preset: of the search.
        objective: what the preset minimises.
        sliders: the free parameters of x.
        expression: of each photo; None where it is not solved.
        zoom: of each photo; None where it is not solved.
        option_prior: of the discretes.
    """

    def __init__(
        self, bundle: Bundle, target: Target, preset: Preset, seed: int = 0, warm_start: WarmStart | None = None
    ) -> None:
        self.bundle, self.target, self.preset = bundle, target, preset
        self.objective = preset_objective(bundle, target, preset)
        estimate = translator_estimate(target) if preset.start == "translator" else None
        self.option_prior = OptionPrior.of(
            bundle.schema,
            preset,
            estimate,
            bundle.device,
            _person_odds(bundle, target, preset),
            worn_likelihoods(bundle, target),
        )
        self.sliders = initial_parameters(bundle, preset, self.option_prior, estimate, warm_start)
        if warm_start is None and isinstance(self.sliders, BoundedSliders):
            self._settle_traits(self.sliders)
        self.expression = initial_expression(bundle, target, preset, warm_start)
        count, deviation = len(target.photos), bundle.calibration.scale_deviation
        self.zoom = Zoom(bundle.statistics, deviation, count, bundle.device) if preset.zoom else None
        self._solved = sum(slider.spread > 0 for slider in bundle.schema.continuous)
        # On the CPU, so that one seed gives the same jitter on any device.
        self._generator = torch.Generator().manual_seed(seed)

    def _settle_traits(self, sliders: BoundedSliders) -> None:
        for name, value in unseen_places(self.bundle, self.target, sliders.x()).items():
            sliders.settle(name, value)
        known = self.preset.sex_from_photo and SEX_SLIDER in self.bundle.schema.slices
        sex = sex_of_photos(self.bundle, self.target, sliders.x()) if known else None
        if sex is not None:
            sliders.settle(SEX_SLIDER, sex)

    def variables(self) -> list[Tensor]:
        """Leaves that are optimised; the first are `sliders.params`."""
        parts = [part.params for part in (self.expression, self.zoom) if part is not None]
        return [self.sliders.params, *parts]

    def x(self) -> Tensor:
        """(1, P) as the imitator is to draw it, differentiable in the variables."""
        return self.sliders.x()

    def zooms(self) -> Tensor | None:
        """(V,) zoom of each photo, differentiable; None where it is not solved."""
        return None if self.zoom is None else self.zoom(self.x())

    def identity_inputs(self, neutral: bool) -> tuple[Tensor, ...]:
        """The imitator's inputs for the identity term, differentiable: x and pose with the expression of the photo with
        the largest share, or neutral and from the front.
        """
        x = self.x()
        return (x,) if self.expression is None else self.expression.face(x, None if neutral else self.target.leading)

    def terms(
        self, x: Tensor, turn: int | None = None, jitter: Jitter | None = None, without: Collection[str] = ()
    ) -> dict[str, Tensor]:
        """The objective's terms of x (B, P) with the expression and pose of each photo, (B,) each.

        turn: of the label maps' pixels, take the turn's subsample; None for all. without: terms to leave out.
        """
        offset = None if turn is None else OFFSETS[turn % len(OFFSETS)]

        def draw(faces: Tensor, poses: Tensor | None = None) -> ImitatorOutput:
            imitator = self.bundle.imitator
            return imitator(faces, poses) if offset is None else imitator.forward_subsampled(faces, offset, poses)

        drawings = [draw(x)] if self.expression is None else self.expression.draw(draw, x)
        terms = self.objective.terms(drawings, self.sliders.z(), jitter, without, self.zooms(), offset)
        if self.zoom is not None and "prior" in terms:
            # It counts as one slider more.
            terms["prior"] = terms["prior"] + self.zoom.prior() / self._solved
        if self.expression is not None and "expression" in self.objective.weights.keys() - set(without):
            terms["expression"] = self.expression.prior()
        return terms

    def option_loss(self, candidates: Tensor) -> Tensor:
        """(B,) of x (B, P), without identity: a recogniser's taste in hair says less than label maps do."""
        turn = 0 if self.preset.sparse else None
        without = ("identity", "prior", "expression", *PERCEIVED)
        return self.objective.total(self.terms(candidates, turn, without=without))

    def expressions(self) -> tuple[FaceExpression, ...]:
        """Expression and pose of each photo; () where they are not solved."""
        return () if self.expression is None else self.expression.expressions([p.roll for p in self.target.photos])

    def jitter(self) -> Jitter | None:
        """A random crop for the identity term; None where the preset has none."""
        if self.preset.jitter is None:
            return None
        shift, log_scale, rotation = self.preset.jitter
        return random_jitter(1, self._generator, shift=shift, log_scale=log_scale, rotation=rotation)

    def project(self) -> None:
        """Bring all variables back into their bounds."""
        if self.expression is not None:
            self.expression.project()
        self.sliders.project()

    def snapshot(self) -> Snapshot:
        """Copy of the variables and one-hots, for `restore`."""
        return tuple(part.detach().clone() for part in self._all())

    @torch.no_grad()
    def restore(self, snapshot: Snapshot) -> None:
        """Return to a snapshot of this state."""
        for part, kept in zip(self._all(), snapshot, strict=True):
            part.copy_(kept)

    def _all(self) -> list[Tensor]:
        one_hots = [self.sliders.one_hots] if isinstance(self.sliders, BoundedSliders) else []
        return [*self.variables(), *one_hots]


def _person_odds(bundle: Bundle, target: Target, preset: Preset) -> dict[str, Tensor] | None:
    """See `person_odds`; None where the preset, the bundle or the photos know nothing of it."""
    known, female = bundle.statistics.get("option_odds"), female_odds(target)
    if not preset.person_prior or known is None or female is None:
        return None
    return person_odds(bundle.schema, known, female, preset.person_prior, photo_age(target))
