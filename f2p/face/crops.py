"""Crops of a face that networks look at, as a differentiable sampling; by default dlib's chip of 150 px.

dlib's framing (`get_face_chip_details`, dlib/image_transforms/interpolation.h): a similarity takes the five points to
fixed places of a square that is padded by a share of its side all round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.imaging.geometry import OVERSAMPLING, compose, invert, similarity, warp

__all__ = [
    "CHIP_SIZE",
    "IDENTITY_CHIP",
    "Framing",
    "Jitter",
    "chip_grid",
    "chip_transform",
    "crop_chips",
    "photo_chips",
    "random_jitter",
]

CHIP_SIZE: Final = 150
# dlib's five points of an average face in the unpadded chip; its order: outer and inner corner of the eye on the
# picture's right, outer and inner corner of the eye on its left, base of the nose.
_POINTS: Final = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)


@dataclass(frozen=True)
class Framing:
    """Framing of a chip.

    Attributes:
        size: side in px.
        padding: room about dlib's square of the face, as a share of that square's side.
        down: shift of the chip downwards, in the same unit.
    """

    size: int
    padding: float
    down: float = 0.0

    def places(self) -> npt.NDArray[np.float64]:
        """(5, 2) places of dlib's five points, in fractions of the chip."""
        return self.from_square(torch.from_numpy(_POINTS)).numpy()

    def from_square(self, points: Tensor) -> Tensor:
        """Points (..., 2) of dlib's unpadded square, in fractions of the chip."""
        return (points - points.new_tensor((0.0, self.down)) + self.padding) / (1 + 2 * self.padding)

    def to_square(self, points: Tensor) -> Tensor:
        """The other way."""
        return points * (1 + 2 * self.padding) - self.padding + points.new_tensor((0.0, self.down))


IDENTITY_CHIP: Final = Framing(CHIP_SIZE, 0.25)
"""What dlib's recogniser looks at."""


@dataclass(frozen=True, eq=False)
class Jitter:
    """Small changes of framing, one a chip.

    Attributes:
        moves: (B, 4) shift in x and in y as fractions of the chip, log of the scale, rotation in radians.
        flip: (B,) bool, whether the chip is mirrored.
    """

    moves: Tensor
    flip: Tensor

    def __len__(self) -> int:
        return len(self.moves)

    def matrices(self) -> Tensor:
        """(B, 2, 3), from the jittered chip's fractions to the plain chip's."""
        shift, scale, angle = self.moves[:, :2], self.moves[:, 2].exp(), self.moves[:, 3]
        cosine, sine = scale * angle.cos(), scale * angle.sin()
        mirror = torch.where(self.flip, -1.0, 1.0).to(self.moves)
        linear = torch.stack([cosine * mirror, -sine, sine * mirror, cosine], dim=1).view(-1, 2, 2)
        # The moves turn about the chip's middle, so that they do not shift the face as well.
        middle = torch.full((2,), 0.5).to(self.moves)
        return torch.cat([linear, (middle - linear @ middle + shift)[:, :, None]], dim=2)


def random_jitter(
    batch: int,
    generator: torch.Generator,
    *,
    shift: float = 0.015,
    log_scale: float = 0.03,
    rotation: float = 0.03,
    flip: float = 0.5,
) -> Jitter:
    """Jitter drawn uniformly within +- the given strengths; `flip` is the probability of a mirrored chip.

    The generator is a CPU one, so that the same seed gives the same jitter on any device.
    """
    strength = torch.tensor([shift, shift, log_scale, rotation])
    moves = (2 * torch.rand(batch, 4, generator=generator) - 1) * strength
    return Jitter(moves, torch.rand(batch, generator=generator) < flip)


def chip_transform(frame_landmarks5: npt.ArrayLike, framing: Framing = IDENTITY_CHIP) -> npt.NDArray[np.float64]:
    """Similarity (2, 3) from the coordinates of five points (5, 2) to fractions of the chip.

    For points in fractions of the engine's frame it takes frame fractions, for points in photo px it takes photo px.
    """
    return similarity(frame_landmarks5, framing.places())


