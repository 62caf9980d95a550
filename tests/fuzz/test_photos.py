"""Hostile photos and requests, at the worker's handlers: an answer or an error of f2p.errors, nothing else.

Some dozens of examples in the fast suite; `make fuzz` sends thousands to a real server (campaign.py).
"""

import contextlib
import io
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from f2p.bundle import Bundle
from f2p.errors import BundleMissing, CharacterError, DeadlineExceeded, ParameterError, PhotoError, PresetError
from f2p.serving.contract import METHODS
from f2p.serving.worker.handlers import Handlers
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.bad_photos import BAD_PHOTOS
from tests.helpers.hostile import changed_requests, corpus, mutated, values
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

    def progress(self, message: bytes) -> None: ...


@pytest.fixture(scope="module")
def handlers(bundle: Bundle) -> Handlers:
    """The quickest recipe where a request names none: its way is the same."""
    return Handlers({bundle.name: bundle}, {}, "instant", 512, cores=1)


@many
@given(photo=mutated() | st.binary(max_size=300))
def test_any_photo_gets_an_answer(handlers: Handlers, photo: bytes) -> None:
    request = calls.CheckPhotoRequest(photo=photo)
    answer, _ = handlers.answer("CheckPhoto", request.SerializeToString(), Silent(), LATER)
    told = calls.CheckPhotoResponse.FromString(answer)
    assert told.usable == (not told.issues)
    for issue in (*told.issues, *told.hints):
        assert issue.reason
        assert issue.remedy
        assert issue.kind != messages.PHOTO_ISSUE_KIND_UNSPECIFIED


@pytest.mark.timing
@many
@given(photo=mutated() | st.binary(max_size=300))
def test_any_photo_is_checked_in_two_processor_seconds(handlers: Handlers, photo: bytes) -> None:
    began = time.process_time()
    handlers.answer("CheckPhoto", calls.CheckPhotoRequest(photo=photo).SerializeToString(), Silent(), LATER)
    assert time.process_time() - began < 2


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


class Hasty(Silent):
    """Wants no long answers."""

    def __init__(self) -> None:
        self._until = time.monotonic() + 0.3

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise DeadlineExceeded("Late.")


@settings(many, max_examples=max(20, EXAMPLES // 4))
@given(request=changed_requests())
def test_any_request_of_any_call_too(handlers: Handlers, request: tuple[str, bytes]) -> None:
    method, data = request
    try:
        METHODS[method].FromString(data)
    except DecodeError:
        # The server itself refuses what is no message.
        return
    if not method.startswith("Get"):
        with contextlib.suppress(
            PhotoError, ParameterError, PresetError, BundleMissing, CharacterError, DeadlineExceeded
        ):
            handlers.answer(method, data, Hasty(), LATER)


@many
@given(sent=st.lists(values, max_size=9), size=st.integers(-(2**31), 2**31 - 1), form=st.integers(0, 5))
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
    whole = len(corpus()) - sum(name != "three_faces" for name in BAD_PHOTOS)
    assert reasons[:whole] == ["NO_FACE"] * whole


def test_a_file_that_wants_much_memory_is_refused(tmp_path: Path) -> None:
    # In a process of its own, as workers are: here earlier tests have left memory free, which takes the photo in.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        answer = fresh.submit(_checked_with_little_memory, tmp_path / "toy").result()
    (issue,) = calls.CheckPhotoResponse.FromString(answer).issues
    assert (issue.reason, issue.kind) == ("PHOTO_TOO_LARGE", messages.PHOTO_ISSUE_KIND_TOO_LARGE)


def _checked_with_little_memory(folder: Path) -> bytes:
    bundle = toy_bundle(folder)
    tight = Handlers({bundle.name: bundle}, {}, "default", 64, cores=1)
    buffer = io.BytesIO()
    Image.new("RGB", (7900, 7900)).save(buffer, "PNG")
    request = calls.CheckPhotoRequest(photo=buffer.getvalue())
    answer, _ = tight.answer("CheckPhoto", request.SerializeToString(), Silent(), LATER)
    return answer
