"""How much more often women and men have each option than people at large; a statistic of a bundle.

A style can look the same from the front on everybody, and yet be worn by few men. What the engine's own people have is
counted here, by the sex that a network sees in their renders: engines need no slider for it. Shapes: N people, O all
options of all discretes, in the schema's order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from f2p.networks.perception import perception
from imitator_training.data.dataset import Renders

__all__ = ["option_odds"]

_PEOPLE: Final = 2000
_BATCH: Final = 50
_PSEUDO: Final = 10.0
"""People that each sex is given beside those counted, with the options of people at large: rare options stay near."""


@torch.no_grad()
def option_odds(data: Renders, people: int = _PEOPLE) -> dict[str, Tensor]:
    """`option_odds` (2, O): log of an option's share among women, then among men, over its share among all, of the
    first renders of ``data``. Nothing for an engine without discretes."""
    schema = data.schema
    if not schema.discrete:
        return {}
    networks = perception()
    rows = np.arange(min(people, len(data)))
    parts = np.array_split(rows, -(-len(rows) // _BATCH))
    female = torch.cat([networks.female(data.images(part), data.frame_landmarks5) for part in parts]).sigmoid()
    worn = data.x(rows)[:, schema.continuous_size :]
    shares = worn.mean(0).clamp_min(1e-6)
    weights = torch.stack((female, 1 - female))
    counted = weights @ worn + _PSEUDO * shares
    return {"option_odds": (counted / (weights.sum(1, keepdim=True) + _PSEUDO) / shares).log()}
