"""A small .glb: any meshes with sparse or dense morph targets, written without help of what reads it."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]], np.uint16)


class TinyGlb:
    """Collects buffer views, accessors and what refers to them; `json` may be changed before `save`."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": []}]}
        for kind in ("nodes", "meshes", "accessors", "bufferViews"):
            self.json[kind] = []

    def view(self, data: bytes, stride: int = 0) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        entry = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.json["bufferViews"].append(entry | ({"byteStride": stride} if stride else {}))
        self.data += data
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: np.ndarray, shape: str, component: int, **more: Any) -> int:
        entry = {
            "bufferView": self.view(values.tobytes()),
            "componentType": component,
            "count": len(values),
            "type": shape,
        }
        self.json["accessors"].append(entry | more)
        return len(self.json["accessors"]) - 1

    def sparse(self, count: int, rows: list[int], values: list[list[float]]) -> int:
        entry = {
            "componentType": 5126,
            "count": count,
            "type": "VEC3",
            "sparse": {
                "count": len(rows),
                "indices": {"bufferView": self.view(np.array(rows, np.uint16).tobytes()), "componentType": 5123},
                "values": {"bufferView": self.view(np.array(values, np.float32).tobytes())},
            },
        }
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def texture(self, pixels: np.ndarray, name: str) -> int:
        """A material that has a picture; its number."""
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        self.json.setdefault("images", []).append({"bufferView": self.view(file.getvalue()), "mimeType": "image/png"})
        self.json.setdefault("textures", []).append({"source": len(self.json["images"]) - 1})
        return self.material(name, baseColorTexture={"index": len(self.json["textures"]) - 1})

    def material(self, name: str, **pbr: Any) -> int:
        self.json.setdefault("materials", []).append({"name": name, "pbrMetallicRoughness": pbr})
        return len(self.json["materials"]) - 1

    def node(
        self,
        name: str,
        points: np.ndarray = SQUARE,
        triangles: np.ndarray = TRIANGLES,
        targets: dict[str, int] | None = None,
        material: int | None = None,
        **more: Any,
    ) -> int:
        """A node with a mesh of its own; ``targets`` name -> accessor of displacements."""
        primitive: dict[str, Any] = {
            "attributes": {"POSITION": self.accessor(points.astype(np.float32), "VEC3", 5126)},
            "indices": self.accessor(triangles.ravel().astype(np.uint16), "SCALAR", 5123),
        }
        if material is not None:
            primitive["material"] = material
        mesh: dict[str, Any] = {"name": name, "primitives": [primitive]}
        if targets:
            primitive["targets"] = [{"POSITION": a} for a in targets.values()]
            mesh["extras"] = {"targetNames": list(targets)}
        self.json["meshes"].append(mesh)
        self.json["nodes"].append({"name": name, "mesh": len(self.json["meshes"]) - 1} | more)
        self.json["scenes"][0]["nodes"].append(len(self.json["nodes"]) - 1)
        return len(self.json["nodes"]) - 1

    def save(self, path: Path) -> Path:
        self.json["buffers"] = [{"byteLength": len(self.data)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        data = bytes(self.data) + b"\0" * (-len(self.data) % 4)
        path.write_bytes(
            struct.pack("<III", 0x46546C67, 2, 28 + len(text) + len(data))
            + struct.pack("<II", len(text), 0x4E4F534A)
            + text
            + struct.pack("<II", len(data), 0x004E4942)
            + data
        )
        return path
