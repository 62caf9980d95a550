"""Photos of the command line, from files and from standard input."""

import sys
from pathlib import Path

from f2p.errors import ParameterError
from f2p.files import read_photo_file
from f2p.limits import MAX_PHOTO_BYTES

__all__ = ["STDIN", "read_photo_bytes"]

STDIN = Path("-")
"""Stands for standard input among photos."""


def read_photo_bytes(path: Path) -> bytes:
    """The bytes of a photo's file, or of stdin where `path` is `-`.

    Raises:
        PhotoMissing, PhotoTooLarge: as `read_photo_file`.
        ParameterError: stdin is a terminal.
    """
    if path != STDIN:
        return read_photo_file(path, MAX_PHOTO_BYTES)
    if sys.stdin is None or sys.stdin.isatty():
        raise ParameterError("There is no photo on standard input.", "Pipe one in: cat photo.jpg | f2p ... -")
    # One byte more than may be: the decoder refuses that by its size.
    return sys.stdin.buffer.read(MAX_PHOTO_BYTES + 1)
