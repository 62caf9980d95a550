"""Protobuf messages of results, written in a worker."""

import io
from dataclasses import replace

from PIL import Image

from f2p.arrays import Pixels
from f2p.character.character import Character, Images
from f2p.character.comparison import Comparison
from f2p.character.migration import Migration
from f2p.face.photo_check import Inspection
from f2p.fitting.solver import Step
from f2p.imaging.encode import jpeg_bytes, png_bytes
from f2p.schema import Continuous, Discrete, Schema
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from f2p.wire.characters import ROLES, issue_kind, losses, to_message

__all__ = [
    "character_message",
    "check_response",
    "compare_response",
    "export_response",
    "migrate_response",
    "preview_response",
    "receive_response",
    "schema_response",
    "share_response",
    "solving_progress",
]


_CHANGES: dict[str, messages.ParameterChangeKind] = {
    "renamed": messages.PARAMETER_CHANGE_KIND_RENAMED,
    "clipped": messages.PARAMETER_CHANGE_KIND_CLIPPED,
    "defaulted": messages.PARAMETER_CHANGE_KIND_DEFAULTED,
    "replaced": messages.PARAMETER_CHANGE_KIND_REPLACED,
    "lost": messages.PARAMETER_CHANGE_KIND_LOST,
}


def solving_progress(step: Step, iteration_count: int, drawing: Pixels | None = None) -> messages.Progress:
    """One step of the search, and its drawing (H, W, 3) where there is one."""
    return messages.Progress(
        stage=messages.PROGRESS_STAGE_SOLVING,
        iteration=step.iteration,
        iteration_count=iteration_count,
        losses=losses({"total": step.total, **step.losses}),
        picture_jpeg=b"" if drawing is None else jpeg_bytes(drawing),
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


def migrate_response(found: Migration) -> calls.MigrateCharacterResponse:
    """The answer of MigrateCharacter."""
    response = calls.MigrateCharacterResponse(
        character=character_message(found.character, pictures=False), carried_count=found.carried
    )
    for change in found.changes:
        part = response.changes.add(name=change.name, kind=_CHANGES[change.kind], message=change.note)
        for when, value in (("old", change.before), ("new", change.after)):
            if value is not None:
                setattr(part, f"{when}_option" if isinstance(value, str) else f"{when}_engine_value", value)
    return response


def share_response(code: str, schema: Schema) -> calls.ShareCharacterResponse:
    """The answer of ShareCharacter."""
    return calls.ShareCharacterResponse(code=code, schema_hash=schema.hash)


def receive_response(character: Character) -> calls.ReceiveCharacterResponse:
    """The answer of ReceiveCharacter."""
    return calls.ReceiveCharacterResponse(character=character_message(character, pictures=False))


def export_response(file: bytes, form: str, schema: Schema) -> calls.ExportCharacterResponse:
    """The answer of ExportCharacter."""
    return calls.ExportCharacterResponse(file=file, format=form, schema_hash=schema.hash)


def schema_response(schema: Schema) -> calls.GetSchemaResponse:
    """The engine's sliders."""
    return calls.GetSchemaResponse(
        schema=messages.Schema(
            name=schema.name,
            version=schema.version,
            hash=schema.hash,
            identity=schema.identity,
            continuous=[_continuous(slider) for slider in schema.continuous],
            discrete=[_discrete(choice) for choice in schema.discrete],
        )
    )


def character_message(character: Character, pictures: bool) -> messages.Character:
    """A character, with its pictures where asked for."""
    options = {choice.name: choice.options for choice in character.schema.discrete}
    message = to_message(character.saved(), options)
    message.solve_seconds = character.seconds
    message.stopped_early = character.stopped_early
    message.step_count = len(character.history)
    if pictures and character.images is not None:
        message.pictures.CopyFrom(_pictures(character, character.images))
        message.pictures.aligned_png = png_bytes(character.images.aligned)
    for candidate in character.candidates:
        whole = to_message(replace(character, values=candidate.values).saved(), options)
        part = message.candidates.add(
            continuous=whole.continuous, discrete=whole.discrete, changed=candidate.changed, cost=candidate.cost
        )
        if pictures and candidate.images is not None:
            part.pictures.CopyFrom(_pictures(character, candidate.images))
    return message


def _pictures(character: Character, images: Images) -> messages.Pictures:
    """What was drawn; the photo's face is not sent with each of them."""
    pictures = messages.Pictures(drawing_png=png_bytes(images.drawing))
    if character.render_source == "engine":
        pictures.render_png = png_bytes(images.render)
    return pictures


def _continuous(slider: Continuous) -> messages.ContinuousParameter:
    return messages.ContinuousParameter(
        name=slider.name,
        label=slider.label,
        group=slider.group,
        role=ROLES[slider.role],
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
        role=ROLES[choice.role],
        options=choice.options,
        default_option=choice.default,
        weights=choice.weights,
        frontal=choice.frontal,
    )
