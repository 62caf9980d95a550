"""Brows, beards, lips and glasses of the reference engine, as its pictures and label maps show them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from f2p.engines.protocol import Engine, View
from f2p.engines.registry import open_engine
from f2p.face.detection import find_faces
from f2p.regions import index
from f2p.schema import Discrete

Map = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("makehuman")
    yield engine
    engine.close()


def options(engine: Engine, name: str) -> tuple[str, ...]:
    choice = engine.schema.parameter(name)
    assert isinstance(choice, Discrete)
    return choice.options


def area(labels: Map, *names: str) -> int:
    return int(np.isin(labels, [index(name) for name in names]).sum())


def test_each_choice_has_the_promised_options(engine: Engine) -> None:
    counts = {n: len(options(engine, n)) for n in ("brow_style", "beard_style", "lipstick", "glasses")}
    assert counts == {"brow_style": 10, "beard_style": 11, "lipstick": 7, "glasses": 6}


@pytest.mark.parametrize("choice", ["brow_style", "beard_style", "lipstick", "glasses"])
def test_every_option_looks_different(engine: Engine, choice: str) -> None:
    pictures = {engine.render({choice: option}, 128).image.tobytes() for option in options(engine, choice)}
    assert len(pictures) == len(options(engine, choice))


def test_brows_of_every_style_are_as_large_as_brows(engine: Engine) -> None:
    for style in options(engine, "brow_style"):
        assert 40 < area(engine.render({"brow_style": style}, 128).labels, "brows") < 220, style


def test_the_plain_brow_does_not_frown(engine: Engine) -> None:
    labels = engine.render({}, 512).labels == index("brows")
    half = labels[:, 256:]
    columns = np.flatnonzero(half.any(axis=0))
    heights = np.array([np.flatnonzero(half[:, c]).mean() for c in columns])
    inner, outer = (heights[: len(heights) // 6].mean(), heights[-len(heights) // 6 :].mean())
    assert abs(inner - outer) < 12  # px of 512, y down: the ends are about level


def test_brows_are_darker_than_the_skin_round_them(engine: Engine) -> None:
    fair = engine.render({"hair_darkness": 0.1, "hair_grey": 0.0}, 256)
    brows = fair.image[fair.labels == index("brows")].astype(float).mean(axis=0)
    skin = fair.image[fair.labels == index("skin")].astype(float).mean(axis=0)
    assert brows.mean() < skin.mean() - 25
    assert brows[0] > brows[2] + 15  # brown, not grey


def test_beards_leave_the_lips_free(engine: Engine) -> None:
    bare = engine.render({}, 256)
    lips = np.isin(bare.labels, [index("upper_lip"), index("lower_lip")])
    for style in options(engine, "beard_style")[1:]:
        bearded = engine.render({"beard_style": style, "beard_density": 1.0}, 256)
        change = np.abs(bearded.image.astype(int) - bare.image).max(axis=2)
        assert np.median(change[lips]) <= 2, style
        assert (change > 20).sum() > 100, style
        np.testing.assert_array_equal(bearded.labels, bare.labels)


def test_lips_are_as_high_as_those_of_people(engine: Engine) -> None:
    labels = engine.render({}, 512).labels
    rows = np.flatnonzero(np.isin(labels, [index("upper_lip"), index("lower_lip")]).any(axis=1))
    assert (rows[-1] - rows[0] + 1) / 4 == pytest.approx(8.0, abs=0.6)


def test_lipsticks_tint_the_lips_alone(engine: Engine) -> None:
    bare = engine.render({}, 256)
    lips = np.isin(bare.labels, [index("upper_lip"), index("lower_lip")])
    eyes = bare.labels == index("eyes")
    for stick in options(engine, "lipstick")[1:]:
        image = engine.render({"lipstick": stick}, 256).image
        assert np.abs(image[lips].astype(float).mean(axis=0) - bare.image[lips].mean(axis=0)).max() > 4, stick
        np.testing.assert_array_equal(image[eyes], bare.image[eyes])


def test_glasses_are_labelled_and_leave_the_eyes_in_sight(engine: Engine) -> None:
    bare = engine.render({}, 128).labels
    assert area(bare, "glasses") == 0
    for style in options(engine, "glasses")[1:]:
        labels = engine.render({"glasses": style}, 128).labels
        assert 100 < area(labels, "glasses") < 700, style
        assert area(labels, "eyes") > 0.9 * area(bare, "eyes"), style


def test_frames_clear_the_pupils_of_any_head(engine: Engine) -> None:
    for seed in range(12):
        for style in options(engine, "glasses")[1::2]:
            values = engine.sample(seed) | {"hair_style": "buzz"}
            bare = engine.render(values | {"glasses": "none"}, 128).labels
            worn = engine.render(values | {"glasses": style}, 128).labels
            assert area(worn, "eyes") > 0.75 * area(bare, "eyes"), (seed, style)
            assert area(worn, "glasses") > 80, (seed, style)


def test_frames_stand_before_the_skin_from_the_side(engine: Engine) -> None:
    for seed in range(4):
        labels = engine.render(
            engine.sample(seed) | {"glasses": "horn_rimmed", "hair_style": "buzz"}, 128, View(yaw=40)
        ).labels
        assert area(labels, "glasses") > 150


def test_glasses_sliders_change_the_frame(engine: Engine) -> None:
    small, large = (
        engine.render({"glasses": "rectangular", "glasses_size": v}, 256).labels == index("glasses") for v in (0.0, 1.0)
    )
    widths = [np.ptp(np.flatnonzero(labels[100:160].any(axis=0))) for labels in (small, large)]
    assert large.sum() > small.sum()
    assert widths[1] >= widths[0]
    black, silver = (
        engine.render({"glasses": "rectangular", "glasses_size": 0.0, "glasses_colour": v}, 256).image[small].mean()
        for v in (0.0, 1.0)
    )
    assert silver > black + 60


def test_dlib_finds_one_face_with_glasses(engine: Engine) -> None:
    styles = options(engine, "glasses")[1:]
    for seed in range(10):
        image = engine.render(engine.sample(seed) | {"glasses": styles[seed % len(styles)]}, 256).image
        assert len(find_faces(image)) == 1, seed


def test_older_people_wear_glasses_more_often(engine: Engine) -> None:
    people = [engine.sample(seed) for seed in range(600)]
    wears = np.array([p["glasses"] != "none" for p in people])
    old = np.array([float(p["age"]) for p in people]) > np.median([float(p["age"]) for p in people])
    assert 0.10 < wears.mean() < 0.28
    assert wears[old].mean() > wears[~old].mean() + 0.03
