from f2p.v1 import character_pb2 as _character_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateCharacterRequest(_message.Message):
    __slots__ = ("photo", "options", "more_photos")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MORE_PHOTOS_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    options: _character_pb2.CreateOptions
    more_photos: _containers.RepeatedCompositeFieldContainer[_character_pb2.FurtherPhoto]
    def __init__(self, photo: _Optional[bytes] = ..., options: _Optional[_Union[_character_pb2.CreateOptions, _Mapping]] = ..., more_photos: _Optional[_Iterable[_Union[_character_pb2.FurtherPhoto, _Mapping]]] = ...) -> None: ...

class CreateCharacterResponse(_message.Message):
    __slots__ = ("character",)
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    character: _character_pb2.Character
    def __init__(self, character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ...) -> None: ...

class StreamCreateCharacterRequest(_message.Message):
    __slots__ = ("photo", "options", "more_photos")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MORE_PHOTOS_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    options: _character_pb2.CreateOptions
    more_photos: _containers.RepeatedCompositeFieldContainer[_character_pb2.FurtherPhoto]
    def __init__(self, photo: _Optional[bytes] = ..., options: _Optional[_Union[_character_pb2.CreateOptions, _Mapping]] = ..., more_photos: _Optional[_Iterable[_Union[_character_pb2.FurtherPhoto, _Mapping]]] = ...) -> None: ...

class StreamCreateCharacterResponse(_message.Message):
    __slots__ = ("progress", "character")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    progress: _character_pb2.Progress
    character: _character_pb2.Character
    def __init__(self, progress: _Optional[_Union[_character_pb2.Progress, _Mapping]] = ..., character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ...) -> None: ...

class RefitCharacterRequest(_message.Message):
    __slots__ = ("photo", "options", "more_photos", "values", "edits", "locked", "schema_hash", "expressions", "schema_identity")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MORE_PHOTOS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    EDITS_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    EXPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    options: _character_pb2.CreateOptions
    more_photos: _containers.RepeatedCompositeFieldContainer[_character_pb2.FurtherPhoto]
    values: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    edits: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    locked: _containers.RepeatedScalarFieldContainer[str]
    schema_hash: str
    expressions: _containers.RepeatedCompositeFieldContainer[_character_pb2.FaceExpression]
    schema_identity: str
    def __init__(self, photo: _Optional[bytes] = ..., options: _Optional[_Union[_character_pb2.CreateOptions, _Mapping]] = ..., more_photos: _Optional[_Iterable[_Union[_character_pb2.FurtherPhoto, _Mapping]]] = ..., values: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., edits: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., locked: _Optional[_Iterable[str]] = ..., schema_hash: _Optional[str] = ..., expressions: _Optional[_Iterable[_Union[_character_pb2.FaceExpression, _Mapping]]] = ..., schema_identity: _Optional[str] = ...) -> None: ...

class RefitCharacterResponse(_message.Message):
    __slots__ = ("character",)
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    character: _character_pb2.Character
    def __init__(self, character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ...) -> None: ...

class StreamRefitCharacterRequest(_message.Message):
    __slots__ = ("photo", "options", "more_photos", "values", "edits", "locked", "schema_hash", "expressions", "schema_identity")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MORE_PHOTOS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    EDITS_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    EXPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    options: _character_pb2.CreateOptions
    more_photos: _containers.RepeatedCompositeFieldContainer[_character_pb2.FurtherPhoto]
    values: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    edits: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    locked: _containers.RepeatedScalarFieldContainer[str]
    schema_hash: str
    expressions: _containers.RepeatedCompositeFieldContainer[_character_pb2.FaceExpression]
    schema_identity: str
    def __init__(self, photo: _Optional[bytes] = ..., options: _Optional[_Union[_character_pb2.CreateOptions, _Mapping]] = ..., more_photos: _Optional[_Iterable[_Union[_character_pb2.FurtherPhoto, _Mapping]]] = ..., values: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., edits: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., locked: _Optional[_Iterable[str]] = ..., schema_hash: _Optional[str] = ..., expressions: _Optional[_Iterable[_Union[_character_pb2.FaceExpression, _Mapping]]] = ..., schema_identity: _Optional[str] = ...) -> None: ...

class StreamRefitCharacterResponse(_message.Message):
    __slots__ = ("progress", "character")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    progress: _character_pb2.Progress
    character: _character_pb2.Character
    def __init__(self, progress: _Optional[_Union[_character_pb2.Progress, _Mapping]] = ..., character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ...) -> None: ...

