"""Every thing that can be wrong with a photo, over the wire: typed, with words for people and what to do."""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from f2p.client import CharacterClient
from f2p.engines.protocol import View
from f2p.engines.registry import open_engine
from f2p.v1 import character_pb2 as messages
from tests.helpers.bad_photos import bad_photo, good_photo


def _encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def _portrait() -> Image.Image:
    return Image.open(io.BytesIO(good_photo()))


def _masked() -> Image.Image:
    portrait = _portrait()
    ImageDraw.Draw(portrait).rectangle((185, 142, 262, 172), fill=(90, 140, 200))
    return portrait.crop((80, 0, 400, 300))


@cache
def _turned() -> Image.Image:
    """The embedded engine's average head: a head that turns as far as it is told."""
    engine = open_engine("makehuman")
    try:
        values = engine.schema.decode(engine.schema.average())
        return Image.fromarray(engine.render(values, size=512, view=View(yaw=30)).image)
    finally:
        engine.close()


FORBIDDING: dict[str, tuple[Callable[[], bytes], str]] = {
    "NO_FACE": (lambda: bad_photo("no_face"), "NO_FACE"),
    "SEVERAL_FACES": (lambda: bad_photo("three_faces"), "SEVERAL_FACES"),
    "PHOTO_TOO_SMALL": (lambda: bad_photo("ten_pixels"), "TOO_SMALL"),
    "FACE_TOO_SMALL": (lambda: _encoded(_portrait().resize((200, 200))), "TOO_SMALL"),
    "PHOTO_TOO_LARGE": (lambda: bad_photo("bomb"), "TOO_LARGE"),
    "PHOTO_UNREADABLE": (lambda: bad_photo("text"), "UNREADABLE"),
    "PHOTO_TRUNCATED": (lambda: bad_photo("cut_off_jpeg"), "UNREADABLE"),
    "PHOTO_EMPTY": (lambda: b"", "UNREADABLE"),
}
LOWERING: dict[str, tuple[Callable[[], Image.Image], str]] = {
    "FACE_SMALL": (lambda: _portrait().resize((280, 280)), "TOO_SMALL"),
    "FACE_BLURRED": (lambda: _portrait().filter(ImageFilter.GaussianBlur(3)), "BLURRED"),
    "FACE_DARK": (lambda: _portrait().point(lambda value: value // 6), "DARK"),
    "FACE_OVEREXPOSED": (lambda: _portrait().point(lambda value: min(255, value + 80)), "OVEREXPOSED"),
    "FACE_TURNED": (_turned, "TURNED"),
    "FACE_COVERED": (_masked, "COVERED"),
}


@pytest.mark.parametrize("reason", FORBIDDING)
def test_what_forbids_a_photo(client: CharacterClient, reason: str) -> None:
    make, kind = FORBIDDING[reason]
    answer = client.check(make())
    assert not answer.usable
    (issue,) = answer.issues
    assert (issue.reason, messages.PhotoIssueKind.Name(issue.kind)) == (reason, f"PHOTO_ISSUE_KIND_{kind}")
    assert issue.message
    assert issue.remedy
    assert not answer.hints


@pytest.mark.parametrize("reason", LOWERING)
def test_what_lowers_the_likeness(client: CharacterClient, reason: str) -> None:
    make, kind = LOWERING[reason]
    answer = client.check(_encoded(make()))
    assert answer.usable
    assert not answer.issues
    (hint,) = [hint for hint in answer.hints if hint.reason == reason]
    assert messages.PhotoIssueKind.Name(hint.kind) == f"PHOTO_ISSUE_KIND_{kind}"
    assert hint.message
    assert hint.remedy


def test_a_good_photo_has_no_fault(client: CharacterClient) -> None:
    answer = client.check(good_photo())
    assert answer.usable
    assert not answer.issues
    assert not answer.hints


def test_the_largest_photos_are_read_in_the_memory_there_is(client: CharacterClient) -> None:
    """48 megapixels of a phone are taken; what would need more memory than a photo may have is refused by name."""
    phone = _portrait().resize((6000, 8000), Image.Resampling.NEAREST)
    assert client.check(_encoded(phone, "JPEG")).usable
    deep = Image.fromarray(np.zeros((8000, 7900), np.float32))
    buffer = io.BytesIO()
    deep.save(buffer, "TIFF", compression="tiff_adobe_deflate")
    (issue,) = client.check(buffer.getvalue()).issues
    assert issue.reason == "PHOTO_TOO_LARGE"
