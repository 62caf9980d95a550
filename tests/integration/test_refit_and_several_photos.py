"""Solving again after an edit, and several photos of one person, over a real socket: the library's, bit for bit."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

from f2p import errors
from f2p.bundle import Bundle, load_bundle
from f2p.character.character import Character
from f2p.client import AsyncCharacterClient, CharacterClient, Connection, expressions, parameter_values, values
from f2p.creator import CharacterCreator
from f2p.fitting.presets import get_preset, refit_preset
from f2p.fitting.threads import one_thread
from f2p.v1 import character_pb2, character_service_pb2
from tests.helpers.bad_photos import bad_photo, good_photo

SOLVING = character_pb2.PROGRESS_STAGE_SOLVING
PREPARING = character_pb2.PROGRESS_STAGE_PREPARING
Made = tuple[character_pb2.Character, list[character_pb2.Progress]]


@pytest.fixture(scope="module")
def bundle(posed_bundle: Path) -> Bundle:
    return load_bundle(posed_bundle)


@pytest.fixture(scope="module")
def library(bundle: Bundle) -> Iterator[CharacterCreator]:
    """With one thread, as a worker: a sum over two rounds otherwise."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with CharacterCreator(bundle, render=False) as creator:
        yield creator
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    """Four, of which the second shows nobody."""
    portrait = Image.open(io.BytesIO(good_photo()))
    changed = []
    for picture in (ImageOps.mirror(portrait), ImageEnhance.Brightness(portrait).enhance(0.5)):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=90)
        changed.append(buffer.getvalue())
    return [good_photo(), bad_photo("no_face"), *changed]


@pytest.fixture(scope="module")
def made(port: int, photos: list[bytes]) -> Made:
    """The character of all photos, and what was told on the way."""
    news: list[character_pb2.Progress] = []
    with CharacterClient(Connection(target=f"localhost:{port}", timeout=60, retries=0)) as client:
        return client.create(photos, progress=news.append), news


@pytest.fixture(scope="module")
def edited(bundle: Bundle) -> tuple[dict[str, float | str], list[str]]:
    """A player's edits, and a group and a slider that are locked besides."""
    slider = next(p for p in bundle.schema.continuous if p.spread > 0)
    group = next(p.group for p in bundle.schema.continuous if p.group != slider.group and p.spread > 0)
    other = next(p for p in bundle.schema.continuous if p.group not in (group, slider.group) and p.spread > 0)
    choice = bundle.schema.discrete[0]
    return {slider.name: 0.123457, choice.name: choice.options[-1]}, [group, other.name]


def the_same(answer: character_pb2.Character, expected: Character) -> None:
    assert values(answer) == expected.values
    assert list(answer.locked) == list(expected.locked)
    # Six significant digits, as in character.json.
    assert {term.name: term.value for term in answer.losses} == pytest.approx(dict(expected.losses), rel=1e-5)
    assert [(use.used, use.reason, use.message) for use in answer.photos] == [
        (use.used, use.reason, use.note) for use in expected.photos
    ]
    assert [use.share for use in answer.photos] == pytest.approx([use.weight for use in expected.photos], abs=6e-5)
    assert list(answer.warnings) == list(expected.warnings)
    for one, other in zip(expressions(answer), expected.expressions, strict=True):
        assert (one.photo, one.units) == (other.photo, other.units)
        assert (one.yaw, one.pitch, one.roll) == pytest.approx((other.yaw, other.pitch, other.roll), rel=1e-6)


def told(bundle: Bundle, answer: character_pb2.Character) -> Character:
    """The library's character of an answer, as far as a refit needs it."""
    return Character(
        schema=bundle.schema,
        values=values(answer),
        bundle_name="",
        bundle_version="",
        preset=answer.preset,
        seed=answer.seed,
        expressions=expressions(answer),
    )


def test_several_photos_make_the_librarys_character_with_progress(
    made: Made, library: CharacterCreator, photos: list[bytes]
) -> None:
    answer, news = made
    the_same(answer, library.create(photos))
    assert [use.reason for use in answer.photos] == ["USED", "NO_FACE", "USED", "USED"]
    assert sum(use.share for use in answer.photos) == pytest.approx(1, abs=3e-4)  # of four decimals each
    faces = expressions(answer)
    assert [face.photo for face in faces] == [0, 2, 3]
    assert list(faces[0].units) == [
        slider.name for slider in library.bundle.schema.continuous if slider.role == "expression"
    ]
    assert all(face.yaw for face in faces)
    assert answer.photos[1].kind == character_pb2.PHOTO_ISSUE_KIND_NO_FACE
    read = [(step.iteration, step.iteration_count) for step in news if step.stage == PREPARING]
    assert read == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert [step.stage for step in news][-1] == SOLVING


