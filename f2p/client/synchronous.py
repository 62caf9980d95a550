"""The client for threads."""

import time
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from f2p import errors
from f2p.client.connection import Connection, retry_delay
from f2p.client.messages import (
    Faces,
    Photo,
    Photos,
    Wanted,
    check_request,
    compare_request,
    create_request,
    export_request,
    migrate_request,
    preview_request,
    refit_request,
    share_request,
    to_error,
)
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc

__all__ = ["CharacterClient"]

Answer = TypeVar("Answer")


class CharacterClient:
    """Calls a running `f2p serve`. May be used by several threads.

    Args:
        target: host:port, or a Connection that says more (TLS, a token, retries).
        timeout: seconds that a call may take, where `target` is no Connection.

    Every method raises the error of f2p.errors that the server named; ServiceUnavailable where no server answers.
    """

    def __init__(self, target: str | Connection = "localhost:50051", timeout: float = 120.0) -> None:
        self._to = target if isinstance(target, Connection) else Connection(target=target, timeout=timeout)
        self._channel = self._to.channel()
        self._stub: Any = character_service_pb2_grpc.CharacterServiceStub(self._channel)

    def create(
        self,
        photo: Photos,
        *,
        preset: str = "",
        bundle: str = "",
        seed: int = 0,
        face: Faces = None,
        pictures: bool = False,
        confidence: bool = False,
        time_limit: float = 0.0,
        best_so_far: bool = False,
        strength: float | None = None,
        flatter: float = 0.0,
        remove_glasses: bool = False,
        remove_beard: bool = False,
        keep_expression: bool = False,
        candidates: int = 1,
        progress_pictures: bool = False,
        progress: Callable[[character_pb2.Progress], None] | None = None,
    ) -> character_pb2.Character:
        """A character from a photo, or from several of one person.

        Args:
            photo: the file's bytes, or its path; or a list of up to 16 of them.
            preset: the server's default where empty.
            bundle: the server's default where empty.
            seed: same photo, preset and seed: same values.
            face: which of several faces, as `check` lists them, from 0; for a list of photos a list.
            pictures: whether the character comes with its pictures.
            confidence: whether it comes with how sure each group is.
            time_limit: seconds for the server's work; 0: the server's limit.
            best_so_far: whether a search that runs out of time answers with what it has.
            strength: how strongly features are drawn, 0 (the average) to 2 (a caricature); None: 1, the likeness.
            flatter: how far the face moves towards a pleasant one of its own sex and age, 0 to 1.
            remove_glasses, remove_beard: whether they are taken off.
            keep_expression: whether the character wears the photo's expression.
            candidates: characters to choose from, the answer among them, 1 to 4; the others are its `candidates`.
            progress_pictures: whether `progress` shows the face taking shape, as `picture_jpeg` of some messages.
            progress: called with every progress message. A broken call is begun anew, and progress with it.
        """
        wanted = Wanted(
            preset=preset,
            bundle=bundle,
            seed=seed,
            pictures=pictures,
            confidence=confidence,
            time_limit=time_limit,
            best_so_far=best_so_far,
            strength=strength,
            flatter=flatter,
            remove_glasses=remove_glasses,
            remove_beard=remove_beard,
            keep_expression=keep_expression,
            candidates=candidates,
            progress_pictures=progress_pictures,
        )
        return self._character("StreamCreateCharacter", create_request(photo, face, wanted), progress)

    def refit(
        self,
        character: character_pb2.Character | Mapping[str, float | str],
        photo: Photos,
        *,
        locked: Collection[str] = (),
        edits: Mapping[str, float | str] | None = None,
        preset: str = "",
        bundle: str = "",
        seed: int | None = None,
        face: Faces = None,
        pictures: bool = False,
        confidence: bool = False,
        time_limit: float = 0.0,
        best_so_far: bool = False,
        strength: float | None = None,
        flatter: float = 0.0,
        remove_glasses: bool = False,
        remove_beard: bool = False,
        keep_expression: bool = False,
        candidates: int = 1,
        progress_pictures: bool = False,
        progress: Callable[[character_pb2.Progress], None] | None = None,
    ) -> character_pb2.Character:
        """A character solved again after an edit: what is locked or edited stays as it is, the rest follows.

        Args:
            character: as `create` returned it, or its values by name.
            photo: as for `create`: the photos that the character was made of, in their order.
            locked: names of parameters and of groups that stay.
            edits: values by name that take the place of the character's, and stay.
            preset, bundle, seed: the character's own where left out (the server's defaults for values by name).
            face, pictures, confidence, time_limit, best_so_far, progress_pictures, progress: as for `create`.
        """
        wanted = Wanted(
            preset=preset,
            bundle=bundle,
            seed=seed,
            pictures=pictures,
            confidence=confidence,
            time_limit=time_limit,
            best_so_far=best_so_far,
            strength=strength,
            flatter=flatter,
            remove_glasses=remove_glasses,
            remove_beard=remove_beard,
            keep_expression=keep_expression,
            candidates=candidates,
            progress_pictures=progress_pictures,
        )
        request = refit_request(character, photo, face, locked, edits or {}, wanted)
        return self._character("StreamRefitCharacter", request, progress)

    def check(
        self, photo: Photo, *, face: int | None = None, bundle: str = ""
    ) -> character_service_pb2.CheckPhotoResponse:
        """Check whether a photo can be used, and why not."""
        return self._call("CheckPhoto", check_request(photo, face, bundle))

    def preview(
        self, values: Mapping[str, float | str], *, size: int = 0, jpeg: bool = False, bundle: str = ""
    ) -> bytes:
        """The imitator's drawing of values, as a PNG or JPEG file. Values left out stand at the average."""
        request = preview_request(values, size, jpeg, bundle)
        picture: bytes = self._call("RenderPreview", request).picture
        return picture

    def compare(
        self, first: Mapping[str, float | str], second: Mapping[str, float | str], *, bundle: str = ""
    ) -> character_service_pb2.CompareParametersResponse:
        """Compare two characters' values."""
        return self._call("CompareParameters", compare_request(first, second, bundle))

    def migrate(
        self,
        character: character_pb2.Character,
        *,
        renames: Mapping[str, str] | None = None,
        options: Mapping[str, Mapping[str, str]] | None = None,
        bundle: str = "",
    ) -> character_service_pb2.MigrateCharacterResponse:
        """Carry a character, as a server answered it or `load` read it, over to the sliders of a bundle of the server.

        Args:
            character: of any release and bundle.
            renames: old name of a parameter -> its new name.
            options: old name of a choice -> its old option -> the new one.
            bundle: the server's default where empty.
        """
        return self._call("MigrateCharacter", migrate_request(character, renames or {}, options or {}, bundle))

    def share(self, values: Mapping[str, float | str], *, bundle: str = "") -> str:
        """The share code of a character's values: some 300 letters and digits, nothing of its photo."""
        code: str = self._call("ShareCharacter", share_request(values, bundle)).code
        return code

    def receive(self, code: str, *, bundle: str = "") -> character_pb2.Character:
        """The character of a share code."""
        request = character_service_pb2.ReceiveCharacterRequest(code=code, bundle=bundle)
        return self._call("ReceiveCharacter", request).character

    def export(
        self, values: Mapping[str, float | str], *, format: str = "", texture_size: int = 0, bundle: str = ""
    ) -> bytes:
        """A character's values as a file for games: docs/export.md. Values left out stand at the average.

        Args:
            values: normalised, and options by name.
            format: one of the bundle's `export_formats`; glTF binary where empty.
            texture_size: side of the largest textures in pixels, 256 to 2048; 1024 where 0.
            bundle: the server's default where empty.
        """
        file: bytes = self._call("ExportCharacter", export_request(values, format, texture_size, bundle)).file
        return file

    def mesh(self, *, bundle: str = "") -> bytes:
        """The bundle's head as glTF binary, whose morph targets are its sliders."""
        request = character_service_pb2.GetMeshRequest(bundle=bundle)
        file: bytes = self._call("GetMesh", request).file
        return file

    def schema(self, *, bundle: str = "") -> character_pb2.Schema:
        """The engine's sliders."""
        return self._call("GetSchema", character_service_pb2.GetSchemaRequest(bundle=bundle)).schema

    def server_info(self) -> character_service_pb2.GetServerInfoResponse:
        """Version, bundles, presets and limits of the server."""
        return self._call("GetServerInfo", character_service_pb2.GetServerInfoRequest())

    def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _character(
        self, method: str, request: Any, progress: Callable[[character_pb2.Progress], None] | None
    ) -> character_pb2.Character:
        stream = getattr(self._stub, method)

        def attempt(timeout: float) -> character_pb2.Character:
            call = stream(request, timeout=timeout, metadata=self._to.metadata)
            character = None
            try:
                for message in call:
                    # The character is the last message; what follows is the call's end, by which the server counts it.
                    if message.WhichOneof("event") == "character":
                        character = message.character
                    elif progress is not None:
                        progress(message.progress)
            except grpc.RpcError:
                if character is None:
                    raise
            finally:
                # What `progress` raises leaves the call; the server must hear of it.
                call.cancel()
            if character is None:
                raise errors.ServiceError("The server ended the call without a character.")
            return character

        return self._with_retries(attempt)

    def _call(self, method: str, request: Any) -> Any:
        call = getattr(self._stub, method)
        return self._with_retries(lambda timeout: call(request, timeout=timeout, metadata=self._to.metadata))

    def _with_retries(self, attempt: Callable[[float], Answer]) -> Answer:
        end = time.monotonic() + self._to.timeout
        tried = 0
        while True:
            try:
                return attempt(end - time.monotonic())
            except grpc.RpcError as failed:
                error = to_error(failed, self._to)
            tried += 1
            pause = retry_delay(error, tried, self._to.retries, end - time.monotonic())
            if pause is None:
                raise error
            time.sleep(pause)
