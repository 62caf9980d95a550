"""Pictures and label maps as they come through a door, and the checks that all doors share.

A label map is a PNG of one channel that holds indices of `f2p.regions.REGIONS`, or a colour PNG of
`f2p.regions.PALETTE`.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from f2p.engines.protocol import Frame
from f2p.errors import EngineFailed
from f2p.regions import PALETTE, REGIONS

__all__ = ["checked_frame", "read_labels_png", "read_picture_png", "write_png"]

NEAR = 3
"""Levels of a channel by which a label's colour may miss the palette's."""
_REMEDY = "Draw both pictures with the width and height of the job's size."


def checked_frame(image: npt.NDArray[Any], labels: npt.NDArray[Any] | None, size: int) -> Frame:
    """The frame of a picture and its label map; without labels, background everywhere.

    Raises:
        EngineFailed: they are not uint8 (size, size, 3) and (size, size), or a label is no region's.
    """
    image = np.asarray(image)
    if image.shape != (size, size, 3) or image.dtype != np.uint8:
        raise EngineFailed(
            f"The engine's picture is {_size_of(image)}, where {size} x {size} of uint8 RGB were asked for.", _REMEDY
        )
    if labels is None:
        return Frame(image, np.zeros((size, size), np.uint8))
    labels = np.asarray(labels)
    if labels.shape != (size, size) or labels.dtype != np.uint8:
        raise EngineFailed(f"The engine's picture is {_size_of(image)}, its label map {_size_of(labels)}.", _REMEDY)
    if labels.max() >= len(REGIONS):
        raise EngineFailed(
            f"The engine's label map has the label {labels.max()}.",
            f"Labels are indices of f2p.regions.REGIONS: 0 to {len(REGIONS) - 1}.",
        )
    return Frame(image, labels)


def read_picture_png(data: bytes) -> npt.NDArray[np.uint8]:
    """(H, W, 3) of a picture file. Raises EngineFailed where it is none."""
    return np.array(_opened(data, "picture").convert("RGB"), np.uint8)


def read_labels_png(data: bytes) -> npt.NDArray[np.uint8]:
    """(H, W) indices of a label map's file.

    Raises:
        EngineFailed: it is no picture, or has colours that are no region's.
    """
    picture = _opened(data, "label map")
    if picture.mode == "L":
        return np.array(picture, np.uint8)
    colours = np.array(picture.convert("RGB"), np.int16)
    # Few colours in most maps: one comparison a colour, not a pixel.
    packed = (colours[..., 0].astype(np.int32) << 16) | (colours[..., 1].astype(np.int32) << 8) | colours[..., 2]
    found, where = np.unique(packed, return_inverse=True)
    each = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=-1)
    away = np.abs(each[:, None] - PALETTE[None].astype(np.int16)).max(axis=2)
    nearest = away.argmin(axis=1)
    stray = away.min(axis=1) > NEAR
    if stray.any():
        pixels = int(np.isin(where.reshape(-1), np.nonzero(stray)[0]).sum())
        example = tuple(int(value) for value in each[stray][0])
        raise EngineFailed(
            f"The engine's label map has {pixels} pixels of colours that are no region's, {example} for one.",
            "Draw label maps in the colours of f2p.regions.PALETTE, without antialiasing, lights, fog, texture filters "
            "and colour correction.",
        )
    return nearest.astype(np.uint8)[where].reshape(packed.shape)


def write_png(array: npt.NDArray[np.uint8]) -> bytes:
    """The PNG file of (H, W, 3) or (H, W) uint8, quickly and without loss."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _opened(data: bytes, what: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise EngineFailed(
            f"The engine's {what} is no picture file that can be read ({error}).", "Write a whole PNG file."
        ) from None
    return picture


def _size_of(array: npt.NDArray[Any]) -> str:
    shape = " x ".join(map(str, (*array.shape[1::-1], *array.shape[2:])))
    return shape if array.dtype == np.uint8 else f"{shape} of {array.dtype}"
