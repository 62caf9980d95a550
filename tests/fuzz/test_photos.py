"""Hostile photos and requests, at the worker's handlers: an answer or an error of f2p.errors, nothing else, in time.

Some dozens of examples in the fast suite; `F2P_FUZZ=20000 pytest tests/fuzz` for a night.
"""

import contextlib
import io
import os
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from f2p.errors import BundleMissing, ParameterError, PhotoError, PresetError
from f2p.serving.handlers import Handlers
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo
from tests.helpers.toy_bundle import toy_bundle

EXAMPLES = int(os.environ.get("F2P_FUZZ", "60"))
LATER = 1e12
many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES < 1000
)


class Silent:
    """A reporter that nobody listens to."""

    def check(self) -> None: ...

    def stage(self, name: str) -> None: ...

    def news(self, message: bytes) -> None: ...


@pytest.fixture(scope="module")
def handlers(tmp_path_factory: pytest.TempPathFactory) -> Handlers:
    bundle = toy_bundle(tmp_path_factory.mktemp("bundle") / "toy")
    return Handlers({bundle.name: bundle}, {}, "default", 512)


def _saved(mode: str, kind: str, **options: object) -> bytes:
    rng = np.random.default_rng(0)
    base = Image.fromarray(rng.integers(0, 255, (80, 96, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    base.convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def corpus() -> tuple[bytes, ...]:
    """One of every sort of file that a decoder treats in a way of its own."""
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = io.BytesIO()
    Image.fromarray(np.arange(96 * 80, dtype=np.uint16).reshape(80, 96) * 8).save(deep, "PNG")
    frames = [Image.new("RGB", (96, 80), (shade, 0, 0)) for shade in (0, 90, 180)]
    animated = {"save_all": True, "append_images": frames[1:]}
    moving = []
    for kind in ("WEBP", "PNG", "GIF", "TIFF"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, **animated)
        moving.append(buffer.getvalue())
    return (
        _saved("RGB", "JPEG"),
        _saved("RGB", "JPEG", progressive=True, exif=exif),
        _saved("L", "JPEG"),
        _saved("CMYK", "JPEG"),
        _saved("RGB", "JPEG", icc_profile=b"no profile" * 40),
        _saved("RGBA", "PNG"),
        _saved("P", "PNG"),
        _saved("1", "PNG"),
        deep.getvalue(),
        _saved("RGB", "WEBP"),
        _saved("RGB", "WEBP", lossless=True),
        _saved("RGB", "BMP"),
        _saved("RGB", "TIFF", compression="tiff_lzw"),
        _saved("F", "TIFF"),
        *moving,
        *(bad_photo(name) for name in BAD_PHOTOS if name != "three_faces"),
    )


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file of the corpus, cut, changed in some bytes, or with a piece repeated."""
    data = bytearray(draw(st.sampled_from(corpus())))
    if not data:
        return bytes(data)
    for _ in range(draw(st.integers(0, 8))):
        # Headers are small and matter most.
        place = draw(st.integers(0, min(len(data) - 1, 200)) | st.integers(0, len(data) - 1))
        data[place] = draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)) | st.integers(0, 255))
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data) - 1)) :]
    elif draw(st.booleans()):
        start = draw(st.integers(0, len(data) - 1))
        data[start:start] = data[start : start + draw(st.integers(1, 64))]
    return bytes(data)


@many
@given(photo=mutated() | st.binary(max_size=300))
def test_any_photo_gets_an_answer_in_time(handlers: Handlers, photo: bytes) -> None:
    request = calls.CheckPhotoRequest(photo=photo)
    began = time.monotonic()
    answer, _ = handlers.answer("CheckPhoto", request.SerializeToString(), Silent(), LATER)
    assert time.monotonic() - began < 5
    told = calls.CheckPhotoResponse.FromString(answer)
    assert told.usable == (not told.issues)
    for issue in (*told.issues, *told.hints):
        assert issue.reason
        assert issue.remedy
        assert issue.kind != messages.PHOTO_ISSUE_KIND_UNSPECIFIED


@settings(many, max_examples=max(10, EXAMPLES // 4))
@given(photo=mutated(), options=st.binary(max_size=40))
def test_a_character_or_an_error_of_ours(handlers: Handlers, photo: bytes, options: bytes) -> None:
    request = calls.CreateCharacterRequest(photo=photo)
    try:
        request.options.MergeFromString(options)
    except Exception:
        request.options.Clear()
    # Whatever else is raised fails the test.
    with contextlib.suppress(PhotoError, ParameterError, PresetError, BundleMissing):
        handlers.answer("CreateCharacter", request.SerializeToString(), Silent(), LATER)


names = st.sampled_from(["eye_size", "hair", "face_width", "smile", "", "x" * 5000, "\0", "Ω"]) | st.text(max_size=20)
value = st.builds(
    lambda name, number, option: messages.ParameterValue(name=name, value=number, option=option),
    names,
    st.floats(width=32),
    st.sampled_from(["", "bald", "long", "\0"]) | st.text(max_size=20),
)


@many
@given(sent=st.lists(value, max_size=9), size=st.integers(-(2**31), 2**31 - 1), form=st.integers(0, 5))
def test_any_values_are_drawn_or_refused(
    handlers: Handlers, sent: list[messages.ParameterValue], size: int, form: int
) -> None:
    preview = calls.RenderPreviewRequest(values=sent, size_px=size, format=form)
    compare = calls.CompareParametersRequest(first=sent, second=sent)
    for method, request in (("RenderPreview", preview), ("CompareParameters", compare)):
        with contextlib.suppress(ParameterError):
            handlers.answer(method, request.SerializeToString(), Silent(), LATER)


def test_the_corpus_is_read_as_it_should(handlers: Handlers) -> None:
    """What is whole is read, down to the search for a face; what is not is named."""
    reasons = []
    for photo in corpus():
        answer, _ = handlers.answer(
            "CheckPhoto", calls.CheckPhotoRequest(photo=photo).SerializeToString(), Silent(), LATER
        )
        (issue,) = calls.CheckPhotoResponse.FromString(answer).issues
        reasons.append(issue.reason)
    assert reasons[:14] == ["NO_FACE"] * 14
    assert reasons[14:18] == ["NO_FACE", "NO_FACE", "PHOTO_UNREADABLE", "NO_FACE"]


def test_a_file_that_wants_much_memory_is_refused(tmp_path: Path) -> None:
    bundle = toy_bundle(tmp_path / "toy")
    tight = Handlers({bundle.name: bundle}, {}, "default", 64)
    buffer = io.BytesIO()
    Image.new("RGB", (7900, 7900)).save(buffer, "PNG")
    request = calls.CheckPhotoRequest(photo=buffer.getvalue())
    answer, _ = tight.answer("CheckPhoto", request.SerializeToString(), Silent(), LATER)
    (issue,) = calls.CheckPhotoResponse.FromString(answer).issues
    assert (issue.reason, issue.kind) == ("PHOTO_TOO_LARGE", messages.PHOTO_ISSUE_KIND_TOO_LARGE)
