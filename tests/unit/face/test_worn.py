"""Glasses and beards that are drawn on a photo are found in its pixels, and nothing else is."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

from f2p.arrays import Pixels
from f2p.face.detection import find_faces
from f2p.face.worn import beard_places, worn_in_photo
from f2p.networks.perception import perception
from tests.helpers.bad_photos import good_photo

Points = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def photo() -> Pixels:
    return np.asarray(Image.open(io.BytesIO(good_photo())))


@pytest.fixture(scope="module")
def landmarks(photo: Pixels) -> Points:
    return find_faces(photo)[0].landmarks5


@pytest.fixture(scope="module")
def mesh(photo: Pixels, landmarks: Points) -> torch.Tensor:
    """(L, 2) in dlib's square: of the plain photo, so that what is drawn on it moves nothing."""
    return perception().mesh_of_photo(photo, landmarks)


def glasses_on(photo: Pixels, landmarks: Points) -> Pixels:
    picture = Image.fromarray(photo)
    pen, (right, left) = ImageDraw.Draw(picture), (landmarks[0:2], landmarks[2:4])
    wide = float(np.linalg.norm(right[0] - right[1])) * 0.8
    for x, y in (right.mean(0), left.mean(0)):
        pen.ellipse((x - wide, y - wide, x + wide, y + wide), outline=(30, 25, 25), width=2)
    (x0, y0), (x1, y1) = left.mean(0), right.mean(0)
    pen.line((x0 + wide, y0, x1 - wide, y1), fill=(30, 25, 25), width=2)
    return np.asarray(picture)


def hair_on(photo: Pixels, landmarks: Points, middle: Points, size: float) -> Pixels:
    """Short dark lines over a place, as hairs are."""
    picture, rng = Image.fromarray(photo), np.random.default_rng(0)
    pen = ImageDraw.Draw(picture)
    for x, y in middle + rng.uniform(-1, 1, (500, 2)) * (size, 0.45 * size):
        pen.line((x, y, x + rng.normal(0, 1), y + 3), fill=(40, 25, 20))
    return np.asarray(picture)


def below(landmarks: Points, share: float) -> Points:
    """A place below the base of the nose, in distances from the eyes to there."""
    eyes = landmarks[:4].mean(0)
    return landmarks[4] + share * (landmarks[4] - eyes)


def test_a_bare_face_wears_nothing(photo: Pixels, landmarks: Points, mesh: torch.Tensor) -> None:
    found = worn_in_photo(photo, landmarks, mesh)
    assert max(found.glasses, found.lip_hair, found.chin_hair) < -1.5
    assert worn_in_photo(photo // 3, landmarks, mesh).glasses == pytest.approx(found.glasses, abs=0.7)


def test_glasses_are_seen_by_their_bridge(photo: Pixels, landmarks: Points, mesh: torch.Tensor) -> None:
    found = worn_in_photo(glasses_on(photo, landmarks), landmarks, mesh)
    assert found.glasses > 2
    assert max(found.lip_hair, found.chin_hair) < -1.5


@pytest.mark.parametrize(("share", "on", "off"), [(0.25, "lip_hair", "chin_hair"), (0.85, "chin_hair", "lip_hair")])
def test_hair_is_seen_where_it_grows(
    photo: Pixels, landmarks: Points, mesh: torch.Tensor, share: float, on: str, off: str
) -> None:
    size = 0.35 * float(np.linalg.norm(landmarks[0] - landmarks[2]))
    hairy = hair_on(photo, landmarks, below(landmarks, share), size)
    found = worn_in_photo(hairy, landmarks, mesh)
    assert getattr(found, on) > 2
    assert getattr(found, off) < -1.5
    assert found.glasses < -1.5
    blurred = np.asarray(Image.fromarray(hairy).filter(ImageFilter.GaussianBlur(6)))
    unsure = worn_in_photo(blurred, landmarks, mesh)
    assert (unsure.lip_hair, unsure.chin_hair) == (0.0, 0.0)


def test_a_fringe_hides_no_moustache(photo: Pixels, landmarks: Points, mesh: torch.Tensor) -> None:
    wide = float(np.linalg.norm(landmarks[0] - landmarks[2]))
    hairy = hair_on(photo, landmarks, below(landmarks, 0.25), 0.35 * wide)
    fringed = hair_on(hairy, landmarks, below(landmarks, -1.7), 0.6 * wide)
    assert worn_in_photo(fringed, landmarks, mesh).lip_hair > 2


def test_lip_and_chin_are_two_places(mesh: torch.Tensor) -> None:
    lip, chin = beard_places(mesh)
    assert not (lip & chin).any()
    assert lip.sum() > 100
    assert chin.sum() > 100
    assert lip.nonzero()[:, 0].max() < chin.nonzero()[:, 0].min()
