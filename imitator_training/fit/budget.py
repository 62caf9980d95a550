"""How a budget of time is shared among rendering, the three trainings, evaluation and export.

Shares are those that served the shipped bundle best: a quarter for pictures, then the imitator, whose quality decides
the likeness, beside parser and translator where there is a second core.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from f2p.errors import TrainingError

__all__ = ["Plan", "make_plan", "read_minutes", "share_training"]

RENDERING, RESERVE = 0.25, 0.10  # shares of the budget: for pictures, and for evaluation and export
LEAST_TRAINING = 0.3  # share of the budget that the trainings get, however long rendering took
LARGEST_RENDERING = 0.5  # share up to which a slow engine may take for the fewest pictures
FEWEST, MOST = 1200, 60_000  # renders
POSED = 0.3  # share of them with expressions and turned heads
OVERHEAD = 0.003  # seconds a picture besides the engine's own
HELD_OUT, OF_ALL = 500, 6  # samples kept from training: so many, or one in six
FEATURE = 0.06  # seconds a render that the translator looks at
LOOKS, MOST_FEATURES = 0.4, 20_000  # share of the translator's time that goes there, and the most renders
ONE_CORE = {"imitator": 0.55, "parser": 0.20, "translator": 0.25}
TWO_CORES = {"imitator": 1.0, "parser": 0.42, "translator": 0.58}  # parser and translator beside the imitator
_UNITS = {"m": 1.0, "min": 1.0, "h": 60.0, "d": 1440.0}


@dataclass(frozen=True)
class Plan:
    """What is done with a budget.

    Attributes:
        neutral: renders of resting faces from the front, held-out ones first.
        posed: renders with expressions and turned heads.
        held_out: of the neutral ones.
        rendering: minutes that rendering is expected to take.
        imitator, parser, translator: minutes of each training.
        samples: renders whose features the translator sees.
    """

    neutral: int
    posed: int
    held_out: int
    rendering: float
    imitator: float
    parser: float
    translator: float
    samples: int

    def minutes(self) -> dict[str, float]:
        """Expected minutes of the steps that take long."""
        features = self.samples * FEATURE / 60
        posed = self.posed / (self.neutral + self.posed)
        return {
            "render": self.rendering * (1 - posed),
            "render posed": self.rendering * posed,
            "imitator": self.imitator,
            "parser": self.parser,
            "translator": self.translator + features,
        }


def read_minutes(text: str) -> float:
    """Minutes of a budget such as ``2h``, ``90m``, ``1.5h``, ``1h30m``; a bare number means minutes.

    Raises:
        TrainingError: it is no such time, or under five minutes.
    """
    parts = re.findall(r"([0-9]*\.?[0-9]+)\s*([a-z]*)", text.strip().lower())
    rest = re.sub(r"([0-9]*\.?[0-9]+)\s*([a-z]*)", "", text.strip().lower()).strip()
    if not parts or rest or any(unit and unit not in _UNITS for _, unit in parts):
        raise TrainingError(f"The budget {text!r} is no time.", "Write 2h, 90m or 1h30m.")
    minutes = sum(float(number) * _UNITS[unit or "m"] for number, unit in parts)
    if minutes < 5:
        raise TrainingError(
            f"In {minutes:g} minutes no network learns an engine.", "Give a --budget of 5m at the least."
        )
    return minutes


def make_plan(minutes: float, frame_seconds: float, workers: int, cores: int, renders: int | None = None) -> Plan:
    """The plan for an engine that draws a picture in ``frame_seconds``, with so many rendering processes and cores.

    ``renders`` fixes the number of pictures; without, it follows from the budget.

    Raises:
        TrainingError: the engine is too slow for the budget; the remedy says what would do. Or ``renders`` are too few.
    """
    each = (frame_seconds + OVERHEAD) / workers / 60
    if renders is not None and renders < FEWEST:
        raise TrainingError(f"{renders} renders teach no network an engine.", f"Give --renders {FEWEST} or more.")
    fewest = FEWEST if renders is None else renders
    if fewest * each > LARGEST_RENDERING * minutes:
        needed = math.ceil(fewest * each / LARGEST_RENDERING)
        least = ", the fewest," if renders is None else ""
        raise TrainingError(
            f"The engine takes {frame_seconds:.2g} s a picture; {fewest}{least} take {fewest * each:.0f} min.",
            f"Give a --budget of {needed}m or more, more --workers, or make the engine faster.",
        )
    pictures = renders or int(min(max(RENDERING * minutes / each, FEWEST), MOST))
    neutral = pictures - int(POSED * pictures)
    plan = Plan(
        neutral=neutral,
        posed=pictures - neutral,
        held_out=min(HELD_OUT, neutral // OF_ALL),
        rendering=pictures * each,
        imitator=0.0,
        parser=0.0,
        translator=0.0,
        samples=pictures,
    )
    return share_training(plan, minutes, plan.rendering, cores)


def share_training(plan: Plan, minutes: float, rendered: float, cores: int, busy: float = 1.0) -> Plan:
    """The plan with what is left of the budget after ``rendered`` minutes of rendering, which may have taken longer
    than planned on a machine that others use; never less than `LEAST_TRAINING` of the budget. ``busy``: how many
    times longer work takes there than on an idle one."""
    training = max(minutes * (1 - RESERVE) - rendered, LEAST_TRAINING * minutes)
    shares = ONE_CORE if cores < 2 else TWO_CORES
    translator = shares["translator"] * training
    samples = int(min(LOOKS * translator * 60 / (FEATURE * busy), MOST_FEATURES, plan.neutral + plan.posed))
    return replace(
        plan,
        rendering=rendered,
        imitator=shares["imitator"] * training,
        parser=shares["parser"] * training,
        translator=translator - samples * FEATURE * busy / 60,
        samples=samples,
    )
