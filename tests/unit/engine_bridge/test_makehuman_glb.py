"""The writer of glTF binary, read back."""

from __future__ import annotations

import numpy as np

from engine_bridge.makehuman.export.glb import Glb
from tests.helpers.read_glb import GlbReader


def test_attributes_come_back_whatever_their_width() -> None:
    glb = Glb("test")
    rng = np.random.default_rng(1)
    positions = rng.normal(size=(7, 3)).astype(np.float32)
    bytes3 = rng.integers(-127, 128, (7, 3)).astype(np.int8)
    shorts = rng.integers(-9, 9, (7, 3)).astype(np.int16)
    numbers = [
        glb.vertices(positions, bounds=True),
        glb.vertices(bytes3, normalized=True),
        glb.vertices(shorts),
        glb.indices(np.array([[0, 1, 6], [2, 3, 4]], np.int32)),
    ]
    read = GlbReader(glb.to_bytes())
    found = [read.array(n) for n in numbers]
    assert np.array_equal(found[0], positions)
    assert np.allclose(found[1], bytes3 / 127)
    assert np.array_equal(found[2], shorts)
    assert found[3].ravel().tolist() == [0, 1, 6, 2, 3, 4]
    assert read.json["accessors"][numbers[3]]["componentType"] == 5123
    # Every vertex begins at a multiple of four bytes.
    views = [read.json["bufferViews"][read.json["accessors"][n]["bufferView"]] for n in numbers[:3]]
    assert [v.get("byteStride", 0) % 4 for v in views] == [0, 0, 0]
    assert [v["byteOffset"] % 4 for v in read.json["bufferViews"]] == [0, 0, 0, 0]


def test_many_vertices_get_wide_indices() -> None:
    glb = Glb("test")
    number = glb.indices(np.array([[0, 1, 70_000]], np.int32))
    assert GlbReader(glb.to_bytes()).array(number).ravel().tolist() == [0, 1, 70_000]


def test_sparse_vectors_are_zero_elsewhere() -> None:
    glb = Glb("test")
    values = np.array([[1, 2, 3], [-4, 5, 6]], np.float32)
    some = glb.sparse(9, np.array([2, 7]), values, bounds=True)
    none = glb.sparse(9, np.empty(0, np.int32), np.empty((0, 3), np.float32), bounds=True)
    every = glb.sparse(2, np.array([0, 1]), values, bounds=True)
    read = GlbReader(glb.to_bytes())
    expected = np.zeros((9, 3))
    expected[[2, 7]] = values
    assert np.array_equal(read.array(some), expected)
    assert np.array_equal(read.array(none), np.zeros((9, 3)))
    assert np.array_equal(read.array(every), values)
    assert "bufferView" not in read.json["accessors"][none]


def test_extensions_and_textures_are_named_once() -> None:
    glb = Glb("test")
    for _ in range(2):
        glb.need("KHR_one", required=False)
        glb.need("KHR_two", required=True)
    first, second = glb.texture(b"abc", "jpeg", "colour"), glb.texture(b"defgh", "png", "hair")
    read = GlbReader(glb.to_bytes())
    assert read.json["extensionsUsed"] == ["KHR_one", "KHR_two"]
    assert read.json["extensionsRequired"] == ["KHR_two"]
    assert [read.view(read.json["images"][k]["bufferView"]) for k in (first, second)] == [b"abc", b"defgh"]
    assert len(read.json["samplers"]) == 1
