"""Domain randomisation of the scene: shadows, coloured lamps, hats, hands and glare that photos have and renders lack.

Shapes: B batch, S picture side. Pictures are (B, 3, S, S) in [0, 1], labels (B, S, S) integers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.augmentation.primitives import (
    bernoulli,
    both_eyes,
    centroid,
    mean_colour,
    pixel_centres,
    smooth_noise,
    uniform,
)
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["camera_noise", "glare", "hands", "hats", "lamps", "lip_shadow"]

BACKGROUND, SKIN, BROWS, NOSE, UPPER_LIP, HAIR, GLASSES = (
    REGIONS.index(name) for name in ("background", "skin", "brows", "nose", "upper_lip", "hair", "glasses")
)
FINGERS = 4


def lip_shadow(images: Tensor, labels: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """The nose's soft shadow on the skin above the lip of some faces: without it a parser and a translator take every
    shadow there for a moustache.
    """
    batch = len(images)
    y, x = pixel_centres(images)
    lip = (labels == UPPER_LIP)[:, None].float()
    middle_x, middle_y = centroid(lip, y, x)
    across = (x - middle_x - uniform(rng, batch, -0.03, 0.03)) / uniform(rng, batch, 0.04, 0.11)
    down = (y - middle_y + uniform(rng, batch, 0.025, 0.065)) / uniform(rng, batch, 0.012, 0.03)
    depth = uniform(rng, batch, 0.1, 0.8) * bernoulli(rng, batch, 0.35) * strength
    shade = torch.exp(-(across**2) - down**2) * depth * (lip.sum((2, 3), keepdim=True) > 0)
    # Blood shows through skin in shadow, so that blue goes first.
    tint = 1 + uniform(rng, batch, 0.0, 0.3) * images.new_tensor([-0.5, 0.0, 0.5]).view(1, 3, 1, 1)
    return images * torch.where((labels == SKIN)[:, None], (-shade * tint).exp(), 1.0)


def lamps(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """The edge of a hard shadow across some pictures; lamps of two colours from two sides in others."""
    batch = len(images)
    y, x = pixel_centres(images)
    turn = uniform(rng, batch, -math.pi, math.pi)
    side = (x - uniform(rng, batch, 0.2, 0.8)) * turn.cos() + (y - uniform(rng, batch, 0.2, 0.8)) * turn.sin()
    side = side + uniform(rng, batch, -1.5, 1.5) * side**2
    shaded = torch.sigmoid(side / uniform(rng, batch, 0.005, 0.06))
    depth = uniform(rng, batch, 0.2, 1.1) * bernoulli(rng, batch, 0.2) * strength
    images = images * (-depth * shaded).exp()
    slope = (2 * x - 1) * uniform(rng, batch, -1, 1) + (2 * y - 1) * uniform(rng, batch, -0.5, 0.5)
    colour = 0.25 * strength * rng.randn(batch, 3, 1, 1) * bernoulli(rng, batch, 0.15)
    return (images * (slope * colour).clamp(-0.7, 0.7).exp()).clamp(0, 1)


def glare(images: Tensor, labels: Tensor, rng: BatchRng) -> Tensor:
    """Bright streaks across the lenses of some of those who wear glasses."""
    batch = len(images)
    y, x = pixel_centres(images)
    worn = (labels == GLASSES).sum((1, 2)).view(-1, 1, 1, 1) > 0
    shown = worn & bernoulli(rng, batch, 0.4)
    lean, place, width = uniform(rng, batch, -1, 1), uniform(rng, batch, -0.03, 0.03), uniform(rng, batch, 0.004, 0.03)
    light = uniform(rng, batch, 0.1, 0.8)
    for eye in both_eyes(labels, y, x):
        middle_x, middle_y = centroid(eye, y, x)
        lens = (((x - middle_x) / 0.09) ** 2 + ((y - middle_y) / 0.065) ** 2 < 1) & (eye.sum((2, 3), keepdim=True) > 1)
        streak = torch.exp(-(((x - middle_x - place + lean * (y - middle_y)) / width) ** 2))
        images = images + torch.where(lens & shown, light * streak, 0.0) * (1 - images)
    return images


def hands(images: Tensor, labels: Tensor, rng: BatchRng) -> Tensor:
    """Fingers of the skin's own tone over some cheeks and chins. Labels stay: the face below is wanted whole."""
    batch, _, side, _ = images.shape
    y, x = pixel_centres(images)
    tone = mean_colour(images, (labels == SKIN)[:, None].float()) * uniform(rng, batch, 0.75, 1.15)
    shown = bernoulli(rng, batch, 0.08)
    from_left = torch.where(bernoulli(rng, batch, 0.5), 1.0, -1.0)
    base_x, base_y = 0.5 - from_left * uniform(rng, batch, 0.15, 0.4), uniform(rng, batch, 0.75, 1.1)
    turn, spread = uniform(rng, batch, -1.9, -0.7), uniform(rng, batch, 0.05, 0.2)
    width = uniform(rng, batch, 0.025, 0.04)
    grain = smooth_noise(rng, batch, 1, 12, side) * 0.04
    for finger in range(FINGERS):
        angle = turn + (finger - 1.5) * spread
        along_x, along_y = from_left * angle.cos(), angle.sin()
        root_x = base_x + (finger - 1.5) * width * 1.7
        away_x, away_y = x - root_x, y - base_y
        along = (away_x * along_x + away_y * along_y).clamp(min=0)
        along = torch.minimum(along, uniform(rng, batch, 0.15, 0.3))
        gap = ((away_x - along * along_x) ** 2 + (away_y - along * along_y) ** 2).sqrt() / width
        round_off = 1 - 0.35 * gap.clamp(0, 1) ** 2
        images = torch.where((gap < 1) & shown, (tone * (round_off + grain)).clamp(0, 1), images)
    return images


