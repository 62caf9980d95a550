"""Markdown of a run's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.attributes.figures import TESTS

__all__ = ["confusion_markdown", "figure_markdown"]


def figure_markdown(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """One line a figure, one column a group of people: share right, and right of how many."""
    lines = [_line(["", *parts]), _line(["---"] * (len(parts) + 1))]
    lines.append(_line(["photos", *(str(part["photos"]) for part in parts.values())]))
    for name in TESTS:
        if any(name in part for part in parts.values()):
            lines.append(_line([name, *(_share(part.get(name)) for part in parts.values())]))
    for name in ("age, render less photo", "age, network less label"):
        if any(name in part for part in parts.values()):
            lines.append(_line([f"{name}: mean, mean absolute", *(_ages(part.get(name)) for part in parts.values())]))
    for name in ("cosine", "landmarks", "seconds"):
        lines.append(_line([name, *(f"{part[name]['mean']:.3f}" for part in parts.values())]))
    return "\n".join(lines)


def confusion_markdown(tables: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """A table each: labels by lines, answers by columns."""
    blocks = []
    for name, table in tables.items():
        answers = sorted({answer for row in table.values() for answer in row})
        lines = [_line([f"{name}: label \\ answer", *answers]), _line(["---"] * (len(answers) + 1))]
        lines += [_line([label, *(str(row.get(a, "")) for a in answers)]) for label, row in table.items()]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _share(cell: Mapping[str, int] | None) -> str:
    return "" if cell is None else f"{cell['right'] / cell['of']:.2f} ({cell['right']} of {cell['of']})"


def _ages(cell: Mapping[str, float] | None) -> str:
    return "" if cell is None else f"{cell['mean']:+.1f}, {cell['mean_absolute']:.1f}"
