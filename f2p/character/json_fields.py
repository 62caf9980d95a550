"""Checked access to the fields of a JSON document."""

from __future__ import annotations

import math
from typing import Any

from f2p.errors import CharacterError

__all__ = ["get", "number", "texts"]


def get(entry: dict[str, Any], key: str, kind: type, where: str = "") -> Any:
    """The value of that key and kind. Raises CharacterError."""
    value = entry.get(key)
    # bool is an int to Python, but never to a reader.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CharacterError(
            f"'{where}{key}' of the character is missing or of the wrong kind.", "Write the file anew."
        )
    return value


def number(value: Any, where: str) -> float:
    """A finite number. Raises CharacterError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CharacterError(f"'{where}' of the character is not a finite number.", "Write the file anew.")
    return float(value)


def texts(values: list[Any], where: str) -> tuple[str, ...]:
    """A list of texts. Raises CharacterError."""
    if not all(isinstance(value, str) for value in values):
        raise CharacterError(f"'{where}' of the character is not a list of texts.", "Write the file anew.")
    return tuple(values)
