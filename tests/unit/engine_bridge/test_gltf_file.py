"""Reading a .glb: accessors of all kinds, nodes in place, targets by name, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine_bridge.gltf.container import Container
from engine_bridge.gltf.model import build
from engine_bridge.gltf.renderer import Drawing
from engine_bridge.gltf.rig import Placement
from engine_bridge.gltf.scene import read_scene
from f2p.engines.protocol import FRONTAL
from f2p.errors import EngineFailed
from f2p.regions import index
from tests.helpers.tiny_glb import SQUARE, TinyGlb


def test_sparse_targets_move_the_rows_that_they_name(tmp_path: Path) -> None:
    glb = TinyGlb()
    glb.node("head", targets={"noseWide": glb.sparse(4, [1, 3], [[0.5, 0, 0], [0, 0, 2]])})
    part = read_scene(glb.save(tmp_path / "a.glb")).parts[0]
    rows, moved = part.targets["noseWide"]
    assert rows.tolist() == [1, 3]
    assert moved.tolist() == [[0.5, 0, 0], [0, 0, 2]]


def test_a_sparse_accessor_may_lie_over_a_dense_one(tmp_path: Path) -> None:
    glb = TinyGlb()
    over = glb.accessor(np.ones((3, 3), np.float32), "VEC3", 5126)
    patch = glb.json["accessors"][glb.sparse(3, [2], [[7, 8, 9]])]["sparse"]
    glb.json["accessors"][over]["sparse"] = patch
    glb.node("head")
    assert Container(glb.save(tmp_path / "a.glb")).accessor(over).tolist() == [[1, 1, 1], [1, 1, 1], [7, 8, 9]]


def test_strided_and_normalised_integers_are_read(tmp_path: Path) -> None:
    glb = TinyGlb()
    rows = np.zeros(3, np.dtype([("uv", "<u2", 2), ("other", "<u4")]))
    rows["uv"] = [[0, 65535], [32768, 0], [13107, 65535]]
    entry = {
        "bufferView": glb.view(rows.tobytes(), 8),
        "componentType": 5123,
        "count": 3,
        "type": "VEC2",
        "normalized": True,
    }
    glb.json["accessors"].append(entry)
    glb.node("head")
    assert np.allclose(Container(glb.save(tmp_path / "a.glb")).accessor(0), [[0, 1], [0.5, 0], [0.2, 1]], atol=1e-4)


def test_nodes_are_placed_turned_and_mirrored(tmp_path: Path) -> None:
    glb = TinyGlb()
    delta = glb.accessor(np.tile(np.array([[1, 0, 0]], np.float32), (4, 1)), "VEC3", 5126)
    half = 0.5**0.5
    child = glb.node("head", targets={"a": delta}, rotation=[0, half, 0, half], scale=[-2, 2, 2])
    glb.json["nodes"].append({"name": "armature", "translation": [0, 10, 0], "children": [child]})
    glb.json["scenes"][0]["nodes"] = [1]
    part = read_scene(glb.save(tmp_path / "a.glb")).parts[0]
    assert part.path == ("armature", "head")
    assert np.allclose(part.points[0], [0, 8, -2], atol=1e-6)  # (-1, -1, 0) doubled, mirrored, turned by 90 degrees
    assert np.allclose(part.targets["a"][1][0], [0, 0, 2], atol=1e-6)
    a, b, c = part.points[part.triangles[0]]
    assert np.cross(b - a, c - a)[0] > 0  # a mirrored square shows its front where it turned to


def test_skinned_meshes_stand_where_their_joints_are(tmp_path: Path) -> None:
    glb = TinyGlb()
    node = glb.node("head", skin=0, translation=[99, 0, 0])
    attributes = glb.json["meshes"][0]["primitives"][0]["attributes"]
    attributes["JOINTS_0"] = glb.accessor(np.zeros((4, 4), np.uint8), "VEC4", 5121)
    attributes["WEIGHTS_0"] = glb.accessor(np.tile(np.array([[1, 0, 0, 0]], np.float32), (4, 1)), "VEC4", 5126)
    glb.json["nodes"].append({"name": "bone", "translation": [0, 3, 0]})
    bound = np.eye(4, dtype=np.float32)
    bound[1, 3] = -1
    glb.json["skins"] = [{"joints": [1], "inverseBindMatrices": glb.accessor(bound.T.reshape(1, 16), "MAT4", 5126)}]
    glb.json["scenes"][0]["nodes"] = [node, 1]
    part = read_scene(glb.save(tmp_path / "a.glb")).parts[0]
    assert np.allclose(part.points, SQUARE + np.array([0, 2, 0]), atol=1e-6)


def test_materials_carry_factor_and_texture(tmp_path: Path) -> None:
    glb = TinyGlb()
    material = glb.texture(np.full((4, 4, 3), (10, 20, 30), np.uint8), "Skin")
    glb.json["materials"][material]["pbrMetallicRoughness"]["baseColorFactor"] = [0.5, 1, 1, 1]
    glb.node("head", material=material)
    scene = read_scene(glb.save(tmp_path / "a.glb"))
    skin = scene.materials[scene.parts[0].material]
    assert skin.name == "Skin"
    assert skin.factor.tolist() == [0.5, 1, 1, 1]
    assert skin.texture is not None
    assert skin.texture[0, 0].tolist() == [10, 20, 30, 255]


def test_targets_without_names_are_numbered(tmp_path: Path) -> None:
    glb = TinyGlb()
    glb.node("head", targets={"a": glb.sparse(4, [0], [[1, 0, 0]])})
    del glb.json["meshes"][0]["extras"]
    assert read_scene(glb.save(tmp_path / "a.glb")).targets == ("head_0",)


def _no_glb(path: Path) -> None:
    path.write_bytes(b"not a head at all")


def _cut(path: Path) -> None:
    glb = TinyGlb()
    glb.node("head")
    data = glb.save(path).read_bytes()
    path.write_bytes(data[:-40])


def _compressed(path: Path) -> None:
    glb = TinyGlb()
    glb.node("head")
    glb.json["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    glb.save(path)


def _beyond(path: Path) -> None:
    glb = TinyGlb()
    glb.node("head")
    glb.json["accessors"][0]["count"] = 4000
    glb.save(path)


def _empty(path: Path) -> None:
    TinyGlb().save(path)


def _circle(path: Path) -> None:
    glb = TinyGlb()
    glb.node("head", children=[1])
    glb.json["nodes"].append({"name": "b", "children": [0]})
    glb.save(path)


def _outside(path: Path) -> None:
    glb = TinyGlb()
    glb.json["images"], glb.json["textures"] = [{"uri": "../../secret.png"}], [{"source": 0}]
    glb.node("head", material=glb.material("skin", baseColorTexture={"index": 0}))
    glb.save(path)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_no_glb, "no glTF"),
        (_cut, "ends too early"),
        (_compressed, "KHR_draco_mesh_compression"),
        (_beyond, "beyond its data"),
        (_empty, "no mesh"),
        (_circle, "circle"),
        (_outside, "outside of its folder"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(tmp_path: Path, make, says: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "head.glb"
    make(path)
    with pytest.raises(EngineFailed, match=says) as refusal:
        read_scene(path)
    assert refusal.value.remedy


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="cannot be read"):
        read_scene(tmp_path / "none.glb")


def test_a_part_is_drawn_in_its_colour_and_labelled_to_the_pixel(tmp_path: Path) -> None:
    glb = TinyGlb()
    red = glb.material("Skin", baseColorFactor=[0.8, 0.1, 0.1, 1])
    glb.node("head", targets={"wide": glb.sparse(4, [1, 2], [[1, 0, 0], [1, 0, 0]])}, material=red)
    scene = read_scene(glb.save(tmp_path / "a.glb"))
    model = build(scene, Placement((0.0, 0.0, 0.0), 0.6), frozenset())
    drawing = Drawing(model, scene.materials, [index("skin")], [False])
    frame, wide = (drawing.draw({"wide": weight}, [True], {}, 64, FRONTAL) for weight in (0.0, 1.0))
    there = frame.labels == index("skin")
    assert set(np.unique(frame.labels)) == {0, index("skin")}
    rows, columns = np.nonzero(there)
    box = there[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (~box).sum() <= 4  # of a corner's pixel the backdrop fills more than half
    assert 0.02 < there.mean() < 0.6
    assert (frame.image[there][:, 0] > frame.image[there][:, 1].astype(int) + 20).all()
    backdrop = frame.image[~there].astype(int)
    assert np.quantile(np.ptp(backdrop, axis=1), 0.95) < 25  # but for the pixels that the edge halves
    assert (wide.labels == index("skin")).sum() > 1.2 * there.sum()
