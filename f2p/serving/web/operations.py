"""The calls over HTTP: address, what can be sent, and how requests and answers are translated.

Routes, the check of names and openapi.json are all made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from f2p.serving.web import answers, requests
from f2p.serving.web.answers import Renderer
from f2p.serving.web.bodies import Body
from f2p.serving.web.fields import check_names, scalars
from f2p.serving.web.requests import VIEWS, Builder
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = ["OPERATIONS", "Operation", "checked"]

_Schema = dict[str, Any]
CHARACTER: Final = {"$ref": "#/components/schemas/Character"}
_VALUES: Final = {
    "type": "object",
    "description": "Numbers in [0, 1] and names of options, by parameter.",
    "additionalProperties": {"type": ["number", "string"]},
}
_PHOTO: Final = "/9j/4AAQSkZJRgABAQAA..."
"""The beginning of a JPEG in base64, for examples."""
_EITHER: Final = {"oneOf": [CHARACTER, _VALUES]}
_BUNDLE: Final = {"type": "string", "description": "One of /v1/bundles; the character's own, or the default, without."}
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One address and verb.

    Attributes:
        verb, path: of HTTP.
        method: the call's name in the protocol.
        stream: the call that tells its progress, for whoever accepts text/event-stream; none where empty.
        summary: one line for people.
        photos: how many there can be.
        options: the message whose scalar fields the address can name, and with photos the field `options` too.
        query: what else the address can name, with JSON schemas.
        fields: the body's other fields, with JSON schemas.
        examples: bodies in JSON to copy, by what they show.
        bare: whether the body can be the character itself.
        build: makes the request's message.
        render: makes the answer, from the call's.
        answer: JSON schema of the answer, or the media types of a file.
    """

    verb: str
    path: str
    method: str
    stream: str = ""
    summary: str
    photos: int = 0
    options: type[Any] | None = None
    query: Mapping[str, _Schema] = field(default_factory=dict)
    fields: Mapping[str, _Schema] = field(default_factory=dict)
    examples: Mapping[str, _Schema] = field(default_factory=dict)
    bare: bool = False
    build: Builder
    render: Renderer
    answer: _Schema | tuple[str, ...]


def checked(operation: Operation, body: Body, query: Mapping[str, str]) -> Body:
    """The body, with a bare character under its name. Raises RequestInvalid for a name that is not known."""
    named = scalars(operation.options.DESCRIPTOR) if operation.options else {}
    check_names(query, (*named, *operation.query), "the address")
    if operation.bare and "parameters" in body.fields:
        return Body(body.photos, {"character": body.fields})
    options = ("options",) if operation.photos else ()
    check_names(body.fields, (*options, *operation.fields), "the body")
    return body


