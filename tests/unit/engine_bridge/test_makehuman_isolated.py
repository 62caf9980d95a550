"""The reference engine through the contract that every engine keeps, in a process of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from engine_bridge.process import EngineProcess
from f2p import errors
from f2p.engines.protocol import PROFILE, THREE_QUARTER, Engine, View
from f2p.engines.registry import open_engine
from f2p.face.detection import find_faces
from f2p.regions import REGIONS, index
from f2p.schema import Schema

FACE = ("skin", "brows", "eyes", "nose", "upper_lip", "lower_lip", "neck")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


def digest(engine: Engine, seeds: range) -> str:
    frames = [engine.render(engine.sample(seed), 96) for seed in seeds]
    return hashlib.sha256(b"".join(f.image.tobytes() + f.labels.tobytes() for f in frames)).hexdigest()


def test_schema_has_the_promised_sliders(engine: Engine) -> None:
    schema: Schema = engine.schema
    seen = [p for p in schema.continuous if p.frontal and p.role in ("identity", "appearance")]
    assert len(seen) >= 110
    assert sum(p.role == "expression" for p in schema.continuous) == 52
    options = {d.name: len(d.options) for d in schema.discrete}
    wanted = {"hair_style": 16, "brow_style": 10, "beard_style": 11, "lipstick": 7, "glasses": 6}  # with none
    assert {name: options[name] >= count for name, count in wanted.items()} == dict.fromkeys(wanted, True)


def test_same_values_same_bytes_in_another_process(engine: Engine) -> None:
    with open_engine("makehuman") as other:  # type: ignore[attr-defined]
        assert digest(other, range(6)) == digest(engine, range(6))


def test_earlier_frames_leave_no_trace(engine: Engine) -> None:
    first = engine.render({}, 96).image
    engine.render(engine.sample(5), 128, View(yaw=30))
    assert np.array_equal(engine.render({}, 96).image, first)


@pytest.mark.parametrize("size", [64, 200, 512, 1024])
def test_sizes(engine: Engine, size: int) -> None:
    frame = engine.render({}, size)
    assert frame.image.shape == (size, size, 3)
    assert frame.labels.shape == (size, size)
    assert frame.labels.max() < len(REGIONS)


@pytest.mark.parametrize("size", [8, 63, 1025])
def test_impossible_sizes_are_refused(engine: Engine, size: int) -> None:
    with pytest.raises(errors.ParameterError, match="64 to 1024"):
        engine.render({}, size)


def test_unknown_slider_is_refused_and_the_engine_lives_on(engine: Engine) -> None:
    with pytest.raises(errors.ParameterError, match="nose_colour"):
        engine.render({"nose_colour": 0.5}, 64)
    assert engine.render({}, 64).labels.any()


def test_every_region_of_a_face_is_labelled(engine: Engine) -> None:
    shown = set(np.unique(engine.render({}, 256).labels))
    assert {index(name) for name in FACE} <= shown
    talking = engine.render({"jawOpen": 0.9}, 256).labels
    assert {index("teeth"), index("inner_mouth")} & set(np.unique(talking))


def test_background_is_where_the_backdrop_shows(engine: Engine) -> None:
    for seed in range(8):
        frame = engine.render(engine.sample(seed), 256)
        backdrop = (frame.image == frame.image[0, 0]).all(axis=2)
        outside = frame.labels == index("background")
        assert (backdrop != outside).mean() < 0.02  # the blended silhouette, and hair's thin tips


def test_dlib_finds_one_face_in_random_characters(engine: Engine) -> None:
    counts = [len(find_faces(engine.render(engine.sample(seed), 256).image)) for seed in range(30)]
    assert counts == [1] * 30


@pytest.mark.parametrize("view", [THREE_QUARTER, PROFILE, View(pitch=20), View(roll=-15)])
def test_views_turn_the_head(engine: Engine, view: View) -> None:
    front, turned = engine.render({}, 128), engine.render({}, 128, view)
    assert (front.labels != turned.labels).mean() > 0.03


def test_a_profile_shows_one_eye(engine: Engine) -> None:
    labels = engine.render({"hair_style": "bald"}, 256, PROFILE).labels
    front = engine.render({"hair_style": "bald"}, 256).labels
    assert 0 < (labels == index("eyes")).sum() < 0.7 * (front == index("eyes")).sum()


@pytest.mark.parametrize(
    "name", ["sex", "nose_width", "mouth_width", "jaw_drop", "skin_tone", "brow_thickness", "hair_darkness"]
)
def test_sliders_change_the_picture(engine: Engine, name: str) -> None:
    slider = next(p for p in engine.schema.continuous if p.name == name)
    ends = [float(np.clip(slider.average + side * 2 * slider.spread, 0, 1)) for side in (-1, 1)]
    low, high = (engine.render({name: value}, 128).image.astype(float) for value in ends)
    assert (np.abs(low - high).max(axis=2) > 8).sum() > 30


@pytest.mark.parametrize("choice", ["hair_style", "brow_style", "beard_style", "lipstick"])
def test_options_all_look_different(engine: Engine, choice: str) -> None:
    options = engine.schema.parameter(choice).options  # type: ignore[union-attr]
    pictures = {engine.render({choice: option}, 96).image.tobytes() for option in options}
    assert len(pictures) == len(options)


def test_mouth_close_alone_changes_nothing(engine: Engine) -> None:
    assert np.array_equal(engine.render({"mouthClose": 1.0}, 96).image, engine.render({}, 96).image)


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(errors.EngineMissing, match="makehuman"):
        open_engine("unreal6")


def test_an_engine_that_dies_is_started_anew() -> None:
    engine = open_engine("makehuman")
    before = engine.render({}, 64).image
    for child in psutil.Process(engine.pid).children(recursive=True):  # type: ignore[attr-defined]
        child.kill()
    assert np.array_equal(engine.render({}, 64).image, before)
    assert len(engine.crashes) == 1  # type: ignore[attr-defined]
    engine.close()


def test_a_factory_that_fails_reports_its_own_error() -> None:
    with pytest.raises(errors.EngineFailed, match="no_such_module"):
        EngineProcess("broken", "no_such_module:open", open_engine("makehuman").schema)
