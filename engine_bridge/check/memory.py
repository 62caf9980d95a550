"""Memory of a process and of all that it started, from /proc."""

from __future__ import annotations

from pathlib import Path

__all__ = ["resident"]


def resident(pid: int | None) -> float | None:
    """Mebibytes that a process and its descendants hold; None where that cannot be known."""
    if pid is None or not Path("/proc/self/status").exists():
        return None
    parents: dict[int, int] = {}
    sizes: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = dict(
                    line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
                )
            except OSError:
                continue  # it has ended meanwhile
            parents[int(folder.name)] = int(fields["PPid"])
            sizes[int(folder.name)] = int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    if pid not in parents:
        return None
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(sizes[member] for member in family)
