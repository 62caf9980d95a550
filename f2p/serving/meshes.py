"""Meshes of one generation of bundles: made once each, then kept for all who ask."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from f2p.errors import QueueFull

__all__ = ["MAX_WAITING", "MeshShelf"]

MAX_WAITING = 8
"""Callers who may wait for a mesh that another one has asked for; each of them holds a thread."""
_RETRY_MS = 2000


class MeshShelf:
    """Files by bundle. Thread-safe."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._making = threading.Lock()
        self._count = 0
        self._counting = threading.Lock()

    @property
    def full(self) -> bool:
        """True while as many wait as may."""
        return self._count > MAX_WAITING

    def get(self, bundle: str, make: Callable[[], bytes]) -> bytes:
        """The bundle's file; the first caller makes it, others wait for that. What fails is not kept.

        Raises:
            QueueFull: too many wait already.
            F2PError: from `make`.
        """
        if bundle in self._files:
            return self._files[bundle]
        with self._place(), self._making:
            if bundle not in self._files:
                self._files[bundle] = make()
            return self._files[bundle]

    @contextmanager
    def _place(self) -> Iterator[None]:
        with self._counting:
            if self.full:
                raise QueueFull("Too many wait for this mesh.", "Call again in 2 seconds.", retry_ms=_RETRY_MS)
            self._count += 1
        try:
            yield
        finally:
            with self._counting:
                self._count -= 1
