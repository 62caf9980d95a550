from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ParameterRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARAMETER_ROLE_UNSPECIFIED: _ClassVar[ParameterRole]
    PARAMETER_ROLE_IDENTITY: _ClassVar[ParameterRole]
    PARAMETER_ROLE_EXPRESSION: _ClassVar[ParameterRole]
    PARAMETER_ROLE_APPEARANCE: _ClassVar[ParameterRole]

class PhotoIssueKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHOTO_ISSUE_KIND_UNSPECIFIED: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_UNREADABLE: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_TOO_LARGE: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_TOO_SMALL: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_NO_FACE: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_SEVERAL_FACES: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_BLURRED: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_DARK: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_OVEREXPOSED: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_TURNED: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_COVERED: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_OTHER_PERSON: _ClassVar[PhotoIssueKind]
    PHOTO_ISSUE_KIND_CUT: _ClassVar[PhotoIssueKind]

class ProgressStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROGRESS_STAGE_UNSPECIFIED: _ClassVar[ProgressStage]
    PROGRESS_STAGE_WAITING: _ClassVar[ProgressStage]
    PROGRESS_STAGE_PREPARING: _ClassVar[ProgressStage]
    PROGRESS_STAGE_SOLVING: _ClassVar[ProgressStage]

class ParameterChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARAMETER_CHANGE_KIND_UNSPECIFIED: _ClassVar[ParameterChangeKind]
    PARAMETER_CHANGE_KIND_RENAMED: _ClassVar[ParameterChangeKind]
    PARAMETER_CHANGE_KIND_CLIPPED: _ClassVar[ParameterChangeKind]
    PARAMETER_CHANGE_KIND_DEFAULTED: _ClassVar[ParameterChangeKind]
    PARAMETER_CHANGE_KIND_REPLACED: _ClassVar[ParameterChangeKind]
    PARAMETER_CHANGE_KIND_LOST: _ClassVar[ParameterChangeKind]

class PictureFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_FORMAT_UNSPECIFIED: _ClassVar[PictureFormat]
    PICTURE_FORMAT_PNG: _ClassVar[PictureFormat]
    PICTURE_FORMAT_JPEG: _ClassVar[PictureFormat]
PARAMETER_ROLE_UNSPECIFIED: ParameterRole
PARAMETER_ROLE_IDENTITY: ParameterRole
PARAMETER_ROLE_EXPRESSION: ParameterRole
PARAMETER_ROLE_APPEARANCE: ParameterRole
PHOTO_ISSUE_KIND_UNSPECIFIED: PhotoIssueKind
PHOTO_ISSUE_KIND_UNREADABLE: PhotoIssueKind
PHOTO_ISSUE_KIND_TOO_LARGE: PhotoIssueKind
PHOTO_ISSUE_KIND_TOO_SMALL: PhotoIssueKind
PHOTO_ISSUE_KIND_NO_FACE: PhotoIssueKind
PHOTO_ISSUE_KIND_SEVERAL_FACES: PhotoIssueKind
PHOTO_ISSUE_KIND_BLURRED: PhotoIssueKind
PHOTO_ISSUE_KIND_DARK: PhotoIssueKind
PHOTO_ISSUE_KIND_OVEREXPOSED: PhotoIssueKind
PHOTO_ISSUE_KIND_TURNED: PhotoIssueKind
PHOTO_ISSUE_KIND_COVERED: PhotoIssueKind
PHOTO_ISSUE_KIND_OTHER_PERSON: PhotoIssueKind
PHOTO_ISSUE_KIND_CUT: PhotoIssueKind
PROGRESS_STAGE_UNSPECIFIED: ProgressStage
PROGRESS_STAGE_WAITING: ProgressStage
PROGRESS_STAGE_PREPARING: ProgressStage
PROGRESS_STAGE_SOLVING: ProgressStage
PARAMETER_CHANGE_KIND_UNSPECIFIED: ParameterChangeKind
PARAMETER_CHANGE_KIND_RENAMED: ParameterChangeKind
PARAMETER_CHANGE_KIND_CLIPPED: ParameterChangeKind
PARAMETER_CHANGE_KIND_DEFAULTED: ParameterChangeKind
PARAMETER_CHANGE_KIND_REPLACED: ParameterChangeKind
PARAMETER_CHANGE_KIND_LOST: ParameterChangeKind
PICTURE_FORMAT_UNSPECIFIED: PictureFormat
PICTURE_FORMAT_PNG: PictureFormat
PICTURE_FORMAT_JPEG: PictureFormat

