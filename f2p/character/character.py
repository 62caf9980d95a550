"""A character: named values, provenance and losses; and its JSON form, character.json.

The JSON holds everything but the pictures. The same photo, bundle, preset and seed give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from f2p.arrays import Pixels
from f2p.character.json_fields import get, number, texts
from f2p.character.records import FaceExpression, GroupConfidence, PhotoContribution, PhotoInfo
from f2p.errors import CharacterError, F2PError
from f2p.schema import Continuous, Schema

FORMAT = 1
_DECIMALS = 6  # of a normalised value: a millionth of a slider's way is below what any engine shows

RenderSource = Literal["engine", "imitator", "none"]

__all__ = [
    "FORMAT",
    "Character",
    "FaceExpression",
    "GroupConfidence",
    "Images",
    "PhotoContribution",
    "PhotoInfo",
    "Pixels",
    "RenderSource",
    "rounded",
]


@dataclass(frozen=True, kw_only=True)
class Images:
    """The pictures of a character made in this process; uint8 (H, W, 3). Not part of the JSON.

    Attributes:
        aligned: the photo in the engine's frame.
        drawing: G(x).
        render: the engine's render of the values, or, where there is no engine, the drawing again.
    """

    aligned: Pixels
    drawing: Pixels
    render: Pixels


@dataclass(frozen=True, kw_only=True)
class Character:
    """A character.

    Attributes:
        schema: the parameters that `values` are of.
        values: normalised value of each slider in [0, 1], option of each choice, by name, in the schema's order.
        bundle_name, bundle_version, preset, seed: what made it.
        photo: facts about the photo (of several, the one that counts most); None for a character that was not made
            from one.
        photos: where several photos were given, how each was used; () for one.
        locked: what stayed as the player had set it, where it was refitted.
        confidence: of each group; () where it was not measured.
        expressions: expression and pose of the face in each photo that was used, which `values` leave out; () where the
            bundle's imitator draws neutral frontal faces only.
        losses: each term at the solution and their weighted sum "total".
        history: the same for each step; not part of the JSON.
        warnings: about photo and render, for people.
        render_source: the maker of `images.render`: "engine", "imitator", or "none" without pictures.
        images: the pictures; None for a character read from JSON.
        stopped_early: whether time ran out before the search was done; not part of the JSON, where a warning says so.
        seconds: time from photo to values; not part of the JSON.
    """

    schema: Schema
    values: Mapping[str, float | str]
    bundle_name: str
    bundle_version: str
    preset: str
    seed: int
    photo: PhotoInfo | None = None
    photos: tuple[PhotoContribution, ...] = ()
    locked: tuple[str, ...] = ()
    confidence: tuple[GroupConfidence, ...] = ()
    expressions: tuple[FaceExpression, ...] = ()
    losses: Mapping[str, float] = field(default_factory=dict)
    history: tuple[Mapping[str, float], ...] = ()
    warnings: tuple[str, ...] = ()
    render_source: RenderSource = "none"
    images: Images | None = None
    stopped_early: bool = False
    seconds: float = 0.0

    def engine_values(self) -> dict[str, float | str]:
        """The values in the engine's own units."""
        return self.schema.to_engine(self.values)

    def to_json(self) -> str:
        """character.json's text."""
        document = {
            "format": FORMAT,
            "schema": {"name": self.schema.name, "version": self.schema.version, "hash": self.schema.hash},
            "bundle": {"name": self.bundle_name, "version": self.bundle_version},
            "preset": self.preset,
            "seed": self.seed,
            "photo": None if self.photo is None else self.photo.to_json(),
            **({"photos": [use.to_json() for use in self.photos]} if self.photos else {}),
            **({"locked": list(self.locked)} if self.locked else {}),
            "render_source": self.render_source,
            "warnings": list(self.warnings),
            "losses": {name: round(value, _DECIMALS) for name, value in self.losses.items()},
            **({"confidence": [group.to_json() for group in self.confidence]} if self.confidence else {}),
            **({"expressions": [face.to_json() for face in self.expressions]} if self.expressions else {}),
            "parameters": self._parameters(),
        }
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def _parameters(self) -> list[dict[str, Any]]:
        engine = self.engine_values()
        entries = []
        for parameter in self.schema.parameters:
            name = parameter.name
            entry: dict[str, Any] = {
                "name": name,
                "label": parameter.label,
                "group": parameter.group,
                "role": parameter.role,
            }
            if isinstance(parameter, Continuous):
                at_engine = round(float(engine[name]), _DECIMALS)
                entries.append(entry | {"value": self.values[name], "engine_value": at_engine, "unit": parameter.unit})
            else:
                entries.append(entry | {"option": self.values[name]})
        return entries

    @classmethod
    def from_json(cls, text: str | bytes, schema: Schema) -> Character:
        """Reads `to_json`'s text strictly: every parameter of the schema once, nothing unknown, every value in range.

        Raises:
            CharacterError: it is not such a text, or it is of another schema.
        """
        document = _parse(text)
        made_of = get(document, "schema", dict)
        if made_of.get("hash") != schema.hash:
            raise CharacterError(
                f"The character is of schema {made_of.get('name')!r} version {made_of.get('version')!r}, not of "
                f"'{schema.name}' version '{schema.version}'.",
                "Use the bundle that the character names, or create it anew.",
            )
        bundle = get(document, "bundle", dict)
        photo = document.get("photo")
        return cls(
            schema=schema,
            values=_read_values(get(document, "parameters", list), schema),
            bundle_name=get(bundle, "name", str, "bundle."),
            bundle_version=get(bundle, "version", str, "bundle."),
            preset=get(document, "preset", str),
            seed=get(document, "seed", int),
            photo=None if photo is None else PhotoInfo.from_json(get(document, "photo", dict)),
            photos=tuple(PhotoContribution.from_json(use) for use in get({"photos": [], **document}, "photos", list)),
            locked=texts(get({"locked": [], **document}, "locked", list), "locked"),
            confidence=tuple(
                GroupConfidence.from_json(entry) for entry in get({"confidence": [], **document}, "confidence", list)
            ),
            expressions=tuple(
                FaceExpression.from_json(entry) for entry in get({"expressions": [], **document}, "expressions", list)
            ),
            losses={name: number(value, f"losses.{name}") for name, value in get(document, "losses", dict).items()},
            warnings=texts(get(document, "warnings", list), "warnings"),
        )