class CheckPhotoRequest(_message.Message):
    __slots__ = ("photo", "choose_face", "face_index", "bundle")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    CHOOSE_FACE_FIELD_NUMBER: _ClassVar[int]
    FACE_INDEX_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    choose_face: bool
    face_index: int
    bundle: str
    def __init__(self, photo: _Optional[bytes] = ..., choose_face: _Optional[bool] = ..., face_index: _Optional[int] = ..., bundle: _Optional[str] = ...) -> None: ...

class CheckPhotoResponse(_message.Message):
    __slots__ = ("usable", "issues", "warnings", "faces", "quality", "hints")
    USABLE_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    HINTS_FIELD_NUMBER: _ClassVar[int]
    usable: bool
    issues: _containers.RepeatedCompositeFieldContainer[_character_pb2.PhotoIssue]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    faces: _containers.RepeatedCompositeFieldContainer[_character_pb2.FaceBox]
    quality: _character_pb2.PhotoQuality
    hints: _containers.RepeatedCompositeFieldContainer[_character_pb2.PhotoIssue]
    def __init__(self, usable: _Optional[bool] = ..., issues: _Optional[_Iterable[_Union[_character_pb2.PhotoIssue, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ..., faces: _Optional[_Iterable[_Union[_character_pb2.FaceBox, _Mapping]]] = ..., quality: _Optional[_Union[_character_pb2.PhotoQuality, _Mapping]] = ..., hints: _Optional[_Iterable[_Union[_character_pb2.PhotoIssue, _Mapping]]] = ...) -> None: ...

class RenderPreviewRequest(_message.Message):
    __slots__ = ("values", "bundle", "size_px", "format")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    bundle: str
    size_px: int
    format: _character_pb2.PictureFormat
    def __init__(self, values: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., bundle: _Optional[str] = ..., size_px: _Optional[int] = ..., format: _Optional[_Union[_character_pb2.PictureFormat, str]] = ...) -> None: ...

class RenderPreviewResponse(_message.Message):
    __slots__ = ("picture", "size_px", "format", "schema_hash")
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    picture: bytes
    size_px: int
    format: _character_pb2.PictureFormat
    schema_hash: str
    def __init__(self, picture: _Optional[bytes] = ..., size_px: _Optional[int] = ..., format: _Optional[_Union[_character_pb2.PictureFormat, str]] = ..., schema_hash: _Optional[str] = ...) -> None: ...

class CompareParametersRequest(_message.Message):
    __slots__ = ("first", "second", "bundle")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    first: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    second: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    bundle: str
    def __init__(self, first: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., second: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., bundle: _Optional[str] = ...) -> None: ...

class CompareParametersResponse(_message.Message):
    __slots__ = ("schema_hash", "mean", "largest", "different_choices_count", "groups")
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIELD_NUMBER: _ClassVar[int]
    DIFFERENT_CHOICES_COUNT_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    schema_hash: str
    mean: float
    largest: float
    different_choices_count: int
    groups: _containers.RepeatedCompositeFieldContainer[_character_pb2.GroupDifference]
    def __init__(self, schema_hash: _Optional[str] = ..., mean: _Optional[float] = ..., largest: _Optional[float] = ..., different_choices_count: _Optional[int] = ..., groups: _Optional[_Iterable[_Union[_character_pb2.GroupDifference, _Mapping]]] = ...) -> None: ...

class MigrateCharacterRequest(_message.Message):
    __slots__ = ("character", "bundle", "renames")
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    RENAMES_FIELD_NUMBER: _ClassVar[int]
    character: _character_pb2.Character
    bundle: str
    renames: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterRename]
    def __init__(self, character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ..., bundle: _Optional[str] = ..., renames: _Optional[_Iterable[_Union[_character_pb2.ParameterRename, _Mapping]]] = ...) -> None: ...

class MigrateCharacterResponse(_message.Message):
    __slots__ = ("character", "carried_count", "changes")
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    CARRIED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    character: _character_pb2.Character
    carried_count: int
    changes: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterChange]
    def __init__(self, character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ..., carried_count: _Optional[int] = ..., changes: _Optional[_Iterable[_Union[_character_pb2.ParameterChange, _Mapping]]] = ...) -> None: ...

class ShareCharacterRequest(_message.Message):
    __slots__ = ("values", "bundle")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    bundle: str
    def __init__(self, values: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., bundle: _Optional[str] = ...) -> None: ...

class ShareCharacterResponse(_message.Message):
    __slots__ = ("code", "schema_hash")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    code: str
    schema_hash: str
    def __init__(self, code: _Optional[str] = ..., schema_hash: _Optional[str] = ...) -> None: ...

class ReceiveCharacterRequest(_message.Message):
    __slots__ = ("code", "bundle")
    CODE_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    code: str
    bundle: str
    def __init__(self, code: _Optional[str] = ..., bundle: _Optional[str] = ...) -> None: ...

class ReceiveCharacterResponse(_message.Message):
    __slots__ = ("character",)
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    character: _character_pb2.Character
    def __init__(self, character: _Optional[_Union[_character_pb2.Character, _Mapping]] = ...) -> None: ...

class ExportCharacterRequest(_message.Message):
    __slots__ = ("values", "bundle", "format", "texture_size_px")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_character_pb2.ParameterValue]
    bundle: str
    format: str
    texture_size_px: int
    def __init__(self, values: _Optional[_Iterable[_Union[_character_pb2.ParameterValue, _Mapping]]] = ..., bundle: _Optional[str] = ..., format: _Optional[str] = ..., texture_size_px: _Optional[int] = ...) -> None: ...

