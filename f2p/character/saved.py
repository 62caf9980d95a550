"""A saved character: what character.json says, apart from any schema, for the library and the thin client alike.

The service's answer has the same fields (`f2p.client.files`), and a `Character` is the same bound to its schema.
Numbers keep as many digits as a float32 on the wire carries, so that all three say exactly the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from f2p.character.json_fields import get, number, texts
from f2p.character.records import FaceExpression, GroupConfidence, PhotoContribution, PhotoInfo
from f2p.errors import CharacterError
from f2p.files import read_bounded, shown
from f2p.limits import MAX_CHARACTER_BYTES

__all__ = ["DECIMALS", "FORMAT", "SavedCharacter", "SavedChoice", "SavedSlider", "significant"]

FORMAT = 1
DECIMALS = 6
"""Of a normalised value: a millionth of a slider's way is below what any engine shows."""


def significant(value: float) -> float:
    """A number to its six significant digits, which float32 carries whatever their size."""
    return float(f"{value:.6g}")


@dataclass(frozen=True, kw_only=True)
class SavedSlider:
    """A slider's value, normalised in [0, 1] and in the engine's own `unit`; the rest as in the schema."""

    name: str
    label: str
    group: str
    role: str
    value: float
    engine_value: float
    unit: str

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class SavedChoice:
    """A choice's option by name; the rest as in the schema."""

    name: str
    label: str
    group: str
    role: str
    option: str

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class SavedCharacter:
    """The content of a character.json; numbers have the digits that are kept.

    Attributes:
        schema_name, schema_version, schema_hash: of the schema that `parameters` are of, as in `Schema`.
        schema_identity: the same; "" in files written before schemas had one.
        parameters: every parameter once, sliders first, in the schema's order.
        migrated_from: the document that this one was carried over from, where it was; see `migration`.
        bundle_name, bundle_version, preset, seed, photo, photos, locked, render_source, warnings, losses, confidence,
            expressions: as in `Character`.
    """

    schema_name: str
    schema_version: str
    schema_hash: str
    schema_identity: str = ""
    bundle_name: str
    bundle_version: str
    preset: str
    seed: int
    photo: PhotoInfo | None = None
    photos: tuple[PhotoContribution, ...] = ()
    locked: tuple[str, ...] = ()
    render_source: str = "none"
    warnings: tuple[str, ...] = ()
    losses: Mapping[str, float] = field(default_factory=dict)
    confidence: tuple[GroupConfidence, ...] = ()
    expressions: tuple[FaceExpression, ...] = ()
    parameters: tuple[SavedSlider | SavedChoice, ...]
    migrated_from: Mapping[str, Any] | None = None

    @property
    def values(self) -> dict[str, float | str]:
        """Normalised values and option names by parameter, in the schema's order."""
        return {item.name: item.value if isinstance(item, SavedSlider) else item.option for item in self.parameters}

    def to_json(self) -> str:
        """character.json's text. The same character gives the same bytes."""
        identity = {"identity": self.schema_identity} if self.schema_identity else {}
        document = {
            "format": FORMAT,
            "schema": {"name": self.schema_name, "version": self.schema_version, "hash": self.schema_hash} | identity,
            "bundle": {"name": self.bundle_name, "version": self.bundle_version},
            "preset": self.preset,
            "seed": self.seed,
            "photo": None if self.photo is None else self.photo.to_json(),
            **({"photos": [use.to_json() for use in self.photos]} if self.photos else {}),
            **({"locked": list(self.locked)} if self.locked else {}),
            "render_source": self.render_source,
            "warnings": list(self.warnings),
            "losses": dict(self.losses),
            **({"confidence": [group.to_json() for group in self.confidence]} if self.confidence else {}),
            **({"expressions": [face.to_json() for face in self.expressions]} if self.expressions else {}),
            "parameters": [item.to_json() for item in self.parameters],
            **({"migrated_from": dict(self.migrated_from)} if self.migrated_from is not None else {}),
        }
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def read(cls, path: str | PathLike[str]) -> SavedCharacter:
        """Read a character's file. Raises CharacterError, which names the file."""
        try:
            return cls.from_json(read_bounded(path, MAX_CHARACTER_BYTES))
        except OSError as error:
            raise CharacterError(f"{shown(path)} cannot be read: {error.strerror}.", "Give a character.json.") from None
        except CharacterError as error:
            raise CharacterError(f"{shown(path)}: {error.message}", error.remedy) from None

    @classmethod
    def from_json(cls, text: str | bytes) -> SavedCharacter:
        """Read `to_json`'s text, or that of any earlier release.

        Raises:
            CharacterError: it is not such a text; the message names the first wrong entry.
        """
        document = _parse(text)
        schema, bundle = get(document, "schema", dict), get(document, "bundle", dict)
        lists = {"photos": [], "locked": [], "confidence": [], "expressions": [], **document}
        return cls(
            schema_name=get(schema, "name", str, "schema."),
            schema_version=get(schema, "version", str, "schema."),
            schema_hash=get(schema, "hash", str, "schema."),
            schema_identity=get({"identity": "", **schema}, "identity", str, "schema."),
            bundle_name=get(bundle, "name", str, "bundle."),
            bundle_version=get(bundle, "version", str, "bundle."),
            preset=get(document, "preset", str),
            seed=get(document, "seed", int),
            photo=None if document.get("photo") is None else PhotoInfo.from_json(get(document, "photo", dict)),
            photos=tuple(PhotoContribution.from_json(use) for use in get(lists, "photos", list)),
            locked=texts(get(lists, "locked", list), "locked"),
            render_source=get({"render_source": "none", **document}, "render_source", str),
            warnings=texts(get(document, "warnings", list), "warnings"),
            losses={name: number(value, f"losses.{name}") for name, value in get(document, "losses", dict).items()},
            confidence=tuple(GroupConfidence.from_json(entry) for entry in get(lists, "confidence", list)),
            expressions=tuple(FaceExpression.from_json(entry) for entry in get(lists, "expressions", list)),
            parameters=_parameters(get(document, "parameters", list)),
            migrated_from=get(document, "migrated_from", dict) if "migrated_from" in document else None,
        )


