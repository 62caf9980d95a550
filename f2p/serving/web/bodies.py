"""Bodies of requests: read within a time and a size, and taken apart into photos and JSON. Nothing touches a disk.

Three forms say the same: the photo's bytes alone, with options in the address; multipart/form-data with parts `photo`
and JSON parts; and one JSON object with photos in base64.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from f2p.errors import Cancelled, PhotoTooLarge, QueueFull, RequestInvalid, RequestTooSlow
from f2p.limits import MAX_CHARACTER_BYTES, MAX_MESSAGE_BYTES, MAX_PHOTOS

__all__ = ["Body", "BodyReader"]

# base64 is a third longer than what it stands for.
_MAX_JSON_BYTES = MAX_MESSAGE_BYTES * 4 // 3
_MAX_FIELDS = 16
_RETRY_MS = 2000
_PICTURES = ("image/", "application/octet-stream", "application/x-www-form-urlencoded")


@dataclass
class Body:
    """A request's content: photos in the order given, and everything else by name."""

    photos: list[bytes] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)


class _InMemory(MultiPartParser):
    # Larger than any body that is read: a photo must not be written to a temporary file.
    spool_max_size = 2 * MAX_MESSAGE_BYTES


class BodyReader:
    """Reader of bodies, which come over lines of every speed.

    Args:
        limit_s: longest time for a body to come.
        places: bodies that may be on their way, or in hand, at the same time.
    """

    def __init__(self, limit_s: float, places: int) -> None:
        self._limit_s = limit_s
        self._free = places

    @asynccontextmanager
    async def reading(self, request: Request) -> AsyncIterator[Body]:
        """Read a body; it has a place in memory while the block runs.

        Raises:
            QueueFull: too many are on their way.
            RequestTooSlow: it did not come in time.
            PhotoTooLarge: it is larger than any request may be.
            RequestInvalid: it cannot be taken apart.
            Cancelled: the caller has gone.
        """
        if self._free == 0:
            raise QueueFull("Too many requests are on their way in.", "Call again in 2 seconds.", retry_ms=_RETRY_MS)
        self._free -= 1
        try:
            yield await self._read(request)
        finally:
            self._free += 1

    async def _read(self, request: Request) -> Body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        limit = _MAX_JSON_BYTES if kind == "application/json" else MAX_MESSAGE_BYTES
        try:
            async with asyncio.timeout(self._limit_s):
                if kind == "multipart/form-data":
                    return await _parts(request, limit)
                data = b"".join([chunk async for chunk in _chunks(request, limit)])
        except TimeoutError:
            raise RequestTooSlow(
                f"The request did not come within {self._limit_s:g} s.", "Send it over a faster line, or send less."
            ) from None
        except ClientDisconnect:
            raise Cancelled("The caller left before the request was there.") from None
        # curl calls whatever it sends a form; no picture begins with a brace.
        if kind == "application/json" or data[:1] == b"{":
            return await asyncio.to_thread(_from_json, data)
        if not kind or kind.startswith(_PICTURES):
            return Body([data] if data else [])
        raise RequestInvalid(
            f"The content type {kind[:60]!r} is not read here.",
            "Send a photo's bytes (image/jpeg), multipart/form-data or application/json.",
            http_status=415,
            field="content-type",
        )


async def _chunks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(int(declared), limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(size, limit)
        if chunk:
            yield chunk


def _too_large(size: int, limit: int) -> PhotoTooLarge:
    return PhotoTooLarge(
        f"The request has {size} bytes or more; at most {limit} are accepted.", "Send a smaller photo.", size_bytes=size
    )


async def _parts(request: Request, limit: int) -> Body:
    parser = _InMemory(
        request.headers,
        _chunks(request, limit),
        max_files=MAX_PHOTOS + _MAX_FIELDS,
        max_fields=_MAX_FIELDS,
        max_part_size=MAX_CHARACTER_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise RequestInvalid(f"The multipart body cannot be read: {error.message}", "Send it anew.") from None
    body = Body()
    async with _closing(form):
        for name, value in form.multi_items():
            content = await value.read() if isinstance(value, UploadFile) else value
            if name == "photo":
                if isinstance(content, str):
                    raise RequestInvalid(
                        "The part `photo` has no filename, so that it is text.",
                        'Send it as a file: -F photo=@me.jpg, or filename="photo.jpg" in its Content-Disposition.',
                        field="photo",
                    )
                body.photos.append(content)
            elif name in body.fields:
                raise RequestInvalid(f"The part `{name[:60]}` is there twice.", "Send it once.", field=name[:60])
            else:
                body.fields[name] = await asyncio.to_thread(_json, content, f"The part `{name[:60]}`")
    return body


@asynccontextmanager
async def _closing(form: Any) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await form.close()


def _from_json(data: bytes) -> Body:
    document = _json(data, "The body")
    if not isinstance(document, dict):
        raise RequestInvalid("The body is JSON, but no object.", "Send an object: {...}.")
    if "parameters" in document:
        # A character by itself, whose `photo` is facts about one.
        return Body([], document)
    photos = document.pop("photos", [])
    if "photo" in document:
        photos = [document.pop("photo"), *photos] if isinstance(photos, list) else photos
    if not isinstance(photos, list):
        raise RequestInvalid("`photos` is no list.", "Send a list of photos in base64.", field="photos")
    return Body([_from_base64(photo) for photo in photos[: MAX_PHOTOS + 1]], document)


def _from_base64(text: Any) -> bytes:
    # A data URL, as browsers make them, has its base64 after the comma.
    bare = text.partition(",")[2] if isinstance(text, str) and text.startswith("data:") else text
    try:
        return base64.b64decode(bare, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise RequestInvalid("A photo is not in base64.", "Encode its bytes.", field="photos") from None


def _json(content: str | bytes, what: str) -> Any:
    try:
        return json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RequestInvalid(f"{what} is not valid JSON: {error}.", "Mend it there.") from None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")
