"""Domain randomisation of the face: other proportions, tones and lines than the engine draws.

Without it a parser learns the engine's habits: it gave every photo the engine's average nose, and took the dark line
between the lips for the upper lip's border, since the engine's upper lips are thin.

Shapes: B batch, S picture side. Pictures are (B, 3, S, S) in [0, 1], labels (B, S, S) integers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.augmentation.primitives import (
    EYES,
    LIPS,
    bernoulli,
    both_eyes,
    centroid,
    mean_colour,
    pixel_centres,
    smooth_noise,
    uniform,
)
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["bleach", "bulge", "creases", "fade", "recolour_parts"]

BACKGROUND, SKIN, HAIR, TEETH = (REGIONS.index(name) for name in ("background", "skin", "hair", "teeth"))
RECOLOURED = ((LIPS[:1], 0.8), (LIPS[1:], 0.8), ([REGIONS.index("brows")], 0.5), ([EYES], 0.3))
"""Parts whose tone changes, each by itself, and the most of the way to the skin's that it goes."""
LENSES = 5


def bulge(grid: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """A grid (B, H, W, 2) under a few lenses the size of a nose or a mouth, which widen or narrow, thicken or thin what
    lies there: a parser that never sees other proportions gives every photo the engine's average nose.
    """
    batch = len(grid)
    for _ in range(LENSES):
        middle = torch.cat([uniform(rng, batch, -0.3, 0.3), uniform(rng, batch, -0.2, 0.65)], 3)
        reach = torch.cat([uniform(rng, batch, 0.08, 0.25), uniform(rng, batch, 0.04, 0.15)], 3)
        # Scale of the sampling positions: 0.4 shows what lies there 1.67 times as large. Folds begin at 1.
        squeeze = torch.cat([uniform(rng, batch, -0.45, 0.4) for _ in range(2)], 3) * strength
        away = grid - middle
        grid = grid - squeeze * away * torch.exp(-0.5 * ((away / reach) ** 2).sum(3, keepdim=True))
    return grid


def recolour_parts(images: Tensor, labels: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Lips, brows and eyes in other tones, in some pictures almost those of the skin; their shading stays.

    Photos show pale lips, a dark one above a bright one, faint brows and dark eyes that renders do not. The nose keeps
    its tone: its outline would else show as an edge, which no photo has.
    """
    batch = len(images)
    skin = (labels == SKIN)[:, None].float()
    tone = mean_colour(images, skin)
    for regions, most in RECOLOURED:
        part = torch.isin(labels, labels.new_tensor(regions))[:, None].float()
        own = mean_colour(images, part)
        towards = uniform(rng, batch, -0.3, most) * bernoulli(rng, batch, 0.6) * strength
        gain = 0.1 * strength * rng.randn(batch, 3, 1, 1) + 0.25 * strength * rng.randn(batch, 1, 1, 1)
        soft = F.avg_pool2d(part, 3, 1, 1, count_include_pad=False)
        images = images + soft * (towards * (tone - own) + gain.clamp(-0.6, 0.6) * images)
    return images


def bleach(images: Tensor, labels: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Hair of any brightness in some pictures, from black to brighter than the skin, and brighter teeth.

    Grey photos of old people show hair and skin in one tone: only strands and outline tell them apart.
    """
    batch = len(images)
    skin, hair, teeth = ((labels == region)[:, None].float() for region in (SKIN, HAIR, TEETH))
    tone, own = mean_colour(images, skin), mean_colour(images, hair)
    wanted = tone.mean(1, keepdim=True) * uniform(rng, batch, 0.3, 1.6) + 0.15 * (tone - tone.mean(1, keepdim=True))
    # Bright hair shows its strands, which are faint in dark hair.
    contrast = (wanted / own.clamp_min(0.02)).clamp(0.5, 3.0)
    dyed = wanted + (images - own) * contrast - images
    soft = F.avg_pool2d(hair, 3, 1, 1, count_include_pad=False)
    images = images + soft * dyed * bernoulli(rng, batch, 0.35) * strength
    shine = uniform(rng, batch, 0.0, 0.7) * bernoulli(rng, batch, 0.5) * strength
    return (images + teeth * shine * (1.1 * tone.amax(1, keepdim=True).clamp_min(0.6) - images)).clamp(0, 1)


def fade(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Soft light: in patches the picture is mixed with what is left of it after a blur, so that outlines end."""
    batch, side = len(images), images.shape[-1]
    much = (0.7 * smooth_noise(rng, batch, 1, 9, side)).clamp(0, 0.8) * bernoulli(rng, batch, 0.4) * strength
    return images + much * (F.avg_pool2d(images, 7, 1, 3, count_include_pad=False) - images)


def creases(images: Tensor, labels: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Soft dark or bright strokes across the face: folds, lids, lines beside a mouth, shadows under lips and brows.

    Some lie anywhere, others along a part's border, where photos have lines that renders lack.
    """
    batch = len(images)
    y, x = pixel_centres(images)
    shade = torch.zeros((), device=images.device)
    anywhere = (uniform(rng, batch, 0.2, 0.8), uniform(rng, batch, 0.2, 0.9))
    middles = [(anywhere, 1.0), *((part, 0.25) for part in _middles(labels))]
    for (middle_x, middle_y), steepest in middles:
        turn = uniform(rng, batch, -math.pi / 2, math.pi / 2) * steepest
        from_x = x - middle_x - uniform(rng, batch, -0.1, 0.1)
        from_y = y - middle_y - uniform(rng, batch, -0.05, 0.05)
        along = from_x * turn.cos() + from_y * turn.sin()
        across = from_y * turn.cos() - from_x * turn.sin() + uniform(rng, batch, -4, 4) * along**2
        length, width = uniform(rng, batch, 0.02, 0.1), uniform(rng, batch, 0.004, 0.02)
        depth = uniform(rng, batch, -0.7, 0.35) * strength * bernoulli(rng, batch, 0.7)
        shade = shade + depth * torch.exp(-((along / length) ** 2) - (across / width) ** 2)
    face = (labels != BACKGROUND) & (labels != HAIR)
    return images * (shade * face[:, None]).exp()


def _middles(labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(B, 1, 1, 1) x and y of the centroids of mouth (twice), left and right eye; the corner for a missing part."""
    y, x = pixel_centres(labels)
    mouth = torch.isin(labels, labels.new_tensor(LIPS))[:, None].float()
    return [centroid(part, y, x) for part in (mouth, mouth, *both_eyes(labels, y, x))]
