"""HTTP answers from the calls' messages.

A character is character.json, to the last digit what the command line writes. Everything else has the fields of the
protocol's messages.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import segno
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from starlette.responses import Response

from f2p.serving import contract
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from f2p.wire.characters import to_saved

__all__ = [
    "GLB",
    "Renderer",
    "character_text",
    "check",
    "compare",
    "created",
    "document",
    "drawing",
    "enum_names",
    "exported",
    "info",
    "mesh",
    "migrated",
    "progress",
    "received",
    "schema",
    "share",
]

Renderer = Callable[[bytes, Any], Response]
"""(the call's answer, serialised; its request) -> the answer over HTTP."""

_STAGES = {
    messages.PROGRESS_STAGE_WAITING: "waiting",
    messages.PROGRESS_STAGE_PREPARING: "preparing",
    messages.PROGRESS_STAGE_SOLVING: "solving",
}
_JSON = "application/json"
GLB = "model/gltf-binary"
_FILES = {"glb": ("glb", GLB), "morphs": ("morphs.glb", GLB)}
"""Format of an export -> the end of a file's name, and its media type."""


def character_text(character: messages.Character) -> str:
    """A character's JSON; with `pictures` as data URLs, and `candidates`, where they were asked for."""
    text = to_saved(character).to_json()
    asked: dict[str, Any] = {}
    if character.HasField("pictures"):
        asked["pictures"] = {
            field.name.removesuffix("_png"): data_url(content, "image/png")
            for field, content in character.pictures.ListFields()
        }
    if character.candidates:
        asked["candidates"] = [_candidate(found) for found in character.candidates]
    return json.dumps({**json.loads(text), **asked}, indent=2, ensure_ascii=False) + "\n" if asked else text


def _candidate(found: messages.Candidate) -> dict[str, Any]:
    alone = messages.Character(continuous=found.continuous, discrete=found.discrete)
    parameters = json.loads(to_saved(alone).to_json())["parameters"]
    return {"parameters": parameters, "changed": list(found.changed), "cost": _short(found.cost)}


def progress(found: messages.Progress) -> dict[str, Any]:
    """How far a call has come."""
    losses = {term.name: _short(term.value) for term in found.losses}
    return {
        "stage": _STAGES.get(found.stage, ""),
        "queue_position": found.queue_position,
        "step": found.iteration,
        "steps": found.iteration_count,
        "loss": losses.get("total"),
        "losses": losses,
        **({"preview": data_url(found.picture_jpeg, "image/jpeg")} if found.picture_jpeg else {}),
    }


def created(answer: bytes, _: Any) -> Response:
    """The character of CreateCharacter or RefitCharacter, whose answers are alike."""
    return Response(character_text(calls.CreateCharacterResponse.FromString(answer).character), media_type=_JSON)


def check(answer: bytes, _: Any) -> Response:
    """What was found in a photo."""
    return _as_json(calls.CheckPhotoResponse.FromString(answer))


def compare(answer: bytes, _: Any) -> Response:
    """How two characters differ."""
    return _as_json(calls.CompareParametersResponse.FromString(answer))


def share(answer: bytes, _: Any) -> Response:
    """A share code, and it as a QR picture."""
    code = calls.ShareCharacterResponse.FromString(answer).code
    picture = segno.make_qr(code, error="m").svg_data_uri(border=4, scale=4)
    return Response(json.dumps({"code": code, "qr": picture}), media_type=_JSON)


def received(answer: bytes, _: Any) -> Response:
    """The character of a share code."""
    return Response(character_text(calls.ReceiveCharacterResponse.FromString(answer).character), media_type=_JSON)


def migrated(answer: bytes, request: Any) -> Response:
    """A character that was carried over, with the document that it was before, and what became of its parameters."""
    found = calls.MigrateCharacterResponse.FromString(answer)
    before = json.loads(to_saved(request.character).to_json())
    saved = replace(to_saved(found.character), migrated_from=before)
    report = {
        "character": json.loads(saved.to_json()),
        "carried_count": found.carried_count,
        "changes": [document(change) for change in found.changes],
    }
    return Response(json.dumps(report, ensure_ascii=False), media_type=_JSON)


def schema(answer: bytes, _: Any) -> Response:
    """A bundle's sliders."""
    return _as_json(calls.GetSchemaResponse.FromString(answer).schema)


def info(answer: bytes, _: Any) -> Response:
    """What the server serves; `calls` are those that it knows."""
    return Response(
        json.dumps({**document(calls.GetServerInfoResponse.FromString(answer)), "calls": list(contract.METHODS)}),
        media_type=_JSON,
    )


def drawing(answer: bytes, _: Any) -> Response:
    """A picture of a character."""
    found = calls.RenderPreviewResponse.FromString(answer)
    jpeg = found.format == messages.PICTURE_FORMAT_JPEG
    return Response(found.picture, media_type="image/jpeg" if jpeg else "image/png")


def exported(answer: bytes, _: Any) -> Response:
    """A character's file."""
    found = calls.ExportCharacterResponse.FromString(answer)
    suffix, kind = _FILES.get(found.format, (found.format, "application/octet-stream"))
    name = re.sub(r"[^\w.-]", "", suffix)
    headers = {"content-disposition": f'attachment; filename="character.{name}"'}
    return Response(found.file, media_type=kind, headers=headers)


def mesh(answer: bytes, _: Any) -> Response:
    """A bundle's mesh. Who has it already is told so: the server may serve another bundle under its name by now."""
    found = calls.GetMeshResponse.FromString(answer)
    headers = {"etag": f'"{found.hash}"', "cache-control": "private, no-cache"}
    return Response(found.file, media_type=GLB, headers=headers)


def data_url(content: bytes, kind: str) -> str:
    """A picture that a browser shows as it is."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _as_json(message: Any) -> Response:
    return Response(json.dumps(document(message), ensure_ascii=False), media_type=_JSON)


def document(message: Any) -> dict[str, Any]:
    """A message as JSON: every field by its name, enums as the last part of their names, in small letters."""
    return {field.name: _value(field, getattr(message, field.name), message) for field in message.DESCRIPTOR.fields}


def _value(field: FieldDescriptor, value: Any, message: Any) -> Any:
    if field.is_repeated:
        return [_single(field, item) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None:
        return document(value)
    if field.enum_type is not None:
        names = enum_names(field.enum_type)
        return names[value] if 0 <= value < len(names) else ""
    return _short(value) if field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT else value


def enum_names(kind: EnumDescriptor) -> list[str]:
    """The names of an enum's values by number, as answers have them; "" for the unspecified one."""
    prefix = str(kind.values[0].name).removesuffix("UNSPECIFIED")
    return ["", *(str(value.name).removeprefix(prefix).lower() for value in kind.values[1:])]


def _short(value: float) -> float:
    """A float32's shortest digits, not those of the double that Python made of it."""
    return float(f"{value:.7g}")
