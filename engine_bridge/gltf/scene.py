"""The drawable parts of a glTF scene: meshes in world space at rest, with their morph targets and materials."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_bridge.gltf.container import Container, refused

__all__ = ["Floats", "Material", "Part", "Scene", "read_scene"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
_STILL = 1e-7  # share of a part's extent below which a target moves nothing


@dataclass(frozen=True, eq=False)
class Material:
    """A material: ``factor`` (4,) linear RGBA, ``texture`` (H, W, 4) uint8 sRGB or None, ``alpha`` "OPAQUE", "MASK" or
    "BLEND" with ``cutoff``, ``metallic`` and ``rough`` 0..1."""

    name: str
    factor: NDArray[np.float64]
    texture: NDArray[np.uint8] | None
    texcoord: int
    metallic: float
    rough: float
    alpha: str
    cutoff: float
    double_sided: bool


@dataclass(frozen=True, eq=False)
class Part:
    """A primitive of a node.

    Attributes:
        path: the names of the node and its parents, the outermost first.
        material: its number in `Scene.materials`.
        points: (V, 3) at rest, in the file's units; normals (V, 3) or None; uv (V, 2) or None.
        triangles: (T, 3), counter-clockwise seen from outside.
        targets: name -> (rows (N,), displacements (N, 3)).
    """

    path: tuple[str, ...]
    material: int
    points: Floats
    normals: Floats | None
    uv: Floats | None
    colours: Floats | None
    triangles: Ints
    targets: dict[str, tuple[Ints, Floats]]

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, eq=False)
class Scene:
    """A whole file: its parts in the file's order; ``rest`` the weight that each target has in the file."""

    path: Path
    parts: tuple[Part, ...]
    materials: tuple[Material, ...]
    rest: dict[str, float]

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all targets, in the order of first appearance."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.targets))


def read_scene(path: Path) -> Scene:
    """Read a .glb or .gltf file.

    Raises:
        EngineFailed: it is no glTF 2.0 file, is damaged, or holds no mesh.
    """
    file = Container(path)
    materials = tuple(_material(file, entry) for entry in file.json.get("materials", []))
    default = Material("default", np.ones(4), None, 0, 0.0, 0.6, "OPAQUE", 0.5, False)
    places = _places(file)
    parts: list[Part] = []
    rest: dict[str, float] = {}
    for node, names in _drawn(file):
        entry = file.entry("nodes", node)
        mesh = file.entry("meshes", entry["mesh"])
        targets = _target_names(mesh)
        rest |= dict(zip(targets, entry.get("weights", mesh.get("weights", [])), strict=False))
        for primitive in mesh["primitives"]:
            if primitive.get("mode", 4) == 4 and "POSITION" in primitive["attributes"]:
                parts.append(_part(file, primitive, names, targets, places, node, materials))
    if not parts:
        raise refused(path, "holds no mesh of triangles.", "Export the head's meshes with it.")
    return Scene(path, tuple(parts), (*materials, default), {k: float(v) for k, v in rest.items() if v})


def _drawn(file: Container) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The nodes with a mesh, depth first, with their names and their parents'."""
    scenes = file.json.get("scenes", [])
    nodes = file.json.get("nodes", [])
    roots = file.entry("scenes", file.json.get("scene", 0)).get("nodes", []) if scenes else list(range(len(nodes)))
    stack: list[tuple[int, tuple[str, ...]]] = [(n, ()) for n in reversed(roots)]
    seen: set[int] = set()
    while stack:
        node, above = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        entry = file.entry("nodes", node)
        name = str(entry.get("name") or "")
        if not name and "mesh" in entry:
            name = str(file.entry("meshes", entry["mesh"]).get("name") or "")
        names = (*above, name or f"node{node}")
        if "mesh" in entry:
            yield node, names
        stack.extend((child, names) for child in reversed(entry.get("children", [])))


def _places(file: Container) -> dict[int, NDArray[np.float64]]:
    """The matrix (4, 4), for column vectors, that takes each node into the world."""
    nodes = file.json.get("nodes", [])
    parents = {child: n for n, entry in enumerate(nodes) for child in entry.get("children", [])}
    out: dict[int, NDArray[np.float64]] = {}

    def place(node: int, depth: int) -> NDArray[np.float64]:
        if node not in out:
            if depth > len(nodes):
                raise refused(file.path, "its nodes go round in a circle.", "The file is damaged: export it again.")
            own = _matrix(file.entry("nodes", node))
            out[node] = place(parents[node], depth + 1) @ own if node in parents else own
        return out[node]

    for node in range(len(nodes)):
        place(node, 0)
    return out


