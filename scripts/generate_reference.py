"""Write docs/protocol.md from the comments in proto: `python scripts/generate_reference.py [FILE]` (`make gen`)."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
_TYPES = {
    FieldDescriptorProto.TYPE_DOUBLE: "double",
    FieldDescriptorProto.TYPE_FLOAT: "float",
    FieldDescriptorProto.TYPE_INT64: "int64",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
}
# Numbers of FileDescriptorProto's and its parts' fields, of which source paths are made.
_MESSAGE, _ENUM, _SERVICE, _FIELD, _VALUE, _METHOD = 4, 5, 6, 2, 2, 2

Path_ = tuple[int, ...]


def files() -> list[FileDescriptorProto]:
    """The protocol's files with their comments, the service first."""
    protos = sorted(str(path) for path in (ROOT / "proto" / "f2p" / "v1").glob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "set.binpb"
        options = [f"-I{ROOT / 'proto'}", "--include_source_info", f"--descriptor_set_out={output}"]
        if code := protoc.main(["protoc", *options, *protos]):
            raise SystemExit(code)
        found = FileDescriptorSet.FromString(output.read_bytes())
    return sorted(found.file, key=lambda file: not file.service)


def comments(file: FileDescriptorProto) -> dict[Path_, str]:
    """Source path -> the comment before it, on one line."""
    return {
        tuple(place.path): " ".join(place.leading_comments.split())
        for place in file.source_code_info.location
        if place.leading_comments
    }


def reference() -> str:
    """The page's text."""
    lines = [
        "# The protocol f2p.v1",
        "",
        "Written by `make gen` from the comments in `proto/f2p/v1`; [api.md](api.md) says how the calls are used.",
        "",
        "## Calls",
        "",
        "| call | request | answer | |",
        "|---|---|---|---|",
    ]
    pages = [(file, comments(file)) for file in files()]
    for file, told in pages:
        for s, service in enumerate(file.service):
            for m, method in enumerate(service.method):
                request, answer = (_short(name) for name in (method.input_type, method.output_type))
                answer = f"stream of {answer}" if method.server_streaming else answer
                about = told.get((_SERVICE, s, _METHOD, m), "")
                lines.append(f"| `{method.name}` | {request} | {answer} | {_cell(about)} |")
    lines += ["", "## Messages"]
    for file, told in pages:
        for number, message in enumerate(file.message_type):
            lines += _message(message, told, (_MESSAGE, number))
    lines += ["", "## Enums"]
    for file, told in pages:
        for number, enum in enumerate(file.enum_type):
            lines += _enum(enum, told, (_ENUM, number))
    return "\n".join(lines) + "\n"


def _message(message: DescriptorProto, told: dict[Path_, str], path: Path_) -> Iterator[str]:
    yield from ("", f"### {message.name}", "")
    if about := told.get(path):
        yield from (about, "")
    if not message.field:
        yield "No fields."
        return
    yield from ("| field | number | type | |", "|---|---|---|---|")
    for number, field in enumerate(message.field):
        kind = _short(field.type_name) if field.type_name else _TYPES[field.type]
        kind = f"list of {kind}" if field.label == FieldDescriptorProto.LABEL_REPEATED else kind
        about = told.get((*path, _FIELD, number), "")
        if field.HasField("oneof_index"):
            about = f"One of `{message.oneof_decl[field.oneof_index].name}`. {about}"
        yield f"| `{field.name}` | {field.number} | {kind} | {_cell(about)} |"


def _enum(enum: EnumDescriptorProto, told: dict[Path_, str], path: Path_) -> Iterator[str]:
    yield from ("", f"### {enum.name}", "")
    if about := told.get(path):
        yield from (about, "")
    yield from ("| value | number | |", "|---|---|---|")
    for number, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {_cell(told.get((*path, _VALUE, number), ''))} |"


def _short(name: str) -> str:
    return f"`{name.rpartition('.')[2]}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "protocol.md"
    target.write_text(reference(), encoding="utf-8")
