"""f2p.v1 is for ever: what a game build of today sends must be understood by every later server.

`tests/contract/v1/descriptor.binpb` is the contract at its last release, `requests/` are messages that clients have
sent, as bytes: REVISION-MESSAGE. `F2P_RECORD=1 pytest tests/contract/test_frozen.py` adds what is new to them, under a
REVISION that has none yet; it refuses to change what is there.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, message_factory, text_format
from google.protobuf.message import Message

from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls

FOLDER = Path(__file__).parent / "v1"
GOLDEN = FOLDER / "descriptor.binpb"
RECORD = bool(os.environ.get("F2P_RECORD"))
REVISION = "0.1r6"
PHOTO = b"\xff\xd8\xff\xe0 no real photo \xff\xd9"

Facts = dict[tuple[str, ...], Any]


def _today() -> descriptor_pb2.FileDescriptorSet:
    files = descriptor_pb2.FileDescriptorSet()
    for module in (messages, calls):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    return files


def facts(files: descriptor_pb2.FileDescriptorSet) -> Facts:
    """Everything that must never change: (kind, full name) -> what it is."""
    found: Facts = {}
    for file in files.file:
        for message in file.message_type:
            found |= _message_facts(f"{file.package}.{message.name}", message)
        for enum in file.enum_type:
            found |= _enum_facts(f"{file.package}.{enum.name}", enum)
        for service in file.service:
            for method in service.method:
                what = (method.input_type, method.output_type, method.client_streaming, method.server_streaming)
                found["method", f"{file.package}.{service.name}.{method.name}"] = what
    return found


def _message_facts(name: str, message: descriptor_pb2.DescriptorProto) -> Facts:
    found: Facts = {("message", name): True}
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
        what = (field.name, field.type, field.type_name, field.label, oneof)
        found["field", name, str(field.number)] = what
    for nested in message.nested_type:
        found |= _message_facts(f"{name}.{nested.name}", nested)
    for enum in message.enum_type:
        found |= _enum_facts(f"{name}.{enum.name}", enum)
    return found


def _enum_facts(name: str, enum: descriptor_pb2.EnumDescriptorProto) -> Facts:
    return {("enum", name): True} | {("value", name, str(value.number)): value.name for value in enum.value}


def broken(old: Facts, new: Facts) -> list[str]:
    """What of `old` is gone or different in `new`."""
    return [f"{' '.join(key)}: {value} became {new.get(key)}" for key, value in old.items() if new.get(key) != value]


def test_nothing_of_the_contract_is_gone_or_changed() -> None:
    golden = descriptor_pb2.FileDescriptorSet.FromString(GOLDEN.read_bytes()) if GOLDEN.exists() else None
    old = facts(golden) if golden else {}
    assert broken(old, facts(_today())) == []
    if RECORD:
        GOLDEN.write_bytes(_today().SerializeToString(deterministic=True))
    else:
        assert facts(_today()) == old, "the contract has grown: record it with F2P_RECORD=1"


def test_the_check_notices_a_change() -> None:
    old, files = facts(_today()), _today()
    field = files.file[0].message_type[0].field[0]
    field.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
    del files.file[1].service[0].method[0]
    field = files.file[0].message_type[0].field[1]
    field.number = 400
    assert len(broken(old, facts(files))) == 3


def _requests() -> dict[str, Message]:
    """A message of every kind that a client sends, with every field set."""
    options = messages.CreateOptions(
        preset="default",
        seed=-7,
        choose_face=True,
        face_index=2,
        include_pictures=True,
        bundle="makehuman",
        time_limit_ms=30_000,
        take_best_so_far=True,
        include_confidence=True,
        include_progress_pictures=True,
        choose_strength=True,
        strength=1.5,
        flatter=0.25,
        remove_glasses=True,
        remove_beard=True,
        keep_expression=True,
        candidate_count=4,
    )
    further = [
        messages.FurtherPhoto(photo=PHOTO[:-1], choose_face=True, face_index=3),
        messages.FurtherPhoto(photo=PHOTO[:-2]),
    ]
    values = [
        messages.ParameterValue(name="nose_width", value=0.25),
        messages.ParameterValue(name="hair", option="bob"),
    ]
    refit: dict[str, Any] = {
        "photo": PHOTO,
        "options": options,
        "more_photos": further,
        "values": values,
        "edits": values[:1],
        "locked": ["nose", "hair"],
        "schema_hash": "9f86d081",
        "schema_identity": "60303ae2",
        "expressions": [
            messages.FaceExpression(
                photo_index=1,
                units=[messages.ExpressionUnit(name="mouthSmileLeft", weight=0.75)],
                yaw_degrees=-12.5,
                pitch_degrees=3.25,
                roll_degrees=0.5,
            )
        ],
    }
    return {
        "CreateCharacterRequest": calls.CreateCharacterRequest(photo=PHOTO, options=options, more_photos=further),
        "StreamCreateCharacterRequest": calls.StreamCreateCharacterRequest(
            photo=PHOTO, options=options, more_photos=further
        ),
        "RefitCharacterRequest": calls.RefitCharacterRequest(**refit),
        "StreamRefitCharacterRequest": calls.StreamRefitCharacterRequest(**refit),
        "CheckPhotoRequest": calls.CheckPhotoRequest(photo=PHOTO, choose_face=True, face_index=1, bundle="makehuman"),
        "RenderPreviewRequest": calls.RenderPreviewRequest(
            values=values, bundle="makehuman", size_px=256, format=messages.PICTURE_FORMAT_JPEG
        ),
        "CompareParametersRequest": calls.CompareParametersRequest(first=values, second=values[:1], bundle="makehuman"),
        "MigrateCharacterRequest": calls.MigrateCharacterRequest(
            character=messages.Character(
                continuous=[messages.ContinuousValue(name="nose_width", value=0.25, engine_value=-0.5, unit="weight")],
                discrete=[messages.DiscreteValue(name="hair", option="bob")],
                engine_name="makehuman",
            ),
            bundle="makehuman",
            renames=[
                messages.ParameterRename(
                    old_name="hair",
                    new_name="hair_style",
                    options=[messages.OptionRename(old_option="bob", new_option="short_bob")],
                )
            ],
        ),
        "ShareCharacterRequest": calls.ShareCharacterRequest(values=values, bundle="makehuman"),
        "ReceiveCharacterRequest": calls.ReceiveCharacterRequest(code="AEFWCYTB", bundle="makehuman"),
        "ExportCharacterRequest": calls.ExportCharacterRequest(
            values=values, bundle="makehuman", format="glb", texture_size_px=512
        ),
        "GetMeshRequest": calls.GetMeshRequest(bundle="makehuman"),
        "GetSchemaRequest": calls.GetSchemaRequest(bundle="makehuman"),
        "GetServerInfoRequest": calls.GetServerInfoRequest(),
    }


def _recorded() -> list[Path]:
    return sorted((FOLDER / "requests").glob("*.binpb"))


def test_every_field_of_every_request_is_recorded() -> None:
    for name, message in _requests().items():
        unset = {field.name for field in message.DESCRIPTOR.fields} - {field.name for field, _ in message.ListFields()}
        assert not unset, f"{name} has fields that are not recorded: {unset}"
        data = message.SerializeToString(deterministic=True)
        if any(path.stem.partition("-")[2] == name and path.read_bytes() == data for path in _recorded()):
            continue
        assert RECORD, f"{name} has grown: record it with F2P_RECORD=1"
        path = FOLDER / "requests" / f"{REVISION}-{name}.binpb"
        assert not path.exists(), "what is recorded stays as it is: choose another REVISION"
        path.write_bytes(data)
        path.with_suffix(".txtpb").write_text(text_format.MessageToString(message), encoding="utf-8")


def test_every_call_is_among_the_recorded() -> None:
    methods = calls.DESCRIPTOR.services_by_name["CharacterService"].methods
    assert {method.input_type.name for method in methods} == {path.stem.partition("-")[2] for path in _recorded()}


@pytest.mark.parametrize("path", _recorded(), ids=lambda path: path.stem)
def test_bytes_of_old_clients_mean_what_they_meant(path: Path) -> None:
    name = path.stem.partition("-")[2]
    kind = message_factory.GetMessageClass(calls.DESCRIPTOR.message_types_by_name[name])
    message = kind.FromString(path.read_bytes())
    expected = text_format.Parse(path.with_suffix(".txtpb").read_text("utf-8"), kind())
    assert message == expected
    assert message.SerializeToString(deterministic=True) == path.read_bytes(), "a field is no longer known"
