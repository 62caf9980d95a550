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
from f2p.regions import REGIONS
from imitator_training.data.dataset import Renders
from imitator_training.runtime.batch_rng import BatchRng

__all__ = ["as_photos", "labelled_points", "zoom_line"]

DETECTED_SIDE = 320
"""Smaller pictures are enlarged to it, so that the detector, which begins at 60 px, finds the face."""
POINT_NOISE = 0.004
"""Of the points, as a share of the side: how far a detector errs on photos, which are worse than renders."""
MOST_CUT = (0.27, 0.2, 0.27, 0.22)
"""Largest cuts from left, top, right and bottom, as shares of the picture: the face stays whole."""
LINE_SAMPLES = 3000
FEWEST_PER_SLIDER = 3
TRIED = 100
"""Renders after which the detector must have found a quarter of the faces."""
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

    Least squares with a weak ridge. In an engine whose faces the detector does not know, and which therefore has
    ``five_points`` of its own, eyes and nose are taken from the label maps. All 0 where these are not drawn either.
    """
    indices = np.arange(min(LINE_SAMPLES, len(data)))
    resting = [data.schema.slices[s.name].start for s in data.schema.continuous if s.role == "expression"]
    x = data.gather("x", indices).astype(np.float64)
    still = indices[(data.gather("view", indices) == 0).all(1) & (x[:, resting] == 0).all(1)]
    fewest = FEWEST_PER_SLIDER * data.schema.size
    rows, zoom = _detected_zoom(data, still)
    if len(rows) < fewest:
        rows, zoom = _labelled_zoom(data, still)
    if len(rows) < fewest:
        print(f"zoom: faces were found in {len(rows)} neutral renders, too few for a line; taken as 0", file=sys.stderr)
        return torch.zeros(data.schema.size + 1)
    about = x[rows] - x[rows].mean(0)
    slope = np.linalg.solve(about.T @ about + RIDGE * np.eye(data.schema.size), about.T @ (zoom - zoom.mean()))
    return torch.from_numpy(np.append(slope, zoom.mean() - x[rows].mean(0) @ slope)).float()


Zooms = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
"""Renders by number, and the logarithm of what alignment enlarges each by."""


def _detected_zoom(data: Renders, indices: npt.NDArray[np.int64]) -> Zooms:
    """By the detector's five points, as photos are aligned. The search ends early where it finds next to nothing."""
    found: list[tuple[int, float]] = []
    for tried, index in enumerate(track(indices, description="zoom", disable=not sys.stderr.isatty())):
        if tried == TRIED and len(found) < TRIED // 4:
            break
        landmarks5 = _five(data.gather("images", [index])[0])
        if landmarks5 is not None:
            found.append((index, _log_scale(landmarks5, data.frame_landmarks5)))
    return np.array([i for i, _ in found], np.int64), np.array([z for _, z in found])


def _labelled_zoom(data: Renders, indices: npt.NDArray[np.int64]) -> Zooms:
    """By eyes and nose in the label maps, against where they lie on average."""
    seen = [(index, labelled_points(labels)) for index in indices for labels in data.gather("labels", [index])]
    known = [(index, points) for index, points in seen if points is not None]
    middle = np.mean([points for _, points in known], axis=0) if known else np.zeros((3, 2))
    return np.array([i for i, _ in known], np.int64), np.array([_log_scale(points, middle) for _, points in known])


def labelled_points(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
    """(3, 2) middles of both eyes, from the left of the picture, and the lowest point of the nose, as fractions of the
    side of a label map (S, S); None where a part of them is not drawn."""
    eyes, nose = labels == REGIONS.index("eyes"), labels == REGIONS.index("nose")
    if not nose.any():
        return None
    middle = np.nonzero(nose)[1].mean()
    columns = np.arange(labels.shape[1])
    halves = [np.argwhere(eyes & side) for side in (columns < middle, columns >= middle)]
    if any(not len(half) for half in halves):
        return None
    base = np.array([[np.nonzero(nose)[0].max(), middle]])
    points = np.concatenate([*(half.mean(0, keepdims=True) for half in halves), base])
    return (points[:, ::-1] + 0.5) / labels.shape[0]


def _log_scale(points: npt.NDArray[np.float64], frame: npt.NDArray[np.float64]) -> float:
    return float(np.log(np.linalg.det(similarity(points, frame)[:, :2]) ** 0.5))


def _five(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
    """The five points (5, 2) of a render's only face, in fractions of its side; None where the detector sees none."""
    side = max(len(pixels), DETECTED_SIDE)
    faces = find_faces(np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)), verify=False)
    return faces[0].landmarks5 / side if len(faces) == 1 else None
