"""Distances between pictures, and between label maps.

Shapes: B batch, S picture side, K regions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.regions import REGIONS

__all__ = ["psnr", "region_overlap", "ssim"]


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio (B,) in dB of pictures (B, 3, S, S) in [0, 1]."""
    return -10 * (a - b).square().mean((1, 2, 3)).clamp_min(1e-10).log10()


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity (B,) of pictures (B, 3, S, S) in [0, 1], over all places where the window fits: Gaussian of
    11 px and standard deviation 1.5 (Wang et al., Image quality assessment, IEEE TIP 2004)."""
    line = torch.exp(-((torch.arange(11, dtype=a.dtype, device=a.device) - 5) ** 2) / (2 * 1.5**2))
    window = (line[:, None] * line / line.sum() ** 2).expand(3, 1, 11, 11)

    def blur(x: Tensor) -> Tensor:
        return F.conv2d(x.contiguous(), window, groups=3)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return (value / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean((1, 2, 3))


def region_overlap(drawn: Tensor, wanted: Tensor) -> Tensor:
    """(2, K): pixels in the intersection and in the union of each region, of label maps (B, S, S) of int64."""
    hit = torch.bincount(drawn[drawn == wanted], minlength=len(REGIONS))
    sizes = torch.bincount(drawn.flatten(), minlength=len(REGIONS)) + torch.bincount(
        wanted.flatten(), minlength=len(REGIONS)
    )
    return torch.stack([hit, sizes - hit]).float()
