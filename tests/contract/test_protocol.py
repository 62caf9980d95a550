"""The wire contract: the committed stubs are fresh, and the messages keep to what game clients can generate."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from f2p.v1 import character_pb2, character_service_pb2, engine_service_pb2

ROOT = Path(__file__).resolve().parents[2]
FILES: tuple[FileDescriptor, ...] = (
    character_pb2.DESCRIPTOR,
    character_service_pb2.DESCRIPTOR,
    engine_service_pb2.DESCRIPTOR,
)
UNSIGNED = {
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_FIXED32,
    FieldDescriptor.TYPE_FIXED64,
}


def _messages() -> Iterator[Descriptor]:
    pending = [message for file in FILES for message in file.message_types_by_name.values()]
    while pending:
        message = pending.pop()
        pending.extend(message.nested_types)
        yield message


def _fields() -> Iterator[FieldDescriptor]:
    return (field for message in _messages() for field in message.fields)


def _enums() -> Iterator[EnumDescriptor]:
    yield from (enum for file in FILES for enum in file.enum_types_by_name.values())
    yield from (enum for message in _messages() for enum in message.enum_types)


def _ours(path: Path) -> list[FileDescriptorProto]:
    return [file for file in FileDescriptorSet.FromString(path.read_bytes()).file if file.package == "f2p.v1"]


def test_the_committed_stubs_are_fresh(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "generate_stubs.py", tmp_path], check=True, timeout=60)
    fresh = {file.name: file.read_bytes() for file in (tmp_path / "f2p" / "v1").iterdir() if file.is_file()}
    committed = {
        file.name: file.read_bytes() for file in (ROOT / "f2p" / "v1").iterdir() if file.suffix in (".py", ".pyi")
    }
    assert sorted(fresh) == sorted(committed)
    stale = [name for name in fresh if fresh[name] != committed[name]]
    envoys = [_ours(folder / "deploy" / "envoy" / "f2p.binpb") for folder in (tmp_path, ROOT)]
    stale += [] if envoys[0] == envoys[1] else ["f2p.binpb"]
    assert not stale, "run `make gen`"


def test_package_names_and_imports() -> None:
    for file in FILES:
        assert file.package == "f2p.v1"
        assert file.GetOptions().csharp_namespace == "F2P.V1"
        assert all(imported.package == "f2p.v1" for imported in file.dependencies)


def test_no_field_is_optional_any_or_unsigned() -> None:
    for field in _fields():
        implicit = field.containing_oneof is not None and field.containing_oneof.name.startswith("_")
        assert not implicit, f"{field.full_name} is `optional`"
        assert field.message_type is None or field.message_type.file.package == "f2p.v1", field.full_name
        assert field.type not in UNSIGNED, field.full_name


def test_enums_begin_unspecified_and_carry_their_name() -> None:
    enums = list(_enums())
    assert enums
    for enum in enums:
        prefix = "".join(f"_{letter}" if letter.isupper() else letter for letter in enum.name).lstrip("_").upper()
        assert enum.values_by_number[0].name == f"{prefix}_UNSPECIFIED"
        assert all(value.name.startswith(f"{prefix}_") for value in enum.values)


def test_every_call_has_a_request_and_a_response_of_its_own() -> None:
    service = character_service_pb2.DESCRIPTOR.services_by_name["CharacterService"]
    calls = {call.name: (call.client_streaming, call.server_streaming) for call in service.methods}
    assert calls == {
        "CreateCharacter": (False, False),
        "StreamCreateCharacter": (False, True),
        "RefitCharacter": (False, False),
        "StreamRefitCharacter": (False, True),
        "CheckPhoto": (False, False),
        "RenderPreview": (False, False),
        "CompareParameters": (False, False),
        "MigrateCharacter": (False, False),
        "ShareCharacter": (False, False),
        "ReceiveCharacter": (False, False),
        "ExportCharacter": (False, False),
        "GetMesh": (False, False),
        "GetSchema": (False, False),
        "GetServerInfo": (False, False),
    }
    engines = engine_service_pb2.DESCRIPTOR.services_by_name["EngineService"]
    assert {call.name: call.server_streaming for call in engines.methods} == {
        "DescribeEngine": False,
        "SampleCharacters": False,
        "StreamRender": True,
    }
    for call in (*service.methods, *engines.methods):
        assert call.input_type.name == f"{call.name}Request"
        assert call.output_type.name == f"{call.name}Response"


def test_a_call_and_its_stream_ask_the_same() -> None:
    """Field by field: a client that changes from the one to the other has nothing to learn."""
    kinds = character_service_pb2.DESCRIPTOR.message_types_by_name
    for name in ("CreateCharacter", "RefitCharacter"):
        asked = [
            [(field.name, field.number, field.type) for field in kinds[f"{stream}{name}Request"].fields]
            for stream in ("", "Stream")
        ]
        assert asked[0] == asked[1]


def test_values_are_float32() -> None:
    for name in ("value", "engine_value"):
        assert character_pb2.ContinuousValue.DESCRIPTOR.fields_by_name[name].type == FieldDescriptor.TYPE_FLOAT


def test_the_reference_is_fresh_and_every_field_is_described(tmp_path: Path) -> None:
    page = tmp_path / "protocol.md"
    command = [sys.executable, ROOT / "scripts" / "generate_reference.py", page]
    subprocess.run(command, check=True, timeout=60)
    text = page.read_text("utf-8")
    assert text == (ROOT / "docs" / "protocol.md").read_text("utf-8"), "run `make gen`"
    bare = [line for line in text.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert [line for line in bare if "_UNSPECIFIED" not in line] == []
    assert all(f"| `{field.name}` | {field.number} |" in text for field in _fields())


def test_messages_are_declared_before_they_are_used() -> None:
    """Otherwise TurboLink's generator leaves fields out of Unreal's Blueprints."""
    for file in (character_pb2.DESCRIPTOR, character_service_pb2.DESCRIPTOR):
        proto = (ROOT / "proto" / file.name).read_text("utf-8")
        place = {name: proto.index(f" {name} {{") for name in (*file.message_types_by_name, *file.enum_types_by_name)}
        for message in file.message_types_by_name.values():
            for field in message.fields:
                used = field.message_type or field.enum_type
                if used is not None and used.file is file:
                    assert place[used.name] < place[message.name], f"{message.name}.{field.name}"
