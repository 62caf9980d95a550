"""How kernels are compiled: by numba, once a machine, without anything that makes bytes depend on the processor.

Why numba: it is as fast as C, its source is read like the rest, and nobody needs a compiler.  Fast-math stays off and
LLVM fuses no multiplication with an addition unless told so, hence every x86-64 processor gives the same bytes;
transcendental functions are our own polynomials (`mathematics`), since each libm rounds in its own way.

What is compiled is kept on disk.  Numba alone would not notice that a function which a kernel calls has changed in
another file; so each module's kernels lie in a folder named after the hash of all sources that they can reach.  The
folder is in ``NUMBA_CACHE_DIR``, else beside the sources, else (read-only installs, containers) in the user's cache,
else in a temporary folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from numba.core import config

PACKAGE = __package__.rpartition(".")[0]
_OPTIONS: dict[str, Any] = {"fastmath": False, "error_model": "numpy", "nogil": True, "boundscheck": False}


@cache
def cache_folder() -> Path:
    """The folder that compiled kernels are kept in: the first of the candidates that can be written."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.path.expanduser("~")) / ".cache")
    candidates = [
        *([Path(given)] if given else []),
        Path(__file__).parents[1] / "__pycache__" / "kernels",
        home / "f2p" / "kernels",
    ]
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="f2p-kernels-"))


def _reachable(module: ModuleType, found: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """The modules of this package whose names ``module`` uses, and theirs, by name."""
    if module.__name__ in found:
        return found
    found[module.__name__] = module
    for value in list(vars(module).values()):
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name.startswith(PACKAGE) and name in sys.modules:
            _reachable(sys.modules[name], found)
    return found


def _sources(module: ModuleType) -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for _, other in sorted(_reachable(module, {}).items()):
        digest.update(Path(str(other.__file__)).read_bytes())
    return digest.hexdigest()[:16]


def kernel(function: Callable[..., Any]) -> Any:
    """Compile ``function`` at its first call, and keep the result on disk."""
    before = config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = str(cache_folder() / _sources(sys.modules[function.__module__]))  # type: ignore[attr-defined]
    try:
        return numba.njit(cache=True, **_OPTIONS)(function)
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]


def inline(function: Callable[..., Any]) -> Any:
    """Compile ``function`` into every kernel that calls it."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)
