"""Schemas, bundles, weights, characters, presets, engines and devices that cannot be used."""

from __future__ import annotations

from f2p.errors.base import F2PError


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


class EngineTimeout(EngineFailed):
    """The engine did not start, or did not draw a picture, within its time limit."""

    reason = "ENGINE_TIMEOUT"
    code = "DEADLINE_EXCEEDED"


class ExportUnavailable(EngineError):
    """The engine offers no export of characters, or not in the format that was asked for."""

    reason = "EXPORT_UNAVAILABLE"
