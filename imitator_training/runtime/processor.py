"""Making the most of the processor: what a long training on a CPU gains from, measured or set once."""

from __future__ import annotations

import ctypes
import sys
import time

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["gains_by_bf16", "keep_freed_memory"]

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
CLEAR_GAIN = 1.2


def keep_freed_memory() -> None:
    """Lets glibc keep freed memory instead of returning it: each step's tensors then cost no fresh pages.

    That is a tenth of a training step. Does nothing on other C libraries.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_TOP_PAD, 256 << 20)


def gains_by_bf16(device: torch.device) -> bool:
    """Whether a convolution in bfloat16 is clearly faster than in float32 here (AVX512-BF16, AMX, recent GPUs: yes)."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    picture = torch.randn(8, 64, 32, 32).to(memory_format=torch.channels_last)
    weight = torch.randn(64, 64, 3, 3).to(memory_format=torch.channels_last)
    return _seconds(picture, weight) > CLEAR_GAIN * _seconds(picture.bfloat16(), weight.bfloat16())


def _seconds(picture: Tensor, weight: Tensor) -> float:
    best = float("inf")
    with torch.no_grad():
        for _ in range(5):
            start = time.perf_counter()
            F.conv2d(picture, weight, padding=1)
            best = min(best, time.perf_counter() - start)
    return best
