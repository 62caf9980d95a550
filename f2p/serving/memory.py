"""Memory of photos: freed memory is overwritten, no core file is written, and decoding has a limit."""

import ctypes
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["forget_freed_memory", "limited_memory", "overwrite_freed"]

_M_PERTURB = -6
_FILL = 0x5A
# Linux has it; elsewhere there is no limit.
_STATM = Path("/proc/self/statm")


def forget_freed_memory() -> bool:
    """Have all memory that this process frees overwritten at once; False where the C library cannot do that.

    Python, grpc, protobuf, Pillow, dlib and torch all free through the C library, so that a photo's bytes and pixels
    are gone once nobody holds them. Blocks below some hundred bytes are excepted.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return overwrite_freed(True)


def overwrite_freed(on: bool) -> bool:
    """Switch the overwriting on or off; False where the C library cannot do it.

    It costs a search a twentieth of its time, so that a worker switches it off where no photo is freed.
    """
    try:
        return bool(_mallopt()(_M_PERTURB, _FILL if on else 0))
    except (AttributeError, OSError):
        return False


@cache
def _mallopt() -> Any:
    return ctypes.CDLL(None).mallopt


@contextmanager
def limited_memory(mib: int) -> Iterator[None]:
    """Limit the growth of this process within the block: an allocation beyond it raises MemoryError."""
    if mib == 0 or not _STATM.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    now = int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + mib * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
