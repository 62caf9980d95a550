"""Checks of a photo without solving it: the answer of CheckPhoto and `f2p check`."""

from dataclasses import dataclass

import numpy.typing as npt

from f2p.errors import PhotoError
from f2p.face.alignment import align
from f2p.face.detection import Face
from f2p.face.quality import Hint, Quality, hints_about
from f2p.face.small_faces import find_photo_faces
from f2p.imaging.decode import Photo, read_photo

__all__ = ["FaceBox", "Inspection", "inspect_photo"]


@dataclass(frozen=True)
class FaceBox:
    """A face found, in fractions of the upright photo's width and height."""

    left: float
    top: float
    width: float
    height: float
    score: float


@dataclass(frozen=True)
class Inspection:
    """Result of a check.

    Attributes:
        error: why the photo cannot be used; None where it can.
        hints: what lowers the likeness without forbidding the photo.
        faces: all faces, in the order in which `face` counts them.
        quality: of the face that would be used; None where none would.
    """

    error: PhotoError | None
    hints: tuple[Hint, ...]
    faces: tuple[FaceBox, ...]
    quality: Quality | None

    @property
    def usable(self) -> bool:
        """True where a character can be made."""
        return self.error is None


def inspect_photo(
    data: bytes | Photo, frame_landmarks5: npt.ArrayLike, size: int, face: int | None = None
) -> Inspection:
    """Check a photo as CharacterCreator.create would.

    Args:
        data: the photo file's bytes, or the photo that `read_photo` has decoded.
        frame_landmarks5: (5, 2) of the bundle.
        size: of the bundle's imitator.
        face: which of several faces.
    """
    faces: tuple[FaceBox, ...] = ()
    try:
        photo = read_photo(data) if isinstance(data, bytes) else data
        height, width = photo.pixels.shape[:2]
        found = find_photo_faces(photo)
        faces = tuple(_fractions(one, width, height) for one in found)
        aligned = align(photo, frame_landmarks5, size, face_index=face, faces=found)
    except PhotoError as error:
        return Inspection(error, (), faces, None)
    others = len(faces) - 1 if face is None else 0
    return Inspection(None, hints_about(aligned.quality, others), faces, aligned.quality)


def _fractions(face: Face, width: int, height: int) -> FaceBox:
    left, top, right, bottom = face.box
    return FaceBox(left / width, top / height, (right - left) / width, (bottom - top) / height, face.score)
