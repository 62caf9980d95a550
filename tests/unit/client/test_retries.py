"""The clients against a server that fails as told: what they try again, what they do not, and for how long."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from f2p import errors
from f2p.client import AsyncCharacterClient, CharacterClient, Connection
from f2p.errors import F2PError
from f2p.serving.rpc.status import to_status
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc


class Moody(character_service_pb2_grpc.CharacterServiceServicer):
    """Fails with each of `moods` in turn, then answers."""

    def __init__(self, *moods: F2PError) -> None:
        self.moods = list(moods)
        self.calls = 0
        self.metadata: dict[str, Any] = {}
        self.request: Any = None

    def _mood(self, context: Any) -> None:
        self.calls += 1
        self.metadata = dict(context.invocation_metadata())
        if self.moods:
            context.abort_with_status(to_status(self.moods.pop(0)))

    def GetServerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        self._mood(context)
        return character_service_pb2.GetServerInfoResponse(server_version="1")

    def StreamCreateCharacter(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        yield character_service_pb2.StreamCreateCharacterResponse(progress=character_pb2.Progress(iteration=1))
        self._mood(context)
        yield character_service_pb2.StreamCreateCharacterResponse(character=character_pb2.Character(seed=7))

    def StreamRefitCharacter(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        self.request = request
        self._mood(context)
        yield character_service_pb2.StreamRefitCharacterResponse(character=character_pb2.Character(seed=8))


@contextmanager
def served(servicer: Moody) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    character_service_pb2_grpc.add_CharacterServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        yield f"localhost:{port}"
    finally:
        server.stop(0).wait()


def _sync(connection: Connection, method: str, *arguments: Any, **named: Any) -> Any:
    with CharacterClient(connection) as client:
        return getattr(client, method)(*arguments, **named)


def _async(connection: Connection, method: str, *arguments: Any, **named: Any) -> Any:
    async def call() -> Any:
        async with AsyncCharacterClient(connection) as client:
            return await getattr(client, method)(*arguments, **named)

    return asyncio.run(call())


Caller = Callable[..., Any]
both = pytest.mark.parametrize("call", [_sync, _async])


@both
def test_a_passing_trouble_is_not_noticed(call: Caller) -> None:
    moody = Moody(errors.WorkerLost("Lost.", retry_ms=10), errors.QueueFull("Full.", retry_ms=150))
    with served(moody) as target:
        began = time.monotonic()
        character = call(Connection(target=target), "create", b"photo")
    assert character.seed == 7
    assert moody.calls == 3
    assert time.monotonic() - began >= 0.15, "the server said when to come back"


@both
@pytest.mark.parametrize(
    ("mood", "calls"),
    [
        (errors.NoFace("No face.", "Show one."), 1),
        (errors.DeadlineExceeded("Late."), 1),
        (errors.TokenInvalid("No."), 1),
        (errors.RateLimited("Slow down.", retry_ms=1), 3),
        (errors.ServiceUnavailable("Starting.", retry_ms=1), 3),
        (errors.QueueFull("Full.", retry_ms=60_000), 1),
    ],
)
def test_what_will_not_pass_is_raised_as_it_was(call: Caller, mood: F2PError, calls: int) -> None:
    """QUEUE_FULL for longer than the call may take is told at once."""
    moody = Moody(*[mood] * 5)
    with served(moody) as target, pytest.raises(type(mood), match=mood.message) as caught:
        call(Connection(target=target, timeout=5), "server_info")
    assert (caught.value.remedy, moody.calls) == (mood.remedy, calls)


CHARACTER = character_pb2.Character(
    continuous=[character_pb2.ContinuousValue(name="nose_width", value=0.25)],
    discrete=[character_pb2.DiscreteValue(name="hair", option="bob")],
    schema_hash="9f86",
    bundle_name="mine",
    preset="paper",
    seed=7,
)


@both
def test_a_refit_takes_what_is_left_open_from_the_character(call: Caller, tmp_path: Path) -> None:
    (tmp_path / "two.jpg").write_bytes(b"two")
    moody = Moody(errors.WorkerLost("Lost.", retry_ms=10))
    with served(moody) as target:
        photos = [b"one", tmp_path / "two.jpg"]
        character = call(
            Connection(target=target),
            "refit",
            CHARACTER,
            photos,
            locked={"nose"},
            edits={"hair": "bald"},
            face=[None, 1],
        )
    assert character.seed == 8
    sent = moody.request
    assert [(item.name, item.value, item.option) for item in sent.values] == [
        ("nose_width", 0.25, ""),
        ("hair", 0, "bob"),
    ]
    assert [(item.name, item.option) for item in sent.edits] == [("hair", "bald")]
    assert (list(sent.locked), sent.schema_hash) == (["nose"], "9f86")
    assert (sent.options.preset, sent.options.bundle, sent.options.seed) == ("paper", "mine", 7)
    assert (sent.photo, [item.photo for item in sent.more_photos]) == (b"one", [b"two"])
    assert not sent.options.choose_face
    assert (sent.more_photos[0].choose_face, sent.more_photos[0].face_index) == (True, 1)


@both
def test_a_refit_of_values_leaves_the_rest_to_the_server(call: Caller) -> None:
    moody = Moody()
    with served(moody) as target:
        call(Connection(target=target), "refit", {"nose_width": 0.5}, b"photo", seed=0, preset="default")
    assert (moody.request.schema_hash, moody.request.options.bundle, moody.request.options.seed) == ("", "", 0)
    assert moody.request.options.preset == "default"


@both
def test_photos_and_faces_that_do_not_fit_are_refused_before_they_are_sent(call: Caller) -> None:
    connection = Connection(target="localhost:1")
    with pytest.raises(errors.PhotoMissing, match="No photo"):
        call(connection, "create", [])
    for faces in (0, [0]):
        with pytest.raises(errors.ParameterError, match="1 faces were chosen for 2 photos"):
            call(connection, "create", [b"one", b"two"], face=faces)


@both
def test_a_server_without_the_call_is_older(call: Caller) -> None:
    server = grpc.server(futures.ThreadPoolExecutor(1))
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        with pytest.raises(errors.ServiceError, match="does not know this call"):
            call(Connection(target=f"localhost:{port}"), "refit", CHARACTER, b"photo")
    finally:
        server.stop(0).wait()


@both
def test_a_token_goes_with_every_call(call: Caller) -> None:
    moody = Moody()
    with served(moody) as target:
        call(Connection(target=target, token="secret"), "server_info")
    assert moody.metadata["authorization"] == "Bearer secret"


@both
def test_no_server_is_an_error_of_its_own(call: Caller) -> None:
    with pytest.raises(errors.ServiceUnavailable, match="localhost:1"):
        call(Connection(target="localhost:1", timeout=5, retries=0), "server_info")


@both
def test_a_missing_file_is_named(call: Caller) -> None:
    with pytest.raises(errors.ParameterError, match=r"nowhere\.pem"):
        call(Connection(root_certificates="nowhere.pem"), "server_info")
    with pytest.raises(errors.PhotoMissing, match=r"nowhere\.jpg"):
        call(Connection(target="localhost:1"), "check", "nowhere.jpg")
