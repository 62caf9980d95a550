"""Processor settings of a training: memory of glibc, and whether bfloat16 has instructions of its own."""

from __future__ import annotations

import ctypes
import sys

import torch

__all__ = ["has_fast_bf16", "keep_freed_memory"]

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
BF16_MATRIX_PRODUCTS = ("avx512_bf16", "amx_bf16", "avx10_2", "bf16", "sve_bf16")
"""Names in `torch.cpu.get_capabilities` of the instructions that multiply bfloat16 matrices, on x86 and ARM."""


def keep_freed_memory() -> None:
    """Let glibc keep freed memory, so that a step's tensors cost no fresh pages: a tenth of a training step.

    Does nothing on other C libraries.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_TOP_PAD, 256 << 20)


def has_fast_bf16(device: torch.device) -> bool:
    """True where the device has instructions for bfloat16 products; elsewhere bfloat16 is emulated, and slower.

    A property of the hardware, not a measurement: the same machine always gives the same answer.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in BF16_MATRIX_PRODUCTS)