def _matrix(entry: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in entry:
        return np.array(entry["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = (float(v) for v in entry.get("rotation", (0, 0, 0, 1)))
    scale = 1 / math.sqrt(x * x + y * y + z * z + w * w) if x or y or z or w else 0.0
    x, y, z, w = x * scale, y * scale, z * scale, w * scale
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    out = np.eye(4)
    out[:3, :3] = turn * np.array(entry.get("scale", (1, 1, 1)), np.float64)
    out[:3, 3] = entry.get("translation", (0, 0, 0))
    return out


def _target_names(mesh: dict[str, Any]) -> list[str]:
    primitives = mesh["primitives"]
    many = max((len(p.get("targets", ())) for p in primitives), default=0)
    named = (
        (mesh.get("extras") or {}).get("targetNames") or (primitives[0].get("extras") or {}).get("targetNames") or []
    )
    names = [str(name) for name in named][:many]
    return names + [f"{mesh.get('name') or 'mesh'}_{k}" for k in range(len(names), many)]


def _part(
    file: Container,
    primitive: dict[str, Any],
    names: tuple[str, ...],
    targets: list[str],
    places: dict[int, NDArray[np.float64]],
    node: int,
    materials: tuple[Material, ...],
) -> Part:
    attributes = primitive["attributes"]
    local = file.accessor(attributes["POSITION"]).astype(np.float64)
    matrices = _skinned(file, node, attributes, len(local), places)
    points = _applied(matrices, local) + matrices[:, :3, 3]
    index = file.accessor(primitive["indices"]) if "indices" in primitive else np.arange(len(local))
    triangles = index[: len(index) // 3 * 3].reshape(-1, 3).astype(np.int32)
    if triangles.size and triangles.max() >= len(local):
        raise refused(file.path, f"'{names[-1]}' has a corner that is not there.", "Export the file again.")
    if len(matrices) and np.linalg.det(matrices[0, :3, :3]) < 0:
        triangles = triangles[:, ::-1]
    normals = None
    if "NORMAL" in attributes:
        turned = _applied(matrices, file.accessor(attributes["NORMAL"]).astype(np.float64))
        normals = (turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    material = primitive.get("material", len(materials))
    texcoord = materials[material].texcoord if material < len(materials) else 0
    uv = file.accessor(attributes[f"TEXCOORD_{texcoord}"]) if f"TEXCOORD_{texcoord}" in attributes else None
    colours = file.accessor(attributes["COLOR_0"]).astype(np.float32) if "COLOR_0" in attributes else None
    extent = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    moved: dict[str, tuple[Ints, Floats]] = {}
    for name, target in zip(targets, primitive.get("targets", ()), strict=False):
        if "POSITION" not in target:
            continue
        delta = file.accessor(target["POSITION"]).astype(np.float64)
        if len(delta) != len(local):
            raise refused(file.path, f"target '{name}' has another number of points than its mesh.", "Export it again.")
        delta = _applied(matrices, delta)
        rows = np.flatnonzero(np.abs(delta).max(axis=1) > _STILL * extent)
        if len(rows):
            moved[name] = rows.astype(np.int32), delta[rows].astype(np.float32)
    return Part(
        names,
        material,
        points.astype(np.float32),
        normals,
        None if uv is None else uv[:, :2].astype(np.float32),
        None if colours is None else np.ascontiguousarray(colours[:, :3]),
        np.ascontiguousarray(triangles),
        moved,
    )


def _applied(matrices: NDArray[np.float64], vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each vector (N, 3) by its matrix (N, 4, 4), translation left out; term by term, since sums that a library
    arranges for a processor differ in their last bits."""
    rows = [
        matrices[:, i, 0] * vectors[:, 0] + matrices[:, i, 1] * vectors[:, 1] + matrices[:, i, 2] * vectors[:, 2]
        for i in range(3)
    ]
    return np.stack(rows, axis=1)


def _skinned(
    file: Container, node: int, attributes: dict[str, int], count: int, places: dict[int, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The matrix (V, 4, 4) of every point: its node's, or, of a skinned mesh, the mean of its joints' at rest."""
    entry = file.entry("nodes", node)
    if "skin" not in entry or "JOINTS_0" not in attributes:
        return np.broadcast_to(places[node], (count, 4, 4))
    skin = file.entry("skins", entry["skin"])
    joints = np.stack([places[j] for j in skin["joints"]])
    if "inverseBindMatrices" in skin:
        bound = file.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1).astype(np.float64)
        joints = joints @ bound[: len(joints)]
    out = np.zeros((count, 4, 4))
    for k in range(2):
        if f"JOINTS_{k}" in attributes:
            who, share = file.accessor(attributes[f"JOINTS_{k}"]), file.accessor(attributes[f"WEIGHTS_{k}"])
            for c in range(4):
                out += joints[who[:, c].astype(int)] * share[:, c].astype(np.float64)[:, None, None]
    total = np.maximum(out[:, 3, 3], 1e-9)
    return out / total[:, None, None]


def _material(file: Container, entry: dict[str, Any]) -> Material:
    pbr = entry.get("pbrMetallicRoughness", {})
    named = pbr.get("baseColorTexture")
    legacy = entry.get("extensions", {}).get("KHR_materials_pbrSpecularGlossiness", {})
    factor = np.array(pbr.get("baseColorFactor", legacy.get("diffuseFactor", (1, 1, 1, 1))), np.float64)
    named = named or legacy.get("diffuseTexture")
    return Material(
        str(entry.get("name") or f"material{file.json['materials'].index(entry)}"),
        factor,
        None if named is None else _texture(file, named["index"]),
        0 if named is None else int(named.get("texCoord", 0)),
        float(pbr.get("metallicFactor", 0.0 if legacy else 1.0)) if "metallicRoughnessTexture" not in pbr else 0.0,
        float(pbr.get("roughnessFactor", 1.0)),
        str(entry.get("alphaMode", "OPAQUE")),
        float(entry.get("alphaCutoff", 0.5)),
        bool(entry.get("doubleSided", False)),
    )


def _texture(file: Container, index: int) -> NDArray[np.uint8]:
    texture = file.entry("textures", index)
    webp = texture.get("extensions", {}).get("EXT_texture_webp", {})
    image = file.entry("images", webp.get("source", texture.get("source")))
    data = file.view(image["bufferView"]) if "bufferView" in image else file.file(image.get("uri", ""))
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return np.asarray(opened.convert("RGBA"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise refused(
            file.path, f"a texture cannot be read: {error}.", "Export textures as PNG, JPEG or WebP."
        ) from None
