"""Independent parts of a computation without gradients, in the threads of an executor where one is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import torch

__all__ = ["map_parts"]

Part = TypeVar("Part")
Result = TypeVar("Result")


def map_parts(function: Callable[[Part], Result], parts: Sequence[Part], executor: Executor | None) -> list[Result]:
    """`function` of each part, in order, without gradients. The results are the same to the bit with and without an
    executor."""

    # A thread has a gradient mode of its own.
    def plain(part: Part) -> Result:
        with torch.no_grad():
            return function(part)

    if executor is None or len(parts) < 2:
        return [plain(part) for part in parts]
    return list(executor.map(plain, parts))
