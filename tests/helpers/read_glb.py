"""A small reader of glTF binary, for tests: what a file holds, as numpy arrays."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class GlbReader:
    """The file ``data``; asserts that its two chunks fill it."""

    def __init__(self, data: bytes) -> None:
        magic, version, total = struct.unpack_from("<4sII", data)
        assert (magic, version, total) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        assert size % 4 == 0
        self.json: dict[str, Any] = json.loads(data[20 : 20 + size])
        binary, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert kind == b"BIN\0"
        assert 28 + size + binary == total
        self._blob = data[28 + size :]
        assert self.json["buffers"] == [{"byteLength": binary}]

    def view(self, number: int) -> bytes:
        """The bytes of a view of the buffer."""
        view = self.json["bufferViews"][number]
        start = view.get("byteOffset", 0)
        assert start + view["byteLength"] <= len(self._blob)
        return self._blob[start : start + view["byteLength"]]

    def array(self, number: int) -> NDArray[Any]:
        """The values (N, C) of an accessor, as floats in -1..1 where it is normalised."""
        accessor = self.json["accessors"][number]
        kind, wide = KINDS[accessor["componentType"]], WIDTHS[accessor["type"]]
        out = np.zeros((accessor["count"], wide), kind)
        if "bufferView" in accessor:
            view = self.json["bufferViews"][accessor["bufferView"]]
            raw = np.frombuffer(self.view(accessor["bufferView"]), np.uint8)
            stride = view.get("byteStride", wide * kind.itemsize)
            rows = np.lib.stride_tricks.as_strided(raw, (len(out), wide * kind.itemsize), (stride, 1))
            out = np.ascontiguousarray(rows).view(kind)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            rows = np.frombuffer(self.view(sparse["indices"]["bufferView"]), KINDS[sparse["indices"]["componentType"]])
            assert (np.diff(rows.astype(int)) > 0).all()
            values = np.frombuffer(self.view(sparse["values"]["bufferView"]), kind).reshape(-1, wide)
            assert len(rows) == len(values) == sparse["count"]
            out = out.copy()
            out[rows] = values
        if "min" in accessor:
            assert out.min(axis=0).tolist() == accessor["min"]
            assert out.max(axis=0).tolist() == accessor["max"]
        if accessor.get("normalized"):
            return np.maximum(out.astype(np.float64) / np.iinfo(kind).max, -1.0)
        return out

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """The only entry of that name in the list ``kind``."""
        (found,) = (entry for entry in self.json[kind] if entry.get("name") == name)
        return dict(found)

    def primitive(self, mesh: str, material: str) -> dict[str, Any]:
        """The primitive of a mesh that has the material of that name."""
        wanted = [m["name"] for m in self.json["materials"]].index(material)
        (found,) = (p for p in self.named("meshes", mesh)["primitives"] if p["material"] == wanted)
        return dict(found)
