"""Many calls, a third of them left midway: memory stays where it is. Some dozens, or F2P_SOAK=2000 for a night."""

import os
import re
import time
import urllib.request
from concurrent import futures
from pathlib import Path

import pytest

from f2p.client import CharacterClient, Connection, values
from f2p.errors import PhotoError, QueueFull
from f2p.v1 import character_pb2
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo
from tests.helpers.processes import free_port, serving

VISITS = int(os.environ.get("F2P_SOAK", "40"))
CLIENTS = 4


class _Left(Exception):
    pass


def _visit(target: str, number: int) -> dict[str, float | str] | None:
    """A visit that ends well gives the character's values."""
    with CharacterClient(Connection(target=target, timeout=120, retries=8)) as client:
        if number % 4 == 0:
            name = list(BAD_PHOTOS)[number // 4 % len(BAD_PHOTOS)]
            with pytest.raises(PhotoError):
                client.create(bad_photo(name))
            return None
        leaves = number % 3 == 0

        def progress(step: character_pb2.Progress) -> None:
            if leaves and step.iteration > number % 30:
                raise _Left

        try:
            return values(client.create(good_photo(), progress=progress))
        except (_Left, QueueFull):
            return None


def _memory(http: str) -> float:
    text = urllib.request.urlopen(http, timeout=10).read().decode()
    found = re.findall(r"^(?:f2p_worker_memory_bytes\S*|process_resident_memory_bytes) (\S+)$", text, re.M)
    return sum(map(float, found)) / 2**20


@pytest.mark.slow
@pytest.mark.timeout(300 + 10 * VISITS)
def test_memory_stays_and_every_answer_is_the_same(tiny_bundle: Path) -> None:
    http = free_port()
    with (
        serving(tiny_bundle, "--workers", "2", "--http-port", str(http)) as (port, _),
        futures.ThreadPoolExecutor(CLIENTS) as players,
    ):
        target, page = f"localhost:{port}", f"http://127.0.0.1:{http}/metrics"
        list(players.map(lambda number: _visit(target, number), range(16)))
        time.sleep(1)
        before = _memory(page)
        characters = [
            found for found in players.map(lambda number: _visit(target, number), range(VISITS)) if found is not None
        ]
        time.sleep(1)
        after = _memory(page)
    assert len(characters) >= VISITS // 3
    assert all(found == characters[0] for found in characters)
    assert after < before + max(50, 0.05 * before), f"memory grew from {before:.0f} to {after:.0f} MiB"
