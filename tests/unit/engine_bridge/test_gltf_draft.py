"""What the names and shapes of a head become: words, sliders, choices, colours, and the YAML that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine_bridge.gltf.draft import Draft, text_of
from engine_bridge.gltf.labels import bake, read_labels, write_labels
from engine_bridge.gltf.model import Model, build
from engine_bridge.gltf.rig import Placement, load_rig
from engine_bridge.gltf.scene import read_scene
from engine_bridge.gltf.sliders import Drafted, draft_sliders
from engine_bridge.gltf.variants import draft_choices, draft_colours
from engine_bridge.gltf.words import arkit_unit, opposite, region_of, side_of, words
from f2p.errors import ParameterError, SchemaError
from f2p.regions import PALETTE, index
from tests.helpers.tiny_glb import TinyGlb

POINTS = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]], np.float32)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NoseWide_L", ("nose", "wide", "l")),
        ("jaw.open", ("jaw", "open")),
        ("ABShape2", ("ab", "shape", "2")),
        ("nose-", ("nose", "-")),
    ],
)
def test_names_fall_into_words(name: str, said: tuple[str, ...]) -> None:
    assert words(name) == said


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("mouthSmile_L", "mouthSmileLeft"),
        ("eyeBlinkRight", "eyeBlinkRight"),
        ("Face.M_F00_jawOpen", "jawOpen"),
        ("jaw_open", "jawOpen"),
        ("noseWide", None),
        ("jawOpener", None),
    ],
)
def test_arkit_units_are_known_by_any_spelling(name: str, unit: str | None) -> None:
    assert arkit_unit(name) == unit


def test_sides_and_opposites_are_told_by_words() -> None:
    assert side_of("cheekFull_L") == ("left", ("cheek", "full"))
    assert side_of("lid") == ("", ("lid",))
    assert opposite(words("noseWide"), words("noseNarrow")) == 1
    assert opposite(words("chinShort"), words("chinLong")) == -1
    assert opposite(words("nose+"), words("nose-")) == 1
    assert opposite(words("noseWide"), words("chinNarrow")) == 0


@pytest.mark.parametrize(
    ("names", "region"),
    [
        (("HairLong", "Material"), "hair"),
        (("Head", "EyeBall_L"), "eyes"),
        (("eyelashes",), "eyes"),
        (("Eyebrows",), "brows"),
        (("mouth_inside",), "inner_mouth"),
        (("teeth_lower",), "teeth"),
        (("Head", "Skin"), None),
    ],
)
def test_regions_are_told_by_names(names: tuple[str, ...], region: str | None) -> None:
    assert region_of(*names) == region


def _model(tmp_path: Path, targets: dict[str, tuple[list[int], list[list[float]]]]) -> Model:
    glb = TinyGlb()
    moving = {name: glb.sparse(4, rows, values) for name, (rows, values) in targets.items()}
    glb.node("head", points=POINTS, targets=moving)
    return build(read_scene(glb.save(tmp_path / "head.glb")), Placement((0, 0, 0), 1.0), frozenset())


def _sliders(tmp_path: Path, targets: dict[str, tuple[list[int], list[list[float]]]]) -> dict[str, Drafted]:
    return {s.name: s for s in draft_sliders(_model(tmp_path, targets))}


def test_opposites_and_sides_become_one_slider_that_goes_both_ways(tmp_path: Path) -> None:
    out, inwards = [[0.1, 0, 0]], [[-0.1, 0, 0]]
    drafted = _sliders(
        tmp_path,
        {
            "cheekFull_L": ([1], out),
            "cheekFull_R": ([0], inwards),
            "cheekThin_L": ([1], inwards),
            "cheekThin_R": ([0], out),
        },
    )
    slider = drafted["cheek_fullness"]
    assert list(drafted) == ["cheek_fullness"]
    assert slider.plus == {"cheekFull_L": 1.0, "cheekFull_R": 1.0}
    assert slider.minus == {"cheekThin_L": 1.0, "cheekThin_R": 1.0}
    assert (slider.low, slider.high, slider.average) == (-1.0, 1.0, 0.5)
    assert (slider.role, slider.group) == ("identity", "cheek")


def test_mirrored_targets_are_paired_by_geometry(tmp_path: Path) -> None:
    drafted = _sliders(
        tmp_path, {"dimpleA": ([1, 2], [[0.1, 0.05, 0]] * 2), "dimpleB": ([0, 3], [[-0.1, 0.05, 0]] * 2)}
    )
    assert [s.plus for s in drafted.values()] == [{"dimpleA": 1.0, "dimpleB": 1.0}]


def test_reverses_are_paired_by_geometry_where_their_names_share_a_word(tmp_path: Path) -> None:
    drafted = _sliders(tmp_path, {"chinA": ([0, 1], [[0, -0.1, 0]] * 2), "chinB": ([0, 1], [[0, 0.09, 0]] * 2)})
    (slider,) = drafted.values()
    assert (slider.plus, slider.minus) == ({"chinA": 1.0}, {"chinB": 1.0})


def test_a_target_alone_goes_the_other_way_at_half_strength(tmp_path: Path) -> None:
    slider = _sliders(tmp_path, {"earSize": ([0, 1], [[0, 0.1, 0]] * 2)})["ear_size"]
    assert (slider.low, slider.high, slider.average) == (-0.5, 1.0, 0.3333)
    assert slider.minus == {"earSize": -1.0}


def test_far_targets_get_a_shorter_range_and_still_ones_no_spread(tmp_path: Path) -> None:
    drafted = _sliders(tmp_path, {"chinHuge": ([0], [[0, 1.2, 0]]), "skullTiny": ([0], [[0, 0.001, 0]])})
    assert drafted["chin_huge"].high == pytest.approx(0.2)
    assert drafted["skull_tiny"].spread == 0
    assert drafted["chin_huge"].spread > 0


def test_expressions_are_arkits_units_at_rest(tmp_path: Path) -> None:
    drafted = _sliders(tmp_path, {"mouthSmile_R": ([0], [[0, 0.1, 0]]), "viseme_aa": ([1], [[0, 0.1, 0]])})
    smile = drafted["mouthSmileRight"]
    assert (smile.role, smile.spread, smile.average, smile.low, smile.high) == ("expression", 0.0, 0.0, 0.0, 1.0)
    assert drafted["viseme_aa"].role == "expression"


def test_variants_of_a_node_become_options(tmp_path: Path) -> None:
    glb = TinyGlb()
    for name in ("Head", "HairShort", "HairLong", "BeardFull", "GlassesRound"):
        glb.node(name)
    choices = {c.name: c for c in draft_choices(read_scene(glb.save(tmp_path / "a.glb")).parts)}
    assert choices["hair"].options == {"none": [], "short": ["HairShort"], "long": ["HairLong"]}
    assert choices["beard"].options == {"none": [], "beard_full": ["BeardFull"]}
    assert (choices["beard"].default, choices["hair"].default) == ("none", "short")
    assert sum(choices["hair"].weights) == pytest.approx(1, abs=1e-3)


def test_materials_become_colour_sliders() -> None:
    colours, bare = draft_colours(
        [("Face", ["Head"]), ("Mat3", ["HairLong"]), ("Iris", ["Eyes"]), ("Teeth", ["Teeth"])], ["Face"]
    )
    by_name = {c.name: c for c in colours}
    assert by_name["skin_tone"].materials == ["Face"]
    assert by_name["hair_colour"].materials == ["Mat3"]
    assert by_name["iris_colour"].stops[0].startswith("#")
    assert bare == ["Teeth"]


def _draft(tmp_path: Path) -> Path:
    model = _model(tmp_path, {"noseWide": ([0], [[0.1, 0, 0]]), "noseNarrow": ([0], [[-0.1, 0, 0]])})
    colours, _ = draft_colours([("Face", ["Head"])], ["Face"])
    draft = Draft(
        "gltf", "head.glb", "head", draft_sliders(model), colours, [], Placement((0, 1.5, 0.1), 10.0), {"Eye": "eyes"},
        {}, {"Face": "head.labels.png"}, [[0, 0, 0]] * 5, 0.02, "head.new.png", ["Teeth"],
    )  # fmt: skip
    path = tmp_path / "head.yaml"
    path.write_text(text_of(draft), encoding="utf-8")
    return path


def test_the_drafted_yaml_says_what_was_drafted(tmp_path: Path) -> None:
    rig = load_rig(_draft(tmp_path))
    assert rig.file == tmp_path / "head.glb"
    assert rig.moves["nose_width"].plus == {"noseWide": 1.0}
    assert rig.moves["nose_width"].minus == {"noseNarrow": 1.0}
    assert rig.tints["skin_redness"].towards == (0xB3, 0x40, 0x2E)
    assert rig.placement == Placement((0.0, 1.5, 0.1), 10.0)
    assert rig.labels.textures == {"Face": tmp_path / "head.labels.png"}
    assert rig.five_points is not None
    assert rig.five_points.shape == (5, 3)
    assert rig.schema.parameter("nose_width").group == "nose"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("plus: {noseWide: 1.0}, minus: {noseNarrow: 1.0}", "plus: {}", "nose_width.*morph targets"),
        ("towards: '#b3402e'", "towards: 'red'", "skin_redness.*no colour"),
        ("scale: 10.0", "scale: 0", "above 0"),
        ("Eye: eyes", "Eye: eye", "the regions are"),
        ("spread: 0.2, frontal: true, plus", "spred: 0.2, frontal: true, plus", "spred"),
        ("role: identity", "role: shape", "role 'shape'"),
    ],
)
def test_a_wrong_yaml_is_refused_with_file_and_reason(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = _draft(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(SchemaError, match=says) as refusal:
        load_rig(path)
    assert refusal.value.path == str(path)


def test_refusals_of_parameters_name_their_line(tmp_path: Path) -> None:
    path = _draft(tmp_path)
    lines = path.read_text().splitlines()
    number = next(k for k, line in enumerate(lines, 1) if "name: nose_width" in line)
    path.write_text(path.read_text().replace("plus: {noseWide: 1.0}, minus: {noseNarrow: 1.0}", "plus: {}"))
    with pytest.raises(SchemaError) as refusal:
        load_rig(path)
    assert refusal.value.line == number


def test_a_head_without_yaml_is_told_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as refusal:
        load_rig(tmp_path / "head.glb")
    assert "engine-bridge new" in refusal.value.remedy


def test_label_pictures_are_read_as_painted(tmp_path: Path) -> None:
    labels = np.full((32, 32), index("skin"), np.uint8)
    labels[8:16] = index("upper_lip")
    write_labels(tmp_path / "l.png", labels)
    assert np.array_equal(read_labels(tmp_path / "l.png"), labels)
    from PIL import Image

    strange = PALETTE[labels].copy()
    strange[:8] = (0, 255, 0)
    Image.fromarray(strange).save(tmp_path / "s.png")
    with pytest.raises(ParameterError, match="#00ff00"):
        read_labels(tmp_path / "s.png")


def test_specks_of_labels_vanish_and_gaps_are_filled() -> None:
    used = np.zeros((40, 40), bool)
    used[5:30, 5:30] = True
    regions = np.full((40, 40), index("skin"), np.uint8)
    regions[12, 12] = index("hair")
    regions[20:, :] = index("neck")
    out = bake(used, regions[used])
    assert out[12, 12] == index("skin")
    assert out[0, 0] == index("skin")
    assert out[39, 20] == index("neck")
