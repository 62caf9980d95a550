"""What is no face makes no character; faces in bad light, behind sunglasses and far away do."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image, ImageDraw

from f2p.errors import NoFace
from f2p.face.alignment import Aligned, align
from f2p.face.crops import photo_chips
from f2p.face.detection import find_faces
from f2p.face.small_faces import find_photo_faces
from f2p.face.visibility import FACE_SQUARE
from f2p.imaging.decode import Photo, read_photo
from f2p.imaging.geometry import apply, invert, similarity
from f2p.networks.recognition.dlib_resnet import dlib_face_net

Pixels = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


def drawn(astronaut: Pixels, shape: list[tuple[float, float]], colour: tuple[int, int, int]) -> Pixels:
    """The portrait with a polygon, in the face square, laid over it."""
    picture = Image.fromarray(astronaut)
    place = invert(similarity(find_faces(astronaut)[0].landmarks5, FACE_SQUARE))
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in apply(place, shape)], fill=colour)
    return np.array(picture)


def aligned(pixels: Pixels, frame_landmarks5: Points) -> Aligned:
    return align(Photo(np.ascontiguousarray(pixels), grey=False), frame_landmarks5, 128)


def reasons(found: Aligned) -> set[str]:
    return {warning.split(":")[0] for warning in found.warnings}


def test_a_suits_patch_is_no_face(astronaut: Pixels, frame_landmarks5: Points) -> None:
    suit = np.ascontiguousarray(astronaut[250:, 100:410])
    assert find_faces(suit, verify=False), "the detector takes nothing for a face here: the test tests nothing"
    assert find_faces(suit) == []
    with pytest.raises(NoFace):
        aligned(suit, frame_landmarks5)


def test_a_patch_does_not_stand_in_for_a_masked_face(astronaut: Pixels) -> None:
    masked = drawn(astronaut, [(-0.1, 0.42), (1.1, 0.42), (1.0, 1.2), (0.0, 1.2)], (70, 110, 160))
    assert all(face.box[1] < 200 for face in find_faces(masked))
    assert any(face.box[1] > 200 for face in find_faces(masked, verify=False))


def test_sunglasses_hide_eyes_and_not_the_person(astronaut: Pixels, frame_landmarks5: Points) -> None:
    turn = np.linspace(0, 2 * np.pi, 24)
    for middle in (0.24, 0.76):
        lens = [(middle + 0.23 * np.cos(angle), 0.33 + 0.11 * np.sin(angle)) for angle in turn]
        astronaut = drawn(astronaut, lens, (12, 12, 14))
    (face,) = find_faces(astronaut)
    assert face.box[1] < 200
    assert "FACE_COVERED" in reasons(aligned(astronaut, frame_landmarks5))


@pytest.mark.parametrize(
    ("rows", "columns", "part"),
    [
        (slice(0, 166), slice(0, 512), "chin"),
        (slice(98, 400), slice(0, 512), "forehead"),
        (slice(0, 512), slice(0, 252), "side"),
    ],
)
def test_a_part_beyond_the_edge_is_named(
    astronaut: Pixels, frame_landmarks5: Points, rows: slice, columns: slice, part: str
) -> None:
    found = aligned(astronaut[rows, columns], frame_landmarks5)
    assert found.quality.cut == (part,)
    assert f"FACE_CUT: The {part} of the face lies beyond the photo's edge." in found.warnings


def test_a_whole_face_in_the_dark_is_neither_covered_nor_cut(astronaut: Pixels, frame_landmarks5: Points) -> None:
    assert reasons(aligned((astronaut * 0.1).astype(np.uint8), frame_landmarks5)) == {"FACE_DARK"}
    assert reasons(aligned(astronaut, frame_landmarks5)) == set()


PHONE = [(0.1, 0.95), (0.9, 0.9), (0.95, 1.9), (0.15, 1.95)]


@pytest.mark.parametrize("colour", [(15, 15, 18), (230, 230, 232), (60, 80, 150)])
def test_a_phone_before_the_chin_is_left_out(
    astronaut: Pixels, frame_landmarks5: Points, colour: tuple[int, int, int]
) -> None:
    found = aligned(drawn(astronaut, PHONE, colour), frame_landmarks5)
    assert "FACE_COVERED" in reasons(found)
    assert found.occluded is not None
    frame = similarity(FACE_SQUARE, found.landmarks5)
    chin, mouth, cheek = (apply(frame, [point])[0] * 128 for point in ((0.5, 1.1), (0.5, 0.8), (0.2, 0.7)))
    hidden = [bool(found.occluded[int(y), int(x)]) for x, y in (chin, mouth, cheek)]
    assert hidden == [True, False, False]
    # What no network should see is gone from the picture.
    assert (found.image[:, int(chin[1]), int(chin[0])] * 255 - torch.tensor(colour)).abs().max() > 30


def in_large_photo(astronaut: Pixels, width: int, height: int, face_px: float) -> tuple[bytes, Pixels]:
    """A photo of a plain wall with the person in it, and the same pixels cropped."""
    person = Image.fromarray(astronaut[:330, 60:400])
    side = face_px / 88.0
    person = person.resize((round(person.width * side), round(person.height * side)), Image.Resampling.LANCZOS)
    down = np.linspace(150, 200, height).astype(np.uint8)
    wall = Image.fromarray(np.broadcast_to(down[:, None, None], (height, width, 3)).copy())
    x, y = round(width * 0.61), round(height * 0.43)
    wall.paste(person, (x, y))
    data = io.BytesIO()
    wall.save(data, "JPEG", quality=92)
    stored = np.asarray(Image.open(io.BytesIO(data.getvalue())))
    margin = round(2 * face_px)
    return data.getvalue(), stored[y - margin : y + person.height + margin, x - margin : x + person.width + margin]


@pytest.mark.parametrize(
    ("width", "height", "face_px"),
    [
        (4032, 3024, 100),
        pytest.param(4032, 3024, 60, marks=pytest.mark.slow),
        pytest.param(8064, 6048, 80, marks=pytest.mark.slow),
        pytest.param(8064, 6048, 150, marks=pytest.mark.slow),
    ],
)
def test_a_small_face_in_a_large_photo(
    astronaut: Pixels, frame_landmarks5: Points, width: int, height: int, face_px: float
) -> None:
    data, crop = in_large_photo(astronaut, width, height, face_px)
    photo = read_photo(data)
    (face,) = find_photo_faces(photo)
    assert face.box[0] / photo.pixels.shape[1] == pytest.approx(0.63, abs=0.05)
    found = align(photo, frame_landmarks5, 128, faces=[face])
    assert found.quality.face_px == pytest.approx(face_px, rel=0.25)
    assert not found.grey, "the wall is grey, the person is not"
    net, cropped = dlib_face_net(), aligned(crop, frame_landmarks5)
    with torch.no_grad():
        one, other = (net(photo_chips(each.photo, each.landmarks5_px))[0] for each in (found, cropped))
    # Two people's lie .6 and more apart; the same pixels differ by where the detector's steps fall.
    assert float((one - other).norm()) < 0.2


def embedding(found: Aligned) -> torch.Tensor:
    with torch.no_grad():
        return dlib_face_net()(photo_chips(found.photo, found.landmarks5_px))[0]


def test_a_face_in_a_tenth_of_the_light_is_the_same_person(astronaut: Pixels, frame_landmarks5: Points) -> None:
    dark = (astronaut * 0.1).astype(np.uint8)
    found, bright = aligned(dark, frame_landmarks5), aligned(astronaut, frame_landmarks5)
    # As it was: .44 apart, two people's lie .6 and more.
    assert float((embedding(found) - embedding(bright)).norm()) < 0.3
    assert float((found.image - bright.image).abs().mean()) < 0.06
    assert found.quality.brightness < 0.1
    assert reasons(found) == {"FACE_DARK"}


def test_a_dark_face_beside_something_bright_stays_dark(astronaut: Pixels, frame_landmarks5: Points) -> None:
    dark = (astronaut * 0.25).astype(np.uint8)
    dark[:, 400:] = 250
    assert np.array_equal(aligned(dark, frame_landmarks5).photo, dark)
