"""The first run on a machine, in which the kernels are compiled: by one process, while others wait for it."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
from llvmlite import binding

from engine_bridge.makehuman.core.jit import cache_folder

try:
    import fcntl
except ModuleNotFoundError:  # Windows: processes that start at once compile side by side
    fcntl = None  # type: ignore[assignment]

__all__ = ["first_run"]

_log = logging.getLogger(__name__)
_ENGINE = Path(__file__).parents[1]


@contextmanager
def first_run(package: Path) -> Iterator[bool]:
    """Yield whether the kernels of the sources in folder ``package`` are still to be compiled: the block should then
    draw with all of them. One process at a time is told so; those that come meanwhile wait, and find them compiled."""
    done = cache_folder() / f"{_digest(package)}.done"
    if done.exists():
        yield False
        return
    with done.with_suffix(".lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        needed = not done.exists()
        if needed:
            _log.warning("Compiling the drawing kernels for this machine, once: two to three minutes.")
        yield needed
        done.touch()


def _digest(package: Path) -> str:
    """Of all that kernels are compiled from, and for: sources, compiler, processor."""
    digest = hashlib.sha256(numba.__version__.encode())
    digest.update((os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()).encode())
    for file in sorted({*_ENGINE.rglob("*.py"), *package.rglob("*.py")}):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
