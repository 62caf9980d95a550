"""Messages of f2p.v1 from HTTP requests: a body's photos and JSON, and the address's query.

The options have the names of the protocol's messages, so that what is new there can be asked for here at once.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from f2p.character.saved import SavedCharacter
from f2p.errors import CharacterError, ParameterError, RequestInvalid
from f2p.serving import contract
from f2p.serving.web.bodies import Body
from f2p.v1 import character_pb2 as messages
from f2p.wire.characters import to_message

__all__ = [
    "Builder",
    "check",
    "compare",
    "create",
    "migrate",
    "nothing",
    "preview",
    "receive",
    "refit",
    "schema",
    "share",
]

Builder = Callable[[Any, Body, Mapping[str, str]], Any]
"""(the request's class, body, query) -> the call's request."""

_TRUTHS = {"": True, "1": True, "true": True, "0": False, "false": False}
VIEWS = ("front",)
"""Sides from which the imitator draws."""


def create(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Photos to a character."""
    fields = _fields(body, "options")
    return _with_photos(kind(), body, _options(fields.get("options"), query))


def refit(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character, what its player changed, and the photos, to the character solved again.

    Preset, seed and bundle are the character's where the request names none.
    """
    fields = _fields(body, "options", "character", "edits", "locked")
    if "character" not in fields:
        raise _no_character()
    saved = _saved(fields["character"])
    given = {**_object(fields.get("options", {}), "options"), **_scalars(messages.CreateOptions.DESCRIPTOR, query)}
    own = {"preset": saved.preset, "seed": saved.seed, "bundle": saved.bundle_name}
    request = kind(
        values=_values(saved.values, "character"),
        edits=_values(_object(fields.get("edits", {}), "edits"), "edits"),
        locked=sorted(_texts(fields.get("locked", []), "locked")),
        schema_hash=saved.schema_hash,
        schema_identity=saved.schema_identity,
    )
    _with_photos(request, body, _parsed(messages.CreateOptions(), {**own, **given}, "options"))
    if (len(saved.photos) or 1) == 1 + len(request.more_photos):
        request.expressions.extend(to_message(saved).expressions)
    return request


def check(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A photo to look at."""
    given = {**_object(_fields(body, "options").get("options", {}), "options"), **_scalars(kind.DESCRIPTOR, query)}
    request = _parsed(kind(), given, "options", {"photo"})
    if len(body.photos) > 1:
        raise RequestInvalid("One photo is checked at a time.", "Send one.", field="photo")
    request.photo = body.photos[0] if body.photos else b""
    return request


def preview(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to draw: its JSON as the body, or in an object with `character` or `values`, and how."""
    character, fields = _character_or_fields(body, "values", "bundle", "size_px", "format", "view", "character")
    fields.update(_scalars(kind.DESCRIPTOR, query, "view"))
    view = fields.pop("view", VIEWS[0])
    if view not in VIEWS:
        raise ParameterError(
            f"The view is {str(view)[:60]!r}.", f"The imitator draws: {', '.join(VIEWS)}.", field="view"
        )
    form = str(fields.pop("format", "png")).lower()
    if form not in ("png", "jpeg"):
        raise ParameterError(f"The format is {form[:60]!r}.", "It is png or jpeg.", field="format")
    fields.setdefault("bundle", character.bundle_name if character else "")
    values = character.values if character else _object(fields.pop("values", {}), "values")
    fields.pop("values", None)
    request = _parsed(kind(), fields, "body")
    request.values.extend(_values(values, "values"))
    request.format = messages.PICTURE_FORMAT_JPEG if form == "jpeg" else messages.PICTURE_FORMAT_PNG
    return request


def compare(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Two characters: `first` and `second`, each a character's JSON or its values by name."""
    fields = _fields(body, "first", "second", "bundle")
    both, bundle = [], str(query.get("bundle", fields.get("bundle", "")))
    for name in ("first", "second"):
        document = _object(fields.get(name), name)
        if "parameters" in document:
            saved = _saved(document)
            bundle = bundle or saved.bundle_name
            document = saved.values
        both.append(_values(document, name))
    return kind(first=both[0], second=both[1], bundle=bundle)


def migrate(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to carry over, and what has another name: `renames` {old: new}, `options` {old: {old: new}}."""
    character, fields = _character_or_fields(body, "character", "bundle", "renames", "options")
    if character is None:
        raise _no_character()
    request = kind(character=to_message(character), bundle=str(query.get("bundle", fields.get("bundle", ""))))
    names = _text_map(fields.get("renames", {}), "renames")
    options = _object(fields.get("options", {}), "options")
    for old in dict.fromkeys((*names, *options)):
        renamed = request.renames.add(old_name=old, new_name=names.get(old, ""))
        for before, after in _text_map(options.get(old, {}), "options").items():
            renamed.options.add(old_option=before, new_option=after)
    return request


def share(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to share."""
    character, fields = _character_or_fields(body, "character", "values", "bundle")
    bundle = str(query.get("bundle", fields.get("bundle", character.bundle_name if character else "")))
    values = character.values if character else _object(fields.get("values"), "values")
    return kind(values=_values(values, "values"), bundle=bundle)


def receive(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A share code in the address."""
    return _parsed(kind(), _scalars(kind.DESCRIPTOR, query), "the address")


def schema(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Which bundle's sliders."""
    return kind(bundle=_scalars(kind.DESCRIPTOR, query).get("bundle", ""))


def nothing(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """What the server serves."""
    _scalars(kind.DESCRIPTOR, query)
    return kind()


def _with_photos(request: Any, body: Body, options: messages.CreateOptions) -> Any:
    request.options.CopyFrom(options)
    request.photo = body.photos[0] if body.photos else b""
    for photo in body.photos[1:]:
        request.more_photos.add(photo=photo)
    body.photos.clear()
    contract.check_photos(request)
    return request


def _options(given: Any, query: Mapping[str, str]) -> messages.CreateOptions:
    fields = {**_object(given or {}, "options"), **_scalars(messages.CreateOptions.DESCRIPTOR, query)}
    options: messages.CreateOptions = _parsed(messages.CreateOptions(), fields, "options")
    return options


def _parsed(message: Any, fields: Mapping[str, Any], where: str, without: Collection[str] = ()) -> Any:
    """The message of these fields. Raises ParameterError, which names the first that does not fit."""
    known = [name for name in message.DESCRIPTOR.fields_by_name if name not in without]
    for name, value in fields.items():
        if name not in known:
            raise ParameterError(
                f"There is no '{name[:60]}' in `{where}`.", f"There are: {', '.join(known)}.", field=name
            )
        try:
            json_format.ParseDict({name: value}, message)
        except json_format.ParseError:
            remedy = f"Send {_kind(message.DESCRIPTOR.fields_by_name[name])}."
            raise ParameterError(f"'{name}' in `{where}` is {str(value)[:60]!r}.", remedy, field=name) from None
    return message


def _kind(field: FieldDescriptor) -> str:
    kinds = {
        FieldDescriptor.CPPTYPE_BOOL: "true or false",
        FieldDescriptor.CPPTYPE_STRING: "a text",
        FieldDescriptor.CPPTYPE_INT32: "a whole number",
        FieldDescriptor.CPPTYPE_INT64: "a whole number",
        FieldDescriptor.CPPTYPE_FLOAT: "a number",
    }
    return kinds.get(field.cpp_type, f"of the kind {field.name}")


def _scalars(descriptor: Any, query: Mapping[str, str], *further: str) -> dict[str, Any]:
    """The query's entries as JSON would have them. Raises ParameterError for one that the call does not know."""
    found: dict[str, Any] = {}
    for name, text in query.items():
        field = descriptor.fields_by_name.get(name)
        if name not in further and (field is None or field.is_repeated or field.type == FieldDescriptor.TYPE_BYTES):
            known = [f.name for f in descriptor.fields if not f.is_repeated and f.type != FieldDescriptor.TYPE_BYTES]
            raise ParameterError(
                f"There is no '{name[:60]}' in the address.",
                f"There are: {', '.join((*known, *further))}.",
                field=name[:60],
            )
        is_bool = field is not None and field.cpp_type == FieldDescriptor.CPPTYPE_BOOL
        found[name] = _TRUTHS.get(text.lower(), text) if is_bool else text
    return found


def _fields(body: Body, *known: str) -> dict[str, Any]:
    for name in body.fields:
        if name not in known:
            raise RequestInvalid(f"There is no part `{name[:60]}`.", f"There are: {', '.join(known)}.", field=name[:60])
    return body.fields


def _character_or_fields(body: Body, *known: str) -> tuple[SavedCharacter | None, dict[str, Any]]:
    if "parameters" in body.fields:
        return _saved(body.fields), {}
    fields = dict(_fields(body, *known))
    document = fields.pop("character", None)
    return (None if document is None else _saved(document)), fields


def _saved(document: Any) -> SavedCharacter:
    if not isinstance(document, dict):
        raise CharacterError("`character` is no object.", "Send a character.json.", field="character")
    return SavedCharacter.from_json(json.dumps(document))


def _object(given: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise RequestInvalid(f"`{name}` is missing or no object.", "Send a JSON object.", field=name)
    return given


def _no_character() -> RequestInvalid:
    return RequestInvalid("The request holds no character.", "Send its JSON as `character`.", field="character")


def _text_map(given: Any, name: str) -> Mapping[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise RequestInvalid(f"`{name}` is no object of texts.", 'Send {"old": "new"}.', field=name)
    return given


def _texts(given: Any, name: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise RequestInvalid(f"`{name}` is no list of names.", 'Send a JSON list: ["nose"].', field=name)
    return given


def _values(given: Mapping[str, Any], name: str) -> list[messages.ParameterValue]:
    """Values by name as the protocol carries them."""
    values = []
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ParameterError(
                f"'{key[:60]}' in `{name}` is neither a number nor a text.", "Send one.", field=key[:60]
            )
        kind = {"option": value} if isinstance(value, str) else {"value": value}
        values.append(messages.ParameterValue(name=key, **kind))
    return values
