"""Errors as plain values, from one process to another, and the remedy where a package is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from f2p import errors
from f2p.errors.base import F2PError

__all__ = ["error_classes", "from_dict", "install_command", "to_dict"]

_DISTRIBUTION = "face-to-parameter"


def install_command(extra: str = "") -> str:
    """Shell command that installs f2p with one of its extras, as remedies name it."""
    return f"pip install '{_DISTRIBUTION}[{extra}]'" if extra else f"pip install {_DISTRIBUTION}"


def error_classes() -> dict[str, type[F2PError]]:
    """Every error class by its reason."""
    kinds: list[type[F2PError]] = [getattr(errors, name) for name in errors.__all__]
    return {kind.reason: kind for kind in kinds}


def to_dict(error: F2PError) -> dict[str, Any]:
    """An error as values that JSON can carry: reason, message, remedy, details."""
    return {"reason": error.reason, "message": error.message, "remedy": error.remedy, "details": dict(error.details)}


def from_dict(values: Mapping[str, Any]) -> F2PError | None:
    """The error that `to_dict` wrote; None where this release has no error of that reason."""
    kind = error_classes().get(str(values["reason"]))
    if kind is None:
        return None
    error = kind(str(values["message"]), str(values["remedy"]))
    error.details = dict(values["details"])
    return error
