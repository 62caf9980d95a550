"""Messages of f2p.v1 from HTTP requests: photos, JSON fields by name, and the address's query.

Names are checked before (`operations`). Options have the names of the protocol's messages, so that what is new there
can be asked for here at once.
"""

from collections.abc import Callable, Mapping
from typing import Any

from f2p.character.saved import SavedCharacter
from f2p.errors import ParameterError, RequestInvalid
from f2p.serving import contract
from f2p.serving.web.bodies import Body
from f2p.serving.web.fields import as_message, as_object, as_saved, as_text_map, as_texts, as_values
from f2p.v1 import character_pb2 as messages
from f2p.wire.characters import to_message

__all__ = [
    "VIEWS",
    "Builder",
    "check",
    "compare",
    "create",
    "export",
    "migrate",
    "of_query",
    "preview",
    "refit",
    "share",
]

Builder = Callable[[Any, Body, Mapping[str, str]], Any]
"""(the request's class, body, query) -> the call's request."""

VIEWS = ("front",)
"""Sides from which the imitator draws."""
_FORMATS = {"png": messages.PICTURE_FORMAT_PNG, "jpeg": messages.PICTURE_FORMAT_JPEG}


def create(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Photos to a character."""
    return _with_photos(kind(), body, as_message(messages.CreateOptions(), _options(body, query)))


def refit(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character, what its player changed, and the photos, to the character solved again.

    Preset, seed and bundle are the character's where the request names none.
    """
    saved = as_saved(body.fields.get("character"))
    own = {"preset": saved.preset, "seed": saved.seed, "bundle": saved.bundle_name}
    request = kind(
        values=as_values(saved.values, "character"),
        edits=as_values(body.fields.get("edits", {}), "edits"),
        locked=sorted(as_texts(body.fields.get("locked", []), "locked")),
        schema_hash=saved.schema_hash,
        schema_identity=saved.schema_identity,
    )
    _with_photos(request, body, as_message(messages.CreateOptions(), {**own, **_options(body, query)}))
    if (len(saved.photos) or 1) == 1 + len(request.more_photos):
        request.expressions.extend(to_message(saved).expressions)
    return request


def check(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A photo to look at."""
    if len(body.photos) > 1:
        raise RequestInvalid("One photo is checked at a time.", "Send one.", field="photo")
    request = as_message(kind(), _options(body, query))
    request.photo = body.photos[0] if body.photos else b""
    return request


def preview(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Values to draw; those left out stand at the average."""
    fields = {**body.fields, **query}
    values, bundle = _values(fields.pop("character", None), fields.pop("values", {}), "values")
    fields.setdefault("bundle", bundle)
    view, form = str(fields.pop("view", VIEWS[0])), str(fields.pop("format", "png"))
    if view not in VIEWS:
        raise ParameterError(f"`view` is {view[:60]!r}.", f"The imitator draws: {', '.join(VIEWS)}.", field="view")
    if form not in _FORMATS:
        raise ParameterError(f"`format` is {form[:60]!r}.", f"Choose one of: {', '.join(_FORMATS)}.", field="format")
    request = as_message(kind(format=_FORMATS[form]), fields)
    request.values.extend(values)
    return request


def export(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to export, or values; those left out stand at the average."""
    fields = {**body.fields, **query}
    values, bundle = _values(fields.pop("character", None), fields.pop("values", {}), "values")
    fields.setdefault("bundle", bundle)
    request = as_message(kind(), fields)
    request.values.extend(values)
    return request


def compare(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """Two characters, or their values."""
    both, bundle = [], ""
    for name in ("first", "second"):
        given = as_object(body.fields.get(name), name)
        values, own = _values(given, None, name) if "parameters" in given else _values(None, given, name)
        both.append(values)
        bundle = bundle or own
    return kind(first=both[0], second=both[1], bundle=_bundle(body, query, bundle))


def migrate(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to carry over, and what has another name."""
    request = kind(character=to_message(as_saved(body.fields.get("character"))), bundle=_bundle(body, query))
    names = as_text_map(body.fields.get("renames", {}), "renames")
    options = as_object(body.fields.get("options", {}), "options")
    for old in dict.fromkeys((*names, *options)):
        renamed = request.renames.add(old_name=old, new_name=names.get(old, ""))
        for before, after in as_text_map(options.get(old, {}), "options").items():
            renamed.options.add(old_option=before, new_option=after)
    return request


def share(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A character to share, or its values."""
    values, own = _values(body.fields.get("character"), body.fields.get("values"), "values")
    return kind(values=values, bundle=_bundle(body, query, own))


def of_query(kind: Any, body: Body, query: Mapping[str, str]) -> Any:
    """A request that stands in the address."""
    return as_message(kind(), query)


def _with_photos(request: Any, body: Body, options: messages.CreateOptions) -> Any:
    request.options.CopyFrom(options)
    request.photo = body.photos[0] if body.photos else b""
    for photo in body.photos[1:]:
        request.more_photos.add(photo=photo)
    contract.check_photos(request)
    return request


def _options(body: Body, query: Mapping[str, str]) -> dict[str, Any]:
    return {**as_object(body.fields.get("options", {}), "options"), **query}


def _bundle(body: Body, query: Mapping[str, str], own: str = "") -> str:
    """The bundle that the request names; else the character's own."""
    return str(query.get("bundle") or body.fields.get("bundle") or own)


def _values(character: Any, values: Any, name: str) -> tuple[list[messages.ParameterValue], str]:
    """The values of a character, or those given by name; and the character's bundle."""
    saved: SavedCharacter | None = None if character is None else as_saved(character)
    return as_values(values if saved is None else saved.values, name), "" if saved is None else saved.bundle_name