def test_the_unary_call_says_the_same(stub: Any, client: CharacterClient, photos: list[bytes]) -> None:
    further = [character_pb2.FurtherPhoto(photo=photo) for photo in photos[1:]]
    request = character_service_pb2.CreateCharacterRequest(
        photo=photos[0], more_photos=further, options={"preset": "instant"}
    )
    unary, streamed = stub.CreateCharacter(request, timeout=60).character, client.create(photos, preset="instant")
    for message in (unary, streamed):
        message.ClearField("solve_seconds")
    assert unary == streamed


def test_a_face_is_chosen_in_each_photo(client: CharacterClient, bundle: Bundle) -> None:
    pair = [good_photo(), bad_photo("three_faces")]
    answer = client.create(pair, face=[None, 2], preset="instant")
    with one_thread(), CharacterCreator(bundle, preset="instant", render=False) as library:
        the_same(answer, library.create(pair, [None, 2]))
    assert [use.reason for use in client.create(pair, preset="instant").photos] == ["USED", "SEVERAL_FACES"]
    with pytest.raises(errors.ParameterError, match="faces were chosen"):
        client.create(pair, face=1)


def test_a_player_edits_and_the_rest_follows(
    client: CharacterClient, library: CharacterCreator, bundle: Bundle, edited: Any
) -> None:
    edits, locked = edited
    before = client.create(good_photo(), seed=3)
    news: list[character_pb2.Progress] = []
    after = client.refit(before, good_photo(), locked=locked, edits=edits, progress=news.append)

    library.seed = 3
    expected = library.refit(told(bundle, before), good_photo(), locked, edits)
    neutral = library.refit(replace(told(bundle, before), expressions=()), good_photo(), locked, edits)
    library.seed = 0
    the_same(after, expected)
    assert neutral.values != expected.values, "the face begins as it was found"
    assert after.seed == 3, "the character's own, where none is asked for"
    kept = {p.name for p in bundle.schema.parameters if p.group in locked or p.name in locked}
    assert {name: values(after)[name] for name in kept} == {name: values(before)[name] for name in kept}
    assert {name: values(after)[name] for name in edits} == edits
    assert set(after.locked) == kept | set(edits)
    moved = [name for name in values(after) if values(after)[name] != values(before)[name]]
    assert len(moved) > 20
    steps = refit_preset(get_preset("default")).steps
    solving = [step for step in news if step.stage == SOLVING]
    assert after.step_count == steps
    assert (solving[-1].iteration, solving[-1].iteration_count) == (steps - 1, steps)


def test_a_refit_on_several_photos_both_ways(
    stub: Any,
    client: CharacterClient,
    library: CharacterCreator,
    bundle: Bundle,
    photos: list[bytes],
    made: Made,
    edited: Any,
) -> None:
    edits, locked = edited
    before, _ = made
    streamed = client.refit(values(before), photos, locked=locked, edits=edits, confidence=True)
    further = [character_pb2.FurtherPhoto(photo=photo) for photo in photos[1:]]
    unary = stub.RefitCharacter(
        character_service_pb2.RefitCharacterRequest(
            photo=photos[0],
            more_photos=further,
            values=parameter_values(values(before)),
            edits=parameter_values(edits),
            locked=locked,
            schema_hash=before.schema_hash,
            options={"include_confidence": True},
        ),
        timeout=60,
    ).character
    expected = library.refit(replace(told(bundle, before), expressions=()), photos, locked, edits)
    the_same(streamed, expected)
    assert [(g.group, g.message) for g in streamed.confidence] == [(g.group, g.note) for g in expected.confidence]
    assert [g.confidence for g in streamed.confidence] == pytest.approx(
        [g.confidence for g in expected.confidence], abs=0.006
    )
    for message in (unary, streamed):
        message.ClearField("solve_seconds")
    assert unary == streamed
    the_same(
        client.refit(before, photos, locked=locked, edits=edits),
        library.refit(told(bundle, before), photos, locked, edits),
    )


