"""Scale of the face in a photo, relative to the engine's drawing of it.

Alignment makes the eyes of all faces equally far apart, the engine's camera does not: in the photo of a large head it
comes out smaller than the engine draws it. So a photo shows a drawing zoomed about the middle of the frame: what lies
at p from the middle of the drawing lies at exp(zoom) p in the photo. Most of the zoom follows from the character, by a
line in x that the trainer fits to renders; the rest, and the landmarks' error, is solved for each photo.

Shapes: V photos, B batch, P parameters, K regions, S side.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["SubsampleOffset", "Zoom", "expected_zoom", "resample_target"]

SubsampleOffset = tuple[int, int]
"""(dy, dx): of a picture only the pixels [dy::2, dx::2]."""


class Zoom:
    """Zooms of the photos of one search: what follows from the character, and a residual of each photo.

    Attributes:
        params: (V,) residuals, which are optimised, in standard deviations.
    """

    def __init__(self, statistics: Mapping[str, Tensor], deviation: float, photos: int, device: torch.device) -> None:
        """deviation: standard deviation of the residuals (`scale_deviation` of the bundle's calibration)."""
        self._statistics, self._deviation = statistics, deviation
        self.params = torch.zeros(photos, device=device).requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        """(V,) for a character x (1, P); differentiable in that too."""
        return expected_zoom(self._statistics, x) + self._deviation * self.params

    def prior(self) -> Tensor:
        """(1,): mean square of the residuals."""
        return self.params.square().mean(0, keepdim=True)


def expected_zoom(statistics: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """(B,) zoom that follows from x (B, P); 0 by the statistics of a bundle that does not know it."""
    line = statistics.get("zoom")
    if line is None:
        return x.new_zeros(len(x))
    return x @ line[:-1].to(x) + line[-1].to(x)


def resample_target(
    probs: Tensor, valid_mask: Tensor, zoom: Tensor | None = None, subsample_offset: SubsampleOffset | None = None
) -> tuple[Tensor, Tensor]:
    """A photo's label maps as a drawing has to show them, and the valid mask of these.

    Args:
        probs: (1, K, S, S) probabilities, 0 where `valid_mask` is.
        valid_mask: (1, 1, S, S) 0 where the frame reaches beyond the photo, 1 elsewhere.
        zoom: (), of this photo.
        subsample_offset: pixels that are wanted; None for all.

    Returns:
        Both at S, or at half of it with an offset; the maps are differentiable in the zoom.
    """
    (dy, dx), step = subsample_offset or (0, 0), 1 if subsample_offset is None else 2
    if zoom is None:
        return probs[..., dy::step, dx::step], valid_mask[..., dy::step, dx::step]
    side = probs.shape[-1]
    centres = ((2 * torch.arange(side, device=probs.device) + 1) / side - 1).to(probs)
    y, x = torch.meshgrid(centres[dy::step], centres[dx::step], indexing="ij")
    places = torch.stack((x, y), -1)[None] * zoom.exp()
    wanted = F.grid_sample(probs, places, mode="bilinear", padding_mode="border", align_corners=False)
    # Its edge is no edge of the face, and must not pull at the zoom.
    shown = F.grid_sample(valid_mask, places.detach(), mode="bilinear", padding_mode="zeros", align_corners=False)
    return wanted * shown, shown
