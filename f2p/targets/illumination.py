"""A photo's light is not the person's skin: taking the light out of measured colours, as far as it can be told.

Lightness is written as log(L* + 16): in CIELAB an exposure of k^3 multiplies L* + 16, a* and b* by k (above the linear
toe), so that a light adds the same log k to every region.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from f2p.imaging.colour import srgb_to_lab
from f2p.regions import index

__all__ = ["normalise_illumination", "sclera_lightness"]

# How sure each witness of log k is, as a standard deviation.
# The skin against its guess. Surer, and all dark skin would come out light, since guesses keep near the mean.
_GUESS: Final = 0.12
# Photos as such: a little darker than the engine's light.
_PHOTOS, _PHOTOS_DEVIATION = -0.06, 0.17
# Whites of the eyes against the engine's: they tell dark skin, beside which they shine, from dim light, which dims them
# too. Brows and lids shade them, more or less, and nothing makes them shine: so bright ones are the surer witness.
_SHADE, _SHADED, _SHINING = -0.13, 0.20, 0.10
# How far hue moves to the guess: skins differ in lightness far more than in hue, lamps in both.
HUE_SHARE: Final = 0.6

_FEWEST: Final = 20  # pixels of the eyes
_BAND: Final = (0.05, 0.25)  # of an eye's pixels, the brightest but for glints
_SPECTACLES: Final = 0.008  # share of the frame from which on glasses lie before the eyes


def sclera_lightness(image: Tensor, probs: Tensor) -> Tensor:
    """Lightness L* of the whites of the eyes, (B,); NaN where they are not seen: closed, small, or behind glasses.

    image: (B, 3, S, S) sRGB in [0, 1]; probs: (B, K, S, S) region probabilities.
    """
    found = []
    for pixels, maps in zip(image, probs, strict=True):
        eyes = pixels[:, maps[index("eyes")] > 0.6]
        count = eyes.shape[1]
        if count < _FEWEST or maps[index("glasses")].mean() > _SPECTACLES:
            found.append(image.new_tensor(torch.nan))
            continue
        bright = srgb_to_lab(eyes.T)[:, 0].sort(descending=True).values
        found.append(bright[int(count * _BAND[0]) : int(count * _BAND[1])].mean())
    return torch.stack(found)


def normalise_illumination(
    seen: Tensor, guess: Tensor, skin: int, whites: tuple[Tensor, Tensor] | None = None
) -> Tensor:
    """Region colours as they would be in a light nearer to the engine's.

    One exposure and one colour cast for the whole picture: hair, lips and brows keep their relation to the skin. The
    exposure is the most probable one by three witnesses: the guess of the skin, photos as they are, whites of the eyes.

    Args:
        seen: CIELAB (B, C, 3) of the regions in the photo.
        guess: the same of a character that is guessed without trusting the photo's light.
        skin: index of the skin along C.
        whites: lightness of the whites of the eyes (B,) in the photo and in the guess's drawing; NaN where unknown.

    Returns:
        CIELAB (B, C, 3).
    """
    brightness = seen[:, skin, 0].clamp(min=5) + 16
    light = (brightness / (guess[:, skin, 0] + 16)).log() / _GUESS**2 + _PHOTOS / _PHOTOS_DEVIATION**2
    certainty = torch.full_like(brightness, 1 / _GUESS**2 + 1 / _PHOTOS_DEVIATION**2)
    if whites is not None:
        photo, drawing = whites
        seems = ((photo.clamp(min=5) + 16) / (drawing + 16)).log() - _SHADE
        sure = torch.where(seems > light / certainty, 1 / _SHINING**2, 1 / _SHADED**2)
        light = light + seems.nan_to_num(0.0) * sure
        certainty = certainty + torch.where(seems.isnan(), 0.0, sure)
    exposure = (-light / certainty).exp()[:, None, None]
    bright, chroma = (seen[..., :1] + 16) * exposure - 16, seen[..., 1:] * exposure
    cast = HUE_SHARE * (guess[:, skin, 1:] - chroma[:, skin])[:, None]
    wanted = brightness[:, None, None] * exposure
    chroma = chroma + cast * ((bright + 16) / wanted).clamp(max=1.5)
    return torch.cat((bright.clamp(0, 100), chroma), -1)
