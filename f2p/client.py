"""The Python client of the service. Needs neither torch nor numpy: `pip install f2p` is enough.

with CharacterClient("localhost:50051") as client:
    character = client.create("me.jpg", progress=lambda step: print(step.iteration))
    print(values(character)["nose_width"])
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from f2p import errors
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc

__all__ = ["CharacterClient", "values"]

# Shorter than the idle limits of common proxies; the server permits one ping in ten seconds.
_KEEPALIVE_MS = 45_000
_REASON_KEY = "f2p-reason"
_DECIMALS = 6


class CharacterClient:
    """Calls a running `f2p serve`.

    Args:
        target: host:port.
        timeout: seconds that a call may take; the server stops working when they are over.

    Every method raises the error of f2p.errors that the server named; ServiceUnavailable where no server answers.
    """

    def __init__(self, target: str = "localhost:50051", timeout: float = 120.0) -> None:
        options = [("grpc.keepalive_time_ms", _KEEPALIVE_MS), ("grpc.max_send_message_length", -1)]
        self._target = target
        self._timeout = timeout
        self._channel = grpc.insecure_channel(target, options=options)
        self._stub: Any = character_service_pb2_grpc.CharacterServiceStub(self._channel)

    def create(
        self,
        photo: bytes | str | PathLike[str],
        *,
        preset: str = "",
        bundle: str = "",
        seed: int = 0,
        face: int | None = None,
        pictures: bool = False,
        progress: Callable[[character_pb2.Progress], None] | None = None,
    ) -> character_pb2.Character:
        """A character from a photo.

        Args:
            photo: the file's bytes, or its path.
            preset: the server's default where empty.
            bundle: the server's default where empty.
            seed: same photo, preset and seed: same values.
            face: which of several faces, as `check` lists them, from 0.
            pictures: whether the character comes with its pictures.
            progress: called with every progress message.
        """
        options = character_pb2.CreateOptions(
            preset=preset,
            bundle=bundle,
            seed=seed,
            choose_face=face is not None,
            face_index=face or 0,
            include_pictures=pictures,
        )
        request = character_service_pb2.StreamCreateCharacterRequest(photo=_read(photo), options=options)
        with self._translated():
            for message in self._stub.StreamCreateCharacter(request, timeout=self._timeout):
                if message.WhichOneof("event") == "character":
                    return message.character
                if progress is not None:
                    progress(message.progress)
        raise errors.ServiceError("The server ended the call without a character.")

    def check(
        self, photo: bytes | str | PathLike[str], *, face: int | None = None
    ) -> character_service_pb2.CheckPhotoResponse:
        """Whether a photo can be used, and why not."""
        request = character_service_pb2.CheckPhotoRequest(
            photo=_read(photo), choose_face=face is not None, face_index=face or 0
        )
        with self._translated():
            return self._stub.CheckPhoto(request, timeout=self._timeout)

    def schema(self) -> character_pb2.Schema:
        """The engine's sliders."""
        with self._translated():
            return self._stub.GetSchema(character_service_pb2.GetSchemaRequest(), timeout=self._timeout).schema

    def server_info(self) -> character_service_pb2.GetServerInfoResponse:
        """What the server runs and accepts."""
        with self._translated():
            return self._stub.GetServerInfo(character_service_pb2.GetServerInfoRequest(), timeout=self._timeout)

    def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except grpc.RpcError as error:
            raise _to_error(error, self._target) from None


def values(character: character_pb2.Character) -> dict[str, float | str]:
    """Parameter names -> normalised values and option names, in the schema's order: the numbers of character.json."""
    # Characters hold six decimals, which a float32 in [0, 1] carries exactly: rounding undoes what it adds behind them.
    sliders = {item.name: round(item.value, _DECIMALS) for item in character.continuous}
    return sliders | {item.name: item.option for item in character.discrete}


def _read(photo: bytes | str | PathLike[str]) -> bytes:
    if isinstance(photo, bytes):
        return photo
    try:
        return Path(photo).read_bytes()
    except OSError as error:
        raise errors.PhotoMissing(f"{photo} cannot be read: {error.strerror}.", "Check the path.") from None


def _to_error(error: Any, target: str) -> errors.F2PError:
    """The server's own error where it named one, else one that the status code suggests."""
    trailers = dict(error.trailing_metadata() or ())
    kind = _kinds().get(str(trailers.get(_REASON_KEY, "")))
    if kind is not None:
        info = _error_info(error)
        named = kind(info.pop("message", str(error.details())), info.pop("remedy", ""))
        named.details = dict(info)
        return named
    code, text = error.code(), str(error.details())
    if code is grpc.StatusCode.UNAVAILABLE:
        return errors.ServiceUnavailable(f"No server answers at {target}.", "Start one with `f2p serve`.", detail=text)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceeded("The server did not answer in time.", "Allow a longer timeout.")
    if code is grpc.StatusCode.CANCELLED:
        return errors.Cancelled("The call was cancelled.")
    return errors.ServiceError(f"{code.name}: {text}")


def _error_info(error: Any) -> dict[str, str]:
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return dict(info.metadata)
    return {}


def _kinds() -> dict[str, type[errors.F2PError]]:
    kinds = (getattr(errors, name) for name in errors.__all__)
    return {kind.reason: kind for kind in kinds}
