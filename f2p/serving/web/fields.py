"""Fields of a request's JSON and of its address, checked: what is wrong is named, and what it should be."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from f2p.character.saved import SavedCharacter
from f2p.errors import CharacterError, ParameterError, RequestInvalid
from f2p.limits import MAX_NAME_COUNT
from f2p.v1 import character_pb2 as messages

__all__ = ["as_message", "as_object", "as_saved", "as_text_map", "as_texts", "as_values", "check_names", "scalars"]

_TRUTHS = {"": True, "1": True, "true": True, "0": False, "false": False}
_KINDS = {
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_STRING: "a text",
    FieldDescriptor.CPPTYPE_INT32: "a whole number",
    FieldDescriptor.CPPTYPE_INT64: "a whole number",
    FieldDescriptor.CPPTYPE_FLOAT: "a number",
}
_SHOWN = 60


def scalars(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of a message that an address can carry, by name."""
    return {
        field.name: field
        for field in descriptor.fields
        if not field.is_repeated and field.cpp_type in _KINDS and field.type != FieldDescriptor.TYPE_BYTES
    }


def check_names(given: Collection[str], known: Collection[str], where: str) -> None:
    """Raises RequestInvalid where a name is not known."""
    for name in given:
        if name not in known:
            there = f"There are: {', '.join(known)}." if known else "There is none."
            raise RequestInvalid(f"There is no `{name[:_SHOWN]}` in {where}.", there, field=name[:_SHOWN])


def as_message(message: Any, fields: Mapping[str, Any]) -> Any:
    """The message with these scalar fields; texts are read as an address has them. Raises ParameterError."""
    known = scalars(message.DESCRIPTOR)
    check_names(fields, known, "the options")
    for name, value in fields.items():
        kind = known[name].cpp_type
        if kind == FieldDescriptor.CPPTYPE_BOOL and isinstance(value, str):
            value = _TRUTHS.get(value.lower(), value)
        try:
            json_format.ParseDict({name: value}, message)
        except json_format.ParseError:
            raise ParameterError(f"`{name}` is {str(value)[:_SHOWN]!r}.", f"Send {_KINDS[kind]}.", field=name) from None
    return message


def as_saved(document: Any) -> SavedCharacter:
    """A character. Raises CharacterError."""
    if not isinstance(document, dict):
        raise CharacterError("`character` is missing or no object.", "Send a character.json.", field="character")
    return SavedCharacter.from_json(json.dumps(document))


def as_object(given: Any, name: str) -> Mapping[str, Any]:
    """A JSON object. Raises RequestInvalid."""
    if not isinstance(given, dict):
        raise RequestInvalid(f"`{name}` is missing or no object.", "Send a JSON object.", field=name)
    return given


def as_texts(given: Any, name: str) -> list[str]:
    """A list of names. Raises RequestInvalid."""
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise RequestInvalid(f"`{name}` is no list of names.", 'Send a JSON list: ["nose"].', field=name)
    return given


def as_text_map(given: Any, name: str) -> Mapping[str, str]:
    """Texts by name. Raises RequestInvalid."""
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise RequestInvalid(f"`{name}` is no object of texts.", 'Send {"old": "new"}.', field=name)
    return given


def as_values(given: Any, name: str) -> list[messages.ParameterValue]:
    """Numbers and options by parameter, as the protocol carries them. Raises RequestInvalid, ParameterError."""
    if len(as_object(given, name)) > MAX_NAME_COUNT:
        raise ParameterError(f"`{name}` has too many names.", "Name each parameter once.", field=name)
    values = []
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ParameterError(
                f"'{key[:_SHOWN]}' in `{name}` is neither a number nor a text.", "Send one.", field=name
            )
        try:
            kind: dict[str, Any] = {"option": value} if isinstance(value, str) else {"value": float(value)}
            values.append(messages.ParameterValue(name=key, **kind))
        except (OverflowError, ValueError):
            raise ParameterError(f"'{key[:_SHOWN]}' in `{name}` cannot be sent.", "Send 0 to 1.", field=name) from None
    return values
