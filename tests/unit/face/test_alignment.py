from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from skimage import measure

from f2p.errors import FaceTooSmall, NoFace, ParameterError, SeveralFaces
from f2p.face.alignment import Aligned, align
from f2p.face.detection import Face, choose_face, find_faces
from f2p.face.quality import Quality, blur_effect, warnings_about
from f2p.imaging.decode import Photo
from f2p.imaging.geometry import apply, compose, invert, similarity, warp


def photo(pixels: np.ndarray) -> Photo:
    return Photo(np.ascontiguousarray(pixels), grey=False)


def resized(pixels: np.ndarray, side: int) -> np.ndarray:
    return np.array(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def aligned(astronaut: np.ndarray, frame_landmarks5: np.ndarray) -> Aligned:
    return align(photo(astronaut), frame_landmarks5, 256)


def test_similarity_recovers_a_known_one() -> None:
    points = np.random.default_rng(0).random((5, 2))
    angle = 0.7
    known = np.column_stack(
        [1.7 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), [3, -2]]
    )
    np.testing.assert_allclose(similarity(points, apply(known, points)), known)
    np.testing.assert_allclose(compose(known, invert(known)), [[1, 0, 0], [0, 1, 0]], atol=1e-12)


def test_similarity_never_mirrors() -> None:
    points = np.random.default_rng(0).random((5, 2))
    fitted = similarity(points, points * [-1, 1])
    assert np.linalg.det(fitted[:, :2]) > 0


def test_the_face_reaches_the_frame(aligned: Aligned, frame_landmarks5: np.ndarray) -> None:
    assert aligned.image.shape == (3, 256, 256)
    assert aligned.image.min() >= 0
    assert aligned.image.max() <= 1
    assert np.abs(aligned.landmarks5 - frame_landmarks5).max() < 0.02
    again = find_faces((aligned.image.permute(1, 2, 0).numpy() * 255).astype(np.uint8))[0]
    assert np.abs(again.landmarks5 / 256 - frame_landmarks5).max() < 0.03
    np.testing.assert_allclose(apply(aligned.transform, aligned.landmarks5_px), aligned.landmarks5)
    assert aligned.warnings == ()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_on_its_side_gives_the_same(
    astronaut: np.ndarray, frame_landmarks5: np.ndarray, aligned: Aligned, turns: int
) -> None:
    other = align(photo(np.rot90(astronaut, turns)), frame_landmarks5, 256)
    assert (other.image - aligned.image).abs().max() < 1e-4
    assert abs(other.quality.roll_deg - aligned.quality.roll_deg) > 80


@pytest.mark.parametrize("angle", [-30, 20])
def test_roll_is_undone(astronaut: np.ndarray, frame_landmarks5: np.ndarray, aligned: Aligned, angle: int) -> None:
    leaning = np.array(Image.fromarray(astronaut).rotate(angle, Image.Resampling.BICUBIC))
    other = align(photo(leaning), frame_landmarks5, 256)
    assert other.quality.roll_deg == pytest.approx(aligned.quality.roll_deg - angle, abs=4)
    face = (slice(None), slice(90, 160), slice(90, 166))
    assert (other.image[face] - aligned.image[face]).abs().mean() < 0.06


def test_answers_are_in_the_photos_own_pixels(astronaut: np.ndarray) -> None:
    plain = find_faces(astronaut)[0]
    large = find_faces(np.array(Image.fromarray(astronaut).resize((1500, 1500))))[0]
    np.testing.assert_allclose(large.landmarks5 / 1500, plain.landmarks5 / 512, atol=0.01)
    wide = find_faces(np.array(Image.fromarray(astronaut).resize((1400, 1100))))[0]
    np.testing.assert_allclose(wide.landmarks5 / [1400, 1100], plain.landmarks5 / 512, atol=0.02)
    offset = np.zeros((700, 900, 3), np.uint8)
    offset[150:662, 300:812] = astronaut
    moved = find_faces(offset)[0]
    np.testing.assert_allclose(moved.landmarks5, plain.landmarks5 + np.array([300, 150]), atol=3)
    assert moved.width == pytest.approx(plain.width, abs=12)


