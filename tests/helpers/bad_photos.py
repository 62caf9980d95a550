"""A good photo and the bad ones that the service must refuse, each with the reason that it must give."""

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image
from skimage import data

__all__ = ["BAD_PHOTOS", "bad_photo", "good_photo"]


def _encoded(pixels: np.ndarray, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@cache
def good_photo() -> bytes:
    """The public-domain portrait that scikit-image carries, as a JPEG."""
    return _encoded(data.astronaut())


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _bomb(side: int = 20_000) -> bytes:
    """A valid black PNG of 400 megapixels in some ten kilobytes."""
    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    rows = b"".join(packer.compress(row * 100) for _ in range(side // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _landscape() -> bytes:
    rows, columns = np.mgrid[0:300, 0:400]
    return _encoded(np.stack([rows // 2, columns // 2, (rows + columns) // 4], axis=-1).astype(np.uint8))


def _three_faces() -> bytes:
    return _encoded(np.concatenate([data.astronaut()[:256, 100:356]] * 3, axis=1))


_MAKERS = {
    "garbage": ("PHOTO_UNREADABLE", lambda: bytes(range(256)) * 40),
    "empty": ("PHOTO_EMPTY", lambda: b""),
    "text": ("PHOTO_UNREADABLE", lambda: b"This is a letter and no photo.\n" * 20),
    "cut_off_jpeg": ("PHOTO_TRUNCATED", lambda: good_photo()[: len(good_photo()) // 3]),
    "no_face": ("NO_FACE", _landscape),
    "three_faces": ("SEVERAL_FACES", _three_faces),
    "ten_pixels": ("PHOTO_TOO_SMALL", lambda: _encoded(np.zeros((10, 10, 3), np.uint8), "PNG")),
    "bomb": ("PHOTO_TOO_LARGE", _bomb),
}

BAD_PHOTOS: dict[str, str] = {name: reason for name, (reason, _) in _MAKERS.items()}
"""Name -> the reason of the error."""


@cache
def bad_photo(name: str) -> bytes:
    """The bytes of one of BAD_PHOTOS."""
    return _MAKERS[name][1]()
