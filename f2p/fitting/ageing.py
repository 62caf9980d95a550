"""Age by drawing: the slider that ages a face goes where the drawing looks as old as the photo.

Identity, label maps and colours hardly tell a face of thirty from one of sixty, so that a search leaves everybody
young; and a gradient through the age network finds single pixels rather than years. The network's estimate along one
slider says it in one batch of drawings.

Shapes: P parameters, N ages that are tried.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.bundle import Bundle
from f2p.fitting.perceived import age_loss
from f2p.networks.perception import perception
from f2p.targets.target import Target, photo_age

__all__ = ["AGE_SLIDER", "age_by_drawing"]

AGE_SLIDER: Final = "age"
"""Name of the slider, in any schema; in one without it nobody's age is sought."""
STEP: Final = 0.1
"""Distance of the ages that are drawn, normalised; between them the estimate is interpolated."""
YOUNGER: Final = 2
OLDER: Final = 5
"""Steps that are tried below and above the search's answer, which is more often too young."""
FINE: Final = 10
"""Places within a step."""
RELUCTANCE: Final = 0.1
"""Cost of moving the slider by `REACH`, in units of `age_loss`: what the search found is evidence too."""
REACH: Final = 0.2


@torch.no_grad()
def age_by_drawing(bundle: Bundle, target: Target, x: Tensor) -> float | None:
    """Value of the age slider at which x (1, P), neutral, is drawn as old as the photos show, in [0, 1].

    The estimates are smoothed over three ages: a network's opinion jumps where a face crosses from one age to the next.
    None in a schema without `AGE_SLIDER`, and for photos whose age was not measured.
    """
    wanted = photo_age(target)
    if wanted is None or AGE_SLIDER not in {slider.name for slider in bundle.schema.continuous}:
        return None
    where = bundle.schema.slices[AGE_SLIDER]
    here = float(x[0, where])
    tried = here + STEP * torch.arange(-YOUNGER - 1, OLDER + 2, device=x.device)
    faces = x.repeat(len(tried), 1)
    faces[:, where] = tried.clamp(0, 1)[:, None]
    years = perception(bundle.device).years(bundle.imitator(faces).image, bundle.frame_landmarks5)
    smooth = F.conv1d(years[None, None], years.new_tensor([[[0.25, 0.5, 0.25]]]))
    places = (YOUNGER + OLDER) * FINE + 1
    between = F.interpolate(smooth, places, mode="linear", align_corners=True)[0, 0]
    fine = torch.linspace(here - YOUNGER * STEP, here + OLDER * STEP, places, device=x.device)
    cost = age_loss(between, years.new_tensor(wanted)) + RELUCTANCE * ((fine - here) / REACH).square()
    return float(fine[cost.masked_fill((fine < 0) | (fine > 1), torch.inf).argmin()])
