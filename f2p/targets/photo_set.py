"""From photos to what a search is to meet: each photo read, aligned and measured once, and several weighed together.

The result can be kept: `CharacterCreator.create` and `.refit` take it in place of the photos.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
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
from f2p.targets.measurement import make_target
from f2p.targets.target import Target

__all__ = ["Faces", "PhotoSet", "PhotoSource", "measure"]

PhotoSource = bytes | str | Path | Image.Image | Photo | Callable[[], Photo]
"""A photo: encoded, a file, decoded, or what decodes it when its turn comes (and raises PhotoError where it cannot)."""
Faces = int | Sequence[int | None] | None

GREY = "PHOTO_GREY: The photo has no colour: how light skin and hair are is the photo's, their hues are most people's."
"""The warning of a character without a coloured photo."""


@dataclass(frozen=True, kw_only=True)
class PhotoSet:
    """What the photos of one person say.

    Attributes:
        aligned: the photo that counts most, in the engine's frame.
        target: what the search is to meet.
        uses: how each photo was used, in the order given; () where a single one was given.
        warnings: about the photos that were used, for people.
    """

    aligned: Aligned
    target: Target
    uses: tuple[PhotoContribution, ...] = ()
    warnings: tuple[str, ...] = ()

    def facts(self) -> PhotoInfo:
        """About the photo that counts most."""
        aligned = self.aligned
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

    def numbered(self, expressions: Sequence[FaceExpression]) -> tuple[FaceExpression, ...]:
        """What the search found the faces of its photos to do, with the numbers of these photos."""
        used = [use.number for use in self.uses if use.used] or [0]
        return tuple(replace(face, photo=number) for face, number in zip(expressions, used, strict=bool(expressions)))


def measure(bundle: Bundle, photos: PhotoSource | Sequence[PhotoSource], face: Faces = None) -> PhotoSet:
    """Reads and measures one photo, or 2 to 16 photos of one person.

    Of several, one that cannot be used is left out and listed, and so is one of somebody else. A photo's share is its
    quality times how sure it is that it shows the person that most of the photos show.

    Args:
        bundle: the networks.
        photos: one, or a list or tuple of them.
        face: which face, where a photo shows several; for several photos a list with one entry each, or None.

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
        aligned = align(_read(photos[0]), bundle.frame_landmarks5, bundle.size, face_index=faces[0])
        target = make_target(bundle, aligned)
        return PhotoSet(aligned=aligned, target=target, warnings=(*aligned.warnings, *_about_colour(target)))
    return _weigh(bundle, *_usable(bundle, photos, faces))


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
    bundle: Bundle, photos: Sequence[PhotoSource], faces: Sequence[int | None]
) -> tuple[dict[int, tuple[Aligned, Target]], dict[int, PhotoError]]:
    """The photos that can be used, measured one after another, and why the others cannot; by number."""
    usable: dict[int, tuple[Aligned, Target]] = {}
    errors: dict[int, PhotoError] = {}
    for number, (photo, face) in enumerate(zip(photos, faces, strict=True)):
        try:
            aligned = align(_read(photo), bundle.frame_landmarks5, bundle.size, face_index=face)
            usable[number] = aligned, make_target(bundle, aligned)
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


def _weigh(bundle: Bundle, usable: dict[int, tuple[Aligned, Target]], errors: dict[int, PhotoError]) -> PhotoSet:
    aligned = [pair[0] for pair in usable.values()]
    targets = [pair[1] for pair in usable.values()]
    qualities = torch.tensor([target.quality for target in targets])
    consensus = find_consensus(torch.cat([_centred(bundle, target) for target in targets]), qualities)
    weights = qualities * consensus.trust
    weights = weights / weights.sum()
    uses = [
        PhotoContribution(number=number, weight=0.0, quality=0.0, likeness=0.0, reason=error.reason, note=error.message)
        for number, error in errors.items()
    ]
    for place, number in enumerate(usable):
        weight, likeness = float(weights[place]), float(consensus.likeness[place])
        uses.append(
            PhotoContribution(
                number=number,
                weight=weight,
                quality=float(qualities[place]),
                likeness=likeness,
                reason="USED" if weight else "FACE_DIFFERS",
                note=_note(float(consensus.trust[place]), likeness, len(usable)),
            )
        )
    uses.sort(key=lambda use: use.number)
    best = int(weights.argmax())
    told = [warning for a, weight in zip(aligned, weights, strict=True) if weight for warning in a.warnings]
    left_out = [f"{use.reason}: photo {use.number + 1} was left out: {use.note}" for use in uses if not use.used]
    target = _together(bundle, targets, weights, best)
    return PhotoSet(
        aligned=aligned[best],
        target=target,
        uses=tuple(uses),
        warnings=(*dict.fromkeys(told), *_about_colour(target), *left_out),
    )


def _about_colour(target: Target) -> tuple[str, ...]:
    return (GREY,) if target.grey else ()


def _note(trust: float, likeness: float, usable: int) -> str:
    if trust == 1:
        return "Used."
    if trust:
        return f"Counts less: the face is only partly like the others' (likeness {likeness:.2f})."
    if usable == 2:
        return f"The two photos do not seem to show one person (likeness {likeness:.2f}); only the better one was used."
    return f"The face does not seem to be that of the other photos (likeness {likeness:.2f})."


def _centre(bundle: Bundle, grey: bool) -> Tensor:
    return bundle.statistics["identity_centre_grey" if grey else "identity_centre_colour"]


def _centred(bundle: Bundle, target: Target) -> Tensor:
    return target.embedding - _centre(bundle, target.grey)


def _together(bundle: Bundle, targets: Sequence[Target], weights: Tensor, best: int) -> Target:
    """One target of several: a single face to resemble, and the pictures each with its share."""
    parts = [(target, float(weight)) for target, weight in zip(targets, weights, strict=True) if weight]
    if len(parts) == 1:
        return parts[0][0]
    grey = all(target.grey for target, _ in parts)
    if not grey:
        # Where one photo has colour, a grey one has nothing to say about it.
        parts = [
            (replace(t, colours_presence=torch.zeros_like(t.colours_presence)) if t.grey else t, weight)
            for t, weight in parts
        ]
    # Grey and coloured faces lie about different centres.
    embedding = torch.stack([weight * _centred(bundle, target) for target, weight in parts]).sum(0)
    return replace(
        targets[best],
        embedding=embedding + _centre(bundle, grey),
        grey=grey,
        views=tuple(parts),
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