def hats(images: Tensor, labels: Tensor, rng: BatchRng) -> tuple[Tensor, Tensor]:
    """Caps, hats and scarves over the hair of some heads, down to a little above the brows; as garments they count as
    background.
    """
    batch, _, side, _ = images.shape
    y, x = pixel_centres(images)
    brows = (labels == BROWS)[:, None].float()
    middle_x, middle_y = centroid(brows, y, x)
    seen = brows.sum((2, 3), keepdim=True) > 0
    rim = middle_y - uniform(rng, batch, 0.04, 0.16) + uniform(rng, batch, -0.5, 0.5) * (x - middle_x) ** 2
    crown = middle_y - uniform(rng, batch, 0.28, 0.45)
    half = uniform(rng, batch, 0.2, 0.32)
    dome = ((x - middle_x) / half) ** 2 + ((y - rim) / (rim - crown)) ** 2 < 1
    brim = ((x - middle_x).abs() < half * uniform(rng, batch, 0.9, 1.6)) & ((y - rim).abs() < 0.02)
    shown = seen & bernoulli(rng, batch, 0.08)
    covered = dome | (labels == HAIR)[:, None]  # no hair stands out above it
    where = ((covered & (y < rim)) | (brim & bernoulli(rng, batch, 0.5))) & shown
    cloth = rng.rand(batch, 3, 1, 1) * uniform(rng, batch, 0.2, 1.0)
    cloth = cloth + smooth_noise(rng, batch, 3, 12, side) * uniform(rng, batch, 0, 0.08)
    cloth = cloth * (1.1 - 0.5 * ((x - middle_x) / half).abs().clamp(0, 1))
    images = torch.where(where, cloth.clamp(0, 1), images)
    return images, torch.where(where[:, 0], BACKGROUND, labels)


def camera_noise(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Noise of a sensor: of the pixel, growing with the root of the light, and of the colour, in blotches of some
    pixels, as raw processing and compression leave it.
    """
    batch, _, side, _ = images.shape
    amount = uniform(rng, batch, 0, 0.05 * strength) * bernoulli(rng, batch, 0.5)
    shot = uniform(rng, batch, 0, 1)
    fine = rng.randn(batch, 3, side, side) * (1 - shot + shot * 1.5 * images.clamp_min(0).sqrt())
    blotches = rng.randn(batch, 3, side // 2, side // 2)
    blotches = F.interpolate(blotches - blotches.mean(1, keepdim=True), (side, side), mode="bilinear")
    return images + fine * amount + blotches * amount * uniform(rng, batch, 0, 1.2)