def _parse(text: str | bytes) -> dict[str, Any]:
    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is not a number")

    try:
        document = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise CharacterError(
            f"This is not a character: it is not valid JSON ({error}).", "Give a character.json."
        ) from None
    if not isinstance(document, dict) or "parameters" not in document:
        raise CharacterError("This JSON is not a character: it has no 'parameters'.", "Give a character.json.")
    if document.get("format") != FORMAT:
        found = document.get("format")
        raise CharacterError(
            f"The character has format {found!r}; this release reads {FORMAT}.", "Install a matching release of f2p."
        )
    return document


def _parameters(entries: list[Any]) -> tuple[SavedSlider | SavedChoice, ...]:
    read: dict[str, SavedSlider | SavedChoice] = {}
    for place, entry in enumerate(entries):
        where = f"parameters[{place}]"
        if not isinstance(entry, dict):
            raise CharacterError(f"{where} is not an object.", "Write the file anew.")
        common = {key: get(entry, key, str, f"{where}.") for key in ("name", "label", "group", "role")}
        name = common["name"]
        if name in read:
            raise CharacterError(f"'{name}' stands twice in the character.", "Keep one of them.")
        if "option" in entry:
            read[name] = SavedChoice(**common, option=get(entry, "option", str, f"{where}."))
        else:
            read[name] = SavedSlider(
                **common,
                value=number(entry.get("value"), f"{where}.value"),
                engine_value=number(entry.get("engine_value"), f"{where}.engine_value"),
                unit=get(entry, "unit", str, f"{where}."),
            )
    return tuple(read.values())
