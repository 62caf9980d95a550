"""Finds the face in a photo and brings it into the engine's frame.

dlib's HOG detector and its 5-point landmark model only: the 68-point model's training data excludes commercial use.
Points are continuous picture coordinates (see `f2p.warp`), in dlib's order: outer and inner corner of the eye on the
picture's right, outer and inner corner of the eye on its left, base of the nose.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import dlib
import numpy as np
import numpy.typing as npt
from PIL import Image
from torch import Tensor

from f2p.errors import FaceTooSmall, NoFace, ParameterError, SeveralFaces
from f2p.model_files import model_file
from f2p.photo import Photo
from f2p.quality import Quality, measure, warnings_about
from f2p.warp import apply, compose, coverage, similarity, warp

__all__ = ["Aligned", "Face", "Quality", "align", "choose_face", "find_faces", "warp"]

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

DETECTION_SIDE: Final = 1000
MIN_FACE: Final = 40.0
RIVAL: Final = 0.5
# Beside a plain face, fainter answers than this share of its score are folds and patterns.
FAINT: Final = 0.2
_SHOWN: Final = 8  # faces named in a message, so that a crowd does not flood it
_LANDMARKS: Final = "shape_predictor_5_face_landmarks.dat"
# Quarter turns and doublings of size to try, in this order, until one shows a face. HOG needs an upright face of about
# 60 px, and costs 0.05 s per megapixel; each doubling costs four times as much.
_ATTEMPTS: Final = ((0, 0), (0, 1), (1, 0), (3, 0), (2, 0))
# Thumbnails are doubled twice as well: so a face too small to use is found, and said to be too small.
_ATTEMPTS_SMALL: Final = (*_ATTEMPTS, (0, 2))
_SMALL_SIDE: Final = 320
# dlib's detector keeps its image pyramid between calls, so that two threads must not share it at the same time.
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: left, top, right, bottom in px, within the picture.
        score: the detector's confidence; above 0, clean frontal faces reach about 1 to 2.7.
        five: (5, 2) points in px.
    """

    box: tuple[float, float, float, float]
    score: float
    five: Array

    @property
    def width(self) -> float:
        """Of the box, in px."""
        return self.box[2] - self.box[0]


@dataclass(frozen=True, eq=False)
class Aligned:
    """A photo brought into the engine's frame.

    Attributes:
        image: float32 (3, S, S) RGB in [0, 1].
        covered: float32 (S, S), 0 where the frame reaches beyond the photo, 1 elsewhere.
        five: the face's five points (5, 2) as fractions of the frame; near the frame's own, not equal to them.
        transform: similarity (2, 3) from photo px to fractions of the frame.
        photo: (H, W, 3) uint8, the photo it was taken from.
        five_px: the face's five points (5, 2) in photo px.
        grey: whether the photo has no colour.
        quality: what can be said about the photo as a source.
        warnings: what makes a poor likeness probable; each a sentence behind a stable name (`FACE_SMALL: ...`).
    """

    image: Tensor
    covered: Tensor
    five: Array
    transform: Array
    photo: Pixels
    five_px: Array
    grey: bool
    quality: Quality
    warnings: tuple[str, ...]


def find_faces(pixels: Pixels) -> list[Face]:
    """All faces of a picture (H, W, 3) uint8, the likeliest subject (largest width x score) first.

    A picture lying on its side or standing on its head is turned for the search; answers are in its own coordinates.

    Raises:
        WeightsError: the landmark model is missing.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, DETECTION_SIDE / max(height, width))
    small = Image.fromarray(pixels).resize(
        (max(1, round(width * factor)), max(1, round(height * factor))), Image.Resampling.BOX
    )
    searched = np.asarray(small)
    for turns, doublings in _ATTEMPTS if max(searched.shape[:2]) > _SMALL_SIDE else _ATTEMPTS_SMALL:
        turned = np.ascontiguousarray(np.rot90(searched, turns))
        with _one_at_a_time:
            boxes, scores, _ = _detector().run(turned, doublings, 0.0)
        if boxes:
            back = _turned_to_picture(turns, (width, height), searched.shape[:2])
            faces = [_face(turned, box, score, back, pixels) for box, score in zip(boxes, scores, strict=True)]
            plain = [face for face in faces if face.score >= FAINT * max(scores)]
            return sorted(plain, key=lambda face: -face.width * face.score)
    return []


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


def align(
    photo: Photo,
    frame_five: npt.ArrayLike,
    size: int,
    face_index: int | None = None,
    *,
    faces: Sequence[Face] | None = None,
) -> Aligned:
    """Bring the photo's face into the engine's frame.

    Args:
        photo: a decoded photo.
        frame_five: where the five points of the average face lie (5, 2), in fractions of the engine's frame.
        size: S, the side of the aligned picture in px.
        face_index: which of `find_faces`' faces, when there are several.
        faces: what `find_faces` found in this photo, where the caller knows already.

    Raises:
        NoFace, SeveralFaces, ParameterError: as `choose_face`.
        FaceTooSmall: the face is less than `MIN_FACE` px wide.
    """
    faces = find_faces(photo.pixels) if faces is None else faces
    face = choose_face(faces, photo.pixels, face_index)
    if face.width < MIN_FACE:
        raise FaceTooSmall(
            f"The face is {face.width:.0f} px wide.",
            f"It needs at least {MIN_FACE:.0f}, and about 150 for a good likeness: use a larger or closer photo.",
            face_px=round(face.width),
        )
    # Chosen by size and not by the caller, who may not know of the others.
    others = len(faces) - 1 if face_index is None else 0
    transform = similarity(face.five, frame_five)
    quality = measure(photo.pixels, face.five, face.width, face.score)
    return Aligned(
        image=warp(photo.pixels, transform, size),
        covered=coverage(photo.pixels.shape[:2], transform, size),
        five=apply(transform, face.five),
        transform=transform,
        photo=photo.pixels,
        five_px=face.five,
        grey=photo.grey,
        quality=quality,
        warnings=warnings_about(quality, others),
    )


@cache
def _detector() -> Any:
    return dlib.get_frontal_face_detector()


@cache
def _predictor() -> Any:
    return dlib.shape_predictor(str(model_file(_LANDMARKS)))


def _face(turned: Pixels, box: Any, score: float, back: Array, pixels: Pixels) -> Face:
    shape = _predictor()(turned, box)
    # dlib numbers pixels; their centres lie half a pixel further in continuous coordinates.
    five = apply(back, [(point.x + 0.5, point.y + 0.5) for point in shape.parts()])
    corners = apply(back, [(box.left(), box.top()), (box.right() + 1, box.bottom() + 1)])
    height, width = pixels.shape[:2]
    (left, top), (right, bottom) = (np.clip(f(corners, axis=0), 0, (width, height)) for f in (np.min, np.max))
    return Face((float(left), float(top), float(right), float(bottom)), float(score), five)


def _turned_to_picture(turns: int, picture: tuple[int, int], searched: tuple[int, ...]) -> Array:
    """From the coordinates of np.rot90(searched, turns) to those of the whole picture (width, height)."""
    height, width = searched[0], searched[1]
    unturn = {
        0: np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        1: np.array([[0.0, -1.0, width], [1.0, 0.0, 0.0]]),
        2: np.array([[-1.0, 0.0, width], [0.0, -1.0, height]]),
        3: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, height]]),
    }[turns]
    return compose(unturn, np.array([[picture[0] / width, 0.0, 0.0], [0.0, picture[1] / height, 0.0]]))
