"""Load for `benchmarks.service`: concurrent clients with good, bad and hostile photos, and the right answers."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.service.visitor import HttpVisitor
from f2p.client import CharacterClient, Connection, values
from f2p.creator import CharacterCreator
from f2p.errors import F2PError, PhotoError, QueueFull
from f2p.face.photo_check import inspect_photo
from f2p.serving.web.answers import document
from f2p.serving.worker.responses import check_response
from f2p.v1 import character_service_pb2
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo
from tests.helpers.hostile import corpus

__all__ = ["Case", "Load", "bad_photos"]

_LEAVING = 0.2
_GOOD = 0.6
_HOSTILE = 60


class _Left(Exception):
    """Cancellation by the client in the middle of a call."""


@dataclass(frozen=True)
class Case:
    """Photo, and the answers of the library for it.

    Attributes:
        photo: the file's bytes.
        check: the CheckPhotoResponse, serialised.
        outcome: the character's values, or the reason why there is none.
    """

    photo: bytes
    check: bytes
    outcome: dict[str, float | str] | str

    @property
    def found(self) -> dict[str, Any]:
        """The same CheckPhotoResponse as JSON."""
        return document(character_service_pb2.CheckPhotoResponse.FromString(self.check))

    @classmethod
    def alone(cls, creator: CharacterCreator, photo: bytes) -> "Case":
        """Case with the answers of this process."""
        check = check_response(inspect_photo(photo, creator.bundle.frame_landmarks5, creator.bundle.size))
        try:
            outcome: dict[str, float | str] | str = dict(creator.create(photo).values)
        except PhotoError as error:
            outcome = error.reason
        return cls(photo, check.SerializeToString(deterministic=True), outcome)


def bad_photos() -> list[bytes]:
    """Unusable photos as players send them, noise, and files of every sort with changed bytes."""
    chance, found = random.Random(0), [bad_photo(name) for name in BAD_PHOTOS]
    for _ in range(_HOSTILE):
        data = bytearray(chance.choice([*corpus(), chance.randbytes(5000)]) or b"x")
        for _ in range(8):
            data[chance.randrange(min(len(data), 400))] = chance.randrange(256)
        found.append(bytes(data))
    return found


class _OverGrpc(CharacterClient):
    """The client of gRPC, with answers as HTTP has them."""

    def __init__(self, target: str) -> None:
        super().__init__(Connection(target=target, timeout=300, retries=0))

    def check(self, photo: bytes) -> dict[str, Any]:  # type: ignore[override]
        return document(super().check(photo))

    def create(self, photo: bytes, progress: Any) -> dict[str, float | str]:  # type: ignore[override]
        return values(super().create(photo, progress=progress))


class Load:
    """Concurrent clients that check photos, create characters, and sometimes leave midway.

    Args:
        target: of gRPC.
        good, bad: the photos.
        url: of HTTP, over which every second client calls; all call over gRPC where empty.
    """

    def __init__(self, target: str, good: Sequence[Case], bad: Sequence[Case], url: str = "") -> None:
        self._target = target
        self._url = url
        self._good, self._bad = good, bad
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {"create": [], "check": [], "refused": []}
        self.visits = 0

    @property
    def wrong(self) -> list[str]:
        """Faults, in words; empty when every visit got the right answer."""
        found = [f"{count} times {name}" for name, count in self.outcomes.items() if name.startswith("FAILED")]
        lost = self.visits - sum(self.outcomes.values())
        return found + ([f"{lost} visits without an end"] if lost else [])

    def run(self, clients: int, seconds: float) -> None:
        """Run all clients for so many seconds and until the last visit has ended."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda seed: self._play(seed, until), range(clients)))

    def _play(self, seed: int, until: float) -> None:
        chance = random.Random(seed)
        with self._client(seed) as client:
            while time.monotonic() < until:
                with self._lock:
                    self.visits += 1
                leaves = chance.random() < _LEAVING
                case = chance.choice(self._good if leaves or chance.random() < _GOOD else self._bad)
                outcome = self._visit(client, case, chance.choice((0, 10, 20, 30, 40)) if leaves else None)
                with self._lock:
                    self.outcomes[outcome] += 1
                if outcome == QueueFull.reason:
                    time.sleep(chance.uniform(0.2, 1.0))

    def _client(self, seed: int) -> "_OverGrpc | HttpVisitor":
        return HttpVisitor(self._url) if self._url and seed % 2 else _OverGrpc(self._target)

    def _visit(self, client: "_OverGrpc | HttpVisitor", case: Case, leaves_at: int | None) -> str:
        """Outcome of one visit: the photo is checked, and then solved whatever the check said."""

        def progress(step: Any) -> None:
            if leaves_at is not None and step.iteration >= leaves_at:
                raise _Left

        began = time.perf_counter()
        try:
            check = client.check(case.photo)
            self._note("check", began)
            if check != case.found:
                return "FAILED: another check than alone"
            began = time.perf_counter()
            found: dict[str, float | str] | str = client.create(case.photo, progress)
            self._note("create", began)
        except _Left:
            return "left"
        except PhotoError as error:
            self._note("refused", began)
            found = error.reason
        except QueueFull as error:
            return error.reason
        except F2PError as error:
            return f"FAILED: {error.reason}"
        if found != case.outcome:
            return "FAILED: another answer than alone"
        return found if isinstance(found, str) else "character"

    def _note(self, kind: str, began: float) -> None:
        with self._lock:
            self.seconds[kind].append(time.perf_counter() - began)
