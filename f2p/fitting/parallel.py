"""Independent parts of a computation without gradients, on two cores where a second one is free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

__all__ = ["map_parts"]

Part = TypeVar("Part")
Result = TypeVar("Result")


def map_parts(function: Callable[[Part], Result], parts: Sequence[Part], two_cores: bool) -> list[Result]:
    """`function` of each part, in order. The results are the same to the bit with one core and with two."""

    # A thread has a gradient mode of its own.
    def plain(part: Part) -> Result:
        with torch.no_grad():
            return function(part)

    if not two_cores or len(parts) < 2:
        return [plain(part) for part in parts]
    with ThreadPoolExecutor(2, thread_name_prefix="parts") as pool:
        return list(pool.map(plain, parts))
