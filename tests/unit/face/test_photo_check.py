"""What can be said of a photo before anybody waits for a search."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from f2p.errors import SeveralFaces
from f2p.face.photo_check import inspect_photo
from f2p.imaging.decode import read_photo
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo

Points = npt.NDArray[np.float64]


def test_a_good_photo_has_no_issue_and_no_hint(frame_landmarks5: Points) -> None:
    found = inspect_photo(good_photo(), frame_landmarks5, 64)
    assert (found.usable, found.error, found.hints, len(found.faces)) == (True, None, (), 1)
    assert found.quality is not None
    assert inspect_photo(read_photo(good_photo()), frame_landmarks5, 64).quality == found.quality


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_bad_photo_is_an_answer(frame_landmarks5: Points, name: str) -> None:
    found = inspect_photo(bad_photo(name), frame_landmarks5, 64)
    assert found.error is not None
    assert (found.error.reason, found.usable, found.quality) == (BAD_PHOTOS[name], False, None)
    assert found.error.remedy


def test_a_dark_photo_is_usable_and_a_light_would_help(frame_landmarks5: Points) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(good_photo())).point(lambda value: value // 6).save(buffer, "JPEG", quality=95)
    found = inspect_photo(buffer.getvalue(), frame_landmarks5, 64)
    assert found.usable
    hints = {hint.reason: hint for hint in found.hints}
    assert hints["FACE_DARK"].remedy == "Turn on a light, or face a window."


def test_of_several_faces_one_can_be_chosen(frame_landmarks5: Points) -> None:
    several = bad_photo("three_faces")
    assert isinstance(inspect_photo(several, frame_landmarks5, 64).error, SeveralFaces)
    chosen = inspect_photo(several, frame_landmarks5, 64, face=2)
    assert chosen.usable
    assert "OTHER_FACES" not in {hint.reason for hint in chosen.hints}
