"""Faces in a photo: dlib's HOG detector at several turns and sizes, five landmarks, and the choice of one face."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import dlib
import numpy as np
import numpy.typing as npt
from PIL import Image

from f2p.arrays import Pixels
from f2p.errors import NoFace, ParameterError, SeveralFaces
from f2p.face.dlib_files import model_file
from f2p.face.verification import CERTAIN, is_face
from f2p.imaging.geometry import apply, compose, invert

__all__ = ["DETECTION_SIDE", "MIN_FACE", "Face", "choose_face", "detect", "find_faces", "settled"]

Array = npt.NDArray[np.float64]


DETECTION_SIDE: Final = 1000
MIN_FACE: Final = 40.0
RIVAL: Final = 0.5
# Beside a plain face, fainter answers than this share of its score are folds and patterns.
FAINT: Final = 0.2
_MOST: Final = 64  # detections of one search that are looked at, the best ones
_SHOWN: Final = 8  # faces named in a message, so that a crowd does not flood it
_LANDMARKS: Final = "shape_predictor_5_face_landmarks.dat"
# Quarter turns and doublings of size to try, in this order, until one shows a face. HOG needs an upright face of about
# 60 px, and costs 0.05 s per megapixel; each doubling costs four times as much.
_ATTEMPTS: Final = ((0, 0), (0, 1), (1, 0), (3, 0), (2, 0))
# Thumbnails are doubled twice as well: so a face too small to use is found, and said to be too small.
_ATTEMPTS_SMALL: Final = (*_ATTEMPTS, (0, 2))
_SMALL_SIDE: Final = 320
# Boxes that points are averaged over: between the eyes' outer corners and the nose's base, shifted by these shares of
# the width; and the width, in distances of the eyes' outer corners, by these factors.
_SHIFTS: Final = (-0.06, 0.0, 0.06)
_SCALES: Final = (0.94, 1.0, 1.06)
_BOX_EYES: Final = 1.55
_BOX_DOWN: Final = 0.65  # from the eyes to the base of the nose
_ROUNDS: Final = 6
# dlib's detector keeps its image pyramid between calls, so that two threads must not share it at the same time.
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: left, top, right, bottom in px, within the picture.
        score: the detector's confidence; above 0, clean frontal faces reach about 1 to 2.7.
        landmarks5: (5, 2) points in px.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks5: Array

    @property
    def width(self) -> float:
        """Width of the box in px."""
        return self.box[2] - self.box[0]


def find_faces(pixels: Pixels, *, verify: bool = True) -> list[Face]:
    """All faces of a picture (H, W, 3) uint8, the likeliest subject (largest width x score) first.

    A picture lying on its side or standing on its head is turned for the search; answers are in its own coordinates.
    Doubtful detections are verified (`f2p.face.verification`), unless `verify` is False.

    Raises:
        WeightsError: a model is missing.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, DETECTION_SIDE / max(height, width))
    small = Image.fromarray(pixels).resize(
        (max(1, round(width * factor)), max(1, round(height * factor))), Image.Resampling.BOX
    )
    searched = np.asarray(small)
    for turns, doublings in _ATTEMPTS if max(searched.shape[:2]) > _SMALL_SIDE else _ATTEMPTS_SMALL:
        turned = np.ascontiguousarray(np.rot90(searched, turns))
        back = _turned_to_picture(turns, (width, height), searched.shape[:2])
        faces = _detections(turned, doublings, pixels, back, verify)
        if faces:
            return sorted(faces, key=lambda face: -face.width * face.score)
    return []


def detect(pixels: Pixels) -> list[Face]:
    """Upright faces of a picture (H, W, 3) uint8 at its own resolution, of 60 px and more, verified."""
    return _detections(pixels, 0, pixels, np.eye(2, 3), verify=True)


def _detections(turned: Pixels, doublings: int, pixels: Pixels, back: Array, verify: bool) -> list[Face]:
    """Faces in a turned picture, best score first, in the coordinates of `pixels`; `back` (2, 3) leads there."""
    with _one_at_a_time:
        boxes, scores, _ = _detector().run(turned, doublings, 0.0)
    # Beside a plain face, a faint answer is a fold or a pattern; what is no face must not make a face faint.
    pairs = sorted(zip(scores, boxes, strict=True), key=lambda pair: -pair[0])[:_MOST]
    faces: list[Face] = []
    for score, box in pairs:
        if faces and score < FAINT * faces[0].score:
            break
        corners = (box.left(), box.top(), box.right() + 1, box.bottom() + 1)
        if not verify or score >= CERTAIN or is_face(pixels, corners, back):
            faces.append(_face(turned, box, score, back, pixels))
    return faces


