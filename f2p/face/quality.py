"""Quality of a photo as a source, measured on its face, and the hints that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.face.visibility import FACE_SQUARE, cut_parts
from f2p.imaging.colour import luma
from f2p.imaging.geometry import similarity, warp

__all__ = ["DARK", "Hint", "Quality", "hints_about", "measure", "photo_quality", "warnings_about"]

SMALL_FACE: Final = 60.0
BLURRED: Final = 0.65
DARK: Final = 0.2
"""Mean luma of a face below which it is called dark."""
BRIGHT: Final = 0.85
TURNED: Final = 20.0
# Of 23 portraits none had a score below .99, eyes below .31 or a mouth below .13; of the same with a flat patch over
# mouth or eyes, none escaped.
UNSURE: Final = 0.6
FLAT_EYES: Final = 0.2
FLAT_MOUTH: Final = 0.08
_FLAT_IN_THE_DARK: Final = 0.2  # of the two above
# A worse photo still says something: no single fault takes more than four fifths of its weight.
_LEAST: Final = 0.2
_SIDE: Final = 128
# The base of the nose lies about a third of the eyes' outer distance in front of the plane of the eyes' corners.
_NOSE_DEPTH: Final = 0.34
# Where the face square has both eyes and the mouth: rows, columns.
_EYES: Final = ((slice(33, 50), slice(10, 52)), (slice(33, 50), slice(76, 118)))
_MOUTH: Final = (slice(92, 118), slice(36, 92))


@dataclass(frozen=True)
class Quality:
    """Measurements of a face in a photo.

    Attributes:
        face_px: width of the detector's box, in photo px.
        score: the detector's confidence; 0 is the threshold, clean frontal faces reach about 1 to 2.7.
        blur: in [0, 1], 0 sharp; about .3 to .5 for ordinary photos.
        brightness: mean luma (Rec. 601) of the face, in [0, 1].
        roll_deg: how far the head leans, degrees, positive clockwise in the picture.
        yaw_hint: how far it seems turned towards the picture's right, degrees; a rough guess from five points.
        eyes, mouth: how much the brightness changes there from pixel to pixel, in standard deviations of the face's;
            0 where a flat thing covers them. Of the eyes the flatter one.
        cut: parts of the face beyond the photo's edge: "chin", "forehead", "side".
        chin_covered: whether something smooth hides the chin.
    """

    face_px: float
    score: float
    blur: float
    brightness: float
    roll_deg: float
    yaw_hint: float
    eyes: float = 1.0
    mouth: float = 1.0
    cut: tuple[str, ...] = ()
    chin_covered: bool = False

    @property
    def occluded(self) -> bool:
        """True where something hides eyes, mouth or chin."""
        if self.chin_covered:
            return True
        if self.brightness < DARK:
            # Darkness flattens and makes the detector unsure; only what has no detail at all is taken for a cover.
            return min(self.eyes / FLAT_EYES, self.mouth / FLAT_MOUTH) < _FLAT_IN_THE_DARK
        return self.score < UNSURE or self.eyes < FLAT_EYES or self.mouth < FLAT_MOUTH


@dataclass(frozen=True)
class Hint:
    """A fault of a photo that makes a poor likeness probable.

    Attributes:
        reason: UPPER_SNAKE name, stable across releases.
        message: the fault in one sentence, for people.
        remedy: what the person can do about it.
    """

    reason: str
    message: str
    remedy: str


def measure(
    pixels: npt.NDArray[np.uint8],
    landmarks5: npt.NDArray[np.float64],
    face_px: float,
    score: float,
    *,
    chin_covered: bool = False,
) -> Quality:
    """Measure a face of a picture (H, W, 3) uint8 with the five points (5, 2) in px; the rest is passed on."""
    grey = luma(warp(pixels, similarity(landmarks5, FACE_SQUARE), _SIDE).double())[0].numpy()
    # From the eye on the picture's left to the one on its right: along the rows when the head is upright.
    left, right = landmarks5[2:4].mean(0), landmarks5[0:2].mean(0)
    roll = math.atan2(right[1] - left[1], right[0] - left[0])
    eyes, mouth = _detail(grey)
    return Quality(
        face_px=face_px,
        score=score,
        blur=blur_effect(grey),
        brightness=float(grey.mean()),
        roll_deg=math.degrees(roll),
        yaw_hint=_yaw(landmarks5),
        eyes=eyes,
        mouth=mouth,
        cut=cut_parts(landmarks5, pixels.shape[:2]),
        chin_covered=chin_covered,
    )


def blur_effect(grey: npt.NDArray[np.float64]) -> float:
    """Blur of a grey picture (H, W) in [0, 1], by how little another blur changes it; independent of its contrast.

    Crete, Dolmiere, Ladret, Nicolas, "The blur effect: perception and estimation with a new no-reference perceptual
    blur metric", SPIE 6492, 2007, equations 1 to 5, with a window of 9 px.
    """
    return max(_blur_along_rows(grey), _blur_along_rows(grey.T))


def _blur_along_rows(grey: npt.NDArray[np.float64]) -> float:
    window = 9
    sums = np.cumsum(np.pad(grey, ((0, 0), (window // 2 + 1, window // 2)), mode="edge"), axis=1)
    blurred = (sums[:, window:] - sums[:, :-window]) / window
    sharp_steps = np.abs(np.diff(grey, axis=1))
    lost = np.maximum(sharp_steps - np.abs(np.diff(blurred, axis=1)), 0.0).sum()
    total = sharp_steps.sum()
    return float(1.0 - lost / total) if total > 0 else 1.0


def _detail(grey: npt.NDArray[np.float64]) -> tuple[float, float]:
    contrast = grey.std() + 1e-3
    down, across = (np.abs(np.diff(grey, axis=axis)) for axis in (0, 1))
    eyes = min(down[eye].mean() + across[eye].mean() for eye in _EYES)
    # Lips are horizontal lines; stubble would count across.
    return float(eyes / contrast), float(down[_MOUTH].mean() / contrast)


def _yaw(landmarks5: npt.NDArray[np.float64]) -> float:
    left, right = landmarks5[2], landmarks5[0]
    across = right - left
    width = float(np.hypot(*across))
    # Where the nose stands along the line of the eyes, from its middle, in widths.
    offset = float((landmarks5[4] - (left + right) / 2) @ across) / width**2
    return math.degrees(math.atan(offset / _NOSE_DEPTH))


def hints_about(quality: Quality, others: int = 0) -> tuple[Hint, ...]:
    """Hints on everything that makes a poor likeness probable.

    `others` is the number of further, clearly smaller faces in the photo.
    """
    checks = (
        (
            quality.face_px < SMALL_FACE,
            Hint("FACE_SMALL", f"The face is only {quality.face_px:.0f} px wide.", "Come closer."),
        ),
        (
            quality.blur > BLURRED,
            Hint("FACE_BLURRED", "The face is blurred.", "Hold the camera still, and clean its lens."),
        ),
        (quality.brightness < DARK, Hint("FACE_DARK", "The face is dark.", "Turn on a light, or face a window.")),
        (
            quality.brightness > BRIGHT,
            Hint("FACE_OVEREXPOSED", "The face is over-exposed.", "Step out of the glare."),
        ),
        (
            abs(quality.yaw_hint) > TURNED,
            Hint(
                "FACE_TURNED",
                f"The face is turned away by about {abs(quality.yaw_hint):.0f} degrees.",
                "Look straight into the camera.",
            ),
        ),
        (
            quality.occluded,
            Hint(
                "FACE_COVERED",
                "Something seems to cover a part of the face.",
                "Take off mask or sunglasses, take hand and hair away.",
            ),
        ),
        (
            bool(quality.cut),
            Hint(
                "FACE_CUT",
                f"The {' and the '.join(quality.cut)} of the face {_lies(quality.cut)} beyond the photo's edge.",
                "Show the whole head, with some room around it.",
            ),
        ),
        (
            others > 0,
            Hint(
                "OTHER_FACES",
                f"The photo shows {others} smaller face(s) besides; the largest was taken.",
                "Crop the photo to one face, or choose one.",
            ),
        ),
    )
    return tuple(hint for holds, hint in checks if holds)


def _lies(parts: tuple[str, ...]) -> str:
    return "lies" if len(parts) == 1 else "lie"


def warnings_about(quality: Quality, others: int = 0) -> tuple[str, ...]:
    """The hints as sentences behind their stable names: `FACE_DARK: The face is dark.`"""
    return tuple(f"{hint.reason}: {hint.message}" for hint in hints_about(quality, others))


def photo_quality(quality: Quality, visible_share: float) -> float:
    """Weight of a photo as a source, in (0, 1]: a product of factors, 1 for a large, sharp, lit, frontal face.

    visible_share: share of the engine's frame that lies within the photo, in [0, 1].
    """
    factors = (
        quality.face_px / 150,
        (0.85 - quality.blur) / 0.35,
        1 - 4 * max(0.25 - quality.brightness, quality.brightness - 0.75, 0.0),
        1 - (abs(quality.yaw_hint) - 10) / 30,
        0.3 if quality.occluded else 1.0,
        visible_share,
    )
    product = 1.0
    for factor in factors:
        product *= min(max(factor, _LEAST), 1.0)
    return product
