"""How long an engine may take before it counts as hung.

Read from the environment, so that the processes that a command starts keep to the same limits as the command itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from f2p.errors import ParameterError

__all__ = ["TimeLimits", "set_time_limits", "time_limits"]

_START, _FRAME = "F2P_ENGINE_START_SECONDS", "F2P_ENGINE_FRAME_SECONDS"


@dataclass(frozen=True)
class TimeLimits:
    """Seconds until an engine must have started, and until it must have drawn one picture."""

    start: float = 300.0
    frame: float = 60.0


def time_limits() -> TimeLimits:
    """The limits of this process: F2P_ENGINE_START_SECONDS and F2P_ENGINE_FRAME_SECONDS, or the defaults.

    Raises:
        ParameterError: one of the variables is no positive number.
    """
    return TimeLimits(_seconds(_START, TimeLimits.start), _seconds(_FRAME, TimeLimits.frame))


def set_time_limits(start: float | None = None, frame: float | None = None) -> None:
    """Set the limits for this process and those that it starts from now on; None leaves one as it is."""
    for name, seconds in ((_START, start), (_FRAME, frame)):
        if seconds is not None:
            os.environ[name] = str(seconds)
    time_limits()


def _seconds(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise ParameterError(f"{name} is {text!r}.", "Give seconds above 0, or unset it.")
    return seconds
