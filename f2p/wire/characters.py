"""A saved character as the message of the service, and back: both say the same, to the last digit.

The wire has float32. Normalised values have six decimals, all else six significant digits or fewer, so that rounding
what arrives gives back what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from f2p.character.records import FaceExpression, GroupConfidence, PhotoContribution, PhotoInfo
from f2p.character.saved import DECIMALS, SavedCharacter, SavedChoice, SavedSlider, significant
from f2p.v1 import character_pb2 as messages

__all__ = ["ROLES", "issue_kind", "losses", "to_message", "to_saved"]

ROLES: Final[Mapping[str, messages.ParameterRole]] = {
    "identity": messages.PARAMETER_ROLE_IDENTITY,
    "expression": messages.PARAMETER_ROLE_EXPRESSION,
    "appearance": messages.PARAMETER_ROLE_APPEARANCE,
}
_ROLE_NAMES: Final = {number: name for name, number in ROLES.items()}
_KINDS: Final[Mapping[str, messages.PhotoIssueKind]] = {
    "PHOTO_EMPTY": messages.PHOTO_ISSUE_KIND_UNREADABLE,
    "PHOTO_UNREADABLE": messages.PHOTO_ISSUE_KIND_UNREADABLE,
    "PHOTO_TRUNCATED": messages.PHOTO_ISSUE_KIND_UNREADABLE,
    "PHOTO_TOO_LARGE": messages.PHOTO_ISSUE_KIND_TOO_LARGE,
    "PHOTO_TOO_SMALL": messages.PHOTO_ISSUE_KIND_TOO_SMALL,
    "FACE_TOO_SMALL": messages.PHOTO_ISSUE_KIND_TOO_SMALL,
    "FACE_SMALL": messages.PHOTO_ISSUE_KIND_TOO_SMALL,
    "NO_FACE": messages.PHOTO_ISSUE_KIND_NO_FACE,
    "SEVERAL_FACES": messages.PHOTO_ISSUE_KIND_SEVERAL_FACES,
    "OTHER_FACES": messages.PHOTO_ISSUE_KIND_SEVERAL_FACES,
    "FACE_BLURRED": messages.PHOTO_ISSUE_KIND_BLURRED,
    "FACE_DARK": messages.PHOTO_ISSUE_KIND_DARK,
    "FACE_OVEREXPOSED": messages.PHOTO_ISSUE_KIND_OVEREXPOSED,
    "FACE_TURNED": messages.PHOTO_ISSUE_KIND_TURNED,
    "FACE_COVERED": messages.PHOTO_ISSUE_KIND_COVERED,
    "FACE_CUT": messages.PHOTO_ISSUE_KIND_CUT,
    "FACE_DIFFERS": messages.PHOTO_ISSUE_KIND_OTHER_PERSON,
}


def issue_kind(reason: str) -> messages.PhotoIssueKind:
    """The coarse kind of a photo's issue."""
    return _KINDS.get(reason, messages.PHOTO_ISSUE_KIND_UNSPECIFIED)


def losses(terms: Mapping[str, float]) -> list[messages.LossTerm]:
    """Loss terms by name."""
    return [messages.LossTerm(name=name, value=value) for name, value in terms.items()]


def to_message(saved: SavedCharacter, options: Mapping[str, tuple[str, ...]] | None = None) -> messages.Character:
    """The message of a saved character.

    Args:
        options: the options of each choice in the schema's order, by name, for `option_index`; 0 without.
    """
    message = messages.Character(
        schema_hash=saved.schema_hash,
        engine_name=saved.schema_name,
        schema_version=saved.schema_version,
        schema_identity=saved.schema_identity,
        bundle_name=saved.bundle_name,
        bundle_version=saved.bundle_version,
        preset=saved.preset,
        seed=saved.seed,
        photo=None if saved.photo is None else _photo_facts(saved.photo),
        photos=[_photo_use(use) for use in saved.photos],
        locked=saved.locked,
        render_source=saved.render_source,
        warnings=saved.warnings,
        losses=losses(saved.losses),
        confidence=[
            messages.GroupConfidence(
                group=group.group, confidence=group.confidence, seen=group.seen, message=group.note
            )
            for group in saved.confidence
        ],
        expressions=[_face_expression(face) for face in saved.expressions],
    )
    for item in saved.parameters:
        common: dict[str, Any] = {"name": item.name, "group": item.group, "label": item.label}
        common["role"] = ROLES.get(item.role, messages.PARAMETER_ROLE_UNSPECIFIED)
        if isinstance(item, SavedSlider):
            message.continuous.add(**common, value=item.value, engine_value=item.engine_value, unit=item.unit)
        else:
            place = (options or {}).get(item.name, (item.option,)).index(item.option)
            message.discrete.add(**common, option=item.option, option_index=place)
    return message


