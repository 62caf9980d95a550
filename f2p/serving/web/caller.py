"""Who waits for an answer over HTTP."""

import threading
from collections.abc import Callable

__all__ = ["HttpCaller"]


class HttpCaller:
    """A caller who says with the request how long to work, and is gone when the connection is. Used by two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gone = False
        self._callbacks: list[Callable[[], None]] = []

    def time_remaining(self) -> float | None:
        """None: HTTP carries no deadline but the request's own `time_limit_ms`."""
        return None

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Call this when the caller has gone; False where that has happened already."""
        with self._lock:
            if not self._gone:
                self._callbacks.append(callback)
            return not self._gone

    @property
    def gone(self) -> bool:
        """True once the connection has ended."""
        return self._gone

    def leave(self) -> None:
        """Note that the connection has ended: the work is cancelled."""
        with self._lock:
            self._gone = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()
