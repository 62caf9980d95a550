"""Export the CC0 MakeHuman head as a glTF file with morph targets: `python export_head.py head.glb skin_labels.png`.

Stands in for the head that an artist exports from a modelling program: a mesh "Head" with a painted skin, eyes, mouth
and teeth, three meshes of hair, and 33 shapes and 6 expressions as morph targets. Godot 3 skips negative weights, so
each shape has a second target, NAME-, for its other direction. skin_labels.png is the skin's texture once more, in the
colours of the regions (f2p.regions.PALETTE): what makes label maps.
"""

from __future__ import annotations

import io
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

from engine_bridge.makehuman.core import mesh
from engine_bridge.makehuman.core.camera import project
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.face import head as mh
from f2p.engines.protocol import FRONTAL
from f2p.regions import PALETTE, index

# fmt: off
SHAPES = (
    "head_width", "head_height", "head_square", "head_oval", "forehead_height", "brow_ridge", "eye_size",
    "eye_spacing", "eye_open_middle", "eye_outer_corner", "eye_fold_height", "nose_length", "nose_width",
    "nose_width_upper", "nose_hump", "nose_tip_height", "nose_depth", "cheek_bones", "cheek_volume",
    "mouth_width", "mouth_height", "mouth_upper_volume", "mouth_lower_volume", "mouth_corners", "jaw_bones",
    "jaw_drop", "chin_height", "chin_width", "chin_triangle", "ear_size", "weight", "sex", "age",
)
# fmt: on
EXPRESSIONS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp")
TEXTURE = 1024
WIDTH, TOP, HEIGHT = 4.0, 1.1, 3.4
"""What the skin's texture covers, seen from the front: x in [-2, 2], y from 1.1 down."""
HAIR = {"HairShort": (0.05, 0.0), "HairFull": (0.16, 0.0), "HairLong": (0.12, 1.2)}
"""How far each stands off the scalp, and how much it hangs down behind."""

Points = np.ndarray


class Glb:
    """A glTF file in the making."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.document: dict[str, list[object]] = {
            key: [] for key in ("bufferViews", "accessors", "images", "textures", "materials", "meshes", "nodes")
        }

    def view(self, content: bytes) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        entry = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(content)}
        self.data += content
        return self._add("bufferViews", entry)

    def accessor(self, array: np.ndarray, bounds: bool = False) -> int:
        kind = {1: "SCALAR", 2: "VEC2", 3: "VEC3"}[1 if array.ndim == 1 else array.shape[1]]
        number = {"float32": 5126, "uint16": 5123}[str(array.dtype)]
        entry = {"bufferView": self.view(array.tobytes()), "componentType": number, "count": len(array), "type": kind}
        if bounds:
            entry |= {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        return self._add("accessors", entry)

    def material(self, name: str, colour: tuple[int, int, int] | None = None, picture: np.ndarray | None = None) -> int:
        look: dict[str, object] = {"metallicFactor": 0.0, "roughnessFactor": 0.6}
        if picture is not None:
            image = self._add("images", {"bufferView": self.view(png(picture)), "mimeType": "image/png"})
            look["baseColorTexture"] = {"index": self._add("textures", {"source": image})}
        elif colour is not None:
            look["baseColorFactor"] = [*((level / 255) ** 2.2 for level in colour), 1.0]
        return self._add("materials", {"name": name, "pbrMetallicRoughness": look})

    def mesh(
        self,
        name: str,
        parts: list[tuple[int, np.ndarray]],
        points: Points,
        uv: np.ndarray,
        targets: dict[str, Points],
        normals: Callable[[Points], Points],
    ) -> None:
        primitives = []
        bent = {target: (normals(points + by) - normals(points)).astype(np.float32) for target, by in targets.items()}
        straight = normals(points).astype(np.float32)
        for material, triangles in parts:
            used, corners = np.unique(triangles, return_inverse=True)
            place = {
                "POSITION": self.accessor(points[used].astype(np.float32), bounds=True),
                "NORMAL": self.accessor(straight[used]),
                "TEXCOORD_0": self.accessor(uv[used]),
            }
            moved = [
                {"POSITION": self.accessor(by[used], bounds=True), "NORMAL": self.accessor(bent[target][used])}
                for target, by in targets.items()
            ]
            indices = self.accessor(corners.reshape(-1).astype(np.uint16))
            primitives.append({"attributes": place, "indices": indices, "material": material, "targets": moved})
        entry = {
            "name": name,
            "primitives": primitives,
            "weights": [0.0] * len(targets),
            "extras": {"targetNames": list(targets)},
        }
        self._add("nodes", {"name": name, "mesh": self._add("meshes", entry)})

    def write(self, path: Path) -> None:
        self.data += b"\0" * (-len(self.data) % 4)
        whole = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": list(range(len(self.document["nodes"])))}],
            "buffers": [{"byteLength": len(self.data)}],
            **self.document,
        }
        text = json.dumps(whole).encode()
        text += b" " * (-len(text) % 4)
        parts = (
            struct.pack("<II", len(text), 0x4E4F534A)
            + text
            + struct.pack("<II", len(self.data), 0x004E4942)
            + self.data
        )
        path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(parts)) + parts)

    def _add(self, key: str, entry: object) -> int:
        self.document[key].append(entry)
        return len(self.document[key]) - 1


def png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def skin_textures(head: mh.Head, base: Points) -> tuple[np.ndarray, np.ndarray]:
    """Colour and labels (1024, 1024, 3) of the skin: the label map that the reference engine draws of the neutral head,
    projected back on to it, and a colour for each region."""
    normals = mesh.normals(base, head.quads)
    front = np.unique(head.cage_triangles[head.cage_part == mh.SKIN])
    front = front[(base[front, 2] > -0.6) & (normals[front, 2] > -0.05)]
    rows, columns = np.mgrid[0:TEXTURE, 0:TEXTURE]
    x, y = (columns + 0.5) / TEXTURE * WIDTH - WIDTH / 2, TOP - (rows + 0.5) / TEXTURE * HEIGHT

    def spread(values: np.ndarray) -> np.ndarray:
        inside = LinearNDInterpolator(base[front, :2], values[front])(x, y)
        hole = np.isnan(inside)
        inside[hole] = NearestNDInterpolator(base[front, :2], values[front])(x, y)[hole]
        return inside.astype(np.float32)

    engine = MakeHumanEngine()
    look = engine.schema.complete({"hair_style": "bald", "brow_style": "soft_arched"})
    seen = engine.renderer.render({}, look, TEXTURE, FRONTAL).labels  # no weights: the mesh as it is
    points = np.stack([x, y, spread(base[:, 2])], -1).reshape(-1, 3).astype(np.float32)
    place = np.floor(project(points, TEXTURE)[:, 1::-1]).astype(int)
    outside = ((place < 0) | (place >= TEXTURE)).any(axis=1)
    labels = seen[tuple(np.clip(place, 0, TEXTURE - 1).T)]
    labels[outside] = index("neck")
    # The skin goes on behind the lids and the lips.
    labels[np.isin(labels, [index(name) for name in ("background", "eyes", "teeth", "inner_mouth")])] = index("skin")
    labels = labels.reshape(TEXTURE, TEXTURE)
    colour = np.full((TEXTURE, TEXTURE, 3), (224, 172, 145), np.float32)
    colour[np.isin(labels, [index("upper_lip"), index("lower_lip")])] = (176, 88, 84)
    colour[labels == index("brows")] = (60, 40, 28)
    lid = spread(head.cage_fields["lid"])
    lash = 0.8 * (np.clip((0.014 - lid) / 0.012, 0, 1) * (np.abs(x) < 0.6))[..., None]
    colour = colour * (1 - lash) + np.array([20, 15, 12]) * lash
    return colour.clip(0, 255).astype(np.uint8), PALETTE[labels]


def eyes(head: mh.Head, base: Points) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of both irises, and of what is white."""
    iris, white = [], []
    for part, number in ((mh.LEFT_EYE, 0), (mh.RIGHT_EYE, 1)):
        triangles, ball = head.cage_triangles[head.cage_part == part], base[head.eyes[number]]
        middle = ball.mean(0)
        away = base[triangles].mean(1) - middle
        inner = (np.linalg.norm(away[:, :2], axis=1) < 0.5 * np.linalg.norm(ball - middle, axis=1).max()) & (
            away[:, 2] > 0
        )
        iris.append(triangles[inner])
        white.append(triangles[~inner])
    return np.concatenate(iris), np.concatenate(white)