def to_saved(message: messages.Character) -> SavedCharacter:
    """The saved form of a message. Servers of earlier releases send neither labels nor facts about the photo."""
    sliders = tuple(
        SavedSlider(
            **_common(item),
            value=round(item.value, DECIMALS),
            engine_value=significant(item.engine_value),
            unit=item.unit,
        )
        for item in message.continuous
    )
    return SavedCharacter(
        schema_name=message.engine_name,
        schema_version=message.schema_version,
        schema_hash=message.schema_hash,
        schema_identity=message.schema_identity,
        bundle_name=message.bundle_name,
        bundle_version=message.bundle_version,
        preset=message.preset,
        seed=message.seed,
        photo=_photo_info(message.photo) if message.HasField("photo") else None,
        photos=tuple(
            PhotoContribution(
                number=number,
                weight=use.share,
                quality=use.quality,
                likeness=use.likeness,
                reason=use.reason,
                note=use.message,
            ).rounded()
            for number, use in enumerate(message.photos)
        ),
        locked=tuple(message.locked),
        render_source=message.render_source or "none",
        warnings=tuple(message.warnings),
        losses={term.name: significant(term.value) for term in message.losses},
        confidence=tuple(
            GroupConfidence(
                group=group.group, confidence=group.confidence, seen=group.seen, note=group.message
            ).rounded()
            for group in message.confidence
        ),
        expressions=tuple(
            FaceExpression(
                photo=face.photo_index,
                units={unit.name: unit.weight for unit in face.units},
                yaw=face.yaw_degrees,
                pitch=face.pitch_degrees,
                roll=face.roll_degrees,
            ).rounded()
            for face in message.expressions
        ),
        parameters=(*sliders, *(SavedChoice(**_common(item), option=item.option) for item in message.discrete)),
    )


def _photo_use(use: PhotoContribution) -> messages.PhotoUse:
    """How one of several photos was used."""
    return messages.PhotoUse(
        used=use.used,
        share=use.weight,
        quality=use.quality,
        likeness=use.likeness,
        reason=use.reason,
        message=use.note,
        kind=issue_kind(use.reason),
    )


def _face_expression(face: FaceExpression) -> messages.FaceExpression:
    """Expression and pose of the face in one photo."""
    return messages.FaceExpression(
        photo_index=face.photo,
        units=[messages.ExpressionUnit(name=name, weight=weight) for name, weight in face.units.items()],
        yaw_degrees=face.yaw,
        pitch_degrees=face.pitch,
        roll_degrees=face.roll,
    )


def _common(item: Any) -> dict[str, str]:
    return {"name": item.name, "label": item.label, "group": item.group, "role": _ROLE_NAMES.get(item.role, "")}


def _photo_facts(photo: PhotoInfo) -> messages.PhotoFacts:
    return messages.PhotoFacts(
        width_px=photo.width,
        height_px=photo.height,
        grey=photo.grey,
        face_width_px=photo.face_px,
        frame=[messages.PointPx(x=x, y=y) for x, y in photo.frame],
        landmarks=[messages.PointPx(x=x, y=y) for x, y in photo.landmarks5],
        warnings=photo.warnings,
    )


def _photo_info(facts: messages.PhotoFacts) -> PhotoInfo:
    return PhotoInfo(
        width=facts.width_px,
        height=facts.height_px,
        grey=facts.grey,
        frame=tuple((point.x, point.y) for point in facts.frame),
        landmarks5=tuple((point.x, point.y) for point in facts.landmarks),
        face_px=facts.face_width_px,
        warnings=tuple(facts.warnings),
    ).rounded()
