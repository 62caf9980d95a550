"""Photo bytes from anybody -> upright RGB pixels. The only decoder of untrusted bytes in f2p.

Formats are an allow-list (`f2p.imaging.formats`), because Pillow's rarer decoders are where its holes are found. Sizes
are read from the header and refused before a pixel is decoded.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from f2p.arrays import Pixels
from f2p.errors import PhotoEmpty, PhotoTooLarge, PhotoTooSmall, PhotoTruncated, PhotoUnreadable
from f2p.imaging.colour_profile import to_srgb
from f2p.imaging.formats import FORMATS, accepted_formats, known_decoder, refused_kind
from f2p.imaging.tiff_messages import silent_libtiff
from f2p.limits import MAX_DECODED_SIDE, MAX_JPEG_PIXELS, MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MIN_PHOTO_SIDE

__all__ = ["Photo", "is_grey", "read_photo"]

# What shows through transparent places: neither a bright nor a dark edge against hair or skin.
_BACKDROP: Final = (128, 128, 128, 255)
_GREY_TOLERANCE: Final = 8
_GREY_SHARE: Final = 0.99
# Modes that Pillow can average. A palette's numbers cannot be, and its 16-bit support varies.
_SHRINKABLE: Final = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
_PAGES: Final = 64  # of a TIFF, that are looked at
_END_OF_JPEG: Final = b"\xff\xd9"
# Entropy-coded data that means something else than the zeros which a decoder makes up where data is missing.
_FILLER: Final = bytes(range(1, 250, 3)) * 2


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright, the longer side at most `max_side`.
        grey: whether it shows no colour, so that colours must not be read from it.
        scale: pixels of `pixels` per pixel of the photo as it was sent, at most 1.
        full: decodes the photo again, upright and as large as `MAX_PHOTO_PIXELS` lets it be; None where `pixels` is
            that already. It keeps the encoded bytes and, once called, the pixels, and raises as `read_photo`.
    """

    pixels: Pixels
    grey: bool
    scale: float = 1.0
    full: Callable[[], Pixels] | None = None


def read_photo(data: bytes, *, max_side: int = MAX_DECODED_SIDE) -> Photo:
    """Decode a photo: orientation and colour profile applied, transparency laid on grey, 8-bit sRGB.

    Of an animation the first frame is taken, of a TIFF the largest page. A JPEG that lacks nothing but its end marker
    is read. Large JPEGs are decoded at a reduced scale.

    Raises:
        PhotoEmpty: there are no bytes.
        PhotoTooLarge: more than `MAX_PHOTO_BYTES` bytes or `MAX_PHOTO_PIXELS` pixels (`MAX_JPEG_PIXELS`
            of a JPEG that is not progressive); nothing is decoded then.
        PhotoTooSmall: the shorter side has less than `MIN_PHOTO_SIDE` px, or would once the longer fits `max_side`.
        PhotoUnreadable: the bytes are not an image of one of `f2p.imaging.formats.FORMATS`.
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
    pixels, longer_side = _read(data, max_side)
    scale = max(pixels.shape[:2]) / longer_side
    return Photo(pixels, is_grey(pixels), scale, None if scale == 1 else cache(lambda: _read(data, None)[0]))


def _read(data: bytes, max_side: int | None) -> tuple[Pixels, int]:
    """Pixels whose longer side is at most `max_side` (None: as large as possible), and that side in the file."""
    with _quiet(), _open(data) as image:
        _largest_page(image)
        _check_size(image, max_side)
        longer_side = max(image.size)
        if max_side is None:
            # The largest of a JPEG's reduced scales whose pixels are few enough; for other formats the file's own.
            pixels = image.width * image.height
            reduction = next(n for n in (1, 2, 4, 8) if pixels <= n * n * MAX_PHOTO_PIXELS)
            image.draft(None, (image.width // reduction, image.height // reduction))
        side = max(image.size) if max_side is None else max_side
        try:
            return _decode(image, side), longer_side
        except MemoryError:
            raise
        except Exception as error:
            # Decoders raise whatever they stumble over in damaged data; to the sender it all means the same.
            if image.format == "JPEG" and not data.endswith(_END_OF_JPEG):
                mended = _without_end(data, side)
                if mended is not None:
                    return mended, longer_side
            raise _damaged(error) from None


@contextmanager
def _quiet() -> Iterator[None]:
    # Pillow warns of large images and of odd metadata. What matters of that is an error here; the rest is noise.
    with warnings.catch_warnings(), silent_libtiff():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp":
        _register_heif()
    decoders = [known.decoder for known in FORMATS if known.decoder != "HEIF" or "HEIF" in Image.OPEN]
    try:
        return Image.open(io.BytesIO(data), formats=decoders)
    except MemoryError:
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels("more pixels than Pillow's own limit", MAX_PHOTO_PIXELS) from None
    except UnidentifiedImageError as error:
        # Pillow says the same of a text and of a picture cut off in its header.
        decoder = known_decoder(data)
        if decoder in Image.OPEN:
            raise _damaged(error) from None
        kind = f"a {decoder} picture, which this installation cannot read" if decoder else refused_kind(data)
        raise PhotoUnreadable(f"The photo is {kind}.", f"Accepted are {accepted_formats()}.") from None
    except Exception as error:
        raise _damaged(error) from None


@cache
def _register_heif() -> None:
    """Make HEIC known to Pillow, by the decoder that comes with the package pi-heif."""
    with suppress(ImportError):
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False, decode_threads=1)


def _largest_page(image: Image.Image) -> None:
    """Seek a TIFF's page of the most pixels; a file holds thumbnails and reduced copies too, in any order."""
    if image.format != "TIFF":
        return
    best, most = 0, image.width * image.height
    with suppress(Exception):  # a damaged page ends the search, not the photo
        for page in range(1, _PAGES):
            image.seek(page)
            if image.width * image.height > most:
                best, most = page, image.width * image.height
    image.seek(best)


