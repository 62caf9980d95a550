"""The service over a real socket: a server in a process of its own, and clients that behave and misbehave."""

import asyncio
import io
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from PIL import Image

from f2p import errors
from f2p.bundle import load_bundle
from f2p.character.character import Character
from f2p.cli import main
from f2p.client import AsyncCharacterClient, CharacterClient, expressions, parameter_values, values
from f2p.creator import CharacterCreator
from f2p.fitting.presets import get_preset
from f2p.fitting.threads import one_thread
from f2p.limits import MAX_PHOTO_PIXELS
from f2p.schema import Schema
from f2p.v1 import character_pb2, character_service_pb2
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo

SERVICE = "f2p.v1.CharacterService"
RECORDED = Path(__file__).resolve().parents[1] / "contract" / "v1" / "requests"


def test_a_client_gets_progress_and_the_values_of_the_command_line(
    client: CharacterClient, posed_bundle: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "sample.jpg"
    photo.write_bytes(good_photo())
    assert (
        main(["create", str(photo), "--out", str(tmp_path / "out"), "--bundle", str(posed_bundle), "--seed", "7"]) == 0
    )
    text = (tmp_path / "out" / "sample" / "character.json").read_text(encoding="utf-8")

    news: list[character_pb2.Progress] = []
    character = client.create(photo, seed=7, progress=news.append)

    told = Character.from_json(text, load_bundle(posed_bundle).schema)
    assert values(character) == told.values
    assert [face.to_json() for face in expressions(character)] == [face.to_json() for face in told.expressions]
    assert len(character.expressions) == 1
    assert character.seed == 7
    assert character.preset == "default"
    stages = [item.stage for item in news]
    assert stages == sorted(stages), "waiting, then preparing, then solving"
    solving = [item for item in news if item.stage == character_pb2.PROGRESS_STAGE_SOLVING]
    assert len(solving) >= 3
    assert solving[-1].iteration == solving[-1].iteration_count - 1
    assert {loss.name for loss in solving[0].losses} >= {"total", "identity"}


def test_the_values_are_the_librarys_and_both_calls_agree(
    stub: Any, client: CharacterClient, posed_bundle: Path
) -> None:
    # A sum over two threads rounds otherwise than over one, which is what a worker has.
    with one_thread(), CharacterCreator(load_bundle(posed_bundle), preset="instant", render=False) as creator:
        expected = creator.create(good_photo())
    request = character_service_pb2.CreateCharacterRequest(photo=good_photo(), options={"preset": "instant"})
    character = stub.CreateCharacter(request, timeout=60).character
    streamed = client.create(good_photo(), preset="instant")
    for message in (character, streamed):
        message.ClearField("solve_seconds")
    assert values(character) == expected.values
    assert character == streamed
    engine = expected.engine_values()
    for item in character.continuous:
        assert item.engine_value == pytest.approx(engine[item.name], abs=1e-5)
    for item in character.discrete:
        options = next(choice.options for choice in expected.schema.discrete if choice.name == item.name)
        assert options[item.option_index] == item.option


def test_pictures_come_when_asked_for(client: CharacterClient) -> None:
    character = client.create(good_photo(), pictures=True, preset="instant")
    sizes = {
        kind: Image.open(io.BytesIO(getattr(character.pictures, kind))).size
        for kind in ("aligned_png", "drawing_png", "render_png")
    }
    assert sizes == {"aligned_png": (64, 64), "drawing_png": (64, 64), "render_png": (512, 512)}
    assert character.ByteSize() < 4 * 2**20


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_bad_photo_is_refused_by_name_and_the_server_lives_on(stub: Any, client: CharacterClient, name: str) -> None:
    reason = BAD_PHOTOS[name]
    request = character_service_pb2.CreateCharacterRequest(photo=bad_photo(name))
    with pytest.raises(grpc.RpcError) as caught:
        stub.CreateCharacter(request, timeout=60)
    failed: Any = caught.value
    assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.details().startswith(f"{reason}: ")
    assert dict(failed.trailing_metadata())["f2p-reason"] == reason
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(failed).details[0].Unpack(info)
    assert (info.reason, info.domain) == (reason, "f2p.v1")
    assert info.metadata["message"]
    assert "Traceback" not in failed.details()
    assert "/" not in failed.details(), "no path of the server reaches a client"

    with pytest.raises(errors.PhotoError) as typed:
        client.create(bad_photo(name))
    assert typed.value.reason == reason
    assert typed.value.remedy

    answer = client.check(bad_photo(name))
    assert not answer.usable
    assert [issue.reason for issue in answer.issues] == [reason]
    assert client.server_info().bundle_name == "tiny"


def test_a_photo_above_the_limit_is_refused_by_name(client: CharacterClient) -> None:
    assert client.server_info().max_photo_size_bytes == 16 * 2**20
    with pytest.raises(errors.PhotoTooLarge, match="16777217 bytes"):
        client.create(good_photo() + bytes(16 * 2**20 + 1 - len(good_photo())))


def test_check_finds_the_faces(client: CharacterClient) -> None:
    answer = client.check(good_photo())
    assert answer.usable
    assert len(answer.faces) == 1
    assert 60 < answer.quality.face_width_px < 130
    several = client.check(bad_photo("three_faces"))
    assert len(several.faces) == 3
    assert client.check(bad_photo("three_faces"), face=1).usable


def test_hints_are_typed_and_say_what_to_do(client: CharacterClient) -> None:
    pixels = Image.open(io.BytesIO(good_photo()))
    dark = io.BytesIO()
    pixels.point(lambda value: value // 6).save(dark, "JPEG", quality=95)
    answer = client.check(dark.getvalue())
    assert answer.usable
    assert not answer.issues
    (hint,) = [hint for hint in answer.hints if hint.kind == character_pb2.PHOTO_ISSUE_KIND_DARK]
    assert (hint.reason, bool(hint.remedy)) == ("FACE_DARK", True)
    assert any(text.startswith("FACE_DARK: ") for text in answer.warnings)
    (issue,) = client.check(bad_photo("no_face")).issues
    assert issue.kind == character_pb2.PHOTO_ISSUE_KIND_NO_FACE


def test_a_preview_is_the_imitators_drawing(client: CharacterClient, stub: Any) -> None:
    average = stub.RenderPreview(character_service_pb2.RenderPreviewRequest(), timeout=10)
    assert Image.open(io.BytesIO(average.picture)).size == (64, 64)
    assert (average.size_px, average.format) == (64, character_pb2.PICTURE_FORMAT_PNG)
    character = client.create(good_photo(), pictures=True, preset="instant")
    drawn = stub.RenderPreview(
        character_service_pb2.RenderPreviewRequest(values=parameter_values(values(character))), timeout=10
    )
    assert drawn.schema_hash == character.schema_hash
    same = [Image.open(io.BytesIO(data)).tobytes() for data in (drawn.picture, character.pictures.drawing_png)]
    assert same[0] == same[1]
    large = stub.RenderPreview(
        character_service_pb2.RenderPreviewRequest(size_px=200, format=character_pb2.PICTURE_FORMAT_JPEG), timeout=10
    )
    picture = Image.open(io.BytesIO(large.picture))
    assert (picture.size, picture.format) == ((200, 200), "JPEG")


def test_two_characters_are_compared(client: CharacterClient, stub: Any, engine_schema: Schema) -> None:
    first = parameter_values(values(client.create(good_photo(), preset="instant")))
    second = [character_pb2.ParameterValue.FromString(item.SerializeToString()) for item in first]
    second[0].value = 1.0 - round(first[0].value)
    request = character_service_pb2.CompareParametersRequest(first=first, second=second)
    answer = stub.CompareParameters(request, timeout=10)
    assert [group.name for group in answer.groups] == list(engine_schema.groups)
    assert answer.largest == pytest.approx(abs(second[0].value - first[0].value), abs=1e-5)
    (changed,) = [item for group in answer.groups for item in group.sliders if item.difference]
    assert changed.name == first[0].name
    assert answer.different_choices_count == 0


@pytest.mark.parametrize(
    ("values_sent", "said"),
    [
        ([("nose", 0.5, "")], "nose"),
        ([("FIRST", 1.5, "")], "1.5"),
        ([("FIRST", float("nan"), "")], "nan"),
        ([("FIRST", 0.5, ""), ("FIRST", 0.5, "")], "twice"),
        ([("FIRST", 0.0, "bob")], "slider"),
    ],
)
def test_wrong_values_are_refused(stub: Any, engine_schema: Schema, values_sent: Any, said: str) -> None:
    first = engine_schema.continuous[0].name
    sent = [
        character_pb2.ParameterValue(name=name.replace("FIRST", first), value=value, option=option)
        for name, value, option in values_sent
    ]
    for call, request in (
        (stub.RenderPreview, character_service_pb2.RenderPreviewRequest(values=sent)),
        (stub.CompareParameters, character_service_pb2.CompareParametersRequest(first=sent, second=sent)),
    ):
        with pytest.raises(grpc.RpcError, match=r"PARAMETER_INVALID: ") as caught:
            call(request, timeout=10)
        failed: Any = caught.value
        assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert said in failed.details()


@pytest.mark.parametrize("method", ["CreateCharacter", "StreamCreateCharacter", "GetServerInfo"])
def test_garbage_is_refused_as_such(port: int, method: str) -> None:
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        path = f"/{SERVICE}/{method}"
        call = channel.unary_stream(path) if method.startswith("Stream") else channel.unary_unary(path)
        with pytest.raises(grpc.RpcError, match="PARAMETER_INVALID: ") as caught:
            list(call(b"\xff\xff\xff", timeout=5)) if method.startswith("Stream") else call(b"\xff\xff", timeout=5)
    failed: Any = caught.value
    assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.binpb")), ids=lambda path: path.stem)
def test_what_old_clients_sent_is_understood(port: int, path: Path) -> None:
    """The recorded bytes, at the server of today: an answer, or an error about their content."""
    method = path.stem.partition("-")[2].removesuffix("Request")
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        stream, name = method.startswith("Stream"), f"/{SERVICE}/{method}"
        call = channel.unary_stream(name) if stream else channel.unary_unary(name)
        try:
            list(call(path.read_bytes(), timeout=20)) if stream else call(path.read_bytes(), timeout=20)
        except grpc.RpcError as error:
            failed: Any = error
            assert failed.details().startswith("BUNDLE_MISSING: There is no bundle 'makehuman'")
        else:
            assert method == "GetServerInfo"


def test_a_bundle_that_is_not_there_is_named(stub: Any) -> None:
    for call, request in (
        (stub.GetSchema, character_service_pb2.GetSchemaRequest(bundle="other")),
        (stub.RenderPreview, character_service_pb2.RenderPreviewRequest(bundle="other")),
        (stub.CheckPhoto, character_service_pb2.CheckPhotoRequest(photo=good_photo(), bundle="other")),
    ):
        with pytest.raises(grpc.RpcError, match="BUNDLE_MISSING: ") as caught:
            call(request, timeout=10)
        failed: Any = caught.value
        assert failed.code() is grpc.StatusCode.NOT_FOUND
        assert "tiny" in failed.details()
    assert stub.GetSchema(character_service_pb2.GetSchemaRequest(bundle="tiny"), timeout=5).schema.name


def test_who_asks_for_it_gets_the_best_so_far_in_time(stub: Any) -> None:
    began = time.monotonic()
    whole = stub.CreateCharacter(character_service_pb2.CreateCharacterRequest(photo=good_photo()), timeout=60).character
    seconds = time.monotonic() - began
    assert not whole.stopped_early
    limit_ms = round(1000 * (0.4 + seconds / 2))
    request = character_service_pb2.CreateCharacterRequest(
        photo=good_photo(), options={"time_limit_ms": limit_ms, "take_best_so_far": True}
    )
    began = time.monotonic()
    part = stub.CreateCharacter(request, timeout=60).character
    # What comes late is this test's machine, which may be busy.
    assert time.monotonic() - began < limit_ms / 1000 + 0.5
    assert part.stopped_early
    assert 0 < part.step_count < whole.step_count == get_preset("default").steps
    assert any(text.startswith("STOPPED_EARLY: ") for text in part.warnings)
    assert len(part.continuous) == len(whole.continuous)
    request.options.take_best_so_far = False
    request.options.time_limit_ms = limit_ms // 4  # by now the machine may be less busy than when it was timed
    with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED: "):
        stub.CreateCharacter(request, timeout=60)


def test_the_asynchronous_client_says_the_same(port: int, client: CharacterClient) -> None:
    news: list[character_pb2.Progress] = []

    async def visit() -> tuple[dict[str, float | str], bytes, float]:
        async with AsyncCharacterClient(f"localhost:{port}", timeout=60) as visitor:
            character = await visitor.create(good_photo(), progress=news.append, preset="instant")
            assert (await visitor.check(good_photo())).usable
            assert (await visitor.schema()).hash == (await visitor.server_info()).schema_hash
            with pytest.raises(errors.NoFace):
                await visitor.create(bad_photo("no_face"))
            picture = await visitor.preview(values(character))
            largest = (await visitor.compare(values(character), values(character))).largest
            return values(character), picture, largest

    found, picture, largest = asyncio.run(visit())
    assert found == values(client.create(good_photo(), preset="instant"))
    assert picture == client.preview(found)
    assert largest == client.compare(found, found).largest == 0
    assert news[-1].iteration == news[-1].iteration_count - 1


def test_wrong_options_are_refused(stub: Any, client: CharacterClient) -> None:
    with pytest.raises(errors.PresetError, match="default"):
        client.create(good_photo(), preset="nonsense")
    with pytest.raises(errors.ParameterError):
        client.create(good_photo(), face=5)
    options = character_pb2.CreateOptions(face_index=1)
    with pytest.raises(grpc.RpcError, match="choose_face"):
        stub.CreateCharacter(character_service_pb2.CreateCharacterRequest(photo=good_photo(), options=options))


def test_the_schema_is_the_bundles(client: CharacterClient, engine_schema: Schema) -> None:
    schema = client.schema()
    assert (schema.name, schema.hash) == (engine_schema.name, engine_schema.hash)
    assert [item.name for item in (*schema.continuous, *schema.discrete)] == list(engine_schema.names)
    first = engine_schema.continuous[0]
    assert schema.continuous[0].low == pytest.approx(first.low)
    assert schema.continuous[0].role != character_pb2.PARAMETER_ROLE_UNSPECIFIED
    assert all(sum(choice.weights) == pytest.approx(1, abs=1e-5) for choice in schema.discrete)


def test_the_server_says_what_it_runs(client: CharacterClient, engine_schema: Schema) -> None:
    info = client.server_info()
    assert info.engine_available
    assert info.engine_name == "makehuman"
    assert info.schema_hash == engine_schema.hash
    assert list(info.presets) == ["default", "instant", "paper"]
    assert (info.queue_capacity_count, info.worker_count, info.time_limit_ms) == (1, 1, 300_000)
    assert info.max_photo_pixel_count == MAX_PHOTO_PIXELS
    (bundle,) = info.bundles
    assert (bundle.name, bundle.drawing_size_px, bundle.engine_available) == ("tiny", 64, True)
