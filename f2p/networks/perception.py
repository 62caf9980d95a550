"""What networks of others see in a face: landmarks, blendshapes, age and sex, of photos and of drawings alike.

All four look at a chip that dlib's five points frame (`f2p.face.crops`), so that no detector stands between a drawing
and its gradient. The mesh's framing is the mean of what its own tracker settles at, over 80 portraits: landmarks differ
from those of the package's route (its detector, then its network) by .008 of the distance of the eyes' outer corners;
detector and tracker of the package differ by .007 between them.

Shapes: B batch, L landmarks, E blendshapes.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Final

import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.arrays import Pixels
from f2p.face.crops import Framing, crop_chips, photo_chips
from f2p.imaging.colour import srgb_to_lab
from f2p.networks.attributes.age import AGE_SIDE, AgeNet, age_net
from f2p.networks.attributes.sex import SEX_SIDE, SexNet, sex_net
from f2p.networks.landmarks.blendshapes import Blendshapes, blendshapes
from f2p.networks.landmarks.face_mesh import LANDMARKS, MESH_SIDE, FaceMesh, face_mesh

__all__ = ["AGE_CHIP", "MESH_CHIP", "SEX_CHIP", "FaceAttributes", "Perception", "Shape", "perception"]

MESH_CHIP: Final = Framing(MESH_SIDE, 0.566, -0.03)
AGE_CHIP: Final = Framing(AGE_SIDE, 0.2)
SEX_CHIP: Final = Framing(SEX_SIDE, 0.2)
_EYES: Final = (33, 133, 263, 362)  # outer and inner corner of the eye at the picture's left, the same of the other

_RING: Final = (0.5, 0.65, 0.8)  # of an iris's radius, beyond the pupil and within the dark rim


@dataclass(frozen=True, eq=False)
class Shape:
    """Landmarks and blendshapes of faces.

    Attributes:
        landmarks: (B, L, 2) about the middle of the eyes' four corners, in distances of the eyes' outer corners.
        blendshapes: (B, E) in [0, 1], in the order of `f2p.networks.landmarks.blendshapes.BLENDSHAPES`.
        irises: (B, 3) colour of the irises between pupil and rim, CIELAB, of the picture as it is.
    """

    landmarks: Tensor
    blendshapes: Tensor
    irises: Tensor


@dataclass(frozen=True, eq=False)
class FaceAttributes:
    """Age and sex of faces.

    Attributes:
        age: (B,) years.
        female: (B,) log-odds.
    """

    age: Tensor
    female: Tensor

    @property
    def features(self) -> Tensor:
        """(B, 2) for the translator: centuries, and tenths of the log-odds, of which more than 8 say nothing more."""
        return torch.stack((self.age / 100, self.female.clamp(-8, 8) / 10), 1)


@dataclass(frozen=True, eq=False)
class Perception:
    """The four networks, frozen, on one device."""

    mesh: FaceMesh
    blendshapes: Blendshapes
    age: AgeNet
    sex: SexNet

    def shape(self, images: Tensor, frame_landmarks5: npt.ArrayLike, zoom: Tensor | None = None) -> Shape:
        """Of pictures (B, 3, S, S) in the engine's frame, differentiable. zoom: as for `crop_chips`."""
        return self._shape(crop_chips(images, frame_landmarks5, zoom=zoom, framing=MESH_CHIP))

    def attributes(self, images: Tensor, frame_landmarks5: npt.ArrayLike) -> FaceAttributes:
        """Of pictures (B, 3, S, S) in the engine's frame, differentiable."""
        age, female = self.years(images, frame_landmarks5), self.female(images, frame_landmarks5)
        return FaceAttributes(age=age, female=female)

    def years(self, images: Tensor, frame_landmarks5: npt.ArrayLike) -> Tensor:
        """(B,) age of pictures (B, 3, S, S) in the engine's frame, differentiable."""
        return self.age.years(crop_chips(images, frame_landmarks5, framing=AGE_CHIP))

    def female(self, images: Tensor, frame_landmarks5: npt.ArrayLike) -> Tensor:
        """(B,) log-odds of pictures (B, 3, S, S) in the engine's frame, differentiable."""
        logits: Tensor = self.sex(crop_chips(images, frame_landmarks5, framing=SEX_CHIP))
        return logits

    def of_photo(self, pixels: Pixels, landmarks5_px: npt.ArrayLike) -> tuple[Shape, FaceAttributes]:
        """Of a photo (H, W, 3) at its full resolution, batch 1: the next two."""
        return self.shape_of_photo(pixels, landmarks5_px), self.attributes_of_photo(pixels, landmarks5_px)

    @torch.no_grad()
    def shape_of_photo(self, pixels: Pixels, landmarks5_px: npt.ArrayLike) -> Shape:
        """Landmarks and blendshapes of a photo (H, W, 3), batch 1."""
        return self._shape(photo_chips(pixels, landmarks5_px, framing=MESH_CHIP).to(self._device()))

    @torch.no_grad()
    def mesh_of_photo(self, pixels: Pixels, landmarks5_px: npt.ArrayLike) -> Tensor:
        """(L, 2) landmarks of a photo (H, W, 3), in dlib's square of the face (`f2p.face.crops`)."""
        return self._mesh(photo_chips(pixels, landmarks5_px, framing=MESH_CHIP).to(self._device()))

    @torch.no_grad()
    def mesh_of_drawing(self, image: Tensor, frame_landmarks5: npt.ArrayLike) -> Tensor:
        """The same of a picture (1, 3, S, S) in the engine's frame."""
        return self._mesh(crop_chips(image, frame_landmarks5, framing=MESH_CHIP))

    @torch.no_grad()
    def attributes_of_photo(self, pixels: Pixels, landmarks5_px: npt.ArrayLike) -> FaceAttributes:
        """Age and sex of a photo (H, W, 3), batch 1; means with its mirror image."""
        age, sex = (
            photo_chips(pixels, landmarks5_px, framing=each).to(self._device()) for each in (AGE_CHIP, SEX_CHIP)
        )
        years = self.age.years(torch.cat((age, age.flip(-1)))).mean(0, keepdim=True)
        female = self.sex(torch.cat((sex, sex.flip(-1)))).mean(0, keepdim=True)
        return FaceAttributes(age=years, female=female)

    def _shape(self, chips: Tensor) -> Shape:
        points, _ = self.mesh(chips)
        weights = self.blendshapes(points)
        points = points[..., :2]
        corners = points[:, list(_EYES)]
        size = (corners[:, 0] - corners[:, 2]).norm(dim=-1)[:, None, None]
        landmarks = (points - corners.mean(1, keepdim=True)) / size
        return Shape(landmarks=landmarks, blendshapes=weights, irises=_iris_colours(chips, points))

    def _mesh(self, chips: Tensor) -> Tensor:
        points, _ = self.mesh(chips)
        return MESH_CHIP.to_square(points[0, :, :2] / MESH_SIDE)

    def _device(self) -> torch.device:
        return self.sex.mean.device


