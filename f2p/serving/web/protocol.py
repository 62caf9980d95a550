"""Limits for connections that are slow to ask or to read. Bodies have theirs in `bodies`."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["GuardedProtocol"]

_HEAD_LIMIT_S = 20.0


class GuardedProtocol(H11Protocol):
    """HTTP/1.1 in which nobody keeps a connection for nothing.

    A request's head, and what is left of a body that was refused, must come within 20 s; an answer must be taken
    within `limit_s`; and there are at most `places` connections. Otherwise the connection ends, without a word: who
    sends a byte a second does not listen.

    Args:
        limit_s: longest time for the buffered part of an answer to be taken.
        places: connections at the same time.
        options: of uvicorn.
    """

    def __init__(self, *, limit_s: float, places: int, **options: Any) -> None:
        super().__init__(**options)
        self._limit_s = limit_s
        self._places = places
        self._asking: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._places:
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._asking, self._taking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self._asking is not None:
            self._asking.cancel()

    def on_response_complete(self) -> None:
        # What nobody has read, a photo sent to a wrong address, would stay as long as the connection does.
        self.cycle.body = bytearray()
        # Before the rest, which may begin with the next request.
        self._await_head()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking = self.loop.call_later(self._limit_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()

    def _await_head(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self.loop.call_later(min(_HEAD_LIMIT_S, self._limit_s), self.transport.abort)