def test_three_faces(astronaut: np.ndarray, frame_landmarks5: np.ndarray) -> None:
    crop = astronaut[:256, 100:356]
    three = np.concatenate([crop, crop, crop], axis=1)
    with pytest.raises(SeveralFaces, match="shows 3 faces") as caught:
        align(photo(three), frame_landmarks5, 64)
    assert caught.value.details["faces"] == 3
    places = {align(photo(three), frame_landmarks5, 64, face_index=n).landmarks5_px[4, 0] // 256 for n in range(3)}
    assert places == {0, 1, 2}
    with pytest.raises(ParameterError, match="0 to 2"):
        align(photo(three), frame_landmarks5, 64, face_index=3)
    with pytest.raises(ParameterError):
        align(photo(three), frame_landmarks5, 64, face_index=-1)


def test_a_bystander_is_only_mentioned(astronaut: np.ndarray, frame_landmarks5: np.ndarray) -> None:
    scene = np.zeros((800, 1000, 3), np.uint8)
    scene[:768, :768] = resized(astronaut[:256, 100:356], 768)
    scene[100:340, 760:1000] = resized(astronaut[:256, 100:356], 240)
    found = align(photo(scene), frame_landmarks5, 64)
    assert found.landmarks5_px[4, 0] < 700
    assert found.warnings == ("OTHER_FACES: The photo shows 1 smaller face(s) besides; the largest was taken.",)
    assert align(photo(scene), frame_landmarks5, 64, face_index=0).warnings == ()


def test_no_face(frame_landmarks5: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    for pixels in (noise, np.zeros((64, 64, 3), np.uint8)):
        with pytest.raises(NoFace, match="one face from the front"):
            align(photo(pixels), frame_landmarks5, 64)


def test_small_faces(astronaut: np.ndarray, frame_landmarks5: np.ndarray) -> None:
    crop = astronaut[:300, 90:390]
    with pytest.raises(FaceTooSmall, match="at least 40"):
        align(photo(resized(crop, 80)), frame_landmarks5, 64)
    assert any(
        text.startswith("FACE_SMALL") for text in align(photo(resized(crop, 130)), frame_landmarks5, 64).warnings
    )


def test_choose_face_prefers_the_one_that_stands_out() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    large, small = (Face((0.0, 0.0, width, width), 1.0, np.zeros((5, 2))) for width in (100.0, 40.0))
    assert choose_face([small, large], pixels) is large
    assert choose_face([small, large], pixels, index=0) is small
    with pytest.raises(NoFace):
        choose_face([], pixels)


def test_quality_sees_faults(astronaut: np.ndarray, frame_landmarks5: np.ndarray, aligned: Aligned) -> None:
    image = Image.fromarray(astronaut)
    blurs = [
        align(photo(np.array(image.filter(ImageFilter.GaussianBlur(radius)))), frame_landmarks5, 64)
        for radius in (1, 2, 3)
    ]
    values = [aligned.quality.blur, *(found.quality.blur for found in blurs)]
    assert all(a < b for a, b in pairwise(values))
    assert any(text.startswith("FACE_BLURRED") for text in blurs[-1].warnings)
    dark = align(photo(astronaut // 6), frame_landmarks5, 64)
    assert any(text.startswith("FACE_DARK") for text in dark.warnings)
    # Contrast does not count as sharpness.
    assert dark.quality.blur == pytest.approx(aligned.quality.blur, abs=0.05)


def test_yaw_hint_follows_the_nose() -> None:
    quality = Quality(face_px=200, score=2, blur=0.4, brightness=0.5, roll_deg=0, yaw_hint=-25)
    (text,) = warnings_about(quality)
    assert text == "FACE_TURNED: The face is turned away by about 25 degrees."


def test_blur_effect_has_its_ends() -> None:
    noise = np.random.default_rng(0).random((64, 64))
    assert blur_effect(noise) < 0.2
    assert blur_effect(np.ones((64, 64))) == 1.0
    picture = np.random.default_rng(0).random((200, 200)).cumsum(0).cumsum(1) / 400
    assert blur_effect(picture) == pytest.approx(measure.blur_effect(picture, h_size=9), abs=0.05)


IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def test_warp_leaves_pixels_where_they_are(astronaut: np.ndarray) -> None:
    same = warp(astronaut, IDENTITY / 512, 512)
    np.testing.assert_allclose(same.permute(1, 2, 0).numpy() * 255, astronaut, atol=1e-2)


def test_warp_replicates_borders() -> None:
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:, -1] = (255, 0, 0)
    pixels[:, 0] = (0, 255, 0)
    wide = warp(pixels, np.array([[1 / 80, 0, 0.25], [0, 1 / 80, 0.25]]), 80)
    assert wide[:, 40, 79].tolist() == pytest.approx([1, 0, 0], abs=1e-5)
    assert wide[:, 0, 0].tolist() == pytest.approx([0, 1, 0], abs=1e-5)
    far = warp(pixels, np.array([[1 / 40, 0, -30.0], [0, 1 / 40, 0]]), 16)
    assert far[0].min() == pytest.approx(1.0, abs=1e-5)


def test_warp_does_not_alias() -> None:
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    small = warp(stripes, IDENTITY / 512, 64)
    assert (small - 0.5).abs()[:, 4:-4, 4:-4].max() < 0.02


@pytest.mark.parametrize("quality", [75, 85, 90, 95])
def test_a_pattern_beside_a_plain_face_is_no_face(astronaut: np.ndarray, quality: int) -> None:
    """As a JPEG, the detector also sees a face in the suit, at a score below .1."""
    buffer = io.BytesIO()
    Image.fromarray(astronaut).save(buffer, "JPEG", quality=quality)
    (face,) = find_faces(np.array(Image.open(buffer)))
    assert face.score > 1


def test_coverage_ends_where_the_photo_ends(astronaut: np.ndarray, frame_landmarks5: np.ndarray) -> None:
    cut = np.ascontiguousarray(astronaut[60:])
    whole, part = (align(Photo(pixels, grey=False), frame_landmarks5, 64) for pixels in (astronaut, cut))
    assert whole.valid_mask.min() == 1
    rows = part.valid_mask.mean(1)
    assert rows[0] == 0
    assert rows[-1] == 1
    assert torch.allclose(part.image[:, part.valid_mask > 0], whole.image[:, part.valid_mask > 0], atol=0.15)


@pytest.mark.parametrize("what", ["mask", "glasses"])
@pytest.mark.parametrize("colour", [(90, 140, 200), (25, 25, 25), (200, 155, 130)])
def test_a_covered_face_is_noticed(
    astronaut: np.ndarray, frame_landmarks5: np.ndarray, what: str, colour: tuple[int, int, int]
) -> None:
    (face,) = find_faces(astronaut)
    left, top, right, bottom = face.box
    height, eyes, nose = bottom - top, face.landmarks5[:4, 1].mean(), face.landmarks5[4, 1]
    rows = (nose - 0.02 * height, bottom) if what == "mask" else (eyes - 0.11 * height, eyes + 0.11 * height)
    valid_mask = astronaut.copy()
    valid_mask[int(rows[0]) : int(rows[1]), int(left + 0.06 * height) : int(right - 0.06 * height)] = colour
    try:
        warnings = align(photo(valid_mask), frame_landmarks5, 64).warnings
    except NoFace:
        return
    assert any(text.startswith("FACE_COVERED") for text in warnings)


def test_points_of_a_small_face_do_not_depend_on_where_the_photo_is_cut(
    astronaut: np.ndarray, frame_landmarks5: np.ndarray
) -> None:
    person = np.asarray(Image.fromarray(astronaut[:330, 60:400]).resize((386, 375), Image.Resampling.LANCZOS))
    as_found, as_used = [], []
    for x, y in ((0, 0), (3, 2), (9, 5), (14, 7)):
        cut = np.ascontiguousarray(person[y:, x:])
        as_found.append(find_faces(cut)[0].landmarks5 + np.array([x, y]))
        as_used.append(align(Photo(cut, grey=False), frame_landmarks5, 128).landmarks5_px + np.array([x, y]))
    assert np.ptp(as_found, axis=0).max() > 0.5, "the detector's steps do not show here: the test tests nothing"
    assert np.ptp(as_used, axis=0).max() < 0.15