def _check_size(image: Image.Image, max_side: int | None) -> None:
    width, height = image.size
    # A progressive JPEG is held whole, whatever the scale.
    scalable = image.format == "JPEG" and not image.info.get("progressive")
    limit = MAX_JPEG_PIXELS if scalable else MAX_PHOTO_PIXELS
    if width * height > limit:
        raise _too_many_pixels(f"{width} x {height} pixels", limit)
    shorter_side = math.ceil(MIN_PHOTO_SIDE * max(1.0, max(width, height) / max_side if max_side else 1.0))
    if min(width, height) < shorter_side:
        raise PhotoTooSmall(
            f"The photo has {width} x {height} pixels.",
            f"The shorter side needs at least {shorter_side}, and the face about 150 for a good likeness.",
            width=width,
            height=height,
            min_side=shorter_side,
        )


def _too_many_pixels(size: str, limit: int) -> PhotoTooLarge:
    return PhotoTooLarge(
        f"The photo has {size}.",
        f"At most {limit // 10**6} megapixels are accepted: save it smaller.",
        max_pixels=limit,
    )


def _damaged(error: Exception) -> PhotoTruncated:
    return PhotoTruncated(
        "The photo is cut off or damaged.", "Copy or save it again.", cause=f"{type(error).__name__}: {error}"[:200]
    )


def _decode(image: Image.Image, side: int) -> Pixels:
    """The open image upright, its longer side at most `side`."""
    factor = side / max(image.size)
    if factor < 1:
        # Only JPEG can decode at a reduced size, no smaller than asked for; for other formats this does nothing.
        image.draft(None, (math.ceil(image.width * factor), math.ceil(image.height * factor)))
    image.load()
    profile = image.info.get("icc_profile")
    # Shrinking comes first, so that a large photo is held at its full size only once.
    if image.mode in _SHRINKABLE:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    rgb = _to_rgb(_to_eight_bit(ImageOps.exif_transpose(image)), profile)
    rgb.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.array(rgb, dtype=np.uint8)


def _without_end(data: bytes, side: int) -> Pixels | None:
    """The pixels of a JPEG that lacks its end marker only; None where picture data is missing as well.

    Where all data is there, a decoder does not look at what follows: two different continuations give one picture.
    """
    pictures = []
    for more in (b"", _FILLER):
        try:
            with _open(data.rstrip(b"\xff") + more + _END_OF_JPEG) as image:
                pictures.append(_decode(image, side))
        except MemoryError:
            raise
        except Exception:
            return None
    return pictures[0] if np.array_equal(pictures[0], pictures[1]) else None


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


def _to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", layered.size, _BACKDROP), layered).convert("RGB")
        return to_srgb(flat, profile)
    if image.mode in ("RGB", "L", "CMYK"):
        return to_srgb(image, profile).convert("RGB")
    return to_srgb(image.convert("RGB"), profile)


def is_grey(pixels: Pixels) -> bool:
    """True where nearly every pixel's channels are nearly equal; a few coloured ones may be a date stamp or noise."""
    thinned = pixels[::4, ::4].astype(np.int16)
    return bool((np.ptp(thinned, axis=2) <= _GREY_TOLERANCE).mean() >= _GREY_SHARE)
