"""How good a photo is as a source, measured on its face; and what to warn of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.warp import similarity, warp

__all__ = ["Quality", "measure", "warnings_about"]

SMALL_FACE: Final = 60.0
BLURRED: Final = 0.65
DARK: Final = 0.2
BRIGHT: Final = 0.85
TURNED: Final = 20.0
_SIDE: Final = 128
# Upright places for the five points in the measured square, brow to chin, without much hair or background.
_FIVE: Final = np.array([(0.85, 0.32), (0.64, 0.33), (0.15, 0.32), (0.36, 0.33), (0.5, 0.66)])
# The base of the nose lies about a third of the eyes' outer distance in front of the plane of the eyes' corners.
_NOSE_DEPTH: Final = 0.34


@dataclass(frozen=True)
class Quality:
    """Of a face in a photo.

    Attributes:
        face_px: width of the detector's box, in photo px.
        score: the detector's confidence; 0 is the threshold, clean frontal faces reach about 1 to 2.7.
        blur: in [0, 1], 0 sharp; about .3 to .5 for ordinary photos.
        brightness: mean luminance of the face, in [0, 1].
        roll_deg: how far the head leans, degrees, positive clockwise in the picture.
        yaw_hint: how far it seems turned towards the picture's right, degrees; a rough guess from five points.
    """

    face_px: float
    score: float
    blur: float
    brightness: float
    roll_deg: float
    yaw_hint: float


def measure(pixels: npt.NDArray[np.uint8], five: npt.NDArray[np.float64], face_px: float, score: float) -> Quality:
    """Measure a face of a picture (H, W, 3) uint8 with the five points (5, 2) in px."""
    face = warp(pixels, similarity(five, _FIVE), _SIDE).double().numpy()
    luminance = np.tensordot((0.2126, 0.7152, 0.0722), face, axes=1)
    # From the eye on the picture's left to the one on its right: along the rows when the head is upright.
    left, right = five[2:4].mean(0), five[0:2].mean(0)
    roll = math.atan2(right[1] - left[1], right[0] - left[0])
    return Quality(
        face_px=face_px,
        score=score,
        blur=blur_effect(luminance),
        brightness=float(luminance.mean()),
        roll_deg=math.degrees(roll),
        yaw_hint=_yaw(five),
    )


def blur_effect(luminance: npt.NDArray[np.float64]) -> float:
    """How little a picture (H, W) changes when it is blurred once more, in [0, 1]; independent of its contrast.

    Crete, Dolmiere, Ladret, Nicolas, "The blur effect: perception and estimation with a new no-reference perceptual
    blur metric", SPIE 6492, 2007, equations 1 to 5, with a window of 9 px.
    """
    return max(_blur_along_rows(luminance), _blur_along_rows(luminance.T))


def _blur_along_rows(luminance: npt.NDArray[np.float64]) -> float:
    window = 9
    sums = np.cumsum(np.pad(luminance, ((0, 0), (window // 2 + 1, window // 2)), mode="edge"), axis=1)
    blurred = (sums[:, window:] - sums[:, :-window]) / window
    sharp_steps = np.abs(np.diff(luminance, axis=1))
    lost = np.maximum(sharp_steps - np.abs(np.diff(blurred, axis=1)), 0.0).sum()
    total = sharp_steps.sum()
    return float(1.0 - lost / total) if total > 0 else 1.0


def _yaw(five: npt.NDArray[np.float64]) -> float:
    left, right = five[2], five[0]
    across = right - left
    width = float(np.hypot(*across))
    # Where the nose stands along the line of the eyes, from its middle, in widths.
    offset = float((five[4] - (left + right) / 2) @ across) / width**2
    return math.degrees(math.atan(offset / _NOSE_DEPTH))


def warnings_about(quality: Quality, others: int = 0) -> tuple[str, ...]:
    """What makes a poor likeness probable; each a sentence behind a stable name.

    `others` is the number of further, clearly smaller faces in the photo.
    """
    checks = (
        (quality.face_px < SMALL_FACE, f"FACE_SMALL: the face is only {quality.face_px:.0f} px wide."),
        (quality.blur > BLURRED, "FACE_BLURRED: the face is blurred."),
        (quality.brightness < DARK, "FACE_DARK: the face is dark."),
        (quality.brightness > BRIGHT, "FACE_OVEREXPOSED: the face is over-exposed."),
        (
            abs(quality.yaw_hint) > TURNED,
            f"FACE_TURNED: the face is turned away by about {abs(quality.yaw_hint):.0f} degrees.",
        ),
        (others > 0, f"OTHER_FACES: the photo shows {others} smaller face(s) besides; the largest was taken."),
    )
    return tuple(text for holds, text in checks if holds)
