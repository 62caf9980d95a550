"""A whole head that is not MakeHuman's, sculpted by examples/gltf: drafted, drawn, labelled, corrected."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.cli import main
from engine_bridge.gltf import open_engine
from engine_bridge.gltf.labels import read_labels, texels, write_labels
from f2p.engines.protocol import Engine, Frame, View
from f2p.errors import ParameterError, SchemaError
from f2p.regions import index

# Drawing kernels are compiled at first use, and sixty heads are sculpted: minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "gltf" / "make_head.py"
FACE = ("skin", "brows", "eyes", "nose", "upper_lip", "lower_lip", "hair", "ears", "neck")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sculpted head with the YAML and the label picture that `engine-bridge new` writes."""
    path = tmp_path_factory.mktemp("gltf") / "head.glb"
    subprocess.run(
        [sys.executable, str(EXAMPLE), "--out", str(path), "--step", "0.06"], check=True, capture_output=True
    )
    assert main(["new", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def engine(drafted: Path) -> Engine:
    return open_engine(drafted)


def _changed(one: Frame, other: Frame) -> np.ndarray:
    return np.asarray(np.abs(one.image.astype(int) - other.image).max(axis=2) > 6)


def test_all_of_the_face_is_labelled_in_its_order(engine: Engine) -> None:
    labels = engine.render({}, 192).labels
    assert [name for name in FACE if not (labels == index(name)).any()] == []
    heights = [
        np.nonzero(labels == index(n))[0].mean() for n in ("hair", "brows", "eyes", "nose", "upper_lip", "lower_lip")
    ]
    assert heights == sorted(heights)
    assert 0.25 < (labels != 0).mean() < 0.8


def test_lips_are_labelled_where_they_are_painted(engine: Engine) -> None:
    frame = engine.render({"skin_redness": 0.0}, 256)
    lips = np.isin(frame.labels, (index("upper_lip"), index("lower_lip")))
    image = frame.image.astype(float)
    # Lips are painted redder than skin: red over green, against the cheeks about the mouth.
    rows, columns = np.nonzero(lips)
    box = slice(rows.min() - 12, rows.max() + 12), slice(columns.min() - 12, columns.max() + 12)
    ratio = image[box][..., 0] / image[box][..., 1]
    own, other = np.median(ratio[lips[box]]), np.median(ratio[~lips[box]])
    painted = ratio > (own + other) / 2
    assert (painted & lips[box]).sum() / (painted | lips[box]).sum() > 0.75


def test_the_same_values_give_the_same_bytes_in_another_engine(engine: Engine, drafted: Path) -> None:
    values = engine.sample(5)
    first, again = (
        engine.render(values, 96, View(yaw=20, light=3)),
        open_engine(drafted).render(values, 96, View(yaw=20, light=3)),
    )
    assert first.image.tobytes() == again.image.tobytes()
    assert first.labels.tobytes() == again.labels.tobytes()


def test_every_sampled_slider_and_every_option_shows(engine: Engine) -> None:
    base = {"beard": "beard_full", "glasses": "round"}
    for slider in engine.schema.continuous:
        if slider.frontal:
            low, high = (engine.render(base | {slider.name: v}, 128) for v in (0.0, 1.0))
            assert _changed(low, high).sum() >= 12, slider.name
    for choice in engine.schema.discrete:
        pictures = {engine.render({choice.name: option}, 96).image.tobytes() for option in choice.options}
        assert len(pictures) == len(choice.options), choice.name


def test_the_characters_left_is_at_the_pictures_right(engine: Engine) -> None:
    rest, smile = engine.render({}, 192), engine.render({"mouthSmileLeft": 1.0}, 192)
    columns = np.nonzero(_changed(rest, smile))[1]
    assert (columns > 96).mean() > 0.85


def test_a_turned_head_turns_to_the_viewers_right(engine: Engine) -> None:
    nose = [np.nonzero(engine.render({}, 128, View(yaw=yaw)).labels == index("nose"))[1].mean() for yaw in (-30, 0, 30)]
    assert nose[0] < nose[1] < nose[2]


def test_colour_sliders_reach_their_stops(engine: Engine) -> None:
    tones = [engine.render({"skin_tone": t, "skin_redness": 0.0}, 128) for t in (0.0, 0.5, 1.0)]
    levels = [float(f.image[f.labels == index("skin")].mean()) for f in tones]
    assert levels[0] > levels[1] + 25 > levels[2] + 50


def test_five_points_lie_on_eyes_and_nose(engine: Engine, drafted: Path, tmp_path: Path) -> None:
    points = engine.five_points() * 256  # type: ignore[attr-defined]
    labels = engine.render({}, 256).labels
    eyes, nose = (np.argwhere(labels == index(n))[:, ::-1] for n in ("eyes", "nose"))
    for point in points[:4]:
        assert np.linalg.norm(eyes - point, axis=1).min() < 10
    assert np.linalg.norm(nose - points[4], axis=1).min() < 12
    assert points[0, 0] > points[1, 0] > points[3, 0] > points[2, 0]
    # Without those that were measured they come from the label map, near by.
    folder = shutil.copytree(drafted.parent, tmp_path / "head")
    yaml = folder / "head.yaml"
    yaml.write_text("\n".join(line for line in yaml.read_text().splitlines() if not line.startswith("five_points")))
    from_labels = open_engine(folder / "head.glb").five_points() * 256  # type: ignore[attr-defined]
    assert np.abs(from_labels - points).max() < 16


def test_a_label_picture_painted_over_is_what_counts(drafted: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(drafted.parent, tmp_path / "head")
    picture = folder / "head.labels.skin.png"
    labels = read_labels(picture)
    labels[labels == index("nose")] = index("skin")
    write_labels(picture, labels)
    frame = open_engine(folder / "head.glb").render({}, 128)
    assert not (frame.labels == index("nose")).any()
    assert (frame.labels == index("upper_lip")).any()


def test_what_the_yaml_names_must_be_in_the_file(drafted: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(drafted.parent, tmp_path / "head")
    yaml = folder / "head.yaml"
    yaml.write_text(yaml.read_text().replace("plus: {noseWide: 1.0}", "plus: {noseWid: 1.0}"))
    with pytest.raises(SchemaError, match="noseWid"):
        open_engine(folder / "head.glb")


def test_a_yaml_is_not_written_over(drafted: Path) -> None:
    before = drafted.with_suffix(".yaml").read_bytes()
    assert main(["new", str(drafted)]) != 0
    assert main(["new", str(drafted), "--labels"]) == 0
    assert drafted.with_suffix(".yaml").read_bytes() == before


def test_wrong_calls_are_refused(engine: Engine) -> None:
    for values, size in (({"no such slider": 0.5}, 128), ({"nose_width": 1.5}, 128), ({}, 8)):
        with pytest.raises(ParameterError):
            engine.render(values, size)


def test_of_parts_that_share_texels_the_one_in_front_counts() -> None:
    square = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    behind = np.concatenate([square, np.full((4, 1), -1.5), np.tile([0, 0, -1], (4, 1))], axis=1)
    front = np.concatenate([square, np.full((4, 1), 0.2), np.tile([0, 0, 1], (4, 1))], axis=1)
    used, values = texels(
        np.concatenate([square, square]),
        np.concatenate([triangles, triangles + 4]),
        np.concatenate([behind, front]),
        32,
    )
    assert 0.5 < used.mean() < 0.7
    assert np.allclose(values[used][:, 2], 0.2)
