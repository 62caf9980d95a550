"""Confidence of a solution, group by group: posterior precision relative to the prior, and visibility in the photo.

It says how far a photo determines a group, not whether the answer is right. Shapes: N groups, P parameters, S side.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression, GroupConfidence
from f2p.fitting.expression import apply_expression
from f2p.fitting.objective import Objective, preset_objective
from f2p.fitting.parallel import map_parts
from f2p.fitting.presets import Preset
from f2p.fitting.scale import resample_target
from f2p.imaging.region_statistics import region_colours
from f2p.networks.imitator.base import ImitatorOutput
from f2p.regions import index
from f2p.schema import Schema
from f2p.targets.target import Target, translator_estimate

__all__ = ["group_confidence"]

_PRIOR_WEIGHT = 0.2  # for recipes without a prior
_UNSEEN = 0.5  # share of a group's place in the picture that must be visible
_NO_EFFECT = 0.01  # largest change of a pixel below which a slider does nothing
SURE, UNSURE = 0.7, 0.4
_OFFSET = (0, 0)
_BATCH = 6  # drawings at once: more of them leave the processor's cache


@dataclass(frozen=True)
class _Probe:
    """Change of the drawing when a group's sliders move by one human standard deviation in all.

    Attributes:
        curvature: of the objective along the move, in inverse squared standard deviations.
        outside, hidden: shares of the changed pixels that lie outside the photo, or behind hair or glasses.
        effect: largest change of a pixel.
    """

    curvature: float
    outside: float
    hidden: float
    effect: float


def group_confidence(
    bundle: Bundle,
    target: Target,
    preset: Preset,
    x: Tensor,
    locked: Collection[str] = (),
    seed: int = 0,
    expressions: Sequence[FaceExpression] = (),
    zooms: Sequence[float] = (),
    executor: Executor | None = None,
) -> tuple[GroupConfidence, ...]:
    """Confidence of every group in which anything is solved, in the schema's order.

    Each group's open sliders are moved together, by random signs and one human standard deviation in all, and drawn in
    one batch. The objective, without prior and identity, is taken between these drawings and the solution's own: twice
    its rise is the Gauss-Newton curvature h along the group. It is divided by 1 + the loss that the solution leaves, so
    that a bad fit makes nothing sure. With the prior's curvature h0, confidence is h / (h + h0): the share of the
    prior's variance that the photo takes away; times the visible share of the changed pixels. A choice counts by the
    translator's probability. Sliders that have the same effect are not told apart by this.

    Args:
        bundle, target, preset: of the search.
        x: (P,) the solution, with hard one-hots.
        locked: parameters that the player set.
        seed: of the signs.
        expressions: of each photo; all drawings have that of the photo with the largest share.
        zooms: of each photo, see `f2p.fitting.scale`.
        executor: draws in parallel; None draws in this thread.
    """
    x = x.to(bundle.device)
    face = expressions[target.leading] if expressions else None
    zoom = x.new_tensor(zooms) if zooms else None
    free = [(i, s) for i, s in enumerate(bundle.schema.continuous) if s.spread > 0 and s.name not in locked]
    open_sliders = {group: [i for i, slider in free if slider.group == group] for group in bundle.schema.groups}
    groups = [group for group, sliders in open_sliders.items() if sliders]
    sliders = [open_sliders[group] for group in groups]
    probes = dict(zip(groups, _probe(bundle, target, preset, x, sliders, seed, face, zoom, executor), strict=True))
    certain = _option_probabilities(bundle.schema, target, x)
    weight = preset.weights.prior or _PRIOR_WEIGHT
    prior = 2 * weight / sum(slider.spread > 0 for slider in bundle.schema.continuous)
    found = []
    for group in bundle.schema.groups:
        choices = [certain[c.name] for c in bundle.schema.discrete if c.group == group and c.name in certain]
        solved = [s.name for s in bundle.schema.continuous if s.group == group and s.spread > 0]
        solved += [choice.name for choice in bundle.schema.discrete if choice.group == group]
        if not solved:
            continue
        if set(solved) <= set(locked):
            found.append(GroupConfidence(group=group, confidence=1.0, seen=1.0, note="Set by you."))
            continue
        grey = target.grey and all(bundle.schema.parameter(name).role == "appearance" for name in solved)
        found.append(_judge(group, probes.get(group), choices, prior, grey))
    return tuple(found)


def _judge(group: str, probe: _Probe | None, choices: list[float], prior: float, grey: bool) -> GroupConfidence:
    name = group.replace("_", " ")
    shares = list(choices)
    seen, note = 1.0, ""
    if probe is not None and probe.effect >= _NO_EFFECT:
        seen = 1 - probe.outside - probe.hidden
        shares.append(probe.curvature / (probe.curvature + prior) * seen)
        if seen < _UNSEEN:
            why = "outside the photo" if probe.outside >= probe.hidden else "hair or glasses cover it"
            note = f"We could not see this part ({name}): {why}."
    elif not shares:
        # Nothing to measure, or a choice that is none (no beard) has taken the sliders' effect away.
        seen, note = 0.0, f"The picture does not show this part ({name})."
    confidence = sum(shares) / len(shares) if shares else 0.0
    if grey:
        confidence, note = confidence / 2, note or "The photo has no colour: colours are a guess."
    return GroupConfidence(group=group, confidence=confidence, seen=seen, note=note or _words(confidence))


def _words(confidence: float) -> str:
    if confidence >= SURE:
        return "Well determined by the photo."
    return "Partly a guess." if confidence >= UNSURE else "Mostly a guess: the photo says little about it."


@torch.no_grad()
def _probe(
    bundle: Bundle,
    target: Target,
    preset: Preset,
    x: Tensor,
    groups: list[list[int]],
    seed: int,
    face: FaceExpression | None,
    zoom: Tensor | None,
    executor: Executor | None,
) -> list[_Probe]:
    if not groups:
        return []
    size = bundle.schema.continuous_size
    scale = torch.from_numpy(bundle.schema.spread()[:size]).to(x) * bundle.statistics["prior_scale"].to(x)
    signs = torch.randint(0, 2, (size,), generator=torch.Generator().manual_seed(seed)).to(x) * 2 - 1
    moved = x.repeat(len(groups), 1)
    distance = x.new_zeros(len(groups))
    for row, sliders in enumerate(groups):
        step = signs[sliders] * scale[sliders] / len(sliders) ** 0.5
        there = x[sliders] + step
        # At the end of a slider's way the only way is back.
        there = torch.where((there < 0) | (there > 1), x[sliders] - step, there).clamp(0, 1)
        moved[row, sliders] = there
        distance[row] = (((there - x[sliders]) / scale[sliders]) ** 2).sum()

    def expressive(here: Tensor) -> tuple[Tensor, Tensor | None]:
        return (here, None) if face is None else apply_expression(bundle.schema, here, face)

    here, pose = expressive(x[None])
    drawing, subsampled = bundle.imitator(here, pose), bundle.imitator.forward_subsampled(here, _OFFSET, pose)
    objective = preset_objective(bundle, target, preset, perceive=False)
    # The identity term costs as much as the drawing; it is left out where there is another.
    without = () if set(objective.weights) <= {"identity", "prior", "expression"} else ("identity",)
    left = objective.total(objective.terms(drawing, without=without, zoom=zoom))
    shown = _as_target(target, subsampled, None if without else objective)
    itself = preset_objective(bundle, shown, preset, perceive=False)

    def differ(few: Tensor) -> tuple[Tensor, Tensor]:
        # Labels at every other pixel: their change is measured as well, and sooner.
        drawn = bundle.imitator.forward_subsampled(few, _OFFSET, pose)
        rise = itself.total(itself.terms(drawn, without=without))
        return rise, (drawn.image - drawing.image).abs().sum(1)

    rises, changes = zip(*map_parts(differ, expressive(moved)[0].split(_BATCH), executor), strict=True)
    # The loss that the solution leaves says how far the terms can be trusted.
    curvature = 2 * torch.cat(rises) / distance.clamp(min=1e-6) / (1 + left)
    change = torch.cat(changes)
    effect = change.amax((1, 2))
    # A network's faint ripples all over the picture are not where a slider is seen.
    place = (change - 0.1 * effect[:, None, None]).clamp(min=0)
    place = place / place.sum((1, 2), keepdim=True).clamp(min=1e-9)
    outside, hidden = _unseen(target, drawing, place, zoom)
    return [
        _Probe(*figures) for figures in zip(*(t.tolist() for t in (curvature, outside, hidden, effect)), strict=True)
    ]


def _as_target(target: Target, drawing: ImitatorOutput, objective: Objective | None) -> Target:
    """The drawing as if it were the photo, as far as the photo reaches; embedded where an objective is given."""
    photo = target.main
    probs = photo.probs if drawing.labels is None else drawing.labels.softmax(1)
    step = photo.valid_mask.shape[-1] // probs.shape[-1]
    valid_mask = photo.valid_mask[..., _OFFSET[0] :: step, _OFFSET[1] :: step]
    drawn = replace(
        photo,
        image=drawing.image,
        embedding=target.embedding if objective is None else objective.embed(drawing.image),
        probs=probs * valid_mask,
        valid_mask=valid_mask,
        colours=region_colours(drawing.image, probs),
        grey=target.grey,
    )
    return Target.of(drawn)


def _unseen(target: Target, drawing: ImitatorOutput, place: Tensor, zoom: Tensor | None) -> tuple[Tensor, Tensor]:
    """Shares (N,) of each place (N, S, S) that lie outside the photo, and that hair or glasses occlude in it; of
    several photos, in the one that shows most.
    """
    occluders = [index("hair"), index("glasses")]
    drawn = torch.ones_like(place[:1]) if drawing.labels is None else drawing.labels.softmax(1)[:, occluders].sum(1)
    outside, hidden = [], []
    for number, photo in enumerate(target.photos):
        probs, valid_mask = resample_target(photo.probs, photo.valid_mask, None if zoom is None else zoom[number])
        valid_mask = valid_mask[:, 0]
        # Nothing moves behind the drawing's own hair and glasses: that needs no second count.
        occluded = (probs[:, occluders].sum(1) - drawn).clamp(min=0) * valid_mask
        outside.append((place * (1 - valid_mask)).sum((1, 2)))
        hidden.append((place * occluded).sum((1, 2)))
    beyond, occluded_in = torch.stack(outside), torch.stack(hidden)
    best = (beyond + occluded_in).argmin(0, keepdim=True)
    return beyond.gather(0, best)[0], occluded_in.gather(0, best)[0]


def _option_probabilities(schema: Schema, target: Target, x: Tensor) -> dict[str, float]:
    """The translator's probability of each discrete's option in x (P,); empty without a translator."""
    estimate = translator_estimate(target)
    if estimate is None:
        return {}
    return {
        name: float(log_probs.exp()[int(x[schema.slices[name]].argmax())])
        for name, log_probs in estimate.option_log_probs.items()
    }
