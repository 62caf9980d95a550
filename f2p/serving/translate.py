"""Requests, read and checked, and the messages that the server writes itself. Knows protobuf and nothing heavy.

The workers' answers pass through as bytes; `f2p.serving.answers` writes them.
"""

from typing import Any

from f2p.errors import ParameterError, PhotoEmpty, PhotoTooLarge
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = [
    "MAX_PHOTO_BYTES",
    "MAX_PHOTO_PIXELS",
    "METHODS",
    "SERVICE_NAME",
    "check_photo",
    "face_index",
    "preparing_event",
    "time_limit_s",
    "waiting_event",
]

_SERVICE = calls.DESCRIPTOR.services_by_name["CharacterService"]
SERVICE_NAME: str = _SERVICE.full_name
MAX_PHOTO_BYTES = 16 * 1024 * 1024
# f2p.photo.MAX_PIXELS, which the server process does not load.
MAX_PHOTO_PIXELS = 64_000_000
METHODS: dict[str, type[Any]] = {
    "CreateCharacter": calls.CreateCharacterRequest,
    "StreamCreateCharacter": calls.StreamCreateCharacterRequest,
    "CheckPhoto": calls.CheckPhotoRequest,
    "RenderPreview": calls.RenderPreviewRequest,
    "CompareParameters": calls.CompareParametersRequest,
    "GetSchema": calls.GetSchemaRequest,
    "GetServerInfo": calls.GetServerInfoRequest,
}
"""Name of each call -> its request's class."""


def check_photo(request: Any) -> None:
    """Refuse a request for a character whose photo is missing or too large. Raises PhotoEmpty, PhotoTooLarge."""
    size = len(request.photo)
    if not size:
        raise PhotoEmpty("The request holds no photo.", "Put the photo file's bytes into `photo`.")
    if size > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(
            f"The photo has {size} bytes; at most {MAX_PHOTO_BYTES} are accepted.",
            "Send a smaller photo.",
            size_bytes=size,
        )


def face_index(options: Any) -> int | None:
    """Which face CreateOptions or CheckPhotoRequest choose; None where they choose none. Raises ParameterError."""
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


def waiting_event(position: int) -> bytes:
    """`position` jobs come first."""
    return _progress(stage=messages.PROGRESS_STAGE_WAITING, queue_position=position)


def preparing_event() -> bytes:
    """The photo is being read."""
    return _progress(stage=messages.PROGRESS_STAGE_PREPARING)


def _progress(**fields: Any) -> bytes:
    return calls.StreamCreateCharacterResponse(progress=messages.Progress(**fields)).SerializeToString()
