"""Embedded ICC profiles: a picture's numbers to sRGB, as every viewer shows them."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms

__all__ = ["to_srgb"]

# Lookup tables of printers reach 2 MiB; anything above is no photo's.
_MAX_BYTES: Final = 4 * 2**20
_SPACES: Final = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
# A profile that moves no colour by more than this many of 255 levels is sRGB's own: the stored numbers stay.
_SAME: Final = 3


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB: relative colorimetric with black point compensation, as browsers do.

    A profile that is broken, too large or of another colour model is ignored, as viewers ignore it.

    Args:
        image: mode RGB, L or CMYK; of others the profile is ignored.
        profile: the embedded ICC profile's bytes, or None.

    Returns:
        A picture of mode RGB, or `image` itself where nothing is to be done.
    """
    if not profile or len(profile) > _MAX_BYTES or image.mode not in _SPACES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != _SPACES[image.mode]:
            return image
        transform = ImageCms.buildTransform(
            source,
            _srgb(),
            image.mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if image.mode == "RGB" and _is_srgb(transform):
            return image
        converted = ImageCms.applyTransform(image, transform)
    except MemoryError:
        raise
    except Exception:
        # lcms and Pillow raise whatever a damaged profile makes them stumble over.
        return image
    return converted or image


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def _is_srgb(transform: Any) -> bool:
    levels = np.linspace(0, 255, 6).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    moved = ImageCms.applyTransform(Image.fromarray(cube), transform)
    return moved is not None and int(np.abs(np.asarray(moved).astype(int) - cube).max()) <= _SAME
