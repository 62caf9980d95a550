"""Silence for libtiff, which writes its own lines on the standard error stream of whoever opens a damaged file."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

import PIL

__all__ = ["silent_libtiff"]

_one_at_a_time: Final = threading.Lock()


@contextmanager
def silent_libtiff() -> Iterator[None]:
    """Keep libtiff's messages off the standard error stream within the block; what is wrong comes as an exception.

    Where Pillow brings libtiff as a shared library, its message handlers are taken off once and for all. Elsewhere the
    stream itself is closed to everybody within the block, one thread after another.
    """
    if _handlers_removed():
        yield
        return
    with _one_at_a_time:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


@cache
def _handlers_removed() -> bool:
    """True where the very library that Pillow uses was found and told to be silent."""
    package = Path(PIL.__file__).parent
    # Wheels for Linux, wheels for macOS.
    for library in (*package.parent.glob("pillow.libs/libtiff*"), *package.glob(".dylibs/libtiff*")):
        with suppress(OSError, AttributeError):
            libtiff = ctypes.CDLL(str(library))
            for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
                setter = getattr(libtiff, name)
                setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
                setter(None)
            return True
    return False