class CreateOptions(_message.Message):
    __slots__ = ("preset", "seed", "choose_face", "face_index", "include_pictures", "bundle", "time_limit_ms", "take_best_so_far", "include_confidence", "include_progress_pictures", "choose_strength", "strength", "flatter", "remove_glasses", "remove_beard", "keep_expression", "candidate_count")
    PRESET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CHOOSE_FACE_FIELD_NUMBER: _ClassVar[int]
    FACE_INDEX_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PICTURES_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_MS_FIELD_NUMBER: _ClassVar[int]
    TAKE_BEST_SO_FAR_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PROGRESS_PICTURES_FIELD_NUMBER: _ClassVar[int]
    CHOOSE_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    FLATTER_FIELD_NUMBER: _ClassVar[int]
    REMOVE_GLASSES_FIELD_NUMBER: _ClassVar[int]
    REMOVE_BEARD_FIELD_NUMBER: _ClassVar[int]
    KEEP_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    preset: str
    seed: int
    choose_face: bool
    face_index: int
    include_pictures: bool
    bundle: str
    time_limit_ms: int
    take_best_so_far: bool
    include_confidence: bool
    include_progress_pictures: bool
    choose_strength: bool
    strength: float
    flatter: float
    remove_glasses: bool
    remove_beard: bool
    keep_expression: bool
    candidate_count: int
    def __init__(self, preset: _Optional[str] = ..., seed: _Optional[int] = ..., choose_face: _Optional[bool] = ..., face_index: _Optional[int] = ..., include_pictures: _Optional[bool] = ..., bundle: _Optional[str] = ..., time_limit_ms: _Optional[int] = ..., take_best_so_far: _Optional[bool] = ..., include_confidence: _Optional[bool] = ..., include_progress_pictures: _Optional[bool] = ..., choose_strength: _Optional[bool] = ..., strength: _Optional[float] = ..., flatter: _Optional[float] = ..., remove_glasses: _Optional[bool] = ..., remove_beard: _Optional[bool] = ..., keep_expression: _Optional[bool] = ..., candidate_count: _Optional[int] = ...) -> None: ...

class FurtherPhoto(_message.Message):
    __slots__ = ("photo", "choose_face", "face_index")
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    CHOOSE_FACE_FIELD_NUMBER: _ClassVar[int]
    FACE_INDEX_FIELD_NUMBER: _ClassVar[int]
    photo: bytes
    choose_face: bool
    face_index: int
    def __init__(self, photo: _Optional[bytes] = ..., choose_face: _Optional[bool] = ..., face_index: _Optional[int] = ...) -> None: ...

class ContinuousValue(_message.Message):
    __slots__ = ("name", "group", "value", "engine_value", "unit", "label", "role")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    group: str
    value: float
    engine_value: float
    unit: str
    label: str
    role: ParameterRole
    def __init__(self, name: _Optional[str] = ..., group: _Optional[str] = ..., value: _Optional[float] = ..., engine_value: _Optional[float] = ..., unit: _Optional[str] = ..., label: _Optional[str] = ..., role: _Optional[_Union[ParameterRole, str]] = ...) -> None: ...

