"""Writes a .glb: meshes with sparse morph targets, materials, PNG textures. Nothing but numpy, Pillow and json."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
FLOAT, UINT = 5126, 5125


class Writer:
    """Collects materials and nodes; `save` writes them."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._json: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "examples/gltf/make_head.py"},
            "scene": 0,
        }
        for kind in ("nodes", "meshes", "materials", "textures", "images", "accessors", "bufferViews"):
            self._json[kind] = []

    def material(
        self,
        name: str,
        colour: tuple[float, float, float, float],
        picture: Array | None = None,
        rough: float = 0.6,
        alpha: str = "OPAQUE",
        both: bool = False,
    ) -> int:
        """A material of linear ``colour`` times ``picture`` (H, W, 3 or 4) uint8 sRGB; its number."""
        pbr: dict[str, Any] = {"baseColorFactor": list(colour), "metallicFactor": 0.0, "roughnessFactor": rough}
        if picture is not None:
            file = io.BytesIO()
            Image.fromarray(picture).save(file, "PNG")
            self._json["images"].append(
                {"bufferView": self._view(file.getvalue()), "mimeType": "image/png", "name": name}
            )
            self._json["textures"].append({"source": len(self._json["images"]) - 1})
            pbr["baseColorTexture"] = {"index": len(self._json["textures"]) - 1}
        self._json["materials"].append(
            {"name": name, "pbrMetallicRoughness": pbr, "alphaMode": alpha, "doubleSided": both}
        )
        return len(self._json["materials"]) - 1

    def node(
        self,
        name: str,
        material: int,
        points: Array,
        triangles: Array,
        uv: Array | None,
        targets: dict[str, Array],
        place: tuple[float, float, float],
    ) -> None:
        """A mesh (V, 3) at ``place``; ``targets`` name -> displacements (V, 3)."""
        attributes = {
            "POSITION": self._array(points, "VEC3", True),
            "NORMAL": self._array(_normals(points, triangles), "VEC3"),
        }
        if uv is not None:
            attributes["TEXCOORD_0"] = self._array(uv, "VEC2")
        moving = {k: d for k, d in targets.items() if np.abs(d).max() > 1e-6}
        primitive = {
            "attributes": attributes,
            "indices": self._array(triangles.ravel().astype(np.uint32), "SCALAR", kind=UINT),
            "material": material,
        }
        mesh: dict[str, Any] = {"name": name, "primitives": [primitive]}
        if moving:
            primitive["targets"] = [{"POSITION": self._sparse(d)} for d in moving.values()]
            mesh |= {"weights": [0.0] * len(moving), "extras": {"targetNames": list(moving)}}
        self._json["meshes"].append(mesh)
        self._json["nodes"].append({"name": name, "mesh": len(self._json["meshes"]) - 1, "translation": list(place)})

    def save(self, path: Path) -> None:
        nodes = list(range(len(self._json["nodes"])))
        content = {k: v for k, v in self._json.items() if v != []}
        content |= {"scenes": [{"nodes": nodes}], "buffers": [{"byteLength": len(self._data)}]}
        text = json.dumps(content).encode()
        text += b" " * (-len(text) % 4)
        data = bytes(self._data) + b"\0" * (-len(self._data) % 4)
        head = struct.pack("<III", 0x46546C67, 2, 28 + len(text) + len(data))
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(data), 0x004E4942) + data
        path.write_bytes(head + chunks)

    def _view(self, data: bytes) -> int:
        self._data += b"\0" * (-len(self._data) % 4)
        self._json["bufferViews"].append({"buffer": 0, "byteOffset": len(self._data), "byteLength": len(data)})
        self._data += data
        return len(self._json["bufferViews"]) - 1

    def _array(self, values: Array, shape: str, ends: bool = False, kind: int = FLOAT) -> int:
        values = np.ascontiguousarray(values, "<f4" if kind == FLOAT else "<u4")
        entry: dict[str, Any] = {
            "bufferView": self._view(values.tobytes()),
            "componentType": kind,
            "count": len(values),
            "type": shape,
        }
        if ends:
            entry |= {"min": values.min(0).tolist(), "max": values.max(0).tolist()}
        self._json["accessors"].append(entry)
        return len(self._json["accessors"]) - 1

    def _sparse(self, delta: Array) -> int:
        rows = np.flatnonzero(np.abs(delta).max(axis=1) > 1e-6)
        values = np.ascontiguousarray(delta[rows], "<f4")
        low, high = np.minimum(values.min(0), 0), np.maximum(values.max(0), 0)
        self._json["accessors"].append(
            {
                "componentType": FLOAT,
                "count": len(delta),
                "type": "VEC3",
                "min": low.tolist(),
                "max": high.tolist(),
                "sparse": {
                    "count": len(rows),
                    "indices": {"bufferView": self._view(rows.astype("<u4").tobytes()), "componentType": UINT},
                    "values": {"bufferView": self._view(values.tobytes())},
                },
            }
        )
        return len(self._json["accessors"]) - 1


def _normals(points: Array, triangles: Array) -> Array:
    """Unit normals (V, 3); vertices at one place share theirs."""
    _, place = np.unique(np.round(points * 1e5).astype(np.int64), axis=0, return_inverse=True)
    place = place.reshape(-1)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((place.max() + 1, 3))
    for k in range(3):
        np.add.at(total, place[triangles[:, k]], face)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return total[place]