class ExportCharacterResponse(_message.Message):
    __slots__ = ("file", "format", "schema_hash")
    FILE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    file: bytes
    format: str
    schema_hash: str
    def __init__(self, file: _Optional[bytes] = ..., format: _Optional[str] = ..., schema_hash: _Optional[str] = ...) -> None: ...

class GetMeshRequest(_message.Message):
    __slots__ = ("bundle",)
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    bundle: str
    def __init__(self, bundle: _Optional[str] = ...) -> None: ...

class GetMeshResponse(_message.Message):
    __slots__ = ("file", "hash", "schema_hash")
    FILE_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    file: bytes
    hash: str
    schema_hash: str
    def __init__(self, file: _Optional[bytes] = ..., hash: _Optional[str] = ..., schema_hash: _Optional[str] = ...) -> None: ...

class GetSchemaRequest(_message.Message):
    __slots__ = ("bundle",)
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    bundle: str
    def __init__(self, bundle: _Optional[str] = ...) -> None: ...

class GetSchemaResponse(_message.Message):
    __slots__ = ("schema",)
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    schema: _character_pb2.Schema
    def __init__(self, schema: _Optional[_Union[_character_pb2.Schema, _Mapping]] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("server_version", "bundle_name", "bundle_version", "schema_hash", "engine_name", "engine_available", "presets", "default_preset", "max_photo_size_bytes", "queue_capacity_count", "job_count", "bundles", "worker_count", "time_limit_ms", "max_photo_pixel_count", "typical_solve_ms", "max_photo_count", "max_photos_size_bytes")
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_NAME_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    ENGINE_NAME_FIELD_NUMBER: _ClassVar[int]
    ENGINE_AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    PRESETS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_PRESET_FIELD_NUMBER: _ClassVar[int]
    MAX_PHOTO_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    QUEUE_CAPACITY_COUNT_FIELD_NUMBER: _ClassVar[int]
    JOB_COUNT_FIELD_NUMBER: _ClassVar[int]
    BUNDLES_FIELD_NUMBER: _ClassVar[int]
    WORKER_COUNT_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_PHOTO_PIXEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    TYPICAL_SOLVE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_PHOTO_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_PHOTOS_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    server_version: str
    bundle_name: str
    bundle_version: str
    schema_hash: str
    engine_name: str
    engine_available: bool
    presets: _containers.RepeatedScalarFieldContainer[str]
    default_preset: str
    max_photo_size_bytes: int
    queue_capacity_count: int
    job_count: int
    bundles: _containers.RepeatedCompositeFieldContainer[_character_pb2.BundleInfo]
    worker_count: int
    time_limit_ms: int
    max_photo_pixel_count: int
    typical_solve_ms: int
    max_photo_count: int
    max_photos_size_bytes: int
    def __init__(self, server_version: _Optional[str] = ..., bundle_name: _Optional[str] = ..., bundle_version: _Optional[str] = ..., schema_hash: _Optional[str] = ..., engine_name: _Optional[str] = ..., engine_available: _Optional[bool] = ..., presets: _Optional[_Iterable[str]] = ..., default_preset: _Optional[str] = ..., max_photo_size_bytes: _Optional[int] = ..., queue_capacity_count: _Optional[int] = ..., job_count: _Optional[int] = ..., bundles: _Optional[_Iterable[_Union[_character_pb2.BundleInfo, _Mapping]]] = ..., worker_count: _Optional[int] = ..., time_limit_ms: _Optional[int] = ..., max_photo_pixel_count: _Optional[int] = ..., typical_solve_ms: _Optional[int] = ..., max_photo_count: _Optional[int] = ..., max_photos_size_bytes: _Optional[int] = ...) -> None: ...