def _iris_colours(chips: Tensor, points: Tensor) -> Tensor:
    """(B, 3) CIELAB, from chips (B, 3, S, S) and landmarks (B, L, 2) in px: the mean over the lower half of both rings
    between pupil and rim, where no lid throws its shadow. Differentiable in the colours, not in the places."""
    eyes = points[:, LANDMARKS - 10 :].detach().view(len(points), 2, 5, 2)
    middle, rim = eyes[:, :, :1], eyes[:, :, 1:]
    radius = (rim - middle).norm(dim=-1).mean(2)[:, :, None, None]
    angles = torch.linspace(-0.1, math.pi + 0.1, 9, device=chips.device)
    ring = torch.stack((angles.cos(), angles.sin()), -1)
    offsets = torch.cat([ring * share for share in _RING])
    places = (middle + radius * offsets).flatten(1, 2)
    grid = 2 * places / chips.shape[-1] - 1
    seen = F.grid_sample(chips, grid[:, None], mode="bilinear", padding_mode="border", align_corners=False)
    return srgb_to_lab(seen[:, :, 0].mean(-1))


def perception(device: torch.device | None = None) -> Perception:
    """The networks with their published weights; those of the CPU are shared by all of the process.

    Raises:
        WeightsError: weights are missing or wrong.
    """
    networks = face_mesh(), blendshapes(), age_net(), sex_net()
    if device is None or device.type == "cpu":
        return Perception(*networks)
    mesh, blend, age, sex = copy.deepcopy(networks)
    return Perception(mesh.to(device), blend.to(device), age.to(device), sex.to(device))
