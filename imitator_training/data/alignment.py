"""Renders brought into the engine frame as photos are: found by the detector, and laid on their own five points.

A render as the engine makes it keeps the distance that its camera has; a photo says nothing about that. Alignment makes
the eyes of all faces equally far apart, so that a large head comes out smaller, and a small one larger
(`f2p.fitting.scale`).
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from rich.progress import track
from torch import Tensor

from f2p.face.detection import find_faces
from f2p.imaging.geometry import coverage, similarity, warp
from imitator_training.data.dataset import Renders
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["as_photos", "zoom_line"]

DETECTED_SIDE = 320
"""Smaller pictures are enlarged to it, so that the detector, which begins at 60 px, finds the face."""
POINT_NOISE = 0.004
"""Of the points, as a share of the side: how far a detector errs on photos, which are worse than renders."""
MOST_CUT = (0.27, 0.2, 0.27, 0.22)
"""Largest cuts from left, top, right and bottom, as shares of the picture: the face stays whole."""
LINE_SAMPLES = 3000
FEWEST_PER_SLIDER = 3
RIDGE = 1.0


def as_photos(
    images: npt.NDArray[np.uint8],
    frame_landmarks5: npt.ArrayLike,
    rng: BatchRng,
    size: int | None = None,
    cut: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Aligned renders (n, 3, s, s) in [0, 1], and where they are (n, 1, s, s): 0 where the frame reaches beyond them.

    One whose face is not found stays as it is.

    images: (n, S, S, 3) uint8. rng: of the simulated detector errors. size: s; S by default. cut: share of their sides
    at which the photo ends within the frame: portraits are cropped closely, and then hide where the hair ends.
    """
    taken, covers, side = [], [], images.shape[1]
    size = size or side
    noise = POINT_NOISE * rng.randn(len(images), 5, 2).double().cpu().numpy()
    ends = np.round(side * _ends(rng, len(images), cut)).astype(int)
    for pixels, error, (left, top, right, bottom) in zip(images, noise, ends, strict=True):
        landmarks5 = _five(pixels)
        transform = np.eye(2, 3) if landmarks5 is None else similarity(landmarks5 + error, frame_landmarks5)
        transform = transform @ np.array([[1, 0, left], [0, 1, top], [0, 0, side]]) / side
        part = pixels[top:bottom, left:right]
        taken.append(warp(part, transform, size))
        covers.append(coverage(part.shape[:2], transform, size))
    return torch.stack(taken), torch.stack(covers)[:, None]


def _ends(rng: BatchRng, count: int, share: float) -> npt.NDArray[np.float64]:
    """(n, 4) left, top, right and bottom of what a photo shows, as fractions of the picture."""
    if not share:
        return np.tile([0.0, 0.0, 1.0, 1.0], (count, 1))
    drawn = rng.rand(count, 4, 2).double().cpu().numpy()
    inwards = np.array(MOST_CUT) * drawn[..., 0] * (drawn[..., 1] < share)
    return np.where([True, True, False, False], inwards, 1.0 - inwards)


def zoom_line(data: Renders) -> Tensor:
    """(P + 1,) slope and offset of the zoom by which alignment changes a neutral frontal render, as a line in x.

    Least squares with a weak ridge. All 0 where too few faces are found to tell, as in an engine that rng no people.
    """
    indices = np.arange(min(LINE_SAMPLES, len(data)))
    resting = [data.schema.slices[s.name].start for s in data.schema.continuous if s.role == "expression"]
    x, found = data.gather("x", indices).astype(np.float64), []
    still = (data.gather("view", indices) == 0).all(1) & (x[:, resting] == 0).all(1)
    for index in track(indices[still], description="zoom", disable=not sys.stderr.isatty()):
        landmarks5 = _five(data.gather("images", [index])[0])
        if landmarks5 is not None:
            scale = np.linalg.det(similarity(landmarks5, data.frame_landmarks5)[:, :2]) ** 0.5
            found.append((index, np.log(scale)))
    if len(found) < FEWEST_PER_SLIDER * data.schema.size:
        print(
            f"zoom: faces were found in {len(found)} neutral renders, too few for a line; taken as 0", file=sys.stderr
        )
        return torch.zeros(data.schema.size + 1)
    rows, zoom = np.array([index for index, _ in found]), np.array([z for _, z in found])
    about = x[rows] - x[rows].mean(0)
    slope = np.linalg.solve(about.T @ about + RIDGE * np.eye(data.schema.size), about.T @ (zoom - zoom.mean()))
    return torch.from_numpy(np.append(slope, zoom.mean() - x[rows].mean(0) @ slope)).float()


def _five(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
    """The five points (5, 2) of a render's only face, in fractions of its side; None where the detector sees none."""
    side = max(len(pixels), DETECTED_SIDE)
    faces = find_faces(np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)), verify=False)
    return faces[0].landmarks5 / side if len(faces) == 1 else None
