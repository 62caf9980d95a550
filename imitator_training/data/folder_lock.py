"""One command at a time on a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from f2p.errors import TrainingError

__all__ = ["folder_lock"]


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Keep others from writing to a folder meanwhile. However this process ends, the lock ends with it.

    Raises:
        TrainingError: another process writes to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise TrainingError(
                f"Another process (number {file.read().strip() or 'unknown'}) writes to {folder}.",
                "Wait for it, or end it; what it has finished is kept. Two commands need two folders.",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
