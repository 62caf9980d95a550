"""The client for asyncio."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
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

__all__ = ["AsyncCharacterClient"]

Answer = TypeVar("Answer")


class AsyncCharacterClient:
    """Calls a running `f2p serve` from one event loop: `async with AsyncCharacterClient(...) as client: ...`.

    Methods, arguments and errors are those of CharacterClient. A task that is cancelled cancels its call, and with it
    the server's work.
    """

    def __init__(self, target: str | Connection = "localhost:50051", timeout: float = 120.0) -> None:
        self._to = target if isinstance(target, Connection) else Connection(target=target, timeout=timeout)
        self._channel = self._to.channel(grpc.aio)
        self._stub: Any = character_service_pb2_grpc.CharacterServiceStub(self._channel)

    async def create(
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
        progress: Callable[[character_pb2.Progress], Any] | None = None,
    ) -> character_pb2.Character:
        """A character from a photo, or from several of one person; `progress` may be a coroutine function."""
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
        return await self._character("StreamCreateCharacter", create_request(photo, face, wanted), progress)

    async def refit(
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
        progress: Callable[[character_pb2.Progress], Any] | None = None,
    ) -> character_pb2.Character:
        """A character solved again after an edit; `progress` may be a coroutine function."""
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
        return await self._character("StreamRefitCharacter", request, progress)

    async def check(
        self, photo: Photo, *, face: int | None = None, bundle: str = ""
    ) -> character_service_pb2.CheckPhotoResponse:
        """Check whether a photo can be used, and why not."""
        return await self._call("CheckPhoto", check_request(photo, face, bundle))

    async def preview(
        self, values: Mapping[str, float | str], *, size: int = 0, jpeg: bool = False, bundle: str = ""
    ) -> bytes:
        """The imitator's drawing of values, as a PNG or JPEG file. Values left out stand at the average."""
        request = preview_request(values, size, jpeg, bundle)
        picture: bytes = (await self._call("RenderPreview", request)).picture
        return picture

    async def compare(
        self, first: Mapping[str, float | str], second: Mapping[str, float | str], *, bundle: str = ""
    ) -> character_service_pb2.CompareParametersResponse:
        """Compare two characters' values."""
        return await self._call("CompareParameters", compare_request(first, second, bundle))

    async def migrate(
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
        return await self._call("MigrateCharacter", migrate_request(character, renames or {}, options or {}, bundle))

    async def share(self, values: Mapping[str, float | str], *, bundle: str = "") -> str:
        """The share code of a character's values: some 300 letters and digits, nothing of its photo."""
        code: str = (await self._call("ShareCharacter", share_request(values, bundle))).code
        return code

    async def receive(self, code: str, *, bundle: str = "") -> character_pb2.Character:
        """The character of a share code."""
        request = character_service_pb2.ReceiveCharacterRequest(code=code, bundle=bundle)
        return (await self._call("ReceiveCharacter", request)).character

    async def export(
        self, values: Mapping[str, float | str], *, format: str = "", texture_size: int = 0, bundle: str = ""
    ) -> bytes:
        """A character's values as a file for games: docs/export.md. Values left out stand at the average.

        Args:
            values: normalised, and options by name.
            format: one of the bundle's `export_formats`; glTF binary where empty.
            texture_size: side of the largest textures in pixels, 256 to 2048; 1024 where 0.
            bundle: the server's default where empty.
        """
        file: bytes = (await self._call("ExportCharacter", export_request(values, format, texture_size, bundle))).file
        return file

    async def mesh(self, *, bundle: str = "") -> bytes:
        """The bundle's head as glTF binary, whose morph targets are its sliders."""
        request = character_service_pb2.GetMeshRequest(bundle=bundle)
        file: bytes = (await self._call("GetMesh", request)).file
        return file

    async def schema(self, *, bundle: str = "") -> character_pb2.Schema:
        """The engine's sliders."""
        return (await self._call("GetSchema", character_service_pb2.GetSchemaRequest(bundle=bundle))).schema

    async def server_info(self) -> character_service_pb2.GetServerInfoResponse:
        """Version, bundles, presets and limits of the server."""
        return await self._call("GetServerInfo", character_service_pb2.GetServerInfoRequest())

    async def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _character(
        self, method: str, request: Any, progress: Callable[[character_pb2.Progress], Any] | None
    ) -> character_pb2.Character:
        stream = getattr(self._stub, method)

        async def attempt(timeout: float) -> character_pb2.Character:
            call = stream(request, timeout=timeout, metadata=self._to.metadata)
            character = None
            try:
                async for message in call:
                    # The character is the last message; what follows is the call's end, by which the server counts it.
                    if message.WhichOneof("event") == "character":
                        character = message.character
                    elif progress is not None:
                        told = progress(message.progress)
                        if inspect.isawaitable(told):
                            await told
            except grpc.RpcError:
                if character is None:
                    raise
            finally:
                call.cancel()
            if character is None:
                raise errors.ServiceError("The server ended the call without a character.")
            return character

        return await self._with_retries(attempt)

    async def _call(self, method: str, request: Any) -> Any:
        call = getattr(self._stub, method)

        async def attempt(timeout: float) -> Any:
            return await call(request, timeout=timeout, metadata=self._to.metadata)

        return await self._with_retries(attempt)

    async def _with_retries(self, attempt: Callable[[float], Awaitable[Answer]]) -> Answer:
        clock = asyncio.get_running_loop().time
        end = clock() + self._to.timeout
        tried = 0
        while True:
            try:
                return await attempt(end - clock())
            except grpc.RpcError as failed:
                error = to_error(failed, self._to)
            tried += 1
            pause = retry_delay(error, tried, self._to.retries, end - clock())
            if pause is None:
                raise error
            await asyncio.sleep(pause)