def scalp(head: mh.Head, base: Points) -> np.ndarray:
    """Triangles under hair."""
    middle, free = base[head.cage_triangles].mean(1), head.cage_fields["ear"][head.cage_triangles].max(1) < -0.03
    above = middle[:, 1] > 0.62 - 0.35 * (middle[:, 2] < -0.2) - 0.6 * (middle[:, 2] < -0.6)
    behind = (middle[:, 2] < -0.55) & (middle[:, 1] > -0.6)
    return head.cage_triangles[(head.cage_part == mh.SKIN) & free & (above | behind)]


def main(glb: Path, labels: Path) -> None:
    head = mh.load_head()
    base = head.shape({})

    def normals(points: Points) -> Points:
        found: Points = mesh.normals(points.astype(np.float32), head.quads)
        return found

    targets = {name: (head.shape({name: 1.0}) - base).astype(np.float32) for name in SHAPES + EXPRESSIONS}
    targets |= {f"{name}-": -targets[name] for name in SHAPES}
    uv = np.stack([(base[:, 0] + WIDTH / 2) / WIDTH, (TOP - base[:, 1]) / HEIGHT], 1).astype(np.float32)
    colour, painted = skin_textures(head, base)
    Image.fromarray(painted).save(labels)
    out = Glb()
    iris, white = eyes(head, base)
    part, triangles = head.cage_part, head.cage_triangles
    inside = triangles[(part == mh.MOUTH) | (part == mh.TONGUE)]
    teeth = triangles[(part == mh.UPPER_TEETH) | (part == mh.LOWER_TEETH)]
    parts = [
        (out.material("skin", picture=colour), triangles[part == mh.SKIN]),
        (out.material("eyes", (235, 232, 228)), white),
        (out.material("iris", (60, 40, 25)), iris),
        (out.material("inner_mouth", (90, 30, 30)), inside),
        (out.material("teeth", (230, 225, 210)), teeth),
    ]
    out.mesh("Head", parts, base, uv, targets, normals)
    hair, under, outwards = out.material("hair", (62, 40, 26)), scalp(head, base), normals(base)
    for name, (off, drop) in HAIR.items():
        points = base + outwards * off
        behind = base[:, 2] < -0.3
        points[behind, 1] -= np.clip(0.6 - base[behind, 1], 0, 2) * drop
        out.mesh(name, [(hair, under)], points, uv, targets, normals)
    out.write(glb)
    print(f"{glb}: {glb.stat().st_size / 1e6:.0f} MB, {len(targets)} morph targets")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
