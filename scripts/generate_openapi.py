"""Write f2p/serving/web/openapi.json: `python scripts/generate_openapi.py [FILE]` (`make gen`).

It is made from the table of calls (f2p/serving/web/operations.py), the comments in proto, docs/character.schema.json
and the errors, so that none of them is described twice.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from f2p import __version__, errors  # noqa: E402
from f2p.serving.web.answers import enum_names  # noqa: E402
from f2p.serving.web.fields import scalars  # noqa: E402
from f2p.serving.web.operations import OPERATIONS, Operation  # noqa: E402
from f2p.serving.web.problems import status_of  # noqa: E402
from f2p.v1 import character_pb2 as messages  # noqa: E402
from f2p.v1 import character_service_pb2 as calls  # noqa: E402
from scripts.generate_reference import comments, files  # noqa: E402

TARGET = ROOT / "f2p" / "serving" / "web" / "openapi.json"
_ANSWERS = ("CheckPhotoResponse", "CompareParametersResponse", "GetServerInfoResponse", "Schema", "ParameterChange")
_SCALARS: dict[int, dict[str, Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer"},
    FieldDescriptor.CPPTYPE_INT64: {"type": "integer"},
    FieldDescriptor.CPPTYPE_FLOAT: {"type": "number"},
}
_REF = "#/components/schemas/"
_JSON = "application/json"


def document() -> dict[str, Any]:
    """The description of the HTTP interface, OpenAPI 3.1."""
    told = _comments()
    schemas: dict[str, Any] = {"Character": _character(), "Problem": _problem(), "Progress": _progress()}
    for name in _ANSWERS:
        _add(schemas, _message(name), told)
    schemas["GetServerInfoResponse"]["properties"]["calls"] = {"type": "array", "items": {"type": "string"}}
    schemas["Options"] = _options(told)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.verb.lower()] = _operation(operation, told)
    for path, summary in (
        ("/healthz", "Whether the process lives."),
        ("/readyz", "Whether the server can take work; 503 where it cannot."),
    ):
        answer = {"200": {"description": "Yes.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
        paths[path] = {"get": {"operationId": path[1:], "summary": summary, "security": [], "responses": answer}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "f2p: face to parameter",
            "version": __version__,
            "description": "A photo of a face becomes the values of a game engine's character sliders.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Where the server asks."}},
            "responses": {
                "problem": {
                    "description": "What is wrong, and what to do: docs/errors.md lists every `code`.",
                    "content": {"application/problem+json": {"schema": {"$ref": f"{_REF}Problem"}}},
                }
            },
        },
    }


def _operation(operation: Operation, told: dict[str, str]) -> dict[str, Any]:
    files = operation.answer if isinstance(operation.answer, tuple) else ()
    kinds: dict[str, Any] = {kind: {} for kind in files} or {_JSON: {"schema": operation.answer}}
    if operation.stream:
        text = "`progress` events, then one `result` with the plain answer, or one `error` with a problem."
        kinds["text/event-stream"] = {"schema": {"type": "string", "description": text}}
    found: dict[str, Any] = {
        "operationId": operation.method[0].lower() + operation.method[1:],
        "summary": operation.summary,
        "parameters": _query(operation, told),
        "responses": {
            "200": {"description": "The answer.", "content": kinds},
            "default": {"$ref": "#/components/responses/problem"},
        },
    }
    if operation.verb == "POST":
        found["requestBody"] = {"required": True, "content": _body(operation)}
        if operation.examples:
            shown = {_key(summary): {"summary": summary, "value": body} for summary, body in operation.examples.items()}
            found["requestBody"]["content"][_JSON]["examples"] = shown
    return found


def _key(summary: str) -> str:
    """A summary as a name of OpenAPI's, which has neither spaces nor quotes."""
    return "-".join(re.findall(r"\w+", summary.lower()))


def _query(operation: Operation, told: dict[str, str]) -> list[dict[str, Any]]:
    named: dict[str, Any] = {}
    if operation.options is not None:
        descriptor = operation.options.DESCRIPTOR
        named = {name: _field(field, told, {}) for name, field in scalars(descriptor).items()}
    return [
        {
            "name": name,
            "in": "query",
            "schema": {key: value for key, value in schema.items() if key != "description"},
            **({"description": schema["description"]} if schema.get("description") else {}),
        }
        for name, schema in {**named, **operation.query}.items()
    ]


