"""Hair, brows, beards, lipsticks and glasses of the reference engine, as its pictures and label maps show them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import binary_erosion, label

from engine_bridge.makehuman.engine import MakeHumanEngine, reference_schema
from f2p.engines.protocol import View
from f2p.face.detection import find_faces
from f2p.regions import index

# Compiling the kernels takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

CHOICES = {choice.name: choice.options for choice in reference_schema().discrete}
PLAIN: dict[str, float | str] = {"hair_style": "buzz", "beard_style": "none", "glasses": "none"}


@pytest.fixture(scope="module")
def engine() -> MakeHumanEngine:
    return MakeHumanEngine()


def area(labels: npt.NDArray[np.uint8], *names: str) -> int:
    return int(np.isin(labels, [index(name) for name in names]).sum())


def test_the_schema_offers_what_is_promised() -> None:
    schema = reference_schema()
    assert sum(p.frontal and p.role in ("identity", "appearance") for p in schema.continuous) >= 110
    assert sum(p.role == "expression" for p in schema.continuous) == 52
    wanted = {"hair_style": 32, "brow_style": 10, "beard_style": 11, "lipstick": 7, "glasses": 10, "head_cover": 3}
    assert {name: len(options) for name, options in CHOICES.items()} == wanted


@pytest.mark.parametrize("choice", CHOICES)
def test_every_option_looks_different(engine: MakeHumanEngine, choice: str) -> None:
    pictures = {engine.render({choice: option}, 96).image.tobytes() for option in CHOICES[choice]}
    assert len(pictures) == len(CHOICES[choice])


def test_beards_and_lipsticks_leave_the_rest_of_the_face_alone(engine: MakeHumanEngine) -> None:
    bare = engine.render(PLAIN, 128)
    lips, eyes = (np.isin(bare.labels, [index(n) for n in names]) for names in (["upper_lip", "lower_lip"], ["eyes"]))
    for style in CHOICES["beard_style"][1:]:
        bearded = engine.render({**PLAIN, "beard_style": style, "beard_density": 1.0}, 128).image
        assert (np.abs(bearded.astype(int) - bare.image).max(axis=2) > 12).sum() > 25, style
        assert (np.abs(bearded.astype(int) - bare.image)[eyes] <= 6).all(), style
    for stick in CHOICES["lipstick"][1:]:
        image = engine.render({**PLAIN, "lipstick": stick}, 128).image
        seen = 2.5 if stick == "nude" else 4
        assert np.abs(image[lips].astype(float).mean(axis=0) - bare.image[lips].mean(axis=0)).max() > seen, stick
        assert np.array_equal(image[eyes], bare.image[eyes]), stick


def test_glasses_are_labelled_and_leave_the_eyes_in_sight(engine: MakeHumanEngine) -> None:
    bare = engine.render(PLAIN, 128).labels
    assert area(bare, "glasses") == 0
    for style in CHOICES["glasses"][1:]:
        labels = engine.render({**PLAIN, "glasses": style}, 128).labels
        assert area(labels, "glasses") > 30, style
        assert area(labels, "eyes") > 0.8 * area(bare, "eyes"), style


def test_frames_clear_the_pupils_of_any_head(engine: MakeHumanEngine) -> None:
    for seed in range(4):
        values = {**engine.sample(seed), "hair_style": "buzz", "head_cover": "none"}
        bare = engine.render({**values, "glasses": "none"}, 128).labels
        for style in CHOICES["glasses"][1::3]:
            worn = engine.render({**values, "glasses": style}, 128).labels
            assert area(worn, "eyes") > 0.7 * area(bare, "eyes"), (seed, style)


def test_the_plain_brow_does_not_frown(engine: MakeHumanEngine) -> None:
    half = engine.render({}, 512).labels[:, 256:] == index("brows")
    columns = np.flatnonzero(half.any(axis=0))
    heights = np.array([np.flatnonzero(half[:, c]).mean() for c in columns])
    inner, outer = (heights[: len(heights) // 6].mean(), heights[-len(heights) // 6 :].mean())
    assert abs(inner - outer) < 14  # px of 512: the ends are about level


def test_no_light_is_dark_or_burnt_out(engine: MakeHumanEngine) -> None:
    studio = engine.render(PLAIN, 96)
    face = studio.labels == index("skin")
    lit = [engine.render(PLAIN, 96, View(light=n)) for n in range(1, 9)]
    means = [frame.image[face].mean() for frame in lit]
    assert min(means) > 40
    assert max(means) < 245
    assert np.std(means) > 6
    # A label is what a pixel shows, and where an outline halves a pixel that hangs on how bright its sides are.
    changed = [frame.labels != studio.labels for frame in lit]
    assert max(int(each.sum()) for each in changed) < 30
    inside = binary_erosion(studio.labels != index("background"), iterations=2)
    assert not any((each & inside).any() for each in changed)


@pytest.mark.parametrize(("unit", "way"), [("eyeLookOutLeft", 1), ("eyeLookInLeft", -1)])
def test_the_gaze_turns_the_iris(engine: MakeHumanEngine, unit: str, way: int) -> None:
    def iris(values: dict[str, float | str]) -> float:
        frame = engine.render({**PLAIN, "iris_colour": 0.0, **values}, 512)
        _, x = np.nonzero((frame.labels == index("eyes")) & (frame.image.sum(axis=2) < 200))
        return float(x[x > 256].mean())

    assert (iris({unit: 1.0}) - iris({})) * way > 4


def test_hair_leaves_no_holes_and_one_face_to_find(engine: MakeHumanEngine) -> None:
    """Background that hair and head enclose above the chin; below it, tips and shoulders rightly enclose some, and so
    do pigtails and a ponytail beside the ears."""
    for number, style in enumerate(CHOICES["hair_style"]):
        values = {**engine.sample(number), "hair_style": style, "head_cover": "none"}
        labels = engine.render(values, 128).labels
        patches, _ = label(np.pad(labels[:104] == index("background"), ((1, 0), (1, 1)), constant_values=True))
        assert ((patches > 0) & (patches != patches[0, 0])).sum() < 40 or style in ("pigtails", "ponytail"), style
        assert len(find_faces(engine.render({"hair_style": style}, 192).image)) == 1, style
