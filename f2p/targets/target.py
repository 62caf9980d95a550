"""The measurements of the photos that a search has to meet.

Shapes: K regions, C colour regions, S side, D embedding, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the photo asks for. Everything has a batch axis of 1."""

    image: Tensor
    """(1, 3, S, S) the aligned photo."""
    embedding: Tensor
    """(1, D) of the bundle's identity network, not centred."""
    probs: Tensor
    """(1, K, S, S) the parser's probabilities; all 0 where the frame reaches beyond the photo."""
    valid_mask: Tensor
    """(1, 1, S, S) 0 where the frame reaches beyond the photo, 1 elsewhere: label maps are compared within."""
    moments_presence: Tensor
    colours: Tensor
    """(1, C, 3) CIELAB; for a grey photo its lightness with the prior's hue."""
    colours_presence: Tensor
    features: Tensor | None
    """(1, F) the translator's input; None where none takes part."""
    grey: bool
    quality: float = 1.0
    """How good the photo is as a source, in (0, 1]; of several, that with the largest share."""
    roll: float = 0.0
    """Degrees clockwise by which the head was tilted in the photo, before it was aligned."""
    views: tuple[tuple[Target, float], ...] = ()
    """With several photos of one person: each one's own target and its share, the shares summing to 1. Label maps,
    moments, colours and content are compared with each of them; `embedding` and `grey` are those of all.
    """
