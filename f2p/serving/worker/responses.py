"""Protobuf messages of results, written in a worker."""

import io
from collections.abc import Mapping

from PIL import Image

from f2p.arrays import Pixels
from f2p.character.character import Character
from f2p.character.comparison import Comparison
from f2p.character.records import FaceExpression, PhotoContribution
from f2p.face.photo_check import Inspection
from f2p.fitting.solver import Step
from f2p.imaging.encode import png_bytes
from f2p.schema import Continuous, Discrete, Schema
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

__all__ = [
    "character_message",
    "check_response",
    "compare_response",
    "issue_kind",
    "preview_response",
    "schema_response",
    "solving_progress",
]

_ROLES: dict[str, messages.ParameterRole] = {
    "identity": messages.PARAMETER_ROLE_IDENTITY,
    "expression": messages.PARAMETER_ROLE_EXPRESSION,
    "appearance": messages.PARAMETER_ROLE_APPEARANCE,
}
_KINDS: dict[str, messages.PhotoIssueKind] = {
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


def solving_progress(step: Step, iteration_count: int) -> messages.Progress:
    """One step of the search."""
    return messages.Progress(
        stage=messages.PROGRESS_STAGE_SOLVING,
        iteration=step.iteration,
        iteration_count=iteration_count,
        losses=_losses({"total": step.total, **step.losses}),
    )


def check_response(found: Inspection) -> calls.CheckPhotoResponse:
    """The answer of CheckPhoto."""
    response = calls.CheckPhotoResponse(usable=found.usable)
    response.warnings.extend(f"{hint.reason}: {hint.message}" for hint in found.hints)
    for issues, source in ((response.issues, [found.error] if found.error else []), (response.hints, found.hints)):
        for issue in source:
            kind = issue_kind(issue.reason)
            issues.add(reason=issue.reason, message=issue.message, remedy=issue.remedy, kind=kind)
    for face in found.faces:
        response.faces.add(left=face.left, top=face.top, width=face.width, height=face.height, score=face.score)
    if found.quality is not None:
        quality = found.quality
        response.quality.CopyFrom(
            messages.PhotoQuality(
                face_width_px=quality.face_px,
                score=quality.score,
                blur=quality.blur,
                brightness=quality.brightness,
                roll_degrees=quality.roll_deg,
                yaw_hint_degrees=quality.yaw_hint,
            )
        )
    return response


def preview_response(drawing: Pixels, size: int, kind: int, schema: Schema) -> calls.RenderPreviewResponse:
    """A drawing (H, W, 3), resized where `size` is another than its own, as PNG or JPEG."""
    picture = Image.fromarray(drawing)
    if size not in (0, picture.width):
        picture = picture.resize((size, size), Image.Resampling.BICUBIC)
    jpeg = kind == messages.PICTURE_FORMAT_JPEG
    buffer = io.BytesIO()
    # The quickest PNG: a player waits for it, and it travels once.
    picture.save(buffer, "JPEG" if jpeg else "PNG", **({"quality": 88} if jpeg else {"compress_level": 1}))
    return calls.RenderPreviewResponse(
        picture=buffer.getvalue(),
        size_px=picture.width,
        format=messages.PICTURE_FORMAT_JPEG if jpeg else messages.PICTURE_FORMAT_PNG,
        schema_hash=schema.hash,
    )


def compare_response(found: Comparison) -> calls.CompareParametersResponse:
    """The answer of CompareParameters."""
    response = calls.CompareParametersResponse(
        schema_hash=found.schema_hash,
        mean=found.mean,
        largest=found.largest,
        different_choices_count=found.choices_different,
    )
    for group in found.groups:
        part = response.groups.add(name=group.name, mean=group.mean, largest=group.largest, largest_at=group.largest_at)
        for slider in group.sliders:
            part.sliders.add(**vars(slider))
        for choice in group.choices:
            part.choices.add(**vars(choice))
    return response


def schema_response(schema: Schema) -> calls.GetSchemaResponse:
    """The engine's sliders."""
    return calls.GetSchemaResponse(
        schema=messages.Schema(
            name=schema.name,
            version=schema.version,
            hash=schema.hash,
            continuous=[_continuous(slider) for slider in schema.continuous],
            discrete=[_discrete(choice) for choice in schema.discrete],
        )
    )


def character_message(character: Character, pictures: bool) -> messages.Character:
    """A character, with its pictures where asked for."""
    schema, engine = character.schema, character.engine_values()
    message = messages.Character(
        continuous=[
            messages.ContinuousValue(
                name=slider.name,
                group=slider.group,
                value=float(character.values[slider.name]),
                engine_value=float(engine[slider.name]),
                unit=slider.unit,
            )
            for slider in schema.continuous
        ],
        discrete=[
            messages.DiscreteValue(
                name=choice.name,
                group=choice.group,
                option=str(character.values[choice.name]),
                option_index=choice.options.index(str(character.values[choice.name])),
            )
            for choice in schema.discrete
        ],
        schema_hash=schema.hash,
        engine_name=schema.name,
        bundle_name=character.bundle_name,
        bundle_version=character.bundle_version,
        preset=character.preset,
        seed=character.seed,
        losses=_losses(character.losses),
        warnings=character.warnings,
        solve_seconds=character.seconds,
        stopped_early=character.stopped_early,
        step_count=len(character.history),
        photos=[_photo_use(use) for use in character.photos],
        locked=character.locked,
        confidence=[
            messages.GroupConfidence(
                group=group.group, confidence=group.confidence, seen=group.seen, message=group.note
            )
            for group in character.confidence
        ],
        expressions=[_face_expression(face) for face in character.expressions],
    )
    if pictures and character.images is not None:
        images = character.images
        message.pictures.aligned_png = png_bytes(images.aligned)
        message.pictures.drawing_png = png_bytes(images.drawing)
        if character.render_source == "engine":
            message.pictures.render_png = png_bytes(images.render)
    return message


def _photo_use(use: PhotoContribution) -> messages.PhotoUse:
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
    return messages.FaceExpression(
        photo_index=face.photo,
        units=[messages.ExpressionUnit(name=name, weight=weight) for name, weight in face.units.items()],
        yaw_degrees=face.yaw,
        pitch_degrees=face.pitch,
        roll_degrees=face.roll,
    )


def _losses(losses: Mapping[str, float]) -> list[messages.LossTerm]:
    return [messages.LossTerm(name=name, value=value) for name, value in losses.items()]


def _continuous(slider: Continuous) -> messages.ContinuousParameter:
    return messages.ContinuousParameter(
        name=slider.name,
        label=slider.label,
        group=slider.group,
        role=_ROLES[slider.role],
        average=slider.average,
        low=slider.low,
        high=slider.high,
        unit=slider.unit,
        spread=slider.spread,
        frontal=slider.frontal,
    )


def _discrete(choice: Discrete) -> messages.DiscreteParameter:
    return messages.DiscreteParameter(
        name=choice.name,
        label=choice.label,
        group=choice.group,
        role=_ROLES[choice.role],
        options=choice.options,
        default_option=choice.default,
        weights=choice.weights,
        frontal=choice.frontal,
    )