def chip_grid(
    frame_landmarks5: npt.ArrayLike, jitter: Jitter | None = None, framing: Framing = IDENTITY_CHIP
) -> Tensor:
    """Sampling grid of the chip in the engine's frame: (B, size, size, 2) for `grid_sample`, B = 1 unjittered.

    `frame_landmarks5` (5, 2) in fractions of the frame. The grid is for align_corners=False.
    """
    back = torch.from_numpy(invert(chip_transform(frame_landmarks5, framing))).float()
    centres = (torch.arange(framing.size) + 0.5) / framing.size
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    places = torch.stack([x, y], dim=-1).view(1, -1, 2)
    if jitter is not None:
        moves = jitter.matrices().float()
        places = _apply(moves, places.to(moves.device))
    frame = _apply(back[None].to(places), places)
    return (2 * frame - 1).view(-1, framing.size, framing.size, 2)


def crop_chips(
    images: Tensor,
    frame_landmarks5: npt.ArrayLike,
    jitter: Jitter | None = None,
    zoom: Tensor | None = None,
    framing: Framing = IDENTITY_CHIP,
) -> Tensor:
    """Cut the chips out of pictures in the engine's frame, differentiably.

    Args:
        images: (B, 3, S, S) in [0, 1].
        frame_landmarks5: the frame's five points (5, 2), in fractions.
        jitter: one move a chip; its length is B, or anything when B is 1 (many chips of one picture).
        zoom: () or (B, 1, 1, 1), log of the face's magnification, as in `f2p.fitting.scale`; differentiable.
        framing: of the chips.

    Returns:
        (B, 3, size, size), or (len(jitter), 3, size, size) of one picture; outside the frame its border goes on.
    """
    grid = chip_grid(frame_landmarks5, jitter, framing).to(images)
    if zoom is not None:
        grid = grid * (-zoom).exp()
    scale = math.sqrt(abs(np.linalg.det(chip_transform(frame_landmarks5, framing)[:, :2])))
    pixels_per_sample = images.shape[-1] / framing.size / scale
    if pixels_per_sample > OVERSAMPLING:
        side = round(images.shape[-1] * OVERSAMPLING / pixels_per_sample)
        images = F.interpolate(images, size=(side, side), mode="bilinear", antialias=True, align_corners=False)
    batch = max(len(images), len(grid))
    return F.grid_sample(
        images.expand(batch, -1, -1, -1),
        grid.expand(batch, -1, -1, -1),
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )


def photo_chips(
    pixels: npt.NDArray[np.uint8],
    landmarks5_px: npt.ArrayLike,
    jitters: Sequence[Jitter] | Jitter | None = None,
    framing: Framing = IDENTITY_CHIP,
) -> Tensor:
    """Chips straight from a photo at its full resolution: (N, 3, size, size) in [0, 1]; one plain chip without jitters.

    Args:
        pixels: (H, W, 3) uint8.
        landmarks5_px: dlib's five points (5, 2) in photo px, as `Face.landmarks5` has them.
        jitters: the moves of N chips.
        framing: of the chips.
    """
    plain = chip_transform(landmarks5_px, framing)
    if jitters is None:
        return warp(pixels, plain, framing.size)[None]
    groups = [jitters] if isinstance(jitters, Jitter) else jitters
    moves = torch.cat([group.matrices() for group in groups]).double().cpu().numpy()
    return torch.stack([warp(pixels, compose(plain, invert(move)), framing.size) for move in moves])


def _apply(matrices: Tensor, points: Tensor) -> Tensor:
    """(B, 2, 3) on (1 or B, N, 2)."""
    return points @ matrices[:, :, :2].transpose(1, 2) + matrices[:, None, :, 2]
