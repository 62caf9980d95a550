"""A glTF 2.0 file: its JSON, and its accessors as arrays (.glb, or .gltf with files beside it; sparse ones too).

Why own code: pygltflib reads the JSON but decodes no accessor and brings four packages; trimesh drops morph targets.
"""

from __future__ import annotations

import base64
import json
import struct
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from f2p.errors import EngineFailed

__all__ = ["Container", "refused"]

_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
_TYPES: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_MOST = 2**31
# What a file may require: extensions that change nothing for us, or that are read.
_KNOWN: Final = frozenset(
    {
        "KHR_materials_clearcoat", "KHR_materials_emissive_strength", "KHR_materials_ior", "KHR_materials_sheen",
        "KHR_materials_specular", "KHR_materials_transmission", "KHR_materials_unlit", "KHR_materials_volume",
        "KHR_mesh_quantization", "KHR_texture_transform", "VRM", "VRMC_vrm", "VRMC_springBone",
    }
)  # fmt: skip


def refused(path: Path, what: str, remedy: str) -> EngineFailed:
    """The error of a head's file: what is wrong with it, and what to do."""
    return EngineFailed(f"{path.name}: {what}", remedy)


class Container:
    """A file read whole.

    Attributes:
        path: the file.
        json: its JSON.

    Raises:
        EngineFailed: it cannot be read, is no glTF 2.0, or needs an extension that is not known.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            data = path.read_bytes()
        except OSError as error:
            raise refused(
                path, f"cannot be read: {error.strerror or error}.", "Give the path of a .glb file."
            ) from None
        self._binary = b""
        text = self._chunks(data) if data[:4] == b"glTF" else data
        try:
            self.json: dict[str, Any] = json.loads(text)
            version = str(self.json["asset"]["version"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise refused(path, "is no glTF file.", "Export the head as glTF 2.0 Binary (.glb).") from None
        if not version.startswith("2."):
            raise refused(path, f"is glTF {version}.", "Export the head as glTF 2.0.")
        unknown = sorted(set(self.json.get("extensionsRequired", ())) - _KNOWN)
        if unknown:
            raise refused(
                path,
                f"needs {', '.join(unknown)}, which is not read.",
                "Export it without mesh and texture compression (Draco, meshopt, KTX2).",
            )

    def entry(self, kind: str, index: object) -> dict[str, Any]:
        """Entry ``index`` of the list ``kind``; EngineFailed where there is none."""
        entries = self.json.get(kind, [])
        if not isinstance(index, int) or not 0 <= index < len(entries):
            raise refused(
                self.path, f"has no {kind}[{index}], which it names.", "The file is damaged: export it again."
            )
        found: dict[str, Any] = entries[index]
        return found

    def accessor(self, index: int) -> NDArray[Any]:
        """Values (N,) or (N, W) of an accessor in its own type; normalised integers as float32."""
        entry = self.entry("accessors", index)
        try:
            count, width, kind = int(entry["count"]), _WIDTHS[entry["type"]], np.dtype(_TYPES[entry["componentType"]])
            if not 0 <= count * width < _MOST:
                raise ValueError
            values = np.zeros((count, width), kind)
            if "bufferView" in entry:
                values = self._strided(entry["bufferView"], entry.get("byteOffset", 0), count, width, kind).copy()
            if "sparse" in entry:
                sparse = entry["sparse"]
                many, at, put = int(sparse["count"]), sparse["indices"], sparse["values"]
                where = np.dtype(_TYPES[at["componentType"]])
                rows = self._strided(at["bufferView"], at.get("byteOffset", 0), many, 1, where)[:, 0]
                values[rows] = self._strided(put["bufferView"], put.get("byteOffset", 0), many, width, kind)
        except (KeyError, ValueError, TypeError, IndexError):
            raise refused(
                self.path, f"accessor {index} reaches beyond its data.", "The file is damaged: export it again."
            ) from None
        if entry.get("normalized") and kind.kind in "iu":
            values = np.maximum(values.astype(np.float32) / np.float32(np.iinfo(kind).max), np.float32(-1))
        return values[:, 0] if width == 1 else values

    def view(self, index: object) -> bytes:
        """The bytes of a buffer view."""
        entry = self.entry("bufferViews", index)
        start = int(entry.get("byteOffset", 0))
        return self._buffers[int(entry["buffer"])][start : start + int(entry["byteLength"])]

    def file(self, uri: str) -> bytes:
        """The bytes that a ``uri`` names: a data URI, or a file beside this one."""
        if uri.startswith("data:"):
            return base64.b64decode(uri.partition(",")[2])
        path = (self.path.parent / unquote(uri)).resolve()
        if not path.is_relative_to(self.path.parent.resolve()):
            raise refused(self.path, f"names {uri}, outside of its folder.", "Export it as one .glb file.")
        try:
            return path.read_bytes()
        except OSError:
            raise refused(self.path, f"needs {uri}, which is not beside it.", "Export it as one .glb file.") from None

    @cached_property
    def _buffers(self) -> list[bytes]:
        return [self.file(b["uri"]) if "uri" in b else self._binary for b in self.json.get("buffers", [])]

    def _strided(self, view: int, offset: int, count: int, width: int, kind: np.dtype[Any]) -> NDArray[Any]:
        entry = self.entry("bufferViews", view)
        row = width * kind.itemsize
        stride = int(entry.get("byteStride", row))
        data = self.view(view)
        return np.ndarray((count, width), kind, data, offset, (stride, kind.itemsize))

    def _chunks(self, data: bytes) -> bytes:
        """The JSON chunk; the binary one is kept."""
        text, at = b"", 12
        while at + 8 <= len(data):
            length, kind = struct.unpack_from("<II", data, at)
            body = data[at + 8 : at + 8 + length]
            if kind == _JSON:
                text = body
            elif kind == _BIN and not self._binary:
                self._binary = body
            at += 8 + length
        if len(data) < 12 or struct.unpack_from("<I", data, 8)[0] > len(data):
            raise refused(self.path, "ends too early.", "Copy or export it again.")
        return text
