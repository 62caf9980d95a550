"""Photos of one person, read, aligned and measured once each, and several of them combined to one target.

A `PhotoSet` can be kept: `CharacterCreator.create` and `.refit` take it in place of the photos.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from f2p.bundle import Bundle
from f2p.character.records import FaceExpression, PhotoContribution, PhotoInfo
from f2p.errors import NoUsablePhoto, ParameterError, PhotoError, PhotoMissing, PhotoUnreadable, TooManyPhotos
from f2p.face.alignment import Aligned, align
from f2p.files import read_photo_file
from f2p.imaging.decode import Photo, read_photo
from f2p.imaging.geometry import apply, invert
from f2p.limits import MAX_PHOTO_BYTES, MAX_PHOTOS
from f2p.targets.consensus import find_consensus
from f2p.targets.measurement import measure_photo
from f2p.targets.target import PhotoTarget, Target

__all__ = ["Faces", "PhotoSet", "PhotoSource", "locate", "measure"]

PhotoSource = bytes | str | Path | Image.Image | Photo | Callable[[], Photo]
"""A photo: encoded, a file, decoded, or a function that decodes it when its turn comes (and raises PhotoError where it
cannot)."""
Faces = int | Sequence[int | None] | None
"""Number of the face in the photo, or in each of several photos; None where there is one, or the largest is meant."""

GREY = "PHOTO_GREY: The photo has no colour: how light skin and hair are is the photo's, their hues are most people's."
"""The warning of a character without a coloured photo."""


@dataclass(frozen=True, kw_only=True)
class PhotoSet:
    """Measured photos of one person.

    Attributes:
        aligned: the photo with the largest share, in the engine's frame.
        target: measurements of the photos in use, and their shares.
        contributions: of each photo, in the order given; () where a single one was given.
        warnings: about the photos in use, for people.
    """

    aligned: Aligned
    target: Target
    contributions: tuple[PhotoContribution, ...] = ()
    warnings: tuple[str, ...] = ()

    def photo_info(self) -> PhotoInfo:
        """Facts about the photo with the largest share."""
        return _photo_info(self.aligned)

    def numbered(self, expressions: Sequence[FaceExpression]) -> tuple[FaceExpression, ...]:
        """Expressions, one for each photo of the target or none at all, with the numbers of their photos."""
        used = [each.number for each in self.contributions if each.used] or [0]
        return tuple(replace(face, photo=number) for face, number in zip(expressions, used, strict=bool(expressions)))


def measure(
    bundle: Bundle,
    photos: PhotoSource | Sequence[PhotoSource],
    face: Faces = None,
    executor: Executor | None = None,
    *,
    perceive: bool = False,
) -> PhotoSet:
    """Read and measure one photo, or 2 to 16 photos of one person.

    Of several, one that cannot be used is left out and listed, and so is one of somebody else. A photo's share is its
    quality times its weight in the consensus of the faces.

    Args:
        bundle: the networks.
        photos: one, or a list or tuple of them.
        face: number of the face, where a photo shows several; for several photos a list with one entry each, or None.
        executor, perceive: see `f2p.targets.measurement.measure_photo`.

    Raises:
        PhotoError: the one photo cannot be used.
        TooManyPhotos, NoUsablePhoto, PhotoMissing: several, too many; none of several can be used; an empty list.
        ParameterError: `face` does not fit the photos.
    """
    if not isinstance(photos, (list, tuple)):
        photos = [photos]  # type: ignore[list-item]
    faces = _faces(face, len(photos))
    if not photos:
        raise PhotoMissing("No photo was given.", "Give at least one.")
    if len(photos) > MAX_PHOTOS:
        raise TooManyPhotos(
            f"{len(photos)} photos of one person were given.",
            f"Give at most {MAX_PHOTOS}, the best ones.",
            photos=len(photos),
        )
    if len(photos) == 1:
        aligned, photo = _measured(bundle, photos[0], faces[0], executor, perceive)
        target = Target.of(photo)
        return PhotoSet(aligned=aligned, target=target, warnings=(*aligned.warnings, *_about_colour(target)))
    return _combine(bundle, *_usable(bundle, photos, faces, executor, perceive))


def locate(bundle: Bundle, photo: PhotoSource, face: int | None = None) -> PhotoInfo:
    """Facts about a photo and the place of its face, as a character made of it has them, without measuring the face.

    Raises:
        PhotoError: the photo cannot be used.
        ParameterError: it has no face of that number.
    """
    return _photo_info(align(_read(photo), bundle.frame_landmarks5, bundle.size, face_index=face))


def _photo_info(aligned: Aligned) -> PhotoInfo:
    corners = apply(invert(aligned.transform), [(0, 0), (1, 0), (1, 1), (0, 1)])
    return PhotoInfo(
        width=aligned.photo.shape[1],
        height=aligned.photo.shape[0],
        grey=aligned.grey,
        frame=tuple((float(x), float(y)) for x, y in corners),
        landmarks5=tuple((float(x), float(y)) for x, y in aligned.landmarks5_px),
        face_px=aligned.quality.face_px,
        warnings=aligned.warnings,
    )


def _measured(
    bundle: Bundle, photo: PhotoSource, face: int | None, executor: Executor | None, perceive: bool
) -> tuple[Aligned, PhotoTarget]:
    aligned = align(_read(photo), bundle.frame_landmarks5, bundle.size, face_index=face)
    return aligned, measure_photo(bundle, aligned, executor, perceive=perceive)


def _faces(face: Faces, count: int) -> Sequence[int | None]:
    if isinstance(face, (list, tuple)):
        if len(face) != count:
            raise ParameterError(f"{len(face)} faces were chosen for {count} photos.", "Choose one for each, or none.")
        return face
    if face is not None and count > 1:
        raise ParameterError(
            "One face number was given for several photos.", "Give a list with one number, or None, for each photo."
        )
    return [face] * count  # type: ignore[list-item]


def _usable(
    bundle: Bundle,
    photos: Sequence[PhotoSource],
    faces: Sequence[int | None],
    executor: Executor | None,
    perceive: bool,
) -> tuple[dict[int, tuple[Aligned, PhotoTarget]], dict[int, PhotoError]]:
    """Usable photos, measured one after another, and the errors of the others; by number."""
    usable: dict[int, tuple[Aligned, PhotoTarget]] = {}
    errors: dict[int, PhotoError] = {}
    for number, (photo, face) in enumerate(zip(photos, faces, strict=True)):
        try:
            usable[number] = _measured(bundle, photo, face, executor, perceive)
        except PhotoError as error:
            errors[number] = error
    if not usable:
        each = " ".join(f"Photo {number + 1}: {error.reason}." for number, error in errors.items())
        raise NoUsablePhoto(
            f"None of the {len(photos)} photos can be used. {each}",
            "Add one photo that shows the face from the front, upright, well lit.",
            **{f"photo_{number + 1}": error.reason for number, error in errors.items()},
        )
    return usable, errors


def _combine(bundle: Bundle, usable: dict[int, tuple[Aligned, PhotoTarget]], errors: dict[int, PhotoError]) -> PhotoSet:
    aligned = [pair[0] for pair in usable.values()]
    photos = [pair[1] for pair in usable.values()]
    qualities = torch.tensor([photo.quality for photo in photos])
    consensus = find_consensus(torch.cat([_centred(bundle, photo) for photo in photos]).cpu(), qualities)
    shares = qualities * consensus.weight
    shares = shares / shares.sum()
    contributions = [
        PhotoContribution(number=number, weight=0.0, quality=0.0, likeness=0.0, reason=error.reason, note=error.message)
        for number, error in errors.items()
    ]
    for place, number in enumerate(usable):
        share, likeness = float(shares[place]), float(consensus.likeness[place])
        contributions.append(
            PhotoContribution(
                number=number,
                weight=share,
                quality=float(qualities[place]),
                likeness=likeness,
                reason="USED" if share else "FACE_DIFFERS",
                note=_note(float(consensus.weight[place]), likeness, len(usable)),
            )
        )
    contributions.sort(key=lambda each: each.number)
    warned = [warning for a, share in zip(aligned, shares, strict=True) if share for warning in a.warnings]
    left_out = [f"{e.reason}: photo {e.number + 1} was left out: {e.note}" for e in contributions if not e.used]
    target = _target(bundle, photos, shares.tolist())
    return PhotoSet(
        aligned=aligned[int(shares.argmax())],
        target=target,
        contributions=tuple(contributions),
        warnings=(*dict.fromkeys(warned), *_about_colour(target), *left_out),
    )


def _about_colour(target: Target) -> tuple[str, ...]:
    return (GREY,) if target.grey else ()


def _note(weight: float, likeness: float, usable: int) -> str:
    if weight == 1:
        return "Used."
    if weight:
        return f"Counts less: the face is only partly like the others' (likeness {likeness:.2f})."
    if usable == 2:
        return f"The two photos do not seem to show one person (likeness {likeness:.2f}); only the better one was used."
    return f"The face does not seem to be that of the other photos (likeness {likeness:.2f})."


def _centre(bundle: Bundle, grey: bool) -> Tensor:
    return bundle.statistics["identity_centre_grey" if grey else "identity_centre_colour"]


def _centred(bundle: Bundle, photo: PhotoTarget) -> Tensor:
    return photo.embedding - _centre(bundle, photo.grey)


def _target(bundle: Bundle, photos: Sequence[PhotoTarget], shares: Sequence[float]) -> Target:
    """Target of the photos that have a share: one embedding of all, and each photo's own measurements."""
    used = [(photo, share) for photo, share in zip(photos, shares, strict=True) if share]
    if len(used) == 1:
        return Target.of(used[0][0])
    grey = all(photo.grey for photo, _ in used)
    # Grey and coloured faces lie about different centres.
    embedding = torch.stack([share * _centred(bundle, photo) for photo, share in used]).sum(0)
    return Target(
        photos=tuple(photo for photo, _ in used),
        shares=tuple(share for _, share in used),
        embedding=embedding + _centre(bundle, grey),
        grey=grey,
    )


def _read(photo: PhotoSource) -> Photo:
    if isinstance(photo, Photo):
        return photo
    if callable(photo):
        return photo()
    if isinstance(photo, Image.Image):
        buffer = io.BytesIO()
        try:
            photo.save(buffer, format="PNG")
        except (OSError, ValueError) as error:
            raise PhotoUnreadable(f"The Pillow image cannot be used: {error}.", "Convert it to mode RGB.") from None
        photo = buffer.getvalue()
    if isinstance(photo, bytes):
        return read_photo(photo)
    return read_photo(read_photo_file(photo, MAX_PHOTO_BYTES))