class DiscreteValue(_message.Message):
    __slots__ = ("name", "group", "option", "option_index", "label", "role")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    OPTION_FIELD_NUMBER: _ClassVar[int]
    OPTION_INDEX_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    group: str
    option: str
    option_index: int
    label: str
    role: ParameterRole
    def __init__(self, name: _Optional[str] = ..., group: _Optional[str] = ..., option: _Optional[str] = ..., option_index: _Optional[int] = ..., label: _Optional[str] = ..., role: _Optional[_Union[ParameterRole, str]] = ...) -> None: ...

class LossTerm(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class Pictures(_message.Message):
    __slots__ = ("aligned_png", "drawing_png", "render_png")
    ALIGNED_PNG_FIELD_NUMBER: _ClassVar[int]
    DRAWING_PNG_FIELD_NUMBER: _ClassVar[int]
    RENDER_PNG_FIELD_NUMBER: _ClassVar[int]
    aligned_png: bytes
    drawing_png: bytes
    render_png: bytes
    def __init__(self, aligned_png: _Optional[bytes] = ..., drawing_png: _Optional[bytes] = ..., render_png: _Optional[bytes] = ...) -> None: ...

class PhotoUse(_message.Message):
    __slots__ = ("used", "share", "quality", "likeness", "reason", "message", "kind")
    USED_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    LIKENESS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    used: bool
    share: float
    quality: float
    likeness: float
    reason: str
    message: str
    kind: PhotoIssueKind
    def __init__(self, used: _Optional[bool] = ..., share: _Optional[float] = ..., quality: _Optional[float] = ..., likeness: _Optional[float] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., kind: _Optional[_Union[PhotoIssueKind, str]] = ...) -> None: ...

class GroupConfidence(_message.Message):
    __slots__ = ("group", "confidence", "seen", "message")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    group: str
    confidence: float
    seen: float
    message: str
    def __init__(self, group: _Optional[str] = ..., confidence: _Optional[float] = ..., seen: _Optional[float] = ..., message: _Optional[str] = ...) -> None: ...

class ExpressionUnit(_message.Message):
    __slots__ = ("name", "weight")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    name: str
    weight: float
    def __init__(self, name: _Optional[str] = ..., weight: _Optional[float] = ...) -> None: ...

class FaceExpression(_message.Message):
    __slots__ = ("photo_index", "units", "yaw_degrees", "pitch_degrees", "roll_degrees")
    PHOTO_INDEX_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    YAW_DEGREES_FIELD_NUMBER: _ClassVar[int]
    PITCH_DEGREES_FIELD_NUMBER: _ClassVar[int]
    ROLL_DEGREES_FIELD_NUMBER: _ClassVar[int]
    photo_index: int
    units: _containers.RepeatedCompositeFieldContainer[ExpressionUnit]
    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float
    def __init__(self, photo_index: _Optional[int] = ..., units: _Optional[_Iterable[_Union[ExpressionUnit, _Mapping]]] = ..., yaw_degrees: _Optional[float] = ..., pitch_degrees: _Optional[float] = ..., roll_degrees: _Optional[float] = ...) -> None: ...

class PointPx(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class PhotoFacts(_message.Message):
    __slots__ = ("width_px", "height_px", "grey", "face_width_px", "frame", "landmarks", "warnings")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    GREY_FIELD_NUMBER: _ClassVar[int]
    FACE_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    LANDMARKS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    grey: bool
    face_width_px: float
    frame: _containers.RepeatedCompositeFieldContainer[PointPx]
    landmarks: _containers.RepeatedCompositeFieldContainer[PointPx]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., grey: _Optional[bool] = ..., face_width_px: _Optional[float] = ..., frame: _Optional[_Iterable[_Union[PointPx, _Mapping]]] = ..., landmarks: _Optional[_Iterable[_Union[PointPx, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("continuous", "discrete", "changed", "cost", "pictures")
    CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    DISCRETE_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    continuous: _containers.RepeatedCompositeFieldContainer[ContinuousValue]
    discrete: _containers.RepeatedCompositeFieldContainer[DiscreteValue]
    changed: _containers.RepeatedScalarFieldContainer[str]
    cost: float
    pictures: Pictures
    def __init__(self, continuous: _Optional[_Iterable[_Union[ContinuousValue, _Mapping]]] = ..., discrete: _Optional[_Iterable[_Union[DiscreteValue, _Mapping]]] = ..., changed: _Optional[_Iterable[str]] = ..., cost: _Optional[float] = ..., pictures: _Optional[_Union[Pictures, _Mapping]] = ...) -> None: ...

class Character(_message.Message):
    __slots__ = ("continuous", "discrete", "schema_hash", "engine_name", "bundle_name", "bundle_version", "preset", "seed", "losses", "warnings", "solve_seconds", "pictures", "stopped_early", "step_count", "photos", "locked", "confidence", "expressions", "schema_version", "schema_identity", "photo", "render_source", "candidates")
    CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    DISCRETE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    ENGINE_NAME_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_NAME_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_VERSION_FIELD_NUMBER: _ClassVar[int]
    PRESET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    SOLVE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    STOPPED_EARLY_FIELD_NUMBER: _ClassVar[int]
    STEP_COUNT_FIELD_NUMBER: _ClassVar[int]
    PHOTOS_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    EXPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    RENDER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    continuous: _containers.RepeatedCompositeFieldContainer[ContinuousValue]
    discrete: _containers.RepeatedCompositeFieldContainer[DiscreteValue]
    schema_hash: str
    engine_name: str
    bundle_name: str
    bundle_version: str
    preset: str
    seed: int
    losses: _containers.RepeatedCompositeFieldContainer[LossTerm]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    solve_seconds: float
    pictures: Pictures
    stopped_early: bool
    step_count: int
    photos: _containers.RepeatedCompositeFieldContainer[PhotoUse]
    locked: _containers.RepeatedScalarFieldContainer[str]
    confidence: _containers.RepeatedCompositeFieldContainer[GroupConfidence]
    expressions: _containers.RepeatedCompositeFieldContainer[FaceExpression]
    schema_version: str
    schema_identity: str
    photo: PhotoFacts
    render_source: str
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    def __init__(self, continuous: _Optional[_Iterable[_Union[ContinuousValue, _Mapping]]] = ..., discrete: _Optional[_Iterable[_Union[DiscreteValue, _Mapping]]] = ..., schema_hash: _Optional[str] = ..., engine_name: _Optional[str] = ..., bundle_name: _Optional[str] = ..., bundle_version: _Optional[str] = ..., preset: _Optional[str] = ..., seed: _Optional[int] = ..., losses: _Optional[_Iterable[_Union[LossTerm, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ..., solve_seconds: _Optional[float] = ..., pictures: _Optional[_Union[Pictures, _Mapping]] = ..., stopped_early: _Optional[bool] = ..., step_count: _Optional[int] = ..., photos: _Optional[_Iterable[_Union[PhotoUse, _Mapping]]] = ..., locked: _Optional[_Iterable[str]] = ..., confidence: _Optional[_Iterable[_Union[GroupConfidence, _Mapping]]] = ..., expressions: _Optional[_Iterable[_Union[FaceExpression, _Mapping]]] = ..., schema_version: _Optional[str] = ..., schema_identity: _Optional[str] = ..., photo: _Optional[_Union[PhotoFacts, _Mapping]] = ..., render_source: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ...) -> None: ...

class ParameterValue(_message.Message):
    __slots__ = ("name", "value", "option")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    OPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    option: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., option: _Optional[str] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("stage", "queue_position", "iteration", "iteration_count", "losses", "picture_jpeg")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    ITERATION_FIELD_NUMBER: _ClassVar[int]
    ITERATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    PICTURE_JPEG_FIELD_NUMBER: _ClassVar[int]
    stage: ProgressStage
    queue_position: int
    iteration: int
    iteration_count: int
    losses: _containers.RepeatedCompositeFieldContainer[LossTerm]
    picture_jpeg: bytes
    def __init__(self, stage: _Optional[_Union[ProgressStage, str]] = ..., queue_position: _Optional[int] = ..., iteration: _Optional[int] = ..., iteration_count: _Optional[int] = ..., losses: _Optional[_Iterable[_Union[LossTerm, _Mapping]]] = ..., picture_jpeg: _Optional[bytes] = ...) -> None: ...

class PhotoIssue(_message.Message):
    __slots__ = ("reason", "message", "remedy", "kind")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    remedy: str
    kind: PhotoIssueKind
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., remedy: _Optional[str] = ..., kind: _Optional[_Union[PhotoIssueKind, str]] = ...) -> None: ...

class FaceBox(_message.Message):
    __slots__ = ("left", "top", "width", "height", "score")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    left: float
    top: float
    width: float
    height: float
    score: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., width: _Optional[float] = ..., height: _Optional[float] = ..., score: _Optional[float] = ...) -> None: ...

class PhotoQuality(_message.Message):
    __slots__ = ("face_width_px", "score", "blur", "brightness", "roll_degrees", "yaw_hint_degrees")
    FACE_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    BLUR_FIELD_NUMBER: _ClassVar[int]
    BRIGHTNESS_FIELD_NUMBER: _ClassVar[int]
    ROLL_DEGREES_FIELD_NUMBER: _ClassVar[int]
    YAW_HINT_DEGREES_FIELD_NUMBER: _ClassVar[int]
    face_width_px: float
    score: float
    blur: float
    brightness: float
    roll_degrees: float
    yaw_hint_degrees: float
    def __init__(self, face_width_px: _Optional[float] = ..., score: _Optional[float] = ..., blur: _Optional[float] = ..., brightness: _Optional[float] = ..., roll_degrees: _Optional[float] = ..., yaw_hint_degrees: _Optional[float] = ...) -> None: ...

class ContinuousParameter(_message.Message):
    __slots__ = ("name", "label", "group", "role", "average", "low", "high", "unit", "spread", "frontal")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    FRONTAL_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    group: str
    role: ParameterRole
    average: float
    low: float
    high: float
    unit: str
    spread: float
    frontal: bool
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., group: _Optional[str] = ..., role: _Optional[_Union[ParameterRole, str]] = ..., average: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., unit: _Optional[str] = ..., spread: _Optional[float] = ..., frontal: _Optional[bool] = ...) -> None: ...

class DiscreteParameter(_message.Message):
    __slots__ = ("name", "label", "group", "role", "options", "default_option", "weights", "frontal")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_OPTION_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    FRONTAL_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    group: str
    role: ParameterRole
    options: _containers.RepeatedScalarFieldContainer[str]
    default_option: str
    weights: _containers.RepeatedScalarFieldContainer[float]
    frontal: bool
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., group: _Optional[str] = ..., role: _Optional[_Union[ParameterRole, str]] = ..., options: _Optional[_Iterable[str]] = ..., default_option: _Optional[str] = ..., weights: _Optional[_Iterable[float]] = ..., frontal: _Optional[bool] = ...) -> None: ...

class Schema(_message.Message):
    __slots__ = ("name", "version", "hash", "continuous", "discrete", "identity")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    DISCRETE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    hash: str
    continuous: _containers.RepeatedCompositeFieldContainer[ContinuousParameter]
    discrete: _containers.RepeatedCompositeFieldContainer[DiscreteParameter]
    identity: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., hash: _Optional[str] = ..., continuous: _Optional[_Iterable[_Union[ContinuousParameter, _Mapping]]] = ..., discrete: _Optional[_Iterable[_Union[DiscreteParameter, _Mapping]]] = ..., identity: _Optional[str] = ...) -> None: ...

class SliderDifference(_message.Message):
    __slots__ = ("name", "label", "first", "second", "difference", "first_engine", "second_engine", "unit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_ENGINE_FIELD_NUMBER: _ClassVar[int]
    SECOND_ENGINE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    first: float
    second: float
    difference: float
    first_engine: float
    second_engine: float
    unit: str
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., first: _Optional[float] = ..., second: _Optional[float] = ..., difference: _Optional[float] = ..., first_engine: _Optional[float] = ..., second_engine: _Optional[float] = ..., unit: _Optional[str] = ...) -> None: ...

class ChoiceDifference(_message.Message):
    __slots__ = ("name", "label", "first", "second", "same")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    first: str
    second: str
    same: bool
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., first: _Optional[str] = ..., second: _Optional[str] = ..., same: _Optional[bool] = ...) -> None: ...

class GroupDifference(_message.Message):
    __slots__ = ("name", "mean", "largest", "largest_at", "sliders", "choices")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIELD_NUMBER: _ClassVar[int]
    LARGEST_AT_FIELD_NUMBER: _ClassVar[int]
    SLIDERS_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    name: str
    mean: float
    largest: float
    largest_at: str
    sliders: _containers.RepeatedCompositeFieldContainer[SliderDifference]
    choices: _containers.RepeatedCompositeFieldContainer[ChoiceDifference]
    def __init__(self, name: _Optional[str] = ..., mean: _Optional[float] = ..., largest: _Optional[float] = ..., largest_at: _Optional[str] = ..., sliders: _Optional[_Iterable[_Union[SliderDifference, _Mapping]]] = ..., choices: _Optional[_Iterable[_Union[ChoiceDifference, _Mapping]]] = ...) -> None: ...

class OptionRename(_message.Message):
    __slots__ = ("old_option", "new_option")
    OLD_OPTION_FIELD_NUMBER: _ClassVar[int]
    NEW_OPTION_FIELD_NUMBER: _ClassVar[int]
    old_option: str
    new_option: str
    def __init__(self, old_option: _Optional[str] = ..., new_option: _Optional[str] = ...) -> None: ...

class ParameterRename(_message.Message):
    __slots__ = ("old_name", "new_name", "options")
    OLD_NAME_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    old_name: str
    new_name: str
    options: _containers.RepeatedCompositeFieldContainer[OptionRename]
    def __init__(self, old_name: _Optional[str] = ..., new_name: _Optional[str] = ..., options: _Optional[_Iterable[_Union[OptionRename, _Mapping]]] = ...) -> None: ...

class ParameterChange(_message.Message):
    __slots__ = ("name", "kind", "old_engine_value", "new_engine_value", "old_option", "new_option", "message")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OLD_ENGINE_VALUE_FIELD_NUMBER: _ClassVar[int]
    NEW_ENGINE_VALUE_FIELD_NUMBER: _ClassVar[int]
    OLD_OPTION_FIELD_NUMBER: _ClassVar[int]
    NEW_OPTION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: ParameterChangeKind
    old_engine_value: float
    new_engine_value: float
    old_option: str
    new_option: str
    message: str
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[ParameterChangeKind, str]] = ..., old_engine_value: _Optional[float] = ..., new_engine_value: _Optional[float] = ..., old_option: _Optional[str] = ..., new_option: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class BundleInfo(_message.Message):
    __slots__ = ("name", "version", "schema_hash", "engine_name", "engine_available", "drawing_size_px", "export_formats")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_HASH_FIELD_NUMBER: _ClassVar[int]
    ENGINE_NAME_FIELD_NUMBER: _ClassVar[int]
    ENGINE_AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    DRAWING_SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    EXPORT_FORMATS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    schema_hash: str
    engine_name: str
    engine_available: bool
    drawing_size_px: int
    export_formats: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., schema_hash: _Optional[str] = ..., engine_name: _Optional[str] = ..., engine_available: _Optional[bool] = ..., drawing_size_px: _Optional[int] = ..., export_formats: _Optional[_Iterable[str]] = ...) -> None: ...
