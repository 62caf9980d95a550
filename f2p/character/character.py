"""A character: named values of a schema, provenance and losses. Its JSON form is in `saved`.

The JSON holds everything but the pictures. The same photo, bundle, preset and seed give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from f2p.arrays import Pixels
from f2p.character.records import FaceExpression, GroupConfidence, PhotoContribution, PhotoInfo
from f2p.character.saved import DECIMALS, SavedCharacter, SavedChoice, SavedSlider, significant
from f2p.errors import CharacterError, F2PError
from f2p.schema import Continuous, Schema

# Fields that a character and its saved form share: those that are kept as they are, and those that are rounded.
_PLAIN: Final = ("bundle_name", "bundle_version", "preset", "seed", "locked", "warnings")
_ROUNDED: Final = ("photo", "photos", "losses", "confidence", "expressions")
SAME_MEANING: Final = 1e-5
"""Share of a slider's range by which a saved engine value may miss: its six digits, and nothing that is seen."""

RenderSource = Literal["engine", "imitator", "none"]

__all__ = [
    "SAME_MEANING",
    "Candidate",
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
class Candidate:
    """Another character that the photo may mean as well. It has its own values, and all else from the answer.

    Attributes:
        values: as of a character.
        changed: names of the choices in which it differs from the answer.
        cost: by how much it fits worse than the answer, in the unit of the loss "total"; below 0 where it fits better.
        images: as of a character; None where the answer has none.
    """

    values: Mapping[str, float | str]
    changed: tuple[str, ...]
    cost: float
    images: Images | None = None


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
        candidates: other characters to choose from, the likeliest first; () where none were asked for, or none is
            likely and different enough. Not part of the JSON: each is a character of its own, by `choose`.
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
    candidates: tuple[Candidate, ...] = ()
    stopped_early: bool = False
    seconds: float = 0.0

    def engine_values(self) -> dict[str, float | str]:
        """The values in the engine's own units."""
        return self.schema.to_engine(self.values)

    def choose(self, number: int) -> Character:
        """The character of one of the candidates, from 0: its values and pictures, and all else of this one.

        Raises:
            CharacterError: there is no candidate of that number.
        """
        if not 0 <= number < len(self.candidates):
            raise CharacterError(
                f"There is no candidate {number}.", f"There are {len(self.candidates)}, counted from 0."
            )
        chosen = self.candidates[number]
        losses = {"total": self.losses["total"] + chosen.cost} if "total" in self.losses else {}
        return replace(self, values=chosen.values, images=chosen.images, losses=losses, candidates=())

    def saved(self) -> SavedCharacter:
        """The same apart from its schema, with the digits that are kept: what character.json says."""
        schema = self.schema
        return SavedCharacter(
            schema_name=schema.name,
            schema_version=schema.version,
            schema_hash=schema.hash,
            schema_identity=schema.identity,
            parameters=tuple(self._parameters()),
            render_source=self.render_source,
            photo=None if self.photo is None else self.photo.rounded(),
            photos=tuple(use.rounded() for use in self.photos),
            losses={name: significant(value) for name, value in self.losses.items()},
            confidence=tuple(group.rounded() for group in self.confidence),
            expressions=tuple(face.rounded() for face in self.expressions),
            **{name: getattr(self, name) for name in _PLAIN},
        )

    def to_json(self) -> str:
        """character.json's text."""
        return self.saved().to_json()

    def _parameters(self) -> Iterator[SavedSlider | SavedChoice]:
        engine = self.engine_values()
        for parameter in self.schema.parameters:
            common = {key: getattr(parameter, key) for key in ("name", "label", "group", "role")}
            value = self.values[parameter.name]
            if isinstance(parameter, Continuous):
                at_engine = significant(float(engine[parameter.name]))
                yield SavedSlider(**common, value=float(value), engine_value=at_engine, unit=parameter.unit)
            else:
                yield SavedChoice(**common, option=str(value))

    @classmethod
    def from_saved(cls, saved: SavedCharacter, schema: Schema) -> Character:
        """Bind a saved character to a schema by which every one of its values means what it meant.

        That is the schema that made it, another of the same identity, or one that gives all parameters the engine
        values that were saved.

        Raises:
            CharacterError: the schema is another engine's, parameters are missing or unknown, or a value means
                something else; the message names the first.
        """
        trusted = saved.schema_hash == schema.hash or saved.schema_identity == schema.identity
        if not trusted and saved.schema_name != schema.name:
            raise _of_another_schema(saved, schema, "")
        try:
            values = _checked_values(saved, schema, trusted)
        except F2PError as error:
            if trusted:
                raise CharacterError(error.message, error.remedy) from None
            raise _of_another_schema(saved, schema, error.message) from None
        return cls(schema=schema, values=values, **{name: getattr(saved, name) for name in (*_PLAIN, *_ROUNDED)})

    @classmethod
    def from_json(cls, text: str | bytes, schema: Schema) -> Character:
        """Read `to_json`'s text, or that of any earlier release, strictly: every parameter once, every value in range.

        Raises:
            CharacterError: it is not such a text, or as `from_saved`.
        """
        return cls.from_saved(SavedCharacter.from_json(text), schema)


def rounded(values: Mapping[str, float | str]) -> dict[str, float | str]:
    """Values as a character keeps them, so that its JSON and its render are of exactly the same numbers."""
    return {name: value if isinstance(value, str) else round(value, DECIMALS) for name, value in values.items()}


def _checked_values(saved: SavedCharacter, schema: Schema, trusted: bool) -> dict[str, float | str]:
    values: dict[str, float | str] = {}
    for item in saved.parameters:
        parameter = schema.parameter(item.name)
        if isinstance(parameter, Continuous) != isinstance(item, SavedSlider):
            kind = "a slider" if isinstance(parameter, Continuous) else "a choice"
            raise CharacterError(f"'{item.name}' is {kind} in the schema.", "Write the file anew.")
        values[item.name] = item.value if isinstance(item, SavedSlider) else item.option
        # Files before schemas had an identity: what the value means to the engine tells a range that changed.
        if not trusted and isinstance(item, SavedSlider) and isinstance(parameter, Continuous):
            meant = parameter.to_engine(item.value)
            if abs(meant - item.engine_value) > SAME_MEANING * (parameter.high - parameter.low):
                raise CharacterError(
                    f"'{item.name}' at {item.value:g} is {meant:g} {parameter.unit} and was {item.engine_value:g}."
                )
    schema.encode(values)  # refuses values out of range, and options that are not there
    missing = [name for name in schema.names if name not in values]
    if missing:
        raise CharacterError(f"The character lacks {len(missing)} parameters, '{missing[0]}' first.", "Create it anew.")
    return {name: values[name] for name in schema.names}


def _of_another_schema(saved: SavedCharacter, schema: Schema, why: str) -> CharacterError:
    return CharacterError(
        f"The character is of schema '{saved.schema_name}' version '{saved.schema_version}', not of '{schema.name}' "
        f"version '{schema.version}'. {why}".rstrip(),
        "Use the bundle that made it, or carry it over: f2p migrate.",
    )
