"""What the reference engine's faces do: lights, expressions, gaze, creases, and random people that stay human."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine_bridge.gallery import write_gallery
from engine_bridge.makehuman.head import load_head
from f2p.engines.protocol import Engine, View
from f2p.engines.registry import open_engine
from f2p.regions import index
from imitator_training.data.sampling import SampleConfig, draw

SMILE = {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


def share(engine: Engine, values: dict[str, float | str], *regions: str) -> float:
    labels = engine.render({"hair_style": "bald"} | values, 256).labels
    return float(np.isin(labels, [index(r) for r in regions]).mean())


def test_lights_change_the_picture_and_nothing_else(engine: Engine) -> None:
    studio, lit, again = (engine.render({}, 128, View(light=n)) for n in (0, 3, 3))
    assert np.array_equal(lit.image, again.image)
    assert np.array_equal(lit.labels, studio.labels)
    assert np.abs(lit.image.astype(int) - studio.image).mean() > 3


def test_lights_differ_and_none_is_dark_or_burnt_out(engine: Engine) -> None:
    studio = engine.render({}, 96)
    face = studio.labels == index("skin")
    means = [engine.render({}, 96, View(light=n)).image[face].mean() for n in range(1, 13)]
    assert min(means) > 60
    assert max(means) < 245
    assert np.std(means) > 10


def test_open_jaw_shows_the_mouth_and_teeth(engine: Engine) -> None:
    assert share(engine, {}, "inner_mouth", "teeth") < 0.001
    assert share(engine, {"jawOpen": 0.7}, "inner_mouth") > 0.004
    assert share(engine, {"jawOpen": 0.7}, "teeth") > 0.0005


def test_a_smile_shows_upper_teeth(engine: Engine) -> None:
    assert share(engine, SMILE | {"jawOpen": 0.18}, "teeth") > 0.001


def test_blinking_hides_the_eyes(engine: Engine) -> None:
    shut = share(engine, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, "eyes")
    assert shut < 0.5 * share(engine, {}, "eyes")


@pytest.mark.parametrize(("unit", "way"), [("eyeLookOutLeft", 1), ("eyeLookInLeft", -1)])
def test_the_gaze_turns_the_iris(engine: Engine, unit: str, way: int) -> None:
    def iris(values: dict[str, float | str]) -> float:
        frame = engine.render({"hair_style": "bald", "iris_colour": 0.0} | values, 512)
        _, x = np.nonzero((frame.labels == index("eyes")) & (frame.image.sum(axis=2) < 200))
        return float(x[x > 256].mean())

    assert (iris({unit: 1.0}) - iris({})) * way > 4


def test_hollows_are_positive_and_ridges_negative() -> None:
    head = load_head()
    hollow = head.cavity(head.vertices, head.normals(head.vertices))
    x, y, z = head.vertices.T
    nose_tip = np.argmax(np.where(np.abs(y + 0.37) < 0.15, z, -9))
    inner_corner = np.argmin((np.abs(x) - 0.12) ** 2 + (y + 0.02) ** 2 + (z - 0.05) ** 2)
    assert hollow[nose_tip] < -0.05
    assert hollow[inner_corner] > 0.0


def test_random_people_keep_within_human_reach(engine: Engine) -> None:
    head = load_head()
    nose = [p for p in engine.schema.continuous if p.group == "nose" and p.role == "identity"]
    moved = []
    for seed in range(60):
        values = engine.sample(seed)
        step = [(float(values[p.name]) - p.average) * (p.high - p.low) for p in nose]
        rows = head.basis[[head.names[p.name] for p in nose]]
        moved.append(float(np.linalg.norm(np.tensordot(step, rows, 1), axis=1).max()))
    assert max(moved) < 0.08
    assert np.median(moved) > 0.02


@pytest.mark.slow
def test_gallery_holds_every_sheet(tmp_path: Path, engine: Engine) -> None:
    files = write_gallery(engine, tmp_path / "sheets", people=2, size=64)
    assert {f.stem for f in files} == {"characters", "options", "sliders", "expressions", "views", "lights"}
    options = sum(len(d.options) for d in engine.schema.discrete)
    with Image.open(tmp_path / "sheets" / "options.jpg") as sheet:
        assert sheet.width * sheet.height >= options * 64 * 64


def test_the_mouth_stays_inside_the_face(engine: Engine) -> None:
    """Its lining came through the chin under these characters' thin lips."""
    for number in (38, 62, 69):
        labels = engine.render(draw(engine, 3, number, SampleConfig()).values, 256).labels
        lips, inside = (np.flatnonzero((labels == index(r)).any(1)) for r in ("lower_lip", "inner_mouth"))
        assert not len(inside) or inside.max() <= lips.max() + 1