def test_the_asynchronous_client_does_both(
    port: int,
    client: CharacterClient,
    photos: list[bytes],
    made: Made,
) -> None:
    before, _ = made
    news: list[character_pb2.Progress] = []

    async def visit() -> tuple[character_pb2.Character, character_pb2.Character]:
        async with AsyncCharacterClient(f"localhost:{port}", timeout=60) as visitor:
            character = await visitor.create(photos, preset="instant")
            return character, await visitor.refit(before, photos, locked=["nose"], progress=news.append)

    character, again = asyncio.run(visit())
    assert values(character) == values(client.create(photos, preset="instant"))
    same = client.refit(before, photos, locked=["nose"])
    assert values(again) == values(same)
    assert expressions(again) == expressions(same) != ()
    assert news[-1].iteration == news[-1].iteration_count - 1


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({"locked": ["nobody"]}, "PARAMETER_INVALID", "nobody"),
        ({"locked": ["x" * 5000]}, "PARAMETER_INVALID", "too long"),
        ({"edits": [character_pb2.ParameterValue(name="nobody", value=0.5)]}, "PARAMETER_INVALID", "nobody"),
        ({"edits": [character_pb2.ParameterValue(name="FIRST", value=1.5)]}, "PARAMETER_INVALID", "1.5"),
        ({"edits": [character_pb2.ParameterValue(name="FIRST", value=float("nan"))]}, "PARAMETER_INVALID", "nan"),
        ({"values": []}, "PARAMETER_INVALID", "lacks"),
        ({"locked": ["EVERYTHING"]}, "PARAMETER_INVALID", "nothing left"),
        ({"schema_hash": "0" * 64}, "CHARACTER_INVALID", "another schema"),
        ({"photo": b""}, "PHOTO_EMPTY", "no photo"),
        ({"photo": b"text"}, "PHOTO_UNREADABLE", "not a picture"),
    ],
)
def test_wrong_requests_are_refused_by_name(stub: Any, bundle: Bundle, change: Any, reason: str, said: str) -> None:
    average = bundle.schema.decode(bundle.schema.average())
    whole = {"photo": good_photo(), "values": parameter_values(average), **change}
    if whole.get("locked") == ["EVERYTHING"]:
        whole["locked"] = list(bundle.schema.groups)
    request = character_service_pb2.RefitCharacterRequest(**whole)
    for item in request.edits:
        item.name = item.name.replace("FIRST", bundle.schema.names[0])
    with pytest.raises(grpc.RpcError, match=f"{reason}: ") as caught:
        stub.RefitCharacter(request, timeout=30)
    failed: Any = caught.value
    assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in failed.details()


def test_too_many_and_too_large_photos_are_refused_by_name(client: CharacterClient) -> None:
    info = client.server_info()
    assert (info.max_photo_count, info.max_photos_size_bytes) == (16, 24 * 2**20)
    with pytest.raises(errors.TooManyPhotos, match="17 photos"):
        client.create([good_photo()] * 17)
    padded = good_photo() + bytes(9 * 2**20)
    with pytest.raises(errors.PhotoTooLarge, match="3 photos have"):
        client.create([padded] * 3)
    with pytest.raises(errors.PhotoTooLarge, match="Photo 2 has"):
        client.create([good_photo(), good_photo() + bytes(16 * 2**20)])
    assert client.create([padded] * 2, preset="instant").photos[1].used, "18 MB in one message"
    with pytest.raises(errors.NoUsablePhoto, match=r"Photo 2: PHOTO_UNREADABLE\."):
        client.create([bad_photo("no_face"), bad_photo("text")])


def test_a_caller_who_leaves_while_photos_are_read_stops_the_work(stub: Any, client: CharacterClient) -> None:
    further = [character_pb2.FurtherPhoto(photo=good_photo()) for _ in range(15)]
    request = character_service_pb2.StreamCreateCharacterRequest(photo=good_photo(), more_photos=further)
    call = stub.StreamCreateCharacter(request, timeout=60)
    for message in call:
        if message.progress.stage == PREPARING and message.progress.iteration == 2:
            call.cancel()
            break
    news: list[character_pb2.Progress] = []
    # With one worker, the next is read when the one before has stopped.
    client.create(good_photo(), progress=news.append, preset="instant")
    waited = [step for step in news if step.stage == character_pb2.PROGRESS_STAGE_WAITING]
    assert len(waited) <= 1, "the other photos were read for nobody"
