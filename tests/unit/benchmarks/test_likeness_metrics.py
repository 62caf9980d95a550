"""The likeness benchmark's measures, on inputs whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.landmark_baseline.model import JAW, MOUTH, Array, Detector, default_model
from benchmarks.likeness.degrade import DEGRADATIONS, TITLES, degrade
from benchmarks.likeness.metrics import (
    CLASSES,
    OUTSIDE,
    colour_errors,
    cosines,
    delta_e,
    eye_frame,
    label_iou,
    landmark_distance,
    rank_k,
    ranks,
    region_lab,
    resample,
)
from f2p.regions import index

Pixels = np.ndarray


# Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", Color Research and Application 30(1), 2005, table 1.
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_delta_e_is_the_published_one(a: tuple[float, ...], b: tuple[float, ...], expected: float) -> None:
    assert delta_e(a, b) == pytest.approx(expected, abs=1e-4)
    assert delta_e(b, a) == pytest.approx(expected, abs=1e-4)


def painted(**colours: tuple[int, int, int]) -> tuple[Pixels, Pixels]:
    """A picture of horizontal stripes, and its region map."""
    image = np.zeros((10 * len(colours), 40, 3), np.uint8)
    regions = np.zeros(image.shape[:2], np.uint8)
    for n, (name, colour) in enumerate(colours.items()):
        image[10 * n : 10 * n + 10], regions[10 * n : 10 * n + 10] = colour, index(name)
    return image, regions


def test_colour_of_a_region_is_its_median() -> None:
    image, regions = painted(skin=(255, 255, 255), hair=(0, 0, 0))
    image[:3, :] = (200, 0, 0)  # under half of the skin
    lab = region_lab(image, regions, ("skin",))
    assert lab is not None
    np.testing.assert_allclose(lab, (100, 0, 0), atol=0.01)
    assert region_lab(image, regions, ("brows",)) is None


def test_colour_errors_are_zero_for_one_picture_and_know_grey() -> None:
    image, regions = painted(skin=(220, 170, 150), hair=(60, 40, 30), upper_lip=(170, 80, 80))
    assert colour_errors(image, regions, image, regions) == {
        "delta_e_skin": 0.0,
        "delta_e_hair": 0.0,
        "delta_e_lips": 0.0,
    }
    drained = np.repeat(image @ np.array([0.299, 0.587, 0.114]), 3).reshape(image.shape).round().astype(np.uint8)
    assert colour_errors(image, regions, drained, regions)["delta_e_lips"] > 10
    assert colour_errors(image, regions, drained, regions, grey=True)["delta_e_lips"] < 0.5


def test_cosines_are_of_what_differs_from_the_centre() -> None:
    centre = np.array([5.0, 5.0])
    table = cosines(centre + np.array([(1, 0), (0, 2), (0, 0)]), centre + np.array([(3, 0), (-1, 0)]), centre)
    np.testing.assert_allclose(table, [(1, -1), (0, 0), (0, 0)], atol=1e-12)


def test_ranks_count_the_photos_that_are_nearer_and_ties_count_against() -> None:
    similarity = np.array([(0.9, 0.8, 0.2), (0.1, 0.7, 0.2), (0.3, 0.1, 0.2)])
    assert ranks(similarity).tolist() == [0, 1, 2]
    assert rank_k(similarity, 1) == pytest.approx(1 / 3)
    assert rank_k(similarity, 2) == pytest.approx(2 / 3)
    assert rank_k(similarity, 5) == 1.0


def face() -> Array:
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 100, (68, 2))
    points[:17] = np.stack((np.linspace(0, 100, 17), 60 + 40 * np.sin(np.linspace(0, np.pi, 17))), 1)
    points[36:42] = rng.normal((30, 40), 2, (6, 2))
    points[42:48] = rng.normal((70, 40), 2, (6, 2))
    return points


def test_eyes_stand_one_unit_apart_in_their_frame() -> None:
    framed = eye_frame(face())
    np.testing.assert_allclose(framed[36:42].mean(0), (-0.5, 0), atol=1e-12)
    np.testing.assert_allclose(framed[42:48].mean(0), (0.5, 0), atol=1e-12)


def test_landmark_distance_knows_neither_place_nor_size_nor_tilt() -> None:
    points, turn = face(), np.radians(20)
    moved = 3 * points @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (17, -4)
    assert max(landmark_distance(points, points).values()) == 0
    assert max(landmark_distance(points, moved).values()) < 1e-12


def test_landmark_distance_is_in_inter_ocular_distances_by_region() -> None:
    points = face()
    lower = points.copy()
    apart = np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0))
    lower[MOUTH, 1] += apart / 10
    found = landmark_distance(points, lower)
    assert found["landmarks_mouth"] == pytest.approx(0.1)
    assert found["landmarks_nose"] == 0
    assert found["landmarks"] == pytest.approx(0.1 * 20 / 68)


def test_jaw_points_may_slide_along_the_jaw() -> None:
    points = face()
    points[JAW] = np.stack((np.linspace(0, 100, 17), np.full(17, 95.0)), 1)
    along, across = points.copy(), points.copy()
    along[JAW] += (4, 0)
    across[JAW] += (0, 4)
    apart = np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0))
    assert landmark_distance(points, along)["landmarks_jaw"] < 1e-9
    assert landmark_distance(points, across)["landmarks_jaw"] == pytest.approx(4 / apart)


def test_landmarks_of_one_picture_are_alike(astronaut: Pixels) -> None:
    detect = Detector(default_model())
    points, again = detect(astronaut), detect(astronaut.copy())
    assert points is not None
    assert again is not None
    assert landmark_distance(points, again)["landmarks"] == 0
    assert detect(np.zeros((200, 200, 3), np.uint8)) is None


def test_label_iou_takes_regions_together_and_leaves_out_what_the_photo_does_not_show() -> None:
    drawn = np.full((8, 8), index("background"), np.uint8)
    drawn[2:6, 2:6] = index("skin")
    drawn[0:2] = index("brows")
    hand = np.full((4, 4), CLASSES.index("background"), np.uint8)
    hand[1:3, 1:3] = CLASSES.index("skin")
    hand[0] = CLASSES.index("hair")
    assert label_iou(drawn, hand) == {"iou_background": 1.0, "iou_skin": 1.0, "iou_hair": 1.0}
    hand[1:3, 1] = CLASSES.index("nose")
    assert label_iou(drawn, hand)["iou_skin"] == 0.5
    assert label_iou(drawn, hand)["iou_nose"] == 0
    hand[1:3, 1] = OUTSIDE
    assert label_iou(drawn, hand)["iou_skin"] == 1.0


def test_resample_takes_the_nearest() -> None:
    labels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert resample(labels, 2).tolist() == [[5, 7], [13, 15]]
    assert resample(labels, 8)[::2, ::2].tolist() == labels.tolist()


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_degradations_change_what_they_say(name: str, astronaut: Pixels) -> None:
    photo = degrade(name, astronaut, 120.0)
    before, after = astronaut.astype(float), photo.pixels.astype(float)
    assert TITLES[name]
    assert after.shape == before.shape
    assert photo.grey == (name == "grey")
    ratio = after.mean((0, 1)) / before.mean((0, 1))
    if name == "dark":
        np.testing.assert_allclose(ratio, 0.5, atol=0.01)
    elif name == "bright":
        assert (after >= before).all()
        assert (ratio > 1.3).all()
    elif name == "warm":
        assert ratio[0] > 1 > ratio[2]
    else:
        assert ratio.mean() == pytest.approx(1, abs=0.05)
    if name == "blur":
        assert np.abs(np.diff(after, axis=0)).mean() < 0.5 * np.abs(np.diff(before, axis=0)).mean()
    if name == "jpeg":
        assert 1 < np.abs(after - before).mean() < 10