def rounded(values: Mapping[str, float | str]) -> dict[str, float | str]:
    """Values as a character keeps them, so that its JSON and its render are of exactly the same numbers."""
    return {name: value if isinstance(value, str) else round(value, _DECIMALS) for name, value in values.items()}


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


def _read_values(entries: list[Any], schema: Schema) -> dict[str, float | str]:
    values: dict[str, float | str] = {}
    for place, entry in enumerate(entries):
        where = f"parameters[{place}]"
        if not isinstance(entry, dict):
            raise CharacterError(f"{where} is not an object.", "Write the file anew.")
        name = get(entry, "name", str, f"{where}.")
        if name in values:
            raise CharacterError(f"'{name}' stands twice in the character.", "Keep one of them.")
        try:
            slider = isinstance(schema.parameter(name), Continuous)
            key = "value" if slider else "option"
            values[name] = number(entry.get(key), f"{where}.{key}") if slider else get(entry, key, str, f"{where}.")
            schema.encode({name: values[name]})
        except CharacterError:
            raise
        except F2PError as error:
            raise CharacterError(f"{where}: {error.message}", error.remedy) from None
    missing = [name for name in schema.names if name not in values]
    if missing:
        raise CharacterError(f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Create it anew.")
    return {name: values[name] for name in schema.names}
