"""Progress of one character in a worker: stages, messages to the caller, times, and the overwriting of freed memory."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from torch import Tensor

from f2p.arrays import Pixels
from f2p.fitting.solver import Step
from f2p.imaging.decode import Photo
from f2p.serving import contract
from f2p.serving.memory import overwrite_freed
from f2p.serving.worker import responses

__all__ = ["JobProgress", "Reporter", "heartbeat"]

# More than ten progress messages a second help nobody.
_PROGRESS_INTERVAL_S = 0.1
# A picture costs as much as half a step of the search.
_PICTURE_INTERVAL_S = 0.3
# From the last step to the answer at the client: the end of the search, and the way back.
_REST_S = 0.4
_PICTURES_S = 0.5
# More than any step takes.
_STEP_LIMIT_S = 2.0
# Well below any hang_limit_s.
_BEAT_S = 1.0


class Reporter(Protocol):
    """The way from a handler to the server while it works."""

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded where the work must stop."""

    def stage(self, name: str) -> None:
        """Say what begins now; the server attributes a crash to it."""

    def progress(self, message: bytes) -> None:
        """Pass on a serialised message for the caller's stream."""


@contextmanager
def heartbeat(reporter: Reporter, stage: str, deadline: float) -> Iterator[None]:
    """Say `stage` again and again while the block runs, for work that cannot: a silent worker counts as hung.

    Past the `deadline` (time.monotonic()) it says nothing more, so that work without an end is ended.
    """
    done = threading.Event()

    def beat() -> None:
        while time.monotonic() < deadline and not done.wait(_BEAT_S):
            reporter.stage(stage)

    reporter.stage(stage)
    thread = threading.Thread(target=beat, name="f2p-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Before the answer is sent: two threads must not write to the channel at once.
        done.set()
        thread.join()


class JobProgress:
    """Progress of one character.

    Args:
        method: the call.
        reporter: gets stages and progress; asked whether to go on before each photo and at each step.
        steps: how many the search has at most.
        deadline: time.monotonic() at which the answer must be there.
        best_so_far: whether the search ends early enough for an answer, rather than fail.
        pictures: whether the answer needs time for them.
        draw: draws x (P,) as it stands, for the caller to see; None for no pictures on the way.

    Attributes:
        until: time.monotonic() at which the search ends with what it has.
        seconds: how long each stage took: decode, prepare, solve, encode.
    """

    def __init__(
        self,
        method: str,
        reporter: Reporter,
        steps: int,
        deadline: float,
        *,
        best_so_far: bool,
        pictures: bool,
        draw: Callable[[Tensor], Pixels] | None = None,
    ) -> None:
        self.seconds: dict[str, float] = {}
        self.until = deadline - _REST_S - (_PICTURES_S if pictures else 0.0) if best_so_far else math.inf
        self._method = method
        self._reporter = reporter
        self._steps = steps
        self._draw = draw
        self._reported_at = -math.inf
        self._drawn_at = -math.inf
        self._marked_at = time.monotonic()

    def read(self, decode: Callable[[], Photo], number: int, count: int) -> Photo:
        """Decode photo `number` of `count`, and say so."""
        self._reporter.check()
        if number:
            self.mark("prepare")
        self._reporter.progress(contract.preparing_event(self._method, number, count))
        self._reporter.stage("decode")
        photo = decode()
        self.mark("decode")
        self._reporter.stage("prepare")
        return photo

    def step(self, step: Step) -> None:
        """Note that a step of the search is done. Raises Cancelled or DeadlineExceeded."""
        now, last = time.monotonic(), step.iteration == self._steps - 1
        # A search frees pictures that it drew itself; the photo is freed when it ends, in whatever way.
        overwrite_freed(True)
        self._reporter.check()
        overwrite_freed(last or now + _STEP_LIMIT_S > self.until)
        if step.iteration == 0:
            self.mark("prepare")
            self._reporter.stage("solve")
        if last or now - self._reported_at >= _PROGRESS_INTERVAL_S:
            self._reported_at = now
            drawing = None
            if self._draw is not None and (last or now - self._drawn_at >= _PICTURE_INTERVAL_S):
                self._drawn_at = now
                drawing = self._draw(step.x)
            news = responses.solving_progress(step, self._steps, drawing)
            self._reporter.progress(contract.event(self._method, news))

    def mark(self, stage: str) -> None:
        """Note that a stage, or a part of it, ends now."""
        now = time.monotonic()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._marked_at
        self._marked_at = now
