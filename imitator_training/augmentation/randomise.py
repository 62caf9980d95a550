"""Domain randomisation: renders changed until photos are just one more variation of them.

Everything works on whole batches of torch tensors and takes its random numbers from one `BatchRng`. Shapes: B batch, S
picture side. Pictures are (B, 3, S, S) in [0, 1], labels (B, S, S) integers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.augmentation.face_changes import bleach, bulge, creases, fade, recolour_parts
from imitator_training.augmentation.primitives import both_eyes, field, middle_of, places, some, tone_of, uniform
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["degrade", "randomise", "surround"]

BACKGROUND = REGIONS.index("background")
HAIR = REGIONS.index("hair")
NECK = REGIONS.index("neck")
GLASSES = REGIONS.index("glasses")


def randomise(
    images: Tensor, labels: Tensor, random: BatchRng, strength: float = 1.0, window: int | None = None
) -> tuple[Tensor, Tensor]:
    """Parser training: new places, backgrounds and occluders, then everything that `degrade` does.

    Labels move with the picture, and stay what they were below blobs: a photo's face is wanted whole. window: side in
    pixels of the part that is cut out at random, at the same scale; None for all.
    """
    images, labels = _warp(images, labels, random, strength, window or images.shape[-1])
    images, labels = surround(images, labels, random)
    images = recolour_parts(bleach(images, labels, random, strength), labels, random, strength)
    images = creases(fade(images, random, strength), labels, random, strength)
    images = _skin_texture(images, labels, random, strength)
    images, labels = _occlude(images, labels, random)
    return degrade(images, random, strength), labels


def surround(images: Tensor, labels: Tensor, random: BatchRng) -> tuple[Tensor, Tensor]:
    """Other backgrounds behind most heads, and garments over most shoulders, which count as background."""
    return _clothe(_background(images, labels, random), labels, random)


def degrade(images: Tensor, random: BatchRng, strength: float = 1.0, grey: float = 0.25) -> Tensor:
    """What cameras, light and compression do; places stay. `grey` is the share of pictures that lose their colour."""
    images = _light(images, random, strength)
    images = _colour(images, random, strength, grey)
    images = _blur(images, random, strength)
    images = _noise(images, random, strength)
    return _compress(images, random, strength).clamp(0, 1)


def _warp(images: Tensor, labels: Tensor, random: BatchRng, strength: float, window: int) -> tuple[Tensor, Tensor]:
    """Shift, scale, turn, shear and elastic bending (about 3 % of the side), seen through a window."""
    batch, share = len(images), window / images.shape[-1]

    def draw(most: float) -> Tensor:
        return most * strength * (2 * random.rand(batch) - 1)

    angle, scale = draw(math.radians(10)), draw(0.12).exp()
    stretch, shear = draw(0.08).exp(), draw(0.06)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    matrix = torch.stack(
        [
            torch.stack([cosine * stretch, -sine + shear, draw(0.08)], 1),
            torch.stack([sine, cosine / stretch, draw(0.08)], 1),
        ],
        1,
    )
    # The same place in every picture would leave its corners untrained.
    corner = (1 - share) * (2 * random.rand(batch, 2) - 1) if window < images.shape[-1] else 0.0
    matrix[..., 2] += corner
    matrix[..., :2] *= share
    grid = F.affine_grid(matrix, [batch, 1, window, window], align_corners=False)
    bend = field(random, batch, 2, 5, window) * 0.03 + field(random, batch, 2, 9, window) * 0.01
    grid = bulge(grid + strength * bend.permute(0, 2, 3, 1), random, strength)
    mirror = torch.where(some(random, batch, 0.5), -1.0, 1.0)
    grid = grid * torch.cat([mirror, torch.ones_like(mirror)], 3)
    moved = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    named = F.grid_sample(labels[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False)
    return moved, named[:, 0].to(labels.dtype)


def _clothe(images: Tensor, labels: Tensor, random: BatchRng) -> tuple[Tensor, Tensor]:
    """Garments over the shoulders and often the neck of most pictures.

    Plain or patterned, with a round or deep opening; some are jackets over a bright shirt, with a tie. Many are dark,
    or of the hair's own tone: a parser that never saw a dark suit takes it for long hair.
    """
    batch, _, side, _ = images.shape
    y, x = places(images)
    aside = (x - uniform(random, batch, 0.45, 0.55)).abs()
    collar, top = uniform(random, batch, 0.07, 0.17), uniform(random, batch, 0.76, 0.98)
    shoulder = top + (aside - collar) * uniform(random, batch, -0.2, 0.45)
    opening = top + (1 - aside / collar) * uniform(random, batch, -0.02, 0.3)
    hem = torch.where(aside < collar, opening, shoulder)
    where = (y > hem) & ((labels == BACKGROUND) | (labels == NECK))[:, None] & some(random, batch, 0.75)

    hair = (labels == HAIR)[:, None].float()
    tone = tone_of(images, hair) * uniform(random, batch, 0.6, 1.4)
    dark = uniform(random, batch, 0.02, 0.25) + 0.03 * random.rand(batch, 3, 1, 1)
    colour = torch.where(
        some(random, batch, 0.4), tone, torch.where(some(random, batch, 0.5), dark, _any(random, batch))
    )
    cloth = colour + field(random, batch, 3, 12, side) * uniform(random, batch, -0.1, 0.2).clamp_min(0)
    shirt = aside < collar * uniform(random, batch, 0.9, 1.3) - (y - top) * uniform(random, batch, 0.1, 0.8)
    tie = aside < uniform(random, batch, -0.03, 0.04)
    under = torch.where(tie, _any(random, batch), uniform(random, batch, 0.6, 1.0))
    cloth = torch.where(shirt & some(random, batch, 0.5), under, cloth).clamp(0, 1)
    return torch.where(where, cloth, images), torch.where(where[:, 0], BACKGROUND, labels)


def _any(random: BatchRng, batch: int) -> Tensor:
    """(B, 3, 1, 1) colours."""
    return random.rand(batch, 3, 1, 1)


def _background(images: Tensor, labels: Tensor, random: BatchRng) -> Tensor:
    """Other backgrounds behind most heads: plain, shaded, patterned at several scales, or another picture."""
    batch, _, side, _ = images.shape
    colour = random.rand(batch, 3, 1, 1)
    shade = field(random, batch, 3, 3, side) * uniform(random, batch, 0, 0.25)
    pattern = sum(
        (field(random, batch, 3, cells, side) * uniform(random, batch, 0, 0.3) for cells in (6, 16, 48)),
        torch.zeros(()),
    )
    patterned = torch.where(some(random, batch, 0.6), pattern, 0.0)
    behind = (colour + shade + patterned).clamp(0, 1)
    other = F.avg_pool2d(_neighbours(images).flip(2), 3, 1, 1)
    behind = torch.where(some(random, batch, 0.15), other, behind)
    mask = (labels == BACKGROUND)[:, None].float()
    # Half a pixel of softness, as an antialiased edge has.
    soft = F.avg_pool2d(mask, 3, 1, 1, count_include_pad=False)
    replaced = images + (behind - images) * soft
    return torch.where(some(random, batch, 0.85), replaced, images)


def _neighbours(images: Tensor) -> Tensor:
    """The pictures with places swapped in pairs, which lie in one worker's part of the batch; an odd one stays."""
    order = torch.arange(len(images), device=images.device) ^ 1
    return images[order.clamp(max=len(images) - 1)]


