"""Characters of the reference engine as files: what is in them, and that they move as the engine does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.export.skeleton import FLOOR
from engine_bridge.makehuman.export.sliders_map import influence
from engine_bridge.makehuman.export.surface import patches
from engine_bridge.makehuman.face.shape import shaped
from engine_bridge.makehuman.person import aged, person
from engine_bridge.makehuman.sliders import ARKIT
from f2p import errors
from f2p.engines.exporting import export_character
from f2p.engines.protocol import FRONTAL, Exporter
from tests.helpers.read_glb import GlbReader

# The kernels are compiled at first use, which takes minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

VALUES: dict[str, float | str] = {
    "sex": 0.9,
    "age": 0.7,
    "nose_length": 0.7,
    "jaw_bones": 0.8,
    "mouth_width": 0.6,
    "hair_style": "short",
    "beard_style": "full",
    "glasses": "rectangular",
    "freckles": 0.5,
    "mouthSmileLeft": 0.25,
}
PARTS = {"skin", "mouth", "teeth", "tongue", "eyes", "lashes", "eye_shade"}


@pytest.fixture(scope="module")
def engine() -> MakeHumanEngine:
    return MakeHumanEngine()


@pytest.fixture(scope="module")
def character(engine: MakeHumanEngine) -> bytes:
    return export_character(engine, VALUES, "glb", 256)


@pytest.fixture(scope="module")
def studio(engine: MakeHumanEngine) -> bytes:
    return export_character(engine, VALUES, "morphs", 256)


def weights_of(engine: MakeHumanEngine, values: dict[str, float | str]) -> dict[str, float]:
    """Morph weights of values as the engine draws them."""
    full = engine.schema.decode(engine.schema.encode(values))
    weights = {p.name: p.to_engine(float(full[p.name])) for p in engine.schema.continuous if p.unit == "weight"}
    look = {name: v for name, v in full.items() if name not in weights}
    return aged(weights, person(weights, look))


def drawn(engine: MakeHumanEngine, weights: dict[str, float], part: str, everywhere: bool) -> np.ndarray:
    """Points (N, 3) in metres of a primitive, as the engine shapes them."""
    fine = shaped(engine.renderer.head, weights, FRONTAL).fine[patches(everywhere)[part].at]
    return (fine + np.array([0, FLOOR, 0])) * 0.1


def posed(read: GlbReader, part: str, weights: dict[str, float]) -> np.ndarray:
    """Points (N, 3) of a primitive of the head with weights of its targets by name."""
    mesh, primitive = read.named("meshes", "Head"), read.primitive("Head", part)
    names = mesh["extras"]["targetNames"]
    out = read.array(primitive["attributes"]["POSITION"]).astype(np.float64)
    for name, weight in weights.items():
        out = out + weight * read.array(primitive["targets"][names.index(name)]["POSITION"])
    return out


def test_the_engine_offers_its_exports(engine: MakeHumanEngine) -> None:
    assert isinstance(engine, Exporter)
    with pytest.raises(errors.ExportUnavailable, match="glb, morphs"):
        export_character(engine, {}, "fbx")
    with pytest.raises(errors.ParameterError, match="1000 px"):
        export_character(engine, {}, "glb", 1000)
    with pytest.raises(errors.ParameterError):
        export_character(engine, {"no_such_slider": 0.5})


def test_a_character_has_its_parts_targets_and_bones(character: bytes) -> None:
    read = GlbReader(character)
    mesh = read.named("meshes", "Head")
    materials = [m["name"] for m in read.json["materials"]]
    assert {materials[p["material"]] for p in mesh["primitives"]} == PARTS | {"beard"}
    assert mesh["extras"]["targetNames"] == list(ARKIT)
    assert all(len(p["targets"]) == len(ARKIT) == 52 for p in mesh["primitives"])
    assert mesh["weights"] == [0.25 if u == "mouthSmileLeft" else 0.0 for u in ARKIT]
    assert {m["name"] for m in read.json["meshes"]} == {"Head", "Hair", "Glasses"}
    joints = [read.json["nodes"][n]["name"] for n in read.json["skins"][0]["joints"]]
    assert joints == ["Neck", "Head", "LeftEye", "RightEye"]
    assert len(character) < 6e6
    sides = [Image.open(io.BytesIO(read.view(i["bufferView"]))).size for i in read.json["images"]]
    assert sides[0] == (256, 256)
    triangles = sum(read.json["accessors"][p["indices"]]["count"] for m in read.json["meshes"] for p in m["primitives"])
    assert triangles / 3 < 60_000


def test_a_character_stands_in_metres_and_looks_ahead(character: bytes) -> None:
    read = GlbReader(character)
    skin = read.array(read.primitive("Head", "skin")["attributes"]["POSITION"])
    size = np.ptp(skin, axis=0)
    assert 0.30 < size[1] < 0.40  # a head with its shoulders
    assert -0.005 < skin[:, 1].min() < 0.02
    # The nose, the foremost point, is ahead (+z) and in the middle; the left eye's bone is at +x.
    nose = skin[skin[:, 2].argmax()]
    assert nose[2] > 0.02
    assert abs(nose[0]) < 0.01
    eyes = read.primitive("Head", "eyes")
    points, bones = read.array(eyes["attributes"]["POSITION"]), read.array(eyes["attributes"]["JOINTS_0"])[:, 0]
    assert points[bones == 2, 0].min() > 0
    assert points[bones == 3, 0].max() < 0


def test_bones_bind_where_they_stand_and_weights_add_up(character: bytes) -> None:
    read = GlbReader(character)
    skin, nodes = read.json["skins"][0], read.json["nodes"]
    parents = {child: n for n, node in enumerate(nodes) for child in node.get("children", ())}
    inverse = read.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4)
    for joint, matrix in zip(skin["joints"], inverse, strict=True):
        place, node = np.zeros(3), joint
        while node in parents:
            place += nodes[node]["translation"]
            node = parents[node]
        assert np.allclose(matrix[3, :3], -place, atol=1e-5)
    for mesh in read.json["meshes"]:
        for primitive in mesh["primitives"]:
            weights = read.array(primitive["attributes"]["WEIGHTS_0"])
            assert np.allclose(weights.sum(axis=1), 1, atol=1e-6)
    neck = read.array(read.primitive("Head", "skin")["attributes"]["JOINTS_0"])
    assert set(np.unique(neck)) == {0, 1}


@pytest.mark.parametrize("part", ["skin", "teeth", "eyes"])
def test_targets_move_as_the_engine_does(engine: MakeHumanEngine, character: bytes, part: str) -> None:
    rng = np.random.default_rng(5)
    units = {u: float(w) for u, w in zip(ARKIT, rng.random(52) * (rng.random(52) < 0.2), strict=True)}
    units["mouthClose"] = 0.0  # the engine holds it below jawOpen
    expected = drawn(engine, weights_of(engine, {**VALUES, **units}), part, True)
    assert (
        np.abs(posed(GlbReader(character), part, units) - expected).max() < 0.0015
    )  # ten targets, .15 mm each at most


def test_the_same_character_gives_the_same_bytes(engine: MakeHumanEngine, character: bytes) -> None:
    assert engine.export(VALUES, "glb", 256) == character


def test_textures_show_make_up_and_freckles(engine: MakeHumanEngine) -> None:
    def colour(values: dict[str, float | str]) -> np.ndarray:
        read = GlbReader(engine.export({**VALUES, "beard_style": "none", **values}, "glb", 256))
        return np.asarray(Image.open(io.BytesIO(read.view(read.json["images"][0]["bufferView"]))), float)

    plain = colour({"freckles": 0.0, "lipstick": "none"})
    lips = np.abs(colour({"freckles": 0.0, "lipstick": "red"}) - plain).max(axis=2)
    assert lips[130:160, 110:150].max() > 40
    assert lips[:60].max() < 20
    freckles = np.abs(colour({"freckles": 1.0, "lipstick": "none"}) - plain).max(axis=2)
    assert (freckles[80:130, 60:200] > 6).mean() > 0.02


@pytest.mark.parametrize(
    "values", [{"hair_style": "bald"}, {"head_cover": "hijab"}, {"head_cover": "cap", "glasses": "aviator"}]
)
def test_what_is_worn_comes_along(engine: MakeHumanEngine, values: dict[str, float | str]) -> None:
    read = GlbReader(engine.export(values, "glb", 256))
    meshes = {m["name"] for m in read.json["meshes"]}
    cover, wears = str(values.get("head_cover", "none")), "glasses" in values
    assert ("Cover" in meshes) == (cover != "none")
    assert ("Glasses" in meshes) == wears
    assert ("Hair" in meshes) == (cover == "cap")


def test_the_studios_head_has_every_slider(engine: MakeHumanEngine, studio: bytes) -> None:
    read = GlbReader(studio)
    mesh = read.named("meshes", "Head")
    mapping = read.json["scenes"][0]["extras"]["f2p"]
    sliders = [p.name for p in engine.schema.continuous if p.unit == "weight" and p.role == "identity"]
    assert {entry["name"] for entry in mapping["sliders"]} == set(sliders)
    assert mapping["identity"] == engine.schema.identity
    assert mapping["expressions"] == list(ARKIT)
    names = mesh["extras"]["targetNames"]
    assert {entry["target"] for entry in mapping["sliders"]} | set(ARKIT) == set(names)
    assert len(names) == len(set(names)) == len(mesh["weights"])
    assert all(-1.001 <= w <= 1.001 for w in mesh["weights"])
    assert len(studio) < 3e6


@pytest.mark.parametrize("seed", [3, 8])
def test_the_studios_head_follows_the_sliders(engine: MakeHumanEngine, studio: bytes, seed: int) -> None:
    read = GlbReader(studio)
    values = engine.sample(seed) | {"jawOpen": 0.4}
    weights = {"jawOpen": 0.4}
    for entry in read.json["scenes"][0]["extras"]["f2p"]["sliders"]:
        weights[entry["target"]] = influence(entry["points"], float(values[entry["name"]]))
    node = read.named("nodes", "HeadMesh")
    points = posed(read, "skin", weights) * node["scale"] + node["translation"]
    gap = np.linalg.norm(points - drawn(engine, weights_of(engine, values), "skin", False), axis=1)
    assert np.median(gap) < 0.0005
    assert gap.max() < 0.002
