"""A second opinion on detected faces: dlib's convolutional detector (CC0), asked about one crop at a time.

HOG finds faces in patches, seams and printed patterns; of 1693 pictures without a face 22 gave such a detection with a
score above 0, up to .98, while usable faces in bad light or behind sunglasses have scores of .1 and less
(`benchmarks/detection`). The convolutional detector makes other mistakes. It is a hundred times as slow by the pixel,
so it sees the crop of a doubtful detection only.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, Final

import dlib
import numpy as np
import numpy.typing as npt

from f2p.arrays import Pixels
from f2p.face.dlib_files import model_file
from f2p.imaging.geometry import compose, invert, warp

__all__ = ["CERTAIN", "is_face"]

CERTAIN: Final = 1.0
"""HOG score from which on a detection needs no second opinion."""

_DETECTOR: Final = "mmod_human_face_detector.dat"
# The crop's side in px, and in widths of the detection: the face is then 90 px wide, which the detector is made for.
_SIDE: Final = 200
_WIDTHS: Final = 2.2
# Faces of 23 doubtful photos had 1.03 and more, behind sunglasses .7; non-faces .61 and less, nearly all none at all.
_LEAST: Final = 0.65
_LEAST_OVERLAP: Final = 0.3
# Mean level below which a crop is brightened first: a face in a tenth of the light has .8, brightened over 1.
_DARK: Final = 64.0

_one_at_a_time: Final = threading.Lock()


def is_face(pixels: Pixels, box: tuple[float, float, float, float], upright: npt.NDArray[np.float64]) -> bool:
    """True where the convolutional detector finds a face in the place of a detection.

    Args:
        pixels: (H, W, 3) uint8.
        box: left, top, right, bottom of the detection in upright coordinates.
        upright: transform (2, 3) from upright coordinates to picture coordinates in px.
    """
    left, top, right, bottom = box
    scale = 1 / (_WIDTHS * (right - left))
    to_crop = np.array([[scale, 0.0, 0.5 - scale * (left + right) / 2], [0.0, scale, 0.5 - scale * (top + bottom) / 2]])
    values = warp(pixels, compose(invert(upright), to_crop), _SIDE).permute(1, 2, 0).numpy() * 255
    brightness = float(np.percentile(values, 90))
    if values.mean() < _DARK:
        values = np.clip(values * (200 / max(brightness, 1.0)), 0, 255)
    with _one_at_a_time:
        found = _detector()(np.ascontiguousarray(values.round().astype(np.uint8)), 0)
    middle, half = _SIDE / 2, _SIDE / _WIDTHS / 2
    expected = (middle - half, middle - half, middle + half, middle + half)
    return any(
        face.confidence >= _LEAST and _overlap(expected, _corners(face.rect)) >= _LEAST_OVERLAP for face in found
    )


@cache
def _detector() -> Any:
    return dlib.cnn_face_detection_model_v1(str(model_file(_DETECTOR)))


def _corners(box: Any) -> tuple[float, float, float, float]:
    return box.left(), box.top(), box.right() + 1, box.bottom() + 1


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / union
