"""Every error a user of f2p can meet, each with a stable machine reason and a canonical gRPC code.

    F2PError
    ├── PhotoError
    │   ├── PhotoMissing         no photo was given, or no such file
    │   ├── PhotoEmpty           zero bytes
    │   ├── PhotoUnreadable      not an image of an accepted format
    │   ├── PhotoTruncated       an image that ends early or is damaged
    │   ├── PhotoTooLarge        too many bytes or pixels
    │   ├── PhotoTooSmall        too few pixels
    │   ├── NoFace
    │   ├── SeveralFaces         several, and none was chosen
    │   ├── FaceTooSmall
    │   ├── TooManyPhotos        more photos of one person than are accepted
    │   └── NoUsablePhoto        of several photos none can be used
    ├── SchemaError              a schema file is wrong: path, line, field
    ├── ParameterError           a value, name or option does not fit the schema or the call
    ├── BundleError
    │   ├── BundleMissing
    │   ├── BundleCorrupt        a file's hash differs
    │   └── BundleIncompatible   made for another schema, format or version
    ├── WeightsError             a network's weights are missing or not the expected ones
    ├── DeviceUnavailable        torch cannot compute on the device that was asked for
    ├── PresetError              no such preset
    ├── CharacterError           a character file is wrong
    ├── EngineError
    │   ├── EngineMissing        no engine of that name is installed
    │   ├── EngineLibraryMissing a system library is missing
    │   └── EngineFailed         the engine stopped or answered nonsense
    ├── ServiceError
    │   ├── ServiceUnavailable
    │   │   └── WorkerLost       the worker that had the request died
    │   ├── QueueFull
    │   ├── RateLimited          this token sends too much
    │   ├── TokenInvalid
    │   ├── DeadlineExceeded
    │   ├── Cancelled
    │   └── InternalError        a fault of f2p itself
    ├── PackageMissing           a package that one of the extras brings is not installed
    └── TrainingError            training data or configuration is wrong

`reason` and `code` are part of the wire contract: they never change once released. Messages may.

`to_dict` and `from_dict` carry an error from one process to another; `install_command` is the remedy where a package is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = [
    "BundleCorrupt",
    "BundleError",
    "BundleIncompatible",
    "BundleMissing",
    "Cancelled",
    "CharacterError",
    "DeadlineExceeded",
    "DeviceUnavailable",
    "EngineError",
    "EngineFailed",
    "EngineLibraryMissing",
    "EngineMissing",
    "F2PError",
    "FaceTooSmall",
    "InternalError",
    "NoFace",
    "NoUsablePhoto",
    "PackageMissing",
    "ParameterError",
    "PhotoEmpty",
    "PhotoError",
    "PhotoMissing",
    "PhotoTooLarge",
    "PhotoTooSmall",
    "PhotoTruncated",
    "PhotoUnreadable",
    "PresetError",
    "QueueFull",
    "RateLimited",
    "SchemaError",
    "ServiceError",
    "ServiceUnavailable",
    "SeveralFaces",
    "TokenInvalid",
    "TooManyPhotos",
    "TrainingError",
    "WeightsError",
    "WorkerLost",
]

_DISTRIBUTION = "face-to-parameter"


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


class PhotoError(F2PError):
    """The photo cannot be used."""

    reason = "PHOTO_ERROR"
    code = "INVALID_ARGUMENT"


class PhotoMissing(PhotoError):
    """No photo was given, or there is no file of that name."""

    reason = "PHOTO_MISSING"


class PhotoEmpty(PhotoError):
    """The photo has no bytes."""

    reason = "PHOTO_EMPTY"


class PhotoUnreadable(PhotoError):
    """The bytes are not an image of an accepted format."""

    reason = "PHOTO_UNREADABLE"


class PhotoTruncated(PhotoError):
    """The bytes begin as an image but end early or are damaged."""

    reason = "PHOTO_TRUNCATED"


class PhotoTooLarge(PhotoError):
    """The photo has more bytes or pixels than are accepted."""

    reason = "PHOTO_TOO_LARGE"


class PhotoTooSmall(PhotoError):
    """The photo has too few pixels to hold a usable face."""

    reason = "PHOTO_TOO_SMALL"


class NoFace(PhotoError):
    """No face was found in the photo."""

    reason = "NO_FACE"


class SeveralFaces(PhotoError):
    """Several faces of similar size were found and none was chosen."""

    reason = "SEVERAL_FACES"


class FaceTooSmall(PhotoError):
    """A face was found but has too few pixels."""

    reason = "FACE_TOO_SMALL"


class TooManyPhotos(PhotoError):
    """More photos of one person were given than are accepted."""

    reason = "TOO_MANY_PHOTOS"


class NoUsablePhoto(PhotoError):
    """Several photos were given and none can be used; the message says why for each."""

    reason = "NO_USABLE_PHOTO"


class SchemaError(F2PError):
    """A parameter schema is wrong.

    Args:
        message: what is wrong; the place is put before it.
        remedy: what to do about it.
        path: the schema's file, empty when the schema was built in code.
        line: 1-based line in that file, 0 when unknown.
        field: the offending key of the entry, empty when the entry as a whole is wrong.
    """

    reason = "SCHEMA_INVALID"
    code = "INVALID_ARGUMENT"

    def __init__(self, message: str, remedy: str = "", path: str = "", line: int = 0, field: str = "") -> None:
        super().__init__(message, remedy, path=path, line=line, field=field)
        self.args = (message, remedy, path, line, field)

    @property
    def path(self) -> str:
        return str(self.details.get("path", ""))

    @property
    def line(self) -> int:
        return int(self.details.get("line", 0))

    @property
    def field(self) -> str:
        return str(self.details.get("field", ""))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part)
        return f"{place}: {super().__str__()}" if place else super().__str__()


class ParameterError(F2PError):
    """A value, name or option does not fit the schema or the call."""

    reason = "PARAMETER_INVALID"
    code = "INVALID_ARGUMENT"


class BundleError(F2PError):
    """A bundle cannot be used."""

    reason = "BUNDLE_ERROR"
    code = "FAILED_PRECONDITION"


class BundleMissing(BundleError):
    """There is no bundle there, or one of its files is missing."""

    reason = "BUNDLE_MISSING"
    code = "NOT_FOUND"


class BundleCorrupt(BundleError):
    """A file of the bundle is not the one its manifest names."""

    reason = "BUNDLE_CORRUPT"
    code = "DATA_LOSS"


class BundleIncompatible(BundleError):
    """The bundle's parts, or the bundle and this release, do not belong together."""

    reason = "BUNDLE_INCOMPATIBLE"


