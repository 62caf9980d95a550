"""Illumination normalisation: measured region colours as they would be in a light nearer to the engine's.

Lightness is written as log(L* + 16): in CIELAB an exposure of k^3 multiplies L* + 16, a* and b* by k (above the linear
toe of its curve), so that an exposure adds the same log k to every region. log k is the inverse-variance mean of up to
three estimates of it.

Shapes: B batch, K regions, C colour regions, S side.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from f2p.bundle import IlluminationPrior
from f2p.imaging.colour import srgb_to_lab
from f2p.regions import index

__all__ = ["normalise_illumination", "sclera_lightness"]

_FEWEST: Final = 20  # pixels of the eyes
_BAND: Final = (0.05, 0.25)  # of an eye's pixels, the brightest but for glints
_SPECTACLES: Final = 0.008  # share of the frame from which on glasses lie before the eyes


def sclera_lightness(image: Tensor, probs: Tensor) -> Tensor:
    """Lightness L* of the whites of the eyes, (B,); NaN where they are not visible: closed, small, or behind glasses.

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
    colours: Tensor,
    guess: Tensor,
    skin: int,
    sclera: tuple[Tensor, Tensor] | None = None,
    prior: IlluminationPrior | None = None,
) -> Tensor:
    """Region colours less the photo's exposure and colour cast, as far as these can be told.

    One exposure and one cast for the whole picture: hair, lips and brows keep their relation to the skin. The exposure
    is the inverse-variance mean of three estimates: the skin against its guess, the prior of photos, and the whites of
    the eyes, which tell dark skin (beside which they shine) from dim light (which dims them too).

    Args:
        colours: CIELAB (B, C, 3) of the regions in the photo.
        guess: the same of a character that is guessed without trusting the photo's light.
        skin: index of the skin along C.
        sclera: L* of the whites of the eyes (B,), in the photo and in the guess's drawing; NaN where unknown.
        prior: of the engine; the shipped one's by default.

    Returns:
        CIELAB (B, C, 3).
    """
    prior = prior or IlluminationPrior()
    brightness = colours[:, skin, 0].clamp(min=5) + 16
    by_skin = (brightness / (guess[:, skin, 0] + 16)).log()
    weighted = by_skin / prior.skin_deviation**2 + prior.exposure_mean / prior.exposure_deviation**2
    precision = torch.full_like(brightness, 1 / prior.skin_deviation**2 + 1 / prior.exposure_deviation**2)
    if sclera is not None:
        photo, drawing = sclera
        by_sclera = ((photo.clamp(min=5) + 16) / (drawing + 16)).log() - prior.sclera_shade
        bright, dark = 1 / prior.sclera_deviation_bright**2, 1 / prior.sclera_deviation_dark**2
        sure = torch.where(by_sclera > weighted / precision, bright, dark)
        weighted = weighted + by_sclera.nan_to_num(0.0) * sure
        precision = precision + torch.where(by_sclera.isnan(), 0.0, sure)
    correction = (-weighted / precision).exp()[:, None, None]
    lightness, chroma = (colours[..., :1] + 16) * correction - 16, colours[..., 1:] * correction
    cast = prior.hue_share * (guess[:, skin, 1:] - chroma[:, skin])[:, None]
    skin_brightness = brightness[:, None, None] * correction
    chroma = chroma + cast * ((lightness + 16) / skin_brightness).clamp(max=1.5)
    return torch.cat((lightness.clamp(0, 100), chroma), -1)