def choose_face(faces: Sequence[Face], pixels: Pixels, index: int | None = None) -> Face:
    """The face to work on: the one of that index, else the only one that stands out by size.

    Raises:
        NoFace: there are none.
        SeveralFaces: another is at least half as wide as the widest, and no index was given.
        ParameterError: there is no face of that index.
    """
    if not faces:
        raise NoFace(
            "No face was found in the photo.", "Use a photo that shows one face from the front, upright, well lit."
        )
    if index is not None:
        if not 0 <= index < len(faces):
            raise ParameterError(
                f"There is no face {index} in the photo.",
                f"It shows {len(faces)}: use 0 to {len(faces) - 1}.",
                faces=len(faces),
            )
        return faces[index]
    largest = max(faces, key=lambda face: face.width)
    rivals = [face for face in faces if face.width >= RIVAL * largest.width]
    if len(rivals) > 1:
        width = pixels.shape[1]
        places = "; ".join(
            f"{n}: {100 * (face.box[0] + face.box[2]) / 2 / width:.0f} % from the left, {face.width:.0f} px wide"
            for n, face in list(enumerate(faces))[:_SHOWN]
        )
        raise SeveralFaces(
            f"The photo shows {len(faces)} faces ({places}).",
            "Say which by its number, or crop the photo to one.",
            faces=len(faces),
        )
    return largest


def settled(pixels: Pixels, face: Face) -> Face:
    """The face with points that hardly depend on where the detector's steps fell.

    The detector's boxes go in steps of several px, and the points follow them, by .2 % of a small face's width, which
    moves its embedding by up to .07. Means over boxes all about the points, repeated until they stay, mostly agree to
    the last bit.

    Args:
        pixels: (H, W, 3), the picture that the face was found in.
        face: in its coordinates.
    """
    points = face.landmarks5
    right, left = points[0], points[2]
    turns = round(math.atan2(right[1] - left[1], right[0] - left[0]) / (math.pi / 2)) % 4
    turned = np.ascontiguousarray(np.rot90(pixels, turns))
    back = _turned_to_picture(turns, (pixels.shape[1], pixels.shape[0]), turned.shape)
    points = apply(invert(back), points)
    for _ in range(_ROUNDS):
        eyes = (points[0] + points[2]) / 2
        x, y = eyes + _BOX_DOWN * (points[4] - eyes)
        width = _BOX_EYES * float(np.hypot(*(points[0] - points[2])))
        boxes = [
            (x + across * width, y + down * width, scale * width / 2)
            for across in _SHIFTS
            for down in _SHIFTS
            for scale in _SCALES
        ]
        before, points = points, np.mean([_points(turned, _square(*box)) for box in boxes], axis=0)
        # Boxes are of whole px: once they stay, so do the points.
        if np.allclose(before, points, rtol=0, atol=1e-9):
            break
    else:
        points = (before + points) / 2  # mostly two states that follow each other
    return replace(face, landmarks5=apply(back, points))


def _square(x: float, y: float, reach: float) -> Any:
    return dlib.rectangle(round(x - reach), round(y - reach), round(x + reach), round(y + reach))


def _points(pixels: Pixels, box: Any) -> Array:
    # dlib numbers pixels; their centres lie half a pixel further in continuous coordinates.
    return np.array([(point.x + 0.5, point.y + 0.5) for point in _predictor()(pixels, box).parts()])


@cache
def _detector() -> Any:
    return dlib.get_frontal_face_detector()


@cache
def _predictor() -> Any:
    return dlib.shape_predictor(str(model_file(_LANDMARKS)))


def _face(turned: Pixels, box: Any, score: float, back: Array, pixels: Pixels) -> Face:
    landmarks5 = apply(back, _points(turned, box))
    corners = apply(back, [(box.left(), box.top()), (box.right() + 1, box.bottom() + 1)])
    height, width = pixels.shape[:2]
    (left, top), (right, bottom) = (np.clip(f(corners, axis=0), 0, (width, height)) for f in (np.min, np.max))
    return Face((float(left), float(top), float(right), float(bottom)), float(score), landmarks5)


def _turned_to_picture(turns: int, picture: tuple[int, int], searched: tuple[int, ...]) -> Array:
    """Transform (2, 3) from coordinates of np.rot90(searched, turns) to those of the picture (width, height)."""
    height, width = searched[0], searched[1]
    unturn = {
        0: np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        1: np.array([[0.0, -1.0, width], [1.0, 0.0, 0.0]]),
        2: np.array([[-1.0, 0.0, width], [0.0, -1.0, height]]),
        3: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, height]]),
    }[turns]
    return compose(unturn, np.array([[picture[0] / width, 0.0, 0.0], [0.0, picture[1] / height, 0.0]]))
