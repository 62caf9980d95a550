"""Share codes: a character's values as a short text for chats and QR pictures.

A code is base32 (letters and digits that QR pictures hold densest) of

    1 byte   format, 1
    1 byte   length of the schema's name, then the name in UTF-8
    4 bytes  beginning of the schema's identity
    bits     each slider, in order of names: 0 for the value 0, else 1 and ten bits; each choice, in order of names: the
             place of its option among the options in order of names
    4 bytes  CRC-32 of all before

Ten bits are a step of a thousandth of a slider's way, below what can be seen. A code says nothing of photos.
"""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass
from typing import Final

from f2p.character.character import Character, rounded
from f2p.errors import CharacterError
from f2p.schema import Continuous, Parameter, Schema

__all__ = ["SharedCode", "read_share_code", "share_code"]

_FORMAT: Final = 1
_BITS: Final = 10
_STEPS: Final = (1 << _BITS) - 1
_LONGEST_NAME: Final = 64
_LONGEST_CODE: Final = 8192
_IDENTITY_BYTES: Final = 4
_CHECKSUM_BYTES: Final = 4


@dataclass(frozen=True)
class SharedCode:
    """A code whose checksum is right: the schema that it belongs to, and its values still as bits."""

    schema_name: str
    identity: str
    payload: bytes

    def values(self, schema: Schema) -> dict[str, float | str]:
        """Normalised values and options by name. Raises CharacterError where the code is of another schema."""
        if schema.name != self.schema_name or not schema.identity.startswith(self.identity):
            raise CharacterError(
                f"The code is of the sliders of '{self.schema_name}' ({self.identity}), not of '{schema.name}' "
                f"({schema.identity[: 2 * _IDENTITY_BYTES]}).",
                "Open it with the bundle that made it, then carry it over: f2p migrate.",
            )
        reader = _Bits(self.payload)
        found = {parameter.name: _read(parameter, reader) for parameter in _in_order(schema)}
        if not reader.at_end():
            raise _damaged("it is longer than its sliders")
        return rounded({name: found[name] for name in schema.names})

    def character(self, schema: Schema, bundle_name: str, bundle_version: str) -> Character:
        """The character of a bundle of this schema, name and version. Raises as `values`."""
        return Character(
            schema=schema,
            values=self.values(schema),
            bundle_name=bundle_name,
            bundle_version=bundle_version,
            preset="default",
            seed=0,
            warnings=("SHARED: read from a share code, which holds values only.",),
        )


def share_code(character: Character) -> str:
    """The code of a character's values: upper-case letters and digits."""
    schema = character.schema
    bits: list[str] = []
    for parameter in _in_order(schema):
        value = character.values[parameter.name]
        if isinstance(parameter, Continuous):
            step = round(float(value) * _STEPS)
            bits.append(f"1{step:0{_BITS}b}" if step else "0")
        else:
            options = sorted(parameter.options)
            bits.append(f"{options.index(str(value)):0{_width(len(options))}b}")
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    name = schema.name.encode()[:_LONGEST_NAME]
    head = bytes([_FORMAT, len(name)]) + name + bytes.fromhex(schema.identity[: 2 * _IDENTITY_BYTES])
    content = head + int(text, 2).to_bytes(len(text) // 8, "big")
    content += zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "big")
    return base64.b32encode(content).decode().rstrip("=")


def read_share_code(code: str) -> SharedCode:
    """Read a code; spaces, line breaks and lower case do no harm.

    Raises:
        CharacterError: it is no code, or a letter of it is wrong or missing.
    """
    letters = re.sub(r"\s", "", code[:_LONGEST_CODE]).upper()
    try:
        content = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raise _damaged("it holds other characters than letters and the digits 2 to 7") from None
    body, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
    if len(body) < 2 or zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big") != checksum:
        raise _damaged("its checksum is wrong")
    if body[0] != _FORMAT:
        raise CharacterError(f"The code has format {body[0]}; this release reads {_FORMAT}.", "Update f2p.")
    start = 2 + body[1]
    name, identity = body[2:start], body[start : start + _IDENTITY_BYTES]
    return SharedCode(name.decode(errors="replace"), identity.hex(), body[start + _IDENTITY_BYTES :])


def _damaged(why: str) -> CharacterError:
    return CharacterError(f"This is no share code, or a damaged one: {why}.", "Copy it again, from its first letter.")


def _in_order(schema: Schema) -> list[Parameter]:
    """Sliders, then choices, each by name: the order of a schema's file has no part in its identity."""
    return sorted(schema.parameters, key=lambda parameter: (not isinstance(parameter, Continuous), parameter.name))


def _width(count: int) -> int:
    return (count - 1).bit_length()


class _Bits:
    def __init__(self, payload: bytes) -> None:
        self._text = "".join(f"{byte:08b}" for byte in payload)
        self._at = 0

    def take(self, count: int) -> int:
        self._at += count
        if self._at > len(self._text):
            raise _damaged("it ends before its last slider")
        return int(self._text[self._at - count : self._at], 2)

    def at_end(self) -> bool:
        return len(self._text) - self._at < 8


def _read(parameter: Parameter, bits: _Bits) -> float | str:
    if isinstance(parameter, Continuous):
        return bits.take(_BITS) / _STEPS if bits.take(1) else 0.0
    options = sorted(parameter.options)
    place = bits.take(_width(len(options)))
    if place >= len(options):
        raise _damaged(f"'{parameter.name}' has no such option")
    return options[place]
