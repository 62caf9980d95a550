"""Consensus of several photos of one person: which faces agree, and the weight of each.

Shapes: K photos, D embedding. Nothing here knows networks or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Consensus", "find_consensus"]

# Two photos whose faces' centred cosine is above this may be one person. dlib's own threshold, a distance of .6, is a
# cosine of about .5 here; hard photos of one person fall below it, 1 % of strangers (grey portraits) are above .44.
ALIKE: Final = 0.45
# Likeness to the others from which on a photo counts at all, and from which on it counts in full.
STRANGER: Final = 0.4
SURE: Final = 0.6
# How far below the members' median likeness a photo may lie to count in full, and from where on it is out. People alike
# in camera, age and sex reach cosines of .65, but not those of one person's own photos.
_NEAR: Final = 0.12
_FAR: Final = 0.25


@dataclass(frozen=True)
class Consensus:
    """Agreement of each photo with the person that most of them show.

    Attributes:
        likeness: (K,) cosine between each face and the mean face of the others that agree; 1 for a lone photo.
        weight: (K,) in [0, 1]; 0 for a photo of somebody else.
    """

    likeness: Tensor
    weight: Tensor


def find_consensus(embeddings: Tensor, qualities: Tensor) -> Consensus:
    """Find the largest set of photos of one face, by quality-weighted votes, and how far each photo belongs to it.

    A face must be like the others' both by itself and in comparison with how alike they are among themselves. The best
    supported photo leads; those like it are the set. So one stranger among many is out, and so are two of
    five; of two photos that disagree, nobody can say which is right, and the better one is kept.

    embeddings: (K, D), centred. qualities: (K,), above 0.
    """
    directions = F.normalize(embeddings, dim=1)
    cosines = directions @ directions.T
    votes = (cosines >= ALIKE).to(qualities) @ qualities
    # Among photos of equal support the better one leads: the second term is too small to overrule a vote.
    leader = int((votes + 1e-3 * qualities).argmax())
    members = (cosines[leader] >= ALIKE).to(qualities) * qualities
    likeness = torch.empty_like(qualities)
    for k in range(len(qualities)):
        others = members.clone()
        others[k] = 0.0
        # The leader of a set of one is like itself.
        likeness[k] = F.cosine_similarity(directions[k], others @ directions, dim=0) if others.any() else 1.0
    weight = ((likeness - STRANGER) / (SURE - STRANGER)).clamp(0, 1)
    behind = likeness[members > 0].quantile(0.5) - likeness
    weight = torch.minimum(weight, ((_FAR - behind) / (_FAR - _NEAR)).clamp(0, 1))
    return Consensus(likeness, weight)
