"""Protobuf <-> domain. The only module of the server that knows both."""

from collections.abc import Mapping
from typing import Any

from f2p.character import Character
from f2p.errors import ParameterError, PhotoEmpty, PhotoTooLarge
from f2p.inspection import Inspection
from f2p.report import png_bytes
from f2p.schema import Continuous, Discrete, Schema
from f2p.serving.requests import CreateOrder, ServerFacts
from f2p.solver import Step
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from f2p.v1 import character_service_pb2_grpc as services

__all__ = [
    "MAX_PHOTO_BYTES",
    "SERVICE_NAME",
    "check_response",
    "create_order",
    "create_response",
    "face_index",
    "info_response",
    "photo_bytes",
    "preparing_event",
    "register",
    "result_event",
    "schema_response",
    "solving_event",
    "waiting_event",
]

SERVICE_NAME: str = calls.DESCRIPTOR.services_by_name["CharacterService"].full_name
MAX_PHOTO_BYTES = 16 * 1024 * 1024

_ROLES: dict[str, messages.ParameterRole] = {
    "identity": messages.PARAMETER_ROLE_IDENTITY,
    "expression": messages.PARAMETER_ROLE_EXPRESSION,
    "appearance": messages.PARAMETER_ROLE_APPEARANCE,
}


def register(servicer: Any, server: Any) -> None:
    """Bind a servicer to a grpc server."""
    services.add_CharacterServiceServicer_to_server(servicer, server)


def photo_bytes(request: Any) -> bytes:
    """The photo of any request that has one. Raises PhotoEmpty, PhotoTooLarge."""
    photo: bytes = request.photo
    if not photo:
        raise PhotoEmpty("The request holds no photo.", "Put the photo file's bytes into `photo`.")
    if len(photo) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(
            f"The photo has {len(photo)} bytes; at most {MAX_PHOTO_BYTES} are accepted.",
            "Send a smaller photo.",
            size_bytes=len(photo),
        )
    return photo


def face_index(options: Any) -> int | None:
    """Which face CreateOptions or CheckPhotoRequest choose; None where they choose none. Raises ParameterError."""
    if options.choose_face:
        return int(options.face_index)
    if options.face_index:
        raise ParameterError(
            f"face_index is {options.face_index}, but choose_face is not set.", "Set choose_face too, or neither."
        )
    return None


def create_order(request: Any, default_preset: str) -> CreateOrder:
    """What a CreateCharacterRequest or StreamCreateCharacterRequest asks for. Raises PhotoError, ParameterError."""
    options = request.options
    return CreateOrder(
        photo=photo_bytes(request),
        preset=options.preset or default_preset,
        seed=options.seed,
        face=face_index(options),
        pictures=options.include_pictures,
    )


def create_response(character: Character, pictures: bool) -> calls.CreateCharacterResponse:
    """The unary answer."""
    return calls.CreateCharacterResponse(character=_character(character, pictures))


def result_event(character: Character, pictures: bool) -> calls.StreamCreateCharacterResponse:
    """The last message of a stream."""
    return calls.StreamCreateCharacterResponse(character=_character(character, pictures))


def waiting_event(position: int) -> calls.StreamCreateCharacterResponse:
    """`position` jobs come first."""
    return _progress(stage=messages.PROGRESS_STAGE_WAITING, queue_position=position)


def preparing_event() -> calls.StreamCreateCharacterResponse:
    """The photo is being read."""
    return _progress(stage=messages.PROGRESS_STAGE_PREPARING)


def solving_event(step: Step, iteration_count: int) -> calls.StreamCreateCharacterResponse:
    """One step of the search."""
    return _progress(
        stage=messages.PROGRESS_STAGE_SOLVING,
        iteration=step.iteration,
        iteration_count=iteration_count,
        losses=_losses({"total": step.total, **step.losses}),
    )


def check_response(found: Inspection) -> calls.CheckPhotoResponse:
    """What CheckPhoto says."""
    response = calls.CheckPhotoResponse(usable=found.usable, warnings=found.warnings)
    if found.error is not None:
        error = found.error
        response.issues.add(reason=error.reason, message=error.message, remedy=error.remedy)
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


def info_response(facts: ServerFacts) -> calls.GetServerInfoResponse:
    """What GetServerInfo says."""
    return calls.GetServerInfoResponse(
        server_version=facts.version,
        bundle_name=facts.bundle_name,
        bundle_version=facts.bundle_version,
        schema_hash=facts.schema_hash,
        engine_name=facts.engine_name,
        engine_available=facts.engine_available,
        presets=facts.presets,
        default_preset=facts.default_preset,
        max_photo_size_bytes=MAX_PHOTO_BYTES,
        queue_capacity_count=facts.queue_capacity,
        job_count=facts.jobs,
    )


def _progress(**fields: Any) -> calls.StreamCreateCharacterResponse:
    return calls.StreamCreateCharacterResponse(progress=messages.Progress(**fields))


def _character(character: Character, pictures: bool) -> messages.Character:
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
    )
    if pictures and character.images is not None:
        images = character.images
        message.pictures.aligned_png = png_bytes(images.aligned)
        message.pictures.drawing_png = png_bytes(images.drawing)
        if character.render_source == "engine":
            message.pictures.render_png = png_bytes(images.render)
    return message


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
