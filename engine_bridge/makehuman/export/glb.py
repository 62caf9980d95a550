"""glTF 2.0 binary, written by hand: JSON, a buffer, and nothing else (Khronos, glTF 2.0 specification, section 4)."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAY, ELEMENTS = 34962, 34963  # what a view of the buffer is for: vertices, indices
_TYPES = {
    np.dtype(np.int8): 5120,
    np.dtype(np.uint8): 5121,
    np.dtype(np.int16): 5122,
    np.dtype(np.uint16): 5123,
    np.dtype(np.uint32): 5125,
    np.dtype(np.float32): 5126,
}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}

Array = NDArray[Any]


class Glb:
    """A file while it is put together: add things, each of which gives its number, then take `to_bytes`."""

    def __init__(self, generator: str) -> None:
        self.json: dict[str, Any] = {"asset": {"version": "2.0", "generator": generator}}
        self._blob = bytearray()

    def add(self, kind: str, **what: Any) -> int:
        """Add to the list ``kind`` (nodes, meshes, materials, ...) what is not None; its number there."""
        entries = self.json.setdefault(kind, [])
        entries.append({key: value for key, value in what.items() if value is not None})
        return len(entries) - 1

    def need(self, extension: str, *, required: bool) -> None:
        """Say that ``extension`` is used."""
        for kind in ("extensionsUsed", "extensionsRequired") if required else ("extensionsUsed",):
            if extension not in self.json.setdefault(kind, []):
                self.json[kind].append(extension)

    def view(self, data: bytes, target: int | None = None, stride: int | None = None) -> int:
        """Bytes as a view of the buffer."""
        self._blob.extend(b"\0" * (-len(self._blob) % 4))
        start = len(self._blob)
        self._blob.extend(data)
        return self.add(
            "bufferViews", buffer=0, byteOffset=start, byteLength=len(data), byteStride=stride, target=target
        )

    def vertices(self, values: Array, *, bounds: bool = False, normalized: bool = False) -> int:
        """A vertex attribute (N,) or (N, C); every vertex begins at a multiple of 4 bytes."""
        table = np.ascontiguousarray(values.reshape(len(values), -1))
        wide = table.shape[1] * table.itemsize
        stride = -(-wide // 4) * 4
        if stride == wide:
            view = self.view(table.tobytes(), ARRAY)
        else:
            padded = np.zeros((len(table), stride), np.uint8)
            padded[:, :wide] = table.view(np.uint8)
            view = self.view(padded.tobytes(), ARRAY, stride)
        return self._accessor(table, bufferView=view, bounds=bounds, normalized=normalized)

    def indices(self, triangles: Array) -> int:
        """Vertex numbers (T, 3), in as few bytes as they need."""
        flat = triangles.reshape(-1)
        flat = flat.astype(np.uint16 if flat.max() < 65535 else np.uint32)
        return self._accessor(flat[:, None], bufferView=self.view(flat.tobytes(), ELEMENTS))

    def matrices(self, values: Array) -> int:
        """Matrices (N, 16), column by column."""
        return self._accessor(values, bufferView=self.view(np.ascontiguousarray(values).tobytes()))

    def sparse(self, count: int, rows: Array, values: Array, *, bounds: bool = False, normalized: bool = False) -> int:
        """``count`` vectors that are 0 but for ``rows`` (K,), rising, where they are ``values`` (K, C)."""
        if not len(rows):
            zero = np.zeros((1, values.shape[1]), values.dtype)
            return self._accessor(zero, count=count, bounds=bounds, normalized=normalized)
        few = rows.astype(np.uint16 if count < 65535 else np.uint32)
        entry = {
            "count": len(rows),
            "indices": {"bufferView": self.view(few.tobytes()), "componentType": _TYPES[few.dtype]},
            "values": {"bufferView": self.view(np.ascontiguousarray(values).tobytes())},
        }
        full = values if len(rows) == count else np.concatenate([values, np.zeros((1, values.shape[1]), values.dtype)])
        return self._accessor(full, count=count, sparse=entry, bounds=bounds, normalized=normalized)

    def texture(self, data: bytes, kind: str, name: str) -> int:
        """A texture of an encoded image, ``kind`` jpeg or png."""
        if "samplers" not in self.json:
            self.add("samplers", magFilter=9729, minFilter=9987)  # linear, with mipmaps
        image = self.add("images", bufferView=self.view(data), mimeType=f"image/{kind}", name=name)
        return self.add("textures", source=image, sampler=0)

    def _accessor(
        self, table: Array, *, count: int | None = None, bounds: bool = False, normalized: bool = False, **where: Any
    ) -> int:
        limits = {"min": table.min(axis=0).tolist(), "max": table.max(axis=0).tolist()} if bounds else {}
        return self.add(
            "accessors",
            componentType=_TYPES[table.dtype],
            count=len(table) if count is None else count,
            type=_SHAPES[table.shape[1]],
            normalized=normalized or None,
            **limits,
            **where,
        )

    def to_bytes(self) -> bytes:
        """The file."""
        self._blob.extend(b"\0" * (-len(self._blob) % 4))
        text = json.dumps({**self.json, "buffers": [{"byteLength": len(self._blob)}]}, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        head = struct.pack("<III", 0x46546C67, 2, 12 + 8 + len(text) + 8 + len(self._blob))
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text, struct.pack("<II", len(self._blob), 0x004E4942)
        return head + b"".join(chunks) + bytes(self._blob)
