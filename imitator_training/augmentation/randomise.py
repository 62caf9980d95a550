"""Domain randomisation: renders changed until photos are just one more variation of them.

Everything works on whole batches of torch tensors and takes its rng numbers from one `BatchRng`. Shapes: B batch, S
picture side. Pictures are (B, 3, S, S) in [0, 1], labels (B, S, S) integers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS
from imitator_training.augmentation.face_changes import bleach, bulge, creases, fade, recolour_parts
from imitator_training.augmentation.photo_effects import camera_noise, glare, hands, hats, lamps, lip_shadow
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

__all__ = ["degrade", "randomise", "surround"]

BACKGROUND = REGIONS.index("background")
HAIR = REGIONS.index("hair")
NECK = REGIONS.index("neck")
GLASSES = REGIONS.index("glasses")


def randomise(
    images: Tensor, labels: Tensor, rng: BatchRng, strength: float = 1.0, window: int | None = None
) -> tuple[Tensor, Tensor]:
    """Parser training: new places, backgrounds and occluders, then everything that `degrade` does.

    Labels move with the picture, and stay what they were below blobs: a photo's face is wanted whole. window: side in
    pixels of the part that is cut out at rng, at the same scale; None for all.
    """
    images, labels = _warp(images, labels, rng, strength, window or images.shape[-1])
    images, labels = hats(*surround(images, labels, rng), rng)
    images = recolour_parts(bleach(images, labels, rng, strength), labels, rng, strength)
    images = creases(fade(images, rng, strength), labels, rng, strength)
    images = lip_shadow(images, labels, rng, strength)
    images = _skin_texture(images, labels, rng, strength)
    images, labels = _occlude(images, labels, rng)
    images = hands(glare(images, labels, rng), labels, rng)
    return degrade(images, rng, strength), labels


def surround(images: Tensor, labels: Tensor, rng: BatchRng) -> tuple[Tensor, Tensor]:
    """Other backgrounds behind most heads, and garments over most shoulders, which count as background."""
    return _clothe(_background(images, labels, rng), labels, rng)


def degrade(images: Tensor, rng: BatchRng, strength: float = 1.0, grey: float = 0.25) -> Tensor:
    """Degrade as cameras, light and compression do, without moving anything. grey: share of pictures made grey."""
    images = lamps(_light(images, rng, strength), rng, strength)
    images = _colour(images, rng, strength, grey)
    images = _blur(images, rng, strength)
    images = camera_noise(images, rng, strength)
    return _compress(images, rng, strength).clamp(0, 1)


def _warp(images: Tensor, labels: Tensor, rng: BatchRng, strength: float, window: int) -> tuple[Tensor, Tensor]:
    """Shift, scale, turn, shear and elastic bending (about 3 % of the side), seen through a window."""
    batch, share = len(images), window / images.shape[-1]

    def draw(most: float) -> Tensor:
        return most * strength * (2 * rng.rand(batch) - 1)

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
    corner = (1 - share) * (2 * rng.rand(batch, 2) - 1) if window < images.shape[-1] else 0.0
    matrix[..., 2] += corner
    matrix[..., :2] *= share
    grid = F.affine_grid(matrix, [batch, 1, window, window], align_corners=False)
    bend = smooth_noise(rng, batch, 2, 5, window) * 0.03 + smooth_noise(rng, batch, 2, 9, window) * 0.01
    grid = bulge(grid + strength * bend.permute(0, 2, 3, 1), rng, strength)
    mirror = torch.where(bernoulli(rng, batch, 0.5), -1.0, 1.0)
    grid = grid * torch.cat([mirror, torch.ones_like(mirror)], 3)
    moved = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    named = F.grid_sample(labels[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False)
    return moved, named[:, 0].to(labels.dtype)


def _clothe(images: Tensor, labels: Tensor, rng: BatchRng) -> tuple[Tensor, Tensor]:
    """Garments over the shoulders and often the neck of most pictures.

    Plain or patterned, with a round or deep opening; some are jackets over a bright shirt, with a tie. Many are dark,
    or of the hair's own tone: a parser that never saw a dark suit takes it for long hair.
    """
    batch, _, side, _ = images.shape
    y, x = pixel_centres(images)
    aside = (x - uniform(rng, batch, 0.45, 0.55)).abs()
    collar, top = uniform(rng, batch, 0.07, 0.17), uniform(rng, batch, 0.76, 0.98)
    shoulder = top + (aside - collar) * uniform(rng, batch, -0.2, 0.45)
    opening = top + (1 - aside / collar) * uniform(rng, batch, -0.02, 0.3)
    hem = torch.where(aside < collar, opening, shoulder)
    where = (y > hem) & ((labels == BACKGROUND) | (labels == NECK))[:, None] & bernoulli(rng, batch, 0.75)

    hair = (labels == HAIR)[:, None].float()
    tone = mean_colour(images, hair) * uniform(rng, batch, 0.6, 1.4)
    dark = uniform(rng, batch, 0.02, 0.25) + 0.03 * rng.rand(batch, 3, 1, 1)
    colour = torch.where(
        bernoulli(rng, batch, 0.4), tone, torch.where(bernoulli(rng, batch, 0.5), dark, _any(rng, batch))
    )
    cloth = colour + smooth_noise(rng, batch, 3, 12, side) * uniform(rng, batch, -0.1, 0.2).clamp_min(0)
    shirt = aside < collar * uniform(rng, batch, 0.9, 1.3) - (y - top) * uniform(rng, batch, 0.1, 0.8)
    tie = aside < uniform(rng, batch, -0.03, 0.04)
    under = torch.where(tie, _any(rng, batch), uniform(rng, batch, 0.6, 1.0))
    cloth = torch.where(shirt & bernoulli(rng, batch, 0.5), under, cloth).clamp(0, 1)
    return torch.where(where, cloth, images), torch.where(where[:, 0], BACKGROUND, labels)


def _any(rng: BatchRng, batch: int) -> Tensor:
    """(B, 3, 1, 1) colours."""
    return rng.rand(batch, 3, 1, 1)


def _background(images: Tensor, labels: Tensor, rng: BatchRng) -> Tensor:
    """Other backgrounds behind most heads: plain, shaded, patterned at several scales, or another picture."""
    batch, _, side, _ = images.shape
    colour = rng.rand(batch, 3, 1, 1)
    shade = smooth_noise(rng, batch, 3, 3, side) * uniform(rng, batch, 0, 0.25)
    pattern = sum(
        (smooth_noise(rng, batch, 3, cells, side) * uniform(rng, batch, 0, 0.3) for cells in (6, 16, 48)),
        torch.zeros(()),
    )
    patterned = torch.where(bernoulli(rng, batch, 0.6), pattern, 0.0)
    behind = (colour + shade + patterned).clamp(0, 1)
    other = F.avg_pool2d(_neighbours(images).flip(2), 3, 1, 1)
    behind = torch.where(bernoulli(rng, batch, 0.15), other, behind)
    mask = (labels == BACKGROUND)[:, None].float()
    # Half a pixel of softness, as an antialiased edge has.
    soft = F.avg_pool2d(mask, 3, 1, 1, count_include_pad=False)
    replaced = images + (behind - images) * soft
    return torch.where(bernoulli(rng, batch, 0.85), replaced, images)


def _neighbours(images: Tensor) -> Tensor:
    """The pictures swapped in pairs, so that both lie in the rows of one process; an odd one stays."""
    order = torch.arange(len(images), device=images.device) ^ 1
    return images[order.clamp(max=len(images) - 1)]


def _skin_texture(images: Tensor, labels: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Blotches, wrinkles and shine that a render's smooth surfaces lack."""
    batch, _, side, _ = images.shape
    grain = sum((smooth_noise(rng, batch, 1, cells, side) for cells in (10, 30, 64)), torch.zeros(()))
    grain = grain * uniform(rng, batch, 0, 0.07 * strength)
    return images * (1 + grain * (labels != BACKGROUND)[:, None])


