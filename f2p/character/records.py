"""Records of a character about its photos and its confidence, and their JSON form, read strictly.

A saved character holds them `rounded`, so that file and wire say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from f2p.character.json_fields import get, number, texts
from f2p.errors import CharacterError

__all__ = ["FaceExpression", "GroupConfidence", "PhotoContribution", "PhotoInfo"]

_ANGLES = ("yaw", "pitch", "roll")


_PLAIN = 0.05  # weight from which on a unit is worth a word


@dataclass(frozen=True, kw_only=True)
class PhotoInfo:
    """Facts about a photo.

    Attributes:
        width, height: in pixels, as it was used (large photos are shrunk).
        grey: whether it has no colour.
        frame: (4, 2) where the engine frame's corners lie in the photo, clockwise from the upper left, in pixels.
        landmarks5: (5, 2) the face's five points in the photo, in pixels.
        face_px: width of the face in pixels.
        warnings: things that make the likeness worse, for people.
    """

    width: int
    height: int
    grey: bool
    frame: tuple[tuple[float, float], ...]
    landmarks5: tuple[tuple[float, float], ...]
    face_px: float
    warnings: tuple[str, ...] = ()

    def rounded(self) -> Self:
        """The same with the digits that are kept: a hundredth of a pixel."""

        def points(places: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
            return tuple((round(x, 2), round(y, 2)) for x, y in places)

        frame, landmarks5 = points(self.frame), points(self.landmarks5)
        return replace(self, frame=frame, landmarks5=landmarks5, face_px=round(self.face_px, 2))

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        return {
            "width": self.width,
            "height": self.height,
            "grey": self.grey,
            "face_px": self.face_px,
            "frame": [list(point) for point in self.frame],
            "five": [list(point) for point in self.landmarks5],
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> PhotoInfo:
        """Reads `to_json`'s entry. Raises CharacterError."""

        def points(key: str, count: int) -> tuple[tuple[float, float], ...]:
            found = get(entry, key, list, "photo.")
            if len(found) != count or not all(isinstance(point, list) and len(point) == 2 for point in found):
                raise CharacterError(f"photo.{key} is not a list of {count} points.", "Write the file anew.")
            return tuple((number(x, f"photo.{key}"), number(y, f"photo.{key}")) for x, y in found)

        return cls(
            width=get(entry, "width", int, "photo."),
            height=get(entry, "height", int, "photo."),
            grey=get(entry, "grey", bool, "photo."),
            frame=points("frame", 4),
            landmarks5=points("five", 5),
            face_px=number(entry.get("face_px"), "photo.face_px"),
            warnings=texts(get(entry, "warnings", list, "photo."), "photo.warnings"),
        )


@dataclass(frozen=True, kw_only=True)
class PhotoContribution:
    """Use of one of several photos.

    Attributes:
        number: which photo, from 0, in the order given.
        weight: its share of the whole, in [0, 1]; the shares of all photos sum to 1, 0 means left out.
        quality: how good it is by itself (size, sharpness, light, angle, what is covered), in [0, 1].
        likeness: cosine between its face and the face that the others agree on: mostly below .4 for a
            stranger, above .6 for the same person; 0 for a photo without a usable face.
        reason: "USED", "FACE_DIFFERS" (left out: its face is not the others'), or the reason of the error that made it
            unusable (`NO_FACE`, ...).
        note: the same in plain words.
    """

    number: int
    weight: float
    quality: float
    likeness: float
    reason: str
    note: str

    @property
    def used(self) -> bool:
        """True where its weight is above 0."""
        return self.weight > 0

    def rounded(self) -> Self:
        """The same with the digits that are kept."""
        return replace(self, **{name: round(getattr(self, name), 4) for name in ("weight", "quality", "likeness")})

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, entry: Any) -> PhotoContribution:
        """Reads `to_json`'s entry. Raises CharacterError."""
        if not isinstance(entry, dict):
            raise CharacterError("An entry of 'photos' is not an object.", "Write the file anew.")
        return cls(
            number=get(entry, "number", int, "photos."),
            weight=number(entry.get("weight"), "photos.weight"),
            quality=number(entry.get("quality"), "photos.quality"),
            likeness=number(entry.get("likeness"), "photos.likeness"),
            reason=get(entry, "reason", str, "photos."),
            note=get(entry, "note", str, "photos."),
        )


@dataclass(frozen=True, kw_only=True)
class FaceExpression:
    """Expression and pose of the face in one photo. The character is neutral; an engine can put them on it.

    Attributes:
        units: weight in [0, 1] of each expression slider of the schema, by name; 0 where none was found or sought.
        yaw, pitch, roll: how the head is turned, in degrees: to the viewer's right, up, clockwise.
        photo: which photo, from 0, in the order given.
    """

    units: Mapping[str, float]
    yaw: float
    pitch: float
    roll: float
    photo: int = 0

    def words(self) -> str:
        """The plain ones of the units, strongest first, and the pose: for people."""
        plain = sorted(((v, n) for n, v in self.units.items() if v >= _PLAIN), key=lambda pair: (-pair[0], pair[1]))
        worn = ", ".join(f"{name} {value:.2f}" for value, name in plain) or "neutral"
        return f"{worn}; head turned {self.yaw:+.0f}°, up {self.pitch:+.0f}°, tilted {self.roll:+.0f}°"

    def rounded(self) -> Self:
        """The same with the digits that are kept."""
        angles = {name: round(getattr(self, name), 1) + 0.0 for name in _ANGLES}
        return replace(self, units={name: round(value, 3) for name, value in self.units.items()}, **angles)

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        angles = {name: getattr(self, name) for name in _ANGLES}
        return {"photo": self.photo, **angles, "units": dict(self.units)}

    @classmethod
    def from_json(cls, entry: Any) -> FaceExpression:
        """Reads `to_json`'s entry. Raises CharacterError."""
        if not isinstance(entry, dict):
            raise CharacterError("An entry of 'expressions' is not an object.", "Write the file anew.")
        units = get(entry, "units", dict, "expressions.")
        return cls(
            photo=get(entry, "photo", int, "expressions."),
            units={name: number(value, f"expressions.units.{name}") for name, value in units.items()},
            **{name: number(entry.get(name), f"expressions.{name}") for name in _ANGLES},
        )


@dataclass(frozen=True, kw_only=True)
class GroupConfidence:
    """Confidence in the values of one group.

    Attributes:
        group: of the schema.
        confidence: in [0, 1]; 0: the values are the average person's, 1: the photo decides them, or the player did.
        seen: visible share of the group's place in the picture, in [0, 1].
        note: the same in plain words.
    """

    group: str
    confidence: float
    seen: float
    note: str

    def rounded(self) -> Self:
        """The same with two decimals: the last digits are no knowledge."""
        return replace(self, confidence=round(self.confidence, 2), seen=round(self.seen, 2))

    def to_json(self) -> dict[str, Any]:
        """Its entry in character.json."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, entry: Any) -> GroupConfidence:
        """Reads `to_json`'s entry. Raises CharacterError."""
        if not isinstance(entry, dict):
            raise CharacterError("An entry of 'confidence' is not an object.", "Write the file anew.")
        return cls(
            group=get(entry, "group", str, "confidence."),
            confidence=number(entry.get("confidence"), "confidence.confidence"),
            seen=number(entry.get("seen"), "confidence.seen"),
            note=get(entry, "note", str, "confidence."),
        )
