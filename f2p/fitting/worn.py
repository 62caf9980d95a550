"""Glasses and beards by what a photo's own pixels show of them (`f2p.face.worn`), for every option of any engine.

An engine's names say nothing about where a beard grows: the imitator's drawings of its options do.

Shapes: O options, B drawings, C places where a beard may grow.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from f2p.bundle import Bundle
from f2p.face.crops import crop_chips
from f2p.face.worn import WORN_CHIP, beard_places
from f2p.fitting.styling import BEARD, GLASSES
from f2p.imaging.colour import luma
from f2p.networks.imitator.base import Imitator
from f2p.networks.perception import perception
from f2p.schema import Discrete
from f2p.targets.target import Target, worn

__all__ = ["beard_cover", "worn_likelihoods"]

_PLAIN: Final = 0.4
"""Share of the most that any option changes in a place, from which on it covers that place."""
_ABSENT: Final = 0.6
"""Weight of smooth skin beside that of hair: a full beard may be thin on the lip."""
_KNOWN: WeakKeyDictionary[Imitator, dict[str, Tensor]] = WeakKeyDictionary()


def worn_likelihoods(bundle: Bundle, target: Target) -> dict[str, Tensor]:
    """(O,) log-likelihoods of the options of glasses and beards, `none` at 0; empty for photos that were not measured
    for them."""
    seen = worn(target)
    if seen is None:
        return {}
    found = {}
    for choice in bundle.schema.discrete:
        if choice.none_index is None:
            continue
        if choice.group == GLASSES:
            some = torch.ones(len(choice.options), device=bundle.device)
            some[choice.none_index] = 0.0
            found[choice.name] = seen.glasses * some
        if choice.group == BEARD:
            hair = torch.tensor((seen.lip_hair, seen.chin_hair), device=bundle.device)
            hair = torch.where(hair > 0, hair, _ABSENT * hair)
            found[choice.name] = beard_cover(bundle, choice) @ hair
    return found


def beard_cover(bundle: Bundle, choice: Discrete) -> Tensor:
    """(O, C) how far each option of a beard covers the upper lip and the chin, in [0, 1]: by what it changes there in
    the drawing of the average face. It is drawn once for each imitator."""
    known = _KNOWN.setdefault(bundle.imitator, {})
    if choice.name not in known:
        known[choice.name] = _beard_cover(bundle, choice)
    return known[choice.name]


@torch.no_grad()
def _beard_cover(bundle: Bundle, choice: Discrete) -> Tensor:
    none = choice.none_index
    x = torch.from_numpy(bundle.schema.average().copy()).to(bundle.device).repeat(len(choice.options), 1)
    x[:, bundle.schema.slices[choice.name]] = torch.eye(len(choice.options), device=bundle.device)
    drawings = bundle.imitator(x).image
    mesh = perception(bundle.device).mesh_of_drawing(drawings[none, None], bundle.frame_landmarks5)
    chips = luma(crop_chips(drawings, bundle.frame_landmarks5, framing=WORN_CHIP))[:, 0].cpu()
    change = torch.stack([(chips - chips[none])[:, where].abs().mean(1) for where in beard_places(mesh)], 1)
    most = change.amax(0).clamp(min=1e-3)
    return (change / most / _PLAIN).clamp(max=1).to(bundle.device)
