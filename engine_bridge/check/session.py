"""A checked engine: what it has drawn, how long that took, and when to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine_bridge.doors.jobs import Values
from f2p.engines.abilities import crashes
from f2p.engines.protocol import FRONTAL, Engine, Frame, View
from f2p.errors import EngineTimeout
from f2p.findings import Finding
from f2p.schema import Schema

__all__ = ["Picture", "Result", "Session", "Stopped", "passed"]

SIDE = 96
"""Pixels of the pictures that most checks look at."""
MOST_HANGS, MOST_CRASHES = 2, 3


@dataclass(frozen=True)
class Picture:
    """A picture of the report page: uint8 (H, W, 3)."""

    caption: str
    image: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Result:
    """What a check found, and the pictures that show it."""

    finding: Finding
    pictures: tuple[Picture, ...] = ()


def passed(subject: str, faults: list[str], well: str, remedy: str, *pictures: Picture) -> Result:
    """The result of a check that found these faults, or none."""
    return Result(Finding(subject, not faults, "; ".join(faults) or well, remedy), pictures)


class Stopped(Exception):
    """There is no point in going on; the message says why."""


@dataclass
class Session:
    """An engine under check.

    Attributes:
        engine: the engine.
        second: opens another one of the same kind, in a process of its own; None where there is no way.
        seconds: after which no further check begins.
        slowest: seconds that a picture of 128 px may take, the fastest of some.
    """

    engine: Engine
    second: Callable[[], Engine] | None = None
    seconds: float = 300.0
    slowest: float = 0.5
    drawn: int = 0
    times: list[float] = field(default_factory=list)
    hangs: int = 0
    _known: dict[tuple[object, ...], Frame] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @property
    def schema(self) -> Schema:
        """The engine's sliders."""
        return self.engine.schema

    @property
    def left(self) -> float:
        """Seconds until no further check begins."""
        return self.seconds - (time.monotonic() - self._began)

    def draw(self, values: Values, size: int = SIDE, view: View = FRONTAL, fresh: bool = False) -> Frame:
        """The engine's frame; one that was drawn before is not drawn again, unless it shall be `fresh`.

        Raises:
            Stopped: the engine hangs or dies again and again.
            F2PError: of the engine.
        """
        key = (tuple(sorted(values.items())), size, view)
        if fresh or key not in self._known:
            self._known[key] = self._drawn_now(values, size, view)
        return self._known[key]

    def _drawn_now(self, values: Values, size: int, view: View) -> Frame:
        if self.left <= 0:
            raise Stopped(f"{self.seconds:g} s are over")
        began = time.perf_counter()
        try:
            frame = self.engine.render(values, size, view)
        except EngineTimeout as error:
            self.hangs += 1
            if self.hangs >= MOST_HANGS:
                raise Stopped(f"it hung {self.hangs} times: {error.message}") from error
            raise
        finally:
            self.drawn += 1
            died = self.died
            if len(died) >= MOST_CRASHES:
                raise Stopped(f"its process {died[-1]}")
        self.times.append(time.perf_counter() - began)
        return frame

    @property
    def died(self) -> tuple[str, ...]:
        """How the engine's process died, each time, as far as it is known without asking."""
        known = getattr(self.engine, "crashes", ())
        return crashes(self.engine) if isinstance(known, list) else ()
