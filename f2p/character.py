"""The result: a character's named values, what they were made from and how well they fit; and its JSON form,
character.json.

The JSON holds everything but the pictures. The same photo, bundle, preset and seed give the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from f2p.errors import CharacterError, F2PError
from f2p.schema import Continuous, Schema

FORMAT = 1
_DECIMALS = 6  # of a normalised value: a millionth of a slider's way is below what any engine shows

Pixels = npt.NDArray[np.uint8]
RenderSource = Literal["engine", "imitator", "none"]


@dataclass(frozen=True, kw_only=True)
class PhotoFacts:
    """What was noticed about the photo.

    Attributes:
        width, height: in pixels, as it was used (large photos are shrunk).
        grey: whether it has no colour.
        frame: (4, 2) where the engine frame's corners lie in the photo, clockwise from the upper left, in pixels.
        five: (5, 2) the face's five points in the photo, in pixels.
        face_px: width of the face in pixels.
        warnings: things that make the likeness worse, for people.
    """

    width: int
    height: int
    grey: bool
    frame: tuple[tuple[float, float], ...]
    five: tuple[tuple[float, float], ...]
    face_px: float
    warnings: tuple[str, ...] = ()


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
        photo: facts about the photo; None for a character that was not made from one.
        losses: each term at the solution and their weighted sum "total".
        history: the same for each step; not part of the JSON.
        warnings: about photo and render, for people.
        render_source: who made `images.render`: "engine", "imitator", or "none" without pictures.
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
    photo: PhotoFacts | None = None
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
            "photo": None if self.photo is None else _photo_to_json(self.photo),
            "render_source": self.render_source,
            "warnings": list(self.warnings),
            "losses": {name: round(value, _DECIMALS) for name, value in self.losses.items()},
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
        made_of = _get(document, "schema", dict)
        if made_of.get("hash") != schema.hash:
            raise CharacterError(
                f"The character is of schema {made_of.get('name')!r} version {made_of.get('version')!r}, not of "
                f"'{schema.name}' version '{schema.version}'.",
                "Use the bundle that the character names, or create it anew.",
            )
        bundle = _get(document, "bundle", dict)
        photo = document.get("photo")
        return cls(
            schema=schema,
            values=_read_values(_get(document, "parameters", list), schema),
            bundle_name=_get(bundle, "name", str, "bundle."),
            bundle_version=_get(bundle, "version", str, "bundle."),
            preset=_get(document, "preset", str),
            seed=_get(document, "seed", int),
            photo=None if photo is None else _photo_from_json(_get(document, "photo", dict)),
            losses={name: _number(value, f"losses.{name}") for name, value in _get(document, "losses", dict).items()},
            warnings=_texts(_get(document, "warnings", list), "warnings"),
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
    for number, entry in enumerate(entries):
        where = f"parameters[{number}]"
        if not isinstance(entry, dict):
            raise CharacterError(f"{where} is not an object.", "Write the file anew.")
        name = _get(entry, "name", str, f"{where}.")
        if name in values:
            raise CharacterError(f"'{name}' stands twice in the character.", "Keep one of them.")
        try:
            slider = isinstance(schema.parameter(name), Continuous)
            key = "value" if slider else "option"
            values[name] = _number(entry.get(key), f"{where}.{key}") if slider else _get(entry, key, str, f"{where}.")
            schema.encode({name: values[name]})
        except CharacterError:
            raise
        except F2PError as error:
            raise CharacterError(f"{where}: {error.message}", error.remedy) from None
    missing = [name for name in schema.names if name not in values]
    if missing:
        raise CharacterError(f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Create it anew.")
    return {name: values[name] for name in schema.names}


def _photo_to_json(photo: PhotoFacts) -> dict[str, Any]:
    def points(array: tuple[tuple[float, float], ...]) -> list[list[float]]:
        return [[round(x, 2), round(y, 2)] for x, y in array]

    return {
        "width": photo.width,
        "height": photo.height,
        "grey": photo.grey,
        "face_px": round(photo.face_px, 2),
        "frame": points(photo.frame),
        "five": points(photo.five),
        "warnings": list(photo.warnings),
    }


def _photo_from_json(entry: dict[str, Any]) -> PhotoFacts:
    def points(key: str, count: int) -> tuple[tuple[float, float], ...]:
        found = _get(entry, key, list, "photo.")
        if len(found) != count or not all(isinstance(point, list) and len(point) == 2 for point in found):
            raise CharacterError(f"photo.{key} is not a list of {count} points.", "Write the file anew.")
        return tuple((_number(x, f"photo.{key}"), _number(y, f"photo.{key}")) for x, y in found)

    return PhotoFacts(
        width=_get(entry, "width", int, "photo."),
        height=_get(entry, "height", int, "photo."),
        grey=_get(entry, "grey", bool, "photo."),
        frame=points("frame", 4),
        five=points("five", 5),
        face_px=_number(entry.get("face_px"), "photo.face_px"),
        warnings=_texts(_get(entry, "warnings", list, "photo."), "photo.warnings"),
    )


def _get(entry: dict[str, Any], key: str, kind: type, where: str = "") -> Any:
    value = entry.get(key)
    # bool is an int to Python, but never to a reader.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CharacterError(
            f"'{where}{key}' of the character is missing or of the wrong kind.", "Write the file anew."
        )
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CharacterError(f"'{where}' of the character is not a finite number.", "Write the file anew.")
    return float(value)


def _texts(values: list[Any], where: str) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise CharacterError(f"'{where}' of the character is not a list of texts.", "Write the file anew.")
    return tuple(values)