def _message(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


OPERATIONS: Final = (
    Operation(
        verb="POST",
        path="/v1/characters",
        method="CreateCharacter",
        stream="StreamCreateCharacter",
        summary="Photos of one person to a character.",
        photos=16,
        options=messages.CreateOptions,
        examples={
            "A likeness": {"photo": _PHOTO, "options": {"preset": "instant", "seed": 7}},
            "Four characters to choose from": {"photo": _PHOTO, "options": {"candidate_count": 4}},
            "A caricature without glasses and beard": {
                "photo": _PHOTO,
                "options": {"choose_strength": True, "strength": 1.5, "remove_glasses": True, "remove_beard": True},
            },
            "Flattered, with the photo's expression": {
                "photo": _PHOTO,
                "options": {"flatter": 0.4, "keep_expression": True},
            },
        },
        build=requests.create,
        render=answers.created,
        answer=CHARACTER,
    ),
    Operation(
        verb="POST",
        path="/v1/refit",
        method="RefitCharacter",
        stream="StreamRefitCharacter",
        summary="A character solved again after an edit: what is locked or edited stays, the rest follows.",
        photos=16,
        options=messages.CreateOptions,
        fields={
            "character": CHARACTER,
            "edits": _VALUES,
            "locked": {
                "type": "array",
                "description": "Names of parameters and of groups that stay.",
                "items": {"type": "string"},
            },
        },
        build=requests.refit,
        render=answers.created,
        answer=CHARACTER,
    ),
    Operation(
        verb="POST",
        path="/v1/check",
        method="CheckPhoto",
        summary="Whether a photo can be used, and what is wrong with it. A bad photo is an answer, not an error.",
        photos=1,
        options=calls.CheckPhotoRequest,
        build=requests.check,
        render=answers.check,
        answer=_message("CheckPhotoResponse"),
    ),
    Operation(
        verb="POST",
        path="/v1/preview",
        method="RenderPreview",
        summary="The imitator's picture of a character, or of some values with the rest at the average.",
        options=calls.RenderPreviewRequest,
        query={"format": {"enum": ["png", "jpeg"]}, "view": {"enum": list(VIEWS)}},
        fields={
            "character": CHARACTER,
            "values": _VALUES,
            "bundle": _BUNDLE,
            "size_px": {"type": "integer", "description": "Side of the square picture, 32 to 1024; 0: its own."},
            "format": {"enum": ["png", "jpeg"]},
            "view": {"enum": list(VIEWS)},
        },
        bare=True,
        build=requests.preview,
        render=answers.drawing,
        answer=("image/png", "image/jpeg"),
    ),
    Operation(
        verb="POST",
        path="/v1/compare",
        method="CompareParameters",
        summary="How two characters differ, by slider and group.",
        options=calls.CompareParametersRequest,
        fields={"first": _EITHER, "second": _EITHER, "bundle": _BUNDLE},
        build=requests.compare,
        render=answers.compare,
        answer=_message("CompareParametersResponse"),
    ),
    Operation(
        verb="POST",
        path="/v1/migrate",
        method="MigrateCharacter",
        summary="A saved character carried over to a bundle with other sliders.",
        options=calls.MigrateCharacterRequest,
        fields={
            "character": CHARACTER,
            "bundle": {"type": "string", "description": "One of /v1/bundles; the default without."},
            "renames": {**_TEXTS, "description": "Old name of a parameter -> its new name."},
            "options": {
                "type": "object",
                "description": "Old name of a choice -> its old option -> the new one.",
                "additionalProperties": _TEXTS,
            },
        },
        bare=True,
        build=requests.migrate,
        render=answers.migrated,
        answer={
            "type": "object",
            "required": ["character", "carried_count", "changes"],
            "properties": {
                "character": CHARACTER,
                "carried_count": {"type": "integer", "description": "Parameters that were carried as they were."},
                "changes": {"type": "array", "items": _message("ParameterChange")},
            },
        },
    ),
    Operation(
        verb="POST",
        path="/v1/share",
        method="ShareCharacter",
        summary="A character's values as a short text, and as a QR picture.",
        options=calls.ShareCharacterRequest,
        fields={"character": CHARACTER, "values": _VALUES, "bundle": _BUNDLE},
        bare=True,
        build=requests.share,
        render=answers.share,
        answer={
            "type": "object",
            "required": ["code", "qr"],
            "properties": {
                "code": {"type": "string", "description": "Some 300 letters and digits."},
                "qr": {"type": "string", "description": "The same as an SVG picture, in a data URL."},
            },
        },
    ),
    Operation(
        verb="GET",
        path="/v1/share",
        method="ReceiveCharacter",
        summary="The character of a share code.",
        options=calls.ReceiveCharacterRequest,
        build=requests.of_query,
        render=answers.received,
        answer=CHARACTER,
    ),
    Operation(
        verb="POST",
        path="/v1/export",
        method="ExportCharacter",
        summary="A character as a file for games, from the bundle's engine.",
        options=calls.ExportCharacterRequest,
        fields={
            "character": CHARACTER,
            "values": _VALUES,
            "bundle": _BUNDLE,
            "format": {"type": "string", "description": "One of the bundle's export_formats; glb without."},
            "texture_size_px": {"enum": [0, 256, 512, 1024, 2048], "description": "0: 1024."},
        },
        examples={"The average head with a wide nose": {"values": {"nose_width": 0.9}, "texture_size_px": 512}},
        bare=True,
        build=requests.export,
        render=answers.exported,
        answer=(answers.GLB, "application/octet-stream"),
    ),
    Operation(
        verb="GET",
        path="/v1/mesh",
        method="GetMesh",
        summary="A bundle's head, whose morph targets are its sliders. 304 where If-None-Match has its ETag.",
        options=calls.GetMeshRequest,
        build=requests.of_query,
        render=answers.mesh,
        answer=(answers.GLB,),
    ),
    Operation(
        verb="GET",
        path="/v1/schema",
        method="GetSchema",
        summary="A bundle's sliders: names, labels, groups, ranges, options.",
        options=calls.GetSchemaRequest,
        build=requests.of_query,
        render=answers.schema,
        answer=_message("Schema"),
    ),
    Operation(
        verb="GET",
        path="/v1/bundles",
        method="GetServerInfo",
        summary="What this server serves and accepts: bundles, presets, limits, calls.",
        options=calls.GetServerInfoRequest,
        build=requests.of_query,
        render=answers.info,
        answer=_message("GetServerInfoResponse"),
    ),
)
"""Every call, in the order of the documentation."""