def _body(operation: Operation) -> dict[str, Any]:
    fields: dict[str, Any] = dict(operation.fields)
    if not operation.photos:
        plain = {"type": "object", "properties": fields, "additionalProperties": False}
        either = {"oneOf": [{"$ref": f"{_REF}Character"}, plain]} if operation.bare else plain
        return {_JSON: {"schema": either}}
    fields["options"] = {"$ref": f"{_REF}Options"} if operation.photos > 1 else {"type": "object"}
    text = {"type": "string", "contentEncoding": "base64"}
    photos = {"type": "array", "maxItems": operation.photos, "items": {"type": "string", "format": "binary"}}
    found: dict[str, Any] = {
        "multipart/form-data": {"schema": {"type": "object", "properties": {"photo": photos, **fields}}},
        _JSON: {
            "schema": {
                "type": "object",
                "properties": {"photo": text, "photos": {"type": "array", "items": text}, **fields},
                "additionalProperties": False,
            }
        },
    }
    if not operation.fields:
        found = {"image/*": {"schema": {"type": "string", "format": "binary"}}, **found}
    return found


def _add(schemas: dict[str, Any], descriptor: Descriptor, told: dict[str, str]) -> None:
    """The schema of a message, and of those in it, as answers have them: every field is there."""
    if descriptor.name in schemas:
        return
    schemas[descriptor.name] = found = {"type": "object", "required": [field.name for field in descriptor.fields]}
    if about := told.get(descriptor.name):
        found["description"] = about
    found["properties"] = {field.name: _field(field, told, schemas) for field in descriptor.fields}


def _field(field: FieldDescriptor, told: dict[str, str], schemas: dict[str, Any]) -> dict[str, Any]:
    if field.message_type is not None:
        _add(schemas, field.message_type, told)
        single: dict[str, Any] = {"$ref": f"{_REF}{field.message_type.name}"}
        if not field.is_repeated:
            single = {"oneOf": [{"type": "null"}, single]}
    elif field.enum_type is not None:
        single = {"enum": enum_names(field.enum_type)}
    else:
        single = dict(_SCALARS[field.cpp_type])
    about = told.get(f"{field.containing_type.name}.{field.name}", "")
    described = {"description": about} if about else {}
    return {**({"type": "array", "items": single} if field.is_repeated else single), **described}


def _options(told: dict[str, str]) -> dict[str, Any]:
    fields = scalars(messages.CreateOptions.DESCRIPTOR)
    properties = {name: _field(field, told, {}) for name, field in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _progress() -> dict[str, Any]:
    """The data of a `progress` event."""
    return {
        "type": "object",
        "description": "The data of an event `progress`.",
        "required": ["stage", "queue_position", "step", "steps", "loss", "losses"],
        "properties": {
            "stage": {"enum": ["waiting", "preparing", "solving"]},
            "queue_position": {"type": "integer"},
            "step": {"type": "integer"},
            "steps": {"type": "integer"},
            "loss": {"type": ["number", "null"]},
            "losses": {"type": "object", "additionalProperties": {"type": "number"}},
            "preview": {"type": "string", "description": "The face as it stands, a JPEG in a data URL; if asked for."},
        },
    }


def _problem() -> dict[str, Any]:
    kinds = {kind.reason: status_of(kind("")) for kind in (getattr(errors, name) for name in errors.__all__)}
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457, with what docs/errors.md says.",
        "required": ["type", "title", "status", "detail", "code", "message", "remedy"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": {**text, "description": "Message and remedy."},
            "code": {"enum": sorted(kinds)},
            "message": {**text, "description": "What is wrong. English; translate by `code`."},
            "remedy": {**text, "description": "What to do."},
            "field": {**text, "description": "What of the request is wrong."},
            "details": {"type": "object", "description": "Values for machines, such as `retry_ms`."},
            "request_id": text,
        },
    }


def _character() -> Any:
    """docs/character.schema.json, with its references as this document needs them."""
    text = (ROOT / "docs" / "character.schema.json").read_text("utf-8")
    text = text.replace('"$ref": "#/$defs/', f'"$ref": "{_REF}Character/$defs/').replace(
        '"$ref": "#"', f'"$ref": "{_REF}Character"'
    )
    found = json.loads(text)
    found.pop("$schema")
    found["properties"]["pictures"] = {
        "type": "object",
        "description": "Only over HTTP, and only if asked for: aligned, drawing and render as data URLs.",
        "additionalProperties": {"type": "string"},
    }
    return found


def _message(name: str) -> Descriptor:
    for module in (calls, messages):
        if name in module.DESCRIPTOR.message_types_by_name:
            descriptor: Descriptor = module.DESCRIPTOR.message_types_by_name[name]
            return descriptor
    raise KeyError(name)


def _comments() -> dict[str, str]:
    """Message or Message.field -> its comment."""
    found: dict[str, str] = {}
    for file in files():
        told = comments(file)
        for number, message in enumerate(file.message_type):
            found[message.name] = told.get((4, number), "")
            for place, field in enumerate(message.field):
                found[f"{message.name}.{field.name}"] = told.get((4, number, 2, place), "")
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
