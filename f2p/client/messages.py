"""Requests from plain values, plain values from answers, and errors from statuses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from f2p import errors
from f2p.character.records import FaceExpression
from f2p.client.causes import unreachable
from f2p.client.connection import Connection
from f2p.errors import transport
from f2p.files import read_photo_file
from f2p.limits import MAX_SERVED_PHOTO_BYTES
from f2p.v1 import character_pb2, character_service_pb2
from f2p.wire.characters import to_saved

__all__ = [
    "Faces",
    "Photo",
    "Photos",
    "Wanted",
    "check_request",
    "compare_request",
    "create_request",
    "export_request",
    "expressions",
    "migrate_request",
    "parameter_values",
    "preview_request",
    "refit_request",
    "share_request",
    "to_error",
    "values",
]

Photo = bytes | str | PathLike[str]
Photos = Photo | Sequence[Photo]
Faces = int | Sequence[int | None] | None

_REASON_KEY = "f2p-reason"
_RETRY_KEY = "f2p-retry-ms"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Options of a call that makes a character: the fields of CreateOptions, as plain values."""

    preset: str = ""
    bundle: str = ""
    seed: int | None = None
    pictures: bool = False
    confidence: bool = False
    time_limit: float = 0.0
    best_so_far: bool = False
    strength: float | None = None
    flatter: float = 0.0
    remove_glasses: bool = False
    remove_beard: bool = False
    keep_expression: bool = False
    candidates: int = 1
    progress_pictures: bool = False

    def options(self, face: int | None) -> character_pb2.CreateOptions:
        """The message, for a photo of which this face is meant."""
        return character_pb2.CreateOptions(
            preset=self.preset,
            bundle=self.bundle,
            seed=self.seed or 0,
            choose_face=face is not None,
            face_index=face or 0,
            include_pictures=self.pictures,
            include_confidence=self.confidence,
            time_limit_ms=round(1000 * self.time_limit),
            take_best_so_far=self.best_so_far,
            choose_strength=self.strength is not None,
            strength=self.strength or 0.0,
            flatter=self.flatter,
            remove_glasses=self.remove_glasses,
            remove_beard=self.remove_beard,
            keep_expression=self.keep_expression,
            candidate_count=self.candidates,
            include_progress_pictures=self.progress_pictures,
        )


def create_request(photos: Photos, faces: Faces, wanted: Wanted) -> character_service_pb2.StreamCreateCharacterRequest:
    """A request for a character.

    Raises:
        PhotoMissing: a photo cannot be read, or there is none.
        PhotoTooLarge: a photo's file is larger than a server takes; nothing of it is read.
        ParameterError: `faces` does not fit the photos.
    """
    return character_service_pb2.StreamCreateCharacterRequest(**_photo_fields(photos, faces, wanted))


def refit_request(
    character: character_pb2.Character | Mapping[str, float | str],
    photos: Photos,
    faces: Faces,
    locked: Collection[str],
    edits: Mapping[str, float | str],
    wanted: Wanted,
) -> character_service_pb2.StreamRefitCharacterRequest:
    """A request to solve a character again; preset, bundle and seed that `wanted` leaves open are the character's own.

    Where the character was made of as many photos, their faces begin with the expressions found in them.

    Raises:
        PhotoMissing, ParameterError: as create_request.
    """
    schema_hash, schema_identity, made_of = "", "", 0
    found: Sequence[character_pb2.FaceExpression] = ()
    if isinstance(character, character_pb2.Character):
        schema_hash, schema_identity = character.schema_hash, character.schema_identity
        made_of, found = len(character.photos) or 1, character.expressions
        wanted = replace(
            wanted,
            preset=wanted.preset or character.preset,
            bundle=wanted.bundle or character.bundle_name,
            seed=character.seed if wanted.seed is None else wanted.seed,
        )
        character = values(character)
    fields = _photo_fields(photos, faces, wanted)
    return character_service_pb2.StreamRefitCharacterRequest(
        values=parameter_values(character),
        edits=parameter_values(edits),
        locked=sorted(locked),
        schema_hash=schema_hash,
        schema_identity=schema_identity,
        expressions=found if made_of == 1 + len(fields["more_photos"]) else (),
        **fields,
    )


def _photo_fields(photos: Photos, faces: Faces, wanted: Wanted) -> dict[str, Any]:
    several = [photos] if isinstance(photos, (bytes, str, PathLike)) else list(photos)
    if not several:
        raise errors.PhotoMissing("No photo was given.", "Give at least one.")
    chosen = list(faces) if isinstance(faces, Sequence) else [faces]
    if len(chosen) != len(several):
        if faces is not None:
            raise errors.ParameterError(
                f"{len(chosen)} faces were chosen for {len(several)} photos.", "Choose one for each, or none."
            )
        chosen = [None] * len(several)
    further = [
        character_pb2.FurtherPhoto(photo=_read(photo), choose_face=face is not None, face_index=face or 0)
        for photo, face in zip(several[1:], chosen[1:], strict=True)
    ]
    return {"photo": _read(several[0]), "options": wanted.options(chosen[0]), "more_photos": further}


