"""A photo's light is not the person's skin: taking a part of the light out of measured colours."""

from __future__ import annotations

import torch
from torch import Tensor

# How far the skin's lightness and hue move from what the photo shows towards what is guessed of the person. Between
# photos of people light varies about as much as skin does, so half-way is the best linear estimate of either.
LIGHTNESS_SHARE = 0.5
HUE_SHARE = 0.5


def relight(seen: Tensor, guess: Tensor, skin: int) -> Tensor:
    """Region colours as they would be in a light nearer to the engine's.

    One exposure and one colour cast for the whole picture: hair, lips and brows keep their relation to the skin.
    In CIELAB an exposure of k^3 multiplies L* + 16, a* and b* by k (above the linear toe); a cast is an offset of
    a*, b* that fades with lightness.

    Args:
        seen: CIELAB (B, C, 3) of the regions in the photo.
        guess: the same of a character that is guessed without trusting the photo's light.
        skin: index of the skin along C.

    Returns:
        CIELAB (B, C, 3).
    """
    lightness = seen[:, skin, :1].clamp(min=5)
    wanted = lightness + LIGHTNESS_SHARE * (guess[:, skin, :1] - lightness)
    exposure = ((wanted + 16) / (lightness + 16))[:, None]
    bright, chroma = (seen[..., :1] + 16) * exposure - 16, seen[..., 1:] * exposure
    cast = HUE_SHARE * (guess[:, skin, 1:] - chroma[:, skin])[:, None]
    chroma = chroma + cast * ((bright + 16) / (wanted[:, None] + 16)).clamp(max=1.5)
    return torch.cat((bright.clamp(0, 100), chroma), -1)
