"""Photos that cannot be used."""

from __future__ import annotations

from f2p.errors.base import F2PError


class PhotoError(F2PError):
    """The photo cannot be used."""

    reason = "PHOTO_ERROR"
    code = "INVALID_ARGUMENT"


class PhotoMissing(PhotoError):
    """No photo was given, or there is no file of that name."""

    reason = "PHOTO_MISSING"


class PhotoEmpty(PhotoError):
    """The photo has no bytes."""

    reason = "PHOTO_EMPTY"


class PhotoUnreadable(PhotoError):
    """The bytes are not an image of an accepted format."""

    reason = "PHOTO_UNREADABLE"


class PhotoTruncated(PhotoError):
    """The bytes begin as an image but end early or are damaged."""

    reason = "PHOTO_TRUNCATED"


class PhotoTooLarge(PhotoError):
    """The photo has more bytes or pixels than are accepted."""

    reason = "PHOTO_TOO_LARGE"


class PhotoTooSmall(PhotoError):
    """The photo has too few pixels to hold a usable face."""

    reason = "PHOTO_TOO_SMALL"


class NoFace(PhotoError):
    """No face was found in the photo."""

    reason = "NO_FACE"


class SeveralFaces(PhotoError):
    """Several faces of similar size were found and none was chosen."""

    reason = "SEVERAL_FACES"


class FaceTooSmall(PhotoError):
    """A face was found but has too few pixels."""

    reason = "FACE_TOO_SMALL"


class TooManyPhotos(PhotoError):
    """More photos of one person were given than are accepted."""

    reason = "TOO_MANY_PHOTOS"


class NoUsablePhoto(PhotoError):
    """Several photos were given and none can be used; the message says why for each."""

    reason = "NO_USABLE_PHOTO"
