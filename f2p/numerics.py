"""Numerical libraries set up so that one machine gives the same bits every time.

MKL chooses kernels by the alignment of memory unless it is told otherwise, so that the same product may be summed in
another order in the next call. Nothing here imports torch: the environment must be set before it loads.
`f2p.fitting.threads` has the other half, the number of threads.
"""

from __future__ import annotations

import ctypes
import os
import sys
import warnings
from pathlib import Path

__all__ = ["ENVIRONMENT", "mkl_is_repeatable", "prepare_environment", "warn_unless_repeatable"]

ENVIRONMENT = {
    # One code path of MKL whatever the alignment of memory; it costs nothing that can be measured.
    "MKL_CBWR": "AUTO,STRICT",
    # Waiting threads that spin make a solve on busy cores many times slower.
    "OMP_WAIT_POLICY": "PASSIVE",
}
_ALL, _STRICT = -1, 0x10000  # MKL_CBWR_ALL and MKL_CBWR_STRICT of mkl_types.h


def prepare_environment() -> None:
    """Set the variables of `ENVIRONMENT` that the user has not set; too late for libraries that are in use already."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def mkl_is_repeatable() -> bool | None:
    """Whether the MKL inside torch keeps to one code path; None where torch has no MKL (ARM), or is not loaded."""
    torch = sys.modules.get("torch")
    if torch is None or torch.__file__ is None:
        return None
    file = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    if not file.is_file():
        return None
    read = getattr(ctypes.CDLL(str(file)), "mkl_serv_cbwr_get", None)
    return None if read is None else bool(read(_ALL) & _STRICT)


def warn_unless_repeatable() -> None:
    """Give a RuntimeWarning where MKL was in use before f2p could set it up, or the user has set it otherwise."""
    if mkl_is_repeatable() is False:
        warnings.warn(
            f"MKL's results may differ from run to run in their last bits (MKL_CBWR={os.environ.get('MKL_CBWR')}): "
            "import f2p before the first torch operation, or set MKL_CBWR=AUTO,STRICT before Python starts.",
            RuntimeWarning,
            stacklevel=3,
        )
