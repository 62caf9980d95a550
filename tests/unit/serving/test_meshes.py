"""The shelf of meshes: one is made for many callers, and not too many wait for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from f2p.errors import EngineFailed, QueueFull
from f2p.serving.meshes import MAX_WAITING, MeshShelf

LONG_S = 30


def test_one_caller_makes_it_for_all() -> None:
    shelf, begun, go, made = MeshShelf(), threading.Event(), threading.Event(), []

    def make() -> bytes:
        made.append(1)
        begun.set()
        assert go.wait(LONG_S)
        return b"a mesh"

    with ThreadPoolExecutor(1 + MAX_WAITING) as pool:
        first = pool.submit(shelf.get, "one", make)
        assert begun.wait(LONG_S)
        others = [pool.submit(shelf.get, "one", make) for _ in range(MAX_WAITING)]
        until = time.monotonic() + LONG_S
        while not shelf.full and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(QueueFull) as refused:
            shelf.get("one", make)
        assert refused.value.details["retry_ms"] > 0
        go.set()
        assert {future.result(LONG_S) for future in (first, *others)} == {b"a mesh"}
    assert made == [1]
    assert shelf.get("one", make) == b"a mesh"


def test_what_fails_is_tried_again_and_bundles_are_apart() -> None:
    shelf = MeshShelf()

    def fail() -> bytes:
        raise EngineFailed("It died.")

    with pytest.raises(EngineFailed):
        shelf.get("one", fail)
    assert shelf.get("one", lambda: b"1") == b"1"
    assert shelf.get("two", lambda: b"2") == b"2"
    assert shelf.get("one", fail) == b"1"
