from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnginePictureFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENGINE_PICTURE_FORMAT_UNSPECIFIED: _ClassVar[EnginePictureFormat]
    ENGINE_PICTURE_FORMAT_RAW: _ClassVar[EnginePictureFormat]
    ENGINE_PICTURE_FORMAT_PNG: _ClassVar[EnginePictureFormat]
ENGINE_PICTURE_FORMAT_UNSPECIFIED: EnginePictureFormat
ENGINE_PICTURE_FORMAT_RAW: EnginePictureFormat
ENGINE_PICTURE_FORMAT_PNG: EnginePictureFormat

class EngineView(_message.Message):
    __slots__ = ("yaw", "pitch", "roll", "light")
    YAW_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    ROLL_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    yaw: float
    pitch: float
    roll: float
    light: int
    def __init__(self, yaw: _Optional[float] = ..., pitch: _Optional[float] = ..., roll: _Optional[float] = ..., light: _Optional[int] = ...) -> None: ...

class EngineValue(_message.Message):
    __slots__ = ("name", "value", "option")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    OPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    option: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., option: _Optional[str] = ...) -> None: ...

class EngineValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[EngineValue]
    def __init__(self, values: _Optional[_Iterable[_Union[EngineValue, _Mapping]]] = ...) -> None: ...

class DescribeEngineRequest(_message.Message):
    __slots__ = ("views",)
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    views: _containers.RepeatedCompositeFieldContainer[EngineView]
    def __init__(self, views: _Optional[_Iterable[_Union[EngineView, _Mapping]]] = ...) -> None: ...

class DescribeEngineResponse(_message.Message):
    __slots__ = ("name", "schema_yaml", "has_labels", "engine_count", "five_points", "crashes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_YAML_FIELD_NUMBER: _ClassVar[int]
    HAS_LABELS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIVE_POINTS_FIELD_NUMBER: _ClassVar[int]
    CRASHES_FIELD_NUMBER: _ClassVar[int]
    name: str
    schema_yaml: str
    has_labels: bool
    engine_count: int
    five_points: _containers.RepeatedCompositeFieldContainer[FivePoints]
    crashes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., schema_yaml: _Optional[str] = ..., has_labels: _Optional[bool] = ..., engine_count: _Optional[int] = ..., five_points: _Optional[_Iterable[_Union[FivePoints, _Mapping]]] = ..., crashes: _Optional[_Iterable[str]] = ...) -> None: ...

class FivePoints(_message.Message):
    __slots__ = ("coordinates",)
    COORDINATES_FIELD_NUMBER: _ClassVar[int]
    coordinates: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, coordinates: _Optional[_Iterable[float]] = ...) -> None: ...

class SampleCharactersRequest(_message.Message):
    __slots__ = ("seeds",)
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    seeds: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, seeds: _Optional[_Iterable[int]] = ...) -> None: ...

class SampleCharactersResponse(_message.Message):
    __slots__ = ("characters",)
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    characters: _containers.RepeatedCompositeFieldContainer[EngineValues]
    def __init__(self, characters: _Optional[_Iterable[_Union[EngineValues, _Mapping]]] = ...) -> None: ...

class StreamRenderRequest(_message.Message):
    __slots__ = ("jobs", "labels", "format")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[EngineJob]
    labels: bool
    format: EnginePictureFormat
    def __init__(self, jobs: _Optional[_Iterable[_Union[EngineJob, _Mapping]]] = ..., labels: _Optional[bool] = ..., format: _Optional[_Union[EnginePictureFormat, str]] = ...) -> None: ...

class EngineJob(_message.Message):
    __slots__ = ("character", "view", "size_px")
    CHARACTER_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    character: EngineValues
    view: EngineView
    size_px: int
    def __init__(self, character: _Optional[_Union[EngineValues, _Mapping]] = ..., view: _Optional[_Union[EngineView, _Mapping]] = ..., size_px: _Optional[int] = ...) -> None: ...

class StreamRenderResponse(_message.Message):
    __slots__ = ("image", "labels")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    image: EnginePicture
    labels: EnginePicture
    def __init__(self, image: _Optional[_Union[EnginePicture, _Mapping]] = ..., labels: _Optional[_Union[EnginePicture, _Mapping]] = ...) -> None: ...

class EnginePicture(_message.Message):
    __slots__ = ("size_px", "data", "format")
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    size_px: int
    data: bytes
    format: EnginePictureFormat
    def __init__(self, size_px: _Optional[int] = ..., data: _Optional[bytes] = ..., format: _Optional[_Union[EnginePictureFormat, str]] = ...) -> None: ...
