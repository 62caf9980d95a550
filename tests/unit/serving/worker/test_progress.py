"""A character on its way through a worker: when it stops, and what it says meanwhile."""

from collections.abc import Iterator
from typing import Any

import pytest

from f2p.bundle import Bundle
from f2p.errors import Cancelled, DeadlineExceeded, F2PError
from f2p.fitting.presets import get_preset
from f2p.serving.worker.handlers import Handlers
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.bad_photos import good_photo

LATER = 1e12
STEPS = get_preset("default").steps


class Caller:
    """Follows a character step by step, by its drawings; leaves when told to."""

    def __init__(self, bundle: Bundle) -> None:
        self.drawings = 0
        self.leaves_at = LATER
        self.error: F2PError = Cancelled("The caller cancelled the work.")
        self.stages: list[str] = []
        self.messages: list[calls.StreamCreateCharacterResponse] = []
        self.hook = bundle.imitator.register_forward_hook(self._drawn)

    def _drawn(self, *_: Any) -> None:
        self.drawings += 1

    def check(self) -> None:
        if self.drawings >= self.leaves_at:
            raise self.error

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def progress(self, message: bytes) -> None:
        self.messages.append(calls.StreamCreateCharacterResponse.FromString(message))


@pytest.fixture
def caller(bundle: Bundle) -> Iterator[Caller]:
    made = Caller(bundle)
    yield made
    made.hook.remove()


def create(bundle: Bundle, caller: Caller) -> None:
    request = calls.StreamCreateCharacterRequest(photo=good_photo()).SerializeToString()
    handlers = Handlers({bundle.name: bundle}, {}, "default", 450, cores=1)
    handlers.answer("StreamCreateCharacter", request, caller, LATER)


@pytest.mark.parametrize("error", [Cancelled("Left."), DeadlineExceeded("Late.")])
def test_whoever_leaves_stops_the_search_within_one_step(bundle: Bundle, caller: Caller, error: F2PError) -> None:
    caller.leaves_at, caller.error = 10, error
    with pytest.raises(type(error)):
        create(bundle, caller)
    assert caller.drawings <= 12, "no more than what the step had begun"
    assert caller.stages == ["decode", "prepare", "solve"]


def test_a_whole_search_says_where_it_is(bundle: Bundle, caller: Caller) -> None:
    create(bundle, caller)
    solving = [message.progress for message in caller.messages if message.progress.iteration_count == STEPS]
    iterations = [progress.iteration for progress in solving]
    assert iterations == sorted(set(iterations))
    assert (iterations[0], iterations[-1]) == (0, STEPS - 1)
