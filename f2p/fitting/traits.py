"""Age, sex and what grey photos hide: these sliders go where the photos say, and no gradient moves them.

Identity, label maps and colours hardly tell a face of thirty from one of sixty, nor a man from a woman: a search leaves
everybody young and between the sexes, where no person of the engine stands, and bends the rest of the face to make up
for it. So sex is set before the search and kept. A gradient through the network of age finds single pixels rather than
years: what it makes of drawings along the slider says it in one batch. And what no photo shows has no gradient at all.

Shapes: P parameters, N places that are tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import Bundle
from f2p.fitting.perceived import age_loss
from f2p.networks.perception import perception
from f2p.targets.target import Target, female_odds, photo_age

__all__ = ["AGE_SLIDER", "SEX_SLIDER", "age_by_drawing", "sex_of_photos", "unseen_places"]

AGE_SLIDER: Final = "age"
SEX_SLIDER: Final = "sex"
"""Names of the sliders, in any schema."""
STEP: Final = 0.1
"""Distance of the places that are drawn, normalised; between them the networks' opinion is interpolated."""
YOUNGER: Final = 2
OLDER: Final = 5
"""Steps that are tried below and above the search's age, which is more often too young."""
FINE: Final = 100
"""Places within a step: so many that a processor's rounding moves a slider by a thousandth at most."""
RELUCTANCE: Final = 0.1
"""Cost of moving a slider by `REACH`, in units of the losses: what the search found is evidence too."""
REACH: Final = 0.2
PLAIN: Final = 1.0
"""Log-odds of a sex that is plain to see."""
USUAL: Final = 1.75
"""Sampling spreads from the average that a slider is moved to at most. Farther out engines draw what they were never
tuned for: skin that looks like damage rather than age."""


@torch.no_grad()
def age_by_drawing(bundle: Bundle, target: Target, x: Tensor) -> float | None:
    """Value of the age slider at which x (1, P), neutral, is drawn as old as the photos show, in [0, 1]: the cheapest
    place within `YOUNGER` and `OLDER` steps, by the loss there and the cost of going there.

    The years that the network does not see in the engine's people (`f2p.bundle.Calibration`) are not asked for. What it
    sees is smoothed over three places: its opinion jumps where a face crosses from one to the next.
    None for photos whose age was not measured. The schema must have the slider.
    """
    wanted, odds = photo_age(target), female_odds(target)
    if wanted is None or odds is None:
        return None
    constants, woman = bundle.calibration, 1 / (1 + math.exp(-odds))
    wanted -= woman * constants.years_unseen_women + (1 - woman) * constants.years_unseen_men
    where = bundle.schema.slices[AGE_SLIDER]
    here = float(x[0, where])
    tried = here + STEP * torch.arange(-YOUNGER - 1, OLDER + 2, device=x.device)
    faces = x.repeat(len(tried), 1)
    faces[:, where] = tried.clamp(0, 1)[:, None]
    found = perception(bundle.device).years(bundle.imitator(faces).image, bundle.frame_landmarks5)
    smooth = F.conv1d(found[None, None], found.new_tensor([[[0.25, 0.5, 0.25]]]))
    places = (YOUNGER + OLDER) * FINE + 1
    years = F.interpolate(smooth, places, mode="linear", align_corners=True)[0, 0]
    fine = torch.linspace(here - YOUNGER * STEP, here + OLDER * STEP, places, device=x.device)
    total = age_loss(years, years.new_tensor(wanted)) + RELUCTANCE * ((fine - here) / REACH).square()
    low, high = _usual(bundle, AGE_SLIDER)
    beyond = (fine < min(low, here)) | (fine > max(high, here))
    return float(fine[total.masked_fill(beyond, torch.inf).argmin()])


@torch.no_grad()
def sex_of_photos(bundle: Bundle, target: Target, x: Tensor) -> float | None:
    """Value of the sex slider for people of the photos' sex, in [0, 1]: `USUAL` from its middle where the photos are
    plain, less where they are not. Which end is a woman's is what the network says of x (1, P) drawn at both.

    None for photos whose sex was not measured. The schema must have the slider.
    """
    wanted = female_odds(target)
    if wanted is None:
        return None
    ends = x.new_tensor(_usual(bundle, SEX_SLIDER))
    faces = x.repeat(2, 1)
    faces[:, bundle.schema.slices[SEX_SLIDER]] = ends[:, None]
    odds = perception(bundle.device).female(bundle.imitator(faces).image, bundle.frame_landmarks5)
    woman, man = ends[odds.argmax()], ends[odds.argmin()]
    share = 0.5 + 0.5 * math.tanh(wanted / PLAIN)
    return float(man + share * (woman - man))


def unseen_places(bundle: Bundle, target: Target, x: Tensor) -> Mapping[str, float]:
    """Values, normalised, of the sliders that the photos do not show for want of colour: of those that people have the
    nearest to x (1, P). Empty where a photo has colour.
    """
    if not target.grey:
        return {}
    schema, places = bundle.schema, bundle.calibration.unseen_in_grey
    guessed = {name: float(x.detach()[0, schema.slices[name]]) for name in places if name in schema.slices}
    return {name: min(places[name], key=lambda place: abs(place - guess)) for name, guess in guessed.items()}


def _usual(bundle: Bundle, name: str) -> tuple[float, float]:
    """The places between which a slider is moved, normalised."""
    slider = next(slider for slider in bundle.schema.continuous if slider.name == name)
    low, high = (min(max(slider.average + side * USUAL * slider.spread, 0.0), 1.0) for side in (-1, 1))
    return low, high
