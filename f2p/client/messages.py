"""Requests from plain values, plain values from answers, and errors from statuses."""

from os import PathLike
from pathlib import Path
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from f2p import errors
from f2p.v1 import character_pb2, character_service_pb2

__all__ = ["Photo", "check_request", "create_request", "parameter_values", "to_error", "values"]

Photo = bytes | str | PathLike[str]

_REASON_KEY = "f2p-reason"
_RETRY_KEY = "f2p-retry-ms"
_DECIMALS = 6


def create_request(
    photo: Photo,
    preset: str,
    bundle: str,
    seed: int,
    face: int | None,
    pictures: bool,
    time_limit: float,
    best_so_far: bool,
) -> character_service_pb2.StreamCreateCharacterRequest:
    """A request for a character. Raises PhotoMissing where the photo cannot be read."""
    options = character_pb2.CreateOptions(
        preset=preset,
        bundle=bundle,
        seed=seed,
        choose_face=face is not None,
        face_index=face or 0,
        include_pictures=pictures,
        time_limit_ms=round(1000 * time_limit),
        take_best_so_far=best_so_far,
    )
    return character_service_pb2.StreamCreateCharacterRequest(photo=_read(photo), options=options)


def check_request(photo: Photo, face: int | None, bundle: str) -> character_service_pb2.CheckPhotoRequest:
    """A request to look at a photo. Raises PhotoMissing where it cannot be read."""
    return character_service_pb2.CheckPhotoRequest(
        photo=_read(photo), choose_face=face is not None, face_index=face or 0, bundle=bundle
    )


def values(character: character_pb2.Character) -> dict[str, float | str]:
    """Parameter names -> normalised values and option names, in the schema's order: the numbers of character.json."""
    # Characters hold six decimals, which a float32 in [0, 1] carries exactly: rounding undoes what it adds behind them.
    sliders = {item.name: round(item.value, _DECIMALS) for item in character.continuous}
    return sliders | {item.name: item.option for item in character.discrete}


def parameter_values(given: dict[str, float | str]) -> list[character_pb2.ParameterValue]:
    """Values by name as requests carry them; the way back from `values`."""
    return [
        character_pb2.ParameterValue(name=name, option=value)
        if isinstance(value, str)
        else character_pb2.ParameterValue(name=name, value=value)
        for name, value in given.items()
    ]


def to_error(error: Any, target: str) -> errors.F2PError:
    """The server's own error where it named one, else one that the status code suggests."""
    trailers = {str(key): value for key, value in error.trailing_metadata() or ()}
    kind = _kinds().get(str(trailers.get(_REASON_KEY, "")))
    if kind is not None:
        info = _error_info(error)
        named = kind(info.pop("message", str(error.details())), info.pop("remedy", ""))
        named.details = dict(info)
        retry = str(trailers.get(_RETRY_KEY, ""))
        if retry.isdigit():
            named.details["retry_ms"] = int(retry)
        return named
    code, text = error.code(), str(error.details())
    if code is grpc.StatusCode.UNAVAILABLE:
        return errors.ServiceUnavailable(f"No server answers at {target}.", "Start one with `f2p serve`.", detail=text)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceeded("The server did not answer in time.", "Allow a longer timeout.")
    if code is grpc.StatusCode.CANCELLED:
        return errors.Cancelled("The call was cancelled.")
    return errors.ServiceError(f"{code.name}: {text}")


def _read(photo: Photo) -> bytes:
    if isinstance(photo, bytes):
        return photo
    try:
        return Path(photo).read_bytes()
    except OSError as error:
        raise errors.PhotoMissing(f"{photo} cannot be read: {error.strerror}.", "Check the path.") from None


def _error_info(error: Any) -> dict[str, str]:
    """The metadata of the status details' ErrorInfo."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return dict(info.metadata)
    return {}


def _kinds() -> dict[str, type[errors.F2PError]]:
    kinds = (getattr(errors, name) for name in errors.__all__)
    return {kind.reason: kind for kind in kinds}
