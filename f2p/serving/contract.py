"""The calls of f2p.v1, checks of their requests, and the progress messages. Imports protobuf and nothing heavy.

Answers pass through the server as bytes; `f2p.serving.worker.responses` writes them.
"""

from typing import Any

from f2p.errors import ParameterError, PhotoEmpty, PhotoTooLarge, TooManyPhotos
from f2p.limits import MAX_PHOTOS, MAX_SERVED_PHOTO_BYTES, MAX_SERVED_PHOTOS_BYTES
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = [
    "CREATING",
    "METHODS",
    "QUEUED",
    "QUICK",
    "RESPONSES",
    "SERVICE_NAME",
    "check_photos",
    "check_size",
    "event",
    "face_index",
    "preparing_event",
    "time_limit_s",
    "waiting_event",
]

_SERVICE = calls.DESCRIPTOR.services_by_name["CharacterService"]
SERVICE_NAME: str = _SERVICE.full_name
METHODS: dict[str, type[Any]] = {
    "CreateCharacter": calls.CreateCharacterRequest,
    "StreamCreateCharacter": calls.StreamCreateCharacterRequest,
    "RefitCharacter": calls.RefitCharacterRequest,
    "StreamRefitCharacter": calls.StreamRefitCharacterRequest,
    "CheckPhoto": calls.CheckPhotoRequest,
    "RenderPreview": calls.RenderPreviewRequest,
    "CompareParameters": calls.CompareParametersRequest,
    "MigrateCharacter": calls.MigrateCharacterRequest,
    "ShareCharacter": calls.ShareCharacterRequest,
    "ReceiveCharacter": calls.ReceiveCharacterRequest,
    "ExportCharacter": calls.ExportCharacterRequest,
    "GetMesh": calls.GetMeshRequest,
    "GetSchema": calls.GetSchemaRequest,
    "GetServerInfo": calls.GetServerInfoRequest,
}
"""Name of each call -> its request's class."""
RESPONSES: dict[str, type[Any]] = {
    "CreateCharacter": calls.CreateCharacterResponse,
    "StreamCreateCharacter": calls.StreamCreateCharacterResponse,
    "RefitCharacter": calls.RefitCharacterResponse,
    "StreamRefitCharacter": calls.StreamRefitCharacterResponse,
}
"""Response class of each call that makes a character."""
CREATING = tuple(RESPONSES)
"""Calls that make a character."""
QUEUED = (*CREATING, "ExportCharacter")
"""Calls that wait for a worker with an engine; the others that need a worker are `QUICK`."""
QUICK = ("CheckPhoto", "RenderPreview", "CompareParameters", "MigrateCharacter", "ShareCharacter", "ReceiveCharacter")


def check_photos(request: Any) -> None:
    """Refuse a request for a character whose first photo is missing, or whose photos are too large or too many.

    Raises:
        PhotoEmpty, PhotoTooLarge, TooManyPhotos.
    """
    if not request.photo:
        raise PhotoEmpty("The request holds no photo.", "Put the photo file's bytes into `photo`.")
    count = 1 + len(request.more_photos)
    if count > MAX_PHOTOS:
        raise TooManyPhotos(
            f"{count} photos of one person were given.", f"Give at most {MAX_PHOTOS}, the best ones.", photos=count
        )
    sizes = [len(request.photo), *(len(item.photo) for item in request.more_photos)]
    for number, size in enumerate(sizes):
        check_size(size, "The photo" if count == 1 else f"Photo {number + 1}")
    if sum(sizes) > MAX_SERVED_PHOTOS_BYTES:
        raise PhotoTooLarge(
            f"The {count} photos have {sum(sizes)} bytes together; at most {MAX_SERVED_PHOTOS_BYTES} are accepted.",
            "Send fewer, or shrink them to 1600 pixels on the longer side.",
            size_bytes=sum(sizes),
        )


def check_size(size: int, subject: str = "The photo") -> None:
    """Refuse one photo of too many bytes. Raises PhotoTooLarge."""
    if size > MAX_SERVED_PHOTO_BYTES:
        raise PhotoTooLarge(
            f"{subject} has {size} bytes; at most {MAX_SERVED_PHOTO_BYTES} are accepted.",
            "Send a smaller photo.",
            size_bytes=size,
        )


def face_index(options: Any) -> int | None:
    """The face that a message with `choose_face` and `face_index` chooses, or None. Raises ParameterError."""
    if options.choose_face:
        return int(options.face_index)
    if options.face_index:
        raise ParameterError(
            f"face_index is {options.face_index}, but choose_face is not set.", "Set choose_face too, or neither."
        )
    return None


def time_limit_s(request: Any, otherwise: float) -> float:
    """Seconds that the request itself allows, at most `otherwise`. Raises ParameterError for a negative number."""
    wanted = request.options.time_limit_ms if "options" in request.DESCRIPTOR.fields_by_name else 0
    if wanted < 0:
        raise ParameterError(f"time_limit_ms is {wanted}.", "It must be 0 or more.")
    return min(wanted / 1000, otherwise) if wanted else otherwise


def waiting_event(method: str, position: int) -> bytes:
    """A serialised progress message: `position` jobs come before this one."""
    return event(method, messages.Progress(stage=messages.PROGRESS_STAGE_WAITING, queue_position=position))


def preparing_event(method: str, number: int, count: int) -> bytes:
    """A serialised progress message: photo `number` of `count` is being read."""
    progress = messages.Progress(stage=messages.PROGRESS_STAGE_PREPARING)
    if count > 1:
        progress.iteration, progress.iteration_count = number, count
    return event(method, progress)


def event(method: str, progress: messages.Progress) -> bytes:
    """Progress, serialised for the stream of `method`; for a unary call as its streaming sibling would have it."""
    stream = RESPONSES[f"Stream{method.removeprefix('Stream')}"]
    message: bytes = stream(progress=progress).SerializeToString()
    return message
