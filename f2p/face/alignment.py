"""Alignment of a photo's face to the engine's frame.

dlib's HOG detector and its 5-point landmark model only: the 68-point model's training data excludes commercial use.
Points are continuous picture coordinates (see `f2p.imaging.geometry`), in dlib's order: outer and inner corner of the
eye on the picture's right, outer and inner corner of the eye on its left, base of the nose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy.typing as npt
from torch import Tensor

from f2p.arrays import Pixels
from f2p.errors import FaceTooSmall
from f2p.face.detection import MIN_FACE, Array, Face, choose_face, settled
from f2p.face.exposure import brightened
from f2p.face.quality import DARK, Quality, measure, warnings_about
from f2p.face.small_faces import DETAILED, find_again, find_photo_faces, zoom_in
from f2p.face.visibility import find_cover
from f2p.imaging.decode import Photo, is_grey
from f2p.imaging.geometry import apply, coverage, similarity, warp

__all__ = ["Aligned", "align"]


@dataclass(frozen=True, eq=False)
class Aligned:
    """A photo brought into the engine's frame.

    Attributes:
        image: float32 (3, S, S) RGB in [0, 1].
        valid_mask: float32 (S, S), 0 where the frame reaches beyond the photo, 1 elsewhere.
        landmarks5: the face's five points (5, 2) as fractions of the frame; near the frame's own, not equal to them.
        transform: similarity (2, 3) from `photo`'s px to fractions of the frame.
        photo: (H, W, 3) uint8, the picture it was taken from: the photo, reduced where it is large, or a part of it
            about a small face, at its own resolution. It is brightened where the face is dark for want of light; a
            thing before the chin is painted over with the cheeks' colour.
        landmarks5_px: the face's five points (5, 2) in `photo`'s px.
        grey: whether that picture has no colour.
        quality: what can be said about the photo as a source.
        warnings: what makes a poor likeness probable; each a sentence behind a stable name (`FACE_SMALL: ...`).
        occluded: float32 (S, S), 1 where something hides the lower face; None where nothing was found to.
    """

    image: Tensor
    valid_mask: Tensor
    landmarks5: Array
    transform: Array
    photo: Pixels
    landmarks5_px: Array
    grey: bool
    quality: Quality
    warnings: tuple[str, ...]
    occluded: Tensor | None = None


def align(
    photo: Photo,
    frame_landmarks5: npt.ArrayLike,
    size: int,
    face_index: int | None = None,
    *,
    faces: Sequence[Face] | None = None,
) -> Aligned:
    """Bring the photo's face into the engine's frame.

    Args:
        photo: a decoded photo.
        frame_landmarks5: where the five points of the average face lie (5, 2), in fractions of the engine's frame.
        size: S, the side of the aligned picture in px.
        face_index: which of `find_faces`' faces, when there are several.
        faces: the answer of `find_photo_faces` for this photo, where the caller has it already.

    Raises:
        NoFace, SeveralFaces, ParameterError: as `choose_face`.
        FaceTooSmall: the face is less than `MIN_FACE` px wide.
    """
    faces = find_photo_faces(photo) if faces is None else faces
    pixels, face, scale = zoom_in(photo, choose_face(faces, photo.pixels, face_index))
    width = face.width / scale
    if width < MIN_FACE:
        raise FaceTooSmall(
            f"The face is {width:.0f} px wide.",
            f"It needs at least {MIN_FACE:.0f}, and about 150 for a good likeness: use a larger or closer photo.",
            face_px=round(width),
        )
    # Chosen by size and not by the caller, who may not know of the others.
    others = len(faces) - 1 if face_index is None else 0
    # What is said about the photo is said of it as it was sent; points and networks see better in the light.
    sent = pixels
    quality = measure(sent, face.landmarks5, width, face.score)
    if quality.brightness < DARK:
        pixels = brightened(sent)
        face = find_again(pixels, face)
    if face.width < DETAILED:
        face = settled(pixels, face)
    quality = measure(sent, face.landmarks5, width, quality.score)
    transform = similarity(face.landmarks5, frame_landmarks5)
    cover = find_cover(pixels, face.landmarks5)
    quality = replace(quality, chin_covered=cover is not None)
    if cover is not None:
        pixels = cover.painted_out(pixels)
    return Aligned(
        image=warp(pixels, transform, size),
        valid_mask=coverage(pixels.shape[:2], transform, size),
        landmarks5=apply(transform, face.landmarks5),
        transform=transform,
        photo=pixels,
        landmarks5_px=face.landmarks5,
        # A small person before a large grey wall has colours.
        grey=photo.grey and (sent is photo.pixels or is_grey(sent)),
        quality=quality,
        warnings=warnings_about(quality, others),
        occluded=None if cover is None else cover.in_frame(transform, size),
    )