def _skin_texture(images: Tensor, labels: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Blotches, wrinkles and shine that a render's smooth surfaces lack."""
    batch, _, side, _ = images.shape
    grain = sum((field(random, batch, 1, cells, side) for cells in (10, 30, 64)), torch.zeros(()))
    grain = grain * uniform(random, batch, 0, 0.07 * strength)
    return images * (1 + grain * (labels != BACKGROUND)[:, None])


def _occlude(images: Tensor, labels: Tensor, random: BatchRng) -> tuple[Tensor, Tensor]:
    """A blob over some pictures; around the eyes of others glasses in shapes that no engine draws, labelled as such."""
    batch, _, side, _ = images.shape
    y, x = places(images)
    colour = random.rand(batch, 3, 1, 1)
    texture = (colour + field(random, batch, 3, 8, side) * 0.1).clamp(0, 1)
    cx, cy = uniform(random, batch, 0, 1), uniform(random, batch, 0.1, 1.1)
    rx, ry = uniform(random, batch, 0.04, 0.2), uniform(random, batch, 0.04, 0.2)
    blob = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
    images = torch.where(blob & some(random, batch, 0.2), texture, images)

    wide, high, thick = (uniform(random, batch, *span) for span in ((0.08, 0.13), (0.05, 0.1), (0.05, 0.16)))
    rims = torch.zeros_like(labels, dtype=torch.bool)[:, None]
    lenses = torch.zeros_like(rims)
    for eye in both_eyes(labels, y, x):
        middle_x, middle_y = middle_of(eye, y, x)
        radius = (((x - middle_x) / wide).abs() ** 3 + ((y - middle_y) / high).abs() ** 3) ** (1 / 3)
        seen = eye.sum((2, 3), keepdim=True) > 1
        rims |= ((radius - 1).abs() < thick) & seen
        lenses |= (radius < 1) & seen
    glasses = some(random, batch, 0.18)
    tint = uniform(random, batch, -0.15, 0.25)
    images = torch.where(lenses & glasses, images + tint * (colour - images), images)
    rims &= glasses
    # Thin wires are half a pixel wide, and let half of what is behind them through.
    images = images + uniform(random, batch, 0.4, 1.0) * rims * (colour * 0.6 - images)
    return images, labels.masked_fill(rims[:, 0], GLASSES)


def _light(images: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Light from a side, and soft shadows."""
    batch, side = len(images), images.shape[-1]
    slope = torch.linspace(-1, 1, side, device=images.device)
    tilt_x, tilt_y = uniform(random, batch, -0.45, 0.45), uniform(random, batch, -0.3, 0.3)
    shade = slope.view(1, 1, 1, -1) * tilt_x + slope.view(1, 1, -1, 1) * tilt_y
    shade = shade + field(random, batch, 1, 4, side) * uniform(random, batch, 0, 0.25)
    return images * (shade * strength).exp()


def _colour(images: Tensor, random: BatchRng, strength: float, grey: float) -> Tensor:
    batch = len(images)
    gains = (0.18 * strength * random.randn(batch, 3, 1, 1)).clamp(-0.4, 0.4).exp()
    images = (images * gains).clamp(1e-4, 1)
    images = images ** (uniform(random, batch, -0.5, 0.5) * strength).exp()
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (uniform(random, batch, -0.35, 0.4) * strength).exp()
    images = images + uniform(random, batch, -0.12, 0.12) * strength
    luma = (images * images.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    saturation = 1 + uniform(random, batch, -0.6, 0.6) * strength
    saturation = torch.where(some(random, batch, grey), 0.0, saturation)
    return luma + (images - luma) * saturation


def _blur(images: Tensor, random: BatchRng, strength: float) -> Tensor:
    """Gaussian blur of up to 1.6 px at 128, one strength per picture."""
    batch, side = len(images), images.shape[-1]
    sigma = uniform(random, batch, 0.05, 1.6 * strength * side / 128 + 0.06)
    reach = torch.arange(-4, 5, device=images.device).view(1, -1, 1, 1)
    line = torch.exp(-(reach**2) / (2 * sigma**2))
    line = (line / line.sum(1, keepdim=True)).repeat_interleave(3, 0).view(batch * 3, 1, 9)
    flat = F.pad(images.reshape(1, batch * 3, side, side), (4, 4, 4, 4), mode="replicate")
    flat = F.conv2d(flat, line[:, :, :, None], groups=batch * 3)
    flat = F.conv2d(flat, line[:, :, None, :], groups=batch * 3)
    return torch.where(some(random, batch, 0.6), flat.view_as(images), images)


def _noise(images: Tensor, random: BatchRng, strength: float) -> Tensor:
    batch, side = len(images), images.shape[-1]
    amount = uniform(random, batch, 0, 0.05 * strength) * some(random, batch, 0.5)
    fine = random.randn(batch, 3, side, side)
    return images + fine * amount


def _compress(images: Tensor, random: BatchRng, strength: float) -> Tensor:
    """What JPEG leaves: coefficients of 8 x 8 cosine blocks rounded, the fine ones more coarsely."""
    batch, _, side, _ = images.shape
    n = torch.arange(8, dtype=torch.float32, device=images.device)
    basis = torch.cos(math.pi * (2 * n + 1) * n[:, None] / 16) * 0.5
    basis[0] *= math.sqrt(0.5)
    blocks = images.reshape(batch, 3, side // 8, 8, side // 8, 8)
    waves = torch.einsum("ui,bcyixj,vj->bcyuxv", basis, blocks, basis)
    step = (1 + n[:, None] + n).view(1, 1, 1, 8, 1, 8) * uniform(random, batch, 0.004, 0.04 * strength + 0.004)[
        ..., None, None
    ]
    rounded = torch.einsum("ui,bcyuxv,vj->bcyixj", basis, (waves / step).round() * step, basis)
    return torch.where(some(random, batch, 0.35), rounded.reshape(images.shape), images)
