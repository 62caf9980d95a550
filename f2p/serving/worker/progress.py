"""One character on its way through a worker: its stages, its progress, its time, and when its photos may linger."""

import math
import time
from collections.abc import Callable
from typing import Protocol

from f2p.fitting.solver import Step
from f2p.imaging.decode import Photo
from f2p.serving import contract as translate
from f2p.serving.memory import overwrite_freed
from f2p.serving.worker import responses as answers

__all__ = ["JobProgress", "Reporter"]

# More than ten progress messages a second help nobody.
_PROGRESS_INTERVAL_S = 0.1
# From the last step to the answer at the client: the last look, the pictures, the way back.
_REST_S = 0.4
_PICTURES_S = 0.5
# More than any step takes.
_SOON_S = 2.0


class Reporter(Protocol):
    """How a handler speaks to the server while it works."""

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded where the work must stop."""

    def stage(self, name: str) -> None:
        """What begins now; the server puts a crash down to it."""

    def news(self, message: bytes) -> None:
        """A message for the caller's stream."""


class JobProgress:
    """Follows one character.

    Args:
        method: the call.
        reporter: told of stages and progress; asked whether to go on before each photo and at each step.
        steps: how many the search has at most.
        deadline: time.monotonic() at which the answer must be there.
        best_so_far: whether the search ends in time for an answer rather than fail.
        pictures: whether the answer needs time for them.

    Attributes:
        until: time.monotonic() at which the search ends with what it has.
        seconds: how long each stage took: decode, prepare, solve, encode.
    """

    def __init__(
        self, method: str, reporter: Reporter, steps: int, deadline: float, *, best_so_far: bool, pictures: bool
    ) -> None:
        self.seconds: dict[str, float] = {}
        self.until = deadline - _REST_S - (_PICTURES_S if pictures else 0.0) if best_so_far else math.inf
        self._method = method
        self._reporter = reporter
        self._steps = steps
        self._told_at = -math.inf
        self._marked_at = time.monotonic()

    def read(self, decode: Callable[[], Photo], number: int, count: int) -> Photo:
        """Photo `number` of `count`, decoded."""
        self._reporter.check()
        if number:
            self.mark("prepare")
        self._reporter.news(translate.preparing_event(self._method, number, count))
        self._reporter.stage("decode")
        photo = decode()
        self.mark("decode")
        self._reporter.stage("prepare")
        return photo

    def step(self, step: Step) -> None:
        """A step of the search is done."""
        now, last = time.monotonic(), step.iteration == self._steps - 1
        # What a search frees are pictures of its own making; the photo goes when it ends, in whatever way.
        overwrite_freed(True)
        self._reporter.check()
        overwrite_freed(last or now + _SOON_S > self.until)
        if step.iteration == 0:
            self.mark("prepare")
            self._reporter.stage("solve")
        if last or now - self._told_at >= _PROGRESS_INTERVAL_S:
            self._told_at = now
            self._reporter.news(translate.event(self._method, answers.solving_progress(step, self._steps)))

    def mark(self, stage: str) -> None:
        """A stage, or a part of it, ends now."""
        now = time.monotonic()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._marked_at
        self._marked_at = now
