"""How large a photo shows a face, against how large the engine would.

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
REST = 0.03
"""Standard deviation of what the line leaves: half of it is the line's own error, half the landmarks'."""


class Zoom:
    """The zooms of the photos of one search.

    Attributes:
        free: (V,) what is optimised: each photo's own part, in standard deviations.
    """

    def __init__(self, statistics: Mapping[str, Tensor], photos: int) -> None:
        self.statistics = statistics
        self.free = torch.zeros(photos).requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        """(V,) for a character x (1, P); differentiable in that too."""
        return expected_zoom(self.statistics, x) + REST * self.free

    def prior(self) -> Tensor:
        """(1,): mean square of the photos' own parts."""
        return self.free.square().mean(0, keepdim=True)


def expected_zoom(statistics: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """(B,) zoom that follows from x (B, P); 0 by the statistics of a bundle that does not know it."""
    line = statistics.get("zoom")
    if line is None:
        return x.new_zeros(len(x))
    return x @ line[:-1].to(x) + line[-1].to(x)


def resample_target(
    probs: Tensor, valid_mask: Tensor, zoom: Tensor | None = None, subsample_offset: SubsampleOffset | None = None
) -> tuple[Tensor, Tensor]:
    """A photo's label maps as a drawing has to show them, and where the photo has any say.

    Args:
        probs: (1, K, S, S) probabilities, 0 where `valid_mask` is.
        valid_mask: (1, 1, S, S) 0 where the frame reaches beyond the photo, 1 elsewhere.
        zoom: (), of this photo.
        subsample_offset: which pixels are asked for; None for all.

    Returns:
        Both at S, or half of it with a phase; the maps are differentiable in the zoom.
    """
    (dy, dx), step = subsample_offset or (0, 0), 1 if subsample_offset is None else 2
    if zoom is None:
        return probs[..., dy::step, dx::step], valid_mask[..., dy::step, dx::step]
    side = probs.shape[-1]
    centres = ((2 * torch.arange(side) + 1) / side - 1).to(probs)
    y, x = torch.meshgrid(centres[dy::step], centres[dx::step], indexing="ij")
    places = torch.stack((x, y), -1)[None] * zoom.exp()
    wanted = F.grid_sample(probs, places, mode="bilinear", padding_mode="border", align_corners=False)
    # Its edge is no edge of the face, and must not pull at the zoom.
    cover = F.grid_sample(valid_mask, places.detach(), mode="bilinear", padding_mode="zeros", align_corners=False)
    return wanted * cover, cover
