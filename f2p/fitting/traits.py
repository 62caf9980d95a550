"""Age and sex by drawing: their sliders go where the drawing looks as old, and of the same sex, as the photo.

Identity, label maps and colours hardly tell a face of thirty from one of sixty, so that a search leaves everybody
young, and some men in between; and a gradient through the networks finds single pixels rather than years. What they
make of drawings along one slider says it in one batch.

Shapes: P parameters, N places that are tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import Bundle
from f2p.fitting.perceived import age_loss, sex_loss
from f2p.networks.perception import perception
from f2p.targets.target import Target, female_odds, photo_age

__all__ = ["AGE_SLIDER", "SEX_SLIDER", "TRAITS", "age_by_drawing", "sex_by_drawing"]

AGE_SLIDER: Final = "age"
SEX_SLIDER: Final = "sex"
"""Names of the sliders, in any schema."""
STEP: Final = 0.1
"""Distance of the places that are drawn, normalised; between them the networks' opinion is interpolated."""
YOUNGER: Final = 2
OLDER: Final = 5
"""Steps that are tried below and above the search's age, which is more often too young."""
ASIDE: Final = 4
"""Steps that are tried to either side of the search's sex."""
FINE: Final = 100
"""Places within a step: so many that a processor's rounding moves a slider by a thousandth at most."""
RELUCTANCE: Final = 0.1
"""Cost of moving a slider by `REACH`, in units of the losses: what the search found is evidence too."""
REACH: Final = 0.2

USUAL: Final = 1.75
"""Sampling spreads from the average that a slider is moved to at most. Farther out engines draw what they were never
tuned for: skin that looks like damage rather than age."""

Seen = Callable[[Tensor], Tensor]


def age_by_drawing(bundle: Bundle, target: Target, x: Tensor) -> float | None:
    """Value of the age slider at which x (1, P), neutral, is drawn as old as the photos show, in [0, 1].

    None for photos whose age was not measured. The schema must have the slider.
    """
    wanted = photo_age(target)
    if wanted is None:
        return None
    years = perception(bundle.device).years

    def seen(images: Tensor) -> Tensor:
        return years(images, bundle.frame_landmarks5)

    def cost(ages: Tensor) -> Tensor:
        return age_loss(ages, ages.new_tensor(wanted))

    return _sought(bundle, x, AGE_SLIDER, (YOUNGER, OLDER), seen, cost)


def sex_by_drawing(bundle: Bundle, target: Target, x: Tensor) -> float | None:
    """Value of the sex slider at which x (1, P), neutral, is drawn plainly of the photos' sex, in [0, 1].

    None where x is drawn so already, and for photos whose sex was not measured. The schema must have the slider.
    """
    wanted = female_odds(target)
    if wanted is None:
        return None
    female = perception(bundle.device).female

    def seen(images: Tensor) -> Tensor:
        return female(images, bundle.frame_landmarks5)

    def cost(odds: Tensor) -> Tensor:
        return sex_loss(odds, odds.new_tensor(wanted))

    with torch.no_grad():
        if not cost(seen(bundle.imitator(x).image)).any():
            return None
    return _sought(bundle, x, SEX_SLIDER, (ASIDE, ASIDE), seen, cost)


@torch.no_grad()
def _sought(
    bundle: Bundle, x: Tensor, name: str, steps: tuple[int, int], seen: Seen, cost: Callable[[Tensor], Tensor]
) -> float:
    """The cheapest place of a slider within so many steps below and above: its cost there, and that of going there.

    What is seen is smoothed over three places: a network's opinion jumps where a face crosses from one to the next.
    """
    below, above = steps
    where = bundle.schema.slices[name]
    here = float(x[0, where])
    tried = here + STEP * torch.arange(-below - 1, above + 2, device=x.device)
    faces = x.repeat(len(tried), 1)
    faces[:, where] = tried.clamp(0, 1)[:, None]
    found = seen(bundle.imitator(faces).image)
    smooth = F.conv1d(found[None, None], found.new_tensor([[[0.25, 0.5, 0.25]]]))
    places = (below + above) * FINE + 1
    between = F.interpolate(smooth, places, mode="linear", align_corners=True)[0, 0]
    fine = torch.linspace(here - below * STEP, here + above * STEP, places, device=x.device)
    total = cost(between) + RELUCTANCE * ((fine - here) / REACH).square()
    slider = next(slider for slider in bundle.schema.continuous if slider.name == name)
    low, high = (slider.average + side * USUAL * slider.spread for side in (-1, 1))
    beyond = (fine < max(min(low, here), 0)) | (fine > min(max(high, here), 1))
    return float(fine[total.masked_fill(beyond, torch.inf).argmin()])


TRAITS: Final = {SEX_SLIDER: sex_by_drawing, AGE_SLIDER: age_by_drawing}
"""What is sought, in this order, for the sliders that a schema has: a man's age is another than a woman's."""
