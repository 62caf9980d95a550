"""Domain randomisation of the face itself: other proportions, tones and lines than the engine draws.

Without it a parser learns the engine's habits: it gave every photo the engine's average nose, and took the dark line
between the lips for the upper lip's border, since the engine's upper lips are thin. Shapes as in `augment`.
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
    both_eyes,
    field,
    middle_of,
    places,
    some,
    tone_of,
    uniform,
)
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["bleach", "bulge", "creases", "fade", "recolour_parts"]

BACKGROUND, SKIN, HAIR, TEETH = (REGIONS.index(name) for name in ("background", "skin", "hair", "teeth"))
RECOLOURED = ((LIPS[:1], 0.8), (LIPS[1:], 0.8), ([REGIONS.index("brows")], 0.5), ([EYES], 0.3))
"""Parts whose tone changes, each by itself, and the most of the way to the skin's that it goes."""
LENSES = 5


def bulge(grid: Tensor, random: BatchRng, strength: float) -> Tensor:
    """A grid (B, H, W, 2) under a few lenses the size of a nose or a mouth, which widen or narrow, thicken or thin what
    lies there: a parser that never sees other proportions than the engine's gives everybody the engine's average nose.
    """
    batch = len(grid)
    for _ in range(LENSES):
        middle = torch.cat([uniform(random, batch, -0.3, 0.3), uniform(random, batch, -0.2, 0.65)], 3)
        reach = torch.cat([uniform(random, batch, 0.08, 0.25), uniform(random, batch, 0.04, 0.15)], 3)
        # Of the places, not of what is seen there: 0.4 shows it 1.67 times as large. Folds begin at 1.
        squeeze = torch.cat([uniform(random, batch, -0.45, 0.4) for _ in range(2)], 3) * strength
        away = grid - middle
        grid = grid - squeeze * away * torch.exp(-0.5 * ((away / reach) ** 2).sum(3, keepdim=True))
    return grid


def recolour_parts(images: Tensor, labels: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Lips, brows and eyes in other tones, in some pictures almost those of the skin; their shading stays.

    Photos show pale lips, a dark one above a bright one, faint brows and dark eyes that renders do not. The nose keeps
    its tone: its outline would else show as an edge, which no photo has.
    """
    batch = len(images)
    skin = (labels == SKIN)[:, None].float()
    tone = tone_of(images, skin)
    for regions, most in RECOLOURED:
        part = torch.isin(labels, labels.new_tensor(regions))[:, None].float()
        own = tone_of(images, part)
        towards = uniform(random, batch, -0.3, most) * some(random, batch, 0.6) * strength
        gain = 0.1 * strength * random.randn(batch, 3, 1, 1) + 0.25 * strength * random.randn(batch, 1, 1, 1)
        soft = F.avg_pool2d(part, 3, 1, 1, count_include_pad=False)
        images = images + soft * (towards * (tone - own) + gain.clamp(-0.6, 0.6) * images)
    return images


def bleach(images: Tensor, labels: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Hair of any brightness in some pictures, from black to brighter than the skin, and brighter teeth.

    Grey photos of old people show hair and skin in one tone: only strands and outline tell them apart.
    """
    batch = len(images)
    skin, hair, teeth = ((labels == region)[:, None].float() for region in (SKIN, HAIR, TEETH))
    tone, own = tone_of(images, skin), tone_of(images, hair)
    wanted = tone.mean(1, keepdim=True) * uniform(random, batch, 0.3, 1.6) + 0.15 * (tone - tone.mean(1, keepdim=True))
    # Bright hair shows its strands, which are faint in dark hair.
    contrast = (wanted / own.clamp_min(0.02)).clamp(0.5, 3.0)
    dyed = wanted + (images - own) * contrast - images
    soft = F.avg_pool2d(hair, 3, 1, 1, count_include_pad=False)
    images = images + soft * dyed * some(random, batch, 0.35) * strength
    shine = uniform(random, batch, 0.0, 0.7) * some(random, batch, 0.5) * strength
    return (images + teeth * shine * (1.1 * tone.amax(1, keepdim=True).clamp_min(0.6) - images)).clamp(0, 1)


def fade(images: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Soft light: in patches the picture is mixed with what is left of it after a blur, so that outlines end."""
    batch, side = len(images), images.shape[-1]
    much = (0.7 * field(random, batch, 1, 9, side)).clamp(0, 0.8) * some(random, batch, 0.4) * strength
    return images + much * (F.avg_pool2d(images, 7, 1, 3, count_include_pad=False) - images)


def creases(images: Tensor, labels: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Soft dark or bright strokes across the face: folds, lids, lines beside a mouth, shadows under lips and brows.

    Some lie anywhere, others along a part's border, where photos have lines that renders lack.
    """
    batch = len(images)
    y, x = places(images)
    shade = torch.zeros((), device=images.device)
    anywhere = (uniform(random, batch, 0.2, 0.8), uniform(random, batch, 0.2, 0.9))
    middles = [(anywhere, 1.0), *((part, 0.25) for part in _middles(labels))]
    for (middle_x, middle_y), steepest in middles:
        turn = uniform(random, batch, -math.pi / 2, math.pi / 2) * steepest
        from_x = x - middle_x - uniform(random, batch, -0.1, 0.1)
        from_y = y - middle_y - uniform(random, batch, -0.05, 0.05)
        along = from_x * turn.cos() + from_y * turn.sin()
        across = from_y * turn.cos() - from_x * turn.sin() + uniform(random, batch, -4, 4) * along**2
        length, width = uniform(random, batch, 0.02, 0.1), uniform(random, batch, 0.004, 0.02)
        depth = uniform(random, batch, -0.7, 0.35) * strength * some(random, batch, 0.7)
        shade = shade + depth * torch.exp(-((along / length) ** 2) - (across / width) ** 2)
    face = (labels != BACKGROUND) & (labels != HAIR)
    return images * (shade * face[:, None]).exp()


def _middles(labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(B, 1, 1, 1) x and y of the middles of mouth (twice), left and right eye; the corner for what is nowhere."""
    y, x = places(labels)
    mouth = torch.isin(labels, labels.new_tensor(LIPS))[:, None].float()
    return [middle_of(part, y, x) for part in (mouth, mouth, *both_eyes(labels, y, x))]
