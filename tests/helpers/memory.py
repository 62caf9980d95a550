"""The memory of other processes."""

from pathlib import Path

import pytest

__all__ = ["count_in_memory"]


def count_in_memory(pid: int, what: bytes) -> int:
    """How often these bytes stand in what a process can write to."""
    found = 0
    try:
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)  # noqa: SIM115 - closed below
    except PermissionError:
        pytest.fail(
            "This system lets nobody look into another process: run as root, or with kernel.yama.ptrace_scope=1."
        )
    with memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(text, 16) for text in span.split("-"))
            try:
                memory.seek(start)
                found += memory.read(end - start).count(what)
            except (OSError, OverflowError, ValueError):
                continue
    return found