def _occlude(images: Tensor, labels: Tensor, rng: BatchRng) -> tuple[Tensor, Tensor]:
    """A blob over some pictures; around the eyes of others glasses in shapes that no engine draws, labelled as such."""
    batch, _, side, _ = images.shape
    y, x = pixel_centres(images)
    colour = rng.rand(batch, 3, 1, 1)
    texture = (colour + smooth_noise(rng, batch, 3, 8, side) * 0.1).clamp(0, 1)
    cx, cy = uniform(rng, batch, 0, 1), uniform(rng, batch, 0.1, 1.1)
    rx, ry = uniform(rng, batch, 0.04, 0.2), uniform(rng, batch, 0.04, 0.2)
    blob = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
    images = torch.where(blob & bernoulli(rng, batch, 0.2), texture, images)

    wide, high, thick = (uniform(rng, batch, *span) for span in ((0.08, 0.13), (0.05, 0.1), (0.05, 0.16)))
    rims = torch.zeros_like(labels, dtype=torch.bool)[:, None]
    lenses = torch.zeros_like(rims)
    for eye in both_eyes(labels, y, x):
        middle_x, middle_y = centroid(eye, y, x)
        radius = (((x - middle_x) / wide).abs() ** 3 + ((y - middle_y) / high).abs() ** 3) ** (1 / 3)
        visible = eye.sum((2, 3), keepdim=True) > 1
        rims |= ((radius - 1).abs() < thick) & visible
        lenses |= (radius < 1) & visible
    glasses = bernoulli(rng, batch, 0.18)
    tint = uniform(rng, batch, -0.15, 0.25)
    images = torch.where(lenses & glasses, images + tint * (colour - images), images)
    rims &= glasses
    # Thin wires are half a pixel wide, and let half of what is behind them through.
    images = images + uniform(rng, batch, 0.4, 1.0) * rims * (colour * 0.6 - images)
    return images, labels.masked_fill(rims[:, 0], GLASSES)


