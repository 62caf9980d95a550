"""The number of threads within one operation, which decides how sums are split."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread within each operation of torch, so that sums do not depend on the number of cores.

    A search uses a second core in other ways, and more threads within one operation only get in its way. The number is
    the process's: threads that others start meanwhile have one too.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
