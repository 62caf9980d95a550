"""Initialisation of a search: from the translator's estimate, the average face, or an earlier solution.

Shapes: P parameters, C continuous sliders.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression
from f2p.fitting.expression import ExpressionPose
from f2p.fitting.options import OptionPrior
from f2p.fitting.parameterisation import BoundedSliders, Parameterisation, RelaxedVector
from f2p.fitting.presets import Preset
from f2p.targets.expression_evidence import with_blendshapes
from f2p.targets.target import PhotoTarget, Target, TranslatorEstimate

__all__ = ["WarmStart", "initial_expression", "initial_parameters"]


@dataclass(frozen=True, kw_only=True)
class WarmStart:
    """Start of a search in place of its preset's, and what it must leave as it is there.

    Attributes:
        x: (P,) in [0, 1].
        locked: names of sliders and choices.
        expressions: of the faces in the photos, as an earlier search found them; () to begin neutral and frontal.
    """

    x: Tensor
    locked: frozenset[str] = frozenset()
    expressions: tuple[FaceExpression, ...] = ()


@torch.no_grad()
def initial_parameters(
    bundle: Bundle, preset: Preset, prior: OptionPrior, estimate: TranslatorEstimate | None, warm: WarmStart | None
) -> Parameterisation:
    """Free parameters at their start; estimate: of a preset that starts there, where the bundle has a translator."""
    schema, device = bundle.schema, bundle.device
    if preset.discretes == "relaxed":
        if warm is None:
            return RelaxedVector.at_average(schema, preset.softness, device)
        return RelaxedVector(schema, warm.x[None].to(device), preset.softness, warm.locked)
    if warm is not None:
        return BoundedSliders.at_x(schema, warm.x[None].to(device), warm.locked)
    average = torch.from_numpy(schema.average().copy())[None].to(device)
    z = torch.zeros_like(average[:, : schema.continuous_size])
    if estimate is not None:
        z = estimate.z
    elif preset.start == "translator":
        spread = torch.from_numpy(schema.spread()[: schema.continuous_size].copy()).to(device)
        z = torch.where(spread > 0, bundle.statistics["prior_mean"], 0.0)[None]
    sliders = BoundedSliders(schema, z, average[:, schema.continuous_size :])
    if estimate is not None:
        for choice in schema.discrete:
            sliders.choose(choice.name, int((prior.log_prior(choice) - prior.expected_blunder(choice)).argmax()))
    sliders.project()
    return sliders


def initial_expression(bundle: Bundle, target: Target, preset: Preset, warm: WarmStart | None) -> ExpressionPose | None:
    """Expression and pose of each photo at their start; None where the imitator draws neutral frontal faces only, or
    the preset wants no more.
    """
    found = ExpressionPose(
        bundle.schema, bundle.imitator, preset.expressions, preset.pose, len(target.photos), bundle.device
    )
    if not found:
        return None
    if preset.start == "translator":
        faces = [_face(bundle, photo, preset) for photo in target.photos]
        known = [face for face in faces if face is not None]
        found.set_prior(known if len(known) == len(target.photos) else [])
    if warm is not None:
        found.initialise(warm.expressions)
    return found


def _face(bundle: Bundle, photo: PhotoTarget, preset: Preset) -> FaceExpression | None:
    """What the translator saw of the face in a photo; its units from the blendshapes, where the preset trusts those."""
    face = None if photo.estimate is None else photo.estimate.face
    if not preset.blendshape_units or photo.shape is None:
        return face
    return with_blendshapes(bundle, face, photo.shape.blendshapes[0])
