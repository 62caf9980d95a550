"""The load of benchmarks.service notices what it is there to notice: answers that are another's, and faults."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc

from benchmarks.service.load import Case, Load
from f2p import errors
from f2p.serving.rpc.status import to_status
from f2p.v1 import character_pb2, character_service_pb2, character_service_pb2_grpc

GOOD, BAD, BROKEN = b"good", b"bad", b"broken"


class Server(character_service_pb2_grpc.CharacterServiceServicer):
    """Usable are all photos, and every character's nose is 0.25 wide."""

    def CheckPhoto(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return character_service_pb2.CheckPhotoResponse(usable=True)

    def StreamCreateCharacter(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        yield character_service_pb2.StreamCreateCharacterResponse(progress=character_pb2.Progress(iteration=50))
        if request.photo == BAD:
            context.abort_with_status(to_status(errors.NoFace("No face.")))
        if request.photo == BROKEN:
            context.abort_with_status(to_status(errors.EngineFailed("It stopped.")))
        slider = character_pb2.ContinuousValue(name="nose_width", value=0.25)
        yield character_service_pb2.StreamCreateCharacterResponse(
            character=character_pb2.Character(continuous=[slider])
        )


@contextmanager
def served() -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(4))
    character_service_pb2_grpc.add_CharacterServiceServicer_to_server(Server(), server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        yield f"localhost:{port}"
    finally:
        server.stop(0).wait()


def case(photo: bytes, outcome: dict[str, float | str] | str, *, usable: bool = True) -> Case:
    check = character_service_pb2.CheckPhotoResponse(usable=usable)
    return Case(photo, check.SerializeToString(deterministic=True), outcome)


def loaded(good: list[Case], bad: list[Case]) -> Load:
    with served() as target:
        load = Load(target, good, bad)
        load.run(clients=2, seconds=0.5)
    return load


def test_right_answers_are_right_and_who_leaves_is_counted() -> None:
    load = loaded([case(GOOD, {"nose_width": 0.25})], [case(BAD, "NO_FACE")])
    assert load.wrong == []
    assert set(load.outcomes) == {"character", "NO_FACE", "left"}
    assert len(load.seconds["create"]) == load.outcomes["character"]
    assert len(load.seconds["refused"]) == load.outcomes["NO_FACE"]


def test_anothers_answer_is_noticed() -> None:
    load = loaded([case(GOOD, {"nose_width": 0.75})], [case(BAD, "PHOTO_UNREADABLE")])
    assert set(load.outcomes) == {"FAILED: another answer than alone", "left"}
    assert load.wrong
    refused = loaded([case(BAD, {"nose_width": 0.25})], [case(GOOD, "NO_FACE")])
    assert set(refused.outcomes) == {"FAILED: another answer than alone", "left"}
    checked = loaded([case(GOOD, {"nose_width": 0.25}, usable=False)], [case(BAD, "NO_FACE", usable=False)])
    assert set(checked.outcomes) == {"FAILED: another check than alone"}


def test_a_fault_is_noticed() -> None:
    load = loaded([case(GOOD, {"nose_width": 0.25})], [case(BROKEN, "NO_FACE")])
    assert load.outcomes["FAILED: ENGINE_FAILED"] > 0
    assert any("ENGINE_FAILED" in text for text in load.wrong)
