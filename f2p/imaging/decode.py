"""Photo bytes from anybody -> upright RGB pixels. The only decoder of untrusted bytes in f2p.

Formats are an allow-list, because Pillow's rarer decoders are where its holes are found. Sizes are read from the header
and refused before a pixel is decoded.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from f2p.errors import PhotoEmpty, PhotoTooLarge, PhotoTooSmall, PhotoTruncated, PhotoUnreadable
from f2p.limits import MAX_DECODED_SIDE, MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MIN_PHOTO_SIDE

__all__ = ["FORMATS", "Photo", "read_photo"]

FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
# What shows through transparent places: neither a bright nor a dark edge against hair or skin.
_BACKDROP: Final = (128, 128, 128, 255)
_GREY_TOLERANCE: Final = 8
_GREY_SHARE: Final = 0.99
# Modes that Pillow can average. A palette's numbers cannot be, and its 16-bit support varies.
_SHRINKABLE: Final = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright, the longer side at most `max_side`.
        grey: whether it shows no colour, so that colours must not be read from it.
    """

    pixels: npt.NDArray[np.uint8]
    grey: bool


def read_photo(data: bytes, *, max_side: int = MAX_DECODED_SIDE) -> Photo:
    """Decode a photo: orientation applied, transparency laid on grey, any bit depth and colour model to 8-bit RGB.

    Raises:
        PhotoEmpty: there are no bytes.
        PhotoTooLarge: more than `MAX_PHOTO_BYTES` bytes or `MAX_PHOTO_PIXELS` pixels; nothing is decoded then.
        PhotoTooSmall: the shorter side has less than `MIN_PHOTO_SIDE` px, or would once the longer fits `max_side`.
        PhotoUnreadable: the bytes are not an image of one of `FORMATS`.
        PhotoTruncated: the image ends early or is damaged.
    """
    if not data:
        raise PhotoEmpty("The photo is empty: it has no bytes.", "Choose another file.")
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(
            f"The photo has {len(data) / 2**20:.0f} MiB.",
            f"At most {MAX_PHOTO_BYTES // 2**20} MiB are accepted: save it smaller or with more compression.",
            bytes=len(data),
            max_bytes=MAX_PHOTO_BYTES,
        )
    with warnings.catch_warnings():
        # Pillow warns of large images and of odd metadata. What matters of that is an error here; the rest is noise.
        warnings.simplefilter("ignore")
        with _open(data) as image:
            _check_size(*image.size, max_side)
            pixels = _decode(image, max_side)
    return Photo(pixels, _is_grey(pixels))


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except MemoryError:
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels("more pixels than Pillow's own limit") from None
    except UnidentifiedImageError as error:
        # Pillow says the same of a text and of a picture cut off in its header.
        if data.startswith(_SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
            raise _damaged(error) from None
        kind = "a HEIC or AVIF picture" if data[4:8] == b"ftyp" else "not a picture"
        raise PhotoUnreadable(f"The photo is {kind}.", f"Accepted are {', '.join(FORMATS)}.") from None
    except Exception as error:
        raise _damaged(error) from None


def _check_size(width: int, height: int, max_side: int) -> None:
    if width * height > MAX_PHOTO_PIXELS:
        raise _too_many_pixels(f"{width} x {height} pixels")
    shorter_side = math.ceil(MIN_PHOTO_SIDE * max(1.0, max(width, height) / max_side))
    if min(width, height) < shorter_side:
        raise PhotoTooSmall(
            f"The photo has {width} x {height} pixels.",
            f"The shorter side needs at least {shorter_side}, and the face about 150 for a good likeness.",
            width=width,
            height=height,
            min_side=shorter_side,
        )


def _too_many_pixels(size: str) -> PhotoTooLarge:
    return PhotoTooLarge(
        f"The photo has {size}.",
        f"At most {MAX_PHOTO_PIXELS // 10**6} megapixels are accepted: save it smaller.",
        max_pixels=MAX_PHOTO_PIXELS,
    )


def _damaged(error: Exception) -> PhotoTruncated:
    return PhotoTruncated(
        "The photo is cut off or damaged.", "Copy or save it again.", cause=f"{type(error).__name__}: {error}"[:200]
    )


def _decode(image: Image.Image, max_side: int) -> npt.NDArray[np.uint8]:
    try:
        factor = max_side / max(image.size)
        # Only JPEG can decode at a reduced size, no smaller than asked for; for other formats this does nothing.
        image.draft(None, (math.ceil(image.width * factor), math.ceil(image.height * factor)))
        image.load()
        # Shrinking comes first, so that a large photo is held at its full size only once.
        if image.mode in _SHRINKABLE:
            image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        rgb = _to_rgb(_to_eight_bit(ImageOps.exif_transpose(image)))
        rgb.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        return np.array(rgb, dtype=np.uint8)
    except MemoryError:
        raise
    except Exception as error:
        # Decoders raise whatever they stumble over in damaged data; to the sender it all means the same.
        raise _damaged(error) from None


def _to_eight_bit(image: Image.Image) -> Image.Image:
    """Pillow's own conversion clips 16-bit and float values at 255, which turns a photo white."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        # These modes do not say what white is: it is the smallest of the usual whites that holds every value.
        white = next((white for white in (1.0, 255.0, 65535.0) if values.max() <= white), values.max())
        return Image.fromarray(np.clip(values * (255.0 / white), 0, 255).astype(np.uint8))
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, _BACKDROP), seen).convert("RGB")
    return image.convert("RGB")


def _is_grey(pixels: npt.NDArray[np.uint8]) -> bool:
    """True where nearly every pixel's channels are nearly equal; a few coloured ones may be a date stamp or noise."""
    thinned = pixels[::4, ::4].astype(np.int16)
    return bool((np.ptp(thinned, axis=2) <= _GREY_TOLERANCE).mean() >= _GREY_SHARE)