class WeightsError(F2PError):
    """A network's weights are missing, or are not the expected ones."""

    reason = "WEIGHTS_INVALID"
    code = "FAILED_PRECONDITION"


class DeviceUnavailable(F2PError):
    """torch cannot compute on the device that was asked for."""

    reason = "DEVICE_UNAVAILABLE"
    code = "FAILED_PRECONDITION"


class PresetError(F2PError):
    """There is no preset of that name."""

    reason = "PRESET_UNKNOWN"
    code = "INVALID_ARGUMENT"


class CharacterError(F2PError):
    """A character file is not readable or does not belong to this schema."""

    reason = "CHARACTER_INVALID"
    code = "INVALID_ARGUMENT"


class EngineError(F2PError):
    """The game engine cannot be used."""

    reason = "ENGINE_ERROR"
    code = "FAILED_PRECONDITION"


class EngineMissing(EngineError):
    """No engine of that name is installed."""

    reason = "ENGINE_MISSING"


class EngineLibraryMissing(EngineError):
    """A system library that the engine needs is missing."""

    reason = "ENGINE_LIBRARY_MISSING"


class EngineFailed(EngineError):
    """The engine stopped, or its answer makes no sense."""

    reason = "ENGINE_FAILED"
    code = "INTERNAL"


class ServiceError(F2PError):
    """The service did not answer a call."""

    reason = "SERVICE_ERROR"
    code = "INTERNAL"


class ServiceUnavailable(ServiceError):
    """The service cannot be reached, is starting or is draining: try again later."""

    reason = "SERVICE_UNAVAILABLE"
    code = "UNAVAILABLE"


class WorkerLost(ServiceUnavailable):
    """The worker process that had the request died or hung; others go on."""

    reason = "WORKER_LOST"


class QueueFull(ServiceError):
    """The service has as much work waiting as it accepts. `details["retry_ms"]` says when to come back."""

    reason = "QUEUE_FULL"
    code = "RESOURCE_EXHAUSTED"


class RateLimited(ServiceError):
    """The caller's token has used up its rate. `details["retry_ms"]` says when to come back."""

    reason = "RATE_LIMITED"
    code = "RESOURCE_EXHAUSTED"


class TokenInvalid(ServiceError):
    """The call carries no token, or one that the service does not know."""

    reason = "TOKEN_INVALID"
    code = "UNAUTHENTICATED"


class DeadlineExceeded(ServiceError):
    """The work was not done within the caller's deadline."""

    reason = "DEADLINE_EXCEEDED"
    code = "DEADLINE_EXCEEDED"


class Cancelled(ServiceError):
    """The caller cancelled the work."""

    reason = "CANCELLED"
    code = "CANCELLED"


class InternalError(ServiceError):
    """A fault of f2p itself. Over the wire the text is always the same, so that it gives nothing away."""

    reason = "INTERNAL"

    def __init__(
        self,
        message: str = "The server failed on this request.",
        remedy: str = "Its log says why; the server goes on.",
        **details: str | int | float,
    ) -> None:
        super().__init__(message, remedy, **details)


class PackageMissing(F2PError):
    """A package that one of the extras brings is not installed, or cannot be loaded."""

    reason = "MISSING_PACKAGE"
    code = "FAILED_PRECONDITION"


class TrainingError(F2PError):
    """Training data or a training configuration is wrong."""

    reason = "TRAINING_INVALID"
    code = "FAILED_PRECONDITION"


def install_command(extra: str = "") -> str:
    """Shell command that installs f2p with one of its extras, as remedies name it."""
    return f"pip install '{_DISTRIBUTION}[{extra}]'" if extra else f"pip install {_DISTRIBUTION}"


def error_classes() -> dict[str, type[F2PError]]:
    """Every error class by its reason."""
    kinds: list[type[F2PError]] = [globals()[name] for name in __all__]
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
