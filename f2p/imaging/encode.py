"""Pictures to PNG and JPEG bytes."""

import io

from PIL import Image

from f2p.arrays import Pixels

__all__ = ["jpeg_bytes", "png_bytes"]

_PHOTO_SIDE = 512


def png_bytes(image: Pixels) -> bytes:
    """An RGB picture (H, W, 3) uint8 as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg_bytes(image: Pixels, side: int = _PHOTO_SIDE) -> bytes:
    """An RGB picture as a JPEG file, shrunk until it fits a square of that side in pixels."""
    picture = Image.fromarray(image)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
