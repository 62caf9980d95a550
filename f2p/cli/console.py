"""The terminal and its streams: photos on stdin, and lines that libraries print by themselves."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from f2p.errors import ParameterError
from f2p.files import read_photo_file
from f2p.limits import MAX_PHOTO_BYTES

__all__ = ["STDIN", "only_own_lines", "read_photo_bytes"]

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


@contextmanager
def only_own_lines() -> Iterator[None]:
    """Keep what C libraries write to descriptor 2 (libtiff does) off the terminal; f2p's own lines still get there.

    With F2P_TRACEBACK=1 everything is shown.
    """
    if os.environ.get("F2P_TRACEBACK"):
        yield
        return
    sys.stderr.flush()
    saved, stderr = os.dup(2), sys.stderr
    with os.fdopen(saved, "w", encoding=stderr.encoding, errors=stderr.errors, buffering=1) as own:
        try:
            on_two = stderr.fileno() == 2
        except (OSError, ValueError):
            on_two = False
        if on_two:
            sys.stderr = own
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        try:
            yield
        finally:
            own.flush()
            os.dup2(saved, 2)
            sys.stderr = stderr
