"""How much more often women and men of some age have each option than people at large; a statistic of a bundle.

A style can look the same from the front on everybody, and yet be worn by few men, or by nobody old. What the engine's
own people have is counted here, by the sex and the age that networks see in their renders. Networks take many a bun for
a man's: where the engine has a slider for either, what they see on average along it counts.

Shapes: N people, A ages, O all options of all discretes, in the schema's order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from f2p.fitting.options import age_shares
from f2p.fitting.traits import AGE_SLIDER, SEX_SLIDER
from f2p.networks.perception import perception
from imitator_training.data.dataset import Renders

__all__ = ["option_odds"]

_PEOPLE: Final = 4000
_BATCH: Final = 50
_PSEUDO: Final = 10.0
"""People that each sex at each age is given beside those counted, with the options of people at large: rare options
stay near."""


@torch.no_grad()
def option_odds(data: Renders, people: int = _PEOPLE) -> dict[str, Tensor]:
    """`option_odds` (2, A, O): log of an option's share among women, then among men, about each of the `ODDS_AGES`,
    over its share among all, of the first renders of ``data``. Nothing for an engine without discretes."""
    schema = data.schema
    if not schema.discrete:
        return {}
    networks, frame = perception(), data.frame_landmarks5
    rows = np.arange(min(people, len(data)))
    female, years = [], []
    for part in np.array_split(rows, -(-len(rows) // _BATCH)):
        images = data.images(part)
        female.append(networks.female(images, frame))
        years.append(networks.years(images, frame))
    x = data.x(rows)
    woman, age = torch.cat(female).sigmoid(), torch.cat(years)
    if SEX_SLIDER in schema.slices:
        woman = (_along(x[:, schema.slices[SEX_SLIDER]], woman) > 0.5).float()
    if AGE_SLIDER in schema.slices:
        age = _along(x[:, schema.slices[AGE_SLIDER]], age)
    worn = x[:, schema.continuous_size :]
    shares = worn.mean(0).clamp_min(1e-6)
    weights = torch.stack((woman, 1 - woman))[:, None] * age_shares(age).T
    counted = weights @ worn + _PSEUDO * shares
    return {"option_odds": (counted / (weights.sum(2, keepdim=True) + _PSEUDO) / shares).log()}


def _along(slider: Tensor, seen: Tensor) -> Tensor:
    """(N,) what is ``seen`` (N,) on average at each value of a ``slider`` (N, 1): a parabola through all of them."""
    powers = torch.cat((torch.ones_like(slider), slider, slider.square()), 1).double()
    line = torch.linalg.lstsq(powers, seen[:, None].double()).solution
    return (powers @ line)[:, 0].float()