def _light(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Light from a side, and soft shadows."""
    batch, side = len(images), images.shape[-1]
    slope = torch.linspace(-1, 1, side, device=images.device)
    tilt_x, tilt_y = uniform(rng, batch, -0.45, 0.45), uniform(rng, batch, -0.3, 0.3)
    shade = slope.view(1, 1, 1, -1) * tilt_x + slope.view(1, 1, -1, 1) * tilt_y
    shade = shade + smooth_noise(rng, batch, 1, 4, side) * uniform(rng, batch, 0, 0.25)
    return images * (shade * strength).exp()


def _colour(images: Tensor, rng: BatchRng, strength: float, grey: float) -> Tensor:
    batch = len(images)
    gains = (0.18 * strength * rng.randn(batch, 3, 1, 1)).clamp(-0.4, 0.4).exp()
    images = (images * gains).clamp(1e-4, 1)
    images = images ** (uniform(rng, batch, -0.5, 0.5) * strength).exp()
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (uniform(rng, batch, -0.35, 0.4) * strength).exp()
    images = images + uniform(rng, batch, -0.12, 0.12) * strength
    luma = (images * images.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    saturation = 1 + uniform(rng, batch, -0.6, 0.6) * strength
    saturation = torch.where(bernoulli(rng, batch, grey), 0.0, saturation)
    return luma + (images - luma) * saturation


def _blur(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Gaussian blur of up to 1.6 px at 128, one strength per picture."""
    batch, side = len(images), images.shape[-1]
    sigma = uniform(rng, batch, 0.05, 1.6 * strength * side / 128 + 0.06)
    reach = torch.arange(-4, 5, device=images.device).view(1, -1, 1, 1)
    line = torch.exp(-(reach**2) / (2 * sigma**2))
    line = (line / line.sum(1, keepdim=True)).repeat_interleave(3, 0).view(batch * 3, 1, 9)
    flat = F.pad(images.reshape(1, batch * 3, side, side), (4, 4, 4, 4), mode="replicate")
    flat = F.conv2d(flat, line[:, :, :, None], groups=batch * 3)
    flat = F.conv2d(flat, line[:, :, None, :], groups=batch * 3)
    return torch.where(bernoulli(rng, batch, 0.6), flat.view_as(images), images)


def _compress(images: Tensor, rng: BatchRng, strength: float) -> Tensor:
    """Round the coefficients of 8 x 8 cosine blocks, the fine ones more coarsely, as JPEG does."""
    batch, _, side, _ = images.shape
    n = torch.arange(8, dtype=torch.float32, device=images.device)
    basis = torch.cos(math.pi * (2 * n + 1) * n[:, None] / 16) * 0.5
    basis[0] *= math.sqrt(0.5)
    blocks = images.reshape(batch, 3, side // 8, 8, side // 8, 8)
    waves = torch.einsum("ui,bcyixj,vj->bcyuxv", basis, blocks, basis)
    step = (1 + n[:, None] + n).view(1, 1, 1, 8, 1, 8) * uniform(rng, batch, 0.004, 0.04 * strength + 0.004)[
        ..., None, None
    ]
    rounded = torch.einsum("ui,bcyuxv,vj->bcyixj", basis, (waves / step).round() * step, basis)
    return torch.where(bernoulli(rng, batch, 0.35), rounded.reshape(images.shape), images)
