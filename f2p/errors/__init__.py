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
    │   ├── EngineFailed         the engine stopped or answered nonsense
    │   │   └── EngineTimeout    it took longer than its time limit
    │   └── ExportUnavailable    the engine has no such export
    ├── ServiceError
    │   ├── ServiceUnavailable
    │   │   └── WorkerLost       the worker that had the request died
    │   ├── QueueFull
    │   ├── RateLimited          this token sends too much
    │   ├── TokenInvalid
    │   ├── DeadlineExceeded
    │   ├── Cancelled
    │   ├── RequestInvalid       an HTTP request cannot be read
    │   ├── RequestTooSlow       an HTTP request did not come in in time
    │   └── InternalError        a fault of f2p itself
    ├── PackageMissing           a package that one of the extras brings is not installed
    ├── GateFailed               a run breaks limits of a gate
    └── TrainingError            training data or configuration is wrong

`reason` and `code` are part of the wire contract: they never change once released. Messages may.
"""

from f2p.errors.base import F2PError, GateFailed, PackageMissing, ParameterError, TrainingError
from f2p.errors.files import (
    BundleCorrupt,
    BundleError,
    BundleIncompatible,
    BundleMissing,
    CharacterError,
    DeviceUnavailable,
    EngineError,
    EngineFailed,
    EngineLibraryMissing,
    EngineMissing,
    EngineTimeout,
    ExportUnavailable,
    PresetError,
    SchemaError,
    WeightsError,
)
from f2p.errors.photo import (
    FaceTooSmall,
    NoFace,
    NoUsablePhoto,
    PhotoEmpty,
    PhotoError,
    PhotoMissing,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoTruncated,
    PhotoUnreadable,
    SeveralFaces,
    TooManyPhotos,
)
from f2p.errors.service import (
    Cancelled,
    DeadlineExceeded,
    InternalError,
    QueueFull,
    RateLimited,
    RequestInvalid,
    RequestTooSlow,
    ServiceError,
    ServiceUnavailable,
    TokenInvalid,
    WorkerLost,
)

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
    "EngineTimeout",
    "ExportUnavailable",
    "F2PError",
    "FaceTooSmall",
    "GateFailed",
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
    "RequestInvalid",
    "RequestTooSlow",
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
