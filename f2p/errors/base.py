"""The base of all errors, and those that belong to no part."""

from __future__ import annotations

from typing import ClassVar


class F2PError(Exception):
    """Base of all errors that f2p raises on purpose.

    Args:
        message: what is wrong, and where; one sentence, safe to show to a player.
        remedy: what to do about it; may be empty.
        details: values for machines (sizes, counts, names), kept out of the fixed text.

    Attributes:
        reason: UPPER_SNAKE name of the kind of error, stable across releases.
        code: canonical gRPC code name.
    """

    reason: ClassVar[str] = "F2P_ERROR"
    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, remedy: str = "", **details: str | int | float) -> None:
        # Both go to `args`, so that the error survives pickling between worker processes.
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class ParameterError(F2PError):
    """A value, name or option does not fit the schema or the call."""

    reason = "PARAMETER_INVALID"
    code = "INVALID_ARGUMENT"


class PackageMissing(F2PError):
    """A package that one of the extras brings is not installed, or cannot be loaded."""

    reason = "MISSING_PACKAGE"
    code = "FAILED_PRECONDITION"


class GateFailed(F2PError):
    """A run breaks limits of a gate."""

    reason = "GATE_FAILED"
    code = "FAILED_PRECONDITION"


class TrainingError(F2PError):
    """Training data or a training configuration is wrong."""

    reason = "TRAINING_INVALID"
    code = "FAILED_PRECONDITION"