def check_request(photo: Photo, face: int | None, bundle: str) -> character_service_pb2.CheckPhotoRequest:
    """A request to look at a photo. Raises PhotoMissing, PhotoTooLarge as create_request."""
    return character_service_pb2.CheckPhotoRequest(
        photo=_read(photo), choose_face=face is not None, face_index=face or 0, bundle=bundle
    )


def preview_request(
    given: Mapping[str, float | str], size: int, jpeg: bool, bundle: str
) -> character_service_pb2.RenderPreviewRequest:
    """A request to draw values."""
    return character_service_pb2.RenderPreviewRequest(
        values=parameter_values(given),
        size_px=size,
        format=character_pb2.PICTURE_FORMAT_JPEG if jpeg else character_pb2.PICTURE_FORMAT_PNG,
        bundle=bundle,
    )


def export_request(
    given: Mapping[str, float | str], form: str, texture_size: int, bundle: str
) -> character_service_pb2.ExportCharacterRequest:
    """A request for a character's file."""
    return character_service_pb2.ExportCharacterRequest(
        values=parameter_values(given), format=form, texture_size_px=texture_size, bundle=bundle
    )


def compare_request(
    first: Mapping[str, float | str], second: Mapping[str, float | str], bundle: str
) -> character_service_pb2.CompareParametersRequest:
    """A request to compare two characters' values."""
    return character_service_pb2.CompareParametersRequest(
        first=parameter_values(first), second=parameter_values(second), bundle=bundle
    )


def share_request(given: Mapping[str, float | str], bundle: str) -> character_service_pb2.ShareCharacterRequest:
    """A request for a share code."""
    return character_service_pb2.ShareCharacterRequest(values=parameter_values(given), bundle=bundle)


def migrate_request(
    character: character_pb2.Character,
    renames: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
    bundle: str,
) -> character_service_pb2.MigrateCharacterRequest:
    """A request to carry a character over; its pictures stay here."""
    request = character_service_pb2.MigrateCharacterRequest(character=character, bundle=bundle)
    request.character.ClearField("pictures")
    for old in dict.fromkeys((*renames, *options)):
        named = request.renames.add(old_name=old, new_name=renames.get(old, ""))
        for before, after in options.get(old, {}).items():
            named.options.add(old_option=before, new_option=after)
    return request


def values(character: character_pb2.Character) -> dict[str, float | str]:
    """A character's normalised values and option names by parameter, in the schema's order, as in character.json."""
    return to_saved(character).values


def expressions(character: character_pb2.Character) -> tuple[FaceExpression, ...]:
    """Expression and pose of the face in each photo, as character.json has them; their `words()` are for people."""
    return to_saved(character).expressions


def parameter_values(given: Mapping[str, float | str]) -> list[character_pb2.ParameterValue]:
    """Values by name as requests carry them; the inverse of `values`."""
    return [
        character_pb2.ParameterValue(name=name, option=value)
        if isinstance(value, str)
        else character_pb2.ParameterValue(name=name, value=value)
        for name, value in given.items()
    ]


def to_error(error: Any, to: Connection) -> errors.F2PError:
    """The server's own error where it named one, else one that the status code suggests."""
    trailers = {str(key): value for key, value in error.trailing_metadata() or ()}
    info = _error_info(error)
    named = transport.from_dict(
        {
            "reason": trailers.get(_REASON_KEY, ""),
            "message": info.pop("message", str(error.details())),
            "remedy": info.pop("remedy", ""),
            "details": info,
        }
    )
    if named is not None:
        retry = str(trailers.get(_RETRY_KEY, ""))
        if retry.isdigit():
            named.details["retry_ms"] = int(retry)
        return named
    code, text = error.code(), str(error.details())
    if code is grpc.StatusCode.UNAVAILABLE:
        return unreachable(text, to)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceeded("The server did not answer in time.", "Allow a longer timeout.")
    if code is grpc.StatusCode.CANCELLED:
        return errors.Cancelled("The call was cancelled.")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return errors.ServiceError(f"The server at {to.target} does not know this call.", "It is older: update it.")
    return errors.ServiceError(f"{code.name}: {text}")


def _read(photo: Photo) -> bytes:
    return photo if isinstance(photo, bytes) else read_photo_file(photo, MAX_SERVED_PHOTO_BYTES)


def _error_info(error: Any) -> dict[str, str]:
    """The metadata of the status details' ErrorInfo."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return dict(info.metadata)
    return {}
